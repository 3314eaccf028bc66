//! A model for another language is a matter of data: one is trained on a small set of the project's own.

use crate::support::{TOXICITY, quiet};
use ombud::{
    classify::{Detector, Model},
    domain::Language,
    train::{Manifest, Options, Settings, train},
};
use std::{fs, path::Path};

const HELD_OUT: &str = include_str!("../fixtures/german-held-out.jsonl");

fn german() -> Language {
    Language::from_code("de").unwrap()
}

/// Options to train a German model into `dir`.
fn options(dir: &Path) -> Options {
    let fixture = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let mut settings = Settings { languages: vec![german()], ..Settings::default() };
    settings.features.bits = 14;
    settings.sentences.learned = false;
    Options {
        train: vec![fixture("german.jsonl")],
        dev: vec![fixture("german-held-out.jsonl")],
        out: dir.join("german"),
        name: "german".to_owned(),
        settings,
        revision: None,
        threads: Some(2),
        skip_bad: false,
    }
}

#[test]
fn a_small_german_set_makes_a_model_that_tells_insults_from_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let manifest = train(&options, &quiet).unwrap();
    assert_eq!((&manifest.plain, &manifest.identity), (&None, &None), "the project's own sentences are English");
    let report = manifest.report;
    let held_out = report.slice(TOXICITY, "pooled").unwrap();
    assert_eq!((held_out.rows, held_out.positives), (40, 20));
    assert!(held_out.roc_auc > Some(0.9), "{report}");
    let model = Model::load(&options.out).unwrap();
    assert_eq!(model.languages(), [german()]);
    let toxicity = |text: &str| model.score(text).unwrap().get(TOXICITY).get();
    // Neither sentence was learned from, and umlauts count as the letters under them.
    assert!(
        toxicity("Was bist du nur für ein blöder Trottel") > toxicity("Die Brücke über den Fluss ist schön geworden")
    );
    assert_eq!(toxicity("Du blöder Esel"), toxicity("Du bloder Esel"));
    assert!(toxicity("DU VOLLIDIOT") > 0.5, "{}", toxicity("DU VOLLIDIOT"));
}

#[test]
fn what_is_foreign_depends_on_the_model() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    train(&options, &quiet).unwrap();
    let german_model = Detector::new(Model::load(&options.out).unwrap().languages());
    let english_model = Detector::new(Model::embedded().unwrap().languages());
    let texts: Vec<String> = HELD_OUT
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
        .collect();
    for text in texts.chunks_exact(4).map(|four| four.join(" ")) {
        assert_eq!(
            (german_model.detect(&text), english_model.detect(&text)),
            (Some(german()), Some(german())),
            "{text}"
        );
    }
    let english = "I have read all of this twice and it is still not what they said it would be.";
    assert_eq!(german_model.detect(english), Some(Language::ENGLISH));
    assert!(german_model.knows(german()) && !german_model.knows(Language::ENGLISH));
    assert!(english_model.knows(Language::ENGLISH) && !english_model.knows(german()));
}

#[test]
fn manifest_and_card_name_the_languages() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    train(&options, &quiet).unwrap();
    let manifest: Manifest = serde_json::from_slice(&fs::read(options.out.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest.settings.languages, [german()]);
    let card = fs::read_to_string(options.out.join("MODEL_CARD.md")).unwrap();
    assert!(card.contains("Languages, in ISO 639-1: de.") && card.contains("--out DIR --language de"), "{card}");
}

#[test]
fn a_manifest_that_names_no_language_means_english() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    train(&options, &quiet).unwrap();
    let bytes = fs::read(options.out.join("manifest.json")).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    manifest["settings"].as_object_mut().unwrap().remove("languages");
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    assert_eq!(manifest.settings.languages, [Language::ENGLISH]);
}
