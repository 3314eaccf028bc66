//! A policy in TOML, there and back without loss.

use super::document::{
    Document, FloodLimit, LabelRules, Limit, Links, Measure, Mode, NamedRule, NamedWords, NewAuthors, OwnThreshold,
    RepeatLimit,
};
use super::perspective::{Answer, Perspective, Scale, read_answer};
use super::{UnsupportedLanguage, words::Kind};
use crate::domain::{Criterion, Language, Score, Violation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form of a policy in a file, before its values are checked.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsupported_language: Option<String>,
    /// Every other key is an attribute.
    #[serde(flatten)]
    thresholds: BTreeMap<String, WrittenThreshold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    links: Option<WrittenLinks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flood: Option<WrittenFlood>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<WrittenRepeats>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_time: Option<WrittenFirstTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<WrittenLabels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    perspective: Option<WrittenPerspective>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    words: Vec<WrittenWords>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    rules: Vec<WrittenRule>,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenThreshold {
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<WrittenLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reject: Option<WrittenLimit>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
enum WrittenLimit {
    Score(f64),
    Word(String),
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenLinks {
    action: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed_domains: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenFlood {
    comments: u32,
    seconds: u32,
    action: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenRepeats {
    seconds: u32,
    action: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenFirstTime {
    published: u32,
    action: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenLabels {
    keep_do_not_store: bool,
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenPerspective {
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trust_detection: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, WrittenLimit>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    scales: BTreeMap<String, Vec<[f64; 2]>>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenWords {
    name: String,
    kind: String,
    action: String,
    entries: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    name: String,
    when: String,
    action: String,
}

impl Document {
    /// Reads a policy that is written in TOML.
    ///
    /// # Errors
    ///
    /// Names every key that can't stand, or the line and column where the text is no TOML.
    pub fn from_toml(text: &str) -> Result<Self, Vec<Violation>> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let place = error.span().map(|span| place(text, span.start));
            let said = error.message().trim_end();
            vec![Violation::new("toml", place.map_or_else(|| said.to_owned(), |place| format!("{place}: {said}")))]
        })?;
        written.check("")
    }

    /// Writes the policy in TOML: [`Document::from_toml`] reads the same policy back.
    pub fn to_toml(&self) -> String {
        // Every value of a policy is a string, a number or a list, which TOML takes.
        toml::to_string_pretty(&Written::from(self)).unwrap_or_default()
    }
}

/// Says where a byte of a text stands.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

impl Written {
    /// Checks every value on its own; keys are named behind `prefix`.
    ///
    /// # Errors
    ///
    /// Names every key that can't stand.
    pub fn check(&self, prefix: &str) -> Result<Document, Vec<Violation>> {
        let mut violations = Violations { prefix, list: Vec::new() };
        let document = self.read(&mut violations);
        if violations.list.is_empty() { Ok(document) } else { Err(violations.list) }
    }

    fn read(&self, violations: &mut Violations<'_>) -> Document {
        let mode = self.mode.as_deref().and_then(|name| {
            violations.known("mode", Mode::from_name(name), "must be \"open\", \"pre_moderated\" or \"closed\"")
        });
        let unsupported_language = self.unsupported_language.as_deref().and_then(|name| {
            let known = UnsupportedLanguage::from_name(name);
            violations.known("unsupported_language", known, "must be \"hold\", \"reject\" or \"score\"")
        });
        Document {
            mode,
            unsupported_language,
            thresholds: self.thresholds(violations),
            links: self.links.as_ref().map(|links| Links {
                action: violations.measure("links.action", &links.action),
                allowed_domains: links.allowed_domains.clone(),
            }),
            flood: self.flood.as_ref().map(|flood| FloodLimit {
                comments: flood.comments,
                seconds: flood.seconds,
                action: violations.measure("flood.action", &flood.action),
            }),
            repeats: self.repeats.as_ref().map(|repeats| RepeatLimit {
                seconds: repeats.seconds,
                action: violations.measure("repeats.action", &repeats.action),
            }),
            first_time: self.first_time.as_ref().map(|first| NewAuthors {
                published: first.published,
                action: violations.measure("first_time.action", &first.action),
            }),
            labels: self.labels.as_ref().map(|labels| LabelRules { keep_do_not_store: labels.keep_do_not_store }),
            perspective: self.perspective.as_ref().map(|perspective| perspective.read(violations)),
            words: self.words.iter().enumerate().map(|(index, words)| words.read(index, violations)).collect(),
            rules: self.rules.iter().enumerate().map(|(index, rule)| rule.read(index, violations)).collect(),
        }
    }

    fn thresholds(&self, violations: &mut Violations<'_>) -> BTreeMap<Criterion, OwnThreshold> {
        let mut thresholds = BTreeMap::new();
        for (name, written) in &self.thresholds {
            let Some(attribute) = Criterion::from_name(name) else {
                let known: Vec<_> = Criterion::all().map(Criterion::key).collect();
                violations.note(name, format!("is no attribute; there are {}", known.join(", ")));
                continue;
            };
            let mut read = |side: &str, limit: &Option<WrittenLimit>| match limit {
                None => None,
                Some(WrittenLimit::Word(word)) if word == "never" => Some(Limit::Never),
                Some(WrittenLimit::Score(score)) if (0.0..=1.0).contains(score) => {
                    Score::new(narrow(*score)).map(Limit::From)
                }
                Some(_) => {
                    violations.note(&format!("{name}.{side}"), "must be a score from 0 to 1, or \"never\"");
                    None
                }
            };
            let own = OwnThreshold { hold: read("hold", &written.hold), reject: read("reject", &written.reject) };
            thresholds.insert(attribute, own);
        }
        thresholds
    }
}

impl WrittenPerspective {
    fn read(&self, violations: &mut Violations<'_>) -> Perspective {
        let fallback_language = self.fallback_language.as_deref().and_then(|code| {
            let language = Language::from_code(code);
            violations.known("perspective.fallback_language", language, "must be a language's two letters, such as en")
        });
        let (trust_detection, strict) = (self.trust_detection, self.strict);
        let mut read = Perspective { fallback_language, trust_detection, strict, ..Perspective::default() };
        for (name, written) in &self.attributes {
            let answer = match written {
                WrittenLimit::Score(score) => Score::new(narrow(*score)).map(Answer::Constant),
                WrittenLimit::Word(word) => read_answer(word),
            };
            let must = "must be \"error\", an attribute's name, or a score from 0 to 1";
            if let Some(answer) = violations.known(&format!("perspective.attributes.{name}"), answer, must) {
                read.attributes.insert(name.to_ascii_uppercase(), answer);
            }
        }
        for (name, knots) in &self.scales {
            let key = format!("perspective.scales.{name}");
            let criterion = Criterion::from_name(&name.to_ascii_lowercase());
            let Some(criterion) = violations.known(&key, criterion, "is no attribute") else { continue };
            match Scale::new(knots.iter().map(|knot| knot.map(narrow)).collect()) {
                Ok(scale) => drop(read.scales.insert(criterion, scale)),
                Err(must) => violations.note(&key, must),
            }
        }
        read
    }
}

impl From<&Perspective> for WrittenPerspective {
    fn from(perspective: &Perspective) -> Self {
        let answer = |answer: &Answer| match answer {
            Answer::Error => WrittenLimit::Word("error".to_owned()),
            Answer::As(criterion) => WrittenLimit::Word(criterion.name().to_owned()),
            Answer::Constant(score) => WrittenLimit::Score(wide(score.get())),
        };
        let knots = |scale: &Scale| scale.knots().iter().map(|knot| knot.map(wide)).collect();
        Self {
            fallback_language: perspective.fallback_language.map(|language| language.to_string()),
            trust_detection: perspective.trust_detection,
            strict: perspective.strict,
            attributes: perspective.attributes.iter().map(|(name, own)| (name.clone(), answer(own))).collect(),
            scales: perspective.scales.iter().map(|(of, scale)| (of.name().to_owned(), knots(scale))).collect(),
        }
    }
}

/// Returns the nearest number of 32 bits, which scores have.
#[expect(clippy::cast_possible_truncation, reason = "scores have 32 bits")]
fn narrow(score: f64) -> f32 {
    score as f32
}

/// Returns a number with the digits that 32 bits need, not those of the nearest 64-bit number.
fn wide(score: f32) -> f64 {
    score.to_string().parse().unwrap_or_default()
}

impl WrittenWords {
    fn read(&self, index: usize, violations: &mut Violations<'_>) -> NamedWords {
        let kind = Kind::from_name(&self.kind);
        let kind = violations.known(&format!("words[{index}].kind"), kind, "must be \"exact\", \"stem\" or \"phrase\"");
        NamedWords {
            name: self.name.clone(),
            kind: kind.unwrap_or(Kind::Exact),
            action: violations.measure(&format!("words[{index}].action"), &self.action),
            entries: self.entries.clone(),
        }
    }
}

impl WrittenRule {
    fn read(&self, index: usize, violations: &mut Violations<'_>) -> NamedRule {
        let action = violations.measure(&format!("rules[{index}].action"), &self.action);
        NamedRule { name: self.name.clone(), when: self.when.clone(), action }
    }
}

/// What is wrong, so far.
struct Violations<'a> {
    prefix: &'a str,
    list: Vec<Violation>,
}

impl Violations<'_> {
    fn note(&mut self, key: &str, must: impl Into<String>) {
        let dot = if self.prefix.is_empty() { "" } else { "." };
        self.list.push(Violation::new(format!("{}{dot}{key}", self.prefix), must));
    }

    fn known<T>(&mut self, key: &str, value: Option<T>, must: &str) -> Option<T> {
        if value.is_none() {
            self.note(key, must);
        }
        value
    }

    fn measure(&mut self, key: &str, name: &str) -> Measure {
        let known = Measure::from_name(name);
        self.known(key, known, "must be \"none\", \"hold\" or \"reject\"").unwrap_or_default()
    }
}

impl From<&Document> for Written {
    fn from(document: &Document) -> Self {
        let limit = |limit: Limit| match limit {
            Limit::Never => WrittenLimit::Word("never".to_owned()),
            Limit::From(score) => WrittenLimit::Score(wide(score.get())),
        };
        let threshold =
            |own: &OwnThreshold| WrittenThreshold { hold: own.hold.map(limit), reject: own.reject.map(limit) };
        let named = |measure: Measure| measure.name().to_owned();
        Self {
            mode: document.mode.map(|mode| mode.name().to_owned()),
            unsupported_language: document.unsupported_language.map(|choice| choice.name().to_owned()),
            thresholds: document.thresholds.iter().map(|(of, own)| (of.key().to_owned(), threshold(own))).collect(),
            links: document.links.as_ref().map(|links| WrittenLinks {
                action: named(links.action),
                allowed_domains: links.allowed_domains.clone(),
            }),
            flood: document.flood.map(|flood| WrittenFlood {
                comments: flood.comments,
                seconds: flood.seconds,
                action: named(flood.action),
            }),
            repeats: document
                .repeats
                .map(|repeats| WrittenRepeats { seconds: repeats.seconds, action: named(repeats.action) }),
            first_time: document
                .first_time
                .map(|first| WrittenFirstTime { published: first.published, action: named(first.action) }),
            labels: document.labels.map(|labels| WrittenLabels { keep_do_not_store: labels.keep_do_not_store }),
            perspective: document.perspective.as_ref().map(WrittenPerspective::from),
            words: document
                .words
                .iter()
                .map(|words| WrittenWords {
                    name: words.name.clone(),
                    kind: words.kind.name().to_owned(),
                    action: named(words.action),
                    entries: words.entries.clone(),
                })
                .collect(),
            rules: document
                .rules
                .iter()
                .map(|rule| WrittenRule {
                    name: rule.name.clone(),
                    when: rule.when.clone(),
                    action: named(rule.action),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limit() -> impl Strategy<Value = Option<Limit>> {
        prop_oneof![
            Just(None),
            Just(Some(Limit::Never)),
            (0.0..=1.0_f32).prop_map(|score| Score::new(score).map(Limit::From))
        ]
    }

    fn measure() -> impl Strategy<Value = Measure> {
        prop::sample::select(Measure::ALL.to_vec())
    }

    fn document() -> impl Strategy<Value = Document> {
        let thresholds = prop::collection::btree_map(
            prop::sample::select(Criterion::all().collect::<Vec<_>>()),
            (limit(), limit()).prop_map(|(hold, reject)| OwnThreshold { hold, reject }),
            0..4,
        );
        let links = (measure(), prop::collection::vec("\\PC{0,8}", 0..3))
            .prop_map(|(action, allowed_domains)| Links { action, allowed_domains });
        let flood = (any::<u32>(), any::<u32>(), measure()).prop_map(|(comments, seconds, action)| FloodLimit {
            comments,
            seconds,
            action,
        });
        let repeats = (any::<u32>(), measure()).prop_map(|(seconds, action)| RepeatLimit { seconds, action });
        let first = (any::<u32>(), measure()).prop_map(|(published, action)| NewAuthors { published, action });
        let labels = any::<bool>().prop_map(|keep_do_not_store| LabelRules { keep_do_not_store });
        let kind = prop::sample::select(Kind::ALL.to_vec());
        let words = (any::<String>(), kind, measure(), prop::collection::vec(any::<String>(), 0..3))
            .prop_map(|(name, kind, action, entries)| NamedWords { name, kind, action, entries });
        let rule = (any::<String>(), any::<String>(), measure()).prop_map(|(name, when, action)| NamedRule {
            name,
            when,
            action,
        });
        (
            prop::option::of(prop::sample::select(Mode::ALL.to_vec())),
            prop::option::of(prop::sample::select(UnsupportedLanguage::ALL.to_vec())),
            thresholds,
            (
                prop::option::of(links),
                prop::option::of(flood),
                prop::option::of(repeats),
                prop::option::of(first),
                prop::option::of(labels),
            ),
            prop::collection::vec(words, 0..3),
            prop::collection::vec(rule, 0..3),
        )
            .prop_map(
                |(
                    mode,
                    unsupported_language,
                    thresholds,
                    (links, flood, repeats, first_time, labels),
                    words,
                    rules,
                )| {
                    Document {
                        mode,
                        unsupported_language,
                        thresholds,
                        links,
                        flood,
                        repeats,
                        first_time,
                        labels,
                        perspective: None,
                        words,
                        rules,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn a_policy_comes_back_from_toml_as_it_was(document in document()) {
            let text = document.to_toml();
            prop_assert_eq!(Document::from_toml(&text), Ok(document), "{}", text);
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Document::from_toml(&text);
        }
    }

    fn check(text: &str, expected: &[(&str, &str)]) {
        let violations = Document::from_toml(text).unwrap_err();
        let found: Vec<_> = violations.iter().map(|one| (one.field.as_str(), one.description.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_wrong_key_is_named() {
        check("mode = \"shut\"", &[("mode", "must be \"open\", \"pre_moderated\" or \"closed\"")]);
        check(
            "[toxicity]\nhold = 1.5\nreject = \"always\"",
            &[
                ("toxicity.hold", "must be a score from 0 to 1, or \"never\""),
                ("toxicity.reject", "must be a score from 0 to 1, or \"never\""),
            ],
        );
        check(
            "[[words]]\nname = \"a\"\nkind = \"regex\"\naction = \"publish\"\nentries = []",
            &[
                ("words[0].kind", "must be \"exact\", \"stem\" or \"phrase\""),
                ("words[0].action", "must be \"none\", \"hold\" or \"reject\""),
            ],
        );
        let known = "is no attribute; there are toxicity, severe_toxicity, insult, profanity, identity_attack, threat, \
                     spam, sexism, likely_to_reject";
        check("[toxicty]\nhold = 0.5", &[("toxicty", known)]);
    }

    #[test]
    fn what_is_no_toml_is_named_by_its_place() {
        let violations = Document::from_toml("mode = \"open\"\n[flood\ncomments = 1").unwrap_err();
        assert!(violations[0].description.starts_with("line 2, column"), "{violations:?}");
        let unknown = Document::from_toml("[flood]\ncomments = 1\nseconds = 2\naction = \"hold\"\nminutes = 3");
        assert!(unknown.unwrap_err()[0].description.contains("unknown field `minutes`"));
    }
}
