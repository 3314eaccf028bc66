//! An explanation is exact: its parts sum to the logit.

use crate::support::{TOXICITY, model, odd_texts};
use ombud::{
    classify::Model,
    domain::{Attribute, Span},
};
use proptest::prelude::*;
use std::sync::LazyLock;

static MODEL: LazyLock<Model> = LazyLock::new(|| model(14));

fn check_sum(text: &str) {
    let explanation = MODEL.explain(text).unwrap();
    assert_eq!(explanation.logits, MODEL.logits(text));
    assert_eq!(Some(explanation.scores), MODEL.score(text));
    for attribute in Attribute::ALL {
        let logit = explanation.logits[attribute.index()];
        let parts: f64 = explanation.spans(attribute).map(|span| f64::from(span.contribution)).sum();
        let whole = explanation.biases[attribute.index()] + explanation.styles[attribute.index()];
        let sum = parts + f64::from(whole);
        assert!((sum - f64::from(logit)).abs() < 1e-4, "{sum} is not {logit}: {text:?}");
    }
    for word in &explanation.words {
        assert!(word.begin < word.end, "{word:?} of {text:?}");
        assert!(text.get(word.begin as usize..word.end as usize).is_some(), "{word:?} of {text:?}");
    }
    assert!(explanation.words.windows(2).all(|pair| pair[0].end <= pair[1].begin), "{text:?}");
}

#[test]
fn parts_of_odd_texts_sum_to_the_logit() {
    odd_texts().iter().filter(|text| text.len() < 30_000).for_each(|text| check_sum(text));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_sum_to_the_logit(any in any::<String>(), words in "([a-e]{1,6}[ ,.!'\u{e9}\u{200b}]{1,2}){0,60}") {
        check_sum(&any);
        check_sum(&words);
    }
}

#[test]
fn spans_are_whole_words_of_the_text_as_sent() {
    let text = "\u{201c}Caf\u{e9}\u{201d}  is\u{200b}n't (\u{ff26}\u{ff55}\u{ff4e})... !!";
    let explanation = MODEL.explain(text).unwrap();
    let words: Vec<&str> =
        explanation.spans(TOXICITY).map(|span| &text[span.begin as usize..span.end as usize]).collect();
    assert_eq!(words, ["Caf\u{e9}", "is\u{200b}n't", "\u{ff26}\u{ff55}\u{ff4e}", "!!"]);
}

#[test]
fn top_spans_are_the_strongest_that_raise_the_score() {
    let text = "one two three four five six seven eight nine ten";
    let all: Vec<Span> = MODEL.explain(text).unwrap().spans(TOXICITY).collect();
    let raising = all.iter().filter(|span| span.contribution > 0.0).count();
    assert!(raising > 1 && raising < all.len(), "the pattern has both kinds");
    let top = MODEL.top_spans(text, TOXICITY, 100);
    assert_eq!(top.len(), raising);
    assert!(top.windows(2).all(|pair| pair[0].contribution >= pair[1].contribution));
    assert_eq!(MODEL.top_spans(text, TOXICITY, 1), top[..1]);
    assert!(MODEL.top_spans(text, TOXICITY, 0).is_empty() && MODEL.top_spans("", TOXICITY, 5).is_empty());
}
