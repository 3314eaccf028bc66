//! What a retraining depends on besides its labels.

use crate::train::Error;
use serde::{Deserialize, Serialize};

/// How strongly the delta's weights are held back: they pay for what they explain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Strength {
    /// What makes a weight exactly zero, at least 0.
    pub l1: f32,
    /// What keeps a weight small, at least 0.
    pub l2: f32,
}

/// What a retraining depends on besides its labels; every number of it has a default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The name that the house model gets.
    pub name: String,
    /// Decides the order in which labels are learned from.
    pub seed: u64,
    /// How often each label is learned from at most, from 1.
    pub epochs: u64,
    /// Once so many labels were learned from, no label is learned from once more than all others: of many, each is heard once.
    pub steps_enough: usize,
    /// The delta's learning rate, above 0.
    pub alpha: f32,
    /// What the delta is tried with, the strongest last; cross-validation chooses.
    pub strengths: Vec<Strength>,
    /// The strengths that the head is tried with, above 0, the strongest last.
    pub head_strengths: Vec<f64>,
    /// In how many blocks of time the labels are cut for cross-validation, from 3.
    pub blocks: usize,
    /// One label stands for at most so many comments, from 1.
    pub weight_max: f32,
    /// The share of the labels, the newest ones, that are judged by instead of learned from, above 0 and below 1.
    pub held_out: f64,
}

impl Default for Settings {
    fn default() -> Self {
        let strength = |(l1, l2)| Strength { l1, l2 };
        Self {
            name: "house".to_owned(),
            seed: 1,
            epochs: 3,
            steps_enough: 15_000,
            alpha: 1.0,
            strengths: [(0.0, 0.1), (0.02, 0.5), (0.05, 2.0), (0.2, 8.0)].map(strength).into(),
            head_strengths: [1.0, 10.0, 100.0].into(),
            blocks: 5,
            weight_max: 20.0,
            held_out: 0.2,
        }
    }
}

impl Settings {
    /// Returns how often each of so many labels is learned from.
    pub fn epochs_of(&self, labels: usize) -> u64 {
        (self.steps_enough.div_ceil(labels.max(1)) as u64).clamp(1, self.epochs)
    }

    /// Says which value is out of range, if one is.
    ///
    /// # Errors
    ///
    /// Fails with the name of the value and its range.
    pub fn check(&self) -> Result<(), Error> {
        let strength = |one: &Strength| one.l1 >= 0.0 && one.l2 >= 0.0 && (one.l1 + one.l2).is_finite();
        let ranges = [
            ((1..=100).contains(&self.epochs), "epochs is not in 1 to 100"),
            (self.alpha > 0.0 && self.alpha.is_finite(), "alpha is not above 0"),
            (!self.strengths.is_empty() && self.strengths.iter().all(strength), "strengths are missing or below 0"),
            (
                !self.head_strengths.is_empty() && self.head_strengths.iter().all(|one| *one > 0.0 && one.is_finite()),
                "head_strengths are missing or not above 0",
            ),
            ((3..=20).contains(&self.blocks), "blocks is not in 3 to 20"),
            ((1.0..=1000.0).contains(&self.weight_max), "weight_max is not in 1 to 1000"),
            (self.held_out > 0.0 && self.held_out < 1.0, "held_out is not above 0 and below 1"),
        ];
        let wrong = ranges.into_iter().find(|(good, _)| !good);
        wrong.map_or(Ok(()), |(_, what)| Err(Error::Label { what: what.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_labels_are_learned_from_again_and_many_once() {
        let settings = Settings { epochs: 3, steps_enough: 1000, ..Settings::default() };
        let epochs = [0, 1, 499, 500, 999, 1000, 1001].map(|labels| settings.epochs_of(labels));
        assert_eq!(epochs, [3, 3, 3, 2, 2, 1, 1]);
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let good = Settings::default();
        assert!(good.check().is_ok());
        for (bad, name) in [
            (Settings { epochs: 0, ..good.clone() }, "epochs"),
            (Settings { alpha: f32::NAN, ..good.clone() }, "alpha"),
            (Settings { strengths: Vec::new(), ..good.clone() }, "strengths"),
            (Settings { head_strengths: vec![0.0], ..good.clone() }, "head_strengths"),
            (Settings { blocks: 2, ..good.clone() }, "blocks"),
            (Settings { weight_max: 0.5, ..good.clone() }, "weight_max"),
            (Settings { held_out: 1.0, ..good }, "held_out"),
        ] {
            assert!(bad.check().is_err_and(|error| error.to_string().contains(name)), "{name}");
        }
    }
}
