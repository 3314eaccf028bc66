//! What a simulation counts.

use super::budget::Proposed;
use super::waiting::Waiting;
use crate::domain::{Comment, CommentId, Decision, Outcome, Reason, Timestamp};
use crate::moderation::ANSWER_BYTES_MAX;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Days that are told.
const DAYS_MAX: usize = 366;
/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;
/// About what the examples of one kind of change take in an answer at most; there are six kinds.
const EXAMPLES_BYTES_MAX: usize = ANSWER_BYTES_MAX / 6;
/// What an example, a reason and a span take at most beside their texts.
const EXAMPLE_BYTES: usize = 64;
const REASON_BYTES: usize = 128;
const SPAN_BYTES: usize = 24;

/// How many comments came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Readers saw them at once.
    pub published: u64,
    /// They waited for a person.
    pub held: u64,
    /// They were rejected at once.
    pub rejected: u64,
}

/// What came in for moderators on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The beginning of the day in UTC.
    pub begin: Timestamp,
    /// Comments that were held.
    pub held_before: u64,
    /// Comments that would have been held.
    pub held_after: u64,
    /// Held comments that waited at the end of the day.
    pub waiting_before: u64,
    /// Held comments that would have waited.
    pub waiting_after: u64,
}

/// How decisions compare with the verdicts that moderators gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// Published and approved, or rejected and rejected.
    pub agreed: u64,
    /// Published though it was rejected, or rejected though it was approved.
    pub contradicted: u64,
    /// Held, so that a person decided.
    pub held: u64,
}

impl Agreement {
    /// Takes in what was decided, and whether a moderator approved the comment.
    pub(in crate::moderation) fn add(&mut self, outcome: Outcome, approved: bool) {
        match outcome {
            Outcome::Hold => self.held += 1,
            outcome if (outcome == Outcome::Publish) == approved => self.agreed += 1,
            _ => self.contradicted += 1,
        }
    }
}

/// A comment that would have come to something else.
#[derive(Debug, Clone)]
pub struct Example {
    /// The comment.
    pub comment: Comment,
    /// Why.
    pub reasons: Vec<Reason>,
}

impl Example {
    /// Returns about how many bytes the example takes in an answer; never less than it does.
    fn weight(&self) -> usize {
        let Comment { comment_id, article_id, text, .. } = &self.comment;
        let reason = |reason: &Reason| {
            let name = reason.name.as_ref().map_or(0, |name| name.len());
            REASON_BYTES + name + SPAN_BYTES * reason.spans.len()
        };
        let reasons: usize = self.reasons.iter().map(reason).sum();
        EXAMPLE_BYTES + comment_id.as_str().len() + article_id.as_str().len() + text.len() + reasons
    }
}

/// Comments that would have come to something else.
#[derive(Debug, Clone)]
pub struct Change {
    /// What was decided.
    pub from: Outcome,
    /// What would have been.
    pub to: Outcome,
    /// How many.
    pub comments: u64,
    /// The newest of them, oldest first; so many as there is room for in an answer.
    pub examples: VecDeque<Example>,
}

/// What a simulation found.
#[derive(Debug, Clone, Default)]
pub struct Simulation {
    /// How many comments and edits were decided on.
    pub comments: u64,
    /// What was decided on them.
    pub before: Counts,
    /// What would have been.
    pub after: Counts,
    /// By day, oldest first.
    pub days: Vec<Day>,
    /// How what was decided compares with verdicts.
    pub verdicts_before: Agreement,
    /// How what would have been decided compares with them.
    pub verdicts_after: Agreement,
    /// Every kind of change, the most frequent first.
    pub changes: Vec<Change>,
    /// Thresholds that fit a budget, where one was given.
    pub proposed: Option<Proposed>,
}

/// Counts while comments go by.
#[derive(Debug, Default)]
pub(super) struct Tally {
    examples_max: usize,
    found: Simulation,
    days: BTreeMap<i64, (u64, u64)>,
    /// What each comment's newest text came to, before and after, and what moderators said of it, the last of which holds.
    latest: HashMap<CommentId, (Outcome, Outcome, Vec<bool>)>,
    waiting: Waiting,
    span: Option<(Timestamp, Timestamp)>,
}

impl Tally {
    pub(super) fn new(examples_max: usize) -> Self {
        Self { examples_max, ..Self::default() }
    }

    pub(super) fn add(&mut self, at: Timestamp, comment: Comment, before: Outcome, ruled: Decision) {
        let after = ruled.outcome;
        self.found.comments += 1;
        for (counts, outcome) in [(&mut self.found.before, before), (&mut self.found.after, after)] {
            match outcome {
                Outcome::Publish => counts.published += 1,
                Outcome::Hold => counts.held += 1,
                Outcome::Reject => counts.rejected += 1,
            }
        }
        let (begin, _) = self.span.unwrap_or((at, at));
        self.span = Some((begin, at));
        let day = self.days.entry(at.as_micros().div_euclid(DAY)).or_default();
        day.0 += u64::from(before == Outcome::Hold);
        day.1 += u64::from(after == Outcome::Hold);
        if self.days.len() > DAYS_MAX {
            self.days.pop_first();
        }
        self.latest.insert(comment.comment_id.clone(), (before, after, Vec::new()));
        self.waiting.decided(&comment.comment_id, at, before == Outcome::Hold, after == Outcome::Hold);
        if before != after {
            self.note(before, after, Example { comment, reasons: ruled.reasons });
        }
    }

    fn note(&mut self, from: Outcome, to: Outcome, example: Example) {
        let changes = &mut self.found.changes;
        let at = changes.iter().position(|change| (change.from, change.to) == (from, to)).unwrap_or_else(|| {
            changes.push(Change { from, to, comments: 0, examples: VecDeque::new() });
            changes.len() - 1
        });
        let change = &mut changes[at];
        change.comments += 1;
        change.examples.push_back(example);
        let mut bytes: usize = change.examples.iter().map(Example::weight).sum();
        while change.examples.len() > self.examples_max || bytes > EXAMPLES_BYTES_MAX {
            bytes -= change.examples.pop_front().map_or(bytes, |oldest| oldest.weight());
        }
    }

    pub(super) fn settled(&mut self, comment_id: &CommentId, approved: bool, at: Timestamp) {
        self.waiting.settled(comment_id, at);
        if let Some((_, _, verdicts)) = self.latest.get_mut(comment_id) {
            verdicts.push(approved);
        }
    }

    pub(super) fn erased(&mut self, comment_id: &CommentId, at: Timestamp) {
        self.waiting.gone(comment_id, at);
    }

    pub(super) fn undone(&mut self, comment_id: &CommentId, at: Timestamp) {
        self.waiting.undone(comment_id, at);
        if let Some((_, _, verdicts)) = self.latest.get_mut(comment_id) {
            // The one before it holds again.
            verdicts.pop();
        }
    }

    /// Returns how many days the comments span, from 1.
    pub(super) fn days(&self) -> f64 {
        let (begin, end) = self.span.unwrap_or((Timestamp::from_micros(0), Timestamp::from_micros(0)));
        ((end.as_micros() - begin.as_micros()) as f64 / DAY as f64).max(1.0)
    }

    pub(super) fn finish(mut self, proposed: Option<Proposed>) -> Simulation {
        for (before, after, approved) in
            self.latest.values().filter_map(|(b, a, verdicts)| Some((b, a, *verdicts.last()?)))
        {
            self.found.verdicts_before.add(*before, approved);
            self.found.verdicts_after.add(*after, approved);
        }
        let waiting = self.waiting.at_the_end_of(self.days.keys().copied());
        let day = |((day, (held_before, held_after)), (waiting_before, waiting_after))| Day {
            begin: Timestamp::from_micros(day * DAY),
            held_before,
            held_after,
            waiting_before,
            waiting_after,
        };
        self.found.days = self.days.into_iter().zip(waiting).map(day).collect();
        self.found.changes.sort_by_key(|change| std::cmp::Reverse(change.comments));
        self.found.proposed = proposed;
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ArticleId, Author, SiteId};
    use crate::store::conformance;

    #[test]
    fn examples_are_the_newest_and_fit_in_an_answer() {
        let comment = |number: usize| Comment {
            site_id: SiteId::new("s"),
            article_id: ArticleId::new("a"),
            comment_id: CommentId::new(format!("c{number}")),
            parent_id: None,
            author: Author { author_id: None, name: "Ann".into() },
            text: "x".repeat(20_480),
            submitted_at: Timestamp::from_micros(0),
        };
        for (max, expected) in [(50, 25), (3, 3), (0, 0)] {
            let mut tally = Tally::new(max);
            for number in 0..50 {
                tally.add(
                    Timestamp::from_micros(0),
                    comment(number),
                    Outcome::Publish,
                    conformance::decision(Outcome::Hold),
                );
            }
            let change = tally.finish(None).changes.remove(0);
            let ids: Vec<String> = change.examples.iter().map(|one| one.comment.comment_id.as_str().into()).collect();
            assert_eq!((change.comments, ids.len()), (50, expected));
            assert_eq!(ids, (50 - expected..50).map(|number| format!("c{number}")).collect::<Vec<_>>());
            assert!(change.examples.iter().map(Example::weight).sum::<usize>() <= EXAMPLES_BYTES_MAX);
        }
    }

    #[test]
    fn a_verdict_that_is_taken_back_leaves_the_one_before_it() {
        let mut tally = Tally::new(0);
        let comment = conformance::comment("c", "a", None, "text");
        let comment_id = comment.comment_id.clone();
        tally.add(Timestamp::from_micros(0), comment, Outcome::Reject, conformance::decision(Outcome::Publish));
        tally.settled(&comment_id, false, Timestamp::from_micros(1));
        tally.settled(&comment_id, true, Timestamp::from_micros(2));
        tally.undone(&comment_id, Timestamp::from_micros(3));
        let found = tally.finish(None);
        assert_eq!((found.verdicts_before.agreed, found.verdicts_after.contradicted), (1, 1));
    }
}
