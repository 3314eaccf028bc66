//! All that a head looks at in one comment, from one walk through its features.

use super::{Circumstances, Input, Inputs, delta::Delta, input};
use crate::classify::{Model, Scratch, model::Logits};
use crate::domain::Attribute;

/// The base model's calibrated logits, in the order of [`Attribute::ALL`]: at 0 the probability is one half.
pub type BaseLogits = [f64; Attribute::COUNT];

/// What a head looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The base model's logits, before calibration.
    pub(super) logits: Logits,
    /// The same after calibration.
    pub base: BaseLogits,
    /// The delta's logit; 0 without a delta.
    pub delta: f64,
    /// The inputs.
    pub inputs: Inputs,
}

impl Reading {
    /// Reads a text with a base model alone: what training starts from.
    pub fn of_base(base: &Model, scratch: &mut Scratch, text: &str, circumstances: &Circumstances) -> Self {
        Self::new(base, None, scratch, text, circumstances)
    }

    /// Does the same, and writes the text's sparse row into `row`, as [`Scratch::sparse_row`] does.
    pub fn with_row(
        base: &Model,
        scratch: &mut Scratch,
        text: &str,
        circumstances: &Circumstances,
        row: &mut Vec<(u32, f32)>,
    ) -> Self {
        let reading = Self::of_base(base, scratch, text, circumstances);
        scratch.sparse_row_again(base.features(), row);
        reading
    }

    pub(super) fn new(
        base: &Model,
        delta: Option<&Delta>,
        scratch: &mut Scratch,
        text: &str,
        circumstances: &Circumstances,
    ) -> Self {
        let [reading] = Self::by([delta], base, scratch, text, circumstances);
        reading
    }

    /// Reads a text once for several deltas on one base model.
    pub(super) fn by<const DELTAS: usize>(
        deltas: [Option<&Delta>; DELTAS],
        base: &Model,
        scratch: &mut Scratch,
        text: &str,
        circumstances: &Circumstances,
    ) -> [Self; DELTAS] {
        let set = base.features();
        let mut inputs = input::of(scratch.read(text, set), set, text, circumstances);
        let mut sums = [0.0; DELTAS];
        let logits = base.walk(scratch, |walked| {
            if let Some(repeats) = input::repeats(&walked) {
                inputs[Input::Repeats as usize] = repeats;
            }
            for (sum, delta) in sums.iter_mut().zip(deltas) {
                *sum += delta.map_or(0.0, |delta| delta.logit(&walked));
            }
        });
        let base = calibrated(base, &logits);
        sums.map(|delta| Self { logits, base, delta, inputs })
    }

    /// Returns the place of the attribute with the highest calibrated logit, the first of equal ones.
    pub fn highest(&self) -> usize {
        let higher = |best: usize, at: usize| if self.base[at] > self.base[best] { at } else { best };
        (1..Attribute::COUNT).fold(0, higher)
    }

    /// Returns the highest calibrated logit: what `LIKELY_TO_REJECT` follows before there is a house model.
    pub fn offset(&self) -> f64 {
        self.base[self.highest()]
    }
}

/// Returns the logits of the probabilities that the base model gives.
pub(super) fn calibrated(base: &Model, logits: &Logits) -> BaseLogits {
    let mut calibrated = [0.0; Attribute::COUNT];
    for ((calibrated, &logit), head) in calibrated.iter_mut().zip(logits).zip(&base.heads) {
        let calibration = head.calibration;
        *calibrated = -(f64::from(calibration.a) * f64::from(logit) + f64::from(calibration.b));
    }
    calibrated
}
