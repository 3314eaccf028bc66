//! The rules of submitting, as two pure functions that every store engine calls: a command and the state it needs
//! give events or a refusal; state and events give state.

use super::event::{Action, Event};
use super::{ArticleId, Comment, Decision, Revision};

/// A comment's newest revision, and where the comment stands in lists: all that the next action needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentHead {
    /// The number of the event that brought the first revision: comments are listed in this order.
    pub first_seq: u64,
    /// The newest revision, whose decision is the one in force.
    pub current: Revision,
}

/// Why a submission is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An edit names another article than the one that the comment hangs on.
    OtherArticle {
        /// The article that the comment hangs on.
        article_id: ArticleId,
    },
}

/// What an accepted submission does.
#[derive(Debug, Clone, PartialEq)]
pub enum Submission {
    /// The text is new: these events happen.
    New(Box<[Event; 2]>),
    /// The newest revision has the same text: its decision stands, and nothing happens.
    Repeated,
}

/// Decides what submitting `comment` with `decision` does to the comment that `head` describes.
///
/// The newest text again changes nothing; any other text is the next revision.
///
/// # Errors
///
/// Refuses an edit that moves the comment to another article.
pub fn submit(head: Option<&CommentHead>, comment: Comment, decision: Decision) -> Result<Submission, Refusal> {
    let revision = match head.map(|head| &head.current) {
        Some(current) if current.comment.text == comment.text => return Ok(Submission::Repeated),
        Some(current) if current.comment.article_id != comment.article_id => {
            return Err(Refusal::OtherArticle { article_id: current.comment.article_id.clone() });
        }
        Some(current) => current.number + 1,
        None => 1,
    };
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    Ok(Submission::New(Box::new([
        Event::CommentSubmitted { comment, revision },
        Event::CommentDecided { site_id, comment_id, revision, decision },
    ])))
}

/// Returns the comment's head after `action`, which must be about that comment; `None` where the action brings
/// neither a text nor a decision to one.
pub fn apply(head: Option<CommentHead>, action: &Action) -> Option<CommentHead> {
    let mut submitted = None;
    let mut head = head;
    for event in &action.events {
        match event {
            Event::CommentSubmitted { comment, revision } => submitted = Some((comment, *revision)),
            Event::CommentDecided { decision, .. } => match (submitted.take(), &mut head) {
                (Some((comment, number)), _) => {
                    let first_seq = head.map_or(action.first_seq, |head| head.first_seq);
                    let current = Revision {
                        number,
                        comment: comment.clone(),
                        decision: decision.clone(),
                        received_at: action.at,
                    };
                    head = Some(CommentHead { first_seq, current });
                }
                (None, Some(head)) => head.current.decision = decision.clone(),
                (None, None) => {}
            },
        }
    }
    head
}
