//! Why a score is what it is: the logit is a sum, so each word gets its own part of it.

use super::{
    features::{Gram, Part, Scratch, unit_scale, value},
    model::{Logits, Model},
    table::Lanes,
};
use crate::domain::{Attribute, Scores, Span};

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
    /// For each character the word that it belongs to; a blank belongs to the word before it.
    word_at: Vec<usize>,
}

/// Slots in which features that occur more than once leave a mark, a power of two.
const FILTER_SLOTS: usize = 1024;

/// Doubles: a word may have tens of thousands of features.
type Sums = [f64; Attribute::COUNT];

pub(super) fn explain(model: &Model, scratch: &mut Scratch, text: &str) -> Option<Explanation> {
    let mut workings = std::mem::take(&mut scratch.workings);
    // The very sums that scoring makes, so that the logits are those to the bit.
    let logits = model.logits_into(scratch, text);
    let features = model.features();
    workings.find_words(scratch.counted().0.chars());
    for part in model.parts() {
        scratch.count(features, part);
        workings.share_out(model, scratch, part);
    }
    let words = workings.places.iter().zip(&workings.sums).map(|(place, sums)| {
        let (begin, end) = bytes(*place, scratch);
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
    /// Finds what blanks enclose, and which of it each character belongs to.
    fn find_words(&mut self, chars: &[char]) {
        self.places.clear();
        self.word_at.clear();
        let mut previous = ' ';
        for (at, &c) in chars.iter().enumerate() {
            if c != ' ' {
                match self.places.last_mut() {
                    Some((_, last)) if previous != ' ' => *last = at,
                    _ => self.places.push((at, at)),
                }
            }
            previous = c;
            self.word_at.push(self.places.len().saturating_sub(1));
        }
        self.style = [0.0; Attribute::COUNT];
        self.sums.clear();
        self.sums.resize(self.places.len(), [0.0; Attribute::COUNT]);
    }

    /// Gives each word its share of one part's features, which `scratch` has just counted.
    fn share_out(&mut self, model: &Model, scratch: &Scratch, part: Part) {
        let Self { places, sums, style, word_at } = self;
        let (view, counted) = scratch.counted();
        let (chars, features) = (view.chars(), model.features());
        let scale = f64::from(unit_scale(counted) * features.length(part));
        // One look here tells of most features that they occur once.
        let mut may_repeat = [false; FILTER_SLOTS];
        counted.repeated().for_each(|(bucket, _)| may_repeat[bucket as usize % FILTER_SLOTS] = true);
        let share = |bucket, words: usize| {
            let count = counted.count(bucket);
            scale * f64::from(value(count)) / (f64::from(count) * words as f64)
        };
        // Features that occur once and in one word are added up as whole numbers for as long as the word lasts.
        let (mut lanes, mut current) = (Lanes::default(), 0);
        let (mut low, mut high) = (usize::MAX, 0);
        view.visit_grams(features, part, |Gram { bucket, places: at }| {
            let Some((first, last)) = at else {
                return add(Some(&mut *style), model.table.row(bucket).map(i32::from), share(bucket, 1));
            };
            if first < low || last > high {
                // The blank before a word belongs to the word after it.
                let first = word_at[first + usize::from(chars[first] == ' ')];
                let last = word_at[last - usize::from(chars[last] == ' ')];
                if first != last {
                    // Every word that an occurrence covers gets the same share of it.
                    let words = sums.get_mut(first..=last).unwrap_or_default();
                    let (row, share) = (model.table.row(bucket).map(i32::from), share(bucket, words.len()));
                    for sums in words {
                        add(Some(sums), row, share);
                    }
                    return;
                }
                add(sums.get_mut(current), lanes.take(), scale);
                current = first;
                // The blanks around the word are within its reach.
                (low, high) = places.get(current).map_or((usize::MAX, 0), |(first, last)| (first - 1, last + 1));
            }
            if may_repeat[bucket as usize % FILTER_SLOTS] {
                // Every occurrence of a feature gets the same share of what the feature adds.
                add(sums.get_mut(current), model.table.row(bucket).map(i32::from), share(bucket, 1));
            } else {
                if lanes.is_full() {
                    add(sums.get_mut(current), lanes.take(), scale);
                }
                lanes.add(model.table.word(bucket));
            }
        });
        add(sums.get_mut(current), lanes.take(), scale);
    }
}

#[inline]
fn add(sums: Option<&mut Sums>, row: [i32; Attribute::COUNT], factor: f64) {
    for (sum, weight) in sums.into_iter().flatten().zip(row) {
        *sum += f64::from(weight) * factor;
    }
}

/// Leaves out the punctuation around a word, where it is not all punctuation.
fn bytes((first, last): (usize, usize), scratch: &Scratch) -> (u32, u32) {
    let (view, _) = scratch.counted();
    let inner = &view.chars()[first..=last];
    let begin = inner.iter().position(|c| c.is_alphanumeric()).unwrap_or(0);
    let end = inner.iter().rposition(|c| c.is_alphanumeric()).unwrap_or(inner.len() - 1);
    let bytes = view.bytes_of(first + begin..first + end + 1);
    (bytes.start, bytes.end)
}
