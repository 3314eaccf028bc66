//! Every step of every item, by queue: what was before an action and what is after it says which steps it brought.

use super::edit::{Edit, items::Shift};
use super::value::{self, damaged, unseal};
use super::{MOVES, State, keys};
use crate::domain::{Action, Actor, ModeratorId, QueueId, SiteId, submit::CommentHead};
use crate::store::{
    Error,
    moves::{Move, Step},
    record,
};
use std::ops::Bound;

/// How many steps go when one comes: more than one, so that a queue lets go of what it has too many of.
const GONE_AT_ONCE: usize = 2;

impl State {
    /// Returns whether all steps behind an event are still kept.
    pub(in crate::store) fn has_steps(&self, after_seq: u64) -> bool {
        after_seq >= self.summary().applied_seq.saturating_sub(self.steps_kept)
    }

    /// Returns the first steps of a queue's items behind an event, and the number of the event up to which these are all.
    pub(in crate::store) fn moves(
        &self,
        site_id: &SiteId,
        queue: &QueueId,
        after_seq: u64,
        limit: usize,
    ) -> Result<(Vec<Move>, u64), Error> {
        let applied_seq = self.summary().applied_seq;
        let prefix = keys::moves(site_id, queue.name());
        let from = keys::with_seq(prefix.clone(), after_seq.saturating_add(1));
        let to = keys::with_seq(prefix, applied_seq);
        if from > to {
            return Ok((Vec::new(), applied_seq));
        }
        let read = |entry: Result<(sled::IVec, sled::IVec), sled::Error>| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            record::decode_move(unseal(&key, &value)?).map_err(|_| damaged("a step of an item cannot be read"))
        };
        let moves: Vec<Move> = self.tree.range(from..=to).take(limit).map(read).collect::<Result<_, Error>>()?;
        let through_seq =
            if moves.len() == limit { moves.last().map_or(applied_seq, |last| last.seq) } else { applied_seq };
        Ok((moves, through_seq))
    }
}

impl Edit<'_> {
    /// Keeps the steps that an action brought for one comment.
    pub(super) fn keep_moves(
        &mut self,
        before: Option<&CommentHead>,
        after: &CommentHead,
        action: &Action,
    ) -> Result<(), Error> {
        let comment = &after.current.comment;
        let of = Some((&comment.site_id, &comment.comment_id));
        let is_same_version = before.is_some_and(|head| head.review.version == after.review.version);
        let shifts = self.shifts(before, after)?;
        let steps =
            shifts.into_iter().filter_map(|(queue, shift)| Some((queue, step(shift, is_same_version)?, shift.1)));
        // Each event is about one comment, so no two comments share a number.
        let seq = (action.first_seq..).zip(&action.events).filter(|(_, event)| event.comment() == of).last();
        let seq = seq.map_or(action.first_seq, |(seq, _)| seq);
        for (queue, step, item) in steps {
            let one = Move {
                seq,
                at: action.at,
                by: match &action.actor {
                    Actor::Moderator(id) => Some(ModeratorId::new(id.as_str())),
                    Actor::Submitter | Actor::System => None,
                },
                comment_id: Some(comment.comment_id.clone()),
                step,
                claim: item.and_then(|item| item.claim.clone()),
            };
            self.keep_move(&comment.site_id, queue.name(), &one)?;
        }
        Ok(())
    }

    /// Keeps one step, and lets go of some that are too old for anybody to ask for.
    pub(super) fn keep_move(&mut self, site_id: &SiteId, queue: &str, one: &Move) -> Result<(), Error> {
        let prefix = keys::moves(site_id, queue);
        let key = keys::with_seq(prefix.clone(), one.seq);
        let sealed = value::seal(&key, 80, |out| record::encode_move(one, out));
        self.put(MOVES, key, None, Some(sealed));
        let Some(gone_seq) = one.seq.checked_sub(self.state.steps_kept) else { return Ok(()) };
        let gone = self.moves_gone.get(&prefix);
        let begin = gone.map_or_else(|| Bound::Included(prefix.clone()), |last| Bound::Excluded(last.clone()));
        let range = (begin, Bound::Excluded(keys::with_seq(prefix.clone(), gone_seq)));
        let state = self.state;
        for entry in state.tree.range(range).take(GONE_AT_ONCE) {
            let (key, value) = entry.map_err(|error| state.error(error))?;
            unseal(&key, &value)?;
            self.put(MOVES, key.to_vec(), Some(&value), None);
            self.moves_gone.insert(prefix.clone(), key.to_vec());
        }
        Ok(())
    }
}

/// Says what became of an item in one queue; nothing where it is as it was.
fn step((from, to): Shift<'_>, is_same_version: bool) -> Option<Step> {
    Some(match (from, to) {
        (None, None) => return None,
        (Some(from), Some(to)) if from == to && is_same_version => return None,
        (Some(_), None) => Step::Left,
        (None, Some(_)) => Step::Entered,
        (Some(from), Some(to)) => match (&from.claim, &to.claim) {
            (one, other) if one == other => Step::Changed,
            (_, Some(_)) => Step::Claimed,
            (_, None) if to.skipped_by.len() > from.skipped_by.len() => Step::Skipped,
            (_, None) => Step::Released,
        },
    })
}
