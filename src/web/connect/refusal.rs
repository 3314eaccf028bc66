//! Failures in Connect's form: a code in the words of the protocol, the HTTP status that belongs to it, and details.

use super::details;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use tonic::{Code, Status, body::Body};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of every `ErrorInfo`.
const DOMAIN: &str = "ombud";

/// Why a call is refused or has failed.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: Status,
    /// The HTTP status, where it isn't the code's.
    http: Option<StatusCode>,
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Self { status, http: None }
    }
}

impl Refusal {
    /// Refuses with a code and a sentence.
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Status::new(code, message).into()
    }

    /// Refuses what somebody got wrong.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// Refuses fields, each by its path with a sentence.
    pub(super) fn of_fields(message: impl Into<String>, fields: Vec<(String, String)>) -> Self {
        let mut details = ErrorDetails::new();
        details.set_error_info("INVALID_FIELDS", DOMAIN, std::collections::HashMap::new());
        for (field, description) in fields {
            details.add_bad_request_violation(field, description);
        }
        Status::with_error_details(Code::InvalidArgument, message, details).into()
    }

    /// Answers with another HTTP status than the code's.
    pub(super) fn with(self, http: StatusCode) -> Self {
        Self { http: Some(http), ..self }
    }

    /// Returns it as gRPC has it.
    pub(super) fn status(&self) -> &Status {
        &self.status
    }

    /// Returns the JSON of the failure.
    pub(super) fn json(&self) -> serde_json::Value {
        let (name, _) = told(self.status.code());
        let mut body = json!({ "code": name, "message": self.status.message() });
        let details = details::of(&self.status);
        if !details.is_empty() {
            body["details"] = details.into();
        }
        body
    }

    /// Returns the answer to a unary call.
    pub(super) fn answer(&self) -> Response<Body> {
        let (_, http) = told(self.status.code());
        let mut answer = Response::new(Body::new(http_body_util::Full::from(self.json().to_string())));
        *answer.status_mut() = self.http.unwrap_or(http);
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status.code() == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let wait = self.status.get_details_retry_info().and_then(|retry| retry.retry_delay);
        if let Some(wait) = wait {
            // Whole seconds, and not too early.
            let secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, secs.into());
        }
        answer
    }
}

/// Returns what Connect calls a code, and the HTTP status of it.
fn told(code: Code) -> (&'static str, StatusCode) {
    match code {
        Code::Cancelled => ("canceled", StatusCode::from_u16(499).expect("a status")),
        // A failure without a code is nobody's success.
        Code::Ok | Code::Unknown => ("unknown", StatusCode::INTERNAL_SERVER_ERROR),
        Code::InvalidArgument => ("invalid_argument", StatusCode::BAD_REQUEST),
        Code::DeadlineExceeded => ("deadline_exceeded", StatusCode::GATEWAY_TIMEOUT),
        Code::NotFound => ("not_found", StatusCode::NOT_FOUND),
        Code::AlreadyExists => ("already_exists", StatusCode::CONFLICT),
        Code::PermissionDenied => ("permission_denied", StatusCode::FORBIDDEN),
        Code::ResourceExhausted => ("resource_exhausted", StatusCode::TOO_MANY_REQUESTS),
        Code::FailedPrecondition => ("failed_precondition", StatusCode::BAD_REQUEST),
        Code::Aborted => ("aborted", StatusCode::CONFLICT),
        Code::OutOfRange => ("out_of_range", StatusCode::BAD_REQUEST),
        Code::Unimplemented => ("unimplemented", StatusCode::NOT_IMPLEMENTED),
        Code::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Code::DataLoss => ("data_loss", StatusCode::INTERNAL_SERVER_ERROR),
        Code::Unauthenticated => ("unauthenticated", StatusCode::UNAUTHORIZED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_code_has_a_name_and_a_status() {
        let all = (1..=16).map(|number| told(Code::from_i32(number)));
        let told: Vec<String> = all.map(|(name, http)| format!("{name} {}", http.as_u16())).collect();
        let table = "canceled 499, unknown 500, invalid_argument 400, deadline_exceeded 504, not_found 404, \
                     already_exists 409, permission_denied 403, resource_exhausted 429, failed_precondition 400, \
                     aborted 409, out_of_range 400, unimplemented 501, internal 500, unavailable 503, data_loss 500, \
                     unauthenticated 401";
        assert_eq!(told.join(", "), table);
    }

    #[test]
    fn details_come_as_bytes_and_as_what_they_say() {
        let refusal = Refusal::of_fields("it is wrong", vec![("author.name".into(), "Must be there.".into())]);
        let details = &refusal.json()["details"];
        let types: Vec<_> = details.as_array().unwrap().iter().map(|detail| &detail["type"]).collect();
        assert_eq!(types, ["google.rpc.ErrorInfo", "google.rpc.BadRequest"]);
        assert_eq!(details[0]["debug"], json!({ "reason": "INVALID_FIELDS", "domain": "ombud" }));
        let violation = json!({ "field": "author.name", "description": "Must be there." });
        assert_eq!(details[1]["debug"], json!({ "fieldViolations": [violation] }));
        assert!(!details[1]["value"].as_str().unwrap().contains('='), "{details}");
        assert_eq!(refusal.answer().status(), 400);
    }

    #[test]
    fn who_is_to_wait_is_told_how_long_in_whole_seconds() {
        let details = ErrorDetails::with_retry_info(Some(Duration::from_millis(1500)));
        let answer = Refusal::from(Status::with_error_details(Code::Unavailable, "later", details)).answer();
        assert_eq!((answer.status().as_u16(), &answer.headers()[header::RETRY_AFTER]), (503, &"2".parse().unwrap()));
    }
}
