//! FTRL-Proximal for all attributes at once: one walk through a row's features teaches every attribute.
//!
//! Attribute by attribute this is [`Ftrl`](super::Ftrl), weight for weight (`tests/classify/ftrl.rs` holds it to that).
//! What is gained is time. What is known of a column fills one cache line for four attributes, so that a row touches
//! memory once for all four; most rows speak of few attributes, and pass the other four by. A weight is worked out when
//! its column learns, once, not whenever it is asked for.

use super::{FtrlValidParams, ftrl::sigmoid};
use crate::domain::Attribute;

/// How many attributes there are.
const ALL: usize = Attribute::COUNT;
/// How many attributes are learned side by side.
const LANES: usize = 4;

/// One number for each attribute of a group.
type Lanes = [f32; LANES];

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

/// Learns every attribute, in groups that know nothing of each other.
#[derive(Debug, Clone)]
pub struct JointFtrl {
    groups: [Group; ALL / LANES],
}

/// What a few attributes have learned about every column.
#[derive(Debug, Clone)]
pub struct Group {
    params: FtrlValidParams<f32>,
    first: usize,
    columns: Vec<Column>,
}

/// One cache line: the weights as they are now, what values are multiplied by, and the accumulated gradients (z) and
/// squared gradients (n) that the weights stand for.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Column {
    weights: Lanes,
    scales: Lanes,
    z: Lanes,
    n: Lanes,
}

impl JointFtrl {
    /// Starts with nothing learned about any column. For each attribute, a column's values are multiplied by its scale
    /// before anything is learned from them.
    pub fn new(params: FtrlValidParams<f32>, scales: &[[f32; ALL]]) -> Self {
        let group = |group: usize| {
            let first = group * LANES;
            let columns = scales.iter().map(|scales| Column::new(lanes(scales, first))).collect();
            Group { params, first, columns }
        };
        Self { groups: std::array::from_fn(group) }
    }

    /// Returns a column's weight for each attribute, for values that are not scaled; zeros for a column that it does
    /// not have.
    pub fn weights(&self, column: usize) -> [f32; ALL] {
        let mut weights = [0.0; ALL];
        for group in &self.groups {
            if let Some(column) = group.columns.get(column) {
                weights[group.first..group.first + LANES].copy_from_slice(&times(column.weights, &column.scales));
            }
        }
        weights
    }

    /// Learns from one sparse row, whose indices must be within the columns. The last of them is left out where a
    /// target is assumed.
    pub fn learn(&mut self, indices: &[u32], values: &[f32], targets: &[Target; ALL]) {
        for group in self.groups.iter_mut().filter(|group| group.learns_from(targets)) {
            group.learn(indices, values, targets);
        }
    }

    /// Returns the groups, so that each may learn on a thread of its own.
    pub fn groups_mut(&mut self) -> &mut [Group] {
        &mut self.groups
    }
}

impl Group {
    /// Tells whether a row with these targets says anything about the group's attributes.
    pub fn learns_from(&self, targets: &[Target; ALL]) -> bool {
        lanes(targets, self.first).iter().any(|target| target.weight > 0.0)
    }

    /// Learns what one sparse row says about the group's attributes, as [`JointFtrl::learn`] does for all.
    pub fn learn(&mut self, indices: &[u32], values: &[f32], targets: &[Target; ALL]) {
        let Self { params, first, columns } = self;
        let targets = lanes(targets, *first);
        let Some((&last, indices)) = indices.split_last() else { return };
        let Some((&last_value, values)) = values.split_last() else { return };
        let mut logits = [0.0; LANES];
        for (&column, &value) in indices.iter().zip(values) {
            columns[column as usize].add(value, &mut logits);
        }
        let before = logits;
        columns[last as usize].add(last_value, &mut logits);
        let mut errors = [0.0; LANES];
        for ((error, target), (with, without)) in errors.iter_mut().zip(&targets).zip(logits.iter().zip(before)) {
            *error = target.error(if target.assumed { without } else { *with });
        }
        if errors.iter().all(|error| error.abs() <= 0.0) {
            return;
        }
        for (&column, &value) in indices.iter().zip(values) {
            columns[column as usize].learn(params, &errors, value);
        }
        // What is assumed teaches the last column nothing.
        for (error, target) in errors.iter_mut().zip(targets) {
            *error = if target.assumed { 0.0 } else { *error };
        }
        columns[last as usize].learn(params, &errors, last_value);
    }
}

/// Picks one group's part of what there is for every attribute.
#[inline]
fn lanes<T: Copy>(all: &[T; ALL], first: usize) -> [T; LANES] {
    std::array::from_fn(|lane| all[first + lane])
}

#[inline]
fn times(mut lanes: Lanes, by: &Lanes) -> Lanes {
    for (lane, by) in lanes.iter_mut().zip(by) {
        *lane *= by;
    }
    lanes
}

impl Column {
    const fn new(scales: Lanes) -> Self {
        Self { weights: [0.0; LANES], scales, z: [0.0; LANES], n: [0.0; LANES] }
    }

    #[inline]
    fn add(&self, value: f32, logits: &mut Lanes) {
        for (logit, weight) in logits.iter_mut().zip(times(self.weights, &self.scales)) {
            *logit += weight * value;
        }
    }

    #[inline]
    fn learn(&mut self, params: &FtrlValidParams<f32>, errors: &Lanes, value: f32) {
        let Self { weights, scales, z, n } = self;
        for ((((weight, scale), z), n), error) in weights.iter_mut().zip(scales).zip(z).zip(n).zip(errors) {
            params.step(z, n, error * *scale * value, *weight);
            *weight = params.weight([*z, *n]);
        }
    }
}
