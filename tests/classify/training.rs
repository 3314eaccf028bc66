//! Training: files in, a model's folder out, the same for the same data.

use crate::support::{TOXICITY, labelled_lines, options, quiet, write_lines};
use ombud::{
    classify::Model,
    domain::Attribute,
    train::{Error, Manifest, Options, Step, evaluate, train},
};
use std::{fs, sync::Mutex};

fn files(options: &Options) -> Vec<Vec<u8>> {
    ["model.bin", "manifest.json", "MODEL_CARD.md"].map(|name| fs::read(options.out.join(name)).unwrap()).into()
}

#[test]
fn a_trained_model_knows_what_it_was_shown() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let report = train(&options, &quiet).unwrap().report;
    let pooled = report.slice(TOXICITY, "pooled").unwrap();
    assert_eq!((pooled.rows, pooled.roc_auc > Some(0.99)), (200, true), "{report}");
    assert!(report.slice(TOXICITY, "even").is_some() && report.slice(Attribute::Threat, "pooled").is_none());
    let model = Model::load(&options.out).unwrap();
    let score = |text: &str, attribute| model.score(text).unwrap().get(attribute).get();
    assert!(score("the river by the bridge you clown", TOXICITY) > 0.8);
    assert!(score("the river by the bridge", TOXICITY) < 0.2);
    assert!(score("the school and the match buy pills now", Attribute::Spam) > 0.5);
    assert!(score("the river by the bridge", Attribute::Threat) < 1e-6, "nothing spoke of threats");
    let measured = evaluate(&model, &options.dev, false, &quiet).unwrap();
    assert_eq!(measured, report, "measuring again gives the same figures");
    assert!(report.to_string().contains("TOXICITY"));
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    let mut trained = Vec::new();
    for threads in [Some(1), Some(2), None] {
        options.threads = threads;
        train(&options, &quiet).unwrap();
        trained.push(files(&options));
    }
    assert!(trained.windows(2).all(|pair| pair[0] == pair[1]));
    options.settings.seed += 1;
    train(&options, &quiet).unwrap();
    assert_ne!(files(&options)[0], trained[0][0], "another seed is another order of rows");
}

#[test]
fn the_folder_tells_where_the_model_comes_from() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    train(&options, &quiet).unwrap();
    let manifest: Manifest = serde_json::from_slice(&files(&options)[1]).unwrap();
    assert_eq!(manifest.sha256, ombud::classify::artifact::sha256_hex(&files(&options)[0]));
    assert_eq!((manifest.train.rows(), manifest.dev.rows()), (400, 200));
    assert_eq!((manifest.settings, manifest.revision), (options.settings.clone(), options.revision.clone()));
    assert_eq!(manifest.train.files[0].rows, 400);
    assert_eq!(manifest.train.files[0].name, "train.jsonl");
    let toxicity = &manifest.packed[TOXICITY.index()];
    assert!(toxicity.learned && toxicity.calibrated && toxicity.roc_auc_packed > Some(0.99), "{toxicity:?}");
    assert!(!manifest.packed[Attribute::Threat.index()].learned);
    let domain = &manifest.thresholds[0];
    // All comments of its kind, of which those that carry nothing are a part that is held less often.
    let [all, harmless] = [&domain.all, &domain.harmless];
    assert!(all.rows > harmless.rows && harmless.rows > 0, "{domain:?}");
    assert!(all.hold.unwrap().share > harmless.hold.unwrap().share, "{domain:?}");
    assert!(fs::read_to_string(options.out.join("MODEL_CARD.md")).unwrap().contains("Expected queue share: of all"));
    let threshold = &domain.thresholds[0];
    let found = threshold.found.hold.unwrap();
    assert!(threshold.hold <= threshold.reject && found.share > 0.9 && found.low < found.share, "{threshold:?}");
    let card = String::from_utf8(files(&options)[2].clone()).unwrap();
    for expected in ["SEXUALLY_EXPLICIT", "ombud train --train train.jsonl --dev dev.jsonl", &manifest.version] {
        assert!(card.contains(expected), "{expected}");
    }
    let folder = dir.path().to_str().unwrap();
    assert!(!card.contains(folder) && !String::from_utf8_lossy(&files(&options)[1]).contains(folder), "no paths");
    let left: Vec<_> = fs::read_dir(&options.out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "nothing temporary stays: {left:?}");
}

#[test]
fn progress_counts_up_to_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let ended = Mutex::new(Vec::new());
    let tell = |step: Step<'_>| {
        if let Step::Learning { rows, rows_total } = step {
            ended.lock().unwrap().push((rows, rows_total));
        }
    };
    train(&options, &tell).unwrap();
    let ended = ended.into_inner().unwrap();
    assert_eq!(ended.last(), Some(&(1200, 1200)), "400 rows, three times");
}

#[test]
fn a_source_that_only_knows_one_answer_teaches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    let mut lines = labelled_lines(400, 1);
    let only =
        (0..200).map(|_| r#"{"text":"the garden","source":"grim","labels":{"toxicity":1,"threat":1}}"#.to_owned());
    lines.extend(only);
    options.train = vec![write_lines(dir.path(), "grim.jsonl", &lines)];
    train(&options, &quiet).unwrap();
    let scores = Model::load(&options.out).unwrap().score("the garden").unwrap();
    assert!(scores.get(TOXICITY).get() < 0.2, "{scores:?}");
    assert!(scores.get(Attribute::Threat).get() < 1e-6, "{scores:?}");
}

#[test]
fn too_little_and_wrong_settings_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let good = options(dir.path());
    let empty = write_lines(dir.path(), "empty.jsonl", &[]);
    let unlabelled = write_lines(dir.path(), "plain.jsonl", &[r#"{"text":"x"}"#.to_owned()]);
    for bad in [vec![], vec![empty], vec![unlabelled]] {
        let result = train(&Options { train: bad, ..good.clone() }, &quiet);
        assert!(matches!(result, Err(Error::TooLittle { .. })), "{result:?}");
    }
    let (mut slow, mut named) = (good.clone(), good.clone());
    slow.settings.fit.alpha = 0.0;
    named.name = "a/b".to_owned();
    for bad in [slow, named] {
        assert!(matches!(train(&bad, &quiet), Err(Error::Model(_))));
    }
    let mut blocked = good;
    blocked.out = dir.path().join("train.jsonl");
    assert!(matches!(train(&blocked, &quiet), Err(Error::Write { .. })));
}

#[test]
fn a_failed_write_keeps_the_old_model() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    train(&options, &quiet).unwrap();
    let before = files(&options);
    let other = Options { name: "a b".to_owned(), ..options.clone() };
    assert!(train(&other, &quiet).is_err());
    assert_eq!(files(&options), before);
}
