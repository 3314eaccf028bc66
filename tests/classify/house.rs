//! A house model stands on a base model and leaves it alone; its explanation is exact; its file is refused unless whole.

use crate::support::{artifact as base_artifact, model, odd_texts};
use ombud::{
    classify::{
        Error, FEATURES_VERSION, Model, Scratch,
        artifact::sha256_hex,
        house::{
            Artifact, Circumstances, Head, HouseModel, Input, Learned,
            artifact::{FILE_BYTES_MAX, FORMAT, WEIGHTS_MAX},
        },
    },
    domain::{Attribute, Timestamp},
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

static SMALL: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(model(14)));
static DEFAULT: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Model::embedded().unwrap()));

/// A house model for `base` in which every third bucket has a weight, up to `buckets`.
fn artifact(base: &Model, buckets: u32) -> Artifact {
    let weight = |bucket: u32| f32::from(u8::try_from(bucket * 37 % 251).unwrap()) / 100.0 - 1.2;
    let mut row = [0.1; Head::WEIGHTS];
    (row[2], row[Attribute::COUNT], row[Attribute::COUNT + 1], row[14]) = (-0.4, 0.5, 0.8, -0.7);
    Artifact {
        name: "house".to_owned(),
        base: base.checksum().to_owned(),
        learned: Learned { approved: 30, rejected: 12 },
        learned_until: Some(Timestamp::from_micros(1_700_000_000_000_000)),
        delta: (0..buckets).step_by(3).map(|bucket| (bucket, weight(bucket))).collect(),
        head: Head::from_row(-0.3, &row),
    }
}

fn house(base: &Arc<Model>, buckets: u32) -> HouseModel {
    HouseModel::new(Arc::clone(base), artifact(base, buckets), &"ab".repeat(32)).unwrap()
}

static SMALL_HOUSE: LazyLock<HouseModel> = LazyLock::new(|| house(&SMALL, 1 << 14));
static DEFAULT_HOUSE: LazyLock<HouseModel> = LazyLock::new(|| house(&DEFAULT, 1 << 18));

const KNOWN: Circumstances = Circumstances { word_hits: 2, published: 40, held: 1, rejected: 3 };

fn check_base_unchanged(house: &HouseModel, text: &str) {
    let scored = house.score(text, &KNOWN).unwrap();
    let base = house.base().score(text).unwrap();
    assert_eq!(scored.scores.to_array().map(f32::to_bits), base.to_array().map(f32::to_bits), "{text:?}");
    let explanation = house.explain(text, &KNOWN).unwrap();
    assert_eq!(Some(explanation.base), house.base().explain(text), "{text:?}");
    assert_eq!(explanation.likely_to_reject, scored.likely_to_reject, "{text:?}");
}

fn check_sum(house: &HouseModel, text: &str, within: f64) {
    let explanation = house.explain(text, &KNOWN).unwrap();
    assert_eq!(explanation.logit, house.logit(text, &KNOWN));
    let off = (explanation.sum() - explanation.logit).abs();
    assert!(off < within, "{off}: {text:?}");
    for word in &explanation.words {
        assert!(text.get(word.begin as usize..word.end as usize).is_some(), "{word:?} of {text:?}");
    }
}

#[test]
fn the_base_is_the_same_to_the_bit_with_a_house_model_and_without() {
    for text in odd_texts() {
        check_base_unchanged(&SMALL_HOUSE, &text);
        check_base_unchanged(&HouseModel::without_house(Arc::clone(&SMALL)), &text);
    }
    for text in ["What a lovely garden.", "You are a complete idiot!!", "Buy now at https://shop.example"] {
        check_base_unchanged(&DEFAULT_HOUSE, text);
    }
}

#[test]
fn parts_of_odd_texts_sum_to_the_logit() {
    for text in odd_texts().iter().filter(|text| text.len() < 30_000) {
        // The weights of the small model are a pattern, so its logits are far larger than any real one's.
        check_sum(&SMALL_HOUSE, text, 1e-3);
        check_sum(&DEFAULT_HOUSE, text, 1e-4);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_sum_to_the_logit(any in "\\PC{0,200}", words in "([a-e]{1,6}[ ,.!'\u{e9}\u{200b}]{1,2}){0,60}") {
        for text in [any, words] {
            check_sum(&DEFAULT_HOUSE, &text, 1e-5);
            check_sum(&HouseModel::without_house(Arc::clone(&DEFAULT)), &text, 1e-5);
            check_base_unchanged(&DEFAULT_HOUSE, &text);
        }
    }
}

#[test]
fn base_and_house_are_told_apart() {
    let text = "The council repaired our bridge";
    let mut alone = artifact(&DEFAULT, 30);
    let (mut row, mut scratch) = (Vec::new(), Scratch::default());
    scratch.sparse_row("bridge", DEFAULT.features(), &mut row);
    let buckets = std::mem::take(&mut row);
    alone.delta = buckets.iter().map(|(bucket, _)| (*bucket, 1.5)).collect();
    let taught = HouseModel::new(Arc::clone(&DEFAULT), alone, "").unwrap();
    let words = taught.explain(text, &KNOWN).unwrap().words;
    let house: Vec<f64> = words.iter().map(|word| word.house).collect();
    assert!(house[4] > 1.0 && house[..4].iter().all(|part| part.abs() < house[4] / 4.0), "{house:?}");
    let base = HouseModel::without_house(Arc::clone(&DEFAULT)).explain(text, &KNOWN).unwrap();
    assert!(base.words.iter().all(|word| word.house == 0.0) && base.house_style == 0.0 && base.bias == 0.0);
}

#[test]
fn without_a_house_model_the_highest_score_is_followed() {
    let base = HouseModel::without_house(Arc::clone(&DEFAULT));
    for text in ["What a lovely garden.", "You are a complete idiot", ""] {
        let scored = base.score(text, &KNOWN).unwrap();
        let highest = scored.scores.to_array().into_iter().max_by(f32::total_cmp).unwrap();
        assert_eq!(scored.likely_to_reject.get(), highest);
        let sigmoid = 1.0 / (1.0 + (-base.logit(text, &KNOWN)).exp());
        assert!((f64::from(highest) - sigmoid).abs() < 1e-6);
    }
    assert_eq!(base.version(), DEFAULT.version());
    assert_eq!((base.learned(), base.learned_until()), (None, None));
}

#[test]
fn the_delta_weighs_the_very_features_that_are_learned_from() {
    let head = Head { highest: 0.0, delta: 1.0, ..Head::FOLLOWING };
    let written = Artifact { head, ..artifact(&SMALL, 1 << 14) };
    let weights: std::collections::BTreeMap<u32, f32> = written.delta.iter().copied().collect();
    let house = HouseModel::new(Arc::clone(&SMALL), written, "").unwrap();
    let (mut row, mut scratch) = (Vec::new(), Scratch::default());
    for text in ["the bus and the bus and the river", "s p a c e d", "What? NO!! https://a.example", ""] {
        scratch.sparse_row(text, SMALL.features(), &mut row);
        let part = |(bucket, value): &(u32, f32)| f64::from(weights.get(bucket).copied().unwrap_or(0.0) * value);
        let expected: f64 = row.iter().map(part).sum();
        assert!((house.logit(text, &Circumstances::default()) - expected).abs() < 1e-5, "{text}");
    }
}

#[test]
fn inputs_add_what_the_head_gives_them() {
    let text = "Nothing to see here";
    let unknown = DEFAULT_HOUSE.explain(text, &Circumstances::default()).unwrap();
    let known = DEFAULT_HOUSE.explain(text, &Circumstances { rejected: 255, ..Circumstances::default() }).unwrap();
    let (input, part) = known.inputs[Input::Rejected as usize];
    assert_eq!(input, Input::Rejected);
    assert!((known.logit - unknown.logit - part).abs() < 1e-9 && part > 0.05);
}

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| artifact(&SMALL, 300).to_bytes().unwrap());

fn read(bytes: &[u8]) -> Result<Artifact, Error> {
    Artifact::from_bytes(bytes, Path::new("some/house.bin"))
}

fn check_refused(bytes: &[u8], expected: &str) {
    let sentence = read(bytes).unwrap_err().to_string();
    assert!(sentence.contains("some/house.bin") && sentence.contains("ombud retrain"), "{sentence}");
    assert!(sentence.contains(expected), "{sentence}");
}

#[test]
fn a_house_model_comes_back_as_it_was_written() {
    for buckets in [0, 1, 300, 1 << 14] {
        let written = artifact(&SMALL, buckets);
        let bytes = written.to_bytes().unwrap();
        assert_eq!(read(&bytes).unwrap(), written);
        assert_eq!(bytes, written.to_bytes().unwrap(), "the same model is the same file");
    }
    let loaded = HouseModel::from_bytes(Arc::clone(&SMALL), &BYTES, Path::new("x")).unwrap();
    assert_eq!(loaded.version(), format!("{}+house-{}", SMALL.version(), &sha256_hex(&BYTES)[..12]));
    assert_eq!(loaded.learned().unwrap().labels(), 42);
    assert_eq!(loaded.learned_until().unwrap().as_micros(), 1_700_000_000_000_000);
}

#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    for at in 0..BYTES.len() {
        for bit in 0..8 {
            let mut bytes = BYTES.clone();
            bytes[at] ^= 1 << bit;
            assert!(read(&bytes).is_err(), "bit {bit} of byte {at}");
        }
        assert!(read(&BYTES[..at]).is_err(), "{at} bytes");
    }
    check_refused(&[], "too short");
    check_refused(&[&BYTES[..], &[0]].concat(), "length");
    check_refused(&base_artifact(4).to_bytes().unwrap(), "does not begin as a house model does");
    check_refused(&vec![0; FILE_BYTES_MAX + 1], "larger");
    for format in [1, 3] {
        let mut other = BYTES.clone();
        other[8] = format;
        check_refused(&other, &format!("house model format {format}"));
    }
}

#[test]
fn a_house_model_of_another_base_is_refused() {
    let other = Arc::new(model(13));
    let error = HouseModel::from_bytes(Arc::clone(&other), &BYTES, Path::new("x")).unwrap_err();
    let sentence = error.to_string();
    assert!(matches!(error, Error::HouseBase { .. }));
    for part in [&SMALL.checksum()[..12], &other.checksum()[..12], "ombud retrain"] {
        assert!(sentence.contains(part), "{sentence}");
    }
}

/// Puts a payload into a file whose checksum is right.
fn sealed(payload: &[u8]) -> Vec<u8> {
    let payload = zstd::bulk::compress(payload, 1).unwrap();
    let mut bytes = b"OMBUDHSE".to_vec();
    bytes.extend(FORMAT.to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(&payload));
    bytes.extend(&payload);
    bytes
}

/// What a house model's file holds, written by hand.
fn payload(features_version: u32, gaps: Vec<u32>, weights: Vec<f32>) -> Vec<u8> {
    let head = [0.25_f32; Head::WEIGHTS];
    let bias = 0.5_f32;
    let base = SMALL.checksum().to_owned();
    let mut bytes =
        postcard::to_allocvec(&("house", base, features_version, 30_u32, 12_u32, Some(5_i64), bias)).unwrap();
    bytes.extend(head.iter().flat_map(|weight| weight.to_le_bytes()));
    bytes.extend(postcard::to_allocvec(&(gaps, weights)).unwrap());
    bytes
}

#[test]
fn a_house_model_for_other_features_is_refused() {
    assert!(read(&sealed(&payload(FEATURES_VERSION, vec![1, 2], vec![0.5, 0.5]))).is_ok());
    let other = sealed(&payload(FEATURES_VERSION + 1, vec![1, 2], vec![0.5, 0.5]));
    assert!(matches!(read(&other), Err(Error::HouseFeatures { .. })));
    check_refused(&other, "version 3 of the features");
}

#[test]
fn weights_out_of_range_are_refused() {
    let check = |gaps: Vec<u32>, weights: Vec<f32>, what: &str| {
        check_refused(&sealed(&payload(FEATURES_VERSION, gaps, weights)), what);
    };
    check(vec![1], vec![0.5, 0.5], "another number");
    check(vec![1, 0], vec![0.5, 0.5], "do not rise");
    check(vec![u32::MAX, 5], vec![0.5, 0.5], "do not rise");
    check(vec![(1 << 20) + 1], vec![0.5], "bucket is out of range");
    check(vec![1], vec![f32::NAN], "weight of its delta");
    check(vec![1], vec![1e9], "weight of its delta");
    check(vec![1; WEIGHTS_MAX + 1], vec![0.5; WEIGHTS_MAX + 1], "may have");
    check_refused(&sealed(&vec![0; 64 << 20]), "larger");
    check_refused(&sealed(&[payload(FEATURES_VERSION, vec![1], vec![0.5]), vec![0]].concat()), "behind its end");
}

#[test]
fn house_models_out_of_range_are_not_written() {
    let good = artifact(&SMALL, 30);
    let mut infinite = good.clone();
    infinite.head.inputs[3] = f32::INFINITY;
    let falling = Artifact { delta: vec![(3, 0.1), (2, 0.1)], ..good.clone() };
    let nameless = Artifact { name: "a b".to_owned(), ..good.clone() };
    let baseless = Artifact { base: "default".to_owned(), ..good };
    for bad in [infinite, falling, nameless, baseless] {
        assert!(matches!(bad.to_bytes(), Err(Error::Unwritable { .. })));
    }
}

proptest! {
    #[test]
    fn no_bytes_are_taken_for_a_house_model(
        bytes in prop::collection::vec(any::<u8>(), 0..400), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        prop_assert!(read(&bytes).is_err());
        // A payload whose checksum is right, but that is not a house model, or not the one that was written.
        let _ = read(&sealed(&bytes));
        let mut changed = payload(FEATURES_VERSION, vec![1, 2, 3], vec![0.5; 3]);
        for (at, byte) in flips {
            let at = at.index(changed.len());
            changed[at] = byte;
        }
        if let Ok(read) = read(&sealed(&changed)) {
            prop_assert!(read.to_bytes().is_ok(), "what is read is in range");
        }
    }
}
