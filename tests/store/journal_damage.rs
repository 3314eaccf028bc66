//! A journal that is not as it was written is named, never believed; one that a crash left unfinished just opens.

use crate::support::{Acknowledged, TempPlace, check_all_there, contents, copy, fill, open};
use ombud::store::{Error, Store, verify};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A record in a segment file.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: usize,
    length: usize,
    body: usize,
    seq: u64,
}

struct Journal {
    dir: TempPlace,
    acknowledged: Acknowledged,
    segments: Vec<(PathBuf, Vec<Place>)>,
}

/// Writes a journal of at least three segments and finds its records by the format's own description.
async fn journal() -> Journal {
    let dir = TempPlace::new();
    let acknowledged = fill(dir.path(), 60).await;
    let segments: Vec<_> = contents(&dir.path().join("journal"))
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|extension| extension == "log"))
        .map(|(path, bytes)| {
            let number = |at: usize, size: usize| {
                bytes[at..at + size].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
            };
            let mut records = Vec::new();
            let mut offset = 56;
            while offset < bytes.len() {
                let length = usize::try_from(number(offset, 4)).unwrap();
                let body = usize::try_from(number(offset + 52, 4)).unwrap();
                records.push(Place { offset, length, body, seq: number(offset + 8, 8) });
                offset += length;
            }
            (path.strip_prefix(dir.path()).unwrap().to_owned(), records)
        })
        .collect();
    assert!(segments.len() >= 3, "{} segments", segments.len());
    assert!(segments.iter().all(|(_, records)| records.len() >= 3));
    Journal { dir, acknowledged, segments }
}

impl Journal {
    /// Returns a copy that `hurt` was done to.
    fn hurt(&self, hurt: impl FnOnce(&Path)) -> TempPlace {
        let place = TempPlace::new();
        copy(self.dir.path(), place.path());
        hurt(place.path());
        place
    }

    fn last(&self) -> (&Path, &[Place]) {
        let (path, records) = self.segments.last().unwrap();
        (path, records)
    }

    /// Returns what was acknowledged with events before `seq`: each revision takes two events, and `fill` writes
    /// one after the other.
    fn before(&self, seq: u64) -> Acknowledged {
        let mut left = usize::try_from((seq - 1) / 2).unwrap();
        let mut ids: Vec<_> = self.acknowledged.keys().collect();
        ids.sort_by_key(|id| id[1..].parse::<u32>().unwrap());
        let mut kept = Acknowledged::new();
        for id in ids {
            let texts: Vec<_> = self.acknowledged[id].iter().take(left).cloned().collect();
            left -= texts.len();
            if !texts.is_empty() {
                kept.insert(id.clone(), texts);
            }
        }
        kept
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1 << (at % 8);
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path, len: usize) {
    fs::File::options().write(true).open(path).unwrap().set_len(len as u64).unwrap();
}

/// Asserts that opening refuses with just this place, and that verifying names it too and touches nothing.
#[track_caller]
fn check_named(place: &TempPlace, file: &Path, expected_offset: usize, expected_seq: u64) {
    let before = contents(place.path());
    let report = verify(place.path(), &|_| {}).unwrap();
    assert!(
        report.findings.iter().any(|finding| finding.path == place.path().join(file)
            && finding.offset == Some(expected_offset as u64)
            && finding.seq == Some(expected_seq)),
        "{expected_offset} {expected_seq}: {report:?}"
    );
    assert!(before == contents(place.path()), "verifying changed the directory");
    match open(place.path()).err() {
        Some(Error::JournalDamaged { path, offset, seq, .. }) => {
            assert_eq!((&*path, offset, seq), (&*place.path().join(file), expected_offset as u64, expected_seq));
        }
        other => panic!("{} {expected_offset} {expected_seq}: {other:?}", file.display()),
    }
    assert!(before == contents(place.path()), "refusing to open changed the directory");
}

#[tokio::test]
async fn a_flip_in_any_part_of_a_record_is_named() {
    let journal = journal().await;
    for (file, records) in &journal.segments {
        for record in [records[0], records[records.len() / 2], records[records.len() - 1]] {
            let private = 56 + record.body;
            let parts = [0, 1, 2, 3, 4, 8, 15, 16, 20, 51, 52, 55, 56, 60, private - 1, private, record.length - 1];
            for part in parts {
                let hurt = journal.hurt(|dir| flip(&dir.join(file), record.offset + part));
                check_named(&hurt, file, record.offset, record.seq);
            }
        }
    }
}

#[tokio::test]
async fn a_flip_in_any_segment_header_is_named() {
    let journal = journal().await;
    for (file, records) in &journal.segments {
        for at in [0, 7, 8, 12, 19, 20, 51, 52, 55] {
            let hurt = journal.hurt(|dir| flip(&dir.join(file), at));
            check_named(&hurt, file, 0, records[0].seq);
        }
    }
}

#[tokio::test]
async fn a_missing_segment_is_named() {
    let journal = journal().await;
    for (file, records) in &journal.segments {
        let hurt = journal.hurt(|dir| fs::remove_file(dir.join(file)).unwrap());
        check_named(&hurt, file, 0, records[0].seq);
    }
}

#[tokio::test]
async fn a_segment_from_another_journal_is_named() {
    let (journal, other) = (journal().await, journal().await);
    let (file, records) = &journal.segments[1];
    let hurt = journal.hurt(|dir| {
        fs::copy(other.dir.path().join(file), dir.join(file)).unwrap();
    });
    // Texts are the same, but salts are not.
    check_named(&hurt, file, 0, records[0].seq);
}

#[tokio::test]
async fn an_unfinished_tail_is_cut_and_nothing_acknowledged_with_it() {
    let journal = journal().await;
    let (file, records) = journal.last();
    let record = records[1];
    let whole = fs::read(journal.dir.path().join(file)).unwrap();
    let copied = &whole[record.offset..record.offset + record.length];
    let mut flipped = copied.to_vec();
    flipped[60] ^= 1;
    for tail in [&[0][..], &[0; 4096], &copied[..3], &copied[..57], &copied[..record.length - 1], copied, &flipped] {
        let hurt = journal.hurt(|dir| fs::write(dir.join(file), [&whole, tail].concat()).unwrap());
        assert!(!verify(hurt.path(), &|_| {}).unwrap().is_sound());
        let store = open(hurt.path()).unwrap();
        check_all_there(&store, &journal.acknowledged).await;
        store.close().await.unwrap();
        assert_eq!(fs::read(hurt.path().join(file)).unwrap(), whole);
        let report = verify(hurt.path(), &|_| {}).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
    // A segment that was begun, but not even its header is whole.
    let next_seq = records.last().unwrap().seq + 2;
    for header in [&[][..], &[0; 20], &[0; 56]] {
        let next = PathBuf::from(format!("journal/{next_seq:020}.log"));
        let hurt = journal.hurt(|dir| fs::write(dir.join(&next), header).unwrap());
        let store = open(hurt.path()).unwrap();
        check_all_there(&store, &journal.acknowledged).await;
        store.close().await.unwrap();
        assert!(!hurt.path().join(next).exists());
    }
}

#[tokio::test]
async fn a_journal_that_lost_its_tail_opens_and_verify_says_so() {
    let journal = journal().await;
    let (file, records) = journal.last();
    for (record, more) in [(records[1], 0), (records[1], 30), (*records.last().unwrap(), 1)] {
        let hurt = journal.hurt(|dir| cut(&dir.join(file), record.offset + more));
        let report = verify(hurt.path(), &|_| {}).unwrap();
        assert!(report.findings.iter().any(|finding| finding.what.contains("are missing")), "{report:?}");
        let store = open(hurt.path()).unwrap();
        check_all_there(&store, &journal.before(record.seq)).await;
        store.close().await.unwrap();
        assert!(hurt.path().join("state.damaged-1").exists(), "what was lost is in the state that was set aside");
    }
}

#[tokio::test]
async fn without_a_watermark_a_good_record_behind_a_bad_one_tells_damage() {
    let journal = journal().await;
    let (file, records) = journal.last();
    let middle = records[records.len() / 2];
    let last = *records.last().unwrap();
    for broken in [false, true] {
        let unmark = |dir: &Path| {
            let mark = dir.join("journal/synced");
            if broken { flip(&mark, 20) } else { fs::remove_file(mark).unwrap() }
        };
        let hurt = journal.hurt(unmark);
        let store = open(hurt.path()).unwrap();
        check_all_there(&store, &journal.acknowledged).await;
        store.close().await.unwrap();
        for part in [0, 3, 5, 60] {
            let hurt = journal.hurt(|dir| {
                unmark(dir);
                flip(&dir.join(file), middle.offset + part);
            });
            check_named(&hurt, file, middle.offset, middle.seq);
            // Nothing tells a torn last record from a damaged one.
            let hurt = journal.hurt(|dir| {
                unmark(dir);
                flip(&dir.join(file), last.offset + part);
            });
            let store = open(hurt.path()).unwrap();
            check_all_there(&store, &journal.before(last.seq)).await;
            store.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_journal_of_a_later_version_is_left_alone() {
    let journal = journal().await;
    let (file, _) = &journal.segments[0];
    let hurt = journal.hurt(|dir| {
        let mut bytes = fs::read(dir.join(file)).unwrap();
        bytes[8] = 2;
        let crc = crc32c::crc32c(&bytes[..52]);
        bytes[52..56].copy_from_slice(&crc.to_le_bytes());
        fs::write(dir.join(file), bytes).unwrap();
    });
    let before = contents(hurt.path());
    assert!(matches!(open(hurt.path()).err(), Some(Error::UnknownVersion { found: 2, known: 1, .. })));
    assert!(before == contents(hurt.path()));
}

#[tokio::test]
async fn a_second_opening_of_the_same_directory_is_refused() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    assert!(matches!(open(dir.path()).err(), Some(Error::Locked { .. })));
    assert!(matches!(verify(dir.path(), &|_| {}), Err(Error::Locked { .. })));
    store.close().await.unwrap();
    open(dir.path()).unwrap().close().await.unwrap();
}
