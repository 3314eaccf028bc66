//! A list that is ready, and what it finds.

use super::{
    Entry, Kind, WordsError,
    entry::{self, Checked},
};
use crate::domain::Outcome;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::{fmt, ops::Range, sync::Arc};

/// An entry that stands in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// The entry's place in the list as it was given, counted from 0.
    pub entry: usize,
    /// What it does.
    pub action: Outcome,
    /// Where it stands first: characters of the normalised comment. A stem has the whole word.
    pub place: Range<usize>,
}

/// A list of words, ready to be looked for.
///
/// Two that look for the same are equal.
#[derive(Clone)]
pub struct WordList {
    entries: Arc<[Checked]>,
    /// One pattern for each entry, in their order; `None` where there are none.
    automaton: Option<AhoCorasick>,
}

impl WordList {
    /// Checks entries and makes them ready; `normalise` is what comments are normalised with.
    ///
    /// Blanks around an entry are dropped, so `normalise` may add them. An entry that repeats an earlier one is left out.
    ///
    /// # Errors
    ///
    /// Names the first entry that can't be used.
    pub fn compile(entries: &[Entry], normalise: impl Fn(&str) -> String) -> Result<Self, WordsError> {
        Self::of(entry::check(entries, normalise)?)
    }

    /// Makes entries that are checked ready; each must be there once.
    pub(super) fn of(entries: Vec<Checked>) -> Result<Self, WordsError> {
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(entries.iter().map(|entry| &entry.text));
        // Building fails beyond 2^31 states only; a full list has a million characters.
        let count = entries.len();
        let automaton = automaton.map_err(|_| WordsError::TooMany { count })?;
        Ok(Self { automaton: (count > 0).then_some(automaton), entries: entries.into() })
    }

    /// Returns a list that finds nothing.
    pub(super) fn empty() -> Self {
        Self { entries: Arc::from([]), automaton: None }
    }

    /// Returns how many entries are looked for.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Finds the entries that stand in a comment, each once, in the order of their places.
    pub fn find(&self, normalised: &[char]) -> Vec<Fired> {
        let mut fired = Vec::new();
        let Some(automaton) = &self.automaton else { return fired };
        let text: String = normalised.iter().collect();
        let mut seen = Vec::new();
        for found in automaton.find_overlapping_iter(&text) {
            let number = found.pattern().as_usize();
            let Some(entry) = self.entries.get(number) else { continue };
            if seen.get(number) == Some(&true) {
                continue;
            }
            if let Some(end) = whole(&text, found.range(), entry) {
                seen.resize(self.entries.len(), false);
                seen[number] = true;
                fired.push(Fired { entry: entry.index, action: entry.action, place: found.start()..end });
            }
        }
        fired.sort_unstable_by_key(|fired| (fired.place.start, fired.entry));
        if text.len() != normalised.len() {
            count_chars(&text, &mut fired);
        }
        fired
    }
}

impl PartialEq for WordList {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl Eq for WordList {}

impl fmt::Debug for WordList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WordList").field("entries", &self.entries.len()).finish_non_exhaustive()
    }
}

/// Returns where the entry at `range` ends, or `None` where it stands inside of a word.
fn whole(text: &str, range: Range<usize>, entry: &Checked) -> Option<usize> {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    let joins = |edge: Option<char>, beside: Option<char>| {
        edge.is_some_and(char::is_alphanumeric) && beside.is_some_and(char::is_alphanumeric)
    };
    if joins(entry.text.chars().next(), before.chars().next_back()) {
        return None;
    }
    if !joins(entry.text.chars().next_back(), after.chars().next()) {
        return Some(range.end);
    }
    let rest: usize = after.chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
    (entry.kind == Kind::Stem).then_some(range.end + rest)
}

/// Turns bytes of the text into characters; what fired stands in the order of its beginnings.
fn count_chars(text: &str, fired: &mut [Fired]) {
    let (mut bytes, mut chars) = (0, 0);
    for Fired { place, .. } in fired {
        chars += text[bytes..place.start].chars().count();
        bytes = place.start;
        let length = text[place.clone()].chars().count();
        *place = chars..chars + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn list(entries: &[(&str, Kind)]) -> WordList {
        let entries: Vec<Entry> = entries
            .iter()
            .map(|(text, kind)| Entry { text: (*text).to_owned(), kind: *kind, action: Outcome::Hold })
            .collect();
        WordList::compile(&entries, str::to_lowercase).unwrap()
    }

    fn check(entry: &str, kind: Kind, text: &str, expected: Option<&str>) {
        let chars: Vec<char> = text.chars().collect();
        let fired = list(&[(entry, kind)]).find(&chars);
        let found: Vec<String> = fired.iter().map(|fired| chars[fired.place.clone()].iter().collect()).collect();
        assert_eq!(found, expected.into_iter().map(str::to_owned).collect::<Vec<_>>(), "{entry} in {text}");
    }

    #[test]
    fn only_whole_words_fire() {
        check("ass", Kind::Exact, " a class of glass ", None);
        check("ass", Kind::Exact, " an ass! ", Some("ass"));
        check("ass", Kind::Exact, "ass", Some("ass"));
        check("ass", Kind::Exact, " ass2 2ass assé ", None);
        check("ass", Kind::Exact, " class _ass_ ", Some("ass"));
        check("ass", Kind::Exact, " an ass-like ass ", Some("ass"));
    }

    #[test]
    fn a_stem_begins_a_word_and_has_all_of_it() {
        check("twad", Kind::Stem, " twaddle ", Some("twaddle"));
        check("twad", Kind::Stem, " twad. ", Some("twad"));
        check("twad", Kind::Stem, " all twaddlé! ", Some("twaddlé"));
        check("twad", Kind::Stem, " atwaddle ", None);
    }

    #[test]
    fn a_phrase_is_words_in_a_row() {
        check("buy now", Kind::Phrase, " so buy now, ", Some("buy now"));
        check("buy now", Kind::Phrase, " buy nowhere ", None);
        check("buy now", Kind::Phrase, " buy, now ", None);
        check("buy now", Kind::Phrase, " ebuy now ", None);
    }

    #[test]
    fn signs_are_taken_as_they_are() {
        check("c++", Kind::Exact, " c++, c ", Some("c++"));
        check("c++", Kind::Exact, " abc++ ", None);
        check("#tag", Kind::Exact, " x#tag ", Some("#tag"));
        check("don't", Kind::Exact, " dont don't ", Some("don't"));
        check("\u{1f595}", Kind::Exact, " x\u{1f595}x ", Some("\u{1f595}"));
    }

    #[test]
    fn every_entry_fires_once_where_it_stands_first() {
        let words = list(&[
            ("big lie", Kind::Phrase),
            ("lie", Kind::Exact),
            ("li", Kind::Stem),
            ("absent", Kind::Exact),
            ("big", Kind::Exact),
        ]);
        let text: Vec<char> = " à big lie, a lie ".chars().collect();
        let fired: Vec<_> = words.find(&text).into_iter().map(|fired| (fired.entry, fired.place)).collect();
        assert_eq!(fired, [(0, 3..10), (4, 3..6), (1, 7..10), (2, 7..10)]);
    }

    #[test]
    fn an_empty_list_finds_nothing() {
        let words = list(&[]);
        assert!(words.is_empty() && words.find(&['a']).is_empty());
    }

    #[test]
    fn printed_it_shows_no_word() {
        assert_eq!(format!("{:?}", list(&[("fudge", Kind::Exact)])), "WordList { entries: 1, .. }");
    }

    /// Finds entries by looking at every place for each of them.
    fn slowly(entries: &[(String, Kind)], text: &[char]) -> Vec<(usize, Range<usize>)> {
        let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| c.is_alphanumeric());
        let mut found = Vec::new();
        for (number, (entry, kind)) in entries.iter().enumerate() {
            let entry: Vec<char> = entry.chars().collect();
            let place = (0..text.len()).find_map(|begin| {
                let mut end = begin + entry.len();
                let begins = !(is_word(begin.checked_sub(1)) && is_word(Some(begin)));
                let stands = text.get(begin..end) == Some(&*entry);
                let ends = !(is_word(Some(end)) && is_word(end.checked_sub(1)));
                while *kind == Kind::Stem && is_word(Some(end)) && is_word(end.checked_sub(1)) {
                    end += 1;
                }
                (stands && begins && (ends || *kind == Kind::Stem)).then_some(begin..end)
            });
            found.extend(place.map(|place| (number, place)));
        }
        found.sort_by_key(|(number, place)| (place.start, *number));
        found
    }

    proptest! {
        #[test]
        fn what_fires_is_what_a_slow_search_finds(
            entries in prop::collection::btree_set("[abé.]{1,3}( [ab]{1,2})?", 0..12),
            stems in any::<u16>(),
            text in "[abé. ]{0,40}",
        ) {
            let entries: Vec<(String, Kind)> = entries.into_iter().enumerate().map(|(number, text)| {
                let word = if stems >> number & 1 == 1 { Kind::Stem } else { Kind::Exact };
                let kind = if text.contains(' ') { Kind::Phrase } else { word };
                (text, kind)
            }).collect();
            let borrowed: Vec<(&str, Kind)> = entries.iter().map(|(text, kind)| (&**text, *kind)).collect();
            let chars: Vec<char> = text.chars().collect();
            let found: Vec<_> = list(&borrowed).find(&chars).into_iter().map(|fired| (fired.entry, fired.place)).collect();
            prop_assert_eq!(found, slowly(&entries, &chars));
        }
    }
}
