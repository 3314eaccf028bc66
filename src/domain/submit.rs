//! The rules of submitting, as two pure functions that every store engine calls: a command and the state it needs
//! give events or a refusal; state and events give state.

use super::event::{Action, Actor, Event};
use super::review::{Item, Queue, Review, Settled, risk};
use super::{ArticleId, AuthorChecks, AuthorRecord, Comment, Decision, Fingerprint, Outcome, Revision, Timestamp};

/// A comment's newest revision, and where the comment stands in lists: all that the next action needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentHead {
    /// The number of the event that brought the first revision: comments are listed in this order.
    pub first_seq: u64,
    /// The newest revision, whose decision is the one in force.
    pub current: Revision,
    /// What tells copies of its newest text.
    pub fingerprint: Fingerprint,
    /// Where it stands in review.
    pub review: Review,
}

/// Why a submission is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An edit names another article than the one that the comment hangs on.
    OtherArticle {
        /// The article that the comment hangs on.
        article_id: ArticleId,
    },
    /// The words of the comment were erased; what comes under its id would bring them back.
    Erased,
}

/// What an accepted submission does.
#[derive(Debug, Clone, PartialEq)]
pub enum Submission {
    /// The text is new: these events happen.
    New(Box<[Event; 2]>),
    /// The newest revision has the same text: its decision stands, and nothing happens.
    Repeated,
}

/// A comment that is to be taken in, and what is made of it so far.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The comment.
    pub comment: Comment,
    /// What tells copies of its text.
    pub fingerprint: Fingerprint,
    /// The decision on its text.
    pub decision: Decision,
    /// What the policy asks of the author's record besides.
    pub checks: AuthorChecks,
    /// The present time.
    pub now: Timestamp,
}

impl Submitted {
    /// Joins a comment with the decision on it; nothing is asked of the author's record.
    pub fn new(comment: Comment, decision: Decision, now: Timestamp) -> Self {
        Self { comment, fingerprint: Fingerprint::default(), decision, checks: AuthorChecks::default(), now }
    }
}

/// Decides what a submission does to the comment that `head` describes, of an author of whom `author` is known.
///
/// The newest text again changes nothing; any other text is the next revision.
///
/// # Errors
///
/// Refuses an edit that moves the comment to another article, and every edit of one that was erased.
pub fn submit(
    head: Option<&CommentHead>,
    author: Option<&AuthorRecord>,
    submitted: Submitted,
) -> Result<Submission, Refusal> {
    let Submitted { comment, fingerprint, mut decision, checks, now } = submitted;
    let revision = match head.map(|head| &head.current) {
        Some(current) if current.erased_at.is_some() => return Err(Refusal::Erased),
        Some(current) if current.comment.text == comment.text => return Ok(Submission::Repeated),
        Some(current) if current.comment.article_id != comment.article_id => {
            return Err(Refusal::OtherArticle { article_id: current.comment.article_id.clone() });
        }
        Some(current) => current.number + 1,
        None => 1,
    };
    checks.tighten(author, head.is_some(), fingerprint, now, &mut decision);
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    Ok(Submission::New(Box::new([
        Event::CommentSubmitted { comment, revision, fingerprint },
        Event::CommentDecided { site_id, comment_id, revision, decision },
    ])))
}

/// Returns the comment's head after `action`; `None` where there is no such comment and the action doesn't begin with one.
///
/// What the action does to other comments is left out. One that is new is the one that the action begins with.
pub fn apply(head: Option<CommentHead>, action: &Action) -> Option<CommentHead> {
    let mut submitted = None;
    let mut head = head;
    let known =
        head.as_ref().map(|head| (head.current.comment.site_id.clone(), head.current.comment.comment_id.clone()));
    let of =
        known.as_ref().map_or_else(|| action.events[0].comment(), |(site_id, comment_id)| Some((site_id, comment_id)));
    of?;
    for (seq, event) in (action.first_seq..).zip(&action.events).filter(|(_, event)| event.comment() == of) {
        if let Event::CommentSubmitted { comment, revision, fingerprint } = event {
            submitted = Some((comment, *revision, *fingerprint));
            continue;
        }
        if let (Event::CommentDecided { decision, .. }, Some((comment, number, fingerprint))) =
            (event, submitted.take())
        {
            let (comment, decision, received_at) = (comment.clone(), decision.clone(), action.at);
            let current = Revision { number, comment, decision, received_at, erased_at: None };
            let (first_seq, mut review) =
                head.map_or((action.first_seq, Review::default()), |head| (head.first_seq, head.review));
            // What was ruled on, and asked for, was another text.
            if let Some(settled) = &mut review.settled {
                settled.undone = true;
            }
            review.last_request = None;
            head = Some(CommentHead { first_seq, current, fingerprint, review });
        }
        if let Some(head) = &mut head {
            apply_to(head, seq, event, action);
            // Who holds an item changes nothing about what is seen.
            if !matches!(event, Event::ItemClaimed { .. } | Event::ItemReleased { .. }) {
                head.review.version = seq;
            }
        }
    }
    head
}

/// Changes the head of a comment that is there.
fn apply_to(head: &mut CommentHead, seq: u64, event: &Event, action: &Action) {
    let review = &mut head.review;
    match event {
        Event::CommentSubmitted { .. } | Event::PolicySet { .. } => {}
        Event::CommentDecided { decision, .. } => {
            head.current.decision = decision.clone();
            if decision.outcome == Outcome::Hold {
                // An edit of what waits keeps its place, and whoever holds it.
                let item = review.item.get_or_insert_with(|| Item {
                    queue: Queue::Held,
                    opened_seq: seq,
                    opened_at: action.at,
                    risk: 0.0,
                    claim: None,
                    skipped_by: Vec::new(),
                });
                item.risk = risk(decision);
            } else {
                review.item = None;
            }
        }
        Event::ItemClaimed { claim, request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let Some(item) = &mut review.item {
                item.claim = Some(claim.clone());
            }
        }
        Event::ItemReleased { skipped, request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let Some(item) = &mut review.item
                && let Some(claim) = item.claim.take()
                && *skipped
                && !item.skipped_by.contains(&claim.moderator_id)
            {
                item.skipped_by.push(claim.moderator_id);
            }
        }
        Event::ItemSettled { request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let (Some(item), Actor::Moderator(moderator_id)) = (review.item.take(), &action.actor) {
                review.settled = Some(Settled {
                    seq: action.first_seq,
                    moderator_id: moderator_id.clone(),
                    decision_before: head.current.decision.clone(),
                    item_before: Item { claim: None, ..item },
                    undone: false,
                });
            }
        }
        Event::CommentErased { .. } => head.erase(action.at),
        Event::VerdictUndone { request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let Some(settled) = &mut review.settled {
                settled.undone = true;
                head.current.decision = settled.decision_before.clone();
                review.item = Some(settled.item_before.clone());
            }
        }
    }
}
