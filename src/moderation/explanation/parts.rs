//! The parts of scores, as many as an answer has room for.

use crate::classify::house::{HouseExplanation, HouseWord, Input};
use crate::domain::Attribute;
use crate::moderation::{AttributeSpans, scoring::EXPLAINED_WORDS_MAX};

/// The logit of `LIKELY_TO_REJECT`, taken apart: everything here but the logit itself sums to it, but for what the base
/// model's 32-bit logits round off.
#[derive(Debug, Clone)]
pub struct RejectionSpans {
    /// The probability, in [0, 1].
    pub score: f32,
    /// The logit.
    pub logit: f64,
    /// Whether a house model says so; without one, the highest attribute is followed.
    pub has_house: bool,
    /// What the base model adds to every comment.
    pub base_bias: f64,
    /// What the house model adds to every comment.
    pub house_bias: f64,
    /// What the base model makes of the look of the text.
    pub base_style: f64,
    /// What the house model makes of it.
    pub house_style: f64,
    /// What each word adds, in the order of the text.
    pub words: Vec<HouseWord>,
    /// What each input adds, by its name.
    pub inputs: Vec<(&'static str, f64)>,
    /// How many of the weakest words were left out.
    pub omitted_words: u32,
    /// What the base parts of those add together.
    pub omitted_base: f64,
    /// What their house parts add together.
    pub omitted_house: f64,
}

impl RejectionSpans {
    /// Returns the parts of one explanation: those of every attribute, and those of `LIKELY_TO_REJECT`.
    pub(super) fn all(explanation: HouseExplanation, has_house: bool) -> (Vec<AttributeSpans>, Self) {
        let of = |attribute| AttributeSpans::new(&explanation.base, attribute, EXPLAINED_WORDS_MAX);
        let attributes = Attribute::ALL.map(of).into();
        (attributes, Self::new(explanation, has_house, EXPLAINED_WORDS_MAX))
    }

    /// Keeps the `max` words that moved the logit most.
    fn new(explanation: HouseExplanation, has_house: bool, max: usize) -> Self {
        let HouseExplanation { likely_to_reject, logit, bias, base_bias, base_style, house_style, .. } = explanation;
        let (mut words, mut omitted) = (explanation.words, Vec::new());
        if words.len() > max {
            let moved = |word: &HouseWord| (word.base + word.house).abs();
            words.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
            omitted = words.split_off(max);
            words.sort_by_key(|word| word.begin);
        }
        Self {
            score: likely_to_reject.get(),
            logit,
            has_house,
            base_bias,
            house_bias: bias,
            base_style,
            house_style,
            words,
            inputs: explanation.inputs.map(|(input, part): (Input, f64)| (input.key(), part)).into(),
            omitted_words: u32::try_from(omitted.len()).unwrap_or(u32::MAX),
            omitted_base: omitted.iter().map(|word| word.base).sum(),
            omitted_house: omitted.iter().map(|word| word.house).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{
        HouseModel, Model, Scorer,
        house::{Artifact, Head, Learned},
    };
    use crate::domain::Circumstances;
    use proptest::prelude::*;
    use std::sync::{Arc, LazyLock};

    static BASE: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Model::embedded().unwrap()));
    static HOUSE: LazyLock<Arc<HouseModel>> = LazyLock::new(|| {
        let mut row = [0.1; Head::WEIGHTS];
        (row[2], row[Attribute::COUNT], row[Attribute::COUNT + 1]) = (-0.4, 0.5, 0.8);
        let weight = |bucket: u32| f32::from(u8::try_from(bucket * 37 % 251).unwrap()) / 100.0 - 1.2;
        let delta = (0..1 << 18).step_by(3).map(|bucket| (bucket, weight(bucket))).collect();
        let (base, learned) = (BASE.checksum().to_owned(), Learned { approved: 3, rejected: 2 });
        let head = Head::from_row(-0.3, &row);
        let artifact = Artifact { name: "house".into(), base, learned, learned_until: None, delta, head };
        Arc::new(HouseModel::new(Arc::clone(&BASE), artifact, &"ab".repeat(32)).unwrap())
    });

    fn sum(parts: &RejectionSpans) -> f64 {
        let words: f64 = parts.words.iter().map(|word| word.base + word.house).sum();
        let inputs: f64 = parts.inputs.iter().map(|(_, part)| part).sum();
        let omitted = parts.omitted_base + parts.omitted_house;
        parts.base_bias + parts.house_bias + parts.base_style + parts.house_style + words + inputs + omitted
    }

    fn check(scorer: &dyn Scorer, text: &str, max: usize) -> Result<(), TestCaseError> {
        let circumstances = Circumstances { word_hits: 2, published: 40, held: 1, rejected: 3 };
        let explanation = scorer.explain_house(text, &circumstances).unwrap();
        let judged = scorer.judge(text, &circumstances).unwrap();
        prop_assert_eq!(explanation.base.scores, judged.scores);
        for attribute in Attribute::ALL {
            let parts = AttributeSpans::new(&explanation.base, attribute, max);
            prop_assert!(parts.spans.len() <= max);
            let words: f32 = parts.spans.iter().map(|span| span.contribution).sum();
            let sum = parts.bias + parts.style + words + parts.omitted_contribution;
            prop_assert!((sum - parts.logit).abs() < 1e-4, "{}: {} and {}", attribute, sum, parts.logit);
        }
        let parts = RejectionSpans::new(explanation, scorer.has_house(), max);
        prop_assert_eq!(parts.score.to_bits(), judged.likely_to_reject.get().to_bits());
        prop_assert!(parts.words.len() <= max && parts.words.is_sorted_by_key(|word| word.begin));
        prop_assert!((sum(&parts) - parts.logit).abs() < 1e-5, "{} and {}", sum(&parts), parts.logit);
        let sigmoid = 1.0 / (1.0 + (-parts.logit).exp());
        prop_assert!((sigmoid - f64::from(parts.score)).abs() < 1e-6);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn all_parts_sum_to_the_logit_with_a_house_model_and_without(
            any in "\\PC{0,200}", words in "([a-e]{1,6}[ ,.!'\u{e9}\u{200b}]{1,2}){0,60}", max in 0..70_usize,
        ) {
            for text in [any, words] {
                for max in [max, usize::MAX] {
                    check(&**HOUSE, &text, max)?;
                    check(&**BASE, &text, max)?;
                }
            }
        }
    }

    #[test]
    fn without_a_house_model_nothing_is_the_houses() {
        let explanation = BASE.explain_house("What a lovely garden", &Circumstances::default()).unwrap();
        let parts = RejectionSpans::new(explanation, BASE.has_house(), usize::MAX);
        let house = parts.words.iter().map(|word| word.house).chain(parts.inputs.iter().map(|(_, part)| *part));
        assert!(!parts.has_house && house.chain([parts.house_bias, parts.house_style]).all(|part| part == 0.0));
        assert!(parts.words.iter().any(|word| word.base != 0.0));
    }
}
