//! Readers' reports: how much each counts, and what becomes of it.
//!
//! A report adds its weight to the comment's. Where the sum reaches [`OPENS_AT`], the comment waits in `reported`, with a
//! risk that grows with the sum. A verdict settles all open reports: they are upheld where the comment is rejected, and
//! refused where it is approved. Once a moderator has approved a text, for whatever it waited, further reports on it are
//! silenced until it is edited. What became of a reader's earlier reports is what the next one weighs.

use super::event::Event;
use super::submit::CommentHead;
use super::{CommentId, Outcome, ReporterId, SiteId, Timestamp, Words};

/// From which sum of weights on a comment waits in `reported`. A report of a reader of whom nothing is known weighs 1; one
/// of a reader whose last three were all refused weighs 0.4, and opens nothing alone.
pub const OPENS_AT: f32 = 0.5;

/// How many reports on one text are kept; further ones change nothing.
pub const REPORTS_MAX: u32 = 1000;

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts until a moderator rules.
    Open,
    /// It counts for nothing: a moderator had cleared the text, or nobody could read it.
    Silenced,
    /// The text was replaced before a moderator ruled.
    Lapsed,
    /// A moderator rejected the comment.
    Upheld,
    /// A moderator approved the comment.
    Refused,
}

/// What a reader says against a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Who.
    pub reporter_id: ReporterId,
    /// Why, as the site names it, such as `harassment`.
    pub reason: String,
    /// The reader's own words; may be empty.
    pub text: Words,
}

/// A report as it is kept: the last one of a reader on a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Who says what.
    pub said: Said,
    /// The revision that the reader saw.
    pub revision: u32,
    /// What it weighs, in [0, 1].
    pub weight: f32,
    /// When it came.
    pub reported_at: Timestamp,
    /// What became of it.
    pub standing: Standing,
    /// The number of the first event of the action that settled it; 0 where none has.
    pub settled_seq: u64,
    /// The revision that was ruled on then; 0 where none was.
    pub settled_revision: u32,
}

impl Report {
    /// Returns whether the reader has nothing to add to it about a revision.
    const fn speaks_of(&self, revision: u32) -> bool {
        matches!(self.standing, Standing::Open) || self.revision == revision || self.settled_revision == revision
    }
}

/// What became of a reader's reports on a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReporterRecord {
    /// How many were upheld.
    pub upheld: u32,
    /// How many were refused.
    pub refused: u32,
}

impl ReporterRecord {
    /// Returns what the reader's next report weighs, in (0, 1]: twice the share of reports that were upheld, and 1 at most.
    /// The share counts one report of each kind more than there were, so that one mistake silences nobody.
    pub fn weight(&self) -> f32 {
        let share = (f64::from(self.upheld) + 1.0) / (f64::from(self.upheld) + f64::from(self.refused) + 2.0);
        #[expect(clippy::cast_possible_truncation, reason = "a share")]
        let weight = (2.0 * share).min(1.0) as f32;
        weight
    }

    /// Counts a report that was settled.
    pub fn add(&mut self, standing: Standing) {
        if let Some(count) = self.count(standing) {
            *count = count.saturating_add(1);
        }
    }

    /// No longer counts a report whose verdict was taken back.
    pub fn take_away(&mut self, standing: Standing) {
        if let Some(count) = self.count(standing) {
            *count = count.saturating_sub(1);
        }
    }

    fn count(&mut self, standing: Standing) -> Option<&mut u32> {
        match standing {
            Standing::Upheld => Some(&mut self.upheld),
            Standing::Refused => Some(&mut self.refused),
            Standing::Open | Standing::Silenced | Standing::Lapsed => None,
        }
    }
}

/// What the reports on a comment add up to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reports {
    /// How many of them are open.
    pub open: u32,
    /// What the open ones weigh together.
    pub weight: f32,
    /// How many came on the newest text, whatever became of them.
    pub taken: u32,
    /// Whether a moderator has approved the newest text, so that further ones are silenced.
    pub cleared: bool,
}

impl Reports {
    /// Returns how likely what readers report is harmful, in [0, 1): near 0 for one that weighs little, near 1 for many.
    pub fn risk(&self) -> f32 {
        1.0 - (-self.weight).exp()
    }

    /// Adds a report.
    pub(super) fn add(&mut self, standing: Standing, weight: f32) {
        self.taken = self.taken.saturating_add(1);
        if standing == Standing::Open {
            self.open = self.open.saturating_add(1);
            self.weight += weight;
        }
    }

    /// Closes all that are open with a verdict.
    pub(super) fn settle(&mut self, approved: bool) {
        *self = Self { open: 0, weight: 0.0, taken: self.taken, cleared: approved };
    }

    /// Opens those again that a verdict closed, which was taken back, beside those that came after it.
    pub(super) fn reopen(&mut self, before: Self) {
        let (open, weight) = (self.open.saturating_add(before.open), self.weight + before.weight);
        *self = Self { open, weight, taken: self.taken, cleared: before.cleared };
    }

    /// Closes all that are open, without a verdict.
    pub(super) fn erase(&mut self) {
        (self.open, self.weight) = (0, 0.0);
    }

    /// Begins with a new text, on which what was reported before counts only where the comment waits for it.
    pub(super) fn begin_again(&mut self, waits: bool) {
        let (open, weight) = if waits { (self.open, self.weight) } else { (0, 0.0) };
        *self = Self { open, weight, taken: 0, cleared: false };
    }
}

/// What a report did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It counts; the comment waits for a moderator, or would with more reports.
    Counted,
    /// It was kept and counts for nothing: a moderator had cleared the text, or nobody can read it.
    Silenced,
    /// The reader had reported the comment before; nothing was kept.
    Repeated,
    /// The text has as many reports as are kept.
    Enough,
}

/// Decides what a report does to the comment that `head` describes. `last` is the reader's last report on it, `reporter`
/// what became of those on others.
pub fn report(
    head: &CommentHead,
    last: Option<&Report>,
    reporter: ReporterRecord,
    said: Said,
) -> (Effect, Option<Event>) {
    let reports = &head.review.reports;
    let revision = head.current.number;
    if last.is_some_and(|last| last.speaks_of(revision)) {
        return (Effect::Repeated, None);
    }
    if reports.taken >= REPORTS_MAX {
        return (Effect::Enough, None);
    }
    let silenced = reports.cleared || head.current.decision.outcome == Outcome::Reject;
    let standing = if silenced { Standing::Silenced } else { Standing::Open };
    let comment = &head.current.comment;
    let (site_id, comment_id): (SiteId, CommentId) = (comment.site_id.clone(), comment.comment_id.clone());
    let event = Event::CommentReported { site_id, comment_id, revision, said, weight: reporter.weight(), standing };
    (if silenced { Effect::Silenced } else { Effect::Counted }, Some(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check((upheld, refused): (u32, u32), expected: f32) {
        let weight = ReporterRecord { upheld, refused }.weight();
        assert!((weight - expected).abs() < 1e-6, "{upheld} {refused}: {weight}");
    }

    #[test]
    fn who_is_mostly_refused_counts_less_and_nobody_more_than_one() {
        check((0, 0), 1.0);
        check((0, 1), 2.0 / 3.0);
        check((0, 3), 0.4);
        check((5, 5), 1.0);
        check((1, 8), 4.0 / 11.0);
        check((u32::MAX, 0), 1.0);
        check((u32::MAX, u32::MAX), 1.0);
    }

    #[test]
    fn risk_grows_with_the_sum_of_weights_and_stays_below_certainty() {
        let risk = |weight| Reports { open: 1, weight, ..Reports::default() }.risk();
        assert!(risk(0.0).abs() < 1e-6);
        assert!((risk(1.0) - 0.632_120_6).abs() < 1e-6);
        assert!([0.1, 0.5, 1.0, 2.0, 5.0].map(risk).is_sorted());
        assert!(risk(1000.0) <= 1.0);
    }

    #[test]
    fn a_record_takes_back_what_it_counted() {
        let mut record = ReporterRecord::default();
        record.add(Standing::Upheld);
        record.add(Standing::Refused);
        record.add(Standing::Silenced);
        assert_eq!(record, ReporterRecord { upheld: 1, refused: 1 });
        record.take_away(Standing::Upheld);
        assert_eq!(record, ReporterRecord { upheld: 0, refused: 1 });
    }
}
