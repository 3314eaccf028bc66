//! What Coral is told of a decision.
//!
//! - **Published**: no opinion, so that Coral's own phases go on.
//! - **Held** for what was said or for spam: `SYSTEM_WITHHELD` with the flag that says which, as Coral's own toxicity and spam
//!   phases do. Held for anything else, such as a new author or scoring that failed: `PREMOD`.
//! - **Rejected**: `REJECTED` with a code for the reason; of several reasons the gravest.

use crate::domain::{Attribute, Criterion, Decision, Outcome, Reason, ReasonCode};
use serde::Serialize;

/// What Coral is to do with a comment.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opinion {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Flag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moderation_action: Option<ModerationAction>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Flag {
    action_type: &'static str,
    reason: &'static str,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ModerationAction {
    status: &'static str,
    rejection_reason: RejectionReason,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct RejectionReason {
    code: Code,
}

/// Coral's codes that are used, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Code {
    HateSpeech,
    Abusive,
    HarassmentBullying,
    BannedWord,
    Spam,
    Ad,
    Offensive,
    Other,
}

const REJECTED: &str = "REJECTED";
const SYSTEM_WITHHELD: &str = "SYSTEM_WITHHELD";
const PREMOD: &str = "PREMOD";
const TOXIC: &str = "COMMENT_DETECTED_TOXIC";
const SPAM: &str = "COMMENT_DETECTED_SPAM";

impl Opinion {
    /// No opinion: `{}`.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// A comment that couldn't be taken in: a person must look.
    pub(super) fn withheld() -> Self {
        Self { status: Some(PREMOD), ..Self::default() }
    }

    /// Says what a decision means for Coral.
    pub(super) fn of(decision: &Decision) -> Self {
        let reasons = &decision.reasons;
        match decision.outcome {
            Outcome::Publish => Self::none(),
            Outcome::Hold => {
                let codes = || reasons.iter().map(code);
                let said = |code: Code| {
                    matches!(code, Code::HateSpeech | Code::Abusive | Code::HarassmentBullying | Code::Offensive)
                };
                let is_toxic = codes().any(said);
                let is_spam = codes().any(|code| matches!(code, Code::Spam | Code::Ad));
                let flag = |reason| Flag { action_type: "FLAG", reason };
                let actions: Vec<Flag> = [(is_toxic, TOXIC), (is_spam, SPAM)]
                    .into_iter()
                    .filter(|(is, _)| *is)
                    .map(|(_, why)| flag(why))
                    .collect();
                let status = if actions.is_empty() { PREMOD } else { SYSTEM_WITHHELD };
                Self { status: Some(status), actions, moderation_action: None }
            }
            Outcome::Reject => {
                // Reasons that only ask for holding say nothing of why it is rejected, unless there are no others.
                let gravest = reasons.iter().filter(|reason| rejects(reason)).map(code).min();
                let code = gravest.or_else(|| reasons.iter().map(code).min()).unwrap_or(Code::Other);
                let moderation_action =
                    ModerationAction { status: REJECTED, rejection_reason: RejectionReason { code } };
                Self { status: Some(REJECTED), actions: Vec::new(), moderation_action: Some(moderation_action) }
            }
        }
    }
}

fn rejects(reason: &Reason) -> bool {
    reason.code == ReasonCode::RejectThreshold || reason.outcome == Some(Outcome::Reject)
}

/// Finds Coral's code for a reason.
fn code(reason: &Reason) -> Code {
    match reason.code {
        ReasonCode::HoldThreshold | ReasonCode::RejectThreshold => {
            match reason.criterion.and_then(Criterion::attribute) {
                Some(Attribute::IdentityAttack | Attribute::Sexism) => Code::HateSpeech,
                Some(Attribute::Threat | Attribute::SevereToxicity) => Code::Abusive,
                Some(Attribute::Insult) => Code::HarassmentBullying,
                Some(Attribute::Spam) => Code::Spam,
                Some(Attribute::Toxicity | Attribute::Profanity) => Code::Offensive,
                // What a house model says, of which nobody knows whether it is about manners.
                None => Code::Other,
            }
        }
        ReasonCode::ListedWord => Code::BannedWord,
        ReasonCode::Link => Code::Ad,
        ReasonCode::Flood | ReasonCode::RepeatedText | ReasonCode::Campaign => Code::Spam,
        ReasonCode::ScoringFailed
        | ReasonCode::ScoringTimedOut
        | ReasonCode::UnsupportedLanguage
        | ReasonCode::ModeratorVerdict
        | ReasonCode::Rule
        | ReasonCode::RuleFailed
        | ReasonCode::RuleTooSlow
        | ReasonCode::NewAuthor
        | ReasonCode::ArticlePreModerated
        | ReasonCode::ArticleClosed => Code::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DecisionSource, Timestamp};
    use serde_json::{Value, json};

    fn check(outcome: Outcome, reasons: &[Reason], expected: &Value) {
        let decision = Decision {
            outcome,
            source: DecisionSource::Rule,
            reasons: reasons.to_vec(),
            scores: None,
            house: None,
            model_version: String::new(),
            policy_version: String::new(),
            decided_at: Timestamp::from_micros(0),
        };
        assert_eq!(serde_json::to_value(Opinion::of(&decision)).unwrap(), *expected, "{outcome} {reasons:?}");
    }

    fn threshold(code: ReasonCode, criterion: impl Into<Criterion>) -> Reason {
        Reason { criterion: Some(criterion.into()), ..Reason::plain(code) }
    }

    #[test]
    fn what_is_held_is_withheld_or_looked_at_first() {
        use ReasonCode::{ArticlePreModerated, HoldThreshold, Link, ScoringFailed};
        let (toxic, spam) =
            (json!({ "actionType": "FLAG", "reason": TOXIC }), json!({ "actionType": "FLAG", "reason": SPAM }));
        let insult = threshold(HoldThreshold, Attribute::Insult);
        check(Outcome::Publish, &[], &json!({}));
        check(Outcome::Hold, &[Reason::plain(ArticlePreModerated)], &json!({ "status": "PREMOD" }));
        check(Outcome::Hold, &[Reason::plain(ScoringFailed)], &json!({ "status": "PREMOD" }));
        check(Outcome::Hold, &[threshold(HoldThreshold, Criterion::LikelyToReject)], &json!({ "status": "PREMOD" }));
        check(
            Outcome::Hold,
            std::slice::from_ref(&insult),
            &json!({ "status": "SYSTEM_WITHHELD", "actions": [toxic] }),
        );
        let both = json!({ "status": "SYSTEM_WITHHELD", "actions": [toxic, spam] });
        check(Outcome::Hold, &[Reason::plain(Link), insult], &both);
    }

    #[test]
    fn what_is_rejected_has_the_code_of_its_gravest_reason() {
        use Attribute::{IdentityAttack, Insult, Profanity, Threat};
        use ReasonCode::{HoldThreshold, ListedWord, RejectThreshold};
        let rejected = |code: &str| json!({ "status": "REJECTED", "moderationAction": { "status": "REJECTED", "rejectionReason": { "code": code } } });
        let (hate, insult) = (threshold(HoldThreshold, IdentityAttack), threshold(RejectThreshold, Insult));
        check(Outcome::Reject, &[], &rejected("OTHER"));
        check(Outcome::Reject, &[insult.clone(), hate.clone()], &rejected("HARASSMENT_BULLYING"));
        check(Outcome::Reject, &[insult.clone(), threshold(RejectThreshold, Threat)], &rejected("ABUSIVE"));
        check(Outcome::Reject, &[threshold(RejectThreshold, Profanity)], &rejected("OFFENSIVE"));
        let listed = Reason { outcome: Some(Outcome::Reject), ..Reason::plain(ListedWord) };
        check(Outcome::Reject, &[hate, listed], &rejected("BANNED_WORD"));
    }
}
