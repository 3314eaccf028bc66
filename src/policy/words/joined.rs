//! Several lists that are looked for in one walk.

use super::WordList;
use std::{collections::HashMap, ops::Range};

/// Lists whose words are looked for together; a word may stand in several of them.
#[derive(Debug, Clone)]
pub struct Joined {
    all: WordList,
    /// For each entry of `all`, the lists that have it, by their places.
    owners: Vec<Vec<usize>>,
}

impl Joined {
    /// Joins lists.
    pub fn new(lists: &[WordList]) -> Self {
        let (mut entries, mut owners, mut seen) = (Vec::new(), Vec::<Vec<usize>>::new(), HashMap::new());
        for (number, list) in lists.iter().enumerate() {
            for entry in list.entries() {
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

    fn list(kind: Kind, texts: &[&str]) -> WordList {
        let entry = |text: &&str| Entry { text: (*text).to_owned(), kind, action: Outcome::Hold };
        WordList::compile(&texts.iter().map(entry).collect::<Vec<_>>(), str::to_lowercase).unwrap()
    }

    #[test]
    fn a_word_fires_for_each_list_that_has_it() {
        let lists = [list(Kind::Exact, &["fudge", "tea"]), list(Kind::Stem, &["fud"]), list(Kind::Exact, &["tea"])];
        let text: Vec<char> = "tea and fudge".chars().collect();
        let joined = Joined::new(&lists);
        assert_eq!(joined.find(&text), [(0, 0..3), (2, 0..3), (0, 8..13), (1, 8..13)]);
        let apart: Vec<_> = lists.iter().map(|list| list.find(&text).len()).collect();
        assert_eq!(apart, [2, 1, 1]);
        assert!(Joined::new(&[]).is_empty() && Joined::new(&[]).find(&text).is_empty());
    }
}
