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
