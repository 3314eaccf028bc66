//! Log-count ratios: how much more often a feature occurs in rows that carry an attribute than in others (Wang and
//! Manning, "Baselines and Bigrams", 2012).
//!
//! A feature scaled by its ratio is learned fast where the counts already speak for it, and slowly where they don't,
//! which guards rare features against chance.

use super::{dataset::Dataset, settings::Fit, targets::Targets};
use crate::domain::Attribute;
use rayon::prelude::*;

/// One factor for each attribute.
pub(super) type Scales = [f32; Attribute::COUNT];

/// Rows that don't and do carry an attribute.
type Counts = [f32; 2];

/// How many attributes are counted in one walk; most rows speak of few, and pass the others' walk by.
const LANES: usize = 4;

/// Returns what each column's values are multiplied by; 1 for the columns behind the hashed features.
pub(super) fn scales(dataset: &Dataset, targets: &[Targets], columns: usize, buckets: usize, fit: &Fit) -> Vec<Scales> {
    let mut scales = vec![[1.0; Attribute::COUNT]; columns];
    if fit.ratio == 0.0 {
        return scales;
    }
    let firsts: Vec<usize> = (0..Attribute::COUNT).step_by(LANES).collect();
    let groups: Vec<Vec<[f32; LANES]>> =
        firsts.par_iter().map(|&first| group(dataset, targets, first, buckets, fit)).collect();
    for (&first, group) in firsts.iter().zip(&groups) {
        for (scales, group) in scales.iter_mut().zip(group) {
            scales[first..first + LANES].copy_from_slice(group);
        }
    }
    scales
}

/// Returns the factors of the attributes from `first` on.
fn group(dataset: &Dataset, targets: &[Targets], first: usize, buckets: usize, fit: &Fit) -> Vec<[f32; LANES]> {
    let mut counts: Vec<[Counts; LANES]> = vec![[[fit.ratio_smoothing; 2]; LANES]; buckets];
    let mut totals = [[2.0 * fit.ratio_smoothing; 2]; LANES];
    for (row, targets) in targets.iter().enumerate() {
        let rows: [Counts; LANES] = std::array::from_fn(|lane| {
            let target = targets[first + lane];
            match (target.weight > 0.0, target.truth >= 0.5) {
                (false, _) => [0.0; 2],
                (true, false) => [1.0, 0.0],
                (true, true) => [0.0, 1.0],
            }
        });
        if rows == [[0.0; 2]; LANES] {
            continue;
        }
        add(&mut totals, &rows);
        for &bucket in dataset.features(row).0 {
            add(&mut counts[bucket as usize], &rows);
        }
    }
    let scale = |counts: &Counts, totals: &Counts| {
        let share = |truth: usize| counts[truth] / totals[truth];
        1.0 - fit.ratio + fit.ratio * (share(1) / share(0)).ln().abs()
    };
    let scales = |counts: &[Counts; LANES]| std::array::from_fn(|lane| scale(&counts[lane], &totals[lane]));
    counts.iter().map(scales).collect()
}

fn add(counts: &mut [Counts; LANES], rows: &[Counts; LANES]) {
    for (counts, rows) in counts.iter_mut().zip(rows) {
        for (count, row) in counts.iter_mut().zip(rows) {
            *count += row;
        }
    }
}
