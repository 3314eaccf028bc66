//! Failures in Akismet's form: a word, and a header that says more.

use crate::auth;
use crate::domain::{ErrorKind, Violation};
use crate::moderation::Error;
use crate::web::{body::Unread, failure, reply};
use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode, header::ALLOW};

/// Where Akismet's clients look for what went wrong.
const DEBUG_HELP: HeaderName = HeaderName::from_static("x-akismet-debug-help");
/// How long to wait where scoring failed.
const RETRY_SECS: u64 = 10;

/// Why a form isn't answered. The body is `invalid`, which is neither `true` nor `false`: clients keep such a comment waiting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    help: String,
    retry_after_secs: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, help: impl Into<String>) -> Self {
        Self { status, help: help.into(), retry_after_secs: None }
    }

    /// A body that didn't come.
    pub(super) fn unread(unread: Unread) -> Self {
        Self::new(unread.status(), unread.message())
    }

    /// Another method than POST.
    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Only POST is answered here.")
    }

    /// A comment that nobody could say anything of.
    pub(super) fn unscored() -> Self {
        let help = "The comment could not be judged; keep it waiting, and ask again.";
        Self { retry_after_secs: Some(RETRY_SECS), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, help) }
    }

    /// A caller who isn't let in. Clients of Akismet read the word of a key that isn't known only from an answer of 200.
    pub(super) fn of_caller(error: &auth::Error) -> Self {
        match error.kind() {
            ErrorKind::Unauthenticated { .. } => {
                let help =
                    "The key is missing, or not known here, or no longer good. Send a token of this server as api_key.";
                Self::new(StatusCode::OK, help)
            }
            kind => Self::of_kind(&kind, error.to_string()),
        }
    }

    /// A form that can't be answered.
    pub(super) fn of_request(error: &Error) -> Self {
        let kind = error.kind();
        let help = match &kind {
            ErrorKind::Invalid(violations) => violations.iter().map(said).collect::<Vec<_>>().join(" "),
            _ => failure::message(error, &kind),
        };
        Self::of_kind(&kind, help)
    }

    fn of_kind(kind: &ErrorKind, help: String) -> Self {
        Self { retry_after_secs: failure::retry_after_secs(kind), ..Self::new(failure::status(kind), help) }
    }

    /// Answers with it.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = reply::retry_after(reply::text(self.status, "invalid"), self.retry_after_secs);
        let help = HeaderValue::from_str(&self.help);
        let help = help.unwrap_or_else(|_| HeaderValue::from_static("The request can't be answered."));
        response.headers_mut().insert(DEBUG_HELP, help);
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// Names a field as the form has it.
fn said(Violation { field, description }: &Violation) -> String {
    let field = match field.as_str() {
        "article_id" => "permalink",
        "author.name" => "comment_author",
        "text" => "comment_content",
        other => other,
    };
    format!("{field}: {description}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Role;

    #[test]
    fn a_key_that_is_not_known_is_told_as_akismet_does() {
        let refusal = Refusal::of_caller(&auth::Error::Unknown).into_response();
        assert_eq!(refusal.status(), StatusCode::OK);
        assert!(refusal.headers()[DEBUG_HELP].to_str().unwrap().starts_with("The key is missing"));
        let refusal = Refusal::of_caller(&auth::Error::RoleTooLow { needed: Role::Moderator }).into_response();
        assert_eq!(refusal.status(), StatusCode::FORBIDDEN);
    }

    #[test]
    fn fields_are_named_as_the_form_has_them() {
        let error = Error::Invalid(vec![Violation::new("text", "Write a comment.")]);
        let expected = Refusal::new(StatusCode::BAD_REQUEST, "comment_content: Write a comment.");
        assert_eq!(Refusal::of_request(&error), expected);
    }
}
