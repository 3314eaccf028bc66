//! How likely it was that a person would see a comment: what was ruled on stands for what was not.

use crate::domain::{CommentId, Outcome, report};

/// What may bring a text before a moderator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chances {
    /// What was decided on it before any moderator.
    pub(super) outcome: Outcome,
    /// The probability of the lot that drew it, where one did.
    pub(super) sampled: Option<f32>,
    /// What the reports on it weigh together.
    pub(super) reported: f32,
    /// Whether the challenger in the shadow would have decided otherwise, so that somebody looks.
    pub(super) challenged: bool,
}

impl Chances {
    /// Has only been decided on.
    pub(super) const fn of(outcome: Outcome) -> Self {
        Self { outcome, sampled: None, reported: 0.0, challenged: false }
    }

    /// Returns how likely it was that the text, which was ruled on, would be, in (0, 1]: 1 where it would have been anyway,
    /// the probability of the lot where only that brought it. `appealed` says whether an appeal of it was ruled on.
    pub(super) fn probability(&self, appealed: bool) -> f32 {
        let anyway = match self.outcome {
            Outcome::Publish => self.challenged || self.reported >= report::OPENS_AT,
            Outcome::Hold => true,
            Outcome::Reject => self.challenged || appealed,
        };
        match self.sampled {
            Some(probability) if !anyway && probability > 0.0 => probability,
            // Nobody but the lot brings a comment that nobody reported or appealed; one that was ruled on all the same stands for itself.
            _ => 1.0,
        }
    }
}

/// Returns what stands for a comment of one site in a fold over all events: most comments are only counted, and ids are long.
pub(super) fn key(comment_id: &CommentId) -> u64 {
    xxhash_rust::xxh3::xxh3_64(comment_id.as_str().as_bytes())
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "taken as it is")]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_lot_alone_brought_stands_for_others() {
        let chance = |outcome, reported, appealed| {
            let chances = Chances { sampled: Some(0.25), reported, ..Chances::of(outcome) };
            chances.probability(appealed)
        };
        assert_eq!(chance(Outcome::Publish, 0.0, false), 0.25);
        assert_eq!(chance(Outcome::Publish, report::OPENS_AT, false), 1.0);
        assert_eq!(chance(Outcome::Hold, 0.0, false), 1.0);
        assert_eq!(chance(Outcome::Reject, 0.0, false), 0.25);
        assert_eq!(chance(Outcome::Reject, 0.0, true), 1.0);
        let challenged = Chances { sampled: Some(0.25), challenged: true, ..Chances::of(Outcome::Reject) };
        assert_eq!(challenged.probability(false), 1.0);
        assert_eq!(Chances::of(Outcome::Publish).probability(false), 1.0, "whoever brought it");
    }
}
