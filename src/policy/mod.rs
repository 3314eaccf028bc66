//! Turns scores into decisions.
//!
//! In come a comment's scores and the site's policy; out go an outcome and its reasons. Deciding is total and pure:
//! nothing is fetched, no clock is read, and the same input gives the same decision under the same version. The one
//! exception is a rule that takes far longer than it can: it is reported, so that the comment is held.
//!
//! Start reading at [`Policy::decide`]; [`PolicySet`] says which policy holds for which site. What a site writes itself
//! is in [`expression`], conditions, and in [`words`], lists of words.

pub mod expression;
mod rules;
mod set;
mod thresholds;
pub mod words;

pub use rules::{Rules, UnsupportedLanguage};
pub use set::PolicySet;
pub use thresholds::{Threshold, Thresholds};

use crate::domain::{Attribute, DecisionSource, Language, Outcome, Reason, ReasonCode, Score, Scores};

/// Why there are no scores to decide on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoringFailure {
    /// The model gave no usable score.
    Failed,
    /// The model took longer than it may.
    TimedOut,
}

/// What the policy says of a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// What happens to the comment.
    pub outcome: Outcome,
    /// What decided.
    pub source: DecisionSource,
    /// Why, the weightiest first; spans are left empty.
    pub reasons: Vec<Reason>,
}

/// The rules of one site.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    rules: Rules,
    version: String,
}

impl Policy {
    /// Makes a policy from rules; its version is made from what they say.
    pub fn new(rules: Rules) -> Self {
        Self { version: format!("config-{}", rules.fingerprint()), rules }
    }

    /// Returns the name that decisions record; policies that decide alike have the same one.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Decides on a comment in a language that the model was not trained on; `None` where the site wants it decided on
    /// by its scores, like any other.
    pub fn decide_unsupported(&self, language: Language) -> Option<Ruling> {
        let outcome = match self.rules.unsupported_language {
            UnsupportedLanguage::Hold => Outcome::Hold,
            UnsupportedLanguage::Reject => Outcome::Reject,
            UnsupportedLanguage::Score => return None,
        };
        let reason = Reason { language: Some(language), ..Reason::plain(ReasonCode::UnsupportedLanguage) };
        Some(Ruling { outcome, source: DecisionSource::Rule, reasons: vec![reason] })
    }

    /// Decides on a comment with these scores.
    ///
    /// Rejects where any attribute reaches its threshold for rejecting, else holds where any reaches its threshold
    /// for holding, else publishes. A comment that could not be scored is held: never published, never lost.
    pub fn decide(&self, scores: Result<&Scores, ScoringFailure>) -> Ruling {
        let scores = match scores {
            Ok(scores) => scores,
            Err(failure) => return hold_unscored(failure),
        };
        let mut reasons: Vec<Reason> =
            scores.iter().filter_map(|(attribute, score)| self.reason(attribute, score)).collect();
        reasons.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let outcome = match reasons.first().map(|reason| reason.code) {
            Some(ReasonCode::RejectThreshold) => Outcome::Reject,
            Some(_) => Outcome::Hold,
            None => Outcome::Publish,
        };
        Ruling { outcome, source: DecisionSource::Model, reasons }
    }

    fn reason(&self, attribute: Attribute, score: Score) -> Option<Reason> {
        let threshold = self.rules.thresholds.get(attribute);
        let reached = |limit: Option<Score>| limit.filter(|limit| score >= *limit);
        let (code, threshold) = reached(threshold.reject)
            .map(|limit| (ReasonCode::RejectThreshold, limit))
            .or_else(|| reached(threshold.hold).map(|limit| (ReasonCode::HoldThreshold, limit)))?;
        Some(Reason {
            code,
            attribute: Some(attribute),
            score: Some(score),
            threshold: Some(threshold),
            ..Reason::plain(code)
        })
    }
}

/// Orders reasons: rejecting before holding, then by score.
fn weight(reason: &Reason) -> f32 {
    let score = reason.score.map_or(0.0, Score::get);
    if reason.code == ReasonCode::RejectThreshold { 2.0 + score } else { score }
}

fn hold_unscored(failure: ScoringFailure) -> Ruling {
    let code = match failure {
        ScoringFailure::Failed => ReasonCode::ScoringFailed,
        ScoringFailure::TimedOut => ReasonCode::ScoringTimedOut,
    };
    Ruling { outcome: Outcome::Hold, source: DecisionSource::Rule, reasons: vec![Reason::plain(code)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(toxicity: f32, threat: f32, expected: Outcome, codes: &[(&str, Attribute)]) {
        let score = |p| Score::new(p).unwrap();
        let mut thresholds = Thresholds::none();
        thresholds.set(Attribute::Toxicity, Threshold { hold: Some(score(0.5)), reject: Some(score(0.9)) });
        thresholds.set(Attribute::Threat, Threshold { hold: Some(score(0.3)), reject: None });
        let mut probabilities = [0.0; Attribute::COUNT];
        probabilities[Attribute::Toxicity.index()] = toxicity;
        probabilities[Attribute::Threat.index()] = threat;
        let ruling = Policy::new(thresholds.into()).decide(Ok(&Scores::new(probabilities).unwrap()));
        assert_eq!(ruling.outcome, expected);
        let found: Vec<_> = ruling.reasons.iter().map(|r| (r.code.name(), r.attribute.unwrap())).collect();
        assert_eq!(found, codes);
    }

    #[test]
    fn thresholds_include_their_own_value_and_the_strictest_outcome_wins() {
        check(0.49, 0.29, Outcome::Publish, &[]);
        check(0.5, 0.0, Outcome::Hold, &[("HOLD_THRESHOLD", Attribute::Toxicity)]);
        check(0.9, 0.0, Outcome::Reject, &[("REJECT_THRESHOLD", Attribute::Toxicity)]);
        check(
            0.9,
            1.0,
            Outcome::Reject,
            &[("REJECT_THRESHOLD", Attribute::Toxicity), ("HOLD_THRESHOLD", Attribute::Threat)],
        );
        check(
            0.6,
            0.7,
            Outcome::Hold,
            &[("HOLD_THRESHOLD", Attribute::Threat), ("HOLD_THRESHOLD", Attribute::Toxicity)],
        );
    }

    #[test]
    fn a_language_that_the_model_does_not_know_is_ruled_on_as_the_site_wants() {
        let german = Language::from_code("de").unwrap();
        for (unsupported_language, expected) in [
            (UnsupportedLanguage::Hold, Some(Outcome::Hold)),
            (UnsupportedLanguage::Reject, Some(Outcome::Reject)),
            (UnsupportedLanguage::Score, None),
        ] {
            let ruling = Policy::new(Rules { thresholds: Thresholds::none(), unsupported_language });
            let ruling = ruling.decide_unsupported(german);
            assert_eq!(ruling.as_ref().map(|ruling| ruling.outcome), expected);
            if let Some(Ruling { source, reasons, .. }) = ruling {
                assert_eq!(source, DecisionSource::Rule);
                assert_eq!((reasons[0].code.name(), reasons[0].language), ("UNSUPPORTED_LANGUAGE", Some(german)));
            }
        }
    }

    #[test]
    fn a_comment_that_could_not_be_scored_is_held() {
        let policy = Policy::new(Thresholds::none().into());
        for (failure, code) in
            [(ScoringFailure::Failed, "SCORING_FAILED"), (ScoringFailure::TimedOut, "SCORING_TIMED_OUT")]
        {
            let ruling = policy.decide(Err(failure));
            assert_eq!((ruling.outcome, ruling.source), (Outcome::Hold, DecisionSource::Rule));
            assert_eq!(ruling.reasons[0].code.name(), code);
        }
    }
}
