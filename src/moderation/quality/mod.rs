//! How good decisions were, as far as moderators' verdicts tell.
//!
//! Every comment that was held is ruled on sooner or later, where the queue is worked off; of those that were published, the ones that readers report, and
//! a sample drawn by lot; of those that were rejected, the ones whose authors appeal, and a sample too. Each verdict counts as many times as its comment stands for others: once where it would have been
//! ruled on anyway, and one over the probability of the lot where only the lot brought it.
//!
//! The events are read from the first one on. Start reading at [`Review::quality`].

mod advice;
pub mod drift;
mod estimate;

pub use drift::Drift;
pub use estimate::Estimate;

use super::{
    Error, Review, draft, refuse,
    sampling::{Chances, key},
};
use crate::classify::Scorer;
use crate::domain::{
    Attribute, CommentId, Decision, Event, Outcome, Score, Scores, SiteId, Timestamp, report::Standing, review::Verdict,
};
use crate::store::Numbered;
use drift::Days;
use estimate::Weighted;
use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
    sync::Arc,
    time::Duration,
};

/// Bands of scores.
pub const BANDS: usize = 10;
/// When to come back where too many reports are made.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Comments whose score of one attribute lies in one band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The lowest score of the band; the next band's is a tenth higher.
    pub from: f32,
    /// The share of comments that moderators rejected.
    pub rejected: Estimate,
    /// The share of comments that moderators said carry the attribute, of those where they said so or not.
    pub labelled: Estimate,
}

/// How good decisions were, and whether comments and moderators have moved on.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// By the model that scored, the first one first.
    pub models: Vec<ModelQuality>,
    /// How far comments and moderators have moved from what the model was made for.
    pub drift: Drift,
}

/// How good one model's decisions were.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelQuality {
    /// The model.
    pub model_version: String,
    /// How many comments were published by it, held and rejected, before any moderator.
    pub published: u64,
    /// How many were held.
    pub held: u64,
    /// How many were rejected.
    pub rejected: u64,
    /// How many published ones the lot drew.
    pub sampled: u64,
    /// How many rejected ones it drew.
    pub sampled_rejected: u64,
    /// The share of published comments that should not have been.
    pub wrongly_published: Estimate,
    /// The share of held comments that should have been published, of those that were ruled on: where a queue is worked off by
    /// risk and isn't finished, these are the riskier ones, and the share of all is higher.
    pub wrongly_held: Estimate,
    /// The share of comments rejected at once that should have been published.
    pub wrongly_rejected: Estimate,
    /// The share of appealed rejections that were overturned, whether a moderator had rejected the comment or not, by the
    /// verdict in force; it says nothing of those that nobody appealed.
    pub overturned: Estimate,
    /// For each attribute, in the order of [`Attribute::ALL`], its bands from the lowest on; those without a verdict are
    /// left out.
    pub bands: Vec<(Attribute, Vec<Band>)>,
}

/// What is remembered of a comment's newest text.
struct Known {
    chances: Chances,
    model: usize,
    /// The day that it came in.
    day: i64,
    /// Whether an appeal waits for a verdict.
    appealed: bool,
    /// The verdicts, the last one holds: where it is taken back, the one before it does again.
    verdicts: Vec<Ruled>,
}

/// A verdict, and what the model had said.
struct Ruled {
    approved: bool,
    /// Whether it ruled on an appeal.
    on_appeal: bool,
    labels: Vec<(Attribute, bool)>,
    scores: Option<Scores>,
    /// What the house model said, where there was one.
    likely_to_reject: Option<Score>,
}

/// What the events add up to.
struct Fold<'a> {
    models: Vec<String>,
    /// By a hash of the comment's id: a site has many comments, and most are never ruled on.
    comments: HashMap<u64, Known>,
    days: Days<'a>,
}

impl Review {
    /// Says how good decisions were on comments that came from `since` on and before `until`, by the model that scored them.
    ///
    /// # Errors
    ///
    /// Names a site that can't be one; says that another report is being made; passes on what the store says.
    pub async fn quality(
        &self,
        site_id: &str,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Result<Quality, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(site_id, &self.limits, &mut violations));
        refuse(violations)?;
        let overloaded = |_| Error::Overloaded { reason: "TOO_MANY_REPORTS", retry_after: RETRY_AFTER };
        let _turn = self.making_report.try_acquire().map_err(overloaded)?;
        let (since, until) =
            (since.map_or(i64::MIN, Timestamp::as_micros), until.map_or(i64::MAX, Timestamp::as_micros));
        let base = Arc::clone(self.serving.base());
        let mut folds = self.read(&*base, Some(&site_id), since..until).await?;
        let now = Timestamp::from_micros(self.clock.now().as_micros().min(until.saturating_sub(1)));
        Ok(folds.remove(&site_id).unwrap_or_else(|| Fold::new(&*base)).finish(now))
    }

    /// Says of each site how far its comments have moved.
    ///
    /// # Errors
    ///
    /// Passes on what the store says.
    pub async fn drifts(&self) -> Result<Vec<(SiteId, Drift)>, Error> {
        // Whoever asks for a report waits for nobody; this can wait.
        let _turn = self.making_report.acquire().await;
        let (now, base) = (self.clock.now(), Arc::clone(self.serving.base()));
        let folds = self.read(&*base, None, drift::needed(now)..i64::MAX).await?;
        Ok(folds.into_iter().map(|(site_id, fold)| (site_id, fold.finish(now).drift)).collect())
    }

    /// Reads all events of one site, or of all, that there are now, for comments that came `within` these microseconds.
    async fn read<'a>(
        &self,
        base: &'a dyn Scorer,
        site_id: Option<&SiteId>,
        within: Range<i64>,
    ) -> Result<BTreeMap<SiteId, Fold<'a>>, Error> {
        let (mut events, last_seq) = (self.store.events(0), self.store.last_seq());
        let (mut folds, mut read) = (BTreeMap::<SiteId, Fold<'a>>::new(), 0);
        while read < last_seq {
            let mut submitted = None;
            for Numbered { seq, at, event, .. } in events.next().await? {
                if seq > last_seq {
                    break;
                }
                read = seq;
                let Some(site) = event.site_id().filter(|site| site_id.is_none_or(|wanted| wanted == *site)) else {
                    continue;
                };
                if !folds.contains_key(site) {
                    folds.insert(site.clone(), Fold::new(base));
                }
                let Some(fold) = folds.get_mut(site) else { continue };
                if let Event::CommentSubmitted { comment, .. } = event {
                    submitted = Some(comment.text);
                    continue;
                }
                fold.take(event, submitted.take().as_deref(), at, within.contains(&at.as_micros()));
            }
        }
        Ok(folds)
    }
}

impl<'a> Fold<'a> {
    fn new(base: &'a dyn Scorer) -> Self {
        Self { models: Vec::new(), comments: HashMap::new(), days: Days::new(base) }
    }

    fn take(&mut self, event: Event, text: Option<&str>, at: Timestamp, is_wanted: bool) {
        match event {
            Event::CommentDecided { comment_id, decision, .. } if text.is_some() => {
                // An edit is another text, on which nobody has ruled.
                self.comments.remove(&key(&comment_id));
                if is_wanted {
                    self.decided(&comment_id, &decision, drift::day(at));
                    self.days.came(drift::day(at), key(&comment_id), text.unwrap_or_default(), &decision);
                }
            }
            // What follows a verdict has the model's scores in it.
            Event::CommentDecided { comment_id, decision, .. } => {
                if let Some(ruled) = self.known(&comment_id).and_then(|known| known.verdicts.last_mut()) {
                    ruled.scores = decision.scores;
                    ruled.likely_to_reject = decision.house.map(|house| house.likely_to_reject);
                }
            }
            Event::CommentSampled { comment_id, probability, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    known.chances.sampled = Some(probability);
                }
            }
            Event::CommentReported { comment_id, weight, standing: Standing::Open, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    known.chances.reported += weight;
                }
            }
            Event::DisagreementLapsed { comment_id, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    known.chances.challenged = false;
                }
            }
            Event::ModelsDisagreed { comment_id, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    known.chances.challenged = true;
                }
            }
            Event::DecisionAppealed { comment_id, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    known.appealed = true;
                }
            }
            Event::ItemSettled { comment_id, verdict: Verdict { approved, labels, .. }, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    let on_appeal = std::mem::take(&mut known.appealed);
                    known.verdicts.push(Ruled { approved, on_appeal, labels, scores: None, likely_to_reject: None });
                }
            }
            Event::VerdictUndone { comment_id, .. } => {
                if let Some(known) = self.known(&comment_id) {
                    // What the verdict ruled on waits again; an appeal of it has nothing left to ask for.
                    known.appealed = known.verdicts.pop().is_some_and(|undone| undone.on_appeal);
                }
            }
            _ => {}
        }
    }

    fn known(&mut self, comment_id: &CommentId) -> Option<&mut Known> {
        self.comments.get_mut(&key(comment_id))
    }

    fn decided(&mut self, comment_id: &CommentId, decision: &Decision, day: i64) {
        let model = self.models.iter().position(|model| *model == decision.model_version).unwrap_or_else(|| {
            self.models.push(decision.model_version.clone());
            self.models.len() - 1
        });
        let (chances, verdicts) = (Chances::of(decision.outcome), Vec::new());
        let known = Known { chances, model, day, appealed: false, verdicts };
        self.comments.insert(key(comment_id), known);
    }

    fn finish(mut self, now: Timestamp) -> Quality {
        let mut tallies: Vec<Tally> = self.models.iter().map(|_| Tally::default()).collect();
        for known in self.comments.into_values() {
            tallies[known.model].add(&known);
            known.tell(&mut self.days);
        }
        let models = self.models.into_iter().zip(tallies).map(|(model_version, tally)| tally.finish(model_version));
        Quality { models: models.collect(), drift: self.days.finish(now) }
    }
}

impl Known {
    /// Tells the day that the comment came in what a moderator said of it.
    fn tell(&self, days: &mut Days<'_>) {
        let Some(ruled) = self.verdicts.last() else { return };
        let Some(scores) = ruled.scores else { return };
        let verdict = drift::Verdict {
            approved: ruled.approved,
            labels: &ruled.labels,
            scores,
            likely_to_reject: ruled.likely_to_reject.unwrap_or_else(|| scores.highest()),
        };
        days.ruled(self.day, self.probability(), &verdict);
    }

    /// Returns how likely it was that the last verdict would be given.
    fn probability(&self) -> f64 {
        f64::from(self.chances.probability(self.verdicts.iter().any(|ruled| ruled.on_appeal)))
    }
}

/// What verdicts add up to under one model.
#[derive(Default)]
struct Tally {
    published: u64,
    held: u64,
    rejected: u64,
    sampled: u64,
    sampled_rejected: u64,
    wrongly_published: Weighted,
    wrongly_held: Weighted,
    wrongly_rejected: Weighted,
    overturned: Weighted,
    bands: BTreeMap<(Attribute, usize), (Weighted, Weighted)>,
}

impl Tally {
    fn add(&mut self, known: &Known) {
        let Chances { outcome, sampled, .. } = known.chances;
        *match outcome {
            Outcome::Publish => &mut self.published,
            Outcome::Hold => &mut self.held,
            Outcome::Reject => &mut self.rejected,
        } += 1;
        let drawn = u64::from(sampled.is_some());
        *if outcome == Outcome::Reject { &mut self.sampled_rejected } else { &mut self.sampled } += drawn;
        let Some(ruled) = known.verdicts.last() else { return };
        let probability = known.probability();
        match outcome {
            Outcome::Publish => self.wrongly_published.add(probability, !ruled.approved),
            Outcome::Hold => self.wrongly_held.add(probability, ruled.approved),
            Outcome::Reject => self.wrongly_rejected.add(probability, ruled.approved),
        }
        if ruled.on_appeal {
            // Each appeal stands for itself, whoever had rejected the comment.
            self.overturned.add(1.0, ruled.approved);
        }
        for (attribute, score) in ruled.scores.iter().flat_map(Scores::iter) {
            let (rejected, labelled) = self.bands.entry((attribute, band(score.get()))).or_default();
            rejected.add(probability, !ruled.approved);
            if let Some((_, truth)) = ruled.labels.iter().find(|(of, _)| *of == attribute) {
                labelled.add(probability, *truth);
            }
        }
    }

    fn finish(self, model_version: String) -> ModelQuality {
        let mut bands: Vec<(Attribute, Vec<Band>)> = Vec::new();
        for ((attribute, band), (rejected, labelled)) in self.bands {
            #[expect(clippy::cast_possible_truncation, reason = "a tenth")]
            let from = (band as f64 / BANDS as f64) as f32;
            let band = Band { from, rejected: rejected.estimate(), labelled: labelled.estimate() };
            match bands.last_mut() {
                Some((last, of_last)) if *last == attribute => of_last.push(band),
                _ => bands.push((attribute, vec![band])),
            }
        }
        ModelQuality {
            model_version,
            published: self.published,
            held: self.held,
            rejected: self.rejected,
            sampled: self.sampled,
            sampled_rejected: self.sampled_rejected,
            wrongly_rejected: self.wrongly_rejected.estimate(),
            wrongly_published: self.wrongly_published.estimate(),
            wrongly_held: self.wrongly_held.estimate(),
            overturned: self.overturned.estimate(),
            bands,
        }
    }
}

/// Returns the band that a score lies in; certainty lies in the highest.
fn band(score: f32) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
    let band = (f64::from(score) * BANDS as f64) as usize;
    band.min(BANDS - 1)
}

#[cfg(test)]
mod tests;
