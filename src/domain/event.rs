//! What happened: the truth that all state adds up from.

use super::{Comment, CommentId, Decision, SiteId, Timestamp};

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// The site's front end, for one of its readers.
    Submitter,
    /// Ombud itself.
    System,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A reader's text came in: a new comment (revision 1) or an edit of one.
    CommentSubmitted {
        /// The comment as it was submitted.
        comment: Comment,
        /// Counts from 1 within the comment.
        revision: u32,
    },
    /// A revision was decided on.
    CommentDecided {
        /// The comment's site.
        site_id: SiteId,
        /// The comment.
        comment_id: CommentId,
        /// The revision that was decided on.
        revision: u32,
        /// The decision.
        decision: Decision,
    },
}

/// The events of one request: they happened together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The number of the first event. Events count from 1 over the whole data directory, without gaps; the others
    /// of this action follow it.
    pub first_seq: u64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// What happened, in order; never empty.
    pub events: Vec<Event>,
}

impl Action {
    /// Returns the number of the last event.
    pub fn last_seq(&self) -> u64 {
        self.first_seq + self.events.len() as u64 - 1
    }
}
