//! The journal on a disk that refuses, and frames that are not as they were written.

use super::disk::{Disk, FileSystem, SegmentFile};
use super::frame::{Draft, FRAME_BYTES, Frame, HEADER_BYTES, Header};
use super::*;
use crate::domain::{Actor, Event, Outcome, Timestamp};
use crate::store::conformance;
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A disk that refuses once its operations are counted down, and takes everything again when told so.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Moody(Arc<AtomicI64>);

impl Moody {
    pub(in crate::store) fn patient() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MAX)))
    }

    /// Refuses every operation after the next `operations`.
    pub(in crate::store) fn refuse_after(&self, operations: i64) {
        self.0.store(operations, Ordering::SeqCst);
    }

    pub(in crate::store) fn calm_down(&self) {
        self.refuse_after(i64::MAX);
    }

    fn ask(&self) -> io::Result<()> {
        if self.0.fetch_sub(1, Ordering::SeqCst) > 0 { Ok(()) } else { Err(io::ErrorKind::StorageFull.into()) }
    }

    fn wrap(&self, file: io::Result<Box<dyn SegmentFile>>) -> io::Result<Box<dyn SegmentFile>> {
        Ok(Box::new(MoodyFile { mood: self.clone(), file: file? }))
    }
}

impl Disk for Moody {
    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.ask()?;
        self.wrap(FileSystem.create(path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.ask()?;
        self.wrap(FileSystem.open(path))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.ask()?;
        FileSystem.sync_dir(path)
    }
}

struct MoodyFile {
    mood: Moody,
    file: Box<dyn SegmentFile>,
}

impl SegmentFile for MoodyFile {
    /// A refused write still leaves half of itself, as a full disk does.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if let Err(refusal) = self.mood.ask() {
            self.file.write_at(offset, &bytes[..bytes.len() / 2])?;
            return Err(refusal);
        }
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.mood.ask()?;
        self.file.sync()
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.mood.ask()?;
        self.file.cut(len)
    }
}

pub(super) fn action(first_seq: u64, text: &str) -> Action {
    let comment = conformance::comment(&format!("c{first_seq}"), "a", Some("u"), text);
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    let decision = conformance::decision(Outcome::Hold);
    let events = vec![
        Event::CommentSubmitted { comment, revision: 1, fingerprint: crate::domain::Fingerprint::default() },
        Event::CommentDecided { site_id, comment_id, revision: 1, decision },
    ];
    Action { first_seq, at: Timestamp::from_micros(7), actor: Actor::Submitter, events }
}

fn open(dir: &Path, disk: &Moody) -> Journal {
    Journal::open(dir, Box::new(disk.clone()), 2_000, &|_| {}).unwrap()
}

pub(super) fn texts(dir: &Path, until_seq: u64) -> Vec<String> {
    let mut texts = Vec::new();
    let each = |replayed: Replayed| {
        if let Event::CommentSubmitted { comment, .. } = &replayed.action.events[0] {
            texts.push(comment.text.clone());
        }
        Ok(())
    };
    assert!(replay(dir, 0, until_seq, each, |_| true).unwrap());
    texts
}

#[test]
fn whatever_the_disk_refuses_only_what_was_promised_counts() {
    // However many operations succeed before the refusal, in whatever step it comes.
    for operations in 0..14 {
        let (dir, disk) = (tempfile::tempdir().unwrap(), Moody::patient());
        let mut journal = open(dir.path(), &disk);
        let mut promised = Vec::new();
        disk.refuse_after(operations);
        for attempt in 0..30 {
            if attempt == 20 {
                disk.calm_down();
            }
            let text = format!("attempt {attempt}: {}", "so it is. ".repeat(20));
            journal.push(&action(journal.next_seq(), &text), [9; 16]).unwrap();
            match journal.commit() {
                Ok(()) => promised.push(text),
                Err(Error::Unavailable { .. }) => assert!(attempt < 20, "there is room again"),
                Err(error) => panic!("{error}"),
            }
            assert_eq!(journal.synced_seq(), promised.len() as u64 * 2);
            assert_eq!(texts(dir.path(), journal.synced_seq()), promised);
        }
        assert!(promised.len() < 30 && promised.len() >= 10, "{operations}: {}", promised.len());
        drop(journal);
        let journal = open(dir.path(), &disk);
        assert_eq!(texts(dir.path(), journal.synced_seq()), promised);
    }
}

#[test]
fn a_refused_batch_that_reached_the_disk_whole_may_be_there_after_a_restart_but_only_whole() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), Moody::patient());
    let mut journal = open(dir.path(), &disk);
    journal.push(&action(1, "promised"), [9; 16]).unwrap();
    journal.commit().unwrap();
    journal.push(&action(3, "written, not synced"), [9; 16]).unwrap();
    disk.refuse_after(1);
    assert!(matches!(journal.commit(), Err(Error::Unavailable { .. })));
    drop(journal);
    disk.calm_down();
    let journal = open(dir.path(), &disk);
    assert_eq!(texts(dir.path(), journal.synced_seq()), ["promised", "written, not synced"]);
}

#[test]
fn nothing_of_a_refused_batch_stays_behind_the_next_one() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), Moody::patient());
    let mut journal = open(dir.path(), &disk);
    journal.push(&action(1, "promised"), [9; 16]).unwrap();
    journal.commit().unwrap();
    let segment = segment_path(dir.path(), 1);
    let record_bytes = fs::metadata(&segment).unwrap().len() - HEADER_BYTES as u64;
    journal.push(&action(3, &"long ".repeat(150)), [9; 16]).unwrap();
    disk.refuse_after(0);
    assert!(journal.commit().is_err());
    disk.calm_down();
    journal.push(&action(3, "promised"), [9; 16]).unwrap();
    journal.commit().unwrap();
    assert_eq!(fs::metadata(&segment).unwrap().len(), HEADER_BYTES as u64 + 2 * record_bytes);
}

#[test]
fn a_record_too_large_is_refused_and_leaves_no_trace() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), Moody::patient());
    let mut journal = open(dir.path(), &disk);
    let refused = journal.push(&action(1, &"x".repeat(RECORD_BYTES_MAX)), [9; 16]);
    assert!(matches!(refused, Err(Error::TooLarge { bytes_max: RECORD_BYTES_MAX, .. })));
    journal.push(&action(1, "small"), [9; 16]).unwrap();
    journal.commit().unwrap();
    assert_eq!(texts(dir.path(), 2), ["small"]);
}

fn frame_bytes(private: &[u8]) -> (Vec<u8>, Hash) {
    let mut bytes = Vec::new();
    let draft = Draft { first_seq: 5, events: 2, prev: [3; 32], private };
    let hash = draft.write(&mut bytes, |out| out.extend_from_slice(b"body")).unwrap();
    (bytes, hash)
}

#[test]
fn every_flipped_bit_of_a_record_or_header_is_seen() {
    let (bytes, hash) = frame_bytes(b"private");
    let frame = Frame::parse(&bytes).unwrap();
    assert_eq!((frame.body, frame.private, frame.last_seq()), (&b"body"[..], &b"private"[..], 6));
    assert_eq!(frame.hash(), hash);
    for bit in 0..bytes.len() * 8 {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Frame::parse(&bytes).is_err(), "bit {bit}");
    }
    let header = Header { first_seq: 5, prev: [3; 32] };
    assert_eq!(Header::parse(&header.to_bytes()), Ok(header));
    for bit in 0..HEADER_BYTES * 8 {
        let mut bytes = header.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Header::parse(&bytes).is_err(), "bit {bit}");
    }
}

#[test]
fn the_chain_holds_without_the_private_part() {
    let (with, without) = (frame_bytes(b"private"), frame_bytes(b""));
    assert_eq!(with.1, without.1);
    assert_eq!(Frame::parse(&without.0).unwrap().hash(), with.1);
    assert_eq!(without.0.len(), FRAME_BYTES + 4);
}

proptest::proptest! {
    #[test]
    fn reading_any_bytes_never_panics(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        let _: bool = Frame::parse(&bytes).is_ok();
        let _: bool = record::decode_action(1, &bytes, &bytes).is_ok();
        let _: bool = record::decode_head(&bytes).is_ok();
        let _: bool = record::decode_revision(&bytes).is_ok();
    }
}

#[test]
fn opening_rests_on_nothing_that_is_not_synced() {
    let (dir, disk) = (tempfile::tempdir().unwrap(), Moody::patient());
    let mut journal = open(dir.path(), &disk);
    journal.push(&action(1, "So it is."), [9; 16]).unwrap();
    journal.commit().unwrap();
    drop(journal);
    // Opening the segment, syncing it and syncing the folder's names: none of them may be left out or refused.
    for operations in 0..3 {
        disk.refuse_after(operations);
        let opened = Journal::open(dir.path(), Box::new(disk.clone()), 2_000, &|_| {});
        assert!(matches!(opened, Err(Error::Io { .. })), "after {operations} operations");
    }
    disk.refuse_after(3);
    assert_eq!(open(dir.path(), &disk).synced_seq(), 2);
}
