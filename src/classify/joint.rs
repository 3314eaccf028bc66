//! FTRL-Proximal for all attributes at once: one walk through a row's features teaches every attribute.
//!
//! Attribute by attribute this is [`Ftrl`](super::Ftrl), weight for weight (`tests/classify/ftrl.rs` holds it to that).
//! What is gained is time: the states of one column lie side by side, so a row touches memory once, not once for each
//! attribute.

use super::{FtrlValidParams, ftrl::sigmoid};
use crate::domain::Attribute;

/// How many attributes are learned side by side.
const LANES: usize = Attribute::COUNT;

/// What one row says about one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Target {
    /// The share of raters who say that the row carries the attribute, in [0, 1].
    pub truth: f32,
    /// How much the row counts; zero where it says nothing.
    pub weight: f32,
    /// Whether the row's last column takes no part: the label is an assumption, not the habit of a source.
    pub assumed: bool,
    /// The logit beyond which nothing is learned: from there on the row is right enough.
    pub enough: Option<f32>,
}

impl Target {
    /// Returns the derivative of the loss by the logit.
    #[inline]
    fn error(&self, logit: f32) -> f32 {
        let beyond = |enough: f32| if self.truth >= 0.5 { logit > enough } else { logit < enough };
        if self.enough.is_some_and(beyond) { 0.0 } else { (sigmoid(logit) - self.truth) * self.weight }
    }
}

/// The accumulated gradients and squared gradients of every column, attribute by attribute.
#[derive(Debug, Clone)]
pub struct JointFtrl {
    params: FtrlValidParams<f32>,
    columns: Vec<Column>,
    scales: Vec<[f32; LANES]>,
    row: Vec<[f32; LANES]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Column {
    z: [f32; LANES],
    n: [f32; LANES],
}

impl JointFtrl {
    /// Starts with nothing learned about any column. For each attribute, a column's values are multiplied by its scale
    /// before anything is learned from them.
    pub fn new(params: FtrlValidParams<f32>, scales: Vec<[f32; LANES]>) -> Self {
        Self { params, columns: vec![Column::default(); scales.len()], scales, row: Vec::new() }
    }

    /// Returns a column's weight for each attribute, for values that are not scaled; zeros for a column that it does
    /// not have.
    pub fn weights(&self, column: usize) -> [f32; LANES] {
        let weights = self.columns.get(column).map_or([0.0; LANES], |column| column.weights(&self.params));
        times(weights, self.scales.get(column).unwrap_or(&[0.0; LANES]))
    }

    /// Learns from one sparse row, whose indices must be within the columns. The last of them is left out where a
    /// target is assumed.
    pub fn learn(&mut self, indices: &[u32], values: &[f32], targets: &[Target; LANES]) {
        let Self { params, columns, scales, row } = self;
        let mut logits = [0.0; LANES];
        row.clear();
        for (place, (&column, &value)) in indices.iter().zip(values).enumerate() {
            let mut weights = columns[column as usize].weights(params);
            if place + 1 == indices.len() {
                silence(&mut weights, targets);
            }
            let scaled = times(weights, &scales[column as usize]);
            for (logit, weight) in logits.iter_mut().zip(scaled) {
                *logit += weight * value;
            }
            row.push(weights);
        }
        let mut errors = [0.0; LANES];
        for ((error, logit), target) in errors.iter_mut().zip(logits).zip(targets) {
            *error = target.error(logit);
        }
        for (place, ((&column, &value), weights)) in indices.iter().zip(values).zip(row.iter()).enumerate() {
            if place + 1 == indices.len() {
                silence(&mut errors, targets);
            }
            let gradients = times(errors, &scales[column as usize]);
            columns[column as usize].learn(params, gradients, value, weights);
        }
    }
}

#[inline]
fn times(mut lanes: [f32; LANES], by: &[f32; LANES]) -> [f32; LANES] {
    for (lane, by) in lanes.iter_mut().zip(by) {
        *lane *= by;
    }
    lanes
}

/// Takes out what an assumption may not use or teach.
fn silence(lanes: &mut [f32; LANES], targets: &[Target; LANES]) {
    for (lane, target) in lanes.iter_mut().zip(targets) {
        if target.assumed {
            *lane = 0.0;
        }
    }
}

impl Column {
    #[inline]
    fn weights(&self, params: &FtrlValidParams<f32>) -> [f32; LANES] {
        let mut weights = [0.0; LANES];
        for ((weight, z), n) in weights.iter_mut().zip(self.z).zip(self.n) {
            *weight = params.weight([z, n]);
        }
        weights
    }

    #[inline]
    fn learn(&mut self, params: &FtrlValidParams<f32>, errors: [f32; LANES], value: f32, weights: &[f32; LANES]) {
        for (((z, n), error), weight) in self.z.iter_mut().zip(&mut self.n).zip(errors).zip(weights) {
            params.step(z, n, error * value, *weight);
        }
    }
}
