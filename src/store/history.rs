//! What happened to a comment, to an author's comments, or by a moderator's hand.

use super::Numbered;
use crate::domain::{AuthorId, CommentId, ModeratorId, SiteId};

/// Whose history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Everything about one comment.
    Comment(CommentId),
    /// Everything about the comments of an author, but for claims.
    Author(AuthorId),
    /// Everything that a moderator did.
    Moderator(ModeratorId),
}

/// A question for one page of a history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// The site.
    pub site_id: SiteId,
    /// Whose history.
    pub subject: Subject,
    /// Only events before this number; `None` starts at the newest.
    pub before_seq: Option<u64>,
    /// How many events at most, from 1.
    pub limit: usize,
}

/// One page of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPage {
    /// The events, the newest first, without words and names.
    pub events: Vec<Numbered>,
    /// Where the next page starts, or `None` where this is the last.
    pub next_before_seq: Option<u64>,
}
