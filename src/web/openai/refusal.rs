//! Failures in OpenAI's form.

use crate::auth;
use crate::domain::ErrorKind;
use crate::moderation::Error;
use crate::web::{body::Unread, failure, reply};
use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header::ALLOW};
use serde::Serialize;

const INVALID: &str = "invalid_request_error";

/// Why a request isn't answered, as OpenAI's clients read it.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    message: String,
    r#type: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
    #[serde(skip)]
    status: StatusCode,
    #[serde(skip)]
    retry_after_secs: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, message: String) -> Self {
        Self { message, r#type: INVALID, param: None, code: None, status, retry_after_secs: None }
    }

    /// A body that is no question.
    pub(super) fn of_body(sentence: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence.to_owned())
    }

    /// A field that is wrong.
    pub(super) fn of_field(field: &str, sentence: &str) -> Self {
        let message = format!("{field}: {sentence}");
        Self { param: Some(field.to_owned()), ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// A body that didn't come.
    pub(super) fn unread(unread: Unread) -> Self {
        Self::new(unread.status(), unread.message())
    }

    /// Another method than POST.
    pub(super) fn method() -> Self {
        let message = "Only POST is answered here.".to_owned();
        Self { code: Some("method_not_supported"), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message) }
    }

    /// A caller who isn't let in.
    pub(super) fn of_caller(error: &auth::Error) -> Self {
        let kind = error.kind();
        let message = match kind {
            ErrorKind::Unauthenticated { .. } => {
                "The API key is missing, or not known here, or no longer good. Send a token of this server as \
                 `Authorization: Bearer TOKEN`."
                    .to_owned()
            }
            _ => error.to_string(),
        };
        Self::of_kind(&kind, message)
    }

    /// A request that can't be answered; `is_list` says whether it has more than one text.
    pub(super) fn of_request(error: &Error, is_list: bool) -> Self {
        let kind = error.kind();
        let first = match &kind {
            ErrorKind::Invalid(violations) => violations.first(),
            _ => None,
        };
        let Some(first) = first else {
            let message = failure::message(error, &kind);
            return Self::of_kind(&kind, message);
        };
        let field = if is_list { first.field.replacen("texts", "input", 1) } else { "input".to_owned() };
        Self::of_field(&field, &first.description)
    }

    fn of_kind(kind: &ErrorKind, message: String) -> Self {
        let (r#type, code) = match kind {
            ErrorKind::Unauthenticated { .. } => (INVALID, Some("invalid_api_key")),
            ErrorKind::Overloaded { .. } => ("requests", Some("rate_limit_exceeded")),
            ErrorKind::Unavailable { .. } | ErrorKind::Internal => ("server_error", None),
            ErrorKind::Invalid(_)
            | ErrorKind::NotFound { .. }
            | ErrorKind::Forbidden { .. }
            | ErrorKind::Conflict { .. }
            | ErrorKind::Precondition { .. } => (INVALID, None),
        };
        let retry_after_secs = failure::retry_after_secs(kind);
        Self { r#type, code, retry_after_secs, ..Self::new(failure::status(kind), message) }
    }

    /// Answers with it.
    pub(super) fn into_response(self) -> Response<Body> {
        let (status, secs) = (self.status, self.retry_after_secs);
        let mut response = reply::retry_after(reply::json(status, &Told { error: self }), secs);
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }

    #[cfg(test)]
    pub(super) fn message(&self) -> &str {
        &self.message
    }
}

#[derive(Serialize)]
struct Told {
    error: Refusal,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;
    use http::header::RETRY_AFTER;
    use std::time::Duration;

    #[test]
    fn clients_find_the_codes_that_they_know() {
        let told = |refusal: &Refusal| (refusal.status.as_u16(), refusal.r#type, refusal.code);
        for unknown in [auth::Error::Missing, auth::Error::Unknown, auth::Error::Expired] {
            assert_eq!(told(&Refusal::of_caller(&unknown)), (401, INVALID, Some("invalid_api_key")));
        }
        let low = auth::Error::RoleTooLow { needed: Role::Admin };
        assert_eq!(told(&Refusal::of_caller(&low)), (403, INVALID, None));
        let often = Error::Overloaded { reason: "R", retry_after: Duration::from_millis(1500) };
        let often = Refusal::of_request(&often, false);
        assert_eq!(told(&often), (429, "requests", Some("rate_limit_exceeded")));
        assert_eq!(often.into_response().headers()[RETRY_AFTER], "2");
        assert_eq!(told(&Refusal::of_request(&Error::ScoringFailed, false)), (500, "server_error", None));
    }
}
