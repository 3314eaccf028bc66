//! Why a score is what it is: the logit is a sum, so each word gets its own part of it.

use super::{
    features::{Scratch, unit_scale, value},
    model::Model,
};
use crate::domain::{Attribute, Span};
use std::collections::HashMap;

/// One attribute's logit, taken apart. The bias, the style and the contributions of all spans sum to the logit.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The attribute.
    pub attribute: Attribute,
    /// The logit, before calibration.
    pub logit: f32,
    /// The logit of a text without words.
    pub bias: f32,
    /// What the look of the text as a whole adds: capitals, punctuation, links.
    pub style: f32,
    /// Every word of the text, in order: what blanks enclose, less the punctuation around it.
    pub spans: Vec<Span>,
}

/// A word in the making.
struct Word {
    first: usize,
    last: usize,
    contribution: f64,
}

pub(super) fn explain(model: &Model, scratch: &mut Scratch, text: &str, attribute: Attribute) -> Explanation {
    let logit = model.logits_into(scratch, text)[attribute.index()];
    let head = model.heads[attribute.index()];
    let features = model.features();
    let chars = scratch.read(text, features).chars().to_vec();
    let (mut words, word_at) = words(&chars);
    let mut style = 0.0;
    for part in model.parts() {
        let counted = scratch.count(features, part);
        let scale = f64::from(unit_scale(counted) * features.length(part)) * f64::from(head.scale);
        // Every occurrence of a feature gets the same share of what the feature adds.
        let share = |(&bucket, &count)| {
            let weight = f64::from(model.row(bucket)[attribute.index()]);
            (bucket, weight * f64::from(value(count)) * scale / f64::from(count))
        };
        let shares: HashMap<u32, f64> = counted.buckets().iter().zip(counted.counts()).map(share).collect();
        scratch.view().visit_grams(features, part, |gram| {
            let share = shares.get(&gram.bucket).copied().unwrap_or_default();
            let Some((first, last)) = gram.places else {
                style += share;
                return;
            };
            // The blank before a word belongs to the word after it. A pair of words splits its share evenly.
            let first = word_at[first + usize::from(chars[first] == ' ')];
            let last = word_at[last - usize::from(chars[last] == ' ')];
            for word in [first, last] {
                words[word].contribution += share / 2.0;
            }
        });
    }
    let spans = words.iter().map(|word| span(word, &chars, scratch)).collect();
    #[expect(clippy::cast_possible_truncation, reason = "contributions are 32-bit numbers; the sum is kept in 64")]
    let style = style as f32;
    Explanation { attribute, logit, bias: head.bias, style, spans }
}

/// Finds what blanks enclose, and which of it each character belongs to.
fn words(chars: &[char]) -> (Vec<Word>, Vec<usize>) {
    let mut words: Vec<Word> = Vec::new();
    let mut word_at = vec![0; chars.len()];
    for (at, pair) in chars.windows(2).enumerate() {
        let at = at + 1;
        if pair[1] != ' ' {
            if pair[0] == ' ' {
                words.push(Word { first: at, last: at, contribution: 0.0 });
            }
            if let Some(word) = words.last_mut() {
                word.last = at;
            }
        }
        word_at[at] = words.len().saturating_sub(1);
    }
    (words, word_at)
}

/// Leaves out the punctuation around a word, where it is not all punctuation.
fn span(word: &Word, chars: &[char], scratch: &Scratch) -> Span {
    let inner = &chars[word.first..=word.last];
    let first = inner.iter().position(|c| c.is_alphanumeric()).unwrap_or(0);
    let last = inner.iter().rposition(|c| c.is_alphanumeric()).unwrap_or(inner.len() - 1);
    let bytes = scratch.view().bytes_of(word.first + first..word.first + last + 1);
    #[expect(clippy::cast_possible_truncation, reason = "contributions are 32-bit numbers; the sum is kept in 64")]
    let contribution = word.contribution as f32;
    Span { begin: bytes.start, end: bytes.end, contribution }
}
