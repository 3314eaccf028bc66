//! Every step of every item, by queue: what was before an action and what is after it says which steps it brought.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{MOVES, State, keys};
use crate::domain::{
    Action, Actor, ModeratorId, SiteId,
    review::{Item, Queue},
    submit::CommentHead,
};
use crate::store::{
    Error,
    moves::{Move, Step},
    record,
};

impl State {
    /// Returns the first steps of a queue's items behind an event, and the number of the event up to which these are all.
    pub(in crate::store) fn moves(
        &self,
        site_id: &SiteId,
        queue: Queue,
        after_seq: u64,
        limit: usize,
    ) -> Result<(Vec<Move>, u64), Error> {
        let applied_seq = self.summary().applied_seq;
        let prefix = keys::moves(site_id, queue);
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
    pub(super) fn keep_moves(&mut self, before: Option<&CommentHead>, after: &CommentHead, action: &Action) {
        let comment = &after.current.comment;
        let of = Some((&comment.site_id, &comment.comment_id));
        let steps = steps(before, after);
        if steps.iter().all(Option::is_none) {
            return;
        }
        // Each event is about one comment, so no two comments share a number.
        let seq = (action.first_seq..).zip(&action.events).filter(|(_, event)| event.comment() == of).last();
        let seq = seq.map_or(action.first_seq, |(seq, _)| seq);
        for (queue, step) in steps.into_iter().flatten() {
            let one = Move {
                seq,
                at: action.at,
                by: match &action.actor {
                    Actor::Moderator(id) => Some(ModeratorId::new(id.as_str())),
                    Actor::Submitter | Actor::System => None,
                },
                comment_id: comment.comment_id.clone(),
                step,
                claim: after
                    .review
                    .item
                    .as_ref()
                    .filter(|item| item.queue == queue)
                    .and_then(|item| item.claim.clone()),
            };
            let key = keys::with_seq(keys::moves(&comment.site_id, queue), seq);
            let sealed = value::seal(&key, 80, |out| record::encode_move(&one, out));
            self.put(MOVES, key, None, Some(sealed));
        }
    }
}

/// Says what became of a comment's item, in the queue where it waited and in the one where it waits.
fn steps(before: Option<&CommentHead>, after: &CommentHead) -> [Option<(Queue, Step)>; 2] {
    let (from, to) = (before.and_then(|head| head.review.item.as_ref()), after.review.item.as_ref());
    match (from, to) {
        (Some(from), Some(to)) if from.queue == to.queue => {
            let is_same = before.is_some_and(|head| head.review.version == after.review.version) && from == to;
            [(!is_same).then(|| (to.queue, step(from, to))), None]
        }
        (from, to) => [from.map(|item| (item.queue, Step::Left)), to.map(|item| (item.queue, Step::Entered))],
    }
}

/// Says what became of an item that stayed where it was.
fn step(from: &Item, to: &Item) -> Step {
    match (&from.claim, &to.claim) {
        (one, other) if one == other => Step::Changed,
        (_, Some(_)) => Step::Claimed,
        (_, None) if to.skipped_by.len() > from.skipped_by.len() => Step::Skipped,
        (_, None) => Step::Released,
    }
}
