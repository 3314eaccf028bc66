//! `comment-check`: is it spam?

use super::{form::Form, refusal::Refusal};
use crate::domain::{Attribute, Criterion, Decision, Outcome, Reason, ReasonCode};
use crate::web::{Doors, reply};
use axum::body::Body;
use http::{HeaderName, HeaderValue, Response, StatusCode};

/// What tells clients that nobody need look at it.
const PRO_TIP: HeaderName = HeaderName::from_static("x-akismet-pro-tip");
/// Is always spam, so that whoever sets a site up can see what happens.
const ALWAYS_SPAM: &str = "viagra-test-123";
const ALWAYS_SPAM_EMAIL: &str = "akismet-guaranteed-spam@example.com";
/// Is never spam.
const NEVER_SPAM_ROLE: &str = "administrator";

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    /// Not spam.
    Ham,
    /// Spam, perhaps.
    Spam,
    /// Spam that nobody need look at: the policy rejects it.
    Blatant,
}

impl Checked {
    /// Reads a decision. `None` where nothing says that it is spam, but something failed, so that nobody knows.
    fn of(decision: &Decision) -> Option<Self> {
        if decision.outcome == Outcome::Reject {
            Some(Self::Blatant)
        } else if decision.reasons.iter().any(is_of_spam) {
            Some(Self::Spam)
        } else if decision.reasons.iter().any(is_failure) {
            None
        } else {
            Some(Self::Ham)
        }
    }

    /// Answers with it.
    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = reply::text(StatusCode::OK, if self == Self::Ham { "false" } else { "true" });
        if self == Self::Blatant {
            response.headers_mut().insert(PRO_TIP, HeaderValue::from_static("discard"));
        }
        response
    }
}

/// Returns whether a reason speaks of spam, and not of what is said.
fn is_of_spam(reason: &Reason) -> bool {
    match reason.code {
        ReasonCode::HoldThreshold | ReasonCode::RejectThreshold => {
            reason.criterion == Some(Criterion::Attribute(Attribute::Spam))
        }
        ReasonCode::Link | ReasonCode::Flood | ReasonCode::RepeatedText | ReasonCode::Campaign => true,
        ReasonCode::ScoringFailed
        | ReasonCode::ScoringTimedOut
        | ReasonCode::UnsupportedLanguage
        | ReasonCode::ModeratorVerdict
        | ReasonCode::ListedWord
        | ReasonCode::Rule
        | ReasonCode::RuleFailed
        | ReasonCode::RuleTooSlow
        | ReasonCode::NewAuthor
        | ReasonCode::ArticlePreModerated
        | ReasonCode::ArticleClosed => false,
    }
}

fn is_failure(reason: &Reason) -> bool {
    use ReasonCode::{RuleFailed, RuleTooSlow, ScoringFailed, ScoringTimedOut, UnsupportedLanguage};
    matches!(reason.code, ScoringFailed | ScoringTimedOut | RuleFailed | RuleTooSlow | UnsupportedLanguage)
}

/// Decides on a comment; nothing is kept.
pub(super) async fn check(doors: &Doors, site_id: &str, form: &Form) -> Result<Checked, Refusal> {
    if form.get("comment_author") == Some(ALWAYS_SPAM) || form.get("comment_author_email") == Some(ALWAYS_SPAM_EMAIL) {
        return Ok(Checked::Spam);
    }
    if form.get("user_role") == Some(NEVER_SPAM_ROLE) {
        return Ok(Checked::Ham);
    }
    let draft = form.draft(site_id, &doors.moderation.limits());
    let decided = doors.moderation.decide(draft).await.map_err(|error| Refusal::of_request(&error))?;
    Checked::of(decided.decision()).ok_or_else(Refusal::unscored)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DecisionSource, Timestamp};

    fn check(outcome: Outcome, reasons: &[Reason], expected: Option<Checked>) {
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
        assert_eq!(Checked::of(&decision), expected, "{outcome} {reasons:?}");
    }

    #[test]
    fn spam_is_what_the_policy_calls_spam_or_rejects() {
        let held = |attribute: Attribute| Reason {
            criterion: Some(attribute.into()),
            ..Reason::plain(ReasonCode::HoldThreshold)
        };
        let failed = Reason::plain(ReasonCode::ScoringFailed);
        check(Outcome::Publish, &[], Some(Checked::Ham));
        check(Outcome::Hold, &[held(Attribute::Spam)], Some(Checked::Spam));
        check(Outcome::Hold, &[held(Attribute::Insult)], Some(Checked::Ham));
        check(Outcome::Hold, &[held(Attribute::Insult), Reason::plain(ReasonCode::Link)], Some(Checked::Spam));
        check(Outcome::Reject, &[held(Attribute::Insult)], Some(Checked::Blatant));
        check(Outcome::Hold, &[Reason::plain(ReasonCode::UnsupportedLanguage)], None);
        check(Outcome::Hold, std::slice::from_ref(&failed), None);
        check(Outcome::Hold, &[failed, Reason::plain(ReasonCode::Link)], Some(Checked::Spam));
    }
}
