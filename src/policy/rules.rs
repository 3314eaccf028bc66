//! What a policy says once all documents lie over each other.

use super::document::{
    Document, FloodLimit, LabelRules, Limit, Links, Mode, NamedRule, NamedWords, NewAuthors, OwnThreshold, RepeatLimit,
};
use super::{Perspective, Threshold, Thresholds};
use crate::domain::{
    AuthorChecks, Criterion,
    author::{FirstTime, Flood, Repeats},
};
use std::sync::Arc;

/// What happens to a comment in a language that the model was not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnsupportedLanguage {
    /// A person looks at it.
    #[default]
    Hold,
    /// Readers must not see it.
    Reject,
    /// Its scores decide, though they mean little.
    Score,
}

impl UnsupportedLanguage {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Hold, Self::Reject, Self::Score];

    /// Returns the name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Reject => "reject",
            Self::Score => "score",
        }
    }

    /// Finds the choice of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// Everything that a policy says.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Who may comment.
    pub mode: Mode,
    /// From which scores on comments are held and rejected.
    pub thresholds: Thresholds,
    /// What happens to comments that the scores say nothing about.
    pub unsupported_language: UnsupportedLanguage,
    /// Links.
    pub links: Links,
    /// Too many comments.
    pub flood: Option<FloodLimit>,
    /// The same text again.
    pub repeats: Option<RepeatLimit>,
    /// Authors whom nobody knows.
    pub first_time: Option<NewAuthors>,
    /// What becomes a label.
    pub labels: LabelRules,
    /// What old clients are answered; `None` where nothing is said.
    pub perspective: Option<Box<Perspective>>,
    /// Lists of words.
    pub words: Vec<Arc<NamedWords>>,
    /// Rules.
    pub rules: Vec<Arc<NamedRule>>,
}

impl Default for Rules {
    /// Returns rules that publish everything that can be scored.
    fn default() -> Self {
        Thresholds::none().into()
    }
}

impl From<Thresholds> for Rules {
    fn from(thresholds: Thresholds) -> Self {
        Self {
            mode: Mode::default(),
            thresholds,
            unsupported_language: UnsupportedLanguage::default(),
            links: Links::default(),
            flood: None,
            repeats: None,
            first_time: None,
            labels: LabelRules::default(),
            perspective: None,
            words: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl Rules {
    /// Lays a document over the rules.
    pub fn lay_over(&mut self, document: &Document) {
        for (criterion, own) in &document.thresholds {
            let below = self.thresholds.get(*criterion);
            let limit = |own: Option<Limit>, below| own.map_or(below, Limit::score);
            let threshold = Threshold { hold: limit(own.hold, below.hold), reject: limit(own.reject, below.reject) };
            self.thresholds.set(*criterion, threshold);
        }
        self.mode = document.mode.unwrap_or(self.mode);
        self.unsupported_language = document.unsupported_language.unwrap_or(self.unsupported_language);
        if let Some(links) = &document.links {
            self.links.clone_from(links);
        }
        self.flood = document.flood.or(self.flood);
        self.repeats = document.repeats.or(self.repeats);
        self.first_time = document.first_time.or(self.first_time);
        self.labels = document.labels.unwrap_or(self.labels);
        if let Some(own) = &document.perspective {
            self.perspective.get_or_insert_default().lay_over(own);
        }
        lay_over_by_name(&mut self.words, &document.words, |words| &words.name);
        lay_over_by_name(&mut self.rules, &document.rules, |rule| &rule.name);
    }

    /// Returns the document that says all of it.
    pub fn to_document(&self) -> Document {
        let own = |criterion| {
            let Threshold { hold, reject } = self.thresholds.get(criterion);
            (criterion, OwnThreshold { hold: Some(hold.into()), reject: Some(reject.into()) })
        };
        Document {
            mode: Some(self.mode),
            unsupported_language: Some(self.unsupported_language),
            thresholds: Criterion::all().map(own).collect(),
            links: Some(self.links.clone()),
            flood: self.flood,
            repeats: self.repeats,
            first_time: self.first_time,
            labels: Some(self.labels),
            perspective: self.perspective.as_deref().cloned(),
            words: self.words.iter().map(|words| NamedWords::clone(words)).collect(),
            rules: self.rules.iter().map(|rule| NamedRule::clone(rule)).collect(),
        }
    }

    /// Returns what is asked of an author's record.
    pub fn checks(&self) -> AuthorChecks {
        AuthorChecks {
            flood: self.flood.and_then(|flood| {
                let FloodLimit { comments, seconds, action } = flood;
                action.outcome().map(|action| Flood { comments, seconds, action })
            }),
            repeats: self.repeats.and_then(|repeats| {
                repeats.action.outcome().map(|action| Repeats { seconds: repeats.seconds, action })
            }),
            first_time: self.first_time.and_then(|first| {
                first.action.outcome().map(|action| FirstTime { published: first.published, action })
            }),
        }
    }

    /// Returns 12 hexadecimal digits that differ where the rules differ; `named` stands for the lists and rules.
    pub(super) fn fingerprint(&self, named: impl Iterator<Item = u128>) -> String {
        let plain = Self { words: Vec::new(), rules: Vec::new(), ..self.clone() };
        // What becomes a label decides nothing.
        let mut said = Document { labels: None, ..plain.to_document() }.to_toml().into_bytes();
        said.extend(named.flat_map(u128::to_le_bytes));
        format!("{:012x}", xxhash_rust::xxh3::xxh3_128(&said) >> 80)
    }
}

fn lay_over_by_name<T: Clone>(below: &mut Vec<Arc<T>>, over: &[T], name: impl Fn(&T) -> &String) {
    for one in over {
        let (one, named) = (Arc::new(one.clone()), name(one));
        match below.iter_mut().find(|other| name(other) == named) {
            Some(other) => *other = one,
            None => below.push(one),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Attribute;
    use crate::domain::Score;
    use crate::policy::document::Measure;

    #[test]
    fn the_fingerprint_follows_every_rule() {
        let none = Thresholds::none();
        let mut held = none;
        held.set(Attribute::Spam, Threshold { hold: Score::new(0.5), reject: None });
        let mut rejected = none;
        rejected.set(Attribute::Spam, Threshold { hold: None, reject: Score::new(0.5) });
        let mut rules: Vec<Rules> = [none, held, rejected].map(Rules::from).into();
        rules
            .extend(UnsupportedLanguage::ALL.map(|unsupported_language| Rules { unsupported_language, ..held.into() }));
        rules.push(Rules { mode: Mode::Closed, ..held.into() });
        let fingerprints: Vec<String> = rules.iter().map(|rules| rules.fingerprint(std::iter::empty())).collect();
        for (one, rules_of_one) in fingerprints.iter().zip(&rules) {
            assert_eq!(one.len(), 12);
            for (other, rules_of_other) in fingerprints.iter().zip(&rules) {
                assert_eq!(one == other, rules_of_one == rules_of_other);
            }
        }
    }

    #[test]
    fn choices_are_found_by_their_names() {
        for choice in UnsupportedLanguage::ALL {
            assert_eq!(UnsupportedLanguage::from_name(choice.name()), Some(choice));
        }
        assert_eq!(UnsupportedLanguage::from_name("publish"), None);
    }

    #[test]
    fn a_document_changes_what_it_says_and_nothing_else() {
        let score = |p| Limit::From(Score::new(p).unwrap());
        let rule = |name: &str, when: &str| NamedRule { name: name.into(), when: when.into(), action: Measure::Hold };
        let site = Document {
            thresholds: [(Attribute::Spam.into(), OwnThreshold { hold: Some(score(0.5)), reject: Some(score(0.9)) })]
                .into(),
            flood: Some(FloodLimit { comments: 3, seconds: 60, action: Measure::Hold }),
            rules: vec![rule("a", "true"), rule("b", "true")],
            ..Document::default()
        };
        let article = Document {
            mode: Some(Mode::PreModerated),
            thresholds: [(Attribute::Spam.into(), OwnThreshold { hold: Some(Limit::Never), reject: None })].into(),
            flood: Some(FloodLimit { comments: 3, seconds: 60, action: Measure::None }),
            rules: vec![rule("c", "true"), rule("a", "false")],
            ..Document::default()
        };
        let mut rules = Rules::default();
        rules.lay_over(&site);
        assert!(rules.checks().flood.is_some());
        rules.lay_over(&article);
        assert_eq!(rules.thresholds.get(Attribute::Spam), Threshold { hold: None, reject: Score::new(0.9) });
        assert_eq!((rules.mode, rules.checks().flood), (Mode::PreModerated, None));
        let expected = [rule("a", "false"), rule("b", "true"), rule("c", "true")];
        assert!(rules.rules.iter().map(|rule| &**rule).eq(&expected), "{:?}", rules.rules);
        let mut again = Rules::default();
        again.lay_over(&rules.to_document());
        assert_eq!(again, rules);
    }
}
