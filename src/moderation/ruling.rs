//! Holds a comment against its policy, so that nothing a rule does can harm a request.

use super::scoring::{INLINE_BYTES_MAX, Scoring, guarded};
use crate::classify::{Normalised, fingerprint};
use crate::domain::{
    AuthorRecord, Comment, DecisionSource, Fingerprint, Judgement, Language, Outcome, Reason, ReasonCode,
};
use crate::policy::{Policy, Ruling, Scored, ScoringFailure, Subject};
use std::{
    cell::RefCell,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

/// What is known of a comment beside itself.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Its scores; why there are none; or the language that it was not scored for.
    pub(super) scores: Result<Result<Judgement, Language>, ScoringFailure>,
    /// Its language, where that is sure.
    pub(super) language: Option<Language>,
    /// What is known of its author, where a rule asks.
    pub(super) author: Option<AuthorRecord>,
}

thread_local! {
    /// Reused, since it is larger than most comments.
    static NORMALISED: RefCell<Normalised> = RefCell::default();
}

impl Scoring {
    /// Decides on a comment. Where the policy fails, or takes too long over a long text, a person must look.
    pub(super) async fn rule_on(
        &self,
        policy: &Arc<Policy>,
        comment: &Comment,
        known: &Known,
    ) -> (Ruling, Fingerprint) {
        let ruled = if comment.text.len() <= INLINE_BYTES_MAX {
            guarded(|| rule(policy, comment, known)).ok_or(ScoringFailure::Failed)
        } else {
            let (policy, comment, known) = (Arc::clone(policy), comment.clone(), known.clone());
            self.elsewhere(move || rule(&policy, &comment, &known)).await
        };
        ruled.unwrap_or_else(|failure| {
            tracing::error!(
                policy.version = policy.version(),
                ?failure,
                "a policy could not be asked; the comment is held"
            );
            let code = match failure {
                ScoringFailure::Failed => ReasonCode::RuleFailed,
                ScoringFailure::TimedOut => ReasonCode::RuleTooSlow,
            };
            let reasons = vec![Reason::plain(code)];
            let ruling = Ruling { outcome: Outcome::Hold, source: DecisionSource::Rule, reasons };
            (ruling, Fingerprint::default())
        })
    }
}

impl Scoring {
    /// Counts the entries of a policy's lists of words in a text; none where that fails or takes too long.
    pub(super) async fn word_hits(&self, policy: &Arc<Policy>, text: &str) -> u32 {
        if text.len() <= INLINE_BYTES_MAX {
            return guarded(|| word_hits(policy, text)).unwrap_or_default();
        }
        let (policy, text) = (Arc::clone(policy), text.to_owned());
        self.elsewhere(move || word_hits(&policy, &text)).await.unwrap_or_default()
    }
}

/// Counts the entries of a policy's lists of words in a text here and now.
pub(super) fn word_hits(policy: &Policy, text: &str) -> u32 {
    NORMALISED.with_borrow_mut(|normalised| {
        normalised.assign(text);
        policy.word_hits(normalised.chars())
    })
}

/// Decides on a comment here and now.
pub(super) fn rule(policy: &Policy, comment: &Comment, known: &Known) -> (Ruling, Fingerprint) {
    let begin = Instant::now();
    rule_by(&|| begin.elapsed(), policy, comment, known)
}

/// Decides on a comment; `clock` says how long rules take.
pub(super) fn rule_by(
    clock: &dyn Fn() -> Duration,
    policy: &Policy,
    comment: &Comment,
    known: &Known,
) -> (Ruling, Fingerprint) {
    NORMALISED.with_borrow_mut(|normalised| {
        normalised.assign(&comment.text);
        let bytes_of = |range: Range<usize>| normalised.bytes_of(range);
        let subject = Subject {
            comment,
            scored: match &known.scores {
                Ok(Ok(scores)) => Scored::Scores(scores),
                Ok(Err(language)) => Scored::Unsupported(*language),
                Err(failure) => Scored::Failed(*failure),
            },
            language: known.language,
            author: known.author.as_ref(),
            normalised: normalised.chars(),
            bytes_of: &bytes_of,
            clock,
        };
        (policy.decide(&subject), fingerprint(normalised))
    })
}
