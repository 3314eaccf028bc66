//! Model files are read back as they were written, or refused in a sentence that says what to do.

use crate::support::{artifact, model};
use ombud::{
    classify::{Artifact, Error, Model, artifact::FILE_BYTES_MAX},
    domain::{ErrorKind, Language},
};
use proptest::prelude::*;
use std::{path::Path, sync::LazyLock};

static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| artifact(8).to_bytes().unwrap());

fn read(bytes: &[u8]) -> Result<Artifact, Error> {
    Artifact::from_bytes(bytes, Path::new("some/model.bin"))
}

fn check_refused(bytes: &[u8], expected: &str) {
    let error = read(bytes).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let sentence = error.to_string();
    assert!(sentence.contains("some/model.bin") && sentence.contains("ombud train"), "{sentence}");
    assert!(sentence.contains(expected), "{sentence}");
}

#[test]
fn a_model_comes_back_as_it_was_written() {
    for bits in [1, 8, 12] {
        let written = artifact(bits);
        let bytes = written.to_bytes().unwrap();
        assert_eq!(read(&bytes).unwrap(), written);
        assert_eq!(bytes, written.to_bytes().unwrap(), "the same model is the same file");
    }
}

#[test]
fn the_languages_come_back_too() {
    let mut written = artifact(4);
    written.languages = ["de", "et"].map(|code| Language::from_code(code).unwrap()).into();
    assert_eq!(read(&written.to_bytes().unwrap()).unwrap().languages, written.languages);
}

#[test]
fn an_older_format_is_refused_by_its_number() {
    let mut old = BYTES.to_vec();
    old[8] = 1;
    assert!(matches!(read(&old), Err(Error::UnknownFormat { found: 1, known: 2, .. })));
}

#[test]
fn every_flipped_bit_is_refused() {
    for at in 0..BYTES.len() {
        for bit in 0..8 {
            let mut bytes = BYTES.clone();
            bytes[at] ^= 1 << bit;
            assert!(read(&bytes).is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn every_cut_is_refused() {
    for length in 0..BYTES.len() {
        assert!(read(&BYTES[..length]).is_err(), "{length} bytes");
    }
    check_refused(&[], "too short");
    check_refused(&BYTES[..BYTES.len() - 1], "length");
    check_refused(&[&BYTES[..], &[0]].concat(), "length");
}

#[test]
fn other_formats_and_files_are_named() {
    let mut newer = BYTES.clone();
    newer[8] = 3;
    assert!(matches!(read(&newer), Err(Error::UnknownFormat { found: 3, known: 2, .. })));
    check_refused(&newer, "model format 3");
    check_refused(b"%PDF-1.7 and so on, and so on, and so on, and so on, and so on", "does not begin");
    let mut changed = BYTES.clone();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    check_refused(&changed, "checksum does not match");
}

proptest! {
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes).is_err());
    }

    /// A payload whose checksum is right, but which is not a model.
    #[test]
    fn any_payload_is_refused(payload in prop::collection::vec(any::<u8>(), 0..400), packed in any::<bool>()) {
        check_payload(&payload, packed);
    }
}

fn check_payload(payload: &[u8], packed: bool) {
    use sha2::{Digest, Sha256};
    let payload = if packed { zstd::bulk::compress(payload, 1).unwrap() } else { payload.to_vec() };
    let mut bytes = BYTES[..12].to_vec();
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(Sha256::digest(&payload));
    bytes.extend(&payload);
    assert!(matches!(read(&bytes), Err(Error::Damaged { .. })));
}

#[test]
fn a_payload_that_unpacks_to_too_much_is_refused() {
    check_payload(&vec![0; 64 << 20], true);
}

#[test]
fn folders_without_a_model_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Model::load(dir.path()).unwrap_err();
    assert!(matches!(missing, Error::Read { .. }));
    assert!(missing.to_string().contains("model.bin") && missing.to_string().contains("ombud train"), "{missing}");
    std::fs::create_dir(dir.path().join("model.bin")).unwrap();
    assert!(matches!(Model::load(dir.path()), Err(Error::Read { .. })));
    std::fs::remove_dir(dir.path().join("model.bin")).unwrap();
    std::fs::write(dir.path().join("model.bin"), b"").unwrap();
    assert!(matches!(Model::load(dir.path()), Err(Error::Damaged { .. })));
    let huge = std::fs::File::create(dir.path().join("model.bin")).unwrap();
    huge.set_len(FILE_BYTES_MAX as u64 + 1).unwrap();
    let error = Model::load(dir.path()).unwrap_err();
    assert!(error.to_string().contains("larger"), "{error}");
}

#[test]
fn a_folder_with_a_model_gives_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("model.bin"), artifact(10).to_bytes().unwrap()).unwrap();
    let loaded = Model::load(dir.path()).unwrap();
    let made = model(10);
    assert_eq!(loaded.version(), made.version());
    assert!(loaded.version().starts_with("pattern-") && loaded.version().len() == "pattern-".len() + 12);
    assert_eq!(loaded.logits("some words"), made.logits("some words"));
}

#[test]
fn models_out_of_range_are_not_written() {
    let good = artifact(4);
    let mut short = good.clone();
    short.rows.pop();
    let mut broken = good.clone();
    broken.heads[3].bias = f32::NAN;
    let mut falling = good.clone();
    falling.heads[0].calibration.a = 0.5;
    let mut named = good.clone();
    named.name = "../elsewhere".to_owned();
    let mut mute = good.clone();
    mute.languages.clear();
    let mut twice = good;
    twice.languages.push(Language::ENGLISH);
    for bad in [short, broken, falling, named, mute, twice] {
        assert!(matches!(bad.to_bytes(), Err(Error::Unwritable { .. })));
    }
}
