//! Decides again on what was decided before, from what is recorded of it.

use super::ruling::{Known, rule};
use super::scoring::guarded;
use crate::domain::{
    Comment, Decision, DecisionSource, Fingerprint, Judgement, Language, Outcome, Reason, ReasonCode, Timestamp,
    campaign,
};
use crate::policy::{Policy, Ruling, ScoringFailure};

/// What scores a decision rests on: those, none because of the language, or none because scoring failed.
pub(super) type Rested = Result<Result<Judgement, Language>, ScoringFailure>;

/// A text as it came in.
pub(super) struct Submitted<'a> {
    /// The comment.
    pub(super) comment: &'a Comment,
    /// What tells copies of its text.
    pub(super) fingerprint: Fingerprint,
    /// Whether it was an edit.
    pub(super) is_edit: bool,
    /// When it came in.
    pub(super) at: Timestamp,
}

/// Returns what a decision rests on, as it was recorded.
pub(super) fn rested_on(decision: &Decision) -> Rested {
    let fired = |code: ReasonCode| decision.reasons.iter().find(|reason| reason.code == code);
    match (decision.judgement(), fired(ReasonCode::UnsupportedLanguage)) {
        (Some(judgement), _) => Ok(Ok(judgement)),
        (None, Some(reason)) => Ok(Err(reason.language.unwrap_or(Language::ENGLISH))),
        (None, None) if fired(ReasonCode::ScoringTimedOut).is_some() => Err(ScoringFailure::TimedOut),
        (None, None) => Err(ScoringFailure::Failed),
    }
}

/// Returns what is ruled where a policy panics.
pub(super) fn unruled() -> Ruling {
    let reasons = vec![Reason::plain(ReasonCode::RuleFailed)];
    Ruling { outcome: Outcome::Hold, source: DecisionSource::Rule, reasons }
}

/// Decides as it would have been decided when the text came in, under another policy or on other scores.
pub(super) fn decide(policy: &Policy, submitted: &Submitted<'_>, known: &Known, before: &Decision) -> Decision {
    let Submitted { comment, fingerprint, is_edit, at } = *submitted;
    let ruling = guarded(|| rule(policy, comment, known).0).unwrap_or_else(unruled);
    let Ruling { outcome, source, reasons } = ruling;
    let mut decision = Decision { outcome, source, reasons, ..before.clone() };
    policy.rules().checks().tighten(known.author.as_ref(), is_edit, fingerprint, at, &mut decision);
    // A rule that a moderator set on a campaign is none of the policy's, and would have held as it did.
    campaign::carry_over(before, &mut decision);
    decision
}
