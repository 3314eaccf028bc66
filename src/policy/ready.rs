//! A document made ready: its lists and rules, checked and compiled once for all policies that it is part of.
//!
//! A site's document is part of the policy of each of its articles. They share what was compiled of it, so that an
//! article which only changes the mode costs next to nothing, however many words its site looks for.

use super::check::{self, ReadyRule, ReadyWords};
use super::document::{Document, Links, Measure, NamedRule, NamedWords};
use super::words::{CheckedList, Joined};
use crate::domain::Violation;
use std::sync::Arc;

/// The most characters of all words of a document together, as written and once they are normalised.
///
/// Looking for words needs an automaton with about as many states as they have bytes. A policy with so many characters of four
/// bytes was compiled, set three times and shown in 2.3 s of processor time, all told, in a debug build; rules, of which there
/// are 200 at most, take 4 ms each at most. So setting a policy takes about a second at most.
pub const WORDS_CHARS_MAX: usize = 200_000;
/// The most bytes that all of a policy, with what lies below it, takes in TOML.
///
/// `GetPolicy` shows the own policy and all that holds, each in two forms of which TOML is the longer one, in the 4 MiB that
/// clients read by default.
pub const POLICY_BYTES_MAX: usize = 900 << 10;

/// What stands around a list, a rule, or all of it, in TOML.
const AROUND: usize = 256;
/// What stands around an entry of a list in TOML.
const AROUND_ENTRY: usize = 16;

/// The lists of a document, with one automaton for all of them.
#[derive(Debug)]
pub(super) struct Lists {
    /// In the document's order, those too that are switched off, which find nothing.
    pub(super) named: Vec<Arc<ReadyWords>>,
    pub(super) joined: Joined,
}

/// A document that is ready to be laid over others.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) document: Document,
    pub(super) lists: Arc<Lists>,
    pub(super) rules: Vec<Arc<ReadyRule>>,
}

impl Ready {
    /// Makes a document ready, and takes over from the one before it what is the same in both.
    ///
    /// # Errors
    ///
    /// Names everything that can't stand by itself, by its place in the document.
    pub(super) fn new(
        document: Document,
        normalise: impl Fn(&str) -> String,
        before: Option<&Self>,
    ) -> Result<Self, Vec<Violation>> {
        let violations = check::document(&document);
        if !violations.is_empty() {
            return Err(violations);
        }
        let same = before.filter(|before| before.document.words == document.words);
        let lists = match same {
            Some(before) => Ok(Arc::clone(&before.lists)),
            None => Lists::new(&document.words, normalise).map(Arc::new),
        };
        let known = before.map_or(&[][..], |before| &before.rules);
        match (lists, check::rules(&document.rules, known)) {
            (Ok(lists), Ok(rules)) => Ok(Self { document, lists, rules }),
            (lists, rules) => Err(lists.err().into_iter().chain(rules.err()).flatten().collect()),
        }
    }
}

impl Lists {
    fn new(words: &[NamedWords], normalise: impl Fn(&str) -> String) -> Result<Self, Vec<Violation>> {
        let checked = check::words(words, &normalise)?;
        if checked.iter().map(CheckedList::chars).sum::<usize>() > WORDS_CHARS_MAX {
            return Err(vec![too_many_chars(" once they are normalised")]);
        }
        // What is switched off is checked like the rest, and looked for by nobody.
        let is_on = |words: &NamedWords| words.action.outcome().is_some();
        let looked_for = checked.into_iter().zip(words);
        let looked_for = looked_for.map(|(list, words)| if is_on(words) { list } else { CheckedList::default() });
        Ok(Self {
            named: words.iter().map(|words| Arc::new(ReadyWords::new(words))).collect(),
            joined: Joined::new(&looked_for.collect::<Vec<_>>()),
        })
    }
}

/// Says that the words of a document are too long together.
pub(super) fn too_many_chars(when: &str) -> Violation {
    let most = format!("must have at most {WORDS_CHARS_MAX} characters together{when}, in all entries of all lists");
    Violation::new("words", most)
}

/// Returns about how many bytes links take in TOML; never less than they do.
pub(super) fn bytes_of_links(links: &Links) -> usize {
    AROUND + bytes_of_entries(&links.allowed_domains)
}

/// Returns about how many bytes a list takes in TOML; never less than it does.
pub(super) fn bytes_of_words(words: &NamedWords) -> usize {
    AROUND + bytes_of_text(&words.name) + bytes_of_entries(&words.entries)
}

/// Returns about how many bytes a rule takes in TOML; never less than it does.
pub(super) fn bytes_of_rule(rule: &NamedRule) -> usize {
    AROUND + bytes_of_text(&rule.name) + bytes_of_text(&rule.when)
}

fn bytes_of_entries(entries: &[String]) -> usize {
    entries.iter().map(|entry| AROUND_ENTRY + bytes_of_text(entry)).sum()
}

fn bytes_of_text(text: &str) -> usize {
    let escaped = |c: char| match c {
        '"' | '\\' => 2,
        // As \u0001.
        c if c.is_control() => 6,
        c => c.len_utf8(),
    };
    text.chars().map(escaped).sum()
}

/// Returns a number that differs where lists differ.
pub(super) fn digest_of_words(words: &NamedWords) -> u128 {
    let parts = [words.name.as_str(), words.kind.name(), words.action.name()];
    digest(parts.into_iter().chain(words.entries.iter().map(String::as_str)))
}

/// Returns a number that differs where rules differ.
pub(super) fn digest_of_rule(NamedRule { name, when, action }: &NamedRule) -> u128 {
    digest([name.as_str(), when, Measure::name(*action)].into_iter())
}

fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> u128 {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    xxhash_rust::xxh3::xxh3_128(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::words::Kind;
    use proptest::prelude::*;

    fn lists(entries: Vec<String>) -> Document {
        let words = NamedWords { name: "w".into(), kind: Kind::Exact, action: Measure::Hold, entries };
        Document { words: vec![words], ..Document::default() }
    }

    #[test]
    fn all_words_together_end_at_their_limit() {
        let entry = |number: usize, length: usize| format!("{number:0length$}");
        let mut entries: Vec<String> = (0..WORDS_CHARS_MAX / 50).map(|number| entry(number, 50)).collect();
        assert!(Ready::new(lists(entries.clone()), str::to_owned, None).is_ok());
        entries.push("x".to_owned());
        let refused = Ready::new(lists(entries), str::to_owned, None).unwrap_err();
        assert_eq!((refused.len(), refused[0].field.as_str()), (1, "words"));
        assert!(refused[0].description.contains("200000 characters together, in"), "{refused:?}");
        // A letter may become several.
        let short: Vec<String> = (0..WORDS_CHARS_MAX / 50).map(|number| entry(number, 30)).collect();
        let refused = Ready::new(lists(short), |text| text.replace('0', "00"), None).unwrap_err();
        assert!(refused[0].description.contains("once they are normalised"), "{refused:?}");
    }

    proptest! {
        #[test]
        fn in_toml_nothing_takes_more_than_is_thought(
            entries in prop::collection::vec(any::<String>(), 0..5), when in any::<String>(), domain in any::<String>(),
        ) {
            let mut document = lists(entries);
            let links = Links { action: Measure::Hold, allowed_domains: vec![domain] };
            let rule = NamedRule { name: "r".into(), when, action: Measure::Reject };
            let thought = bytes_of_words(&document.words[0]) + bytes_of_rule(&rule) + bytes_of_links(&links);
            (document.links, document.rules) = (Some(links), vec![rule]);
            prop_assert!(document.to_toml().len() <= thought);
        }
    }
}
