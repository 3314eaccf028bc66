//! What a site writes into a list, and what it can't.

use crate::domain::Outcome;
use std::collections::HashMap;

/// The most entries of a list.
pub const ENTRIES_MAX: usize = 10_000;
/// The most characters of an entry.
pub const CHARS_MAX: usize = 100;

/// How an entry stands in a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// As a whole word.
    Exact,
    /// At the beginning of a word.
    Stem,
    /// As several whole words in a row, one blank between them.
    Phrase,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Stem, Self::Phrase];

    /// Returns the name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Stem => "stem",
            Self::Phrase => "phrase",
        }
    }

    /// Finds the kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is looked for, as people write it.
    pub text: String,
    /// How it stands in a comment.
    pub kind: Kind,
    /// What happens to the comment: hold or reject.
    pub action: Outcome,
}

/// Says why a list can't be used, with the places of the entries at fault, counted from 0, and never their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// The list is too long.
    #[error("a list has at most {ENTRIES_MAX} entries, and this one has {count}")]
    TooMany {
        /// How many it has.
        count: usize,
    },
    /// Nothing that could be looked for is in the entry.
    #[error("entry {index} is empty, or empty once it is normalised")]
    Empty {
        /// The entry's place.
        index: usize,
    },
    /// The entry is too long.
    #[error("entry {index} has more than {CHARS_MAX} characters")]
    TooLong {
        /// The entry's place.
        index: usize,
    },
    /// A word has a blank in it.
    #[error("entry {index} is more than one word; make it a phrase")]
    NotOneWord {
        /// The entry's place.
        index: usize,
    },
    /// A phrase is one word.
    #[error("entry {index} is one word; make it exact or a stem")]
    NotAPhrase {
        /// The entry's place.
        index: usize,
    },
    /// An entry would publish.
    #[error("entry {index} has no action; it can hold or reject")]
    NoAction {
        /// The entry's place.
        index: usize,
    },
    /// Two entries look for the same and do something else.
    #[error("entry {index} is entry {first} again with another action")]
    Contradicts {
        /// The later entry's place.
        index: usize,
        /// The earlier entry's place.
        first: usize,
    },
}

/// An entry that passed, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) action: Outcome,
    /// The place among the entries that came in.
    pub(super) index: usize,
}

/// Checks and normalises entries; one that repeats another is left out.
pub(super) fn check(entries: &[Entry], normalise: impl Fn(&str) -> String) -> Result<Vec<Checked>, WordsError> {
    if entries.len() > ENTRIES_MAX {
        return Err(WordsError::TooMany { count: entries.len() });
    }
    let mut seen = HashMap::new();
    let mut checked: Vec<Checked> = Vec::with_capacity(entries.len());
    for (index, Entry { text, kind, action }) in entries.iter().enumerate() {
        let (kind, action) = (*kind, *action);
        if is_too_long(text) {
            return Err(WordsError::TooLong { index });
        }
        let text = normalise(text).split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            return Err(WordsError::Empty { index });
        }
        // One character may become several.
        if is_too_long(&text) {
            return Err(WordsError::TooLong { index });
        }
        match (kind, text.contains(' ')) {
            (Kind::Exact | Kind::Stem, true) => return Err(WordsError::NotOneWord { index }),
            (Kind::Phrase, false) => return Err(WordsError::NotAPhrase { index }),
            _ => {}
        }
        if action == Outcome::Publish {
            return Err(WordsError::NoAction { index });
        }
        match seen.insert((text.clone(), kind), (index, action)) {
            None => checked.push(Checked { text, kind, action, index }),
            Some((first, before)) if before != action => return Err(WordsError::Contradicts { index, first }),
            Some(first) => {
                seen.insert((text, kind), first);
            }
        }
    }
    Ok(checked)
}

fn is_too_long(text: &str) -> bool {
    text.chars().nth(CHARS_MAX).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str, kind: Kind, action: Outcome) -> Entry {
        Entry { text: text.to_owned(), kind, action }
    }

    fn check_one(text: &str, kind: Kind, expected: Result<&str, WordsError>) {
        let found = check(&[entry(text, kind, Outcome::Hold)], str::to_lowercase);
        assert_eq!(found.map(|checked| checked[0].text.clone()), expected.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn what_can_not_be_looked_for_is_refused() {
        check_one("Fudge", Kind::Exact, Ok("fudge"));
        check_one(" Buy \n now ", Kind::Phrase, Ok("buy now"));
        check_one("", Kind::Exact, Err(WordsError::Empty { index: 0 }));
        check_one(" \t", Kind::Phrase, Err(WordsError::Empty { index: 0 }));
        check_one("buy now", Kind::Exact, Err(WordsError::NotOneWord { index: 0 }));
        check_one("buy now", Kind::Stem, Err(WordsError::NotOneWord { index: 0 }));
        check_one("buy", Kind::Phrase, Err(WordsError::NotAPhrase { index: 0 }));
        check_one(&"ä".repeat(CHARS_MAX), Kind::Exact, Ok(&"ä".repeat(CHARS_MAX)));
        check_one(&"ä".repeat(CHARS_MAX + 1), Kind::Exact, Err(WordsError::TooLong { index: 0 }));
        // In lower case it is two characters.
        check_one(&"\u{130}".repeat(CHARS_MAX), Kind::Exact, Err(WordsError::TooLong { index: 0 }));
    }

    #[test]
    fn an_entry_holds_or_rejects() {
        let entries = [entry("a", Kind::Exact, Outcome::Reject), entry("b", Kind::Exact, Outcome::Publish)];
        assert_eq!(check(&entries, str::to_owned), Err(WordsError::NoAction { index: 1 }));
    }

    #[test]
    fn a_repeated_entry_counts_once_and_must_not_contradict() {
        let mut entries = vec![
            entry("Fudge", Kind::Exact, Outcome::Hold),
            entry("fudge", Kind::Stem, Outcome::Reject),
            entry("fudge", Kind::Exact, Outcome::Hold),
        ];
        let places = |entries: &[Entry]| {
            check(entries, str::to_lowercase).map(|checked| checked.iter().map(|entry| entry.index).collect::<Vec<_>>())
        };
        assert_eq!(places(&entries), Ok(vec![0, 1]));
        entries.push(entry("FUDGE", Kind::Exact, Outcome::Reject));
        assert_eq!(places(&entries), Err(WordsError::Contradicts { index: 3, first: 0 }));
    }

    #[test]
    fn a_list_ends_at_its_limit() {
        let mut entries: Vec<Entry> =
            (0..ENTRIES_MAX).map(|number| entry(&format!("w{number}"), Kind::Exact, Outcome::Hold)).collect();
        assert_eq!(check(&entries, str::to_owned).map(|checked| checked.len()), Ok(ENTRIES_MAX));
        entries.push(entry("more", Kind::Exact, Outcome::Hold));
        assert_eq!(check(&entries, str::to_owned), Err(WordsError::TooMany { count: ENTRIES_MAX + 1 }));
    }

    #[test]
    fn an_error_names_the_place_and_never_the_text() {
        let entries = [entry("fine", Kind::Exact, Outcome::Hold), entry("rude thing", Kind::Exact, Outcome::Hold)];
        let error = check(&entries, str::to_owned).unwrap_err();
        assert_eq!(error.to_string(), "entry 1 is more than one word; make it a phrase");
        assert!(!format!("{error:?}").contains("rude"));
    }

    #[test]
    fn kinds_are_found_by_their_names() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("regex"), None);
    }
}
