//! Decides again as it was decided, and compares to the bit.
//!
//! The text, what was known besides where a house model decided, and the versions of model and policy are recorded: from
//! these the scores follow, and all that a policy says of a text. What it says of the author's record then does not; that is
//! taken over as it was recorded, and named.

use crate::classify::Scorer;
use crate::domain::{
    AuthorRecord, Circumstances, Criterion, Decision, DecisionSource, HouseScore, Outcome, Reason, ReasonCode,
    Revision, Scores,
};
use crate::moderation::{
    again::{Rested, rested_on, unruled},
    ruling::{Known, rule_by},
    scoring::{Scoring, guarded, top_spans},
};
use crate::policy::{Policy, Ruling, ScoringFailure};
use std::time::Duration;

/// Something that was not replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReplayed {
    /// Another model explains.
    Model,
    /// The policy that decided is not at hand any more.
    Policy,
    /// Scoring failed or took too long then.
    Scoring,
    /// Rules took too long then.
    Time,
    /// Rules that ask for the author's record, of which nothing was recorded.
    AuthorRules,
    /// How many comments the author had sent.
    Flood,
    /// Whether the author had sent the text before.
    RepeatedText,
    /// Whether the author was new.
    NewAuthor,
    /// A rule on near-copies.
    Campaign,
    /// Reasons were recorded without spans.
    Spans,
}

impl NotReplayed {
    /// Returns the name on the wire; it never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "MODEL",
            Self::Policy => "POLICY",
            Self::Scoring => "SCORING",
            Self::Time => "TIME",
            Self::AuthorRules => "AUTHOR_RULES",
            Self::Flood => "FLOOD",
            Self::RepeatedText => "REPEATED_TEXT",
            Self::NewAuthor => "NEW_AUTHOR",
            Self::Campaign => "CAMPAIGN",
            Self::Spans => "SPANS",
        }
    }
}

/// What deciding again gave.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// Whether every score is the same to the bit; `None` where that wasn't tried.
    pub scores_equal: Option<bool>,
    /// Whether outcome and source are the same.
    pub outcome_equal: Option<bool>,
    /// Whether the reasons are.
    pub reasons_equal: Option<bool>,
    /// What deciding again came to; `None` where the policy is not at hand any more.
    pub decision: Option<Decision>,
    /// What was not replayed.
    pub not_replayed: Vec<NotReplayed>,
}

/// What is replayed, and by what.
pub(super) struct Played<'a> {
    /// The text, with the comment that it is of.
    pub(super) revision: &'a Revision,
    /// What was decided on it.
    pub(super) decision: &'a Decision,
    /// The model that decided; `None` where another one explains.
    pub(super) scorer: Option<&'a dyn Scorer>,
    /// The policy that decided, where it is at hand.
    pub(super) policy: Option<&'a Policy>,
    /// Tells languages.
    pub(super) scoring: &'a Scoring,
}

impl Played<'_> {
    pub(super) fn replay(&self) -> Replay {
        let mut replay = Replay::default();
        let recorded = rested_on(self.decision);
        let rests_on = match (recorded, self.scorer) {
            (Err(_), _) => {
                replay.not_replayed.push(NotReplayed::Scoring);
                recorded
            }
            (Ok(_), None) => {
                replay.not_replayed.push(NotReplayed::Model);
                recorded
            }
            (Ok(before), Some(scorer)) => {
                let again = self.score(scorer, before.is_err());
                replay.scores_equal = Some(same_scores(&recorded, &again));
                again
            }
        };
        let Some(policy) = self.policy else {
            replay.not_replayed.push(NotReplayed::Policy);
            return replay;
        };
        let (again, left_out) = self.decide(policy, &rests_on, &mut replay.not_replayed);
        if self.decision.reasons.iter().any(|reason| reason.code == ReasonCode::RuleTooSlow) {
            replay.not_replayed.push(NotReplayed::Time);
        } else {
            let outcome = (self.decision.outcome, self.decision.source);
            replay.outcome_equal = Some(outcome == (again.outcome, again.source));
            replay.reasons_equal = Some(self.same_reasons(&again, &left_out, &mut replay.not_replayed));
        }
        replay.decision = Some(again);
        replay
    }

    fn circumstances(&self) -> Option<Circumstances> {
        self.decision.house.map(|house| house.circumstances)
    }

    /// Scores the text again; `was_foreign` says that it was not scored, because of its language.
    fn score(&self, scorer: &dyn Scorer, was_foreign: bool) -> Rested {
        let text = &self.revision.comment.text;
        let foreign = self.scoring.language(text).filter(|language| was_foreign && !self.scoring.knows(*language));
        let circumstances = self.circumstances().unwrap_or_default();
        match foreign {
            Some(language) => Ok(Err(language)),
            None => guarded(|| scorer.judge(text, &circumstances)).flatten().ok_or(ScoringFailure::Failed).map(Ok),
        }
    }

    /// Decides again; returns the names of rules that were left out, too, and says what was not replayed.
    fn decide(&self, policy: &Policy, rests_on: &Rested, not: &mut Vec<NotReplayed>) -> (Decision, Vec<Box<str>>) {
        let (revision, recorded) = (self.revision, self.decision);
        let has_account = revision.comment.author.author_id.is_some();
        let author = self.circumstances().map(|known| AuthorRecord {
            published: known.published,
            held: known.held,
            rejected: known.rejected,
            recent: Vec::new(),
        });
        let (alone, left_out) = if policy.asks_author_record() && has_account && author.is_none() {
            not.push(NotReplayed::AuthorRules);
            policy.without_author_rules()
        } else {
            (policy.clone(), Vec::new())
        };
        let text = &revision.comment.text;
        let author = author.filter(|_| has_account);
        let known = Known { scores: *rests_on, language: self.scoring.language(text), author };
        // Time stands still: how long rules take here says nothing of then.
        let ruled = guarded(|| rule_by(&|| Duration::ZERO, &alone, &revision.comment, &known).0);
        let Ruling { outcome, source, mut reasons } = ruled.unwrap_or_else(unruled);
        self.fill_in_spans(&mut reasons);
        let judgement = rests_on.ok().and_then(Result::ok);
        let house = recorded
            .house
            .zip(judgement)
            .map(|(house, judgement)| HouseScore { likely_to_reject: judgement.likely_to_reject, ..house });
        let scores = judgement.map(|judgement| judgement.scores);
        let mut again = Decision { outcome, source, reasons, scores, house, ..recorded.clone() };
        self.take_over(policy, &left_out, &mut again, not);
        (again, left_out)
    }

    fn fill_in_spans(&self, reasons: &mut [Reason]) {
        let Some(scorer) = self.scorer else { return };
        let criteria: Vec<Criterion> = reasons.iter().filter_map(|reason| reason.criterion).collect();
        let (text, circumstances) = (&self.revision.comment.text, self.circumstances().unwrap_or_default());
        let spans = guarded(|| top_spans(scorer, text, &circumstances, &criteria)).unwrap_or_default();
        let named = reasons.iter_mut().filter(|reason| reason.criterion.is_some());
        named.zip(spans).for_each(|(reason, spans)| reason.spans = spans);
    }

    /// Takes over as it was recorded what the text alone doesn't tell.
    fn take_over(&self, policy: &Policy, left_out: &[Box<str>], again: &mut Decision, not: &mut Vec<NotReplayed>) {
        for reason in self.decision.reasons.iter().filter(|reason| is_taken_over(reason, left_out)) {
            let asked = reason.outcome.unwrap_or(Outcome::Hold);
            if asked > again.outcome {
                (again.outcome, again.source) = (asked, DecisionSource::Rule);
            }
            again.reasons.push(reason.clone());
        }
        let checks = policy.rules().checks();
        let by_campaign = self.decision.reasons.iter().any(|reason| reason.code == ReasonCode::Campaign);
        let asked = [
            (checks.flood.is_some(), NotReplayed::Flood),
            (checks.repeats.is_some(), NotReplayed::RepeatedText),
            (checks.first_time.is_some(), NotReplayed::NewAuthor),
            (by_campaign, NotReplayed::Campaign),
        ];
        not.extend(asked.into_iter().filter(|(asked, _)| *asked).map(|(_, name)| name));
    }

    /// Compares the reasons that were not taken over, one by one.
    fn same_reasons(&self, again: &Decision, left_out: &[Box<str>], not: &mut Vec<NotReplayed>) -> bool {
        let own = |decision: &'_ Decision| {
            let own = decision.reasons.iter().filter(|reason| !is_taken_over(reason, left_out));
            own.cloned().collect::<Vec<Reason>>()
        };
        let (mut before, mut after) = (own(self.decision), own(again));
        for (before, after) in before.iter_mut().zip(&mut after).filter(|(before, _)| before.criterion.is_some()) {
            // Explaining may take too long where deciding doesn't; then the decision stands without.
            let without = before.spans.is_empty() && !after.spans.is_empty();
            if without && !not.contains(&NotReplayed::Spans) {
                not.push(NotReplayed::Spans);
            }
            if without || self.scorer.is_none() {
                before.spans.clear();
                after.spans.clear();
            }
        }
        before.len() == after.len() && before.iter().zip(&after).all(|(before, after)| same_reason(before, after))
    }
}

/// Returns whether a reason can't be replayed from the text.
fn is_taken_over(reason: &Reason, left_out: &[Box<str>]) -> bool {
    match reason.code {
        ReasonCode::Flood | ReasonCode::RepeatedText | ReasonCode::NewAuthor | ReasonCode::Campaign => true,
        ReasonCode::Rule | ReasonCode::RuleFailed => reason.name.as_ref().is_some_and(|name| left_out.contains(name)),
        _ => false,
    }
}

fn same_scores(one: &Rested, other: &Rested) -> bool {
    let bits = |scores: &Scores| scores.to_array().map(f32::to_bits);
    match (one, other) {
        (Ok(Ok(one)), Ok(Ok(other))) => {
            let likely = [one, other].map(|judgement| judgement.likely_to_reject.get().to_bits());
            bits(&one.scores) == bits(&other.scores) && likely[0] == likely[1]
        }
        (Ok(Err(one)), Ok(Err(other))) => one == other,
        _ => false,
    }
}

fn same_reason(one: &Reason, other: &Reason) -> bool {
    let bits = |reason: &Reason| {
        let spans = reason.spans.iter().map(|span| (span.begin, span.end, span.contribution.to_bits()));
        let [score, threshold] = [reason.score, reason.threshold].map(|score| score.map(|score| score.get().to_bits()));
        (score, threshold, spans.collect::<Vec<_>>())
    };
    let plain = |reason: &Reason| (reason.code, reason.criterion, reason.language, reason.name.clone(), reason.outcome);
    plain(one) == plain(other) && bits(one) == bits(other)
}

#[cfg(test)]
mod tests;
