//! The walk along a queue to what one moderator may claim. It costs what it hands out: what the edit itself has taken, and
//! what the moderator has skipped, is stepped over once.

use super::Edit;
use crate::domain::{ModeratorId, review::Order, submit::CommentHead};
use crate::store::{
    Error,
    sled_engine::{
        WAITING,
        passed::{Note, backwards},
        queues::{Placed, beyond},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::PoisonError,
};

/// What an edit changes among the items that nobody holds.
#[derive(Default)]
pub(super) struct Waiting {
    /// Places that are not as they were: the committed entries there count for nothing.
    changed: HashSet<Vec<u8>>,
    /// Places that the edit has filled, with the comments that stand there.
    filled: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Up to where the edit has taken everything that was there, by order; from the front on.
    taken: HashMap<(Vec<u8>, bool), Vec<u8>>,
    /// Places that are as they were, but may be for somebody else than before.
    changed_hands: Vec<Vec<u8>>,
    /// How many committed places were looked at.
    pub(super) steps: u64,
}

impl Waiting {
    pub(super) fn leave(&mut self, place: &[u8]) {
        self.filled.remove(place);
        self.changed.insert(place.to_vec());
    }

    pub(super) fn fill(&mut self, place: &[u8], comment_key: &[u8]) {
        self.changed.insert(place.to_vec());
        self.filled.insert(place.to_vec(), comment_key.to_vec());
    }

    /// Notes that the item at a place may be for somebody who was to pass it.
    pub(super) fn change_hands(&mut self, place: Vec<u8>) {
        self.changed_hands.push(place);
    }

    /// Lists the places that walks must come back to.
    pub(super) fn filled(&self) -> impl Iterator<Item = &[u8]> {
        self.filled.keys().chain(&self.changed_hands).map(Vec::as_slice)
    }
}

/// One moderator's walk along one order of the items that nobody holds.
pub(in crate::store) struct Walk {
    prefix: Vec<u8>,
    order: Order,
    moderator_id: ModeratorId,
    note: Option<Note>,
    /// Committed places up to here were looked at.
    at: Option<Vec<u8>>,
    /// Up to here there is nothing for the moderator any more.
    passed: Option<Vec<u8>>,
    /// Whether everything up to there was taken by this edit, from the front on.
    all_taken: bool,
    /// Whether the moderator has skipped something that was stepped over.
    skipped: bool,
    /// The place that was handed out last.
    given: Option<Vec<u8>>,
    /// Places that were handed out and not taken.
    left: BTreeSet<Vec<u8>>,
}

impl Walk {
    fn is_before(&self, one: &[u8], other: &[u8]) -> bool {
        if backwards(self.order) { one > other } else { one < other }
    }
}

impl Edit<'_> {
    /// Begins a walk, which [`Edit::end_walk`] ends.
    pub(in crate::store) fn walk(&self, prefix: Vec<u8>, order: Order, moderator_id: &ModeratorId) -> Walk {
        debug_assert_eq!(prefix.first(), Some(&WAITING));
        let mut passed = self.state.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let note = passed.take(&prefix, order, moderator_id);
        let taken = self.waiting.taken.get(&(prefix.clone(), backwards(order))).cloned();
        let up_to = note.as_ref().map(|note| note.up_to.clone());
        let mut walk = Walk {
            prefix,
            order,
            moderator_id: moderator_id.clone(),
            note,
            at: None,
            passed: None,
            all_taken: true,
            skipped: false,
            given: None,
            left: BTreeSet::new(),
        };
        walk.at = match (up_to, taken) {
            (Some(up_to), Some(taken)) if walk.is_before(&taken, &up_to) => {
                walk.all_taken = false;
                Some(up_to)
            }
            (Some(up_to), None) => {
                walk.all_taken = false;
                Some(up_to)
            }
            (_, taken) => taken,
        };
        walk
    }

    /// Returns the key of the next comment that the moderator has not skipped, this edit's own changes considered.
    pub(in crate::store) fn next_on(&mut self, walk: &mut Walk) -> Result<Option<Vec<u8>>, Error> {
        walk.left.extend(walk.given.take().filter(|given| !self.waiting.changed.contains(given)));
        let found = [self.next_own(walk)?, self.next_back(walk)?, self.next_committed(walk)?];
        let first =
            found.into_iter().flatten().reduce(|one, other| if walk.is_before(&one.0, &other.0) { one } else { other });
        Ok(first.map(|(place, comment)| {
            walk.given = Some(place);
            comment
        }))
    }

    /// Notes how far a walk came.
    pub(in crate::store) fn end_walk(&mut self, walk: Walk) {
        let Walk { prefix, order, moderator_id, note, passed, all_taken, skipped, .. } = walk;
        if let Some(passed) = passed.clone().filter(|_| all_taken) {
            self.waiting.taken.insert((prefix.clone(), backwards(order)), passed);
        }
        if note.is_some() || skipped {
            let mut note = note.unwrap_or_default();
            if let Some(passed) = passed {
                note.up_to = passed;
            }
            let mut notes = self.state.passed.lock().unwrap_or_else(PoisonError::into_inner);
            notes.put(prefix, order, moderator_id, note);
        }
    }

    /// Returns how many committed places walks have looked at.
    pub(in crate::store) fn steps(&self) -> u64 {
        self.waiting.steps
    }

    /// Returns whether an item is not for this moderator: they have skipped it, or it is an appeal of their own verdict.
    fn is_skipped(&mut self, comment_key: &[u8], moderator_id: &ModeratorId) -> Result<bool, Error> {
        let Some(CommentHead { review, .. }) = &self.slot(comment_key)?.head else { return Ok(true) };
        let is_barred = review.appeal.as_ref().is_some_and(|appeal| appeal.bars(moderator_id));
        Ok(is_barred || review.item.as_ref().is_none_or(|item| item.skipped_by.contains(moderator_id)))
    }

    /// Finds the next place that this edit has filled.
    fn next_own(&mut self, walk: &Walk) -> Result<Option<Placed>, Error> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let mut own = self.waiting.filled.range(beyond(&walk.prefix, walk.order, after.as_deref()));
            let next = if backwards(walk.order) { own.next_back() } else { own.next() };
            let Some((place, comment)) = next.map(|(place, comment)| (place.clone(), comment.clone())) else {
                return Ok(None);
            };
            if !walk.left.contains(&place) && !self.is_skipped(&comment, &walk.moderator_id)? {
                return Ok(Some((place, comment)));
            }
            after = Some(place);
        }
    }

    /// Finds the next place that was filled after the moderator had passed it.
    fn next_back(&mut self, walk: &mut Walk) -> Result<Option<Placed>, Error> {
        let Some(mut note) = walk.note.take() else { return Ok(None) };
        let (mut found, mut gone) = (None, Vec::new());
        let places: Box<dyn Iterator<Item = &Vec<u8>>> =
            if backwards(walk.order) { Box::new(note.back.iter().rev()) } else { Box::new(note.back.iter()) };
        for place in places.filter(|place| !walk.left.contains(*place)) {
            self.waiting.steps += 1;
            let changed = self.waiting.changed.contains(place);
            let comment = if changed { None } else { self.state.place(place)? };
            match comment {
                Some(comment) if !self.is_skipped(&comment, &walk.moderator_id)? => {
                    found = Some((place.clone(), comment));
                    break;
                }
                _ => gone.push(place.clone()),
            }
        }
        for place in gone {
            note.back.remove(&place);
        }
        walk.note = Some(note);
        Ok(found)
    }

    /// Finds the next place that was filled before this edit.
    fn next_committed(&mut self, walk: &mut Walk) -> Result<Option<Placed>, Error> {
        let state = self.state;
        for entry in state.places(beyond(&walk.prefix, walk.order, walk.at.as_deref()), walk.order) {
            let (place, comment) = entry?;
            self.waiting.steps += 1;
            if walk.left.contains(&place) {
                walk.at = Some(place);
                continue;
            }
            if !self.waiting.changed.contains(&place) {
                if !self.is_skipped(&comment, &walk.moderator_id)? {
                    return Ok(Some((place, comment)));
                }
                walk.skipped = true;
                walk.all_taken = false;
            }
            if walk.left.is_empty() {
                walk.passed = Some(place.clone());
            }
            walk.at = Some(place);
        }
        Ok(None)
    }
}
