//! What one batch of writes decides: each request rests on the state and on what the requests before it brought.
//!
//! In come requests; out go answers, and the actions behind them, pushed to the journal and applied to an edit of the
//! state. Nothing is on disk yet: the writer commits both.

use super::journal::Journal;
use super::sled_engine::{edit::Edit, keys};
use super::writer::{Failure, Salts};
use super::{ClaimNext, Error, OnItem, Record, Recorded, Reviewed};
use crate::domain::{
    Action, Actor, Event, Timestamp,
    review::{self, Act, Command, Outcomes},
    submit::{self, CommentHead, Submission},
};

/// How many expired claims are cleared away at once; the next request clears further ones.
const EXPIRED_MAX: usize = 1024;

/// What can be asked to be written.
pub(super) enum Request {
    /// A comment with its decision.
    Record(Box<Record>),
    /// The next items of a queue.
    ClaimNext(Box<ClaimNext>),
    /// A moderator's command on one item.
    OnItem(Box<OnItem>),
    /// Whatever claims have ended by now are to be cleared away.
    Expire(Timestamp),
}

/// What was written, or why nothing needed to be.
pub(super) enum Answer {
    Recorded(Box<Recorded>),
    Claimed(Vec<CommentHead>),
    Reviewed(Box<Reviewed>),
    Expired,
}

/// An answer, and whether it rests on this batch, so that it holds only once the batch is on disk.
pub(super) struct Answered {
    pub(super) answer: Result<Answer, Error>,
    pub(super) pending: bool,
}

/// A batch in the making.
pub(super) struct Batch<'state, 'writer> {
    pub(super) edit: Edit<'state>,
    pub(super) journal: &'writer mut Journal,
    pub(super) salts: &'writer Salts,
}

impl Batch<'_, '_> {
    /// Decides one request.
    pub(super) fn answer(&mut self, request: Request) -> Result<Answered, Failure> {
        let before = self.journal.next_seq();
        let (answer, rests) = match request {
            Request::Record(record) => self.record(*record)?,
            Request::ClaimNext(claim) => (self.claim_next(&claim)?, true),
            Request::OnItem(on_item) => self.on_item(*on_item)?,
            Request::Expire(now) => (self.expire(now)?, false),
        };
        Ok(Answered { answer, pending: rests || self.journal.next_seq() > before })
    }

    fn record(&mut self, record: Record) -> Result<(Result<Answer, Error>, bool), Failure> {
        let Record { comment, decision, now } = record;
        let key = keys::comment(&comment.site_id, &comment.comment_id);
        let slot = self.edit.slot(&key).map_err(Failure::State)?;
        let pending = slot.pending;
        let recorded = |revision, repeated| Answer::Recorded(Box::new(Recorded { revision, repeated }));
        let answer = match (submit::submit(slot.head.as_ref(), comment, decision), &slot.head) {
            (Ok(Submission::New(events)), _) => {
                let head = self.act(Vec::from(*events), Actor::Submitter, now)?;
                head.map(|head| recorded(head.current, false))
            }
            (Ok(Submission::Repeated), Some(head)) => Ok(recorded(head.current.clone(), true)),
            (Ok(Submission::Repeated), None) => unreachable!("only what is there can be repeated"),
            (Err(submit::Refusal::OtherArticle { .. }), _) => Err(Error::OtherArticle),
        };
        Ok((answer, pending))
    }

    fn on_item(&mut self, on_item: OnItem) -> Result<(Result<Answer, Error>, bool), Failure> {
        let OnItem { site_id, comment_id, command } = on_item;
        let slot = self.edit.slot(&keys::comment(&site_id, &comment_id)).map_err(Failure::State)?;
        let pending = slot.pending;
        let Some(head) = &slot.head else { return Ok((Err(Error::NoComment), pending)) };
        let reviewed = |head, repeated| Answer::Reviewed(Box::new(Reviewed { head, repeated }));
        let answer = match review::rule_on(head, &command) {
            Ok(Outcomes::Events(events)) => {
                let head = self.act(events, Actor::Moderator(command.moderator_id), command.now)?;
                head.map(|head| reviewed(head, false))
            }
            Ok(Outcomes::Repeated) => Ok(reviewed(head.clone(), true)),
            Err(refusal) => Err(Error::Review(refusal)),
        };
        Ok((answer, pending))
    }

    fn claim_next(&mut self, claim: &ClaimNext) -> Result<Result<Answer, Error>, Failure> {
        if let Err(error) = self.expire(claim.now)? {
            return Ok(Err(error));
        }
        let prefix = keys::waiting(&claim.site_id, claim.queue, claim.order);
        let (mut claimed, mut bytes, mut after) = (Vec::new(), 0, None);
        while claimed.len() < claim.limit.max(1) {
            let next = self.edit.next_waiting(&prefix, claim.order, after.as_deref()).map_err(Failure::State)?;
            let Some((place, key)) = next else { break };
            after = Some(place);
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = &slot.head else { continue };
            let skipped = |moderators: &[_]| moderators.contains(&claim.moderator_id);
            if head.review.item.as_ref().is_none_or(|item| skipped(&item.skipped_by)) {
                continue;
            }
            bytes += head.current.weight();
            if bytes > claim.bytes_max && !claimed.is_empty() {
                break;
            }
            let command = Command {
                moderator_id: claim.moderator_id.clone(),
                request_id: None,
                act: Act::Claim { expires_at: claim.expires_at },
                now: claim.now,
            };
            // Whatever waits may be claimed.
            let Ok(Outcomes::Events(events)) = review::rule_on(head, &command) else { continue };
            match self.act(events, Actor::Moderator(command.moderator_id), claim.now)? {
                Ok(head) => claimed.push(head),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Answer::Claimed(claimed)))
    }

    /// Gives back what nobody holds any more.
    fn expire(&mut self, now: Timestamp) -> Result<Result<Answer, Error>, Failure> {
        for key in self.edit.expired(now, EXPIRED_MAX).map_err(Failure::State)? {
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = &slot.head else { continue };
            let item = head.review.item.as_ref();
            if item.is_none_or(|item| item.claim.is_none() || item.claim_at(now).is_some()) {
                continue;
            }
            let comment = &head.current.comment;
            let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
            let event = Event::ItemReleased { site_id, comment_id, skipped: false, request_id: None };
            if let Err(error) = self.act(vec![event], Actor::System, now)? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(Answer::Expired))
    }

    /// Makes events happen, all about one comment; returns that comment's head.
    fn act(&mut self, events: Vec<Event>, actor: Actor, at: Timestamp) -> Result<Result<CommentHead, Error>, Failure> {
        let first_seq = self.journal.next_seq();
        let action = Action { first_seq, at, actor, events };
        match self.journal.push(&action, self.salts.of(first_seq)) {
            Ok(hash) => {
                let head = self.edit.apply(&action, hash).map_err(Failure::State)?;
                Ok(head.cloned().ok_or(Error::Closed))
            }
            Err(error) => Ok(Err(error)),
        }
    }
}
