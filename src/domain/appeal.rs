//! Appeals: an author, or the site for them, asks for a second look at a rejected comment.
//!
//! A rejection is appealed once. Another moderator than the one who ruled looks: they uphold it, and the comment stays
//! rejected, or overturn it, and the comment is published. Nor does the one who ruled take that back: somebody else may. An appeal that was upheld is the last word until the comment
//! is edited; one that was overturned says nothing about a later rejection.

use super::event::Event;
use super::review::{Outcomes, Refusal};
use super::submit::CommentHead;
use super::{AuthorId, ModeratorId, Outcome, RequestId, Timestamp, Words};

/// What became of an appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has looked yet.
    Waiting,
    /// The comment stays rejected.
    Upheld,
    /// The comment was published.
    Overturned,
}

/// The last appeal about a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Why, in the author's words; may be empty.
    pub text: Words,
    /// When it came.
    pub appealed_at: Timestamp,
    /// The moderator who had rejected the comment; `None` where the model or a rule had.
    pub against: Option<ModeratorId>,
    /// What became of it.
    pub standing: Standing,
}

impl Appeal {
    /// Returns whether it waits for somebody, and it must not be this moderator.
    pub fn bars(&self, moderator_id: &ModeratorId) -> bool {
        self.standing == Standing::Waiting && self.is_against(moderator_id)
    }

    /// Returns whether this moderator had rejected the comment.
    pub fn is_against(&self, moderator_id: &ModeratorId) -> bool {
        self.against.as_ref() == Some(moderator_id)
    }
}

/// Who asks for a second look, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plea {
    /// The author who asks; `None` where the site asks for them.
    pub author_id: Option<AuthorId>,
    /// Why; may be empty.
    pub text: Words,
    /// The request's name; doing the last one again does nothing.
    pub request_id: Option<RequestId>,
}

/// Decides what an appeal does to the comment that `head` describes.
///
/// # Errors
///
/// Refuses somebody else's appeal, one of a comment that isn't rejected, and a second one of the same rejection.
pub fn appeal(head: &CommentHead, plea: Plea) -> Result<Outcomes, Refusal> {
    let (review, comment) = (&head.review, &head.current.comment);
    if head.current.erased_at.is_some() {
        return Err(Refusal::Erased);
    }
    // The site's requests have no moderator in their names.
    let request_id = plea.request_id.map(|id| RequestId::new(format!("{id} appeal")));
    if request_id.is_some() && request_id == review.last_request {
        return Ok(Outcomes::Repeated);
    }
    if plea.author_id.is_some() && plea.author_id != comment.author.author_id {
        return Err(Refusal::NotTheAuthor);
    }
    if head.current.decision.outcome != Outcome::Reject {
        return Err(Refusal::NotRejected);
    }
    if review.appeal.as_ref().is_some_and(|appeal| appeal.standing != Standing::Overturned) {
        return Err(Refusal::AlreadyAppealed);
    }
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    let (revision, text) = (head.current.number, plea.text);
    Ok(Outcomes::Events(vec![Event::DecisionAppealed { site_id, comment_id, revision, text, request_id }]))
}
