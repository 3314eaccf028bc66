//! Why a comment is likely to be rejected: the logit is a sum, and each of its terms belongs to a word or to an input.

use super::{
    Circumstances, Head, House, Input, Reading, delta::Delta, follow, input, probability, reading::calibrated,
};
use crate::classify::{
    Explanation, FeatureSet, Model, Scratch,
    explain::{explain_and, words_at},
    features::{Gram, Part, value},
    model::Walked,
};
use crate::domain::{Attribute, Score, Span};

/// The logit of `LIKELY_TO_REJECT`, taken apart, base and house apart.
///
/// [`HouseExplanation::sum`] of the parts is the logit but for what the base model's 32-bit logits round off: less than
/// 1e-5 in texts of ordinary length.
#[derive(Debug, Clone, PartialEq)]
pub struct HouseExplanation {
    /// The base model's scores taken apart, the same as without a house model.
    pub base: Explanation,
    /// The probability that this site's moderators would reject the comment.
    pub likely_to_reject: Score,
    /// Its logit.
    pub logit: f64,
    /// The head's bias: what the house adds to every comment.
    pub bias: f64,
    /// What the base model adds to every comment.
    pub base_bias: f64,
    /// What the base model makes of the look of the text as a whole.
    pub base_style: f64,
    /// What the delta makes of it.
    pub house_style: f64,
    /// Every word of the text, in order.
    pub words: Vec<HouseWord>,
    /// What each input adds, in the order of [`Input::ALL`].
    pub inputs: [(Input, f64); Input::COUNT],
}

/// A word of a text, and what it adds to the logit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HouseWord {
    /// First byte, counted in the UTF-8 text as sent.
    pub begin: u32,
    /// One past the last byte.
    pub end: u32,
    /// What the base model's opinion of it adds, weighted by the head.
    pub base: f64,
    /// What the delta adds, weighted by the head.
    pub house: f64,
}

impl HouseExplanation {
    /// Returns the sum of all parts.
    pub fn sum(&self) -> f64 {
        let words: f64 = self.words.iter().map(|word| word.base + word.house).sum();
        let inputs: f64 = self.inputs.iter().map(|(_, part)| part).sum();
        self.bias + self.base_bias + self.base_style + self.house_style + words + inputs
    }

    /// Returns the words that raised the logit most, strongest first: at most `max`, and none that lowered it.
    pub fn top_spans(&self, max: usize) -> Vec<Span> {
        #[expect(clippy::cast_possible_truncation, reason = "contributions are 32-bit numbers")]
        let span =
            |word: &HouseWord| Span { begin: word.begin, end: word.end, contribution: (word.base + word.house) as f32 };
        let mut spans: Vec<Span> = self.words.iter().map(span).filter(|span| span.contribution > 0.0).collect();
        spans.sort_by(|a, b| b.contribution.total_cmp(&a.contribution).then(a.begin.cmp(&b.begin)));
        spans.truncate(max);
        spans
    }
}

pub(super) fn explain(
    base: &Model,
    house: Option<&House>,
    scratch: &mut Scratch,
    text: &str,
    circumstances: &Circumstances,
) -> Option<HouseExplanation> {
    let (set, head) = (base.features(), house.map_or(&Head::FOLLOWING, |house| &house.head));
    let delta = house.map(|house| &house.delta);
    let mut shares = Shares { words: Vec::new(), style: 0.0 };
    let (mut repeats, mut sum) = (0.0, 0.0);
    let explanation = explain_and(base, scratch, text, |walked, places| {
        repeats = input::repeats(walked).unwrap_or(repeats);
        shares.words.resize(places.len(), 0.0);
        if let Some(delta) = delta {
            sum += delta.logit(walked);
            shares.share_out(delta, set, walked, places);
        }
    })?;
    let mut inputs = input::of(scratch.view(), set, text, circumstances);
    inputs[Input::Repeats as usize] = repeats;
    let logits = explanation.logits;
    // The very reading of scoring, so that the logit is that to the bit.
    let reading = Reading { logits, base: calibrated(base, &logits), delta: sum, inputs };
    let logit = head.logit(&reading);
    // Each attribute's weight as it meets the sums of the base model's bytes, and the logit of a text without words.
    let mut slopes = head.base_weights(reading.highest());
    let mut base_bias = 0.0;
    for (slope, attribute) in slopes.iter_mut().zip(&base.heads) {
        let (a, b) = (f64::from(attribute.calibration.a), f64::from(attribute.calibration.b));
        base_bias -= *slope * (a * f64::from(attribute.bias) + b);
        *slope *= -a * f64::from(attribute.scale);
    }
    let part = |sums: &[f64; Attribute::COUNT]| sums.iter().zip(slopes).map(|(sum, slope)| sum * slope).sum::<f64>();
    let (sums, style) = scratch.workings.sums();
    let weight = f64::from(head.delta);
    let words = explanation.words.iter().zip(sums).zip(&shares.words).map(|((word, sums), share)| HouseWord {
        begin: word.begin,
        end: word.end,
        base: part(sums),
        house: weight * share,
    });
    let likely_to_reject = match house {
        Some(_) => probability(logit)?,
        None => follow(&explanation.scores),
    };
    Some(HouseExplanation {
        likely_to_reject,
        logit,
        bias: f64::from(head.bias),
        base_bias,
        base_style: part(style),
        house_style: weight * shares.style,
        words: words.collect(),
        inputs: Input::ALL.map(|input| {
            let place = input as usize;
            (input, f64::from(head.inputs[place]) * f64::from(inputs[place]))
        }),
        base: explanation,
    })
}

/// Each word's part of the delta's logit, and the part of no word.
struct Shares {
    words: Vec<f64>,
    style: f64,
}

impl Shares {
    /// Shares out one part of the features as the base model's are: every occurrence has the same share of its
    /// feature, and every word that it covers the same share of the occurrence.
    fn share_out(&mut self, delta: &Delta, set: &FeatureSet, walked: &Walked<'_>, places: &[(usize, usize)]) {
        let share = |bucket: u32| {
            let count = walked.repeats.count(bucket);
            delta.weight(bucket) * f64::from(walked.scale) * f64::from(value(count)) / f64::from(count)
        };
        if walked.part == Part::Style {
            self.style += walked.occurrences.iter().map(|bucket| share(*bucket)).sum::<f64>();
            return;
        }
        let chars = walked.view.chars();
        walked.view.visit_grams(set, walked.part, |Gram { bucket, places: covered }| {
            let covered = covered.map(|covered| words_at(places, chars, covered)).unwrap_or_default();
            let words = self.words.get_mut(covered).unwrap_or_default();
            let share = share(bucket) / words.len().max(1) as f64;
            for word in words {
                *word += share;
            }
        });
    }
}
