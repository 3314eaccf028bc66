//! Feature hashing: text to sparse indices. Training and serving call the same function.

use super::counter::{BUCKETS_MAX, Counter};
use super::explain::Workings;
use super::normalise::Normalised;
use std::ops::Range;

/// The version of everything that decides which bucket a text's features fall into.
pub const FEATURES_VERSION: u32 = 1;
/// Character n-grams have at least this many characters.
pub const CHARS_MIN: usize = 2;
/// Character n-grams have at most this many characters.
pub const CHARS_MAX: usize = 5;

/// How features are hashed; a model is of use only with the hashing it was trained with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    bits: u32,
    seed: u64,
}

impl Hashing {
    /// Chooses 2^`bits` buckets and a seed, or returns `None` unless `bits` is in 1 to 20.
    pub fn new(bits: u32, seed: u64) -> Option<Self> {
        (1..=BUCKETS_MAX.ilog2()).contains(&bits).then_some(Self { bits, seed })
    }

    /// Returns the base-2 logarithm of the number of buckets.
    pub fn bits(self) -> u32 {
        self.bits
    }

    /// Returns the seed.
    pub fn seed(self) -> u64 {
        self.seed
    }

    /// Returns the number of buckets.
    pub fn buckets(self) -> usize {
        1 << self.bits
    }
}

impl Default for Hashing {
    fn default() -> Self {
        Self { bits: 20, seed: 0x6f6d_6275_6400_0001 }
    }
}

/// The two kinds of features; each is scaled to unit length by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Single words and pairs of neighbouring words; a word is a run of letters and digits.
    Words,
    /// Runs of 2 to 5 characters within what blanks enclose, the blanks at both ends included.
    Chars,
}

impl Part {
    /// Every part.
    pub(super) const ALL: [Self; 2] = [Self::Words, Self::Chars];
}

/// One occurrence of a feature.
#[derive(Debug, Clone)]
pub(super) struct Gram {
    /// The bucket that the feature falls into.
    pub(super) bucket: u32,
    /// The place of its first character.
    pub(super) first: usize,
    /// The place of its last character.
    pub(super) last: usize,
}

/// Calls `visit` for every occurrence of a feature of one part.
#[inline]
pub(super) fn visit_grams(chars: &[char], hashing: Hashing, part: Part, visit: impl FnMut(Gram)) {
    match part {
        Part::Words => visit_words(chars, hashing, visit),
        Part::Chars => visit_chars(chars, hashing, visit),
    }
}

fn visit_words(chars: &[char], hashing: Hashing, mut visit: impl FnMut(Gram)) {
    let seed = mix(hashing.seed, 1);
    let mut previous: Option<(u64, usize)> = None;
    let mut at = 0;
    while at < chars.len() {
        if !is_word_char(chars[at]) {
            at += 1;
            continue;
        }
        let first = at;
        let mut hash = seed;
        while let Some(&c) = chars.get(at).filter(|c| is_word_char(**c)) {
            hash = mix(hash, c as u64);
            at += 1;
        }
        visit(Gram { bucket: bucket(hash, hashing), first, last: at - 1 });
        if let Some((before, first)) = previous {
            visit(Gram { bucket: bucket(mix(before, hash), hashing), first, last: at - 1 });
        }
        previous = Some((hash, first));
    }
}

#[inline]
fn visit_chars(chars: &[char], hashing: Hashing, mut visit: impl FnMut(Gram)) {
    let seed = mix(hashing.seed, 2);
    for first in 0..chars.len() {
        // A blank may open or close an n-gram, never stand within one.
        let mut hash = mix(seed, chars[first] as u64);
        for (length, &c) in (2..=CHARS_MAX).zip(&chars[first + 1..]) {
            hash = mix(hash, c as u64);
            if length >= CHARS_MIN {
                visit(Gram { bucket: bucket(hash, hashing), first, last: first + length - 1 });
            }
            if c == ' ' {
                break;
            }
        }
    }
}

#[inline]
fn is_word_char(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() }
}

/// Takes one more value into a hash. Pinned by `tests/fixtures/features.jsonl`: changing it makes every model useless,
/// so it needs a new [`FEATURES_VERSION`].
#[inline]
const fn mix(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(23) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 20 bits are left")]
const fn bucket(hash: u64, hashing: Hashing) -> u32 {
    ((hash ^ hash >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> (64 - hashing.bits)) as u32
}

/// The buffers of featurising, reused from text to text so that no word costs an allocation.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    normalised: Normalised,
    counter: Counter,
    pub(super) workings: Workings,
}

impl Scratch {
    /// Normalises `text`, for the calls that follow.
    pub(super) fn read(&mut self, text: &str) -> &Normalised {
        self.normalised.assign(text);
        &self.normalised
    }

    /// Counts the features of one part of the text read last.
    #[inline]
    pub(super) fn count(&mut self, hashing: Hashing, part: Part) -> &Counter {
        let chars = self.normalised.chars();
        let counter = &mut self.counter;
        counter.reset(chars.len() * (CHARS_MAX - 1));
        visit_grams(chars, hashing, part, |gram| counter.add(gram.bucket));
        counter
    }

    /// Returns the characters of the text read last, and the features counted last.
    pub(super) fn counted(&self) -> (&[char], &Counter) {
        (self.normalised.chars(), &self.counter)
    }

    /// Writes the sparse row of `text` into `row`: buckets in rising order, each with its value.
    pub fn sparse_row(&mut self, text: &str, hashing: Hashing, row: &mut Vec<(u32, f32)>) {
        row.clear();
        self.read(text);
        for part in Part::ALL {
            let counted = self.count(hashing, part);
            let scale = unit_scale(counted);
            let values = counted.counts().iter().map(|count| value(*count) * scale);
            row.extend(counted.buckets().iter().copied().zip(values));
        }
        row.sort_unstable_by_key(|(bucket, _)| *bucket);
        // A bucket that both parts fall into gets both their values.
        row.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
    }

    /// Returns the bytes of the text read last that the normalised characters at `range` come from.
    pub(super) fn bytes_of(&self, range: Range<usize>) -> Range<u32> {
        self.normalised.bytes_of(range)
    }
}

/// Returns what scales a part's values to unit length; zero for a part without features.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "a text has far fewer features than a float has whole numbers")]
pub(super) fn unit_scale(counted: &Counter) -> f32 {
    // A feature that occurs once has the value 1, as most do.
    let more: f32 = counted.repeated().map(|(_, count)| value(count).powi(2) - 1.0).sum();
    let square = counted.buckets().len() as f32 + more;
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
        Scratch::default().sparse_row(text, Hashing::default(), &mut row);
        row
    }

    fn grams(text: &str, part: Part) -> Vec<String> {
        let mut normalised = Normalised::default();
        normalised.assign(text);
        let mut found = Vec::new();
        visit_grams(normalised.chars(), Hashing::default(), part, |gram| {
            found.push(normalised.chars()[gram.first..=gram.last].iter().collect());
        });
        found
    }

    #[test]
    fn words_come_alone_and_in_pairs() {
        assert_eq!(grams("It's so!", Part::Words), ["it", "s", "it's", "so", "s so"]);
        assert!(grams("...", Part::Words).is_empty());
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
        // Two parts, and hardly a bucket shared between them.
        assert!((square - 2.0).abs() < 0.05, "{square}");
        assert!(row("").is_empty());
    }

    proptest! {
        #[test]
        fn any_text_gives_rising_buckets_and_finite_values(text in "\\PC*|.*", bits in 1..=20_u32) {
            let hashing = Hashing::new(bits, 7).unwrap();
            let (mut first, mut second) = (Vec::new(), Vec::new());
            let mut scratch = Scratch::default();
            scratch.sparse_row(&text, hashing, &mut first);
            scratch.sparse_row("something between", hashing, &mut second);
            scratch.sparse_row(&text, hashing, &mut second);
            prop_assert_eq!(&first, &second);
            prop_assert!(first.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(first.iter().all(|(bucket, value)| (*bucket as usize) < hashing.buckets() && value.is_finite()));
        }
    }
}
