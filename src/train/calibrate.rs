//! From logits to probabilities that hold on an ordinary day.
//!
//! Sources were chosen by hand, and in most of them half of the comments are attacks. A score of 0.8 is to mean that of
//! five such comments four carry the label where nobody chose: so the slope is fitted on rows that the weights have not
//! seen, each with its source's own intercept, and the offset then set by the share of positives in natural sources.

use super::{Error, dataset::Dataset, settings::Settings, targets::Targets};
use crate::classify::Calibration;
use crate::domain::Attribute;

/// With fewer positives than this in the natural sources, the slope is fitted on sources like them too.
const NATURAL_POSITIVES_MIN: usize = 50;
/// With fewer positives than this in those, it is fitted on every source.
const POSITIVES_MIN: usize = 20;
/// With fewer rows than this, a natural source says too little about a share.
const NATURAL_ROWS_MIN: usize = 500;

/// What is known of one attribute before it is calibrated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Uncalibrated<'a> {
    /// The attribute.
    pub(super) attribute: Attribute,
    /// Each dev row's logit.
    pub(super) logits: &'a [f32],
    /// Each dev source's intercept, as learned; 0 for a source that was not learned from.
    pub(super) intercepts: &'a [f32],
    /// The share of positives in natural sources, where it is known.
    pub(super) natural_share: Option<f64>,
}

/// Fits the calibration, or returns `None` where dev data has no labels of both kinds.
pub(super) fn calibrate(
    uncalibrated: Uncalibrated<'_>,
    dev: &Dataset,
    targets: &[Targets],
    settings: &Settings,
) -> Result<Option<Calibration>, Error> {
    let at = uncalibrated.attribute.index();
    let known = |row: &usize| targets[*row][at].weight > 0.0;
    let is_in = |row: usize, names: &[String]| names.contains(&dev.source_names[dev.sources[row]]);
    let positives = |rows: &[usize]| rows.iter().filter(|row| targets[**row][at].truth >= 0.5).count();
    let all: Vec<usize> = (0..dev.len()).filter(known).collect();
    let alike: Vec<usize> = all.iter().copied().filter(|&row| is_in(row, &settings.calibration.sources)).collect();
    let in_natural = |row: &usize| is_in(*row, &settings.calibration.natural_sources);
    let natural_rows: Vec<usize> = all.iter().copied().filter(in_natural).collect();
    let rows = match (positives(&natural_rows), positives(&alike)) {
        (NATURAL_POSITIVES_MIN.., _) => natural_rows,
        (_, POSITIVES_MIN..) => alike,
        _ => all,
    };
    let count = positives(&rows);
    if count == 0 || count == rows.len() {
        return Ok(None);
    }
    let truths: Vec<bool> = rows.iter().map(|&row| targets[row][at].truth >= 0.5).collect();
    let shifted: Vec<f32> =
        rows.iter().map(|&row| uncalibrated.logits[row] + uncalibrated.intercepts[dev.sources[row]]).collect();
    let fitted = Calibration::fit(&shifted, &truths)?;
    let natural: Vec<f32> = (0..dev.len())
        .filter(|&row| known(&row) && is_in(row, &settings.calibration.natural_sources))
        .map(|row| uncalibrated.logits[row])
        .collect();
    if let Some(share) = uncalibrated.natural_share.filter(|_| natural.len() >= NATURAL_ROWS_MIN) {
        return Ok(Some(with_mean(fitted, &natural, share)));
    }
    // Without a natural source, the dev data's own mixture is all there is to go by.
    let plain: Vec<f32> = rows.iter().map(|&row| uncalibrated.logits[row]).collect();
    Ok(Some(Calibration::fit(&plain, &truths)?))
}

/// Returns the share of each attribute's positives in the natural sources of several sets of rows, where there are any.
pub(super) fn natural_shares(sets: &[&Dataset], settings: &Settings) -> [Option<f64>; Attribute::COUNT] {
    let mut counts = [[0_u32; 2]; Attribute::COUNT];
    for set in sets {
        for (labels, &source) in set.labels.iter().zip(&set.sources) {
            if settings.calibration.natural_sources.contains(&set.source_names[source]) {
                for (counts, truth) in counts.iter_mut().zip(labels).filter_map(|(c, label)| Some((c, (*label)?))) {
                    counts[usize::from(truth)] += 1;
                }
            }
        }
    }
    counts.map(|[without, with]| (with > 0 && without > 0).then(|| f64::from(with) / f64::from(with + without)))
}

/// Shifts a calibration until its mean over `logits` is `share`.
fn with_mean(fitted: Calibration, logits: &[f32], share: f64) -> Calibration {
    let mean = |b: f32| {
        let shifted = Calibration { b, ..fitted };
        let sum: f64 = logits.iter().filter_map(|&logit| shifted.probability(logit)).map(f64::from).sum();
        #[expect(clippy::cast_precision_loss, reason = "there are fewer rows than a double has whole numbers")]
        let rows = logits.len().max(1) as f64;
        sum / rows
    };
    // The mean falls with b; halving the range 40 times is more than a 32-bit number can tell.
    let (mut low, mut high) = (fitted.b - 20.0, fitted.b + 20.0);
    for _ in 0..40 {
        let middle = f32::midpoint(low, high);
        if mean(middle) > share { low = middle } else { high = middle }
    }
    Calibration { b: f32::midpoint(low, high), ..fitted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_becomes_the_natural_share() {
        let logits: Vec<f32> = (0..1000_u16).map(|row| f32::from(row) / 100.0 - 8.0).collect();
        let fitted = Calibration { a: -1.0, b: 0.0 };
        for share in [0.002, 0.1, 0.5] {
            let shifted = with_mean(fitted, &logits, share);
            let mean = logits.iter().map(|&logit| f64::from(shifted.probability(logit).unwrap())).sum::<f64>() / 1000.0;
            assert!((mean - share).abs() < 1e-4, "{mean} is not {share}");
            assert!((shifted.a - fitted.a).abs() < 1e-9, "the slope stays");
        }
    }
}
