//! Why a score is what it is: the logit is a sum, so each word gets its own part of it.

use super::{
    feature_set::RUNS,
    features::{Gram, Part, Scratch, View, is_word_char, value},
    model::{Logits, Model, Walked},
};
use crate::domain::{Attribute, Scores, Span};
use std::ops::Range;

/// One text's logits, taken apart. For each attribute, the bias, the style and the contributions of all words sum to
/// the logit.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The calibrated scores.
    pub scores: Scores,
    /// The logits, before calibration.
    pub logits: Logits,
    /// The logits of a text without words.
    pub biases: Logits,
    /// What the look of the text as a whole adds: capitals, punctuation, links.
    pub styles: Logits,
    /// Every word of the text, in order: what blanks enclose, less the punctuation around it.
    pub words: Vec<Word>,
}

/// A word of a text, and what it adds to each logit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Word {
    /// First byte, counted in the UTF-8 text as sent.
    pub begin: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it adds, in the order of [`Attribute::ALL`]; negative where it speaks against the attribute.
    pub contributions: Logits,
}

impl Explanation {
    /// Lists what each word adds to one attribute's logit, in the order of the text.
    pub fn spans(&self, attribute: Attribute) -> impl Iterator<Item = Span> + '_ {
        self.words.iter().map(move |word| Span {
            begin: word.begin,
            end: word.end,
            contribution: word.contributions[attribute.index()],
        })
    }

    /// Returns the words that raised one attribute's logit, strongest first, at most `max` of them.
    pub fn top_spans(&self, attribute: Attribute, max: usize) -> Vec<Span> {
        let mut spans: Vec<Span> = self.spans(attribute).filter(|span| span.contribution > 0.0).collect();
        spans.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        spans.truncate(max);
        spans
    }
}

/// The buffers of explaining, reused from text to text.
#[derive(Debug, Clone, Default)]
pub(super) struct Workings {
    /// Each word's first and last character.
    places: Vec<(usize, usize)>,
    /// Each word's part of the logits, before it is scaled by the attributes.
    sums: Vec<Sums>,
    /// The part of the logits that belongs to no word.
    style: Sums,
    /// For each run of letters and digits the word that it is in.
    run_words: Vec<usize>,
}

/// Slots in which features that occur more than once leave a mark, a power of two.
const FILTER_SLOTS: usize = 1024;

/// Doubles: a word may have tens of thousands of features.
pub(super) type Sums = [f64; Attribute::COUNT];

pub(super) fn explain(model: &Model, scratch: &mut Scratch, text: &str) -> Option<Explanation> {
    explain_and(model, scratch, text, |_, _| {})
}

/// Explains a text; `look` is shown every part of its features, with the places of its words.
pub(super) fn explain_and(
    model: &Model,
    scratch: &mut Scratch,
    text: &str,
    mut look: impl FnMut(&Walked<'_>, &[(usize, usize)]),
) -> Option<Explanation> {
    let mut workings = std::mem::take(&mut scratch.workings);
    workings.find_words(scratch.read(text, model.features()).chars());
    // The very walk of scoring, so that the logits are those to the bit.
    let logits = model.walk(scratch, |walked| {
        workings.share_out(model, &walked);
        look(&walked, &workings.places);
    });
    let words = workings.places.iter().zip(&workings.sums).map(|(place, sums)| {
        let (begin, end) = bytes(*place, scratch.view());
        Word { begin, end, contributions: scaled(model, sums) }
    });
    let words = words.collect();
    let styles = scaled(model, &workings.style);
    scratch.workings = workings;
    Some(Explanation {
        scores: model.probabilities(&logits)?,
        logits,
        biases: model.heads.map(|head| head.bias),
        styles,
        words,
    })
}

/// Returns what sums of bytes add to the logits.
fn scaled(model: &Model, sums: &Sums) -> Logits {
    let mut contributions = [0.0; Attribute::COUNT];
    for ((contribution, sum), head) in contributions.iter_mut().zip(sums).zip(&model.heads) {
        #[expect(clippy::cast_possible_truncation, reason = "contributions are 32-bit numbers")]
        let scaled = (sum * f64::from(head.scale)) as f32;
        *contribution = scaled;
    }
    contributions
}

impl Workings {
    /// Returns each word's part of the logits of the text explained last and the part of no word, not yet scaled.
    pub(super) fn sums(&self) -> (&[Sums], &Sums) {
        (&self.sums, &self.style)
    }

    /// Finds what blanks enclose, and which of it each run of letters and digits is in.
    fn find_words(&mut self, chars: &[char]) {
        self.places.clear();
        self.run_words.clear();
        let (mut after_blank, mut in_run) = (true, false);
        for (at, &c) in chars.iter().enumerate() {
            if c != ' ' {
                match self.places.last_mut() {
                    Some((_, last)) if !after_blank => *last = at,
                    _ => self.places.push((at, at)),
                }
            }
            let is_run = is_word_char(c);
            if is_run && !in_run {
                self.run_words.push(self.places.len() - 1);
            }
            (after_blank, in_run) = (c == ' ', is_run);
        }
        self.style = [0.0; Attribute::COUNT];
        self.sums.clear();
        self.sums.resize(self.places.len(), [0.0; Attribute::COUNT]);
    }

    /// Gives each word its share of one part's features.
    fn share_out(&mut self, model: &Model, walked: &Walked<'_>) {
        let shares = Shares::new(model, walked);
        let straight = model.features().is_straight();
        match walked.part {
            Part::Style => walked.occurrences.iter().for_each(|&bucket| shares.add(bucket, 1, [&mut self.style])),
            Part::Words if straight => self.share_words(&shares),
            Part::Chars if straight => self.share_chars(&shares),
            _ => self.share_all(&shares),
        }
    }

    /// Shares what `Scratch::occurrences` lists for [`Part::Words`]: for each run of letters and digits itself, then the
    /// pair with the run before, then that with the one before that. Every word that a feature covers gets the same.
    fn share_words(&mut self, shares: &Shares<'_>) {
        let mut buckets = shares.walked.occurrences.iter();
        for at in 0..self.run_words.len() {
            for first in (at.saturating_sub(2)..=at).rev() {
                let (Some(&bucket), words) = (buckets.next(), self.run_words[first]..=self.run_words[at]) else {
                    return;
                };
                let words = self.sums.get_mut(words).unwrap_or_default();
                shares.add(bucket, words.len(), words);
            }
        }
    }

    /// Shares what `Scratch::occurrences` lists for [`Part::Chars`]: the runs of each word, the blanks at its ends among
    /// them, stand behind one another.
    fn share_chars(&mut self, shares: &Shares<'_>) {
        let mut rest = shares.walked.occurrences;
        for ((first, last), sums) in self.places.iter().zip(&mut self.sums) {
            let Some((own, after)) = rest.split_at_checked(runs_in(last - first + 1)) else { return };
            rest = after;
            // Once for each occurrence, in whole numbers; then what repeated features are worth less than that.
            add(sums, shares.model.table.sum(own), shares.scale);
            for &bucket in own.iter().filter(|bucket| shares.may_repeat(**bucket)) {
                add(sums, shares.row(bucket), shares.of(bucket) - shares.scale);
            }
        }
    }

    /// Shares the features of any part, each by its place.
    fn share_all(&mut self, shares: &Shares<'_>) {
        let Walked { view, part, .. } = *shares.walked;
        let chars = view.chars();
        view.visit_grams(shares.model.features(), part, |Gram { bucket, places }| {
            let words = places.map(|places| words_at(&self.places, chars, places)).unwrap_or_default();
            let words = self.sums.get_mut(words).unwrap_or_default();
            shares.add(bucket, words.len(), words);
        });
    }
}

/// Returns which words, by their first and last characters, a feature at these places covers.
pub(super) fn words_at(words: &[(usize, usize)], chars: &[char], (first, last): (usize, usize)) -> Range<usize> {
    // The blank before a word belongs to it, as the one behind it does.
    let first = first + usize::from(chars[first] == ' ');
    let last = last - usize::from(chars[last] == ' ');
    let begin = words.partition_point(|(_, end)| *end < first);
    let end = words.partition_point(|(start, _)| *start <= last);
    begin..end.max(begin)
}

/// What each occurrence of a feature adds, before it is scaled by the attributes.
struct Shares<'a> {
    model: &'a Model,
    walked: &'a Walked<'a>,
    scale: f64,
    /// One look here tells of most features that they occur once.
    filter: [bool; FILTER_SLOTS],
}

impl<'a> Shares<'a> {
    fn new(model: &'a Model, walked: &'a Walked<'a>) -> Self {
        let mut filter = [false; FILTER_SLOTS];
        walked.repeats.found().for_each(|repeated| filter[repeated.bucket as usize % FILTER_SLOTS] = true);
        Self { model, walked, scale: f64::from(walked.scale), filter }
    }

    #[inline]
    fn may_repeat(&self, bucket: u32) -> bool {
        self.filter[bucket as usize % FILTER_SLOTS]
    }

    #[inline]
    fn row(&self, bucket: u32) -> [i32; Attribute::COUNT] {
        self.model.table.row(bucket).map(i32::from)
    }

    /// Returns what a weight of the bucket is multiplied by for one occurrence: each has the same share.
    #[inline]
    fn of(&self, bucket: u32) -> f64 {
        let count = if self.may_repeat(bucket) { self.walked.repeats.count(bucket) } else { 1 };
        self.scale * f64::from(value(count)) / f64::from(count)
    }

    /// Adds one occurrence, in equal shares, to so many words.
    #[inline]
    fn add<'s>(&self, bucket: u32, words: usize, sums: impl IntoIterator<Item = &'s mut Sums>) {
        let (row, share) = (self.row(bucket), self.of(bucket) / words.max(1) as f64);
        sums.into_iter().for_each(|sums| add(sums, row, share));
    }
}

/// Returns how many runs of two to five characters a word of so many has, with a blank at either end.
fn runs_in(chars: usize) -> usize {
    // From the blank before it, from its last characters, from those before them.
    let last = chars.min(RUNS);
    (chars + 1).min(RUNS) + last * (last + 1) / 2 + (chars - last) * RUNS
}

#[inline]
fn add(sums: &mut Sums, row: [i32; Attribute::COUNT], factor: f64) {
    for (sum, weight) in sums.iter_mut().zip(row) {
        *sum += f64::from(weight) * factor;
    }
}

/// Leaves out the punctuation around a word, where it is not all punctuation.
fn bytes((first, last): (usize, usize), view: &View) -> (u32, u32) {
    let inner = &view.chars()[first..=last];
    let begin = inner.iter().position(|c| c.is_alphanumeric()).unwrap_or(0);
    let end = inner.iter().rposition(|c| c.is_alphanumeric()).unwrap_or(inner.len() - 1);
    let bytes = view.bytes_of(first + begin..first + end + 1);
    (bytes.start, bytes.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// Unpacked once, since that takes longer than any case.
    static MODEL: LazyLock<Model> = LazyLock::new(|| Model::embedded().unwrap());

    #[test]
    fn a_word_has_as_many_runs_as_are_counted() {
        let counted: Vec<usize> = [1, 2, 3, 4, 5, 6, 20].map(runs_in).into();
        let set = crate::classify::FeatureSet::default();
        let mut scratch = Scratch::default();
        for (length, counted) in [1, 2, 3, 4, 5, 6, 20].into_iter().zip(counted) {
            let mut found = 0;
            scratch.read(&"ab".repeat(10)[..length], &set).visit_grams(&set, Part::Chars, |_| found += 1);
            assert_eq!(counted, found, "{length}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_gives_each_word_what_the_long_one_does(text in "([a-d1'-]{0,7}[ .,]){0,30}|\\PC{0,60}") {
            let model = &*MODEL;
            let mut scratch = Scratch::default();
            let [mut short, mut long] = [Workings::default(), Workings::default()];
            let view = scratch.read(&text, model.features());
            short.find_words(view.chars());
            long.find_words(view.chars());
            prop_assert!(model.features().is_straight());
            model.walk(&mut scratch, |walked| {
                short.share_out(model, &walked);
                long.share_all(&Shares::new(model, &walked));
            });
            prop_assert_eq!(short.sums.len(), long.sums.len());
            for (short, long) in short.sums.iter().flatten().zip(long.sums.iter().flatten()) {
                prop_assert!((short - long).abs() < 1e-3, "{} and {}", short, long);
            }
        }
    }
}
