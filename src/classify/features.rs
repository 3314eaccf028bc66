//! Feature hashing: text to sparse indices. Training and serving call the same function.

use super::{
    counter::Counter,
    explain::Workings,
    feature_set::{CHARS_MAX_MAX, FeatureSet, RUNS},
    normalise::Normalised,
    repeats::Repeats,
    second_view::SecondView,
    style::{self, Style},
};
use std::ops::Range;

/// The version of everything that decides which bucket a text's features fall into, besides [`FeatureSet`].
pub const FEATURES_VERSION: u32 = 2;

/// A text has at most this many features for each of its characters.
const GRAMS_PER_CHAR_MAX: usize = CHARS_MAX_MAX;
/// How many words behind a negation are negated.
const NEGATED: usize = 3;

/// The kinds of features; each is scaled to its length by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Single words and pairs of neighbouring words; a word is a run of letters and digits.
    Words,
    /// Runs of characters within what blanks enclose, the blanks at both ends included.
    Chars,
    /// What the text as a whole looks like.
    Style,
    /// Words and runs of characters of disguised words, undone.
    SecondView,
}

impl Part {
    /// Every part.
    pub(super) const ALL: [Self; 4] = [Self::Words, Self::Chars, Self::Style, Self::SecondView];
}

/// One occurrence of a feature.
#[derive(Debug, Clone)]
pub(super) struct Gram {
    /// The bucket that the feature falls into.
    pub(super) bucket: u32,
    /// The places of its first and last character in the normalised text; `None` for a feature of the whole text.
    pub(super) places: Option<(usize, usize)>,
}

#[inline]
fn visit_words(chars: &[char], set: &FeatureSet, mut visit: impl FnMut(u32, usize, usize)) {
    let seed = mix(set.seed, 1);
    // The words before, the last one first: hash and place.
    let mut before: [Option<(u64, usize)>; 2] = [None; 2];
    let mut negated = 0;
    let mut at = 0;
    while at < chars.len() {
        if !is_word_char(chars[at]) {
            if matches!(chars[at], '.' | ',' | '!' | '?' | ';' | ':') {
                negated = 0;
            }
            at += 1;
            continue;
        }
        let first = at;
        let mut hash = seed;
        while let Some(&c) = chars.get(at).filter(|c| is_word_char(**c)) {
            hash = mix(hash, c as u64);
            at += 1;
        }
        let last = at - 1;
        visit(bucket(hash, set), first, last);
        if let Some((previous, first)) = before[0].filter(|_| set.words_max >= 2) {
            let pair = mix(previous, hash);
            visit(bucket(pair, set), first, last);
        }
        if let (Some((previous, _)), Some((one_before, first))) = (before[0], before[1]) {
            if set.words_max >= 3 {
                visit(bucket(mix(mix(one_before, previous), hash), set), first, last);
            }
            if set.skips {
                visit(bucket(mix(mix(one_before, SKIP), hash), set), first, last);
            }
        }
        if set.negation {
            if negated > 0 {
                visit(bucket(mix(hash, NEGATION), set), first, last);
                negated -= 1;
            }
            if is_negation(&chars[first..at]) {
                negated = NEGATED;
            }
        }
        before = [Some((hash, first)), before[0]];
    }
}

/// Stands between the words of a skip-gram. No character has this number.
const SKIP: u64 = 0x0011_0001;
/// Stands behind a negated word. No character has this number.
const NEGATION: u64 = 0x0011_0002;

/// Tells whether a word negates; "t" is what is left of "n't".
fn is_negation(word: &[char]) -> bool {
    const NEGATIONS: [&str; 8] = ["not", "no", "never", "nobody", "nothing", "cannot", "without", "t"];
    NEGATIONS.iter().any(|negation| negation.chars().eq(word.iter().copied()))
}

#[expect(clippy::inline_always, reason = "lengths that the caller knows make the loop over them straight")]
#[inline(always)]
fn visit_chars(
    chars: &[char],
    set: &FeatureSet,
    [chars_min, chars_max]: [usize; 2],
    mut visit: impl FnMut(u32, usize, usize),
) {
    let seed = mix(set.seed, 2);
    for first in 0..chars.len() {
        // A blank may open or close an n-gram, never stand within one.
        let mut hash = mix(seed, chars[first] as u64);
        for (length, &c) in (2..=chars_max).zip(&chars[first + 1..]) {
            hash = mix(hash, c as u64);
            if length >= chars_min {
                visit(bucket(hash, set), first, first + length - 1);
            }
            if c == ' ' {
                break;
            }
        }
    }
}

/// Tells whether a character belongs to a word: a letter or a digit.
#[inline]
pub(super) fn is_word_char(c: char) -> bool {
    match WORD_CHARS.get(c as usize) {
        Some(&is_word) => is_word,
        None => is_word_char_elsewhere(c),
    }
}

#[cold]
#[inline(never)]
fn is_word_char_elsewhere(c: char) -> bool {
    c.is_alphanumeric()
}

/// Which ASCII characters belong to words.
const WORD_CHARS: [bool; 128] = {
    let mut table = [false; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    table
};

/// Takes one more value into a hash. Pinned by `tests/fixtures/features.jsonl`: changing it makes every model useless,
/// so it needs a new [`FEATURES_VERSION`].
#[inline]
const fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 20 bits are left")]
const fn bucket(hash: u64, set: &FeatureSet) -> u32 {
    ((hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> (64 - set.bits)) as u32
}

/// The buffers of featurising, reused from text to text so that no word costs an allocation.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    view: View,
    counter: Counter,
    pub(super) workings: Workings,
    spare: Vec<(u32, f32)>,
    hashes: Vec<u64>,
    words: Vec<u32>,
    runs: Vec<u32>,
    runs_count: usize,
    others: Vec<u32>,
    repeats: Repeats,
}

/// One text as the features see it.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    normalised: Normalised,
    second: SecondView,
    style: Style,
}

impl View {
    /// Returns the normalised characters.
    pub(super) fn chars(&self) -> &[char] {
        self.normalised.chars()
    }

    /// Returns the bytes of the text that the normalised characters at `range` come from.
    pub(super) fn bytes_of(&self, range: Range<usize>) -> Range<u32> {
        self.normalised.bytes_of(range)
    }

    /// Returns the style of the text, where the features that it was read for count it.
    pub(super) fn style(&self) -> Style {
        self.style
    }

    /// Returns how many characters disguised words have, undone, where the features that it was read for count them.
    pub(super) fn disguised(&self) -> usize {
        self.second.chars().iter().filter(|c| **c != ' ').count()
    }

    /// Calls `visit` for every occurrence of a feature of one part.
    #[inline]
    pub(super) fn visit_grams(&self, set: &FeatureSet, part: Part, mut visit: impl FnMut(Gram)) {
        let lengths = [set.chars_min, set.chars_max];
        let mut visit_at = |bucket, first, last| visit(Gram { bucket, places: Some((first, last)) });
        match part {
            Part::Words => visit_words(self.chars(), set, visit_at),
            // Lengths that the compiler knows make the loop over them straight.
            Part::Chars if lengths == [2, 5] => visit_chars(self.chars(), set, [2, 5], visit_at),
            Part::Chars => visit_chars(self.chars(), set, lengths, visit_at),
            Part::Style => {
                let seed = mix(set.seed, 3);
                for (kind, level) in (0_u64..).zip(self.style.levels()) {
                    visit(Gram { bucket: bucket(mix(mix(seed, kind), level), set), places: None });
                }
            }
            Part::SecondView => {
                let chars = self.second.chars();
                let singles = FeatureSet { words_max: 1, skips: false, negation: false, ..*set };
                let mut visit_meant =
                    |bucket, first, last| visit_at(bucket, self.second.place(first), self.second.place(last));
                visit_words(chars, &singles, &mut visit_meant);
                visit_chars(chars, set, lengths, &mut visit_meant);
            }
        }
    }
}

impl Scratch {
    /// Reads `text`, for the calls that follow.
    pub(super) fn read(&mut self, text: &str, set: &FeatureSet) -> &View {
        let View { normalised, second, style } = &mut self.view;
        normalised.assign(text);
        if set.second_view > 0.0 {
            second.assign(normalised.chars());
        }
        if set.style > 0.0 {
            *style = Style::of(text);
        }
        &self.view
    }

    /// Returns the text read last.
    pub(super) fn view(&self) -> &View {
        &self.view
    }

    /// Counts the features of one part of the text read last.
    #[inline]
    fn count(&mut self, set: &FeatureSet, part: Part) -> &Counter {
        let counter = &mut self.counter;
        let additions = match part {
            Part::Style => style::KINDS,
            Part::SecondView => self.view.second.chars().len() * GRAMS_PER_CHAR_MAX,
            Part::Words | Part::Chars => self.view.chars().len() * (set.chars_max - 1).max(4),
        };
        counter.reset(additions);
        self.view.visit_grams(set, part, |gram| counter.add(gram.bucket));
        counter
    }

    /// Lists the buckets of one part of the text read last, one for each occurrence of a feature, and lends what finds
    /// those that repeat. The words are asked for before the characters: one walk lists both.
    #[inline]
    pub(super) fn occurrences(&mut self, set: &FeatureSet, part: Part) -> (&View, &[u32], &mut Repeats) {
        let straight = set.is_straight();
        if straight && part == Part::Words {
            self.gather(set);
        }
        let Self { view, words, runs, runs_count, others, repeats, .. } = self;
        let found = match part {
            Part::Words if straight => words,
            Part::Chars if straight => &runs[..*runs_count],
            _ => {
                others.clear();
                view.visit_grams(set, part, |gram| others.push(gram.bucket));
                others
            }
        };
        (view, found, repeats)
    }

    /// Lists what [`visit_words`] and [`visit_chars`] visit, in one walk through the text and hardly a branch: where a
    /// word ends is what a processor guesses worst.
    fn gather(&mut self, set: &FeatureSet) {
        let Self { view, hashes, words, runs, runs_count, .. } = self;
        let padded = view.normalised.padded();
        let room = padded.len() * RUNS;
        if runs.len() < room {
            runs.resize(room, 0);
            hashes.resize(padded.len(), 0);
        }
        let (runs, hashes) = (&mut runs[..room], &mut hashes[..padded.len()]);
        let (word_seed, run_seed) = (mix(set.seed, 1), mix(set.seed, 2));
        let (mut runs_found, mut words_found) = (0, 0);
        let (mut hash, mut in_word) = (word_seed, false);
        for window in padded.windows(1 + RUNS) {
            let &[first, second, third, fourth, fifth] = window else { break };
            // Every character may end a word; only where one did, its hash is kept.
            let is_word = is_word_char(first);
            hashes[words_found] = hash;
            words_found += usize::from(in_word && !is_word);
            hash = if is_word { mix(hash, first as u64) } else { word_seed };
            in_word = is_word;
            // Every run of two to five characters that begins here; only those that hold no blank within are kept.
            let two = mix(mix(run_seed, first as u64), second as u64);
            let three = mix(two, third as u64);
            let four = mix(three, fourth as u64);
            let five = mix(four, fifth as u64);
            if let Some(place) = runs.get_mut(runs_found..runs_found + RUNS) {
                place.copy_from_slice(&[two, three, four, five].map(|hash| bucket(hash, set)));
            }
            let goes_on = [second, third, fourth].map(|c| usize::from(c != ' '));
            runs_found += 1 + goes_on[0] + (goes_on[0] & goes_on[1]) + (goes_on[0] & goes_on[1] & goes_on[2]);
        }
        // The last blank begins nothing.
        *runs_count = runs_found - 1;
        words.clear();
        let mut before = [None; 2];
        for &hash in &hashes[..words_found] {
            words.push(bucket(hash, set));
            if let Some(previous) = before[0] {
                words.push(bucket(mix(previous, hash), set));
            }
            if let [Some(_), Some(one_before)] = before {
                words.push(bucket(mix(mix(one_before, SKIP), hash), set));
            }
            before = [Some(hash), before[0]];
        }
    }

    /// Writes the sparse row of `text` into `row`: buckets in rising order, each with its value.
    pub fn sparse_row(&mut self, text: &str, set: &FeatureSet, row: &mut Vec<(u32, f32)>) {
        self.read(text, set);
        self.sparse_row_again(set, row);
    }

    /// Writes the sparse row of the text that was read last, for the same features.
    pub(super) fn sparse_row_again(&mut self, set: &FeatureSet, row: &mut Vec<(u32, f32)>) {
        row.clear();
        for part in Part::ALL.into_iter().filter(|part| set.length(*part) > 0.0) {
            let counted = self.count(set, part);
            let scale = unit_scale(counted) * set.length(part);
            let values = counted.counts().iter().map(|count| value(*count) * scale);
            row.extend(counted.buckets().iter().copied().zip(values));
        }
        sort_by_bucket(row, &mut self.spare, set);
        // A bucket that several parts fall into gets all their values.
        row.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }
}

/// Sorts a row by bucket; values of one bucket keep their order. A hash spreads buckets evenly, so that after one
/// distribution by their first bits each is close to its place.
fn sort_by_bucket(row: &mut [(u32, f32)], spare: &mut Vec<(u32, f32)>, set: &FeatureSet) {
    const SLOTS_BITS_MAX: u32 = 11;
    let bits = row.len().max(1).ilog2().min(SLOTS_BITS_MAX).min(set.bits);
    let slot = |bucket: u32| (bucket >> (set.bits - bits)) as usize;
    let mut ends = [0_u32; (1 << SLOTS_BITS_MAX) + 1];
    for (bucket, _) in row.iter() {
        ends[slot(*bucket) + 1] += 1;
    }
    let mut sum = 0;
    for end in &mut ends[..=1 << bits] {
        sum += *end;
        *end = sum;
    }
    spare.clear();
    spare.extend_from_slice(row);
    for &(bucket, value) in spare.iter() {
        let next = &mut ends[slot(bucket)];
        row[*next as usize] = (bucket, value);
        *next += 1;
    }
    for at in 1..row.len() {
        let mut to = at;
        while to > 0 && row[to - 1].0 > row[to].0 {
            row.swap(to - 1, to);
            to -= 1;
        }
    }
}

/// Returns what scales a part's values to unit length; zero for a part without features.
#[inline]
fn unit_scale(counted: &Counter) -> f32 {
    // A feature that occurs once has the value 1, as most do.
    unit_scale_of(counted.buckets().len(), counted.repeated().map(|(_, count)| value(count).powi(2) - 1.0).sum())
}

/// Returns what scales so many features to unit length, whose squared values sum to `more` than that.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "a text has far fewer features than a float has whole numbers")]
pub(super) fn unit_scale_of(features: usize, more: f32) -> f32 {
    let square = features as f32 + more;
    if square > 0.0 { square.sqrt().recip() } else { 0.0 }
}

/// Returns 1 + ln(`count`).
#[inline]
pub(super) fn value(count: u32) -> f32 {
    match VALUES.get(count as usize) {
        Some(&value) => value,
        None => logarithmic(count),
    }
}

#[cold]
#[expect(clippy::cast_precision_loss, reason = "the logarithm of a large count needs few digits")]
fn logarithmic(count: u32) -> f32 {
    1.0 + (count as f32).ln()
}

/// 1 + ln(count) for the counts of ordinary texts.
#[expect(clippy::excessive_precision, reason = "written to more digits than are kept")]
const VALUES: [f32; 17] = [
    0.0,
    1.0,
    1.693_147_18,
    2.098_612_29,
    2.386_294_36,
    2.609_437_91,
    2.791_759_47,
    2.945_910_15,
    3.079_441_54,
    3.197_224_58,
    3.302_585_09,
    3.397_895_27,
    3.484_906_65,
    3.564_949_36,
    3.639_057_33,
    3.708_050_2,
    3.772_588_72,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(text: &str) -> Vec<(u32, f32)> {
        let mut row = Vec::new();
        Scratch::default().sparse_row(text, &FeatureSet::default(), &mut row);
        row
    }

    fn grams_of(text: &str, set: &FeatureSet, part: Part) -> Vec<String> {
        let mut scratch = Scratch::default();
        let view = scratch.read(text, set);
        let mut found = Vec::new();
        view.visit_grams(set, part, |gram| {
            let places = gram.places.map(|(first, last)| view.chars()[first..=last].iter().collect());
            found.push(places.unwrap_or_default());
        });
        found
    }

    fn grams(text: &str, part: Part) -> Vec<String> {
        grams_of(text, &FeatureSet { skips: false, ..FeatureSet::default() }, part)
    }

    #[test]
    fn words_come_alone_and_in_pairs() {
        assert_eq!(grams("It's so!", Part::Words), ["it", "s", "it's", "so", "s so"]);
        assert!(grams("...", Part::Words).is_empty());
    }

    #[test]
    fn words_with_one_between_and_negated_words_are_features_where_asked_for() {
        let set = FeatureSet { skips: true, words_max: 3, negation: true, ..FeatureSet::default() };
        let found = grams_of("I do not like it", &set, Part::Words);
        assert_eq!(
            found,
            [
                "i",
                "do",
                "i do",
                "not",
                "do not",
                "i do not",
                "i do not",
                "like",
                "not like",
                "do not like",
                "do not like",
                "like",
                "it",
                "like it",
                "not like it",
                "not like it",
                "it",
            ]
        );
        let found = grams_of("not. Here", &set, Part::Words);
        assert_eq!(found, ["not", "here", "not. here"], "a full stop ends what is negated");
    }

    #[test]
    fn disguised_words_share_their_features_with_plain_ones() {
        let set = FeatureSet::default();
        let buckets = |text: &str, part: Part| {
            let mut scratch = Scratch::default();
            let mut found = Vec::new();
            scratch.read(text, &set).visit_grams(&set, part, |gram| found.push(gram.bucket));
            found
        };
        let disguised = buckets("w.o.r.d", Part::SecondView);
        assert!(buckets("word", Part::SecondView).is_empty());
        assert!(buckets("word", Part::Words).iter().all(|bucket| disguised.contains(bucket)));
        assert!(buckets("word", Part::Chars).iter().all(|bucket| disguised.contains(bucket)));
        assert_eq!(grams("a w.o.r.d!", Part::SecondView)[0], "w.o.r.d", "each knows what it comes from");
    }

    #[test]
    fn character_runs_stay_within_blanks() {
        assert_eq!(grams("ab c", Part::Chars), [" a", " ab", " ab ", "ab", "ab ", "b ", " c", " c ", "c "]);
        assert!(grams("", Part::Chars).is_empty());
    }

    #[test]
    fn values_follow_the_logarithm() {
        for count in 1..40 {
            assert!((value(count) - logarithmic(count)).abs() < 1e-6, "{count}");
        }
    }

    #[test]
    fn each_part_has_unit_length() {
        let square: f32 =
            row("the quick brown fox jumps over the lazy dog").iter().map(|(_, value)| value * value).sum();
        // Words and characters, and hardly a bucket shared between them; style counts less.
        assert!((square - 2.0 - FeatureSet::default().style.powi(2)).abs() < 0.05, "{square}");
    }

    proptest! {
        #[test]
        fn one_walk_lists_what_two_do(text in "([a-c1'. ]|\\PC){0,60}") {
            let set = FeatureSet::default();
            let mut scratch = Scratch::default();
            scratch.read(&text, &set);
            for part in Part::ALL {
                let mut expected = Vec::new();
                scratch.view.visit_grams(&set, part, |gram| expected.push(gram.bucket));
                prop_assert_eq!(scratch.occurrences(&set, part).1, expected, "{:?}", part);
            }
        }

        #[test]
        fn a_distributed_row_is_a_sorted_one(mut row in prop::collection::vec((0..1_u32 << 9, 0.0..1.0_f32), 0..300)) {
            let set = FeatureSet { bits: 9, ..FeatureSet::default() };
            let mut expected = row.clone();
            expected.sort_by_key(|(bucket, _)| *bucket);
            sort_by_bucket(&mut row, &mut Vec::new(), &set);
            prop_assert_eq!(row, expected);
        }

        #[test]
        fn any_text_gives_rising_buckets_and_finite_values(text in "\\PC*|.*", bits in 1..=20_u32) {
            let set = FeatureSet { bits, seed: 7, ..FeatureSet::default() };
            let (mut first, mut second) = (Vec::new(), Vec::new());
            let mut scratch = Scratch::default();
            scratch.sparse_row(&text, &set, &mut first);
            scratch.sparse_row("someth1ng b.e.t.w.e.e.n", &set, &mut second);
            scratch.sparse_row(&text, &set, &mut second);
            prop_assert_eq!(&first, &second);
            prop_assert!(first.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(first.iter().all(|(bucket, value)| (*bucket as usize) < set.buckets() && value.is_finite()));
        }
    }
}
