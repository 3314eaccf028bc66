//! Verdicts on whatever waits of an author or a campaign, by their requests' names: sent again, such a request must not rule on
//! what has come in since. A comment's own last request can't tell, since the repetition meets other comments.
//!
//! The name stands in the events of the action; the state remembers the last [`REMEMBERED_MAX`] of each moderator.

use super::Together;
use crate::domain::{Action, Actor, Event, ModeratorId, RequestId, SiteId, review::Verdict};
use sha2::{Digest, Sha256};

/// How many such requests of one moderator on one site are remembered.
pub(super) const REMEMBERED_MAX: usize = 64;

/// What all names of such requests begin with; those of requests on single items begin with what the client says.
const PREFIX: &str = "together ";

/// A request that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Remembered {
    /// The hash of its name.
    pub(super) name: [u8; 16],
    /// The number of its action's first event.
    pub(super) action_seq: u64,
    /// How many comments it ruled on.
    pub(super) items: u32,
}

/// Names a request with all that it asks for; `None` where it lists its items, or has no name.
pub(super) fn name(
    request_id: Option<&RequestId>,
    moderator_id: &ModeratorId,
    together: &Together,
    verdict: &Verdict,
) -> Option<RequestId> {
    let of = match together {
        Together::Items(_) => return None,
        Together::AuthorOnArticle(author_id, article_id) => format!("{author_id} {article_id}"),
        Together::Campaign(campaign) => format!("{campaign}"),
    };
    let Verdict { approved, labels, reason } = verdict;
    let labels: String = labels.iter().map(|(attribute, truth)| format!(" {attribute}={truth}")).collect();
    Some(RequestId::new(format!("{PREFIX}{} {moderator_id} {of} {approved} {reason}{labels}", request_id?)))
}

/// Returns the hash by which a name is remembered.
pub(super) fn hash(name: &RequestId) -> [u8; 16] {
    let hash = Sha256::digest(name.as_str());
    hash[..16].try_into().expect("a hash is longer")
}

/// Returns what is to be remembered of an action, and of whom: nothing, where it is none of such a request.
pub(super) fn remembered(action: &Action) -> Option<(&SiteId, &ModeratorId, Remembered)> {
    let Actor::Moderator(moderator_id) = &action.actor else { return None };
    let Event::ItemSettled { site_id, request_id: Some(name), .. } = &action.events[0] else { return None };
    if !name.as_str().starts_with(PREFIX) {
        return None;
    }
    let items = action.events.iter().filter(|event| matches!(event, Event::ItemSettled { .. })).count();
    let items = u32::try_from(items).unwrap_or(u32::MAX);
    Some((site_id, moderator_id, Remembered { name: hash(name), action_seq: action.first_seq, items }))
}
