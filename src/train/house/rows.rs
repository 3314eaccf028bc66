//! Labels made ready to learn from: the features of each text, what the head looks at, and how much it counts.

use super::Label;
use crate::classify::{Model, Scratch, house::Reading};
use rayon::prelude::*;

/// A bucket that fewer labels have says more about them than about the next comment.
const ROWS_MIN: u32 = 2;

/// One label that says whether to reject.
pub(super) struct Row {
    /// Whether to reject.
    pub(super) truth: bool,
    /// For how many comments it stands.
    pub(super) weight: f32,
    /// What the head looks at, without a delta.
    pub(super) reading: Reading,
    /// The columns of its features, and behind them the one that every row has.
    pub(super) columns: Vec<u32>,
    /// The value of each.
    pub(super) values: Vec<f32>,
}

/// Labels in the order of their time.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// The bucket of each column but the last.
    pub(super) buckets: Vec<u32>,
}

impl Rows {
    /// Reads the labels that say whether to reject.
    pub(super) fn new(base: &Model, labels: &[Label], weight_max: f32) -> Self {
        let ruled: Vec<(&Label, bool)> = labels.iter().filter_map(|label| Some((label, label.rejected?))).collect();
        let read = |scratch: &mut Scratch, (label, truth): &(&Label, bool)| {
            let mut features = Vec::new();
            scratch.sparse_row(&label.text, base.features(), &mut features);
            let (columns, values) = features.into_iter().unzip();
            let reading = Reading::of_base(base, scratch, &label.text, &label.circumstances);
            Row { truth: *truth, weight: label.weight(weight_max), reading, columns, values }
        };
        let mut rows: Vec<Row> = ruled.par_iter().map_init(Scratch::default, read).collect();
        let buckets = number_columns(&mut rows, base.features().buckets());
        Self { rows, buckets }
    }
}

/// Numbers the buckets that enough rows have, so that what is learned lies close together; returns them in order.
fn number_columns(rows: &mut [Row], buckets: usize) -> Vec<u32> {
    let mut counts = vec![0_u32; buckets];
    rows.iter().flat_map(|row| &row.columns).for_each(|bucket| counts[*bucket as usize] += 1);
    let mut kept = Vec::new();
    // From here on, a count is the number of a column.
    for (bucket, count) in (0..).zip(&mut counts) {
        *count = if *count >= ROWS_MIN {
            kept.push(bucket);
            u32::try_from(kept.len() - 1).unwrap_or(u32::MAX)
        } else {
            u32::MAX
        };
    }
    let last = u32::try_from(kept.len()).unwrap_or(u32::MAX);
    for row in rows {
        let features = row.columns.iter().zip(&row.values);
        let features = features.map(|(bucket, value)| (counts[*bucket as usize], *value));
        let features = features.filter(|(column, _)| *column != u32::MAX).chain([(last, 1.0)]);
        (row.columns, row.values) = features.unzip();
    }
    kept
}
