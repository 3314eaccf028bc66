//! What the headers of a call say: its form, and how long it may take.

use super::methods::streams;
use super::refusal::Refusal;
use http::{HeaderMap, HeaderName, Method, StatusCode, header, request::Parts};
use prost_reflect::MethodDescriptor;
use std::time::Duration;
use tonic::Code;

/// The form of a call's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Proto3 JSON.
    Json,
    /// The bytes that gRPC has too.
    Proto,
}

impl Form {
    /// The content type of an answer in this form.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Proto => "application/proto",
        }
    }
}

/// A call that can be made.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// Of its request and its answer.
    pub(super) form: Form,
    /// How long it may take; `None` where nobody said.
    pub(super) within: Option<Duration>,
}

const VERSION: HeaderName = HeaderName::from_static("connect-protocol-version");
const TIMEOUT: HeaderName = HeaderName::from_static("connect-timeout-ms");

impl Asked {
    /// Reads the headers of a call of `method`.
    ///
    /// Pages of other sites can send some content types without asking first, such as those of forms and plain text: these are
    /// refused, so that no page makes calls to a server that lets the machine's own callers in without a token.
    pub(super) fn read(parts: &Parts, method: &MethodDescriptor) -> Result<Self, Refusal> {
        if parts.method != Method::POST {
            let message = format!("{} is called by POST", method.name());
            return Err(Refusal::new(Code::Unimplemented, message).with(StatusCode::METHOD_NOT_ALLOWED));
        }
        if streams(method) {
            return Err(Refusal::new(Code::Unimplemented, of_streams(method)));
        }
        let form = form(&parts.headers)?;
        match text(&parts.headers, &VERSION) {
            None | Some("1") => {}
            Some(_) => return Err(Refusal::invalid("connect-protocol-version must be 1")),
        }
        match text(&parts.headers, &header::CONTENT_ENCODING) {
            None => {}
            Some(encoding) if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") => {}
            Some(_) => {
                let message = "bodies must not be compressed; the one content-encoding is identity";
                return Err(Refusal::new(Code::Unimplemented, message));
            }
        }
        Ok(Self { form, within: within(&parts.headers)? })
    }
}

/// Returns what to do about a method that has no unary form.
pub(super) fn of_streams(method: &MethodDescriptor) -> String {
    let name = method.name();
    if method.is_client_streaming() {
        format!("{name} takes a stream of messages, which JSON can't send; call it by gRPC")
    } else {
        format!("{name} answers with a stream of messages, which JSON can't hold; call it by gRPC or gRPC-Web")
    }
}

/// Returns a header's text; what is no text is none that anybody knows.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?").trim())
}

fn form(headers: &HeaderMap) -> Result<Form, Refusal> {
    let mut parts = text(headers, &header::CONTENT_TYPE).unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let is_utf8 = |parameter: &str| {
        let Some((name, value)) = parameter.split_once('=') else { return true };
        !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    };
    match essence.as_str() {
        "application/json" if parts.all(is_utf8) => Ok(Form::Json),
        "application/json" => Err(unsupported("JSON is written in UTF-8")),
        "application/proto" => Ok(Form::Proto),
        _ => Err(unsupported(
            "send content-type: application/json, as in curl --header 'Content-Type: application/json'",
        )),
    }
}

fn unsupported(message: &str) -> Refusal {
    Refusal::invalid(message).with(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

fn within(headers: &HeaderMap) -> Result<Option<Duration>, Refusal> {
    let Some(millis) = text(headers, &TIMEOUT) else { return Ok(None) };
    let is_number = (1..=10).contains(&millis.len()) && millis.bytes().all(|digit| digit.is_ascii_digit());
    let parsed = millis.parse().ok().filter(|_| is_number);
    let parsed = parsed.ok_or_else(|| Refusal::invalid("connect-timeout-ms must be a whole number of up to 10 digits"));
    parsed.map(|millis| Some(Duration::from_millis(millis)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::connect::methods::{Found, Methods};
    use http::Request;

    fn method(path: &str) -> MethodDescriptor {
        let methods = Methods::read(&[tonic_health::pb::FILE_DESCRIPTOR_SET]).unwrap();
        let Found::Method(method) = methods.find(path) else { panic!("no {path}") };
        method
    }

    fn read(headers: &[(&str, &str)]) -> Result<Asked, u16> {
        let mut request = Request::post("/").body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let asked = Asked::read(&request.into_parts().0, &method("/grpc.health.v1.Health/Check"));
        asked.map_err(|refusal| refusal.answer().status().as_u16())
    }

    #[test]
    fn content_types_are_taken_as_they_are_written() {
        let asked = |form| Ok(Asked { form, within: None });
        for (written, expected) in [
            ("application/json", asked(Form::Json)),
            ("Application/JSON; charset=UTF-8", asked(Form::Json)),
            ("application/json;charset=\"utf-8\"; v=1", asked(Form::Json)),
            ("application/proto", asked(Form::Proto)),
            ("application/json; charset=latin1", Err(415)),
            ("application/jsonp", Err(415)),
            ("application/x-www-form-urlencoded", Err(415)),
            ("", Err(415)),
        ] {
            assert_eq!(read(&[("content-type", written)]), expected, "{written}");
        }
        assert_eq!(read(&[]), Err(415));
    }

    #[test]
    fn times_are_whole_numbers_of_up_to_ten_digits() {
        for (written, expected) in [
            ("1500", Ok(1500)),
            ("0", Ok(0)),
            ("9999999999", Ok(9_999_999_999)),
            ("10000000000", Err(400)),
            ("+1", Err(400)),
            ("1.5", Err(400)),
            ("", Err(400)),
        ] {
            let asked = read(&[("content-type", "application/json"), ("connect-timeout-ms", written)]);
            let expected = expected.map(|millis| Some(Duration::from_millis(millis)));
            assert_eq!(asked.map(|asked| asked.within), expected, "{written}");
        }
    }

    #[test]
    fn streams_are_told_what_can_carry_them() {
        let said = of_streams(&method("/grpc.health.v1.Health/Watch"));
        assert!(said.starts_with("Watch answers") && said.ends_with("gRPC or gRPC-Web"), "{said}");
    }
}
