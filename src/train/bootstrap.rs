//! Bootstrap intervals: how far a figure would move, had other rows of the same kind been drawn (Efron, 1979).

use super::{metrics::Scored, targets::shuffled};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How often rows are drawn anew.
const RESAMPLES: usize = 1000;
/// The shares of resamples that lie below and above an interval.
const TAIL: f64 = 0.025;

/// The range that a figure lies in with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Tells whether `value` is in it.
    pub fn contains(self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Takes the middle 95 % of `figures`; `None` for too few of them.
    fn of(mut figures: Vec<f64>) -> Option<Self> {
        if figures.len() < RESAMPLES / 2 {
            return None;
        }
        figures.sort_unstable_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place among a thousand"
        )]
        let tail = (figures.len() as f64 * TAIL) as usize;
        Some(Self { low: figures[tail], high: figures[figures.len() - 1 - tail] })
    }
}

/// Returns the interval of the area under the ROC curve. `None` where rows of either kind are missing or too few.
pub fn roc_auc_interval(scored: &[Scored], seed: u64) -> Option<Interval> {
    let ranking = Ranking::new(scored);
    let truths: Vec<bool> = scored.iter().map(|(_, truth)| *truth).collect();
    let figures = resampled(scored.len(), seed, |counts| ranking.roc_auc(&truths, counts));
    Interval::of(figures)
}

/// Returns the interval of how much the second scores' area under the ROC curve exceeds the first scores', over the
/// same rows. `None` as for one of them.
///
/// Both are drawn together, so what makes rows easy or hard for both falls out of the difference.
pub fn difference_interval(first: &[f32], second: &[f32], truths: &[bool], seed: u64) -> Option<Interval> {
    let with_truth = |scores: &[f32]| scores.iter().copied().zip(truths.iter().copied()).collect::<Vec<Scored>>();
    let (first, second) = (Ranking::new(&with_truth(first)), Ranking::new(&with_truth(second)));
    let difference = |counts: &[u32]| Some(second.roc_auc(truths, counts)? - first.roc_auc(truths, counts)?);
    Interval::of(resampled(truths.len(), seed, difference))
}

/// Returns the interval of any figure; `measure` is given how often each row was drawn. `None` where too many draws
/// cannot be measured.
pub(super) fn interval(rows: usize, seed: u64, measure: impl Fn(&[u32]) -> Option<f64> + Sync) -> Option<Interval> {
    Interval::of(resampled(rows, seed, measure))
}

/// Draws as many rows as there are, again and again, and measures how often each was drawn. Resamples that cannot be
/// measured are left out.
fn resampled(rows: usize, seed: u64, measure: impl Fn(&[u32]) -> Option<f64> + Sync) -> Vec<f64> {
    if rows == 0 {
        return Vec::new();
    }
    let draw = |resample: usize| {
        let mut counts = vec![0_u32; rows];
        for at in 0..rows {
            let drawn = (u128::from(shuffled(seed, resample as u64, at)) * rows as u128) >> 64;
            counts[usize::try_from(drawn).unwrap_or(0)] += 1;
        }
        measure(&counts)
    };
    (0..RESAMPLES).into_par_iter().filter_map(draw).collect()
}

/// The rows in rising order of their scores, so that each resample needs no sorting.
struct Ranking {
    order: Vec<usize>,
    /// Whether the row at each place of the order scores as the one before it.
    tied: Vec<bool>,
}

impl Ranking {
    fn new(scored: &[Scored]) -> Self {
        let mut order: Vec<usize> = (0..scored.len()).collect();
        order.sort_by(|&a, &b| scored[a].0.total_cmp(&scored[b].0));
        let tied = |pair: &[usize]| scored[pair[0]].0.total_cmp(&scored[pair[1]].0).is_eq();
        let tied = std::iter::once(false).chain(order.windows(2).map(tied)).collect();
        Self { order, tied }
    }

    /// Returns the area under the ROC curve over rows that occur `counts` times each.
    fn roc_auc(&self, truths: &[bool], counts: &[u32]) -> Option<f64> {
        let (mut below, mut wins, mut positives) = (0.0, 0.0, 0.0);
        let mut tie = [0.0; 2];
        for (&row, tied) in self.order.iter().zip(&self.tied) {
            if !tied {
                close(&mut tie, &mut below, &mut wins, &mut positives);
            }
            tie[usize::from(truths[row])] += f64::from(counts[row]);
        }
        close(&mut tie, &mut below, &mut wins, &mut positives);
        (positives > 0.0 && below > 0.0).then(|| wins / (positives * below))
    }
}

fn close(tie: &mut [f64; 2], below: &mut f64, wins: &mut f64, positives: &mut f64) {
    let [false_rows, true_rows] = std::mem::take(tie);
    *wins += true_rows * (*below + false_rows / 2.0);
    *below += false_rows;
    *positives += true_rows;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::metrics::roc_auc;

    fn scored(rows: u16) -> Vec<Scored> {
        (0..rows).map(|row| (f32::from(row * 37 % 101) / 10.0, row * 37 % 101 + row * 13 % 50 > 80)).collect()
    }

    #[test]
    fn every_row_once_is_the_figure_itself() {
        let scored = scored(300);
        let truths: Vec<bool> = scored.iter().map(|(_, truth)| *truth).collect();
        let found = Ranking::new(&scored).roc_auc(&truths, &[1; 300]);
        assert!((found.unwrap() - roc_auc(&scored).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn intervals_hold_the_figure_and_shrink_with_rows() {
        let widths: Vec<f64> = [100, 1600]
            .map(|rows| {
                let scored = scored(rows);
                let interval = roc_auc_interval(&scored, 1).unwrap();
                assert!(interval.contains(roc_auc(&scored).unwrap()) && interval.low < interval.high);
                interval.high - interval.low
            })
            .into();
        // Sixteen times the rows make a quarter of the width.
        assert!((2.5..6.0).contains(&(widths[0] / widths[1])), "{widths:?}");
        assert_eq!(roc_auc_interval(&[(0.5, true)], 1), None);
        assert_eq!(roc_auc_interval(&[], 1), None);
    }

    #[test]
    fn a_difference_is_told_from_none() {
        let scored = scored(400);
        let truths: Vec<bool> = scored.iter().map(|(_, truth)| *truth).collect();
        let first: Vec<f32> = scored.iter().map(|(score, _)| *score).collect();
        let better: Vec<f32> = scored.iter().map(|(score, truth)| score + f32::from(u8::from(*truth))).collect();
        let same = difference_interval(&first, &first, &truths, 1).unwrap();
        assert!((same.low, same.high) == (0.0, 0.0), "{same:?}");
        assert!(difference_interval(&first, &better, &truths, 1).unwrap().low > 0.0);
    }
}
