//! What erasing asks of a store, and what it answers.

use crate::domain::{AuthorId, CommentId, ModeratorId, SiteId, Timestamp};

/// Whose words are to go.
#[derive(Debug, Clone)]
pub struct Erase {
    /// The site.
    pub site_id: SiteId,
    /// The comments, in one action: of those that are there and have words, all or none.
    pub comments: Vec<CommentId>,
    /// Who wants it.
    pub moderator_id: ModeratorId,
    /// The present time.
    pub now: Timestamp,
}

/// Which labels from outside are to go.
#[derive(Debug, Clone)]
pub struct EraseLabels {
    /// The site.
    pub site_id: SiteId,
    /// The author whom they name.
    pub author_id: AuthorId,
    /// The comments that they are on, which may be somebody else's and keep their words.
    pub comments: Vec<CommentId>,
    /// Who wants it.
    pub moderator_id: ModeratorId,
    /// The present time.
    pub now: Timestamp,
}

/// What erasing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// How many comments lost their words now.
    pub comments: usize,
    /// How many others had lost them before.
    pub before: usize,
    /// How many were asked for and aren't there.
    pub unknown: usize,
}
