//! What goes wrong between a request and its answer.

use crate::auth;
use crate::classify;
use crate::domain::{ErrorKind, Violation};
use crate::store;
use std::time::Duration;

/// A failure of a use case. No text, name or key of a comment is ever in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields of the request are wrong.
    #[error("{}", describe(.0))]
    Invalid(Vec<Violation>),
    /// There is no such comment.
    #[error("there is no comment of that id on this site")]
    CommentNotFound {
        /// The id that was asked for.
        id: String,
    },
    /// The comment has no such revision.
    #[error("the comment has no revision of that number")]
    RevisionNotFound {
        /// The number that was asked for.
        number: u32,
    },
    /// The model that decided can't be asked any more.
    #[error("the model {version} is not at hand any more; {now} decides now, and can be asked instead")]
    ModelGone {
        /// Its version, as decisions name it, or its hash.
        version: String,
        /// The version of the model that decides now.
        now: String,
    },
    /// There is no such version of the policy.
    #[error("the policy has no such version")]
    PolicyNotFound {
        /// The version that was asked for.
        id: String,
    },
    /// Too much is asked for at once.
    #[error("too much at once; try again later")]
    Overloaded {
        /// A stable name for programs.
        reason: &'static str,
        /// How long to wait.
        retry_after: Duration,
    },
    /// The model gave no usable score to a text that was only to be scored.
    #[error("the model gave no usable score")]
    ScoringFailed,
    /// Making a policy ready panicked.
    #[error("the policy could not be made ready")]
    PolicyFailed,
    /// The caller is not known, or may not do this.
    #[error(transparent)]
    Refused(auth::Error),
    /// A verdict is on a comment as it no longer is.
    #[error("the comment has changed since you saw it{}: look at it again", in_brackets(changes))]
    Stale {
        /// The refusal.
        source: store::Error,
        /// What has come since, in that order: edited, settled, undone or appealed.
        changes: Vec<&'static str>,
    },
    /// A model can't be used.
    #[error(transparent)]
    Model(classify::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// Returns what the caller can do about this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(violations) => ErrorKind::Invalid(violations.clone()),
            Self::CommentNotFound { id } => ErrorKind::NotFound { resource: "comment", id: id.clone() },
            Self::RevisionNotFound { number } => ErrorKind::NotFound { resource: "revision", id: number.to_string() },
            Self::ModelGone { version, now } => {
                let facts = vec![("model_version", version.clone()), ("current_model_version", now.clone())];
                ErrorKind::Precondition { reason: "MODEL_GONE", facts }
            }
            Self::PolicyNotFound { id } => ErrorKind::NotFound { resource: "policy version", id: id.clone() },
            Self::Overloaded { reason, retry_after } => ErrorKind::Overloaded { reason, retry_after: *retry_after },
            Self::ScoringFailed | Self::PolicyFailed => ErrorKind::Internal,
            Self::Refused(error) => error.kind(),
            Self::Model(error) => error.kind(),
            Self::Stale { source, changes } => match source.kind() {
                ErrorKind::Conflict { reason, mut facts } => {
                    facts.push(("changes", changes.join(",")));
                    ErrorKind::Conflict { reason, facts }
                }
                kind => kind,
            },
            Self::Store(error) => error.kind(),
        }
    }
}

/// How many wrong fields a message names.
const NAMED_MAX: usize = 10;

fn in_brackets(changes: &[&str]) -> String {
    if changes.is_empty() { String::new() } else { format!(" ({})", changes.join(", ")) }
}

fn describe(violations: &[Violation]) -> String {
    let fields: Vec<&str> = violations.iter().take(NAMED_MAX).map(|violation| violation.field.as_str()).collect();
    let more = violations.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("check {}{more}", fields.join(", "))
}
