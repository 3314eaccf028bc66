//! Failures, for whoever reads Coral's log: Coral itself only looks at the status, and goes on without an opinion.

use crate::domain::ErrorKind;
use crate::moderation::Error;
use crate::web::{body::Unread, failure, reply};
use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header::ALLOW};
use serde_json::json;

/// Why a comment isn't moderated.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    retry_after_secs: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), retry_after_secs: None }
    }

    /// A site that has no secrets, or a path that names none.
    pub(super) fn no_phase() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no phase of that name; set coral.SITE.secrets")
    }

    /// Another method than POST.
    pub(super) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "only POST is answered here")
    }

    /// A body that didn't come.
    pub(super) fn unread(unread: Unread) -> Self {
        Self::new(unread.status(), unread.message())
    }

    /// A signature that is missing, or of no secret of the site.
    pub(super) fn signature() -> Self {
        let message = "X-Coral-Signature has no signature of this body by a secret of the site";
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// A body that isn't what Coral sends.
    pub(super) fn body(message: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A fault of Ombud's own, which is logged where it happens.
    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error; the server's log says more")
    }

    /// A comment that can't be recorded.
    pub(super) fn of_request(error: &Error) -> Self {
        let kind = error.kind();
        let message = match &kind {
            ErrorKind::Invalid(violations) => {
                let said = violations.iter().map(|one| format!("{}: {}", field(&one.field), one.description));
                said.collect::<Vec<_>>().join(" ")
            }
            _ => failure::message(error, &kind),
        };
        let retry_after_secs = failure::retry_after_secs(&kind);
        Self { retry_after_secs, ..Self::new(failure::status(&kind), message) }
    }

    #[cfg(test)]
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Answers with it.
    pub(super) fn into_response(self) -> Response<Body> {
        let answer = reply::json(self.status, &json!({ "error": self.message }));
        let mut response = reply::retry_after(answer, self.retry_after_secs);
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// Names a field as Coral does.
fn field(field: &str) -> &str {
    match field {
        "article_id" => "story.id",
        "parent_id" => "comment.parentID",
        "author.author_id" | "author_id" => "author.id",
        "text" => "comment.body",
        other => other,
    }
}
