//! FTRL-Proximal for a few models at once that learn from the same rows, each with parameters of its own, and each from
//! those of the rows alone that it is to know.
//!
//! Model by model this is [`Ftrl`](super::Ftrl), bit for bit (`tests/classify/ftrl.rs` holds it to that). What is gained is
//! time: what all of them know of a column fills one cache line, so that a row touches memory once for all of them, and is
//! worked out four numbers at a time. A weight and a root are worked out when their column learns, not whenever they are
//! asked for.

use super::{FtrlValidParams, ftrl::sigmoid};

/// How many models learn beside each other.
pub const LANES: usize = 4;

/// One number for each model.
pub type Lanes = [f32; LANES];

/// A few linear models being learned.
#[derive(Debug, Clone)]
pub struct LaneFtrl {
    params: [FtrlValidParams<f32>; LANES],
    columns: Vec<Column>,
}

/// One cache line: the weights as they are now, and for each the gradients less what the weights moved (z), the sum of
/// squared gradients (n) and its root.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Column {
    weights: Lanes,
    z: Lanes,
    n: Lanes,
    roots: Lanes,
}

impl Column {
    const NEW: Self = Self { weights: [0.0; LANES], z: [0.0; LANES], n: [0.0; LANES], roots: [0.0; LANES] };

    #[inline]
    fn add(&self, value: f32, logits: &mut Lanes) {
        for (logit, weight) in logits.iter_mut().zip(&self.weights) {
            *logit += weight * value;
        }
    }

    #[inline]
    fn learn(&mut self, Transposed { alpha, beta, l1, l2 }: &Transposed, errors: &Lanes, value: f32) {
        // By places, so that the compiler sees four of everything; each line is one of `FtrlValidParams::step` and `weight`.
        for lane in 0..LANES {
            let gradient = errors[lane] * value;
            let squares = self.n[lane] + gradient * gradient;
            let root = squares.sqrt();
            let sigma = (root - self.roots[lane]) / alpha[lane];
            let z = self.z[lane] + (gradient - sigma * self.weights[lane]);
            let beyond = z.abs() - l1[lane];
            let reach = if beyond > 0.0 { beyond } else { 0.0 };
            self.weights[lane] = reach.copysign(-z) / ((root + beta[lane]) / alpha[lane] + l2[lane]);
            (self.z[lane], self.n[lane], self.roots[lane]) = (z, squares, root);
        }
    }
}

/// The parameters of all models, each by itself.
struct Transposed {
    alpha: Lanes,
    beta: Lanes,
    l1: Lanes,
    l2: Lanes,
}

impl LaneFtrl {
    /// Starts models of so many columns, with every weight zero.
    pub fn new(params: [FtrlValidParams<f32>; LANES], columns: usize) -> Self {
        Self { params, columns: vec![Column::NEW; columns] }
    }

    /// Returns each model's weight of one column; zeros for a column that they do not have.
    pub fn weights(&self, column: usize) -> Lanes {
        self.columns.get(column).map_or([0.0; LANES], |column| column.weights)
    }

    /// Returns each model's logit of a sparse row, whose indices must be within the columns.
    pub fn logits(&self, indices: &[u32], values: &[f32]) -> Lanes {
        self.logits_beside(0.0, indices, values)
    }

    fn logits_beside(&self, offset: f32, indices: &[u32], values: &[f32]) -> Lanes {
        let mut logits = [offset; LANES];
        for (&column, &value) in indices.iter().zip(values) {
            self.columns[column as usize].add(value, &mut logits);
        }
        logits
    }

    /// Learns what one sparse row adds to a logit, `offset`, that something else gives it; for each model its gradient counts
    /// as often as `weights` says, and a model of weight 0 stays as it is. The indices must be within the columns.
    pub fn learn_beside(&mut self, offset: f32, indices: &[u32], values: &[f32], truth: bool, weights: &Lanes) {
        let logits = self.logits_beside(offset, indices, values);
        let truth = if truth { 1.0 } else { 0.0 };
        let mut errors = [0.0; LANES];
        for ((error, logit), weight) in errors.iter_mut().zip(logits).zip(weights) {
            *error = (sigmoid(logit) - truth) * weight;
        }
        if errors.iter().all(|error| error.abs() <= 0.0) {
            return;
        }
        let params = Transposed {
            alpha: self.params.map(|params| params.alpha),
            beta: self.params.map(|params| params.beta),
            l1: self.params.map(|params| params.l1),
            l2: self.params.map(|params| params.l2),
        };
        for (&column, &value) in indices.iter().zip(values) {
            self.columns[column as usize].learn(&params, &errors, value);
        }
    }
}
