//! The points of a report's plots.

use super::figures::{Ranking, bin};
use crate::train::metrics::CALIBRATION_BINS;
use serde::{Deserialize, Serialize};

/// A curve has about so many points at most.
const POINTS_MAX: usize = 100;

/// What a model does at one threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The threshold.
    pub threshold: f32,
    /// The share of what is true that reaches it.
    pub recall: f64,
    /// The share of what reaches it that is true.
    pub precision: f64,
    /// The share of what is false that reaches it.
    pub false_positive_rate: f64,
}

/// The comments whose scores lie in one of equal ranges.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Bin {
    /// How many there are, each counted once by its sampling probability.
    pub weight: f64,
    /// Their mean score.
    pub score: f64,
    /// The share of them that is true.
    pub share: f64,
}

/// A model's curves: precision over recall, recall over false positives, truth over scores.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Curves {
    /// From the highest threshold down.
    pub points: Vec<Point>,
    /// Ranges of scores, rising; empty ones are left out.
    pub reliability: Vec<Bin>,
}

impl Curves {
    pub(super) fn new(ranking: &Ranking, scores: &[f32], truths: &[bool], weights: &[f64]) -> Self {
        let mut all = [0.0; 2];
        let mut bins = [Bin::default(); CALIBRATION_BINS];
        for ((&score, &truth), &weight) in scores.iter().zip(truths).zip(weights) {
            all[usize::from(truth)] += weight;
            let bin = &mut bins[bin(score)];
            bin.weight += weight;
            bin.score += weight * f64::from(score);
            bin.share += if truth { weight } else { 0.0 };
        }
        let mut points = Vec::new();
        let (mut above, mut seen, mut step) = ([0.0; 2], 0, 0);
        ranking.visit(|tied| {
            for &row in tied {
                above[usize::from(truths[row])] += weights[row];
            }
            seen += tied.len();
            let place = seen * POINTS_MAX / scores.len();
            if place > step || seen == scores.len() {
                step = place;
                points.push(Point {
                    threshold: tied.first().map_or(0.0, |row| scores[*row]),
                    recall: ratio(above[1], all[1]),
                    precision: ratio(above[1], above[0] + above[1]),
                    false_positive_rate: ratio(above[0], all[0]),
                });
            }
        });
        let mean = |bin: Bin| Bin { score: bin.score / bin.weight, share: bin.share / bin.weight, ..bin };
        Self { points, reliability: bins.into_iter().filter(|bin| bin.weight > 0.0).map(mean).collect() }
    }
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
