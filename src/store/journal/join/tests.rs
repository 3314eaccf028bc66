//! Whatever step joining is cut at, nothing is lost and opening puts it right.

use super::*;
use crate::store::journal::{
    Journal, Replayed, follow::Follower, replay, tests::action, tests::texts, verify::check, walk::segment_path,
};
use std::cell::RefCell;

const SEGMENT_BYTES: u64 = 16 << 10;

fn open(dir: &Path) -> Journal {
    let disk = Box::new(crate::store::journal::disk::FileSystem);
    Journal::open(dir, disk, SEGMENT_BYTES, &|_| {}).unwrap()
}

fn text(number: u64) -> String {
    format!("so it is, number {number}")
}

/// Fills a segment with each action, as many erasures do; returns the first event that is in no full one.
fn fill(journal: &mut Journal, actions: u64) -> u64 {
    for _ in 0..actions {
        let seq = journal.next_seq();
        journal.push(&action(seq, &text(seq)), [9; 16]).unwrap();
        journal.commit().unwrap();
        journal.fill_segment().unwrap();
    }
    journal.next_seq()
}

fn joined(dir: &Path, below_seq: u64, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
    join(dir, &Join { below_seq, bytes_max: SEGMENT_BYTES, go_on }, &mut Vec::new())
}

fn copy(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

fn expected(until_seq: u64) -> Vec<String> {
    (1..=until_seq).step_by(2).map(text).collect()
}

/// Returns the texts from an event on, by a follower that was somewhere else before.
fn followed(follower: &mut Follower, synced_seq: u64) -> u64 {
    let mut read = 0;
    while follower.next_seq() <= synced_seq {
        read += follower.read(synced_seq).unwrap().iter().map(|action| action.events.len() as u64).sum::<u64>();
    }
    read
}

#[test]
fn wherever_joining_is_cut_short_everything_is_there_and_opening_puts_it_right() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    let below_seq = fill(&mut journal, 7);
    let synced_seq = journal.synced_seq();
    let before = check(dir.path(), &[], &|_| {}).unwrap();
    assert_eq!((before.segments, before.findings.len()), (8, 0), "{:?}", before.findings);
    // What a kill would leave before each step, and halves of what is being written.
    let crashed = RefCell::new(Vec::new());
    let go_on = || {
        let copied = copy(dir.path());
        let beside = segment_path(copied.path(), 1).with_extension("rewritten");
        if let Ok(bytes) = fs::read(&beside) {
            let halved = copy(copied.path());
            fs::write(halved.path().join(beside.file_name().unwrap()), &bytes[..bytes.len() / 2]).unwrap();
            crashed.borrow_mut().push(halved);
        }
        crashed.borrow_mut().push(copied);
        true
    };
    joined(dir.path(), below_seq, &go_on).unwrap();
    crashed.borrow_mut().push(copy(dir.path()));
    // Before writing, twice before the renaming, before six removals, before the folder is synced, and after all.
    assert_eq!(crashed.borrow().len(), 11);
    for (step, dir) in crashed.into_inner().into_iter().enumerate() {
        let found = check(dir.path(), &[before.head], &|_| {}).unwrap();
        assert!(found.findings.is_empty() && found.head == before.head, "{step}: {:?}", found.findings);
        // Nothing is left over before the first step and after the last two.
        assert_eq!(found.unfinished.is_empty(), [0, 9, 10].contains(&step), "{step}: {:?}", found.unfinished);
        assert_eq!(texts(dir.path(), synced_seq), expected(synced_seq), "{step}, before it is opened");
        let mut journal = open(dir.path());
        assert_eq!(texts(dir.path(), synced_seq), expected(synced_seq), "{step}");
        assert!(
            fs::read_dir(dir.path()).unwrap().all(|it| it.unwrap().path().extension().is_none_or(|it| it == "log"))
        );
        // It is written on, and joined for good.
        let below_seq = fill(&mut journal, 1);
        joined(dir.path(), below_seq, &|| true).unwrap();
        drop(journal);
        let found = check(dir.path(), &[before.head], &|_| {}).unwrap();
        assert!(found.findings.is_empty() && found.segments <= 3, "{step}: {} {:?}", found.segments, found.findings);
        assert_eq!(texts(dir.path(), synced_seq + 2), expected(synced_seq + 2), "{step}");
    }
}

#[test]
fn a_superseded_segment_that_holds_something_else_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    let below_seq = fill(&mut journal, 5);
    let other = tempfile::tempdir().unwrap();
    let mut another = open(other.path());
    for seq in [1, 3] {
        another.push(&action(seq, "something else"), [9; 16]).unwrap();
        another.commit().unwrap();
        another.fill_segment().unwrap();
    }
    joined(dir.path(), below_seq, &|| true).unwrap();
    fs::copy(segment_path(other.path(), 3), segment_path(dir.path(), 3)).unwrap();
    assert!(!check(dir.path(), &[], &|_| {}).unwrap().findings.is_empty());
    drop(journal);
    let disk = Box::new(crate::store::journal::disk::FileSystem);
    assert!(matches!(Journal::open(dir.path(), disk, SEGMENT_BYTES, &|_| {}), Err(Error::JournalDamaged { .. })));
    assert!(segment_path(dir.path(), 3).exists(), "what is nowhere else is not removed");
}

#[test]
fn hundreds_of_erasures_leave_a_handful_of_files_and_followers_miss_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = open(dir.path());
    // One that stands at the end of each segment in turn, one that lags behind, and one that starts when all is joined.
    let mut ahead = Follower::new(dir.path(), 0);
    let (mut behind, mut left, mut most, mut read) = (Follower::new(dir.path(), 0), Vec::new(), 0, 0);
    behind.read(2).ok();
    let mut written = 0;
    for number in 0..300 {
        let below_seq = fill(&mut journal, 1);
        read += followed(&mut ahead, journal.synced_seq());
        let join_all = Join { below_seq, bytes_max: SEGMENT_BYTES, go_on: &|| true };
        let before = walk::segments(dir.path()).unwrap();
        join(dir.path(), &join_all, &mut left).unwrap();
        let after = walk::segments(dir.path()).unwrap();
        let old =
            |segment: &&Segment| before.iter().any(|it| it.first_seq == segment.first_seq && it.len == segment.len);
        written += after.iter().filter(|segment| !old(segment)).map(|segment| segment.len).sum::<u64>();
        most = most.max(after.len());
        if number % 100 == 50 {
            followed(&mut behind, journal.synced_seq());
        }
    }
    let bytes: u64 = walk::segments(dir.path()).unwrap().iter().map(|segment| segment.len).sum();
    assert!(bytes > 4 * SEGMENT_BYTES && most < 25, "{most} files for {bytes} bytes");
    assert!(written < 10 * bytes, "each byte is written anew a few times: {written} of {bytes}");
    assert_eq!(read, journal.synced_seq());
    followed(&mut behind, journal.synced_seq());
    assert_eq!(texts(dir.path(), journal.synced_seq()), expected(journal.synced_seq()));
    // Also from the middle on.
    let mut first = None;
    let each = |replayed: Replayed| {
        first.get_or_insert(replayed.action.first_seq);
        Ok(())
    };
    assert!(replay(dir.path(), 298, journal.synced_seq(), each, |_| true).unwrap());
    assert_eq!(first, Some(299));
}

#[test]
fn what_is_large_is_left_alone() {
    let sizes = |sizes: &[u64]| {
        let segment = |(at, len): (usize, &u64)| Segment { first_seq: at as u64, path: PathBuf::new(), len: len + 56 };
        let segments: Vec<Segment> = sizes.iter().enumerate().map(segment).collect();
        let groups = groups(&segments, 1_000);
        groups.into_iter().map(|group| group.iter().map(|it| it.len - 56).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(sizes(&[]), Vec::<Vec<u64>>::new());
    assert_eq!(sizes(&[10, 10, 10]), Vec::<Vec<u64>>::new());
    assert_eq!(sizes(&[10, 10, 10, 10]), [[10, 10, 10, 10]]);
    assert_eq!(sizes(&[90, 10, 10, 10, 10]), [[10, 10, 10, 10]]);
    assert_eq!(sizes(&[80, 10, 10, 10, 10]), [[80, 10, 10, 10, 10]]);
    assert_eq!(sizes(&[300, 300, 300, 300, 300]), Vec::<Vec<u64>>::new());
    assert_eq!(sizes(&[200, 200, 200, 200, 200]), [[200, 200, 200, 200]]);
    assert_eq!(sizes(&[9, 9, 9, 9, 990, 9, 9, 9, 9]), [[9, 9, 9, 9], [9, 9, 9, 9]]);
}
