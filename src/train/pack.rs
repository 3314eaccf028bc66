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
const RANGES: [f32; 8] = [1.0, 0.8, 0.64, 0.5, 0.4, 0.32, 0.25, 0.18];

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
    let heads: Vec<_> =
        Attribute::ALL.par_iter().map(|&attribute| pack_one(packing, weights, attribute)).collect::<Result<_, _>>()?;
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

fn pack_one(packing: Packing<'_>, weights: &Weights, attribute: Attribute) -> Result<(Head, Vec<i8>, Packed), Error> {
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
    let weight = |bucket: usize| weights.buckets[bucket][at];
    let learned = logits(dev, weight);
    let largest = weights.buckets.iter().fold(0.0_f32, |most, row| most.max(row[at].abs()));
    let mut best = (f64::INFINITY, 0.0, Vec::new());
    for scale in RANGES.map(|range| range * largest / f32::from(i8::MAX)) {
        let packed = logits(dev, |bucket| f32::from(byte(weight(bucket), scale)) * scale);
        let off: f64 = packed.iter().zip(&learned).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        if off < best.0 || best.2.is_empty() {
            best = (off, scale, packed);
        }
    }
    let (_, scale, packed) = best;
    report.roc_auc_learned = roc_auc(&scored(&learned, targets, at));
    report.roc_auc_packed = roc_auc(&scored(&packed, targets, at));
    let bias = weights.biases[at];
    let logits: Vec<f32> = packed.iter().map(|logit| logit + bias).collect();
    let intercepts: Vec<f32> = dev.source_names.iter().map(|name| weights.intercept(name)[at]).collect();
    let uncalibrated =
        Uncalibrated { attribute, logits: &logits, intercepts: &intercepts, natural_share: packing.natural_shares[at] };
    let calibration = calibrate(uncalibrated, dev, targets, settings)?;
    report.calibrated = calibration.is_some();
    let bytes: Vec<i8> = (0..weights.buckets.len()).map(|bucket| byte(weight(bucket), scale)).collect();
    report.weights = bytes.iter().filter(|byte| **byte != 0).count();
    Ok((Head { scale, bias, calibration: calibration.unwrap_or(Calibration::IDENTITY) }, bytes, report))
}

/// Returns what each row's features sum up to.
fn logits(dev: &Dataset, weight: impl Fn(usize) -> f32) -> Vec<f32> {
    let sum = |row: usize| {
        let (indices, values) = dev.features(row);
        indices.iter().zip(values).map(|(&bucket, value)| weight(bucket as usize) * value).sum()
    };
    (0..dev.len()).map(sum).collect()
}

fn scored(logits: &[f32], targets: &[Targets], attribute: usize) -> Vec<Scored> {
    let known = logits.iter().zip(targets).filter(|(_, targets)| targets[attribute].weight > 0.0);
    known.map(|(&logit, targets)| (logit, targets[attribute].truth >= 0.5)).collect()
}

/// Returns the nearest multiple of `scale`, at most 127 of it either way.
#[expect(clippy::cast_possible_truncation, reason = "cut to the range of a byte before")]
fn byte(weight: f32, scale: f32) -> i8 {
    let steps = if scale > 0.0 { weight / scale } else { 0.0 };
    steps.round().clamp(f32::from(-i8::MAX), f32::from(i8::MAX)) as i8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_become_the_nearest_byte() {
        assert_eq!([0.0, 0.24, 0.26, -0.9, 99.0, -99.0].map(|weight| byte(weight, 0.5)), [0, 0, 1, -2, 127, -127]);
        assert_eq!(byte(1.0, 0.0), 0);
    }
}
