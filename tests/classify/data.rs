//! Data files: what is read, and what is refused by file and line.

use crate::support::{quiet, write_lines};
use ombud::{
    classify::FeatureSet,
    domain::Attribute,
    train::{Dataset, Error, Reading, Step},
};
use std::{io::Write, path::PathBuf, sync::Mutex};

fn read(paths: &[PathBuf], skip_bad: bool) -> Result<Dataset, Error> {
    Dataset::read(paths, Reading { features: FeatureSet::default(), skip_bad }, &quiet)
}

#[test]
fn labels_are_true_false_or_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let lines = [
        r#"{"text":"a","source":"one","labels":{"toxicity":1,"threat":0,"spam":null,"sexually_explicit":"?"}}"#,
        r#"{"text":"b","source":"two","labels":{"toxicity":0.5,"threat":0.49,"insult":true}}"#,
        "",
        r#"{"text":"c"}"#,
    ];
    let dataset = read(&[write_lines(dir.path(), "a.jsonl", &lines.map(str::to_owned))], false).unwrap();
    let known = |row: usize, attribute: Attribute| dataset.labels[row][attribute.index()];
    assert_eq!(dataset.len(), 3);
    assert_eq!([0, 1, 2].map(|row| known(row, Attribute::Toxicity)), [Some(true), Some(true), None]);
    assert_eq!([0, 1, 2].map(|row| known(row, Attribute::Threat)), [Some(false), Some(false), None]);
    assert_eq!([0, 1, 2].map(|row| known(row, Attribute::Spam)), [None, None, None]);
    assert_eq!(known(1, Attribute::Insult), Some(true));
    assert_eq!(dataset.source_names, ["one", "two", "unnamed"]);
    let last = |row: usize| dataset.row(row).0.iter().rev().take(2).copied().collect::<Vec<_>>();
    assert_eq!(last(1), [(1 << 20) + 2, 1 << 20], "the source's column, then the bias");
}

#[test]
fn bad_lines_are_named_or_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let good = br#"{"text":"fine","labels":{"toxicity":0}}"#;
    let bad: [(&[u8], &str); 8] = [
        (b"{\"text\":", "not valid JSON"),
        (b"{\"text\":\"\xff\"}", "not valid UTF-8"),
        (br#"{"labels":{"toxicity":1}}"#, "\"text\" is missing"),
        (br#"{"text":7}"#, "wrong type"),
        (br#"{"text":"x","labels":{"toxicity":1.5}}"#, "toxicity"),
        (br#"{"text":"x","labels":{"threat":-1}}"#, "threat"),
        (br#"{"text":"x","labels":{"insult":"secret"}}"#, "insult"),
        (br#"{"text":"x","labels":["secret"]}"#, "wrong type"),
    ];
    for (position, (line, expected)) in bad.into_iter().enumerate() {
        let path = dir.path().join(format!("{position}.jsonl"));
        let mut file = std::fs::File::create(&path).unwrap();
        for line in [good, line, good] {
            file.write_all(line).unwrap();
            file.write_all(b"\n").unwrap();
        }
        let error = read(std::slice::from_ref(&path), false).unwrap_err();
        let sentence = error.to_string();
        assert!(matches!(error, Error::BadLines { count: 1, .. }), "{sentence}");
        assert!(sentence.contains(expected) && sentence.contains(&format!("{position}.jsonl:2:")), "{sentence}");
        assert!(!sentence.contains("secret"), "an error repeats no text: {sentence}");
        let dataset = read(&[path], true).unwrap();
        assert_eq!((dataset.len(), dataset.files[0].bad_lines, dataset.bad_lines.len()), (2, 1, 1));
    }
}

#[test]
fn compressed_files_read_alike_and_progress_reaches_their_end() {
    let dir = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..5000).map(|row| format!(r#"{{"text":"row {row}"}}"#)).collect();
    let plain = write_lines(dir.path(), "a.jsonl", &lines);
    let packed = dir.path().join("a.jsonl.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&std::fs::read(&plain).unwrap()).unwrap();
    std::fs::write(&packed, encoder.finish().unwrap()).unwrap();
    let last = Mutex::new(None);
    let tell = |step: Step<'_>| {
        if let Step::Reading { bytes, bytes_total, rows, .. } = step {
            *last.lock().unwrap() = Some((bytes == bytes_total, rows));
        }
    };
    let packed = Dataset::read(&[packed], Reading { features: FeatureSet::default(), skip_bad: false }, &tell).unwrap();
    assert_eq!(*last.lock().unwrap(), Some((true, 5000)));
    assert_eq!(packed.records, read(&[plain], false).unwrap().records);
}

#[test]
fn damaged_and_missing_files_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(read(&[dir.path().join("none.jsonl")], true), Err(Error::Read { .. })));
    let cut = dir.path().join("cut.gz");
    std::fs::write(&cut, [0x1f, 0x8b, 8, 0, 0]).unwrap();
    assert!(matches!(read(&[cut], true), Err(Error::Read { .. })), "a damaged archive is not a bad line");
}
