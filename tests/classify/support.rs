//! Small models and data for the tests.

use ombud::{
    classify::{
        Artifact, Calibration, FeatureSet, Model,
        artifact::{Head, Row, sha256_hex},
    },
    domain::{Attribute, Language},
    train::{Options, Settings, Step},
};
use std::{io::Write, path::Path};

/// A model of `bits` whose weights follow a fixed pattern.
pub(crate) fn artifact(bits: u32) -> Artifact {
    let features = FeatureSet { bits, seed: 7, ..FeatureSet::default() };
    let row = |bucket: usize| -> Row {
        std::array::from_fn(|attribute| {
            let mixed = (bucket * 31 + attribute * 17).wrapping_mul(0x9e37_79b9) >> 7;
            i8::from_le_bytes([mixed.to_le_bytes()[0]])
        })
    };
    let head = |attribute: usize| Head {
        scale: 0.01,
        bias: f32::from(i8::try_from(attribute).unwrap()) - 3.0,
        calibration: Calibration { a: -1.1, b: 0.3 },
    };
    Artifact {
        name: "pattern".to_owned(),
        languages: vec![Language::ENGLISH],
        features,
        heads: std::array::from_fn(head),
        rows: (0..features.buckets()).map(row).collect(),
    }
}

/// The model of [`artifact`].
pub(crate) fn model(bits: u32) -> Model {
    let artifact = artifact(bits);
    let checksum = sha256_hex(&artifact.to_bytes().unwrap());
    Model::new(artifact, &checksum)
}

/// Texts that try a text function in every way that comes to mind.
pub(crate) fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "a",
        "...",
        "Hello, world! hello",
        "\u{0}\u{1b}[0m",
        "\u{202e}abc\u{202c}",
        "\u{fdfa}\u{fdfa}",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "caf\u{e9} cafe\u{301}",
        "\u{430}\u{440}\u{435}",
        "\u{e0041}",
        "\u{4f60}\u{597d}\u{4e16}\u{754c}",
        "don't - can't; won't",
        "aaaaaaaaaaaaaaaa",
        "tab\tnew\nline\u{2028}end",
        "\u{10ffff}\u{fffe}",
        "1 2 3 4 5 6 7 8 9 10",
        "\u{ff26}\u{ff35}\u{ff2c}\u{ff2c}",
        "\u{3a9}\u{1e9e}\u{130}",
    ]
    .map(str::to_owned)
    .into();
    texts.push("e\u{301}".repeat(10_000));
    texts.push("\u{301}".repeat(10_000));
    texts.push("word ".repeat(4_096));
    texts.push((0..7_000_u32).filter_map(|c| char::from_u32(0x100 + c * 7)).collect());
    texts
}

/// Writes lines to a file in `dir` and returns its path.
pub(crate) fn write_lines(dir: &Path, name: &str, lines: &[String]) -> std::path::PathBuf {
    let path = dir.join(name);
    let mut file = std::fs::File::create(&path).unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
    path
}

/// Comments of two sources: `rude` ones use words of their own, and one source labels more strictly.
pub(crate) fn labelled_lines(count: usize, seed: usize) -> Vec<String> {
    let nice = ["bus", "garden", "council", "weather", "school", "match", "recipe", "bridge", "library", "river"];
    let rude = ["clown", "fool", "rubbish", "twit"];
    (0..count)
        .map(|row| {
            let at = |n: usize| nice[(row * 7 + n * 13 + seed * 3 + row / 10) % nice.len()];
            let toxic = (row * 5 + seed).is_multiple_of(3);
            let mut text = format!("the {} by the {} and the {}", at(0), at(1), at(2));
            if toxic {
                text = format!("{text} you {}", rude[(row + seed) % rude.len()]);
            }
            let source = if row % 2 == 0 { "even" } else { "odd" };
            let spam = if row % 4 == 1 { format!(",\"spam\":{}", u8::from(row % 8 == 1)) } else { String::new() };
            if row % 8 == 1 {
                text.push_str(" buy pills now");
            }
            format!(
                r#"{{"id":"{seed}:{row}","text":"{text}","source":"{source}","labels":{{"toxicity":{},"other":"x"{spam}}}}}"#,
                u8::from(toxic)
            )
        })
        .collect()
}

/// Options to train a small model on [`labelled_lines`] in `dir`.
pub(crate) fn options(dir: &Path) -> Options {
    Options {
        train: vec![write_lines(dir, "train.jsonl", &labelled_lines(400, 1))],
        dev: vec![write_lines(dir, "dev.jsonl", &labelled_lines(200, 2))],
        out: dir.join("model"),
        name: "small".to_owned(),
        settings: settings(),
        revision: Some("0123456789ab".to_owned()),
        threads: Some(2),
        skip_bad: false,
    }
}

/// Settings for a small model that learns from its data alone.
fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.features.bits = 12;
    settings.sentences.learned = false;
    settings.disguised = 0.0;
    settings
}

/// Tells nobody.
pub(crate) fn quiet(_: Step<'_>) {}

/// The attribute that most tests look at.
pub(crate) const TOXICITY: Attribute = Attribute::Toxicity;
