//! What to type where a moderator would rule on a comment that doesn't wait.

use super::args::Ruling;
use super::item;
use crate::cli::client::{Connection, Refused};
use crate::cli::refused::Explained;
use crate::grpc::{ReviewClient, pb};

/// Adds to a refusal what would make the ruling possible, where it was refused because the comment doesn't wait.
pub(super) async fn explained(
    client: &mut ReviewClient<Connection>,
    (site_id, comment_id, moderator_id): (String, String, String),
    ruling: Ruling,
    refused: Refused,
) -> anyhow::Error {
    if !refused.is_for("ITEM_NOT_WAITING") {
        return refused.into();
    }
    let Ok(item) = item(client, &site_id, &comment_id).await else { return refused.into() };
    let site = if site_id == "default" { String::new() } else { format!(" --site {}", quoted(&site_id)) };
    let moderator = if moderator_id.is_empty() { String::new() } else { format!(" --as {}", quoted(&moderator_id)) };
    let word = match ruling {
        Ruling::Approve => "approve",
        Ruling::Reject => "reject",
    };
    let id = quoted(&comment_id);
    let then = format!("`ombud queue settle {id} {word}{site}{moderator}`");
    let outcome = item.revision.and_then(|revision| revision.decision).unwrap_or_default().outcome();
    let hint = match (item.last_verdict, outcome, ruling) {
        (_, pb::Outcome::Publish, Ruling::Approve) => "readers see the comment already".to_owned(),
        (_, pb::Outcome::Reject, Ruling::Reject) => "no reader sees the comment already".to_owned(),
        (Some(_), ..) => format!(
            "take the verdict back, so that the comment waits again: `ombud queue undo --comment-id {id}{site}{moderator}`; \
             then {then}"
        ),
        (None, pb::Outcome::Reject, _) => {
            format!("a rejected comment waits once its author appeals: `ombud appeal {id}{site}`; then {then}")
        }
        (None, ..) => {
            let reporter = if moderator_id.is_empty() { "NAME".to_owned() } else { quoted(&moderator_id) };
            format!(
                "a published comment waits once somebody reports it: \
                 `ombud report {id}{site} --reporter {reporter} --reason off_topic`; then {then}"
            )
        }
    };
    Explained::new(refused, hint).into()
}

/// Writes an argument as a shell reads it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_.:/@".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", crate::cli::output::visible(argument).replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_typed_is_quoted_where_a_shell_would_take_it_apart() {
        assert_eq!(["c-1", "a b", "it's", ""].map(quoted), ["c-1", "'a b'", "'it'\\''s'", "''"]);
    }
}
