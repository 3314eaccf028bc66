//! Thresholds to begin with: where few ordinary comments are held, and hardly any rejected.

use super::{dataset::Dataset, fit::Settings, plain};
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
    /// What the thresholds do to comments that do not carry the attribute, for each ordinary source.
    pub false_positives: Vec<Rate>,
    /// What the thresholds do to comments that carry the attribute, over all sources that know.
    pub found: Rate,
}

/// How many of some rows reach the thresholds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The source, or `pooled`.
    pub source: String,
    /// How many rows there are.
    pub rows: usize,
    /// The share that reaches the threshold for holding.
    pub hold: f64,
    /// The share that reaches the threshold for rejecting.
    pub reject: f64,
}

/// Sources with fewer rows than this say too little about rare scores to set a threshold.
const ROWS_MIN: usize = 100;

/// No comment is rejected without a person where the model is less sure than this.
const REJECT_MIN: f32 = 0.95;

/// The shares of ordinary comments without the attribute that may be held and rejected for it.
///
/// A comment may be held for any of eight reasons, so toxicity, the broadest, gets the most of what a moderator has
/// time for.
const fn budget(attribute: Attribute) -> (f64, f64) {
    match attribute {
        Attribute::Toxicity => (0.05, 0.005),
        Attribute::Insult | Attribute::Profanity => (0.02, 0.003),
        Attribute::IdentityAttack | Attribute::SevereToxicity => (0.015, 0.002),
        Attribute::Threat | Attribute::Spam | Attribute::Sexism => (0.01, 0.002),
    }
}

/// Chooses thresholds on the ordinary sources, so that none of them has more comments held or rejected than may be.
///
/// A comment whose label is unknown counts as one without the attribute: in ordinary sources nearly all are.
pub(super) fn choose(dataset: &Dataset, scores: &[Option<Scores>], settings: &Settings) -> Vec<Threshold> {
    let ordinary: Vec<usize> = (0..dataset.source_names.len())
        .filter(|source| settings.ordinary_sources.contains(&dataset.source_names[*source]))
        .collect();
    Attribute::ALL.into_iter().filter_map(|attribute| choose_one(dataset, scores, &ordinary, attribute)).collect()
}

fn choose_one(
    dataset: &Dataset,
    scores: &[Option<Scores>],
    ordinary: &[usize],
    attribute: Attribute,
) -> Option<Threshold> {
    let mut found = Vec::new();
    let mut others: Vec<(String, Vec<f32>)> = Vec::new();
    for (row, scores) in scores.iter().enumerate() {
        let (Some(scores), source) = (scores, dataset.sources[row]) else { continue };
        let score = scores.get(attribute).get();
        if dataset.labels[row][attribute.index()] == Some(true) {
            found.push(score);
        } else if ordinary.is_empty() || ordinary.contains(&source) {
            let name = if ordinary.is_empty() { super::report::POOLED } else { &dataset.source_names[source] };
            match others.iter_mut().find(|(known, _)| known == name) {
                Some((_, scores)) => scores.push(score),
                None => others.push((name.to_owned(), vec![score])),
            }
        }
    }
    if found.is_empty() {
        return None;
    }
    let (hold, reject) = budget(attribute);
    let over = |share| others.iter().map(|(_, scores)| quantile(scores, share)).fold(0.001, f32::max);
    let (hold, reject) = (over(hold), over(reject).max(REJECT_MIN));
    let rate = |source: &str, scores: &[f32]| Rate {
        source: source.to_owned(),
        rows: scores.len(),
        hold: share_from(scores, hold),
        reject: share_from(scores, reject),
    };
    Some(Threshold {
        attribute: attribute.name().to_owned(),
        hold,
        reject,
        false_positives: others.iter().map(|(name, scores)| rate(name, scores)).collect(),
        found: rate(super::report::POOLED, &found),
    })
}

/// Tells which share of harmless sentences reaches any threshold.
pub(super) fn judge(model: &Model, thresholds: &[Threshold], sentences: &[String]) -> Rate {
    let reached = |scores: &Scores, threshold: fn(&Threshold) -> f32| {
        thresholds.iter().any(|set| {
            let attribute = Attribute::from_name(&set.attribute);
            attribute.is_some_and(|attribute| scores.get(attribute).get() >= threshold(set))
        })
    };
    let scores: Vec<Scores> = sentences.iter().filter_map(|sentence| model.score(sentence)).collect();
    let flagged = |threshold: fn(&Threshold) -> f32| -> Vec<f32> {
        scores.iter().map(|scores| if reached(scores, threshold) { 1.0 } else { 0.0 }).collect()
    };
    Rate {
        source: plain::SOURCE.to_owned(),
        rows: scores.len(),
        hold: share_from(&flagged(|set| set.hold), 1.0),
        reject: share_from(&flagged(|set| set.reject), 1.0),
    }
}

/// Returns the least threshold, in thousandths, that at most `share` of the scores reach; zero for too few scores.
fn quantile(scores: &[f32], share: f64) -> f32 {
    if scores.len() < ROWS_MIN {
        return 0.0;
    }
    (1..1000_u16)
        .map(|thousandths| f32::from(thousandths) / 1000.0)
        .find(|threshold| share_from(scores, *threshold) <= share)
        .unwrap_or(0.999)
}

#[expect(clippy::cast_precision_loss, reason = "there are fewer rows than a double has whole numbers")]
fn share_from(scores: &[f32], threshold: f32) -> f64 {
    scores.iter().filter(|score| **score >= threshold).count() as f64 / scores.len().max(1) as f64
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
        assert_eq!(quantile(&scores[..99], 0.05), 0.0, "too few rows");
    }
}
