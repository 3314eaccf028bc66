//! Experiments: what a file may say, what is left out, what is logged, and how models are compared.

use crate::support::{TOXICITY, options, quiet};
use ombud::{
    classify::Model,
    domain::Attribute,
    train::{Error, Manifest, Settings, Trial, compare, leave_one_source_out, source_names, train},
};
use std::fs;

fn read(text: &str) -> Result<Settings, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trial.toml");
    fs::write(&path, text).unwrap();
    Settings::read(&path)
}

#[test]
fn a_file_says_only_what_differs_from_the_default() {
    assert_eq!(read("").unwrap(), Settings::default());
    let settings = read(
        "seed = 7\nassumed_false = [\"SPAM\", \"SEXISM\"]\nleave_out = [\"forum\"]\n\
         [features]\nbits = 18\nskips = false\n[fit]\nratio = 0.0\n[sources.tweets]\nweight = 0.25\n\
         [sentences.weights]\ntoxicity = 0.5\n",
    )
    .unwrap();
    assert_eq!((settings.seed, settings.features.bits, settings.features.skips), (7, 18, false));
    assert_eq!(settings.assumed_false, [Attribute::Spam, Attribute::Sexism]);
    assert!((settings.sources["tweets"].weight - 0.25).abs() < 1e-9);
    assert!((settings.fit.alpha - Settings::default().fit.alpha).abs() < 1e-9);
}

#[test]
fn what_no_experiment_can_say_is_named() {
    for (text, named) in [
        ("sed = 7", "sed"),
        ("[features]\nbits = 21", "features.bits"),
        ("[fit]\nratio = 1.5", "fit.ratio"),
        ("[fit]\nratio_smoothing = 0.0", "fit.ratio_smoothing"),
        ("[fit]\nepochs = 0", "fit.epochs"),
        ("[sources.tweets]\nweight = -1.0", "sources.tweets.weight"),
        ("[sentences.weights]\nkindness = 1.0", "sentences.weights.kindness"),
        ("assumed_false = [\"KINDNESS\"]", "KINDNESS"),
        ("[fit", "line 1"),
    ] {
        let error = read(text).unwrap_err();
        assert!(matches!(error, Error::Experiment { .. }), "{text}: {error}");
        assert!(error.to_string().contains(named), "{text}: {error}");
    }
    assert!(matches!(Settings::read("no/such/file.toml".as_ref()), Err(Error::Read { .. })));
}

#[test]
fn a_source_left_out_is_measured_whole_and_not_learned_from() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    options.settings.leave_out = vec!["odd".to_owned()];
    let manifest = train(&options, &quiet).unwrap();
    assert_eq!((manifest.train.rows(), manifest.dev.rows()), (200, 400), "half of 400 rows moved");
    assert_eq!(manifest.report.slice(TOXICITY, "odd").unwrap().rows, 300);
    assert!(!manifest.packed[Attribute::Spam.index()].learned, "only the odd ones knew of spam");
}

#[test]
fn every_source_takes_its_turn() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let sources = source_names(&options, &quiet).unwrap();
    assert_eq!(sources, ["even", "odd"]);
    let trials = leave_one_source_out(&options, &sources, &quiet).unwrap();
    for (trial, source) in trials.iter().zip(&sources) {
        assert_eq!(trial.settings.leave_out, std::slice::from_ref(source));
        let figure = &trial.figures["TOXICITY"][source];
        assert!(trial.figures["TOXICITY"].len() == 1 && figure.rows == 300 && figure.roc_auc > 0.9, "{trial:?}");
        assert!(figure.interval.is_some_and(|interval| interval.contains(figure.roc_auc)), "{figure:?}");
    }
    assert!(!options.out.exists(), "nothing is kept");
}

#[test]
fn trials_are_logged_one_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    let log = dir.path().join("experiments.jsonl");
    let mut expected = Vec::new();
    for name in ["one", "two"] {
        options.name = name.to_owned();
        let trial = Trial::new(&train(&options, &quiet).unwrap());
        trial.append(&log).unwrap();
        expected.push(trial);
    }
    let logged: Vec<Trial> =
        fs::read_to_string(&log).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(logged, expected);
    assert!(
        logged[0].figures["TOXICITY"].contains_key("even") && !logged[0].figures["TOXICITY"].contains_key("pooled")
    );
    assert!(expected[0].append(dir.path()).is_err(), "a folder is no file");
}

#[test]
fn a_model_that_is_no_better_is_called_no_better() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    train(&options, &quiet).unwrap();
    let good = Model::load(&options.out).unwrap();
    options.out = dir.path().join("poor");
    options.settings.features.bits = 3;
    train(&options, &quiet).unwrap();
    let poor = Model::load(&options.out).unwrap();
    let verdicts = |models| {
        let comparison = compare(models, &options.dev, false, &quiet).unwrap();
        assert!(comparison.to_string().contains("TOXICITY"));
        let toxicity = comparison.differences.iter().filter(|one| one.attribute == "TOXICITY");
        toxicity.map(ombud::train::compare::Difference::verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts([&good, &good]), ["no difference"; 2]);
    assert_eq!(verdicts([&poor, &good]), ["better"; 2]);
    assert_eq!(verdicts([&good, &poor]), ["worse"; 2]);
}

#[test]
fn sentences_about_people_are_learned_from_and_judged_by() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    options.settings.sentences.learned = true;
    options.settings.calibration.natural_sources = vec!["even".to_owned()];
    let manifest: Manifest = train(&options, &quiet).unwrap();
    let own = manifest.train.sources.iter().find(|source| source.name == ombud::train::identity::SOURCE).unwrap();
    assert!(own.rows > 10_000, "{}", own.rows);
    let identity = manifest.identity.unwrap();
    assert!(identity.rows > 5_000 && identity.roc_auc.is_some() && identity.terms.len() > 20);
    assert!(!manifest.identity_gate.unwrap().reasons.is_empty());
}
