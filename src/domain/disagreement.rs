//! Disagreement: the challenger in the shadow would have come to another outcome than the champion, and nobody has ruled.
//!
//! What was published or rejected at once then waits for a person, since theirs is the opinion that tells which of the two
//! models is right. What waits anyway needs nothing more. What a former challenger would have done gives way where there is no
//! room.

use super::event::Event;
use super::review::{Queue, Review};
use super::submit::CommentHead;
use super::{Outcome, Score, Timestamp};

/// How many comments of a site wait in `disagreement` at most: nobody could look at all that a bad challenger would have
/// otherwise. Of those that come on top, `CompareModels` still tells.
pub const WAITING_MAX: u64 = 200;

/// What the challenger would have done.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenged {
    /// The challenger, as decisions would name it.
    pub model_version: String,
    /// What the policy would have made of its scores.
    pub outcome: Outcome,
    /// How likely the comment is to be rejected, as it says.
    pub likely_to_reject: Score,
}

/// Decides whether the comment that `head` describes comes to wait, where `waiting` of the site wait already.
///
/// Nothing happens where the text was replaced, erased or ruled on meanwhile, where it waits in a higher queue, and where the
/// decision in force is the challenger's.
pub fn disagree(head: &CommentHead, revision: u32, challenged: Challenged, waiting: u64) -> Option<Event> {
    let (current, review) = (&head.current, &head.review);
    let stands = current.number == revision && current.erased_at.is_none() && review.verdict().is_none();
    let waits_above = review.item.as_ref().is_some_and(|item| item.queue >= Queue::Disagreement);
    if !stands || waits_above || current.decision.outcome == challenged.outcome || waiting >= WAITING_MAX {
        return None;
    }
    let (site_id, comment_id) = (current.comment.site_id.clone(), current.comment.comment_id.clone());
    Some(Event::ModelsDisagreed { site_id, comment_id, revision, challenged })
}

/// Decides whether the comment that `head` describes no longer waits, so that there is room for what the challenger of this
/// version would have done: where a former one brought it, and nobody holds it at `now`.
pub fn give_way(head: &CommentHead, model_version: &str, now: Timestamp) -> Option<Event> {
    let review = &head.review;
    let item = review.item.as_ref().filter(|item| item.queue == Queue::Disagreement && item.claim_at(now).is_none());
    let is_former = review.challenged.as_ref().is_some_and(|challenged| challenged.model_version != model_version);
    item.filter(|_| is_former)?;
    let (site_id, comment_id) = (head.current.comment.site_id.clone(), head.current.comment.comment_id.clone());
    Some(Event::DisagreementLapsed { site_id, comment_id })
}

/// Has a comment wait for this no longer: only for the lot that drew it, if one did.
pub(super) fn lapse(review: &mut Review, seq: u64, at: Timestamp) {
    review.challenged = None;
    if review.item.as_ref().is_some_and(|item| item.queue == Queue::Disagreement) {
        review.item = None;
        if review.sampled.is_some() {
            review.wait_in(Queue::Audit, seq, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Action, Actor, ArticleId, Attribute, Author, Comment, CommentId, Decision, DecisionSource, Event, Fingerprint,
        ModeratorId, Scores, SiteId, Timestamp,
        review::{Claim, Verdict},
        submit::apply,
    };

    fn action(first_seq: u64, actor: Actor, events: Vec<Event>) -> Action {
        Action { first_seq, at: Timestamp::from_micros(1), actor, events }
    }

    fn submitted(outcome: Outcome) -> CommentHead {
        let comment = Comment {
            site_id: SiteId::new("s"),
            article_id: ArticleId::new("a"),
            comment_id: CommentId::new("c"),
            parent_id: None,
            author: Author { author_id: None, name: String::new() },
            text: "words".to_owned(),
            submitted_at: Timestamp::from_micros(0),
        };
        let decision = Decision {
            outcome,
            source: DecisionSource::Model,
            reasons: Vec::new(),
            scores: Scores::new([0.5; Attribute::COUNT]),
            model_version: "m".to_owned(),
            policy_version: "p".to_owned(),
            decided_at: Timestamp::from_micros(0),
            house: None,
        };
        let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
        let events = vec![
            Event::CommentSubmitted { comment, revision: 1, fingerprint: Fingerprint::default() },
            Event::CommentDecided { site_id, comment_id, revision: 1, decision },
        ];
        apply(None, &action(1, Actor::Submitter, events)).expect("a comment")
    }

    fn challenged(outcome: Outcome) -> Challenged {
        let likely_to_reject = Score::new(0.9).expect("a score");
        Challenged { model_version: "m+h".to_owned(), outcome, likely_to_reject }
    }

    #[test]
    fn what_was_published_waits_once_and_an_edit_ends_that() {
        let head = submitted(Outcome::Publish);
        let event = disagree(&head, 1, challenged(Outcome::Hold), 0).expect("they disagree");
        let head = apply(Some(head), &action(3, Actor::System, vec![event])).expect("a comment");
        assert_eq!(head.review.item.as_ref().map(|item| item.queue), Some(Queue::Disagreement));
        assert_eq!(head.review.challenged, Some(challenged(Outcome::Hold)));
        assert_eq!(disagree(&head, 1, challenged(Outcome::Hold), 1), None, "it waits");
        let edited = Comment { text: "others".to_owned(), ..head.current.comment.clone() };
        let (site_id, comment_id) = (edited.site_id.clone(), edited.comment_id.clone());
        let decision = head.current.decision.clone();
        let events = vec![
            Event::CommentSubmitted { comment: edited, revision: 2, fingerprint: Fingerprint::default() },
            Event::CommentDecided { site_id, comment_id, revision: 2, decision },
        ];
        let head = apply(Some(head), &action(4, Actor::Submitter, events)).expect("a comment");
        assert_eq!((head.review.item, head.review.challenged), (None, None));
    }

    #[test]
    fn nothing_waits_that_needs_no_one() {
        let head = submitted(Outcome::Publish);
        assert_eq!(disagree(&head, 1, challenged(Outcome::Publish), 0), None, "they agree");
        assert_eq!(disagree(&head, 2, challenged(Outcome::Hold), 0), None, "another text");
        assert_eq!(disagree(&head, 1, challenged(Outcome::Hold), WAITING_MAX), None, "too many wait");
        let held = submitted(Outcome::Hold);
        assert_eq!(disagree(&held, 1, challenged(Outcome::Publish), 0), None, "it waits in held");
    }

    #[test]
    fn what_a_former_challenger_brought_gives_way_unless_somebody_holds_it() {
        let now = Timestamp::from_micros(9);
        let head = submitted(Outcome::Publish);
        let event = disagree(&head, 1, challenged(Outcome::Hold), 0).expect("they disagree");
        let (site_id, comment_id) = (SiteId::new("s"), CommentId::new("c"));
        let sampled = Event::CommentSampled { site_id, comment_id, revision: 1, probability: 0.5 };
        let waiting = apply(Some(head), &action(3, Actor::System, vec![sampled, event])).expect("a comment");
        assert_eq!(give_way(&waiting, "m+h", now), None, "it is the one that still challenges");
        let mut held = waiting.clone();
        if let Some(item) = &mut held.review.item {
            let expires_at = Timestamp::from_micros(10);
            item.claim = Some(Claim { moderator_id: ModeratorId::new("m"), expires_at });
        }
        assert_eq!(give_way(&held, "m+other", now), None);
        let lapsed = give_way(&waiting, "m+other", now).expect("a former one");
        let head = apply(Some(waiting), &action(5, Actor::System, vec![lapsed])).expect("a comment");
        assert_eq!(
            head.review.item.as_ref().map(|item| item.queue),
            Some(Queue::Audit),
            "the lot drew it all the same"
        );
        assert_eq!((head.review.challenged.as_ref(), give_way(&head, "m+other", now)), (None, None));
    }

    #[test]
    fn what_a_moderator_ruled_on_is_settled() {
        let head = submitted(Outcome::Hold);
        let verdict = Verdict { approved: true, labels: Vec::new(), reason: String::new() };
        let decision = Decision { outcome: Outcome::Publish, ..head.current.decision.clone() };
        let place = || (head.current.comment.site_id.clone(), head.current.comment.comment_id.clone());
        let ((site_id, comment_id), decided) = (place(), place());
        let events = vec![
            Event::ItemSettled { site_id, comment_id, revision: 1, verdict, request_id: None },
            Event::CommentDecided { site_id: decided.0, comment_id: decided.1, revision: 1, decision },
        ];
        let by = Actor::Moderator(ModeratorId::new("m"));
        let head = apply(Some(head.clone()), &action(3, by, events)).expect("a comment");
        assert_eq!(disagree(&head, 1, challenged(Outcome::Reject), 0), None);
    }
}
