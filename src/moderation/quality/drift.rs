//! How far comments and moderators have moved from what a model was made for: day by day, and over the last week.
//!
//! Three things may move: what readers write (n-grams that the model has no weight for), what the model makes of it (where its
//! scores lie), and what moderators think of that (how often they agree). Only the last one says that a model does worse.

use super::advice::advise;
use super::estimate::{Estimate, Weighted};
use crate::classify::{Scorer, reference};
use crate::domain::{Criterion, Decision, Score, Scores, Timestamp};
use std::{
    collections::BTreeMap,
    ops::{Add, Range},
};

/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;
/// The days of the last week, and those before it that it is held against.
const RECENT_DAYS: i64 = 7;
const BEFORE_DAYS: i64 = 28;
/// The most days that are told one by one, the newest ones.
const DAYS_MAX: usize = 92;
/// So many comments of a day are looked into for n-grams; of those beyond, one in [`ONE_OF`].
const LOOKED_INTO: u64 = 200;
const ONE_OF: u64 = 16;
/// Fewer scores than that say nothing of where they lie: chance alone would give an index of 0.1.
const SCORES_MIN: u64 = 200;
/// From this score on, a model says that a comment carries an attribute, or is likely to be rejected.
const YES: f32 = 0.5;

/// How far comments and moderators have moved.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Days with comments or verdicts on them, oldest first; at most the newest 92.
    pub days: Vec<Period>,
    /// The last seven days.
    pub recent: Period,
    /// The share of n-grams without a weight when the base model was measured; `None` where that isn't known.
    pub unseen_ngrams_then: Option<f64>,
    /// What to do about it, in one sentence.
    pub advice: String,
    /// Whether it is time to learn again.
    pub is_due: bool,
}

/// What was seen of the comments of some days.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// When the first day begins, in UTC.
    pub from: Timestamp,
    /// When the last one ends.
    pub until: Timestamp,
    /// How many comments came.
    pub comments: u64,
    /// The share of n-grams that the base model has no weight for, in those comments that were looked into; `None` where
    /// none was.
    pub unseen_ngrams: Option<f64>,
    /// By what is scored; what nothing is known of is left out.
    pub criteria: Vec<CriterionDrift>,
}

/// How one score has moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CriterionDrift {
    /// Which.
    pub criterion: Criterion,
    /// How far its scores lie from where they lay when the model was measured: [`reference::Distribution::stability_index`].
    /// `None` below 200 comments, and where it isn't known.
    pub stability_index: Option<f64>,
    /// The share of verdicts that agree with it: of an attribute, those that say whether a comment carries it; of
    /// `LIKELY_TO_REJECT`, all.
    pub agreement: Estimate,
}

/// What some days add up to.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) comments: u64,
    ngrams: [u64; 2],
    /// Scores by attribute and band.
    bands: [[u64; reference::BANDS]; crate::domain::Attribute::COUNT],
    agreement: [Weighted; Criterion::COUNT],
}

/// What every day adds up to.
pub(super) struct Days<'a> {
    base: &'a dyn Scorer,
    days: BTreeMap<i64, Tally>,
}

/// Returns the day that a time lies in.
pub(super) const fn day(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(DAY)
}

/// Returns the first microsecond that says anything of how far comments have moved at `now`.
pub(super) const fn needed(now: Timestamp) -> i64 {
    (day(now) + 1 - RECENT_DAYS - BEFORE_DAYS) * DAY
}

impl<'a> Days<'a> {
    pub(super) fn new(base: &'a dyn Scorer) -> Self {
        Self { base, days: BTreeMap::new() }
    }

    /// Adds a comment as it came, whose text may be erased.
    pub(super) fn came(&mut self, day: i64, key: u64, text: &str, decision: &Decision) {
        let tally = self.days.entry(day).or_default();
        let is_looked_into = !text.is_empty() && (tally.comments < LOOKED_INTO || key.is_multiple_of(ONE_OF));
        tally.comments += 1;
        if is_looked_into && let Some(ngrams) = self.base.unseen(text) {
            tally.ngrams = add(tally.ngrams, ngrams);
        }
        // Scores of another base model lie elsewhere for that reason alone.
        let is_of_base = decision.model_version.split('+').next() == Some(self.base.version());
        let (Some(scores), Some(reference)) = (decision.scores.filter(|_| is_of_base), self.base.reference()) else {
            return;
        };
        for (attribute, score) in scores.iter() {
            if let Some(then) = reference.attribute(attribute) {
                tally.bands[attribute.index()][then.band(score.get())] += 1;
            }
        }
    }

    /// Adds a verdict on a comment of that day, which stands for one over `probability` comments.
    pub(super) fn ruled(&mut self, day: i64, probability: f64, verdict: &Verdict<'_>) {
        let tally = self.days.entry(day).or_default();
        let mut add = |criterion: Criterion, score: Score, truth: bool| {
            tally.agreement[criterion.index()].add(probability, (score.get() >= YES) == truth);
        };
        for (attribute, truth) in verdict.labels {
            add(Criterion::Attribute(*attribute), verdict.scores.get(*attribute), *truth);
        }
        add(Criterion::LikelyToReject, verdict.likely_to_reject, !verdict.approved);
    }

    /// Says what all days show, as of `now`.
    pub(super) fn finish(self, now: Timestamp) -> Drift {
        let today = day(now);
        let sum = |days: Range<i64>| {
            let tallies = self.days.range(days.clone()).map(|(_, tally)| tally);
            (days, tallies.fold(Tally::default(), |sum, tally| sum + tally))
        };
        let recent = sum(today + 1 - RECENT_DAYS..today + 1);
        let before = sum(recent.0.start - BEFORE_DAYS..recent.0.start);
        let (recent, before) = (self.period(&recent), self.period(&before));
        let advice = advise(&recent, &before);
        let kept = self.days.len().saturating_sub(DAYS_MAX);
        let one = |(&day, tally): (&i64, &Tally)| self.period(&(day..day + 1, tally.clone()));
        Drift {
            days: self.days.iter().skip(kept).map(one).collect(),
            recent,
            unseen_ngrams_then: self.base.reference().map(|reference| reference.unseen_ngrams),
            advice: advice.sentence,
            is_due: advice.is_due,
        }
    }

    fn period(&self, (days, tally): &(Range<i64>, Tally)) -> Period {
        let criterion = |criterion: Criterion| {
            let then = criterion.attribute().and_then(|attribute| self.base.reference()?.attribute(attribute));
            let bands = criterion.attribute().map(|attribute| &tally.bands[attribute.index()]);
            let enough = bands.filter(|bands| bands.iter().sum::<u64>() >= SCORES_MIN);
            let stability_index = then.zip(enough).and_then(|(then, bands)| then.stability_index(bands));
            let agreement = tally.agreement[criterion.index()].estimate();
            let drift = CriterionDrift { criterion, stability_index, agreement };
            (stability_index.is_some() || agreement.ruled > 0).then_some(drift)
        };
        let [unseen, all] = tally.ngrams;
        Period {
            from: Timestamp::from_micros(days.start.saturating_mul(DAY)),
            until: Timestamp::from_micros(days.end.saturating_mul(DAY)),
            comments: tally.comments,
            unseen_ngrams: (all > 0).then(|| unseen as f64 / all as f64),
            criteria: Criterion::all().filter_map(criterion).collect(),
        }
    }
}

/// What a moderator said of a comment, beside what models had.
pub(super) struct Verdict<'a> {
    pub(super) approved: bool,
    pub(super) labels: &'a [(crate::domain::Attribute, bool)],
    pub(super) scores: Scores,
    pub(super) likely_to_reject: Score,
}

impl Add<&Self> for Tally {
    type Output = Self;

    fn add(mut self, other: &Self) -> Self {
        self.comments += other.comments;
        self.ngrams = add(self.ngrams, other.ngrams);
        for (mine, theirs) in self.bands.iter_mut().zip(other.bands) {
            *mine = add(*mine, theirs);
        }
        for (mine, theirs) in self.agreement.iter_mut().zip(other.agreement) {
            mine.join(theirs);
        }
        self
    }
}

fn add<const N: usize>(mut to: [u64; N], more: [u64; N]) -> [u64; N] {
    to.iter_mut().zip(more).for_each(|(to, more)| *to += more);
    to
}
