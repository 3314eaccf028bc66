//! Queues that an editor defines: views over what waits, by site, article, author, score and what fired.
//!
//! An item still waits in one of the [`Queue`]s of review; a defined queue shows those that meet its conditions, with the
//! same claims and verdicts. Whether a comment meets them is read from its head alone, so that the same events always
//! give the same queues.

use super::review::Queue;
use super::submit::CommentHead;
use super::{ArticleId, Attribute, AuthorId, ModeratorId, QueueName, Score, Timestamp};
use std::fmt;

/// A queue by its name: one that items wait in, or one that an editor defined over them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueId {
    /// One that items wait in.
    Review(Queue),
    /// One that an editor defined; its name is none of the others'.
    Defined(QueueName),
}

impl QueueId {
    /// Returns the queue of this name; whether an editor has defined it is for the store to say.
    pub fn from_name(name: &str) -> Self {
        Queue::from_name(name).map_or_else(|| Self::Defined(QueueName::new(name)), Self::Review)
    }

    /// Returns the name on the wire and in output for programs.
    pub fn name(&self) -> &str {
        match self {
            Self::Review(queue) => queue.name(),
            Self::Defined(name) => name.as_str(),
        }
    }
}

impl fmt::Display for QueueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which items a defined queue shows: those that meet each kind of condition that is given. Of one kind, any will do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    /// The item waits in one of these queues.
    pub queues: Vec<Queue>,
    /// The comment hangs on one of these articles.
    pub article_ids: Vec<ArticleId>,
    /// One of these authors wrote it.
    pub author_ids: Vec<AuthorId>,
    /// The score of one of these attributes is at least so high.
    pub scores: Vec<(Attribute, Score)>,
    /// One of these is among the decision's reasons: a rule or a list of words by the site's name for it, or a reason's code.
    pub reasons: Vec<String>,
}

impl Conditions {
    /// Returns whether a comment that waits meets them; one that doesn't wait never does.
    pub fn are_met_by(&self, head: &CommentHead) -> bool {
        let Some(item) = &head.review.item else { return false };
        let (comment, decision) = (&head.current.comment, &head.current.decision);
        let by_score = |(attribute, at_least): &(Attribute, Score)| {
            decision.scores.as_ref().is_some_and(|scores| scores.get(*attribute) >= *at_least)
        };
        let by_reason = |asked: &String| {
            let fired = |one: &super::Reason| one.name.as_deref() == Some(asked) || one.code.name() == asked;
            decision.reasons.iter().any(fired)
        };
        let by_author = |id: &AuthorId| comment.author.author_id.as_ref() == Some(id);
        is_any(&self.queues, |queue| *queue == item.queue)
            && is_any(&self.article_ids, |id| *id == comment.article_id)
            && is_any(&self.author_ids, by_author)
            && is_any(&self.scores, by_score)
            && is_any(&self.reasons, by_reason)
    }

    /// Returns whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        let Self { queues, article_ids, author_ids, scores, reasons } = self;
        queues.is_empty() && article_ids.is_empty() && author_ids.is_empty() && scores.is_empty() && reasons.is_empty()
    }
}

/// No condition of a kind is one that everything meets.
fn is_any<T>(asked: &[T], meets: impl Fn(&T) -> bool) -> bool {
    asked.is_empty() || asked.iter().any(meets)
}

/// A queue that an editor defined.
#[derive(Debug, Clone, PartialEq)]
pub struct DefinedQueue {
    /// Its name, unique within the site.
    pub name: QueueName,
    /// What it shows.
    pub conditions: Conditions,
    /// Who defined it as it is.
    pub set_by: ModeratorId,
    /// When.
    pub set_at: Timestamp,
}
