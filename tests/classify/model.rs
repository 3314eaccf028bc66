//! Scores are the same whoever asks, and the model that comes with the program knows rude from polite.

use crate::support::{TOXICITY, model, odd_texts};
use ombud::{
    classify::{Model, Scorer, Scratch},
    domain::Attribute,
};
use std::sync::Arc;

#[test]
fn every_text_has_scores() {
    let model = model(12);
    let mut scratch = Scratch::default();
    for text in odd_texts() {
        let scores = model.score(&text).unwrap();
        assert_eq!(model.score_into(&mut scratch, &text), Some(scores), "used buffers change nothing");
        assert_eq!(Scorer::score(&model, &text), Some(scores));
    }
}

#[test]
fn serving_and_measuring_agree() {
    let model = model(12);
    let mut row = Vec::new();
    for text in odd_texts() {
        Scratch::default().sparse_row(&text, model.features(), &mut row);
        let (buckets, values): (Vec<u32>, Vec<f32>) = row.iter().copied().unzip();
        let (served, measured) = (model.score(&text).unwrap(), model.score_row(&buckets, &values).unwrap());
        for attribute in Attribute::ALL {
            assert!((served.get(attribute).get() - measured.get(attribute).get()).abs() < 1e-4, "{text:?}");
        }
    }
}

#[test]
fn threads_share_a_model() {
    let model = Arc::new(model(12));
    let expected = model.score("a text to share");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let model = Arc::clone(&model);
            std::thread::spawn(move || model.score("a text to share"))
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), expected);
    }
}

#[test]
fn the_embedded_model_knows_rude_from_polite() {
    let model = Model::embedded().unwrap();
    assert!(model.version().starts_with("default-"), "{}", model.version());
    let toxicity = |text: &str| model.score(text).unwrap().get(TOXICITY).get();
    for (polite, rude) in [
        ("Thank you for this piece, I learned a lot.", "Shut up, you stupid fool."),
        ("I disagree with the author about taxes.", "The author is a pathetic idiot."),
    ] {
        assert!(toxicity(polite) < 0.3, "{polite}: {}", toxicity(polite));
        assert!(toxicity(rude) > 0.7, "{rude}: {}", toxicity(rude));
    }
    let disguised = toxicity("Shut up, you \u{455}tup\u{456}d f\u{200b}ool.");
    assert!((disguised - toxicity("Shut up, you stupid fool.")).abs() < 1e-4, "{disguised}");
    let spam = |text: &str| model.score(text).unwrap().get(Attribute::Spam).get();
    assert!(spam("WIN a FREE prize now! Call 0900 123 456 to claim, subscribe to my channel") > 0.5);
    assert!(spam("The council should fix the road first.") < 0.1);
}

#[test]
fn the_embedded_model_is_the_one_in_the_folder() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/default");
    let loaded = Model::load(&dir).unwrap();
    assert_eq!(loaded.version(), Model::embedded().unwrap().version());
    let manifest: ombud::train::Manifest =
        serde_json::from_str(&std::fs::read_to_string(dir.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest.version, loaded.version());
    let card = std::fs::read_to_string(dir.join("MODEL_CARD.md")).unwrap();
    assert_eq!(card, ombud::train::model_card(&manifest), "the card is rendered from the manifest");
}
