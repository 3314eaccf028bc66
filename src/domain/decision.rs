//! What was decided on a comment, and why.

use super::{Attribute, Language, Score, Scores, Timestamp};
use std::fmt;

/// What happens to a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Readers may see it.
    Publish,
    /// It waits for a moderator.
    Hold,
    /// Readers must not see it.
    Reject,
}

impl Outcome {
    /// Returns the name on the wire and in output for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Hold => "HOLD",
            Self::Reject => "REJECT",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who or what decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionSource {
    /// Scores of the model, held against thresholds.
    Model,
    /// A rule, whatever the scores.
    Rule,
    /// A person.
    Moderator,
}

impl DecisionSource {
    /// Returns the name on the wire and in output for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Model => "MODEL",
            Self::Rule => "RULE",
            Self::Moderator => "MODERATOR",
        }
    }
}

/// A part of a comment's text that moved a score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// First byte, counted in the UTF-8 text as sent.
    pub begin: u32,
    /// One past the last byte.
    pub end: u32,
    /// What the span added to the attribute's logit; negative where it spoke against the attribute.
    pub contribution: f32,
}

/// Why a decision is as it is: a stable code for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonCode {
    /// An attribute's score reached the threshold for holding.
    HoldThreshold,
    /// An attribute's score reached the threshold for rejecting.
    RejectThreshold,
    /// The comment could not be scored, so a person must look.
    ScoringFailed,
    /// Scoring took longer than it may, so a person must look.
    ScoringTimedOut,
    /// The comment is in a language that the model was not trained on, so its scores would mean nothing.
    UnsupportedLanguage,
    /// A moderator ruled.
    ModeratorVerdict,
    /// A word of one of the site's lists stands in the comment.
    ListedWord,
    /// The comment has a link that the site does not allow.
    Link,
    /// A rule that the site wrote fired.
    Rule,
    /// A rule that the site wrote could not be answered, so a person must look.
    RuleFailed,
    /// The author sent more comments in a time than the site allows.
    Flood,
    /// The author sent the same text before.
    RepeatedText,
    /// The author has too few published comments yet.
    NewAuthor,
    /// A person looks at each comment on this article first.
    ArticlePreModerated,
    /// The article takes no comments any more.
    ArticleClosed,
    /// The text is a near-copy of others, on which a moderator set a rule.
    Campaign,
    /// The rules that the site wrote took too long, this one or those before it, so a person must look.
    RuleTooSlow,
}

impl ReasonCode {
    /// Every code.
    pub const ALL: [Self; 17] = [
        Self::HoldThreshold,
        Self::RejectThreshold,
        Self::ScoringFailed,
        Self::ScoringTimedOut,
        Self::UnsupportedLanguage,
        Self::ModeratorVerdict,
        Self::ListedWord,
        Self::Link,
        Self::Rule,
        Self::RuleFailed,
        Self::Flood,
        Self::RepeatedText,
        Self::NewAuthor,
        Self::ArticlePreModerated,
        Self::ArticleClosed,
        Self::Campaign,
        Self::RuleTooSlow,
    ];

    /// Returns the name on the wire; it never changes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HoldThreshold => "HOLD_THRESHOLD",
            Self::RejectThreshold => "REJECT_THRESHOLD",
            Self::ScoringFailed => "SCORING_FAILED",
            Self::ScoringTimedOut => "SCORING_TIMED_OUT",
            Self::UnsupportedLanguage => "UNSUPPORTED_LANGUAGE",
            Self::ModeratorVerdict => "MODERATOR_VERDICT",
            Self::ListedWord => "LISTED_WORD",
            Self::Link => "LINK",
            Self::Rule => "RULE",
            Self::RuleFailed => "RULE_FAILED",
            Self::Flood => "FLOOD",
            Self::RepeatedText => "REPEATED_TEXT",
            Self::NewAuthor => "NEW_AUTHOR",
            Self::ArticlePreModerated => "ARTICLE_PRE_MODERATED",
            Self::ArticleClosed => "ARTICLE_CLOSED",
            Self::Campaign => "CAMPAIGN",
            Self::RuleTooSlow => "RULE_TOO_SLOW",
        }
    }
}

/// One reason of a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// What fired.
    pub code: ReasonCode,
    /// The attribute, where one fired.
    pub attribute: Option<Attribute>,
    /// Its score.
    pub score: Option<Score>,
    /// The threshold that the score reached.
    pub threshold: Option<Score>,
    /// The parts of the text that raised the score most, strongest first.
    pub spans: Vec<Span>,
    /// The language, where that is what fired.
    pub language: Option<Language>,
    /// The rule or the list of words, by the site's name for it, where one fired.
    pub name: Option<Box<str>>,
    /// What this reason alone asks for, where a rule of the site says so: hold or reject.
    pub outcome: Option<Outcome>,
}

impl Reason {
    /// Returns a reason that speaks of no attribute.
    pub const fn plain(code: ReasonCode) -> Self {
        Self {
            code,
            attribute: None,
            score: None,
            threshold: None,
            spans: Vec::new(),
            language: None,
            name: None,
            outcome: None,
        }
    }
}

/// What was decided on one revision of a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// What happens to the comment.
    pub outcome: Outcome,
    /// Who or what decided.
    pub source: DecisionSource,
    /// Why; empty for a comment that nothing spoke against.
    pub reasons: Vec<Reason>,
    /// Every attribute's score, or `None` where scoring failed or would have meant nothing.
    pub scores: Option<Scores>,
    /// The model that scored.
    pub model_version: String,
    /// The policy that decided.
    pub policy_version: String,
    /// When it was decided.
    pub decided_at: Timestamp,
}
