//! Which features a text has: what a model's file says of them, and an experiment may try.

use super::{counter::BUCKETS_MAX, features::Part};
use serde::{Deserialize, Serialize};

/// How text becomes features; a model is of use only with the features it was trained with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureSet {
    /// The base-2 logarithm of the number of buckets, 1 to 20.
    pub bits: u32,
    /// The seed of the hash.
    pub seed: u64,
    /// The most neighbouring words in a feature, 1 to 3.
    pub words_max: usize,
    /// Whether two words with one between them are a feature.
    pub skips: bool,
    /// Whether the three words behind a negation are features of their own as well.
    pub negation: bool,
    /// The least characters in a feature, 2 to `chars_max`.
    pub chars_min: usize,
    /// The most characters in a feature, at most 8.
    pub chars_max: usize,
    /// How much capitals, punctuation and links count beside words, at least 0; at 0 they don't.
    pub style: f32,
    /// How much disguised words, undone, count beside words, at least 0; at 0 they don't.
    pub second_view: f32,
}

impl Default for FeatureSet {
    fn default() -> Self {
        Self {
            bits: 20,
            seed: 0x6f6d_6275_6400_0001,
            words_max: 2,
            skips: true,
            negation: false,
            chars_min: 2,
            chars_max: 5,
            style: 0.5,
            second_view: 0.5,
        }
    }
}

impl FeatureSet {
    /// Says which value is out of range, if one is.
    ///
    /// # Errors
    ///
    /// Fails with the name of the value and its range.
    pub fn check(&self) -> Result<(), String> {
        let weighs = |weight: f32| (0.0..=10.0).contains(&weight);
        let ranges = [
            ((1..=BUCKETS_MAX.ilog2()).contains(&self.bits), "features.bits is not in 1 to 20"),
            ((1..=3).contains(&self.words_max), "features.words_max is not in 1 to 3"),
            ((2..=self.chars_max).contains(&self.chars_min), "features.chars_min is not in 2 to features.chars_max"),
            (self.chars_max <= CHARS_MAX_MAX, "features.chars_max is not at most 8"),
            (weighs(self.style), "features.style is not in 0 to 10"),
            (weighs(self.second_view), "features.second_view is not in 0 to 10"),
        ];
        ranges.into_iter().find(|(good, _)| !good).map_or(Ok(()), |(_, what)| Err(what.to_owned()))
    }

    /// Returns the number of buckets.
    pub const fn buckets(&self) -> usize {
        1 << self.bits
    }

    /// Returns the length that a part's values are scaled to.
    #[inline]
    pub(super) const fn length(&self, part: Part) -> f32 {
        match part {
            Part::Words | Part::Chars => 1.0,
            Part::Style => self.style,
            Part::SecondView => self.second_view,
        }
    }

    /// Tells whether `Scratch::gather` knows how to list the features.
    pub(super) const fn is_straight(&self) -> bool {
        self.words_max == 2 && self.skips && !self.negation && self.chars_min == 2 && self.chars_max == 1 + RUNS
    }
}

/// How many runs of characters begin at each, where nothing else is set.
pub(super) const RUNS: usize = 4;

/// No character n-gram is longer.
pub(super) const CHARS_MAX_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_out_of_range_are_named() {
        let good = FeatureSet::default();
        assert_eq!(good.check(), Ok(()));
        for (bad, name) in [
            (FeatureSet { bits: 21, ..good }, "bits"),
            (FeatureSet { words_max: 0, ..good }, "words_max"),
            (FeatureSet { chars_min: 1, ..good }, "chars_min"),
            (FeatureSet { chars_min: 6, ..good }, "chars_min"),
            (FeatureSet { chars_max: 9, ..good }, "chars_max"),
            (FeatureSet { style: f32::NAN, ..good }, "style"),
            (FeatureSet { second_view: -1.0, ..good }, "second_view"),
        ] {
            assert!(bad.check().is_err_and(|what| what.contains(name)), "{name}");
        }
    }
}
