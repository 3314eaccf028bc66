//! From logits to probabilities (Platt, 1999).

use super::Error;
use linfa::{
    ParamGuard,
    composing::platt_scaling::{PlattParams, platt_newton_method, platt_predict},
};
use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// A sigmoid over logits, fitted on rows that the weights were not fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The slope; negative where a higher logit means a higher probability.
    pub a: f32,
    /// The offset.
    pub b: f32,
}

impl Calibration {
    /// Takes the logit for what it says.
    pub const IDENTITY: Self = Self { a: -1.0, b: 0.0 };

    /// Fits the sigmoid to logits and what was true of them, by linfa's Newton method.
    ///
    /// # Errors
    ///
    /// Fails where the labels are all alike, or the search does not settle on a rising sigmoid.
    pub fn fit(logits: &[f32], truths: &[bool]) -> Result<Self, Error> {
        let positives = truths.iter().filter(|truth| **truth).count();
        if positives == 0 || positives == truths.len() || logits.len() != truths.len() {
            return Err(Error::Calibration { what: "it takes labels of both kinds".to_owned() });
        }
        let logits: Vec<f64> = logits.iter().copied().map(f64::from).collect();
        let params = PlattParams::<f64, ()>::default().check().map_err(failed)?;
        let (a, b) =
            platt_newton_method(ArrayView1::from(&logits), ArrayView1::from(truths), &params).map_err(failed)?;
        #[expect(clippy::cast_possible_truncation, reason = "scores are 32-bit numbers")]
        let calibration = Self { a: a as f32, b: b as f32 };
        if calibration.is_rising() {
            Ok(calibration)
        } else {
            Err(Error::Calibration { what: "higher logits are not likelier to be true".to_owned() })
        }
    }

    /// Returns the probability in [0, 1], or `None` where the logit is not a finite number.
    #[inline]
    pub fn probability(self, logit: f32) -> Option<f32> {
        // linfa's function panics on what is not a number.
        (logit.is_finite() && !(self.a * logit + self.b).is_nan()).then(|| *platt_predict(logit, self.a, self.b))
    }

    /// Tells whether the numbers are finite and a higher logit means a higher probability.
    pub(super) fn is_rising(self) -> bool {
        self.a.is_finite() && self.b.is_finite() && self.a < 0.0
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Calibration { what: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_match_the_share_that_is_true() {
        // Of a hundred rows at logit 2, ninety are true; at logit -1, twenty.
        let logits: Vec<f32> = (0..200).map(|row| if row < 100 { 2.0 } else { -1.0 }).collect();
        let truths: Vec<bool> = (0..200).map(|row| if row < 100 { row < 90 } else { row < 120 }).collect();
        let calibration = Calibration::fit(&logits, &truths).unwrap();
        assert!((calibration.probability(2.0).unwrap() - 0.9).abs() < 0.02);
        assert!((calibration.probability(-1.0).unwrap() - 0.2).abs() < 0.02);
    }

    #[test]
    fn what_cannot_be_calibrated_is_refused() {
        assert!(Calibration::fit(&[1.0, 2.0], &[true, true]).is_err());
        assert!(Calibration::fit(&[1.0], &[true, false]).is_err());
        let falling: Vec<f32> = (0..20).map(|row| if row < 10 { 1.0 } else { -1.0 }).collect();
        let truths: Vec<bool> = (0..20).map(|row| row >= 9).collect();
        assert!(Calibration::fit(&falling, &truths).is_err());
    }

    #[test]
    fn logits_that_are_not_finite_have_no_probability() {
        for logit in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert_eq!(Calibration::IDENTITY.probability(logit), None);
        }
        assert_eq!(Calibration::IDENTITY.probability(f32::MAX), Some(1.0));
        assert_eq!(Calibration::IDENTITY.probability(f32::MIN), Some(0.0));
    }
}
