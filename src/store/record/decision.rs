//! Decisions and their reasons as bytes.

use super::Malformed;
use crate::domain::{
    Attribute, Decision, DecisionSource, Language, Outcome, Reason, ReasonCode, Score, Scores, Span, Timestamp,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct DecisionV1<'a> {
    outcome: u8,
    source: u8,
    reasons: Vec<ReasonV1>,
    scores: Option<[f32; 8]>,
    model_version: &'a str,
    policy_version: &'a str,
    decided_at: i64,
}

/// What fired. Its number is the first byte; a code that is new comes last.
#[derive(Serialize, Deserialize)]
enum ReasonV1 {
    HoldThreshold(FiredV1),
    RejectThreshold(FiredV1),
    ScoringFailed(FiredV1),
    ScoringTimedOut(FiredV1),
    UnsupportedLanguage { language: Option<[u8; 2]> },
    ModeratorVerdict,
    OfSite(OfSiteV1),
}

/// What a rule of the site said.
#[derive(Serialize, Deserialize)]
struct OfSiteV1 {
    code: u8,
    name: Option<Box<str>>,
    outcome: Option<u8>,
    spans: Vec<(u32, u32, f32)>,
}

#[derive(Serialize, Deserialize)]
struct FiredV1 {
    attribute: Option<u8>,
    score: Option<f32>,
    threshold: Option<f32>,
    spans: Vec<(u32, u32, f32)>,
}

impl<'a> From<&'a Decision> for DecisionV1<'a> {
    fn from(decision: &'a Decision) -> Self {
        Self {
            outcome: outcome_number(decision.outcome),
            source: match decision.source {
                DecisionSource::Model => 0,
                DecisionSource::Rule => 1,
                DecisionSource::Moderator => 2,
            },
            reasons: decision.reasons.iter().map(ReasonV1::from).collect(),
            scores: decision.scores.map(Scores::to_array),
            model_version: &decision.model_version,
            policy_version: &decision.policy_version,
            decided_at: decision.decided_at.as_micros(),
        }
    }
}

impl TryFrom<DecisionV1<'_>> for Decision {
    type Error = Malformed;

    fn try_from(decision: DecisionV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            outcome: outcome_of(decision.outcome)?,
            source: match decision.source {
                0 => DecisionSource::Model,
                1 => DecisionSource::Rule,
                2 => DecisionSource::Moderator,
                _ => return Err(Malformed),
            },
            reasons: decision.reasons.into_iter().map(Reason::try_from).collect::<Result<_, _>>()?,
            scores: match decision.scores {
                Some(scores) => Some(Scores::new(scores).ok_or(Malformed)?),
                None => None,
            },
            model_version: decision.model_version.to_owned(),
            policy_version: decision.policy_version.to_owned(),
            decided_at: Timestamp::from_micros(decision.decided_at),
        })
    }
}

/// Returns the number that stands for an outcome.
pub(super) fn outcome_number(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Publish => 0,
        Outcome::Hold => 1,
        Outcome::Reject => 2,
    }
}

/// Returns the outcome that a number stands for.
pub(super) fn outcome_of(number: u8) -> Result<Outcome, Malformed> {
    match number {
        0 => Ok(Outcome::Publish),
        1 => Ok(Outcome::Hold),
        2 => Ok(Outcome::Reject),
        _ => Err(Malformed),
    }
}

/// The codes of [`OfSiteV1`], by their numbers; one that is new comes last.
const OF_SITE: [ReasonCode; 11] = [
    ReasonCode::ListedWord,
    ReasonCode::Link,
    ReasonCode::Rule,
    ReasonCode::RuleFailed,
    ReasonCode::Flood,
    ReasonCode::RepeatedText,
    ReasonCode::NewAuthor,
    ReasonCode::ArticlePreModerated,
    ReasonCode::ArticleClosed,
    ReasonCode::Campaign,
    ReasonCode::RuleTooSlow,
];

impl From<&Reason> for ReasonV1 {
    fn from(reason: &Reason) -> Self {
        let fired = || FiredV1 {
            attribute: reason.attribute.map(|attribute| {
                u8::try_from(attribute.index()).expect("there are fewer attributes than a byte counts")
            }),
            score: reason.score.map(Score::get),
            threshold: reason.threshold.map(Score::get),
            spans: reason.spans.iter().map(|span| (span.begin, span.end, span.contribution)).collect(),
        };
        match reason.code {
            ReasonCode::HoldThreshold => Self::HoldThreshold(fired()),
            ReasonCode::RejectThreshold => Self::RejectThreshold(fired()),
            ReasonCode::ScoringFailed => Self::ScoringFailed(fired()),
            ReasonCode::ScoringTimedOut => Self::ScoringTimedOut(fired()),
            ReasonCode::UnsupportedLanguage => {
                Self::UnsupportedLanguage { language: reason.language.map(Language::to_bytes) }
            }
            ReasonCode::ModeratorVerdict => Self::ModeratorVerdict,
            code => Self::OfSite(OfSiteV1 {
                code: OF_SITE.iter().zip(0..).find(|(known, _)| **known == code).map_or(u8::MAX, |(_, number)| number),
                name: reason.name.clone(),
                outcome: reason.outcome.map(outcome_number),
                spans: reason.spans.iter().map(|span| (span.begin, span.end, span.contribution)).collect(),
            }),
        }
    }
}

fn spans_of(spans: Vec<(u32, u32, f32)>) -> Vec<Span> {
    spans.into_iter().map(|(begin, end, contribution)| Span { begin, end, contribution }).collect()
}

impl TryFrom<ReasonV1> for Reason {
    type Error = Malformed;

    fn try_from(reason: ReasonV1) -> Result<Self, Malformed> {
        let (code, fired) = match reason {
            ReasonV1::HoldThreshold(fired) => (ReasonCode::HoldThreshold, fired),
            ReasonV1::RejectThreshold(fired) => (ReasonCode::RejectThreshold, fired),
            ReasonV1::ScoringFailed(fired) => (ReasonCode::ScoringFailed, fired),
            ReasonV1::ScoringTimedOut(fired) => (ReasonCode::ScoringTimedOut, fired),
            ReasonV1::UnsupportedLanguage { language } => {
                let language = language.map(|code| Language::from_bytes(code).ok_or(Malformed)).transpose()?;
                return Ok(Self { language, ..Self::plain(ReasonCode::UnsupportedLanguage) });
            }
            ReasonV1::ModeratorVerdict => return Ok(Self::plain(ReasonCode::ModeratorVerdict)),
            ReasonV1::OfSite(OfSiteV1 { code, name, outcome, spans }) => {
                let code = *OF_SITE.get(usize::from(code)).ok_or(Malformed)?;
                let outcome = outcome.map(outcome_of).transpose()?;
                return Ok(Self { name, outcome, spans: spans_of(spans), ..Self::plain(code) });
            }
        };
        let score = |score: Option<f32>| score.map(|score| Score::new(score).ok_or(Malformed)).transpose();
        Ok(Self {
            code,
            attribute: match fired.attribute {
                Some(index) => Some(*Attribute::ALL.get(usize::from(index)).ok_or(Malformed)?),
                None => None,
            },
            score: score(fired.score)?,
            threshold: score(fired.threshold)?,
            spans: spans_of(fired.spans),
            ..Self::plain(code)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_as_it_was() {
        for code in ReasonCode::ALL {
            let reason = Reason::plain(code);
            assert_eq!(Reason::try_from(ReasonV1::from(&reason)).ok(), Some(reason));
        }
    }
}
