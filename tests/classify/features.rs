//! Features are pinned: a model is of use only with the features it learned.

use crate::support::odd_texts;
use ombud::classify::{FeatureSet, Normalised, Scratch, is_blank};
use proptest::prelude::*;
use std::time::{Duration, Instant};

#[derive(serde::Deserialize)]
struct Pinned {
    text: String,
    buckets: Vec<u32>,
    values: Vec<f32>,
}

#[test]
fn features_are_those_of_the_fixture() {
    let mut scratch = Scratch::default();
    let mut row = Vec::new();
    for line in include_str!("../fixtures/features.jsonl").lines() {
        let pinned: Pinned = serde_json::from_str(line).unwrap();
        scratch.sparse_row(&pinned.text, &FeatureSet::default(), &mut row);
        assert_eq!(row.iter().map(|(bucket, _)| *bucket).collect::<Vec<_>>(), pinned.buckets, "{:?}", pinned.text);
        for ((_, value), expected) in row.iter().zip(&pinned.values) {
            assert!((value - expected).abs() < 1e-5, "{:?}: {value} is not {expected}", pinned.text);
        }
    }
}

fn check_normalised(text: &str) {
    let mut normalised = Normalised::default();
    normalised.assign(text);
    let chars = normalised.chars();
    assert!(chars.first() == Some(&' ') && chars.last() == Some(&' '));
    assert!(chars.windows(2).all(|pair| pair != [' ', ' ']), "blanks in a row");
    assert!(chars.windows(4).all(|four| four.iter().any(|c| *c != four[0])), "four in a row");
    for at in 0..chars.len() {
        let bytes = normalised.bytes_of(at..at + 1);
        assert!(text.get(bytes.start as usize..bytes.end as usize).is_some(), "{text:?} has no {bytes:?}");
    }
    if is_blank(text) {
        assert_eq!(chars, [' ']);
    }
}

#[test]
fn odd_texts_are_normalised() {
    for text in odd_texts() {
        check_normalised(&text);
    }
}

proptest! {
    #[test]
    fn any_text_is_normalised(text in any::<String>(), plain in "[ -~\n]{0,80}", marks in "[a-c\u{300}-\u{36f}\u{200b}-\u{200f}\u{e000}]{0,40}") {
        for text in [&text, &plain, &marks] {
            check_normalised(text);
        }
    }
}

/// The fastest of a few runs, so that a busy machine does not decide.
fn fastest(text: &str) -> Duration {
    let mut scratch = Scratch::default();
    let mut row = Vec::new();
    let mut run = || {
        let begin = Instant::now();
        scratch.sparse_row(text, &FeatureSet::default(), &mut row);
        begin.elapsed()
    };
    (0..7).map(|_| run()).min().unwrap()
}

#[test]
fn no_text_costs_much_more_than_its_bytes() {
    let usual = "The council should fix the road before it builds another car park, whatever it says. ".repeat(250);
    let usual = fastest(&usual[..20_000]);
    for text in [
        "\u{301}".repeat(10_000),
        "e\u{301}".repeat(6_600),
        "\u{fdfa}".repeat(6_600),
        "a".repeat(20_000),
        "a ".repeat(10_000),
        "\u{1f642}".repeat(5_000),
        (0..6_600_u32).filter_map(|c| char::from_u32(0x1000 + c)).collect(),
    ] {
        let took = fastest(&text);
        assert!(took < usual * 10, "{took:?} where {usual:?} is usual: {:?}", text.chars().next());
    }
}
