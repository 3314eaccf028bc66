//! Errors, in the words that clients look for: some of them cut names out of messages, others look at the details.

use crate::auth;
use crate::domain::{ErrorKind, Role};
use crate::moderation::{self, analysis::Refusal};
use crate::web::body::Unread;
use crate::web::failure;
use crate::web::json::NoJson;
use serde_json::{Value, json};

/// The type of details that tell what is wrong with a comment.
const DETAIL: &str = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error";
/// The type of details that tell why a caller is not let in.
const INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
/// The service's name, which clients may look at.
const SERVICE: &str = "commentanalyzer.googleapis.com";

/// What is said where a key asks too often.
const QUOTA: &str = "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit 'Analysis requests \
                     (AnalyzeComment) per minute' of service 'commentanalyzer.googleapis.com' for consumer \
                     'project_number:0'.";

/// Names the limit that was exceeded, as programs know it.
fn quota() -> Value {
    json!({
        "@type": INFO,
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": SERVICE,
            "quota_metric": "CommentAnalyzerService/analyze_requests",
            "quota_limit": "AnalyzeRequestsPerMinutePerProject",
            "quota_location": "global",
            "consumer": "projects/0",
        },
    })
}

/// A request that isn't answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    /// The status of HTTP.
    pub(super) code: u16,
    status: &'static str,
    message: String,
    details: Vec<Value>,
    /// After how many seconds it is worth asking again.
    pub(super) retry_after_secs: Option<u64>,
    /// The method that there is.
    pub(super) allow: Option<&'static str>,
}

impl Failure {
    fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, status, message, details: Vec::new(), retry_after_secs: None, allow: None }
    }

    /// Something is wrong with the comment or with what is asked of it.
    fn of_type(error_type: &str, message: impl Into<String>) -> Self {
        let details = vec![json!({ "@type": DETAIL, "errorType": error_type })];
        Self { details, ..Self::new(400, "INVALID_ARGUMENT", message) }
    }

    /// The request is not what it must be.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::of_type("INVALID_REQUEST", message)
    }

    /// A field is there that nobody knows.
    pub(super) fn unknown_field(name: &str) -> Self {
        let message = format!("Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// A field has a value of another kind.
    pub(super) fn wrong_kind(field: &str, wanted: &str) -> Self {
        let message = format!("Invalid JSON payload received. Invalid value at '{field}': must be {wanted}.");
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// There is no text.
    pub(super) fn empty() -> Self {
        Self::of_type("COMMENT_EMPTY", "Comment must be non-empty.")
    }

    /// Nothing is asked for.
    pub(super) fn no_attributes() -> Self {
        Self::of_type("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    }

    pub(super) fn unknown_attribute(name: &str) -> Self {
        Self::invalid(format!("Unknown requested attribute: {name}"))
    }

    pub(super) fn score_type(score_type: &str, attribute: &str) -> Self {
        Self::invalid(format!("Requested score type {score_type} is not supported by attribute {attribute}"))
    }

    pub(super) fn method(allow: &'static str) -> Self {
        let message = format!("This address takes {allow} only.");
        Self { allow: Some(allow), ..Self::new(405, "UNIMPLEMENTED", message) }
    }

    pub(super) fn no_json(NoJson { line, column }: NoJson) -> Self {
        let message = format!("Invalid JSON payload received. It can't be read at line {line}, column {column}.");
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    pub(super) fn unread(unread: Unread) -> Self {
        match unread {
            Unread::TooLong => {
                Self::new(413, "INVALID_ARGUMENT", "Request payload size exceeds the limit: 500000 bytes.")
            }
            Unread::TooSlow => Self::new(408, "DEADLINE_EXCEEDED", "The request took too long to arrive."),
            Unread::Broken => Self::new(400, "INVALID_ARGUMENT", "The request broke off."),
        }
    }

    /// The caller is not let in, or not now.
    pub(super) fn refused(error: &auth::Error) -> Self {
        let info = |reason: &str| {
            vec![
                json!({ "@type": INFO, "reason": reason, "domain": "googleapis.com", "metadata": { "service": SERVICE } }),
            ]
        };
        match (error, error.kind()) {
            (auth::Error::Missing, _) => Self::new(403, "PERMISSION_DENIED", "The request is missing a valid API key."),
            (auth::Error::Unknown, _) => Self {
                details: info("API_KEY_INVALID"),
                ..Self::new(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
            },
            (auth::Error::Expired, _) => Self {
                details: info("API_KEY_INVALID"),
                ..Self::new(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.")
            },
            (auth::Error::RoleTooLow { needed }, _) => {
                let which = if *needed == Role::Moderator { "teach the model" } else { "do this" };
                let message = format!("The key's role may not {which}; it takes a key with the role {needed}.");
                Self { details: info("ROLE_TOO_LOW"), ..Self::new(403, "PERMISSION_DENIED", message) }
            }
            (_, kind @ ErrorKind::Overloaded { .. }) => Self {
                details: vec![quota()],
                retry_after_secs: failure::retry_after_secs(&kind),
                ..Self::new(429, "RESOURCE_EXHAUSTED", QUOTA)
            },
            (error, ErrorKind::Forbidden { reason, .. }) => {
                Self { details: info(reason), ..Self::new(403, "PERMISSION_DENIED", error.to_string()) }
            }
            (error, _) => Self::new(403, "PERMISSION_DENIED", error.to_string()),
        }
    }

    /// Writes the error as clients read it.
    pub(super) fn body(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message, "status": self.status });
        if !self.details.is_empty() {
            error["details"] = Value::Array(self.details.clone());
        }
        json!({ "error": error })
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Empty => Self::empty(),
            Refusal::TooLong { bytes, max } => Self::of_type(
                "COMMENT_TOO_LONG",
                format!("Comment text was too many bytes. Value ({bytes}) exceeded limit ({max})."),
            ),
            Refusal::NoAttributes => Self::no_attributes(),
            Refusal::UnknownAttribute { name } => Self::unknown_attribute(&name),
            Refusal::Language { attribute, languages, detected } => {
                let message =
                    format!("Attribute {attribute} does not support request languages: {}", languages.join(","));
                let facts = json!({ "detectedLanguages": [detected.code()], "attribute": attribute });
                let detail = json!({
                    "@type": DETAIL,
                    "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
                    "languageNotSupportedByAttributeError": facts,
                });
                Self { details: vec![detail], ..Self::new(400, "INVALID_ARGUMENT", message) }
            }
            Refusal::Failed(error) => error.into(),
        }
    }
}

impl From<moderation::Error> for Failure {
    fn from(error: moderation::Error) -> Self {
        match error {
            moderation::Error::Refused(error) => Self::refused(&error),
            moderation::Error::Invalid(violations) => {
                let sentences: Vec<String> =
                    violations.iter().map(|one| format!("{}: {}", one.field, one.description)).collect();
                Self::invalid(sentences.join("; "))
            }
            error => {
                let kind = error.kind();
                let told = failure::message(&error, &kind);
                let status = failure::status(&kind).as_u16();
                let (name, told) = match status {
                    500 => ("INTERNAL", "Internal error encountered.".to_owned()),
                    503 => ("UNAVAILABLE", "The service is currently unavailable.".to_owned()),
                    429 => ("RESOURCE_EXHAUSTED", told),
                    404 => ("NOT_FOUND", told),
                    _ => ("FAILED_PRECONDITION", told),
                };
                Self { retry_after_secs: failure::retry_after_secs(&kind), ..Self::new(status, name, told) }
            }
        }
    }
}
