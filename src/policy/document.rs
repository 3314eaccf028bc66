//! A policy as an editor writes it: what it says, and what it leaves to the policy below it.
//!
//! Three lie over each other: what the operator configured, the site's own, and the article's. Each takes what it does not
//! say from the one below. Thresholds are taken one by one, other parts as a whole, lists and rules by their names.

use super::{Perspective, UnsupportedLanguage, words::Kind};
use crate::domain::{Criterion, Outcome, Score};
use std::collections::BTreeMap;

/// What happens where something fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// Nothing: the part is switched off.
    #[default]
    None,
    /// A person looks at the comment.
    Hold,
    /// Readers must not see the comment.
    Reject,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 3] = [Self::None, Self::Hold, Self::Reject];

    /// Returns the name in TOML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hold => "hold",
            Self::Reject => "reject",
        }
    }

    /// Finds the measure of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// Returns the outcome, or `None` where nothing happens.
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::None => None,
            Self::Hold => Some(Outcome::Hold),
            Self::Reject => Some(Outcome::Reject),
        }
    }
}

/// Who may comment on an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everybody.
    #[default]
    Open,
    /// Everybody, and a person looks at each comment first.
    PreModerated,
    /// Nobody: each comment is rejected.
    Closed,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Open, Self::PreModerated, Self::Closed];

    /// Returns the name in TOML and in rules.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::PreModerated => "pre_moderated",
            Self::Closed => "closed",
        }
    }

    /// Finds the mode of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// From which score on something happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// At no score.
    Never,
    /// From this one on.
    From(Score),
}

impl Limit {
    /// Returns the score, or `None` where nothing ever happens.
    pub const fn score(self) -> Option<Score> {
        match self {
            Self::Never => None,
            Self::From(score) => Some(score),
        }
    }
}

impl From<Option<Score>> for Limit {
    fn from(score: Option<Score>) -> Self {
        score.map_or(Self::Never, Self::From)
    }
}

/// What is said of one criterion.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OwnThreshold {
    /// From which score on a comment is held.
    pub hold: Option<Limit>,
    /// From which score on a comment is rejected.
    pub reject: Option<Limit>,
}

/// What happens to comments with links.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Links {
    /// What happens.
    pub action: Measure,
    /// Domains that may be linked to, their subdomains included.
    pub allowed_domains: Vec<String>,
}

/// What happens to the comments of an author who sends too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloodLimit {
    /// How many an author may send.
    pub comments: u32,
    /// Within how many seconds.
    pub seconds: u32,
    /// What happens to further ones.
    pub action: Measure,
}

/// What happens to a text that its author sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatLimit {
    /// Within how many seconds.
    pub seconds: u32,
    /// What happens to it.
    pub action: Measure,
}

/// What happens to comments of authors whom nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAuthors {
    /// From how many published comments on an author is known.
    pub published: u32,
    /// What happens to the others' comments.
    pub action: Measure,
}

/// What becomes a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LabelRules {
    /// Whether labels are kept of comments whose senders asked that they be stored nowhere.
    pub keep_do_not_store: bool,
}

/// A list of words, with what happens to comments that have one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedWords {
    /// The site's name for it: small letters, digits, underscores and hyphens.
    pub name: String,
    /// How the words stand in a comment.
    pub kind: Kind,
    /// What happens.
    pub action: Measure,
    /// The words.
    pub entries: Vec<String>,
}

/// A condition in CEL, with what happens to comments that meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRule {
    /// The site's name for it: small letters, digits, underscores and hyphens.
    pub name: String,
    /// The condition.
    pub when: String,
    /// What happens.
    pub action: Measure,
}

/// A policy as an editor writes it; what is `None`, or not in a list, is left to the policy below.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// Who may comment.
    pub mode: Option<Mode>,
    /// What happens to comments that the scores say nothing about.
    pub unsupported_language: Option<UnsupportedLanguage>,
    /// By attribute, or `likely_to_reject`, from which scores on comments are held and rejected.
    pub thresholds: BTreeMap<Criterion, OwnThreshold>,
    /// Links.
    pub links: Option<Links>,
    /// Too many comments.
    pub flood: Option<FloodLimit>,
    /// The same text again.
    pub repeats: Option<RepeatLimit>,
    /// Authors whom nobody knows.
    pub first_time: Option<NewAuthors>,
    /// What becomes a label.
    pub labels: Option<LabelRules>,
    /// What old clients are answered; laid over name by name.
    pub perspective: Option<Perspective>,
    /// Lists of words; one of the same name as below replaces it.
    pub words: Vec<NamedWords>,
    /// Rules, in the order in which they are named as reasons; one of the same name as below replaces it.
    pub rules: Vec<NamedRule>,
}
