//! Turns scores, and what a site says of comments, into decisions.
//!
//! In come a comment with its scores and the site's policy; out go an outcome and its reasons. Deciding is total and pure:
//! nothing is fetched, no clock is read, and the same input gives the same decision under the same version. The one
//! exception is a rule that takes far longer than it can: it is reported, so that the comment is held.
//!
//! A policy is written as a [`Document`], in TOML or by its parts; documents lie over each other and give [`Rules`]; made
//! ready they are a [`Policy`]. What a site writes itself is in [`expression`], conditions, and in [`words`], lists of words.
//!
//! Start reading at [`Policy::decide`]; [`PolicyBook`] says which policy holds where.

mod book;
mod check;
mod decide;
pub mod document;
pub mod expression;
pub mod links;
mod rules;
mod thresholds;
pub mod words;
mod written;

pub use book::{Below, PolicyBook, Scope};
pub use check::NAMED_MAX;
pub use decide::{Ruling, Scored, ScoringFailure, Subject};
pub use document::Document;
pub use rules::{Rules, UnsupportedLanguage};
pub use thresholds::{Threshold, Thresholds};
pub use written::Written;

use crate::domain::Violation;
use check::{ReadyRule, ReadyWords};
use words::Joined;

/// A policy that is ready to decide.
#[derive(Debug, Clone)]
pub struct Policy {
    rules: Rules,
    version: String,
    words: Vec<ReadyWords>,
    /// The words of all lists, in the order of `words`.
    joined: Joined,
    conditions: Vec<ReadyRule>,
    asks_author_record: bool,
}

impl Policy {
    /// Makes rules ready; `normalise` is what comments are normalised with, and `origin` says where the rules come from, such
    /// as `config`. The version is made of it and of what the rules say.
    ///
    /// # Errors
    ///
    /// Names every list and rule that can't be used, and thresholds that make no sense.
    pub fn compile(rules: Rules, origin: &str, normalise: impl Fn(&str) -> String) -> Result<Self, Vec<Violation>> {
        let mut violations = check::thresholds(&rules);
        let (words, conditions) = (check::words(&rules.words, &normalise), check::rules(&rules.rules));
        match (words, conditions) {
            (Ok(words), Ok(conditions)) if violations.is_empty() => {
                let version = format!("{origin}-{}", rules.fingerprint());
                let asks_author_record = conditions.iter().any(|rule| rule.expression.asks_author_record());
                let lists: Vec<_> = words.iter().map(|words| words.list.clone()).collect();
                let joined = Joined::new(&lists);
                Ok(Self { rules, version, words, joined, conditions, asks_author_record })
            }
            (words, conditions) => {
                violations.extend(words.err().into_iter().chain(conditions.err()).flatten());
                Err(violations)
            }
        }
    }

    /// Returns the name that decisions record; policies that decide alike and come from the same place have the same one.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns whether a rule asks for the author's record, so that it must be handed in.
    pub fn asks_author_record(&self) -> bool {
        self.asks_author_record
    }
}
