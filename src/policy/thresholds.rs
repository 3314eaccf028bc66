//! From which score on a comment is held or rejected.

use crate::domain::{Criterion, Score};

/// From which score of one criterion on a comment is held, and from which it is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Threshold {
    /// The lowest score that holds the comment; `None` never holds.
    pub hold: Option<Score>,
    /// The lowest score that rejects the comment; `None` never rejects.
    pub reject: Option<Score>,
}

/// One [`Threshold`] for each criterion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds([Threshold; Criterion::COUNT]);

impl Thresholds {
    /// Returns thresholds that nothing reaches: every comment is published.
    pub const fn none() -> Self {
        Self([Threshold { hold: None, reject: None }; Criterion::COUNT])
    }

    /// Returns one criterion's threshold.
    pub fn get(&self, criterion: impl Into<Criterion>) -> Threshold {
        self.0[criterion.into().index()]
    }

    /// Replaces one criterion's threshold.
    pub fn set(&mut self, criterion: impl Into<Criterion>, threshold: Threshold) {
        self.0[criterion.into().index()] = threshold;
    }
}
