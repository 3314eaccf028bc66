//! Log-count ratios: how much more often a feature occurs in rows that carry an attribute than in others (Wang and
//! Manning, "Baselines and Bigrams", 2012).
//!
//! A feature scaled by its ratio is learned fast where the counts already speak for it, and slowly where they don't,
//! which guards rare features against chance.

use super::{dataset::Dataset, settings::Fit, targets::Targets};
use crate::domain::Attribute;

/// One factor for each attribute.
pub(super) type Scales = [f32; Attribute::COUNT];

/// Rows that don't and do carry an attribute.
type Counts = [f32; 2];

/// Returns what each column's values are multiplied by; 1 for the columns behind the hashed features.
pub(super) fn scales(dataset: &Dataset, targets: &[Targets], columns: usize, buckets: usize, fit: &Fit) -> Vec<Scales> {
    let mut scales = vec![[1.0; Attribute::COUNT]; columns];
    if fit.ratio == 0.0 {
        return scales;
    }
    let mut counts: Vec<[Counts; Attribute::COUNT]> = vec![[[fit.ratio_smoothing; 2]; Attribute::COUNT]; buckets];
    let mut totals = [[2.0 * fit.ratio_smoothing; 2]; Attribute::COUNT];
    for (row, targets) in targets.iter().enumerate() {
        let rows = targets.map(|target| match (target.weight > 0.0, target.truth >= 0.5) {
            (false, _) => [0.0; 2],
            (true, false) => [1.0, 0.0],
            (true, true) => [0.0, 1.0],
        });
        add(&mut totals, &rows);
        for &bucket in dataset.features(row).0 {
            add(&mut counts[bucket as usize], &rows);
        }
    }
    for (scales, counts) in scales.iter_mut().zip(&counts) {
        for ((scale, counts), totals) in scales.iter_mut().zip(counts).zip(&totals) {
            let share = |truth: usize| counts[truth] / totals[truth];
            *scale = 1.0 - fit.ratio + fit.ratio * (share(1) / share(0)).ln().abs();
        }
    }
    scales
}

fn add(counts: &mut [Counts; Attribute::COUNT], rows: &[Counts; Attribute::COUNT]) {
    for (counts, rows) in counts.iter_mut().zip(rows) {
        for (count, row) in counts.iter_mut().zip(rows) {
            *count += row;
        }
    }
}
