//! What a policy as a whole must keep, and its lists and rules made ready.

use super::document::{Document, NamedRule, NamedWords};
use super::expression::Expression;
use super::ready::{self, WORDS_CHARS_MAX};
use super::words::{CheckedList, ENTRIES_MAX, Entry};
use super::{Rules, Threshold, perspective};
use crate::domain::{Criterion, Outcome, Violation, author::RECENT_MAX};
use std::{collections::BTreeSet, sync::Arc};

/// Lists and rules that a policy may have, each.
pub const NAMED_MAX: usize = 200;
/// Bytes of a name.
const NAME_BYTES_MAX: usize = 64;
/// Domains that may be allowed.
const DOMAINS_MAX: usize = 1000;
/// Bytes of a domain, as the DNS has it.
const DOMAIN_BYTES_MAX: usize = 253;
/// The longest time that a check of authors looks back over: a year.
const SECONDS_MAX: u32 = 366 * 24 * 3600;

/// What is known of a list beside its words.
#[derive(Debug)]
pub(super) struct ReadyWords {
    pub(super) name: Box<str>,
    /// What happens; `None` where it is switched off.
    pub(super) action: Option<Outcome>,
    /// A number that differs where lists differ.
    pub(super) digest: u128,
    /// The bytes that it takes in TOML at most.
    pub(super) bytes: usize,
}

impl ReadyWords {
    pub(super) fn new(words: &NamedWords) -> Self {
        Self {
            name: words.name.as_str().into(),
            action: words.action.outcome(),
            digest: ready::digest_of_words(words),
            bytes: ready::bytes_of_words(words),
        }
    }
}

/// A rule that is ready.
#[derive(Debug)]
pub(super) struct ReadyRule {
    pub(super) name: Box<str>,
    /// What happens; `None` where it is switched off.
    pub(super) action: Option<Outcome>,
    pub(super) expression: Expression,
    /// A number that differs where rules differ.
    pub(super) digest: u128,
    /// The bytes that it takes in TOML at most.
    pub(super) bytes: usize,
}

/// Checks what one document says by itself; thresholds that only together make no sense are for [`thresholds`] to find.
pub(super) fn document(document: &Document) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut note = |field: String, sentence: String| violations.push(Violation::new(field, sentence));
    for (what, names) in [
        ("words", document.words.iter().map(|words| &words.name).collect::<Vec<_>>()),
        ("rules", document.rules.iter().map(|rule| &rule.name).collect()),
    ] {
        if names.len() > NAMED_MAX {
            note(what.to_owned(), format!("must be at most {NAMED_MAX}"));
        }
        let mut seen = BTreeSet::new();
        for (index, name) in names.into_iter().enumerate() {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
            if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.chars().all(plain) {
                let must = format!("must be 1 to {NAME_BYTES_MAX} small letters, digits, underscores and hyphens");
                note(format!("{what}[{index}].name"), must);
            }
            if !seen.insert(name) {
                note(format!("{what}[{index}].name"), "must be a name that no other has".to_owned());
            }
        }
    }
    if let Some(links) = &document.links {
        if links.allowed_domains.len() > DOMAINS_MAX {
            note("links.allowed_domains".to_owned(), format!("must be at most {DOMAINS_MAX}"));
        }
        for (index, domain) in links.allowed_domains.iter().enumerate() {
            let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
            let whole = !domain.is_empty() && domain.len() <= DOMAIN_BYTES_MAX;
            if !whole || !domain.chars().all(plain) || domain.starts_with('.') || domain.ends_with('.') {
                let must = "must be a domain, such as example.org, without a scheme or a path";
                note(format!("links.allowed_domains[{index}]"), must.to_owned());
            }
        }
    }
    let mut within = |field: &str, number: u32, max: u32| {
        if !(1..=max).contains(&number) {
            note(field.to_owned(), format!("must be from 1 to {max}"));
        }
    };
    if let Some(flood) = document.flood {
        within("flood.comments", flood.comments, u32::try_from(RECENT_MAX).unwrap_or(u32::MAX));
        within("flood.seconds", flood.seconds, SECONDS_MAX);
    }
    if let Some(repeats) = document.repeats {
        within("repeats.seconds", repeats.seconds, SECONDS_MAX);
    }
    if let Some(first) = document.first_time {
        within("first_time.published", first.published, 1_000_000);
    }
    perspective::check(document.perspective.as_ref(), &mut violations);
    let entries: usize = document.words.iter().map(|words| words.entries.len()).sum();
    if entries > ENTRIES_MAX {
        violations.push(Violation::new("words", format!("must have at most {ENTRIES_MAX} entries together")));
    }
    let all = document.words.iter().flat_map(|words| &words.entries);
    if all.map(|entry| entry.chars().count()).sum::<usize>() > WORDS_CHARS_MAX {
        violations.push(ready::too_many_chars(""));
    }
    violations
}

/// Says which thresholds of the policy as a whole make no sense.
pub(super) fn thresholds(rules: &Rules) -> Vec<Violation> {
    let mut violations = Vec::new();
    for criterion in Criterion::all() {
        if let Threshold { hold: Some(hold), reject: Some(reject) } = rules.thresholds.get(criterion)
            && hold >= reject
        {
            let sentence = format!(
                "is {} and not below the reject threshold, {}: such comments would never be held; lower it, or write \
                 \"never\"",
                hold.get(),
                reject.get()
            );
            violations.push(Violation::new(format!("{}.hold", criterion.key()), sentence));
        }
    }
    violations
}

/// Checks lists and normalises their words, of those too that are switched off.
pub(super) fn words(
    words: &[NamedWords],
    normalise: &impl Fn(&str) -> String,
) -> Result<Vec<CheckedList>, Vec<Violation>> {
    collect(words.iter().enumerate().map(|(index, NamedWords { kind, action, entries, .. })| {
        let entry = |text: &String| Entry {
            text: text.clone(),
            kind: *kind,
            // What is switched off is looked for by nobody, and checked all the same.
            action: action.outcome().unwrap_or(Outcome::Hold),
        };
        let entries: Vec<Entry> = entries.iter().map(entry).collect();
        let list = CheckedList::check(&entries, normalise);
        list.map_err(|error| Violation::new(format!("words[{index}].entries"), error.to_string()))
    }))
}

/// Makes rules ready, those too that are switched off; conditions that are among the known ones are taken from there.
pub(super) fn rules(rules: &[NamedRule], known: &[Arc<ReadyRule>]) -> Result<Vec<Arc<ReadyRule>>, Vec<Violation>> {
    collect(rules.iter().enumerate().map(|(index, rule)| {
        let known = known.iter().find(|known| known.expression.source() == rule.when);
        let expression = known.map_or_else(|| Expression::compile(&rule.when), |known| Ok(known.expression.clone()));
        let expression = expression.map_err(|error| {
            Violation::new(format!("rules[{index}].when"), format!("column {}: {}", error.column, error.sentence))
        })?;
        Ok(Arc::new(ReadyRule {
            name: rule.name.as_str().into(),
            action: rule.action.outcome(),
            expression,
            digest: ready::digest_of_rule(rule),
            bytes: ready::bytes_of_rule(rule),
        }))
    }))
}

fn collect<T>(all: impl Iterator<Item = Result<T, Violation>>) -> Result<Vec<T>, Vec<Violation>> {
    let (mut ready, mut violations) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(one) => ready.push(one),
            Err(violation) => violations.push(violation),
        }
    }
    if violations.is_empty() { Ok(ready) } else { Err(violations) }
}
