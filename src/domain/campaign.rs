//! Campaigns: near-copies of one text, whoever sends them, and rules that hold for a time on the copies to come.
//!
//! Which campaign a text joins is found out once, by an index of the store, and stands in an event. So a campaign stays what
//! it was when words, and with them fingerprints, are erased.

use super::{Decision, DecisionSource, ModeratorId, Outcome, Reason, ReasonCode, Timestamp};

/// What happens to further copies, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it asks for: hold or reject.
    pub action: Outcome,
    /// From when on it asks for nothing.
    pub expires_at: Timestamp,
    /// Who set it last.
    pub set_by: ModeratorId,
}

/// A campaign that a text belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Its number: that of the event which brought the first of its texts.
    pub campaign: u64,
    /// The rule on it, where somebody set one.
    pub rule: Option<Rule>,
}

impl Near {
    /// Makes a decision stricter where a rule on the campaign says so, and adds the reason; never milder.
    pub fn tighten(&self, now: Timestamp, decision: &mut Decision) {
        let Some(rule) = self.rule.as_ref().filter(|rule| rule.expires_at > now) else { return };
        tighten(rule.action, decision);
    }
}

/// Makes a decision as strict as rules on campaigns made another one on the same text, and adds their reasons; never milder.
pub fn carry_over(from: &Decision, decision: &mut Decision) {
    let rules = from.reasons.iter().filter(|reason| reason.code == ReasonCode::Campaign);
    rules.filter_map(|reason| reason.outcome).for_each(|action| tighten(action, decision));
}

fn tighten(action: Outcome, decision: &mut Decision) {
    if action > decision.outcome {
        (decision.outcome, decision.source) = (action, DecisionSource::Rule);
    }
    decision.reasons.push(Reason { outcome: Some(action), ..Reason::plain(ReasonCode::Campaign) });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(outcome: Outcome) -> Decision {
        Decision {
            outcome,
            source: DecisionSource::Model,
            reasons: Vec::new(),
            scores: None,
            model_version: String::new(),
            policy_version: String::new(),
            decided_at: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_rule_makes_decisions_stricter_until_it_ends_and_never_milder() {
        let at = Timestamp::from_micros;
        for (action, before, after) in [
            (Outcome::Hold, Outcome::Publish, (Outcome::Hold, DecisionSource::Rule)),
            (Outcome::Reject, Outcome::Hold, (Outcome::Reject, DecisionSource::Rule)),
            (Outcome::Hold, Outcome::Reject, (Outcome::Reject, DecisionSource::Model)),
            (Outcome::Hold, Outcome::Hold, (Outcome::Hold, DecisionSource::Model)),
        ] {
            let rule = Rule { action, expires_at: at(10), set_by: ModeratorId::new("m") };
            let near = Near { campaign: 1, rule: Some(rule) };
            let mut decided = decision(before);
            near.tighten(at(9), &mut decided);
            assert_eq!((decided.outcome, decided.source), after, "{action} {before}");
            let reason = Reason { outcome: Some(action), ..Reason::plain(ReasonCode::Campaign) };
            assert_eq!(decided.reasons, [reason]);
            let mut later = decision(before);
            near.tighten(at(10), &mut later);
            assert_eq!(later, decision(before), "it has ended");
        }
        let mut decided = decision(Outcome::Publish);
        Near { campaign: 1, rule: None }.tighten(at(0), &mut decided);
        assert_eq!(decided, decision(Outcome::Publish));
    }
}
