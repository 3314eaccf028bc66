//! Turns scores, and what a site says of comments, into decisions.
//!
//! In come a comment with its scores and the site's policy; out go an outcome and its reasons. Deciding is total and pure:
//! nothing is fetched, and the same input gives the same decision under the same version. The one exception is time, which is
//! handed in: where rules take longer than they may, the comment is held, and they are named.
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
pub mod perspective;
mod ready;
mod rules;
mod thresholds;
pub mod words;
mod written;

pub use book::{Below, PolicyBook, Scope};
pub use check::NAMED_MAX;
pub use decide::{Ruling, Scored, ScoringFailure, Subject};
pub use document::Document;
pub use perspective::Perspective;
pub use ready::{POLICY_BYTES_MAX, WORDS_CHARS_MAX};
pub use rules::{Rules, UnsupportedLanguage};
pub use thresholds::{Threshold, Thresholds};
pub use written::Written;

use crate::domain::Violation;
use check::{ReadyRule, ReadyWords};
use ready::{Lists, Ready};
use std::sync::Arc;

/// A policy that is ready to decide.
#[derive(Debug, Clone)]
pub struct Policy {
    rules: Rules,
    version: String,
    /// In the order of the rules' own lists.
    words: Vec<Arc<ReadyWords>>,
    /// What finds them.
    layers: Vec<Layer>,
    /// In the order of the rules' own rules.
    conditions: Vec<Arc<ReadyRule>>,
    asks_rules: bool,
    asks_author_record: bool,
}

/// The lists of one of the documents that a policy is made of.
#[derive(Debug, Clone)]
struct Layer {
    lists: Arc<Lists>,
    /// For each of them, its place in the policy; `None` where it is switched off, or another stands in its place.
    places: Vec<Option<usize>>,
}

impl Policy {
    /// Makes rules ready; `normalise` is what comments are normalised with, and `origin` says where the rules come from, such
    /// as `config`. The version is made of it and of what the rules say.
    ///
    /// # Errors
    ///
    /// Names everything that can't stand: lists and rules that can't be used, thresholds that make no sense.
    pub fn compile(rules: &Rules, origin: &str, normalise: impl Fn(&str) -> String) -> Result<Self, Vec<Violation>> {
        Self::over(None, &Ready::new(rules.to_document(), normalise, None)?, origin)
    }

    /// Lays a document over a policy; nothing is compiled.
    ///
    /// # Errors
    ///
    /// Names thresholds that together make no sense; says that both together are too long.
    fn over(below: Option<&Self>, own: &Ready, origin: &str) -> Result<Self, Vec<Violation>> {
        let mut rules = below.map_or_else(Rules::default, |below| below.rules.clone());
        rules.lay_over(&own.document);
        let mut words = below.map_or_else(Vec::new, |below| below.words.clone());
        lay_over(&mut words, &own.lists.named, |words| &words.name);
        let mut conditions = below.map_or_else(Vec::new, |below| below.conditions.clone());
        lay_over(&mut conditions, &own.rules, |rule| &rule.name);
        let mut violations = check::thresholds(&rules);
        let bytes =
            words.iter().map(|words| words.bytes).chain(conditions.iter().map(|rule| rule.bytes)).sum::<usize>()
                + ready::bytes_of_links(&rules.links);
        if bytes > POLICY_BYTES_MAX {
            let sentence = format!("must take at most {POLICY_BYTES_MAX} bytes in TOML, with what lies below it");
            violations.push(Violation::new("policy", sentence));
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        let digests = words.iter().map(|words| words.digest).chain(conditions.iter().map(|rule| rule.digest));
        let version = format!("{origin}-{}", rules.fingerprint(digests));
        let from_below = below.into_iter().flat_map(|below| &below.layers).map(|layer| &layer.lists);
        let layers = from_below.chain([&own.lists]).map(|lists| Layer::new(lists, &words));
        let is_on = |rule: &&Arc<ReadyRule>| rule.action.is_some();
        Ok(Self {
            layers: layers.filter(|layer| layer.places.iter().any(Option::is_some)).collect(),
            asks_rules: conditions.iter().any(|rule| is_on(&rule)),
            asks_author_record: conditions.iter().filter(is_on).any(|rule| rule.expression.asks_author_record()),
            rules,
            version,
            words,
            conditions,
        })
    }

    /// Returns the name that decisions record; policies that decide alike and come from the same place have the same one.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Returns the policy without the rules that ask for the author's record, and the names of those that it would have asked.
    pub fn without_author_rules(&self) -> (Self, Vec<Box<str>>) {
        let mut rest = self.clone();
        let (asking, others) =
            self.conditions.iter().cloned().partition::<Vec<_>, _>(|rule| rule.expression.asks_author_record());
        let is_on = |rule: &&Arc<ReadyRule>| rule.action.is_some();
        rest.asks_rules = others.iter().any(|rule| is_on(&rule));
        (rest.conditions, rest.asks_author_record) = (others, false);
        (rest, asking.iter().filter(is_on).map(|rule| rule.name.clone()).collect())
    }

    /// Returns whether a rule asks for the author's record, so that it must be handed in.
    pub fn asks_author_record(&self) -> bool {
        self.asks_author_record
    }
}

impl Layer {
    fn new(lists: &Arc<Lists>, words: &[Arc<ReadyWords>]) -> Self {
        let place =
            |one: &Arc<ReadyWords>| one.action.and_then(|_| words.iter().position(|words| Arc::ptr_eq(words, one)));
        Self { lists: Arc::clone(lists), places: lists.named.iter().map(place).collect() }
    }
}

/// Puts each one in the place of that of its name, or last.
fn lay_over<T>(below: &mut Vec<Arc<T>>, over: &[Arc<T>], name: impl Fn(&T) -> &str) {
    for one in over {
        match below.iter_mut().find(|other| name(other) == name(one)) {
            Some(other) => other.clone_from(one),
            None => below.push(Arc::clone(one)),
        }
    }
}
