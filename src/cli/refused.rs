//! What a server refused, or why it didn't answer, in words.

use super::flags::Flags;
use super::output::visible;
use std::{error::Error, fmt};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// What to do about a connection that broke.
const RECONNECT: &str =
    "see whether the server still runs, and type the command again; what was asked may have been done or not";

/// A call that failed: the server refused, or the connection broke before it answered.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Status);

impl Refused {
    /// Returns whether asking again can't help.
    pub(crate) fn is_final(&self) -> bool {
        !self.is_broken()
            && matches!(
                self.0.code(),
                Code::InvalidArgument
                    | Code::NotFound
                    | Code::Aborted
                    | Code::FailedPrecondition
                    | Code::Unauthenticated
                    | Code::PermissionDenied
            )
    }

    /// Returns whether no answer came. Only what was noticed here has a cause, or tells of a missing status.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.source().is_some() || self.0.message().starts_with("protocol error:")
    }

    /// Returns whether something answered that isn't Ombud.
    fn is_stranger(&self) -> bool {
        self.0.message().starts_with("grpc-status header missing")
    }

    /// Says what was refused; where the command at hand is known, by its flags.
    pub(crate) fn said(&self, flags: Option<&Flags>) -> String {
        if self.is_broken() {
            return "the connection to the server broke before it answered".to_owned();
        }
        if self.is_stranger() {
            return "what answers there is no Ombud server".to_owned();
        }
        if let Some(bearer) = self.fact("OTHER_MODERATOR", "moderator_id") {
            let bearer = visible(&bearer);
            return format!("the token is that of {bearer}, but --as or OMBUD_MODERATOR names somebody else");
        }
        let violations = self.0.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
        let violations = violations.into_iter().map(|one| (one.field, one.description));
        format!("the server refused: {}", with_fields(self.0.message(), violations, flags))
    }

    /// Returns whether it was refused for this reason.
    pub(crate) fn is_for(&self, reason: &str) -> bool {
        self.0.get_details_error_info().is_some_and(|info| info.reason == reason)
    }

    /// Returns a fact about a refusal for this reason.
    fn fact(&self, reason: &str, name: &str) -> Option<String> {
        let info = self.0.get_details_error_info().filter(|info| info.reason == reason)?;
        info.metadata.get(name).cloned()
    }

    /// Returns whether nobody said who reviews or edits.
    fn is_nameless(&self) -> bool {
        self.0.get_details_bad_request().into_iter().flat_map(|bad| bad.field_violations).any(|one| {
            matches!(one.field.as_str(), "moderator_id" | "editor_id") && one.description == "Must be given."
        })
    }

    /// Returns what to do about it, where that can be said.
    pub(crate) fn hint(&self) -> Option<String> {
        if let Some(wait) = self.0.get_details_retry_info().and_then(|info| info.retry_delay) {
            return Some(format!("try again in {} s", wait.as_secs_f32()));
        }
        if self.is_broken() {
            return Some(RECONNECT.into());
        }
        if self.is_stranger() {
            return Some("name the port of `ombud serve` with --server URL; another program has this one".into());
        }
        if self.fact("OTHER_MODERATOR", "moderator_id").is_some() {
            return Some("leave --as out and unset OMBUD_MODERATOR: the token says who you are".into());
        }
        if self.is_for("OTHER_ORIGIN") {
            return Some("set OMBUD_TOKEN to a token that is bound to no origins; this one is for pages alone".into());
        }
        match self.0.code() {
            Code::InvalidArgument if self.is_nameless() => {
                Some("say who you are with --as NAME or OMBUD_MODERATOR; a token says it by itself".into())
            }
            Code::Aborted if self.is_for("STALE_POLICY") => Some(
                "`ombud policy diff FILE` shows what it would change now; `ombud policy set --version N`, with the version \
                 that is in force, sets it all the same"
                    .into(),
            ),
            Code::FailedPrecondition if self.is_for("MODEL_GONE") => Some(
                "`ombud models list` shows the models; the same file uploaded again mends one that was lost. `ombud explain \
                 --by-current-model` asks the one that decides now"
                    .into(),
            ),
            Code::Unauthenticated => {
                Some("set OMBUD_TOKEN to a token; an admin makes one with `ombud token create`".into())
            }
            Code::NotFound => self.0.get_details_resource_info().and_then(|info| where_listed(&info.resource_type)),
            Code::Unimplemented => {
                Some("the server is of another version: compare `ombud --version` there and here".into())
            }
            _ => None,
        }
    }
}

/// A refusal of which the command knows what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct Explained {
    source: Refused,
    hint: String,
}

impl Explained {
    /// Adds a hint to a refusal, in place of its own.
    pub(crate) fn new(source: Refused, hint: String) -> Self {
        Self { source, hint }
    }

    /// Returns what to do or type next.
    pub(crate) fn hint(&self) -> String {
        self.hint.clone()
    }
}

/// Says which fields are wrong, a line for each, by the flags of the command at hand where it is known.
pub(crate) fn with_fields(
    message: &str,
    violations: impl Iterator<Item = (String, String)>,
    flags: Option<&Flags>,
) -> String {
    let named = violations.map(|(field, sentence)| (flags.map_or(field.clone(), |flags| flags.name(&field)), sentence));
    let named: Vec<(String, String)> = named.collect();
    let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    // Such a message only lists the fields.
    let mut said = if !names.is_empty() && message.starts_with("check ") {
        format!("check {}", names.join(", "))
    } else {
        message.to_owned()
    };
    for (name, sentence) in &named {
        said.push_str(&format!("\n  {name}: {sentence}"));
    }
    said
}

/// Says which command shows what there is of a kind.
fn where_listed(resource: &str) -> Option<String> {
    let said = match resource {
        "comment" => "`ombud list --article A` shows the comments of an article with their ids; is --site right?",
        "revision" => "`ombud get ID` shows the comment's revisions",
        "model" => "`ombud models list` shows the models with their hashes",
        "token" => "`ombud token list` shows the tokens with their ids",
        "queue" => "`ombud queue list` shows how much waits in each queue, by name",
        "campaign" => "`ombud queue campaigns` shows those that wait, with their numbers",
        "policy version" => "`ombud policy history` shows the versions; is --site right, and --article?",
        _ => return None,
    };
    Some(said.to_owned())
}

impl Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said(None))
    }
}
