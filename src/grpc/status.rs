//! Failures in their wire form: a gRPC status with google.rpc details, or the same facts inside a stream's answer.

use super::pb;
use crate::domain::{ErrorKind, Violation};
use crate::moderation::Error;
use std::{collections::HashMap, time::Duration};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain of every `ErrorInfo`.
pub(super) const DOMAIN: &str = "ombud";

/// What the wire says of one failure.
struct Told {
    code: Code,
    message: String,
    reason: &'static str,
    violations: Vec<Violation>,
    resource: Option<(&'static str, String)>,
    retry_after: Option<Duration>,
    facts: Vec<(&'static str, String)>,
}

impl Told {
    fn of(error: &Error) -> Self {
        let message = error.to_string();
        let plain = |code, reason| {
            let (violations, facts) = (Vec::new(), Vec::new());
            Self { code, message, reason, violations, resource: None, retry_after: None, facts }
        };
        match error.kind() {
            ErrorKind::Invalid(violations) => Self { violations, ..plain(Code::InvalidArgument, "INVALID_FIELDS") },
            ErrorKind::NotFound { resource, id } => {
                let reason = match resource {
                    "comment" => "COMMENT_NOT_FOUND",
                    "token" => "TOKEN_NOT_FOUND",
                    "campaign" => "CAMPAIGN_NOT_FOUND",
                    "queue" => "QUEUE_NOT_FOUND",
                    "policy version" => "POLICY_NOT_FOUND",
                    _ => "NOT_FOUND",
                };
                Self { resource: Some((resource, id)), ..plain(Code::NotFound, reason) }
            }
            ErrorKind::Unauthenticated { reason } => plain(Code::Unauthenticated, reason),
            ErrorKind::Forbidden { reason, facts } => Self { facts, ..plain(Code::PermissionDenied, reason) },
            ErrorKind::Conflict { reason, facts } => Self { facts, ..plain(Code::Aborted, reason) },
            ErrorKind::Overloaded { reason, retry_after } => {
                Self { retry_after: Some(retry_after), ..plain(Code::ResourceExhausted, reason) }
            }
            ErrorKind::Unavailable { reason, retry_after } => {
                // What stands in the way is the operator's to read; the caller learns when to come back.
                log(error);
                let message = "the comment can't be stored now; try again later".to_owned();
                Self { message, retry_after: Some(retry_after), ..plain(Code::Unavailable, reason) }
            }
            ErrorKind::Internal => {
                log(error);
                let message = "internal error; the server's log says more".to_owned();
                Self { message, ..plain(Code::Internal, "INTERNAL") }
            }
        }
    }
}

fn log(error: &Error) {
    let error: &dyn std::error::Error = error;
    tracing::error!(error, "request failed");
}

/// Returns the status that a failed call ends with.
pub(super) fn status(error: &Error) -> Status {
    let told = Told::of(error);
    let mut details = ErrorDetails::new();
    let facts = told.facts.into_iter().map(|(name, fact)| (name.to_owned(), fact));
    details.set_error_info(told.reason, DOMAIN, facts.collect::<HashMap<String, String>>());
    for violation in told.violations {
        details.add_bad_request_violation(violation.field, violation.description);
    }
    if let Some((resource, id)) = told.resource {
        details.set_resource_info(resource, id, "", "");
    }
    if told.retry_after.is_some() {
        details.set_retry_info(told.retry_after);
    }
    Status::with_error_details(told.code, told.message, details)
}

/// Returns the failure that a stream answers one comment with.
pub(super) fn failure(error: &Error) -> pb::Failure {
    let told = Told::of(error);
    let violation = |v: Violation| pb::FieldViolation { field: v.field, description: v.description };
    pb::Failure {
        code: told.code.into(),
        message: told.message,
        reason: told.reason.to_owned(),
        field_violations: told.violations.into_iter().map(violation).collect(),
        retry_after: told.retry_after.and_then(|wait| prost_types::Duration::try_from(wait).ok()),
    }
}
