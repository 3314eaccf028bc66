//! How good scores are, against labels.

use crate::domain::interval::wilson;
use serde::{Deserialize, Serialize};

/// A scored row with what is true of it.
pub type Scored = (f32, bool);

/// A share with the range that it is likely in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The share that was counted, 0 to 1.
    pub share: f64,
    /// The lower end of Wilson's 95 % interval.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

impl Share {
    /// Returns `part` of `whole` with Wilson's 95 % interval; `None` of nothing.
    #[expect(clippy::cast_precision_loss, reason = "there are fewer rows than a double has whole numbers")]
    pub fn of(part: usize, whole: usize) -> Option<Self> {
        if whole == 0 {
            return None;
        }
        let n = whole as f64;
        let share = part as f64 / n;
        let (low, high) = wilson(share, n);
        Some(Self { share, low, high })
    }
}

/// Returns the area under the ROC curve: how likely a true row scores higher than a false one, where a tie counts
/// half. `None` where either kind is missing.
pub fn roc_auc(scored: &[Scored]) -> Option<f64> {
    let mut sorted = scored.to_vec();
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins, mut positives) = (0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let (true_rows, false_rows) = count(tied);
        wins += true_rows * (below + false_rows / 2.0);
        below += false_rows;
        positives += true_rows;
    }
    (positives > 0.0 && below > 0.0).then(|| wins / (positives * below))
}

/// Returns the average precision: the precision at each score that a true row has, averaged over the true rows.
/// Tied rows share one precision. `None` where there is no true row.
pub fn average_precision(scored: &[Scored]) -> Option<f64> {
    let (mut true_above, mut above, mut sum) = (0.0, 0.0, 0.0);
    for tied in falling(scored).chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let (true_rows, false_rows) = count(tied);
        true_above += true_rows;
        above += true_rows + false_rows;
        sum += true_rows * true_above / above;
    }
    (true_above > 0.0).then(|| sum / true_above)
}

/// How many equal ranges of scores calibration is measured in.
pub const CALIBRATION_BINS: usize = 15;

/// Returns the expected calibration error: how far the mean score of each of [`CALIBRATION_BINS`] equal ranges is from
/// its share of true rows, weighted by its rows. `None` where there is no row.
pub fn calibration_error(scored: &[Scored]) -> Option<f64> {
    let bins = calibration_bins(scored);
    let rows: f64 = bins.iter().map(|bin| bin.rows).sum();
    (rows > 0.0).then(|| bins.iter().map(|bin| (bin.scores - bin.truths).abs()).sum::<f64>() / rows)
}

/// The rows whose scores lie in one range.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CalibrationBin {
    /// How many rows.
    pub rows: f64,
    /// The sum of their scores.
    pub scores: f64,
    /// How many of them are true.
    pub truths: f64,
}

/// Sorts rows into [`CALIBRATION_BINS`] equal ranges of scores.
pub fn calibration_bins(scored: &[Scored]) -> [CalibrationBin; CALIBRATION_BINS] {
    let mut bins = [CalibrationBin::default(); CALIBRATION_BINS];
    for &(score, truth) in scored {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "in 0 to the number of ranges, or cut to it"
        )]
        let bin = ((score * CALIBRATION_BINS as f32) as usize).min(CALIBRATION_BINS - 1);
        bins[bin].rows += 1.0;
        bins[bin].scores += f64::from(score);
        bins[bin].truths += f64::from(u8::from(truth));
    }
    bins
}

/// Returns the share of true rows found at a threshold that at most `rate` of the false rows reach. `None` where
/// either kind is missing.
pub fn recall_at(scored: &[Scored], rate: f64) -> Option<f64> {
    let (positives, negatives) = count(scored);
    let (mut true_above, mut false_above, mut recall) = (0.0, 0.0, 0.0);
    for tied in falling(scored).chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let (true_rows, false_rows) = count(tied);
        true_above += true_rows;
        false_above += false_rows;
        if false_above > rate * negatives {
            break;
        }
        recall = true_above / positives;
    }
    (positives > 0.0 && negatives > 0.0).then_some(recall)
}

fn falling(scored: &[Scored]) -> Vec<Scored> {
    let mut sorted = scored.to_vec();
    sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    sorted
}

/// Counts the true and the false rows.
#[expect(clippy::cast_precision_loss, reason = "there are fewer rows than a double has whole numbers")]
fn count(scored: &[Scored]) -> (f64, f64) {
    let positives = scored.iter().filter(|(_, truth)| *truth).count();
    (positives as f64, (scored.len() - positives) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(found: Option<f64>, expected: Option<f64>) {
        match (found, expected) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-6, "{found} is not {expected}"),
            _ => assert_eq!(found, expected),
        }
    }

    #[test]
    fn roc_auc_is_as_worked_by_hand() {
        // Of six pairs of a true and a false row, five are in order.
        check(roc_auc(&[(0.9, true), (0.8, false), (0.7, true), (0.2, false), (0.1, false)]), Some(5.0 / 6.0));
        // A tie counts half, at zero too.
        check(roc_auc(&[(0.0, true), (0.0, false)]), Some(0.5));
        check(roc_auc(&[(0.5, true), (0.5, false), (0.1, false)]), Some(0.75));
        check(roc_auc(&[(0.5, true)]), None);
        check(roc_auc(&[]), None);
    }

    #[test]
    fn average_precision_is_as_worked_by_hand() {
        check(average_precision(&[(0.9, true), (0.8, false), (0.7, true), (0.2, false)]), Some(5.0 / 6.0));
        check(average_precision(&[(0.5, true), (0.5, false)]), Some(0.5));
        check(average_precision(&[(0.5, false)]), None);
    }

    #[test]
    fn calibration_error_is_as_worked_by_hand() {
        // Two rows at 0.75, one true: off by 0.25. Two at 0.05, none true: off by 0.05. Each is half of the rows.
        let scored = [(0.75, true), (0.75, false), (0.05, false), (0.05, false)];
        check(calibration_error(&scored), Some(0.15));
        check(calibration_error(&[(1.0, true)]), Some(0.0));
        check(calibration_error(&[]), None);
    }

    #[test]
    fn recall_is_taken_where_enough_false_rows_stay_below() {
        let mut scored: Vec<Scored> = (0..100_u8).map(|row| (f32::from(row) / 1000.0, false)).collect();
        scored.extend([(0.0985, true), (0.0975, true), (0.0965, true), (0.001, true)]);
        check(recall_at(&scored, 0.02), Some(0.5));
        check(recall_at(&scored, 0.0), Some(0.0));
        check(recall_at(&scored, 1.0), Some(1.0));
        // Ties at the threshold are all above it or all below.
        check(recall_at(&[(0.5, true), (0.5, false), (0.1, false)], 0.4), Some(0.0));
        check(recall_at(&[(0.5, true)], 0.1), None);
    }
}
