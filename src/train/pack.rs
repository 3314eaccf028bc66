//! From weights to an artifact: one signed byte for each, and probabilities that mean what they say.

use super::{
    Error,
    calibrate::{Uncalibrated, calibrate},
    dataset::Dataset,
    fit::Weights,
    metrics::{Scored, roc_auc},
    settings::Settings,
    targets::Targets,
};
use crate::classify::{
    Artifact, Calibration,
    artifact::{Head, Row},
};
use crate::domain::Attribute;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Shares of the largest weight that a byte's range may end at; what is beyond is cut.
const RANGES: [f32; 12] = [1.0, 0.8, 0.64, 0.5, 0.4, 0.32, 0.25, 0.18, 0.13, 0.09, 0.06, 0.04];

/// So much of the area under the ROC curve may be lost to weights of one byte.
const ROC_AUC_LOST_MAX: f64 = 0.0004;

/// How an attribute was packed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Packed {
    /// The attribute's wire name.
    pub attribute: String,
    /// Whether anything spoke of it; an attribute that was not learned always scores close to zero.
    pub learned: bool,
    /// Whether its scores were calibrated; where dev data has no labels of both kinds, the logit is taken as it is.
    pub calibrated: bool,
    /// How many weights are not zero.
    pub weights: usize,
    /// ROC AUC over the dev rows that calibrate, with the weights as learned.
    pub roc_auc_learned: Option<f64>,
    /// The same with weights of one byte.
    pub roc_auc_packed: Option<f64>,
}

/// What packing goes by besides the weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing<'a> {
    /// The model's name.
    pub(super) name: &'a str,
    /// Rows to choose ranges and calibrate on.
    pub(super) dev: &'a Dataset,
    /// What the dev rows say.
    pub(super) targets: &'a [Targets],
    /// The share of each attribute's positives in natural sources, where it is known.
    pub(super) natural_shares: [Option<f64>; Attribute::COUNT],
    /// What the training depends on.
    pub(super) settings: &'a Settings,
}

/// Packs all attributes.
pub(super) fn pack(packing: Packing<'_>, weights: &Weights) -> Result<(Artifact, Vec<Packed>), Error> {
    let ranged = Ranged::choose(packing.dev, packing.targets, weights);
    let heads: Vec<_> = Attribute::ALL
        .par_iter()
        .map(|&attribute| pack_one(packing, weights, &ranged, attribute))
        .collect::<Result<_, _>>()?;
    let features = packing.settings.features;
    let mut rows: Vec<Row> = vec![Row::default(); features.buckets()];
    let mut reports = Vec::new();
    let mut kept = [SILENT; Attribute::COUNT];
    for (position, (head, bytes, report)) in heads.into_iter().enumerate() {
        kept[position] = head;
        for (row, byte) in rows.iter_mut().zip(bytes) {
            row[position] = byte;
        }
        reports.push(report);
    }
    let languages = packing.settings.languages.clone();
    Ok((Artifact { name: packing.name.to_owned(), languages, features, heads: kept, rows }, reports))
}

/// The head of an attribute that nothing was learned about.
const SILENT: Head = Head { scale: 0.0, bias: -20.0, calibration: Calibration::IDENTITY };

fn pack_one(
    packing: Packing<'_>,
    weights: &Weights,
    ranged: &Ranged,
    attribute: Attribute,
) -> Result<(Head, Vec<i8>, Packed), Error> {
    let Packing { dev, targets, settings, .. } = packing;
    let at = attribute.index();
    let mut report = Packed {
        attribute: attribute.name().to_owned(),
        learned: weights.learned[at],
        calibrated: false,
        weights: 0,
        roc_auc_learned: None,
        roc_auc_packed: None,
    };
    if !weights.learned[at] {
        return Ok((SILENT, Vec::new(), report));
    }
    let scale = ranged.scales[at];
    let packed = &ranged.packed;
    report.roc_auc_learned = roc_auc(&scored(&ranged.learned, targets, at));
    report.roc_auc_packed = roc_auc(&scored(packed, targets, at));
    let bias = weights.biases[at];
    let logits: Vec<f32> = packed.iter().map(|logits| logits[at] + bias).collect();
    let intercepts: Vec<f32> = dev.source_names.iter().map(|name| weights.intercept(name)[at]).collect();
    let uncalibrated =
        Uncalibrated { attribute, logits: &logits, intercepts: &intercepts, natural_share: packing.natural_shares[at] };
    let calibration = calibrate(uncalibrated, dev, targets, settings)?;
    report.calibrated = calibration.is_some();
    let bytes: Vec<i8> = weights.buckets.iter().map(|weights| byte(weights[at], scale)).collect();
    report.weights = bytes.iter().filter(|byte| **byte != 0).count();
    Ok((Head { scale, bias, calibration: calibration.unwrap_or(Calibration::IDENTITY) }, bytes, report))
}

/// One number for each attribute.
type Lanes = [f32; Attribute::COUNT];

/// One row's logits with the weights as learned, and with the bytes of each range.
type Sums = (Lanes, [Lanes; RANGES.len()]);

/// The range that each attribute's bytes span, and what that does to the dev rows' logits.
struct Ranged {
    /// What a byte is multiplied by.
    scales: Lanes,
    /// Each row's logits with the weights as learned.
    learned: Vec<Lanes>,
    /// The same with weights of one byte.
    packed: Vec<Lanes>,
}

impl Ranged {
    /// Chooses the range of each attribute that moves the logits of the dev rows least, among those that hardly change their
    /// order.
    fn choose(dev: &Dataset, targets: &[Targets], weights: &Weights) -> Self {
        let mut largest = [0.0_f32; Attribute::COUNT];
        for row in &weights.buckets {
            for (largest, weight) in largest.iter_mut().zip(row) {
                *largest = largest.max(weight.abs());
            }
        }
        let scales = RANGES.map(|range| largest.map(|largest| range * largest / f32::from(i8::MAX)));
        let sum = |kept: &mut Vec<Lanes>, row: usize| {
            let (indices, values) = dev.features(row);
            kept.clear();
            kept.extend(indices.iter().map(|&bucket| weights.buckets[bucket as usize]));
            let learned = logits(kept, values, |weights| *weights);
            (learned, scales.map(|scales| logits(kept, values, |weights| nearest(weights, &scales))))
        };
        let sums: Vec<_> = (0..dev.len()).into_par_iter().map_init(Vec::new, sum).collect();
        let mut chosen = Self { scales: [0.0; Attribute::COUNT], learned: Vec::new(), packed: Vec::new() };
        let mut ranges = [0; Attribute::COUNT];
        for (at, range) in ranges.iter_mut().enumerate() {
            let auc = |logit: &dyn Fn(&Sums) -> f32| {
                let known = sums.iter().zip(targets).filter(|(_, targets)| targets[at].weight > 0.0);
                roc_auc(&known.map(|(sums, targets)| (logit(sums), targets[at].truth >= 0.5)).collect::<Vec<_>>())
            };
            let learned = auc(&|(learned, _)| learned[at]).unwrap_or_default();
            let mut best = (f64::INFINITY, f64::INFINITY);
            for (number, scales) in scales.iter().enumerate() {
                let lost = learned - auc(&|(_, packed)| packed[number][at]).unwrap_or_default();
                let off: f64 =
                    sums.iter().map(|(learned, packed)| f64::from(packed[number][at] - learned[at]).powi(2)).sum();
                // What is within bounds is judged by the logits alone; order comes before them where it is not.
                let found = (if lost <= ROC_AUC_LOST_MAX { 0.0 } else { lost }, off);
                if found < best {
                    (best, *range, chosen.scales[at]) = (found, number, scales[at]);
                }
            }
        }
        for (learned, packed) in sums {
            chosen.learned.push(learned);
            chosen.packed.push(std::array::from_fn(|at| packed[ranges[at]][at]));
        }
        chosen
    }
}

/// Returns what a row's features sum up to.
#[inline]
fn logits(weights: &[Lanes], values: &[f32], used: impl Fn(&Lanes) -> Lanes) -> Lanes {
    let mut sums = [0.0; Attribute::COUNT];
    for (weights, value) in weights.iter().zip(values) {
        for (sum, weight) in sums.iter_mut().zip(used(weights)) {
            *sum += weight * value;
        }
    }
    sums
}

fn scored(logits: &[Lanes], targets: &[Targets], attribute: usize) -> Vec<Scored> {
    let known = logits.iter().zip(targets).filter(|(_, targets)| targets[attribute].weight > 0.0);
    known.map(|(logits, targets)| (logits[attribute], targets[attribute].truth >= 0.5)).collect()
}

/// Returns the weights as their bytes stand for them.
#[inline]
fn nearest(weights: &Lanes, scales: &Lanes) -> Lanes {
    std::array::from_fn(|at| steps(weights[at], scales[at]) * scales[at])
}

#[expect(clippy::cast_possible_truncation, reason = "whole and in the range of a byte")]
fn byte(weight: f32, scale: f32) -> i8 {
    steps(weight, scale) as i8
}

/// Returns the nearest multiple of `scale`, at most 127 of it either way, in steps.
#[inline]
fn steps(weight: f32, scale: f32) -> f32 {
    const MOST: f32 = 127.0;
    // A float this large has no digits behind the point: adding it rounds, without a call for each weight.
    const WHOLE: f32 = 12_582_912.0;
    let steps = if scale > 0.0 { weight / scale } else { 0.0 };
    let steps = steps.clamp(-MOST, MOST);
    let even = (steps + WHOLE) - WHOLE;
    // What lies halfway went to the even side; it belongs to the side away from zero.
    let up = if steps > 0.0 && steps - even >= 0.5 { 1.0 } else { 0.0 };
    let down = if steps < 0.0 && steps - even <= -0.5 { 1.0 } else { 0.0 };
    even + up - down
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_become_the_nearest_byte() {
        assert_eq!([0.0, 0.24, 0.26, -0.9, 99.0, -99.0].map(|weight| byte(weight, 0.5)), [0, 0, 1, -2, 127, -127]);
        assert_eq!(byte(1.0, 0.0), 0);
        for hundredths in -300_i16..300 {
            let weight = f32::from(hundredths) / 100.0;
            assert!((f32::from(byte(weight, 1.0)) - weight.round()).abs() < 0.1, "{weight}");
        }
    }
}
