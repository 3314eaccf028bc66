//! From weights to an artifact: one signed byte for each, and probabilities that mean what they say.

use super::{
    Error,
    dataset::Dataset,
    fit::{Example, Settings, Weights, examples},
    metrics::{Scored, roc_auc},
};
use crate::classify::{
    Artifact, Calibration, Hashing,
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

/// Packs all attributes, with `dev` to choose ranges and calibrate on.
pub(super) fn pack(
    name: &str,
    hashing: Hashing,
    weights: &[Option<Weights>],
    dev: &Dataset,
    settings: &Settings,
) -> Result<(Artifact, Vec<Packed>), Error> {
    let heads: Vec<_> = Attribute::ALL
        .par_iter()
        .zip(weights)
        .map(|(&attribute, weights)| pack_one(attribute, weights.as_ref(), dev, settings))
        .collect::<Result<_, _>>()?;
    let mut rows: Vec<Row> = vec![Row::default(); hashing.buckets()];
    let mut reports = Vec::new();
    let mut kept = [SILENT; Attribute::COUNT];
    for (position, (head, bytes, report)) in heads.into_iter().enumerate() {
        kept[position] = head;
        for (row, byte) in rows.iter_mut().zip(bytes) {
            row[position] = byte;
        }
        reports.push(report);
    }
    let languages = settings.languages.clone();
    Ok((Artifact { name: name.to_owned(), languages, hashing, heads: kept, rows }, reports))
}

/// The head of an attribute that nothing was learned about.
const SILENT: Head = Head { scale: 0.0, bias: -20.0, calibration: Calibration::IDENTITY };

fn pack_one(
    attribute: Attribute,
    weights: Option<&Weights>,
    dev: &Dataset,
    settings: &Settings,
) -> Result<(Head, Vec<i8>, Packed), Error> {
    let mut report = Packed {
        attribute: attribute.name().to_owned(),
        learned: weights.is_some(),
        calibrated: false,
        weights: 0,
        roc_auc_learned: None,
        roc_auc_packed: None,
    };
    let Some(weights) = weights else {
        return Ok((SILENT, Vec::new(), report));
    };
    let examples = examples(dev, attribute, settings);
    let learned = logits(dev, &examples, |bucket| weights.buckets[bucket]);
    let largest = weights.buckets.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
    let mut best = (f64::INFINITY, 0.0, Vec::new());
    for scale in RANGES.map(|range| range * largest / f32::from(i8::MAX)) {
        let packed = logits(dev, &examples, |bucket| f32::from(byte(weights.buckets[bucket], scale)) * scale);
        let off: f64 = packed.iter().zip(&learned).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        if off < best.0 || best.2.is_empty() {
            best = (off, scale, packed);
        }
    }
    let (_, scale, packed) = best;
    report.roc_auc_learned = roc_auc(&scored(&learned, &examples));
    report.roc_auc_packed = roc_auc(&scored(&packed, &examples));
    let logits: Vec<f32> = packed.iter().map(|logit| logit + weights.bias).collect();
    let truths: Vec<bool> = examples.iter().map(|example| example.truth).collect();
    let calibration = if truths.contains(&true) && truths.contains(&false) {
        report.calibrated = true;
        Calibration::fit(&logits, &truths)?
    } else {
        Calibration::IDENTITY
    };
    let bytes: Vec<i8> = weights.buckets.iter().map(|weight| byte(*weight, scale)).collect();
    report.weights = bytes.iter().filter(|byte| **byte != 0).count();
    Ok((Head { scale, bias: weights.bias, calibration }, bytes, report))
}

/// Returns what each example's features sum up to.
fn logits(dev: &Dataset, examples: &[Example], weight: impl Fn(usize) -> f32) -> Vec<f32> {
    let sum = |example: &Example| {
        let (indices, values) = dev.row(example.row);
        // The bias and the source's column come last.
        let features = indices.len() - 2;
        indices[..features].iter().zip(values).map(|(&bucket, value)| weight(bucket as usize) * value).sum()
    };
    examples.iter().map(sum).collect()
}

fn scored(logits: &[f32], examples: &[Example]) -> Vec<Scored> {
    logits.iter().zip(examples).map(|(&logit, example)| (logit, example.truth)).collect()
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
