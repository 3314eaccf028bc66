//! What each moderator has passed over in a queue: where their next walk along it begins.
//!
//! A moderator who skips items never gets them again, so without a note each of their claims would step over all of
//! them. The note says up to which place nothing is left for them, and which places before it have been filled since. It
//! is kept in memory alone: after a start, each moderator's first claim walks from the front once.

use crate::domain::{ModeratorId, review::Order};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// How many notes are kept; beyond, the one that was not used for longest goes.
const NOTES_MAX: usize = 1024;
/// How many places that were filled since one note keeps; beyond, the note goes.
const BACK_MAX: usize = 4096;

/// One moderator's note about one order of a queue.
#[derive(Debug, Default)]
pub(super) struct Note {
    /// Up to this place there is nothing for the moderator but what is in `back`.
    pub(super) up_to: Vec<u8>,
    /// Places before it that have been filled since.
    pub(super) back: BTreeSet<Vec<u8>>,
    used: u64,
}

/// All notes. Those of one order of a queue stand together, found by what its keys begin with.
#[derive(Debug, Default)]
pub(super) struct Passed {
    queues: BTreeMap<Vec<u8>, BTreeMap<(bool, ModeratorId), Note>>,
    notes: usize,
    uses: u64,
}

/// Returns whether an order is read from its end.
pub(super) fn backwards(order: Order) -> bool {
    order == Order::Newest
}

impl Passed {
    /// Takes a note out, to be put back with [`Passed::put`].
    pub(super) fn take(&mut self, prefix: &[u8], order: Order, moderator_id: &ModeratorId) -> Option<Note> {
        let queue = self.queues.get_mut(prefix)?;
        let note = queue.remove(&(backwards(order), moderator_id.clone()));
        if queue.is_empty() {
            self.queues.remove(prefix);
        }
        self.notes -= usize::from(note.is_some());
        note
    }

    /// Keeps a note.
    pub(super) fn put(&mut self, prefix: Vec<u8>, order: Order, moderator_id: ModeratorId, note: Note) {
        if note.back.len() > BACK_MAX {
            return;
        }
        if self.notes >= NOTES_MAX {
            self.drop_oldest();
        }
        self.uses += 1;
        let note = Note { used: self.uses, ..note };
        let before = self.queues.entry(prefix).or_default().insert((backwards(order), moderator_id), note);
        self.notes += usize::from(before.is_none());
    }

    /// Notes that a place was filled.
    pub(super) fn filled(&mut self, place: &[u8]) {
        let before = (Bound::Unbounded, Bound::Included(place));
        // No prefix is the beginning of another one, so that a place's own is the last one before it.
        let Some((prefix, queue)) = self.queues.range_mut::<[u8], _>(before).next_back() else { return };
        if !place.starts_with(prefix) {
            return;
        }
        let before = queue.len();
        queue.retain(|(backwards, _), note| {
            let passed = if *backwards { *place >= *note.up_to } else { *place <= *note.up_to };
            if passed {
                note.back.insert(place.to_vec());
            }
            note.back.len() <= BACK_MAX
        });
        self.notes -= before - queue.len();
    }

    /// Forgets everything: the places that it speaks of are not what they seemed.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn drop_oldest(&mut self) {
        let all = self.queues.iter().flat_map(|(prefix, queue)| queue.iter().map(move |(of, note)| (prefix, of, note)));
        let oldest = all.min_by_key(|(.., note)| note.used).map(|(prefix, of, _)| (prefix.clone(), of.clone()));
        if let Some((prefix, of)) = oldest
            && let Some(queue) = self.queues.get_mut(&prefix)
        {
            self.notes -= usize::from(queue.remove(&of).is_some());
            if queue.is_empty() {
                self.queues.remove(&prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(up_to: &[u8]) -> Note {
        Note { up_to: up_to.to_vec(), ..Note::default() }
    }

    #[test]
    fn a_place_that_is_filled_comes_back_to_those_who_passed_it_alone() {
        let mut passed = Passed::default();
        let [one, other] = ["m1", "m2"].map(ModeratorId::new);
        passed.put(b"q".to_vec(), Order::Oldest, one.clone(), note(b"q5"));
        passed.put(b"q".to_vec(), Order::Newest, one.clone(), note(b"q5"));
        passed.put(b"q".to_vec(), Order::Oldest, other.clone(), note(b"q2"));
        passed.put(b"r".to_vec(), Order::Oldest, other.clone(), note(b"r9"));
        passed.filled(b"q3");
        let back = |note: Option<Note>| note.map(|note| note.back.into_iter().collect::<Vec<_>>());
        assert_eq!(back(passed.take(b"q", Order::Oldest, &one)), Some(vec![b"q3".to_vec()]));
        assert_eq!(back(passed.take(b"q", Order::Newest, &one)), Some(vec![]));
        assert_eq!(back(passed.take(b"q", Order::Oldest, &other)), Some(vec![]));
        assert_eq!(back(passed.take(b"r", Order::Oldest, &other)), Some(vec![]));
        assert_eq!((passed.notes, passed.queues.len()), (0, 0));
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let mut passed = Passed::default();
        let moderator = |number: usize| ModeratorId::new(format!("m{number}"));
        for number in 0..=NOTES_MAX {
            passed.put(b"q".to_vec(), Order::Oldest, moderator(number), note(b"q9"));
        }
        assert_eq!(passed.notes, NOTES_MAX);
        assert!(passed.take(b"q", Order::Oldest, &moderator(0)).is_none(), "the oldest went");
        for place in 0..=BACK_MAX {
            assert_eq!(passed.notes, NOTES_MAX, "{place}");
            passed.filled(format!("q1{place:06}").as_bytes());
        }
        assert_eq!(passed.notes, 0);
    }
}
