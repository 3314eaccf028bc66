//! Several lists that are looked for in one walk.

use super::{
    Entry, WordList, WordsError,
    entry::{self, Checked},
};
use std::{collections::HashMap, fmt, ops::Range};

/// A list whose entries passed, normalised; [`Joined`] makes it ready.
#[derive(Clone, Default)]
pub struct CheckedList {
    entries: Vec<Checked>,
}

impl CheckedList {
    /// Checks entries; `normalise` is what comments are normalised with. See [`WordList::compile`].
    ///
    /// # Errors
    ///
    /// Names the first entry that can't be used.
    pub fn check(entries: &[Entry], normalise: impl Fn(&str) -> String) -> Result<Self, WordsError> {
        Ok(Self { entries: entry::check(entries, normalise)? })
    }

    /// Returns how many characters the entries have together, once they are normalised.
    pub fn chars(&self) -> usize {
        self.entries.iter().map(|entry| entry.text.chars().count()).sum()
    }
}

impl fmt::Debug for CheckedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedList").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// Lists whose words are looked for together; a word may stand in several of them.
#[derive(Debug, Clone)]
pub struct Joined {
    all: WordList,
    /// For each entry of `all`, the lists that have it, by their places.
    owners: Vec<Vec<usize>>,
}

impl Joined {
    /// Joins lists.
    pub fn new(lists: &[CheckedList]) -> Self {
        let (mut entries, mut owners, mut seen) = (Vec::new(), Vec::<Vec<usize>>::new(), HashMap::new());
        for (number, list) in lists.iter().enumerate() {
            for entry in &list.entries {
                let place = *seen.entry((entry.text.clone(), entry.kind)).or_insert_with(|| {
                    let mut entry = entry.clone();
                    entry.index = entries.len();
                    entries.push(entry);
                    owners.push(Vec::new());
                    owners.len() - 1
                });
                owners[place].push(number);
            }
        }
        Self { all: WordList::of(entries).unwrap_or_else(|_| WordList::empty()), owners }
    }

    /// Returns whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Finds the words that stand in a comment, each once for each list that has it, in the order of their places: the list
    /// by its place, and where the word stands.
    pub fn find(&self, normalised: &[char]) -> Vec<(usize, Range<usize>)> {
        let found = self.all.find(normalised).into_iter();
        let of_list = |entry: usize| self.owners.get(entry).into_iter().flatten();
        found.flat_map(|fired| of_list(fired.entry).map(move |list| (*list, fired.place.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Outcome;
    use crate::policy::words::{Entry, Kind};

    fn entries(kind: Kind, texts: &[&str]) -> Vec<Entry> {
        texts.iter().map(|text| Entry { text: (*text).to_owned(), kind, action: Outcome::Hold }).collect()
    }

    #[test]
    fn a_word_fires_for_each_list_that_has_it() {
        let lists =
            [entries(Kind::Exact, &["fudge", "tea"]), entries(Kind::Stem, &["fud"]), entries(Kind::Exact, &["tea"])];
        let text: Vec<char> = "tea and fudge".chars().collect();
        let joined = Joined::new(&lists.each_ref().map(|list| CheckedList::check(list, str::to_lowercase).unwrap()));
        assert_eq!(joined.find(&text), [(0, 0..3), (2, 0..3), (0, 8..13), (1, 8..13)]);
        let apart: Vec<_> =
            lists.iter().map(|list| WordList::compile(list, str::to_lowercase).unwrap().find(&text).len()).collect();
        assert_eq!(apart, [2, 1, 1]);
        assert!(Joined::new(&[]).is_empty() && Joined::new(&[]).find(&text).is_empty());
    }
}
