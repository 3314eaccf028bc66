//! Thresholds for holding that moderators can work off.
//!
//! All thresholds are moved together, by one distance on the scale of logits: what is rare stays rare beside what is
//! frequent. Of each comment it is enough to know how far its highest score stands above its threshold.

use crate::domain::{Attribute, Decision, Outcome, ReasonCode, Score, Scores};
use crate::policy::{Threshold, Thresholds};

/// Thresholds are told in thousandths.
const STEPS: f64 = 1000.0;
/// What 32 bits leave of a threshold that stands on a step already.
const ROUNDING: f64 = 1e-4;

/// Thresholds for holding that fit a budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// From which score on to hold; attributes that never hold are left out.
    pub hold: Vec<(Attribute, Score)>,
    /// How many comments a day would have been held.
    pub held_per_day: f64,
    /// Whether that fits.
    pub fits: bool,
}

/// How far comments stand above the thresholds for holding.
#[derive(Debug)]
pub(super) struct Margins {
    thresholds: Thresholds,
    /// Of comments that only thresholds could hold, the scores' distances to them.
    scores: Vec<[f32; Attribute::COUNT]>,
    /// Comments that are held whatever the thresholds are.
    held_anyway: u64,
}

impl Margins {
    pub(super) fn new(thresholds: &Thresholds) -> Self {
        Self { thresholds: *thresholds, scores: Vec::new(), held_anyway: 0 }
    }

    /// Adds a comment that was decided on; `moves` says whether these thresholds were held against it.
    pub(super) fn add(&mut self, ruled: &Decision, scores: Option<&Scores>, moves: bool) {
        let by_other = |code: ReasonCode| code != ReasonCode::HoldThreshold;
        let otherwise = !moves || ruled.reasons.iter().any(|reason| by_other(reason.code));
        match (ruled.outcome, scores) {
            (Outcome::Reject, _) => {}
            (Outcome::Hold, _) if otherwise => self.held_anyway += 1,
            (_, Some(scores)) if moves => self.scores.push(scores.to_array()),
            _ => {}
        }
    }

    /// Finds the lowest thresholds that hold at most `budget` comments together, of comments that came in over `days` days.
    pub(super) fn proposed(&self, budget: f64, days: f64) -> Proposed {
        let mut margins: Vec<f64> = self.scores.iter().filter_map(|scores| self.margin(scores)).collect();
        margins.sort_by(|a, b| b.total_cmp(a));
        let room = (budget - self.held_anyway as f64).max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is not negative")]
        let room = room as usize;
        // Just above the first comment that there is no room for; where there is room for all, as things are.
        let shift = margins.get(room).map_or(0.0_f64, |margin| margin + 1e-6);
        let moved = |attribute: Attribute| {
            let Threshold { hold, reject } = self.thresholds.get(attribute);
            let hold = logistic(logit(f64::from(hold?.get())) + shift);
            // Rounded up, so that no more is held.
            let leave = if shift == 0.0 { ROUNDING } else { 0.0 };
            let hold = (hold * STEPS - leave).ceil() / STEPS;
            let below = reject.is_none_or(|reject| hold < f64::from(reject.get()));
            #[expect(clippy::cast_possible_truncation, reason = "scores have 32 bits")]
            let hold = Score::new((hold as f32).min(1.0))?;
            below.then_some((attribute, hold))
        };
        let hold: Vec<(Attribute, Score)> = Attribute::ALL.into_iter().filter_map(moved).collect();
        let reaches = |scores: &&[f32; Attribute::COUNT]| {
            hold.iter().any(|(attribute, limit)| scores[attribute.index()] >= limit.get())
        };
        let held = self.held_anyway + self.scores.iter().filter(reaches).count() as u64;
        Proposed { hold, held_per_day: held as f64 / days, fits: held as f64 <= budget }
    }

    /// Returns how far the scores stand above their thresholds at most.
    fn margin(&self, scores: &[f32; Attribute::COUNT]) -> Option<f64> {
        let of = |attribute: Attribute| {
            let hold = self.thresholds.get(attribute).hold?;
            Some(logit(f64::from(scores[attribute.index()])) - logit(f64::from(hold.get())))
        };
        Attribute::ALL.into_iter().filter_map(of).reduce(f64::max)
    }
}

/// Returns the logit of a probability, kept finite.
fn logit(p: f64) -> f64 {
    let p = p.clamp(1e-7, 1.0 - 1e-7);
    (p / (1.0 - p)).ln()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DecisionSource, Reason, Timestamp};
    use proptest::prelude::*;

    fn decision(outcome: Outcome, code: Option<ReasonCode>) -> Decision {
        Decision {
            outcome,
            source: DecisionSource::Model,
            reasons: code.map(Reason::plain).into_iter().collect(),
            scores: None,
            model_version: String::new(),
            policy_version: String::new(),
            decided_at: Timestamp::from_micros(0),
            house: None,
        }
    }

    fn thresholds() -> Thresholds {
        let mut thresholds = Thresholds::none();
        let threshold = |hold| Threshold { hold: Score::new(hold), reject: Score::new(0.95) };
        thresholds.set(Attribute::Toxicity, threshold(0.5));
        thresholds.set(Attribute::Threat, threshold(0.1));
        thresholds
    }

    proptest! {
        #[test]
        fn what_is_proposed_holds_no_more_than_the_budget_and_little_less(
            toxicity in prop::collection::vec(0.0..0.94_f32, 1..200), budget in 0_u32..200,
        ) {
            let mut margins = Margins::new(&thresholds());
            for (number, toxicity) in toxicity.iter().enumerate() {
                let mut scores = [0.0; Attribute::COUNT];
                scores[Attribute::Toxicity.index()] = *toxicity;
                scores[Attribute::Threat.index()] = 0.001 * (number % 90) as f32;
                margins.add(&decision(Outcome::Publish, None), Scores::new(scores).as_ref(), true);
            }
            let proposed = margins.proposed(f64::from(budget), 1.0);
            prop_assert!(proposed.fits && proposed.held_per_day <= f64::from(budget));
        }
    }

    #[test]
    fn thresholds_move_together_until_there_is_room() {
        let mut margins = Margins::new(&thresholds());
        for toxicity in [0.6, 0.7, 0.8, 0.9] {
            let mut scores = [0.0; Attribute::COUNT];
            scores[Attribute::Toxicity.index()] = toxicity;
            margins.add(&decision(Outcome::Hold, Some(ReasonCode::HoldThreshold)), Scores::new(scores).as_ref(), true);
        }
        margins.add(&decision(Outcome::Hold, Some(ReasonCode::ListedWord)), Scores::new([0.0; 8]).as_ref(), true);
        margins.add(
            &decision(Outcome::Reject, Some(ReasonCode::RejectThreshold)),
            Scores::new([1.0; 8]).as_ref(),
            true,
        );
        let proposed = margins.proposed(3.0, 1.0);
        // Two of the four, and the one with a listed word: the threshold stands just above 0.7.
        let of = |hold: &[(Attribute, Score)]| hold.iter().map(|(of, score)| (*of, score.get())).collect::<Vec<_>>();
        assert_eq!(of(&proposed.hold), [(Attribute::Toxicity, 0.701), (Attribute::Threat, 0.206)]);
        assert_eq!((proposed.held_per_day, proposed.fits), (3.0, true));
        assert!(!margins.proposed(0.5, 1.0).fits);
        assert_eq!(of(&margins.proposed(100.0, 1.0).hold), [(Attribute::Toxicity, 0.5), (Attribute::Threat, 0.1)]);
    }
}
