//! Thresholds to begin with: where few ordinary comments are held, and hardly any rejected.

use super::{
    dataset::Dataset,
    metrics::Share,
    plain,
    settings::{NEWS, Settings},
};
use crate::classify::Model;
use crate::domain::{Attribute, Scores};
use serde::{Deserialize, Serialize};

/// A pair of thresholds for one attribute, with what they do on the dev data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The attribute's wire name.
    pub attribute: String,
    /// A comment that scores at least this much is held.
    pub hold: f32,
    /// A comment that scores at least this much is rejected.
    pub reject: f32,
    /// What the thresholds do to comments of this kind of site that do not carry the attribute.
    pub false_positives: Rate,
    /// What the thresholds do to comments that carry the attribute, over all sources that know.
    pub found: Rate,
}

/// The thresholds of one kind of site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Domain {
    /// What kind of site it is, such as `news`.
    pub name: String,
    /// The sources that stand for it; none where all do.
    pub sources: Vec<String>,
    /// Each attribute's thresholds.
    pub thresholds: Vec<Threshold>,
    /// What all of them together do to comments that carry no attribute they have a label for: a comment that reaches
    /// any threshold is held, or rejected.
    pub harmless: Rate,
    /// What they do to all comments of this kind of site, as mixed as its sources are: what a queue will get.
    pub all: Rate,
}

/// How many of some rows reach the thresholds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// What the rows are.
    pub source: String,
    /// How many rows there are.
    pub rows: usize,
    /// The share that reaches the threshold for holding.
    pub hold: Option<Share>,
    /// The share that reaches the threshold for rejecting.
    pub reject: Option<Share>,
}

/// With fewer rows than this, a kind of site says too little about rare scores to set a threshold.
const ROWS_MIN: usize = 100;

/// No comment is rejected without a person where the model is less sure than this.
const REJECT_MIN: f32 = 0.95;

/// No comment is held for a score that means next to nothing, however few reach it: rare attributes have low scores.
const fn hold_min(attribute: Attribute) -> f32 {
    match attribute {
        Attribute::SevereToxicity | Attribute::Threat => 0.02,
        Attribute::IdentityAttack => 0.1,
        Attribute::Toxicity | Attribute::Insult | Attribute::Profanity | Attribute::Spam | Attribute::Sexism => 0.15,
    }
}

/// The shares of ordinary comments without the attribute that may be held and rejected for it.
///
/// A comment may be held for any of eight reasons, so toxicity, the broadest, gets the most of what a moderator has
/// time for; all together are to hold about one harmless comment in twenty.
const fn budget(attribute: Attribute) -> (f64, f64) {
    match attribute {
        Attribute::Toxicity => (0.03, 0.003),
        Attribute::Insult | Attribute::Profanity | Attribute::IdentityAttack => (0.01, 0.002),
        Attribute::SevereToxicity | Attribute::Threat | Attribute::Spam | Attribute::Sexism => (0.005, 0.002),
    }
}

/// Chooses the thresholds of every kind of site that the data has enough comments of.
pub(super) fn choose(dataset: &Dataset, scores: &[Option<Scores>], settings: &Settings) -> Vec<Domain> {
    let mut domains = Vec::new();
    for (name, sources) in &settings.thresholds.domains {
        let is_in = |row: &usize| sources.contains(&dataset.source_names[dataset.sources[*row]]);
        let rows: Vec<usize> = (0..dataset.len()).filter(is_in).collect();
        if rows.len() >= ROWS_MIN {
            domains.push(domain(name, sources, &rows, dataset, scores));
        }
    }
    if domains.is_empty() {
        let rows: Vec<usize> = (0..dataset.len()).collect();
        domains.push(domain(super::report::POOLED, &[], &rows, dataset, scores));
    }
    domains
}

fn domain(name: &str, sources: &[String], rows: &[usize], dataset: &Dataset, scores: &[Option<Scores>]) -> Domain {
    let thresholds: Vec<Threshold> =
        Attribute::ALL.into_iter().filter_map(|attribute| choose_one(dataset, scores, rows, attribute)).collect();
    let rate = |rows: &[usize]| {
        let reach = |limit: fn(&Threshold) -> f32| {
            rows.iter().filter(|&&row| scores[row].is_some_and(|scores| reaches(&scores, &thresholds, limit))).count()
        };
        Rate {
            source: name.to_owned(),
            rows: rows.len(),
            hold: Share::of(reach(|threshold| threshold.hold), rows.len()),
            reject: Share::of(reach(|threshold| threshold.reject), rows.len()),
        }
    };
    let harmless: Vec<usize> = rows.iter().copied().filter(|&row| is_harmless(dataset, row)).collect();
    let (harmless, all) = (rate(&harmless), rate(rows));
    Domain { name: name.to_owned(), sources: sources.to_vec(), thresholds, harmless, all }
}

/// Returns the thresholds for news sites, or the first there are.
pub(super) fn default(domains: &[Domain]) -> &[Threshold] {
    let found = domains.iter().find(|domain| domain.name == NEWS).or_else(|| domains.first());
    found.map_or(&[], |domain| &domain.thresholds)
}

/// Tells whether a row carries no attribute that it has a label for.
fn is_harmless(dataset: &Dataset, row: usize) -> bool {
    dataset.labels[row].iter().all(|label| *label != Some(true))
}

/// Tells whether any attribute's score reaches its threshold.
fn reaches(scores: &Scores, thresholds: &[Threshold], limit: fn(&Threshold) -> f32) -> bool {
    thresholds.iter().any(|threshold| {
        let attribute = Attribute::from_name(&threshold.attribute);
        attribute.is_some_and(|attribute| scores.get(attribute).get() >= limit(threshold))
    })
}

/// Chooses one attribute's thresholds so that no more of the rows without it are held or rejected than may be. A row
/// whose label is unknown counts as one without the attribute: in natural sources nearly all are.
fn choose_one(dataset: &Dataset, scores: &[Option<Scores>], rows: &[usize], attribute: Attribute) -> Option<Threshold> {
    let label = |row: usize| dataset.labels[row][attribute.index()];
    let score = |row: usize| Some(scores[row]?.get(attribute).get());
    let found: Vec<f32> = (0..dataset.len()).filter(|&row| label(row) == Some(true)).filter_map(score).collect();
    let others: Vec<f32> = rows.iter().copied().filter(|&row| label(row) != Some(true)).filter_map(score).collect();
    if found.is_empty() || others.is_empty() {
        return None;
    }
    let (hold, reject) = budget(attribute);
    let (hold, reject) = (quantile(&others, hold).max(hold_min(attribute)), quantile(&others, reject).max(REJECT_MIN));
    let rate = |source: &str, scores: &[f32]| {
        let reach = |limit: f32| Share::of(scores.iter().filter(|score| **score >= limit).count(), scores.len());
        Rate { source: source.to_owned(), rows: scores.len(), hold: reach(hold), reject: reach(reject) }
    };
    Some(Threshold {
        attribute: attribute.name().to_owned(),
        hold,
        reject,
        false_positives: rate("without", &others),
        found: rate(super::report::POOLED, &found),
    })
}

/// Tells which share of harmless sentences reaches any threshold.
pub(super) fn judge(model: &Model, thresholds: &[Threshold], sentences: &[String]) -> Rate {
    let scores: Vec<Scores> = sentences.iter().filter_map(|sentence| model.score(sentence)).collect();
    let reach = |limit: fn(&Threshold) -> f32| {
        Share::of(scores.iter().filter(|scores| reaches(scores, thresholds, limit)).count(), scores.len())
    };
    Rate {
        source: plain::SOURCE.to_owned(),
        rows: scores.len(),
        hold: reach(|threshold| threshold.hold),
        reject: reach(|threshold| threshold.reject),
    }
}

/// Returns the least threshold, in thousandths, that at most `share` of the scores reach.
fn quantile(scores: &[f32], share: f64) -> f32 {
    let mut rising = scores.to_vec();
    rising.sort_unstable_by(f32::total_cmp);
    (1..1000_u16)
        .map(|thousandths| f32::from(thousandths) / 1000.0)
        .find(|threshold| share_from(&rising, *threshold) <= share)
        .unwrap_or(0.999)
}

/// Returns which share of rising scores reaches a threshold.
#[expect(clippy::cast_precision_loss, reason = "there are fewer rows than a double has whole numbers")]
fn share_from(rising: &[f32], threshold: f32) -> f64 {
    let below = rising.partition_point(|score| *score < threshold);
    (rising.len() - below) as f64 / rising.len().max(1) as f64
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole thousandths, made the same way")]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_lets_no_more_through_than_may_be() {
        let scores: Vec<f32> = (0..200_u16).map(|row| f32::from(row) / 200.0).collect();
        assert_eq!(share_from(&scores, 0.95), 0.05);
        assert!((quantile(&scores, 0.05) - 0.946).abs() < 1e-6, "the least that is above the eleventh from the top");
        assert_eq!(quantile(&scores, 1.0), 0.001);
        assert_eq!(quantile(&[1.0; 100], 0.0), 0.999);
    }
}
