//! Logistic regression by FTRL-Proximal (`McMahan` et al., "Ad Click Prediction: a View from the Trenches", 2013), one
//! row and one coordinate at a time, over sparse rows.
//!
//! The update is that of `linfa-ftrl`, which takes dense rows only; a test holds the two equal weight for weight.
//! Untrained weights are exactly zero here, so that a feature never seen says nothing.

use super::{Error, SparseRecords};
use linfa::{
    DatasetBase, Float, ParamGuard,
    dataset::{AsSingleTargets, Pr, Records},
    traits::{Fit, FitWith, Predict, PredictInplace},
};
use ndarray::Array1;

/// Parameters before they are checked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FtrlParams<F>(FtrlValidParams<F>);

/// Parameters that hold water.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FtrlValidParams<F> {
    pub(super) alpha: F,
    pub(super) beta: F,
    pub(super) l1: F,
    pub(super) l2: F,
}

impl<F: Float> Default for FtrlParams<F> {
    fn default() -> Self {
        Self(FtrlValidParams { alpha: F::one(), beta: F::one(), l1: F::zero(), l2: F::cast(0.1) })
    }
}

impl<F: Float> FtrlParams<F> {
    /// Sets the learning rate, above zero; 1 unless set.
    #[must_use]
    pub fn alpha(mut self, alpha: F) -> Self {
        self.0.alpha = alpha;
        self
    }

    /// Sets what slows the first steps of a coordinate, at least zero; 1 unless set.
    #[must_use]
    pub fn beta(mut self, beta: F) -> Self {
        self.0.beta = beta;
        self
    }

    /// Sets the strength of the penalty that makes weights exactly zero, at least zero; 0 unless set.
    #[must_use]
    pub fn l1(mut self, l1: F) -> Self {
        self.0.l1 = l1;
        self
    }

    /// Sets the strength of the penalty that keeps weights small, at least zero; 0.1 unless set.
    #[must_use]
    pub fn l2(mut self, l2: F) -> Self {
        self.0.l2 = l2;
        self
    }
}

impl<F: Float> ParamGuard for FtrlParams<F> {
    type Checked = FtrlValidParams<F>;
    type Error = Error;

    fn check_ref(&self) -> Result<&Self::Checked, Error> {
        let FtrlValidParams { alpha, beta, l1, l2 } = self.0;
        for (name, value, good) in [
            ("alpha", alpha, alpha > F::zero()),
            ("beta", beta, beta >= F::zero()),
            ("l1", l1, l1 >= F::zero()),
            ("l2", l2, l2 >= F::zero()),
        ] {
            if !good || !value.is_finite() {
                return Err(Error::Parameter { name, value: value.to_f64().unwrap_or(f64::NAN) });
            }
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked, Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// A linear model being learned: what FTRL-Proximal keeps for each coordinate.
#[derive(Debug, Clone, PartialEq)]
pub struct Ftrl<F> {
    params: FtrlValidParams<F>,
    /// For each coordinate z, the gradients less what the weights moved, and n, the sum of squared gradients.
    state: Vec<[F; 2]>,
    /// The weights of the row at hand.
    row: Vec<F>,
}

impl<F: Float> Ftrl<F> {
    /// Starts a model of so many columns, with every weight zero.
    pub fn new(params: FtrlValidParams<F>, columns: usize) -> Self {
        Self { params, state: vec![[F::zero(); 2]; columns], row: Vec::new() }
    }

    /// Returns the number of columns.
    pub fn columns(&self) -> usize {
        self.state.len()
    }

    /// Returns one weight; zero for a column that the model does not have.
    pub fn weight(&self, column: usize) -> F {
        self.state.get(column).map_or(F::zero(), |state| self.params.weight(*state))
    }

    /// Returns the squared gradients that a column has gathered: how much was learned about it.
    pub fn evidence(&self, column: usize) -> F {
        self.state.get(column).map_or(F::zero(), |state| state[1])
    }

    /// Returns the logit of a sparse row.
    pub fn logit(&self, indices: &[u32], values: &[F]) -> F {
        indices.iter().zip(values).map(|(&column, &value)| self.weight(column as usize) * value).sum()
    }

    /// Learns from one sparse row, whose indices must be within the columns.
    pub fn learn(&mut self, indices: &[u32], values: &[F], truth: bool) {
        self.learn_beside(F::zero(), indices, values, truth, F::one());
    }

    /// Learns what one sparse row adds to a logit, `offset`, that something else gives it; its gradient counts `weight`
    /// times. The indices must be within the columns.
    pub fn learn_beside(&mut self, offset: F, indices: &[u32], values: &[F], truth: bool, weight: F) {
        let Self { params, state, row } = self;
        row.clear();
        let mut logit = offset;
        for (&column, &value) in indices.iter().zip(values) {
            let own = params.weight(state[column as usize]);
            logit += own * value;
            row.push(own);
        }
        let error = (sigmoid(logit) - if truth { F::one() } else { F::zero() }) * weight;
        for ((&column, &value), &weight) in indices.iter().zip(values).zip(row.iter()) {
            let [z, n] = &mut state[column as usize];
            params.step(z, n, error * value, weight);
        }
    }
}

impl<F: Float> FtrlValidParams<F> {
    /// Takes one gradient into a column's state.
    #[inline]
    pub(super) fn step(&self, z: &mut F, n: &mut F, gradient: F, weight: F) {
        let squares = *n + gradient * gradient;
        let sigma = (squares.sqrt() - n.sqrt()) / self.alpha;
        *z += gradient - sigma * weight;
        *n = squares;
    }

    /// Returns the weight that a column's state stands for.
    #[inline]
    pub(super) fn weight(&self, [z, n]: [F; 2]) -> F {
        // Without a branch, so that several columns are worked out at once.
        let beyond = z.abs() - self.l1;
        let reach = if beyond > F::zero() { beyond } else { F::zero() };
        reach.copysign(-z) / ((n.sqrt() + self.beta) / self.alpha + self.l2)
    }
}

/// Returns the logistic function of a logit, cut where a 32-bit probability would be 0 or 1.
#[inline]
pub(super) fn sigmoid<F: Float>(logit: F) -> F {
    let bound = F::cast(35.0);
    F::one() / (F::one() + (-logit.min(bound).max(-bound)).exp())
}

impl<F: Float, T: AsSingleTargets<Elem = bool>> Fit<SparseRecords<F>, T, Error> for FtrlValidParams<F> {
    type Object = Ftrl<F>;

    /// Learns from every row once, in order.
    fn fit(&self, dataset: &DatasetBase<SparseRecords<F>, T>) -> Result<Self::Object, Error> {
        self.fit_with(None, dataset)
    }
}

impl<F: Float, T: AsSingleTargets<Elem = bool>> FitWith<'_, SparseRecords<F>, T, Error> for FtrlValidParams<F> {
    type ObjectIn = Option<Ftrl<F>>;
    type ObjectOut = Ftrl<F>;

    /// Learns from every row once more, in order, where an earlier fit left off.
    fn fit_with(
        &self,
        model: Self::ObjectIn,
        dataset: &DatasetBase<SparseRecords<F>, T>,
    ) -> Result<Self::ObjectOut, Error> {
        let records = dataset.records();
        let mut model = model.unwrap_or_else(|| Ftrl::new(*self, records.nfeatures()));
        if model.columns() != records.nfeatures() {
            let what = format!("the model has {} columns, the rows {}", model.columns(), records.nfeatures());
            return Err(Error::Rows { what });
        }
        for ((indices, values), &truth) in records.rows().zip(dataset.as_single_targets()) {
            model.learn(indices, values, truth);
        }
        Ok(model)
    }
}

impl<F: Float> PredictInplace<SparseRecords<F>, Array1<Pr>> for Ftrl<F> {
    fn predict_inplace(&self, records: &SparseRecords<F>, targets: &mut Array1<Pr>) {
        for ((indices, values), target) in records.rows().zip(targets) {
            *target = Pr::new(sigmoid(self.logit(indices, values)).to_f32().unwrap_or(0.5));
        }
    }

    fn default_target(&self, records: &SparseRecords<F>) -> Array1<Pr> {
        Array1::default(records.nsamples())
    }
}

impl<F: Float> Predict<&SparseRecords<F>, Array1<Pr>> for Ftrl<F> {
    fn predict(&self, records: &SparseRecords<F>) -> Array1<Pr> {
        let mut targets = self.default_target(records);
        self.predict_inplace(records, &mut targets);
        targets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_refused() {
        let good = FtrlParams::<f64>::default();
        assert!(good.check().is_ok());
        for bad in [good.alpha(0.0), good.alpha(f64::NAN), good.beta(-1.0), good.l1(-0.1), good.l2(f64::INFINITY)] {
            assert!(matches!(bad.check(), Err(Error::Parameter { .. })), "{bad:?}");
        }
    }

    #[test]
    fn one_step_is_as_worked_by_hand() {
        let params = FtrlParams::<f64>::default().l1(0.1).check().unwrap();
        let mut model = Ftrl::new(params, 3);
        model.learn(&[0, 2], &[1.0, 0.5], true);
        // p = 0.5, so the gradients are -0.5 and -0.25; weights were 0, so z is the gradient and n its square.
        // w = (0.5 - 0.1) / ((0.5 + 1) / 1 + 0.1), and likewise for the other.
        assert!((model.weight(0) - 0.4 / 1.6).abs() < 1e-12);
        assert!((model.weight(2) - 0.15 / 1.35).abs() < 1e-12);
        assert!(model.weight(1) == 0.0 && model.weight(9) == 0.0);
    }

    #[test]
    fn beside_a_logit_only_what_it_leaves_open_is_learned() {
        let params = FtrlParams::<f64>::default().l1(0.1).check().unwrap();
        let mut model = Ftrl::new(params, 1);
        // A logit of ln 3 gives p = 0.75; twice the gradient is -0.5.
        model.learn_beside(3.0_f64.ln(), &[0], &[1.0], true, 2.0);
        assert!((model.weight(0) - 0.4 / 1.6).abs() < 1e-12);
        let mut sure = Ftrl::new(params, 1);
        sure.learn_beside(30.0, &[0], &[1.0], true, 1.0);
        assert!(sure.weight(0) == 0.0);
    }
}
