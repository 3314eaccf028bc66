//! The head: from logits and inputs to the probability that this site's moderators would reject a comment.

use super::{Input, Reading};
use crate::domain::{Attribute, Score, Scores};
use serde::{Deserialize, Serialize};

/// A logistic regression, calibrated: its sigmoid is the probability.
///
/// All of it is linear but one term, the highest of the base model's logits; that one is linear too once it is known
/// which attribute it is, so that every word's part of the whole is exact.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The logit where everything else is zero.
    pub bias: f32,
    /// What each attribute's calibrated logit is multiplied by.
    pub base: [f32; Attribute::COUNT],
    /// What the highest of them is multiplied by, besides.
    pub highest: f32,
    /// What the delta's logit is multiplied by.
    pub delta: f32,
    /// What each input is multiplied by.
    pub inputs: [f32; Input::COUNT],
}

impl Head {
    /// How many weights a head has besides the bias.
    pub const WEIGHTS: usize = Attribute::COUNT + 2 + Input::COUNT;

    /// The head that follows the base model.
    pub const FOLLOWING: Self =
        Self { bias: 0.0, base: [0.0; Attribute::COUNT], highest: 1.0, delta: 0.0, inputs: [0.0; Input::COUNT] };

    /// Puts the weights together from a row of them, in the order of [`Head::row`].
    #[must_use]
    pub fn from_row(bias: f32, row: &[f32; Self::WEIGHTS]) -> Self {
        let mut head = Self { bias, ..Self::FOLLOWING };
        head.base.copy_from_slice(&row[..Attribute::COUNT]);
        (head.highest, head.delta) = (row[Attribute::COUNT], row[Attribute::COUNT + 1]);
        head.inputs.copy_from_slice(&row[Attribute::COUNT + 2..]);
        head
    }

    /// Lists what the weights are multiplied by: the calibrated logits, the highest of them, the delta's, the inputs.
    pub fn row(reading: &Reading) -> [f64; Self::WEIGHTS] {
        let mut row = [0.0; Self::WEIGHTS];
        row[..Attribute::COUNT].copy_from_slice(&reading.base);
        (row[Attribute::COUNT], row[Attribute::COUNT + 1]) = (reading.offset(), reading.delta);
        for (place, input) in row[Attribute::COUNT + 2..].iter_mut().zip(reading.inputs) {
            *place = f64::from(input);
        }
        row
    }

    /// Returns the logit of what was read.
    pub fn logit(&self, reading: &Reading) -> f64 {
        let weights = self.base.iter().chain([&self.highest, &self.delta]).chain(&self.inputs);
        let parts = weights.zip(Self::row(reading)).map(|(weight, value)| f64::from(*weight) * value);
        f64::from(self.bias) + parts.sum::<f64>()
    }

    /// Returns what each attribute's calibrated logit is multiplied by in all, where the highest is at `highest`.
    pub(super) fn base_weights(&self, highest: usize) -> [f64; Attribute::COUNT] {
        let mut weights = self.base.map(f64::from);
        weights[highest] += f64::from(self.highest);
        weights
    }

    /// Tells whether all weights are finite and within what a file may hold.
    pub(super) fn is_usable(&self) -> bool {
        let mut weights = self.base.iter().chain([&self.bias, &self.highest, &self.delta]).chain(&self.inputs);
        weights.all(|weight| weight.abs() <= WEIGHT_MAX)
    }
}

/// The largest weight of a head.
const WEIGHT_MAX: f32 = 1_000.0;

/// Returns the sigmoid of a logit, in [0, 1], or `None` where it is not a finite number.
pub fn probability(logit: f64) -> Option<Score> {
    #[expect(clippy::cast_possible_truncation, reason = "scores are 32-bit numbers")]
    let probability = (1.0 / (1.0 + (-logit).exp())) as f32;
    Score::new(probability).filter(|_| logit.is_finite())
}

/// Returns `LIKELY_TO_REJECT` where there is no house model: the highest of the base model's scores.
///
/// A newsroom that has said nothing yet is taken to reject what carries any attribute, as surely as it carries the one
/// that is surest.
pub fn follow(scores: &Scores) -> Score {
    let first = scores.get(Attribute::ALL[0]);
    scores.iter().fold(first, |highest, (_, score)| if score > highest { score } else { highest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_score_is_followed() {
        let mut scores = [0.1; Attribute::COUNT];
        scores[5] = 0.7;
        assert_eq!(follow(&Scores::new(scores).unwrap()), Score::new(0.7).unwrap());
    }

    #[test]
    fn only_finite_logits_have_a_probability() {
        assert_eq!(probability(0.0), Score::new(0.5));
        assert_eq!((probability(1e9), probability(-1e9)), (Score::new(1.0), Score::new(0.0)));
        for logit in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(probability(logit), None);
        }
    }

    #[test]
    fn a_row_of_weights_goes_where_a_row_of_values_does() {
        let mut row = [0.0_f32; Head::WEIGHTS];
        for (place, weight) in (1_u8..).zip(&mut row) {
            *weight = f32::from(place);
        }
        let head = Head::from_row(0.5, &row);
        let mut reading = Reading { logits: [0.0; 8], base: [-1.0; 8], delta: 2.0, inputs: [1.0; Input::COUNT] };
        reading.base[2] = 3.0;
        // -1 for each attribute but the third, which is also the highest; 10 for the delta; 11 to 19 for the inputs.
        let expected = 0.5 - (36.0 - 3.0) + 3.0 * 3.0 + 9.0 * 3.0 + 10.0 * 2.0 + 15.0 * 9.0;
        assert!((head.logit(&reading) - expected).abs() < 1e-9);
    }
}
