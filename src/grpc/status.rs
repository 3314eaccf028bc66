//! Failures in their wire form: a gRPC status with google.rpc details, or the same facts inside a stream's answer.

use super::pb;
use crate::domain::{ErrorKind, Violation};
use crate::moderation::Error;
use std::{collections::HashMap, time::Duration};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain of every `ErrorInfo`.
pub(super) const DOMAIN: &str = "ombud";

/// How many bytes the violations of one status may take together. Clients of several languages refuse headers of more than
/// 8 KiB, in which details stand in base64; the first violation always fits.
const VIOLATIONS_BYTES_MAX: usize = 4096;
/// How many bytes one violation's sentence may take.
const SENTENCE_BYTES_MAX: usize = 1024;

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
            ErrorKind::Invalid(violations) => {
                let (violations, left_out) = as_many_as_fit(violations);
                let facts = (left_out > 0).then(|| ("violations_left_out", left_out.to_string()));
                let facts = facts.into_iter().collect();
                Self { violations, facts, ..plain(Code::InvalidArgument, "INVALID_FIELDS") }
            }
            ErrorKind::NotFound { resource, id } => {
                let reason = match resource {
                    "comment" => "COMMENT_NOT_FOUND",
                    "revision" => "REVISION_NOT_FOUND",
                    "token" => "TOKEN_NOT_FOUND",
                    "model" => "MODEL_NOT_FOUND",
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
            ErrorKind::Precondition { reason, facts } => Self { facts, ..plain(Code::FailedPrecondition, reason) },
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

/// Keeps the first violations, as many as fit; returns them with how many were left out.
fn as_many_as_fit(mut violations: Vec<Violation>) -> (Vec<Violation>, usize) {
    let mut bytes = 0;
    let fits = |violation: &mut Violation| {
        let end = violation.description.floor_char_boundary(SENTENCE_BYTES_MAX);
        violation.description.truncate(end);
        bytes += violation.field.len() + violation.description.len();
        bytes <= VIOLATIONS_BYTES_MAX
    };
    let kept = violations.iter_mut().map(fits).take_while(|fits| *fits).count().max(1);
    let left_out = violations.len().saturating_sub(kept);
    violations.truncate(kept);
    (violations, left_out)
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

/// Returns the status that a failed call ends with, with further facts about it.
pub(super) fn status_with(error: &Error, facts: impl IntoIterator<Item = (&'static str, String)>) -> Status {
    let plain = status(error);
    let mut details = plain.get_error_details();
    if let Some(info) = details.error_info() {
        let mut info = info.clone();
        info.metadata.extend(facts.into_iter().map(|(name, fact)| (name.to_owned(), fact)));
        details.set_error_info(info.reason, info.domain, info.metadata);
    }
    Status::with_error_details(plain.code(), plain.message(), details)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(violations: usize, sentence: &str) -> Status {
        let wrong = |number| Violation::new(format!("rules[{number}].when"), sentence);
        status(&Error::Invalid((0..violations).map(wrong).collect()))
    }

    #[test]
    fn a_refusal_of_many_fields_fits_into_headers_and_says_how_many_are_missing() {
        for (violations, sentence) in [(1000, "Is wrong."), (6, "wrong ".repeat(2000).as_str())] {
            let status = refusal(violations, sentence);
            let told = status.get_error_details();
            let kept = told.bad_request().unwrap().field_violations.len();
            let left_out = &told.error_info().unwrap().metadata["violations_left_out"];
            assert_eq!(kept + left_out.parse::<usize>().unwrap_or_default(), violations);
            assert!(kept > 1 && status.details().len() + status.message().len() < 6000, "{kept}");
        }
    }

    #[test]
    fn a_few_violations_are_all_told() {
        let told = refusal(20, "Must be a score from 0 to 1.").get_error_details();
        assert_eq!(told.bad_request().unwrap().field_violations.len(), 20);
        assert!(told.error_info().unwrap().metadata.is_empty());
    }
}
