//! Labels made ready to learn from: the features of each text, what the head looks at, and how much it counts.

use super::Label;
use crate::classify::{Model, Scratch, house::Reading};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU16, Ordering};

/// A bucket that fewer labels have says more about them than about the next comment.
const ROWS_MIN: u16 = 2;
/// The number of a bucket that has no column.
const LEFT_OUT: u32 = u32::MAX;

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
        let counts: Vec<AtomicU16> = (0..base.features().buckets()).map(|_| AtomicU16::new(0)).collect();
        let read = |(scratch, features): &mut (Scratch, Vec<(u32, f32)>), (label, truth): &(&Label, bool)| {
            let reading = Reading::with_row(base, scratch, &label.text, &label.circumstances, features);
            for (bucket, _) in features.iter() {
                count(&counts[*bucket as usize]);
            }
            // With room for the column that every row has.
            let (mut columns, mut values) =
                (Vec::with_capacity(features.len() + 1), Vec::with_capacity(features.len() + 1));
            columns.extend(features.iter().map(|(bucket, _)| *bucket));
            values.extend(features.iter().map(|(_, value)| *value));
            Row { truth: *truth, weight: label.weight(weight_max), reading, columns, values }
        };
        let mut rows: Vec<Row> = ruled.par_iter().map_init(Default::default, read).collect();
        let (numbers, buckets) = number_columns(counts);
        rows.par_iter_mut().for_each(|row| row.take_columns(&numbers, buckets.len()));
        Self { rows, buckets }
    }
}

impl Row {
    /// Puts columns in the place of buckets, leaves out those that have none, and adds the one that every row has.
    fn take_columns(&mut self, numbers: &[u32], last: usize) {
        let Self { columns, values, .. } = self;
        let mut kept = 0;
        for at in 0..columns.len() {
            let number = numbers[columns[at] as usize];
            if number != LEFT_OUT {
                (columns[kept], values[kept]) = (number, values[at]);
                kept += 1;
            }
        }
        columns.truncate(kept);
        values.truncate(kept);
        columns.push(u32::try_from(last).unwrap_or(LEFT_OUT));
        values.push(1.0);
    }
}

/// Counts one more row of a bucket; nobody asks for more than [`ROWS_MIN`], so that what nearly every row has is looked at and
/// not written.
fn count(rows: &AtomicU16) {
    if rows.load(Ordering::Relaxed) < ROWS_MIN {
        rows.fetch_add(1, Ordering::Relaxed);
    }
}

/// Numbers the buckets that enough rows have, so that what is learned lies close together; returns the number of each, and those
/// that have one in order.
fn number_columns(counts: Vec<AtomicU16>) -> (Vec<u32>, Vec<u32>) {
    let mut kept = Vec::new();
    let number = |(bucket, count): (u32, AtomicU16)| {
        if count.into_inner() < ROWS_MIN {
            return LEFT_OUT;
        }
        kept.push(bucket);
        u32::try_from(kept.len() - 1).unwrap_or(LEFT_OUT)
    };
    let numbers = (0..).zip(counts).map(number).collect();
    (numbers, kept)
}
