//! Whatever happens to the state database costs time, not comments.

use crate::support::{TempPlace, check_all_there, copy, fill, fill_long, open};
use ombud::store::{Store, verify};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{env, fs};

#[tokio::test]
async fn damage_to_the_state_is_harmless_or_detected() {
    let seed = env::var("OMBUD_DAMAGE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("OMBUD_DAMAGE_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let original = TempPlace::new();
    // Long texts, so that the file has several of sled's own segments.
    let acknowledged = fill_long(original.path(), 120, 2500).await;
    let whole = fs::read(original.path().join("state/db")).unwrap();
    let written = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let (mut rebuilt, mut harmless) = (0, 0);
    for trial in 0..200 {
        let hurt = TempPlace::new();
        copy(original.path(), hurt.path());
        let db = hurt.path().join("state/db");
        let mut bytes = whole.clone();
        let at = random.gen_range(0..written);
        if trial % 4 == 0 {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << random.gen_range(0..8);
        }
        fs::write(&db, bytes).unwrap();
        let store = open(hurt.path()).unwrap_or_else(|error| panic!("trial {trial}, byte {at}: {error}"));
        check_all_there(&store, &acknowledged).await;
        store.close().await.unwrap();
        if hurt.path().join("state.damaged-1").exists() {
            rebuilt += 1;
        } else {
            harmless += 1;
        }
    }
    println!("{rebuilt} times set aside and built anew, {harmless} times harmless");
    // Much of the file is space that sled has left behind, where damage is harmless; how much differs from run to run.
    assert!(rebuilt > 0, "the damage never hit anything");
}

/// What sled may do without a word when its file is damaged, done on purpose: an entry is gone, or is an older one.
#[tokio::test]
async fn an_entry_that_is_missing_or_older_is_noticed() {
    let original = TempPlace::new();
    let acknowledged = fill(original.path(), 30).await;
    for (first_byte, tree) in (0..).zip(["comments", "revisions", "by_article", "by_author"]) {
        for (what, older) in [("removed", false), ("older", true)] {
            let hurt = TempPlace::new();
            copy(original.path(), hurt.path());
            let db = sled::open(hurt.path().join("state")).unwrap();
            let (key, value) = db.scan_prefix([first_byte]).nth(5).unwrap().unwrap();
            if older {
                // The checksum is good, only the contents are not the ones of now.
                let mut value = value.to_vec();
                *value.last_mut().unwrap() ^= 1;
                let crc = crc32c::crc32c(&[&key, &value[..1], &value[5..]].concat());
                value[1..5].copy_from_slice(&crc.to_le_bytes());
                db.insert(&key, value).unwrap();
            } else {
                db.remove(&key).unwrap();
            }
            db.flush().unwrap();
            drop(db);
            let report = verify(hurt.path(), &|_| {}).unwrap();
            assert!(report.findings.iter().any(|finding| finding.what.contains(tree)), "{tree} {what}: {report:?}");
            let store = open(hurt.path()).unwrap();
            check_all_there(&store, &acknowledged).await;
            store.close().await.unwrap();
            assert!(hurt.path().join("state.damaged-1").exists(), "{tree} {what}");
            assert!(verify(hurt.path(), &|_| {}).unwrap().is_sound());
        }
    }
}

#[tokio::test]
async fn a_missing_state_is_built_anew() {
    let dir = TempPlace::new();
    let acknowledged = fill(dir.path(), 100).await;
    fs::remove_dir_all(dir.path().join("state")).unwrap();
    assert!(!verify(dir.path(), &|_| {}).unwrap().is_sound());
    let store = open(dir.path()).unwrap();
    check_all_there(&store, &acknowledged).await;
    store.close().await.unwrap();
    assert!(verify(dir.path(), &|_| {}).unwrap().is_sound());
}

#[tokio::test]
async fn a_state_of_another_journal_is_set_aside() {
    let (dir, other) = (TempPlace::new(), TempPlace::new());
    let acknowledged = fill(dir.path(), 100).await;
    fill(other.path(), 50).await;
    for _ in 0..4 {
        fs::remove_dir_all(dir.path().join("state")).unwrap();
        copy(&other.path().join("state"), &dir.path().join("state"));
        let report = verify(dir.path(), &|_| {}).unwrap();
        assert!(report.findings.iter().any(|finding| finding.what.contains("another journal")), "{report:?}");
        let store = open(dir.path()).unwrap();
        check_all_there(&store, &acknowledged).await;
        store.close().await.unwrap();
    }
    let kept = fs::read_dir(dir.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("state.damaged-"));
    assert_eq!(kept.count(), 2, "only the newest two are kept");
}

#[tokio::test]
async fn an_older_state_catches_up() {
    let dir = TempPlace::new();
    fill(dir.path(), 50).await;
    let older = TempPlace::new();
    copy(&dir.path().join("state"), older.path());
    // The first fifty are there already, so that they are only repeated.
    let acknowledged = fill(dir.path(), 100).await;
    fs::remove_dir_all(dir.path().join("state")).unwrap();
    copy(older.path(), &dir.path().join("state"));
    let report = verify(dir.path(), &|_| {}).unwrap();
    assert!(report.is_sound() && report.applied_seq < Some(report.last_seq), "{report:?}");
    let store = open(dir.path()).unwrap();
    let first = acknowledged.iter().filter(|(_, texts)| texts.len() == 1);
    check_all_there_of(&store, first.count()).await;
    store.close().await.unwrap();
    assert!(!dir.path().join("state.damaged-1").exists());
    let report = verify(dir.path(), &|_| {}).unwrap();
    assert!(report.is_sound() && report.applied_seq == Some(report.last_seq), "{report:?}");
}

/// Asserts that all hundred comments are listed, of which `once` were never edited.
async fn check_all_there_of(store: &ombud::store::EmbeddedStore, once: usize) {
    use ombud::domain::ArticleId;
    use ombud::store::{ListBy, conformance};
    let listed = conformance::page(store, ListBy::Article(ArticleId::new("a")), None, usize::MAX).await;
    assert_eq!(listed.comments.len(), 100);
    assert_eq!(listed.comments.iter().filter(|revision| revision.number == 1).count(), once);
}
