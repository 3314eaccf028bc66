//! How many held comments wait for a moderator at the end of each day.
//!
//! What was held in fact leaves at its verdict, and waits on where there was none, whatever holds it. What only the
//! simulated policy holds has had no verdict for it: it is taken to wait as long as the median of those that had one, and
//! to wait on where none had. An edit ends the waiting of the text before it; erasing ends it too.

use super::tally::DAY;
use crate::domain::{CommentId, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// A text that waits, from when until when.
#[derive(Debug, Clone, Copy)]
struct Stay {
    from: Timestamp,
    until: Option<Timestamp>,
    /// Whether it was held.
    before: bool,
    /// Whether it would have been.
    after: bool,
}

/// Texts that wait, as they come and go.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    stays: Vec<Stay>,
    /// Of each comment, the latest of them.
    latest: HashMap<CommentId, usize>,
    /// How many microseconds each verdict took.
    took: Vec<i64>,
}

impl Waiting {
    /// Takes in a text that was decided on, and whether it was held, and would have been.
    pub(super) fn decided(&mut self, comment_id: &CommentId, at: Timestamp, before: bool, after: bool) {
        self.gone(comment_id, at);
        if before || after {
            self.enters(comment_id, Stay { from: at, until: None, before, after });
        } else {
            self.latest.remove(comment_id);
        }
    }

    /// Ends the waiting of what was held, by a verdict.
    pub(super) fn settled(&mut self, comment_id: &CommentId, at: Timestamp) {
        let Some(stay) = self.latest.get(comment_id).and_then(|place| self.stays.get_mut(*place)) else { return };
        if stay.before && stay.until.is_none() {
            stay.until = Some(at);
            self.took.push(at.as_micros() - stay.from.as_micros());
        }
    }

    /// Has it wait again, since the verdict was taken back.
    pub(super) fn undone(&mut self, comment_id: &CommentId, at: Timestamp) {
        let stay = self.latest.get(comment_id).and_then(|place| self.stays.get(*place)).copied();
        if let Some(stay) = stay.filter(|stay| stay.before && stay.until.is_some()) {
            self.enters(comment_id, Stay { from: at, until: None, ..stay });
        }
    }

    /// Ends the waiting, since the text is no longer there.
    pub(super) fn gone(&mut self, comment_id: &CommentId, at: Timestamp) {
        if let Some(stay) = self.latest.get(comment_id).and_then(|place| self.stays.get_mut(*place)) {
            stay.until.get_or_insert(at);
        }
    }

    /// Returns how many wait at the end of each day, and how many would; days are numbered from 1970-01-01 in UTC.
    pub(super) fn at_the_end_of(mut self, days: impl Iterator<Item = i64>) -> Vec<(u64, u64)> {
        self.took.sort_unstable();
        let median = self.took.get(self.took.len() / 2).copied();
        let mut changes = BTreeMap::<i64, (i64, i64)>::new();
        let mut count = |at: i64, before: i64, after: i64| {
            let change = changes.entry(at.div_euclid(DAY)).or_default();
            *change = (change.0 + before, change.1 + after);
        };
        for Stay { from, until, before, after } in self.stays {
            let (from, until) = (from.as_micros(), until.map(Timestamp::as_micros));
            let taken = median.filter(|_| !before).map(|median| from.saturating_add(median));
            let after_until = until.into_iter().chain(taken).min();
            count(from, i64::from(before), i64::from(after));
            if let Some(until) = until {
                count(until, -i64::from(before), 0);
            }
            if let Some(until) = after_until {
                count(until, 0, -i64::from(after));
            }
        }
        let mut changes = changes.into_iter().peekable();
        let mut waiting = (0_i64, 0_i64);
        let at_the_end = days.map(|day| {
            while let Some((_, (before, after))) = changes.next_if(|(at, _)| *at <= day) {
                waiting = (waiting.0 + before, waiting.1 + after);
            }
            (waiting.0.unsigned_abs(), waiting.1.unsigned_abs())
        });
        at_the_end.collect()
    }

    fn enters(&mut self, comment_id: &CommentId, stay: Stay) {
        self.latest.insert(comment_id.clone(), self.stays.len());
        self.stays.push(stay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a comment, at how many hours.
    enum Step {
        Decided(&'static str, i64, bool, bool),
        Settled(&'static str, i64),
        Undone(&'static str, i64),
        Gone(&'static str, i64),
    }
    use Step::{Decided, Gone, Settled, Undone};

    fn check(steps: &[Step], expected: &[(u64, u64)]) {
        let hour = |hour: i64| Timestamp::from_micros(hour * DAY / 24);
        let mut waiting = Waiting::default();
        for step in steps {
            match *step {
                Decided(id, at, before, after) => waiting.decided(&CommentId::new(id), hour(at), before, after),
                Settled(id, at) => waiting.settled(&CommentId::new(id), hour(at)),
                Undone(id, at) => waiting.undone(&CommentId::new(id), hour(at)),
                Gone(id, at) => waiting.gone(&CommentId::new(id), hour(at)),
            }
        }
        assert_eq!(waiting.at_the_end_of(0..3), expected);
    }

    #[test]
    fn what_was_held_waits_until_its_verdict_and_on_where_there_is_none() {
        check(&[Decided("a", 1, true, true)], &[(1, 1), (1, 1), (1, 1)]);
        check(&[Decided("a", 1, true, true), Settled("a", 23)], &[(0, 0), (0, 0), (0, 0)]);
        check(&[Decided("a", 1, true, false), Settled("a", 30)], &[(1, 0), (0, 0), (0, 0)]);
        check(&[Decided("a", 30, true, true), Gone("a", 50)], &[(0, 0), (1, 1), (0, 0)]);
        check(&[Decided("a", 1, false, false), Settled("a", 2), Undone("a", 3)], &[(0, 0), (0, 0), (0, 0)]);
    }

    #[test]
    fn a_verdict_that_is_taken_back_has_it_wait_again() {
        let steps = [Decided("a", 1, true, true), Settled("a", 2), Undone("a", 30), Settled("a", 50)];
        check(&steps, &[(0, 0), (1, 1), (0, 0)]);
    }

    #[test]
    fn an_edit_takes_the_place_of_the_text_before_it() {
        check(&[Decided("a", 1, true, true), Decided("a", 30, false, true)], &[(1, 1), (0, 1), (0, 1)]);
        check(&[Decided("a", 1, true, true), Decided("a", 30, false, false)], &[(1, 1), (0, 0), (0, 0)]);
        check(&[Decided("a", 1, false, true), Decided("a", 2, false, true)], &[(0, 1), (0, 1), (0, 1)]);
    }

    #[test]
    fn what_only_the_policy_holds_waits_as_long_as_the_median_verdict_took() {
        // Verdicts took 2, 20 and 40 hours.
        let verdicts = [
            Decided("a", 0, true, false),
            Decided("b", 0, true, false),
            Decided("c", 0, true, false),
            Settled("a", 2),
            Settled("b", 20),
            Settled("c", 40),
        ];
        let steps = verdicts.into_iter().chain([Decided("d", 3, false, true), Decided("e", 5, false, true)]);
        // One of them until hour 23, the other one until hour 25; a verdict on what was published changes nothing.
        check(&steps.chain([Settled("e", 6)]).collect::<Vec<_>>(), &[(1, 1), (0, 0), (0, 0)]);
    }
}
