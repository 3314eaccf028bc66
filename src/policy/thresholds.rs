//! From which score on a comment is held or rejected.

use crate::domain::{Attribute, Score};

/// From which score of one attribute on a comment is held, and from which it is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Threshold {
    /// The lowest score that holds the comment; `None` never holds.
    pub hold: Option<Score>,
    /// The lowest score that rejects the comment; `None` never rejects.
    pub reject: Option<Score>,
}

/// One [`Threshold`] for each attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds([Threshold; Attribute::COUNT]);

impl Thresholds {
    /// Returns thresholds that nothing reaches: every comment is published.
    pub const fn none() -> Self {
        Self([Threshold { hold: None, reject: None }; Attribute::COUNT])
    }

    /// Returns one attribute's threshold.
    pub const fn get(&self, attribute: Attribute) -> Threshold {
        self.0[attribute.index()]
    }

    /// Replaces one attribute's threshold.
    pub const fn set(&mut self, attribute: Attribute, threshold: Threshold) {
        self.0[attribute.index()] = threshold;
    }
}
