//! Cuts words out of full segments: the chain of hashes doesn't cover private parts, so that it still holds.
//!
//! A segment that holds such words is written anew beside the old one, synced, and takes its name, in one step that a crash
//! leaves done or undone. Nobody appends to a full segment, so that nothing races with it; who reads one that was replaced
//! finds what was there, or finds its place anew by the numbers of events.

use super::frame::{Draft, Frame, HEADER_BYTES, Header};
use super::walk::{self, Damage, Next, Segment, SegmentReader};
use crate::store::{
    Error,
    error::unavailable,
    record::{self, Whose},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// How a segment is called while it is written anew.
const EXTENSION: &str = "rewritten";

/// Which words are to go.
pub(in crate::store) struct Cut<'a> {
    /// Whether words were erased after an event; what comes under the comment's id later is another one, where only labels were.
    pub(in crate::store) is_erased: &'a dyn Fn(&Whose, u64) -> bool,
    /// No record before this event holds any of them.
    pub(in crate::store) from_seq: u64,
    /// The first event that may not be in a full segment.
    pub(in crate::store) below_seq: u64,
    /// Whether to go on; asked before each segment.
    pub(in crate::store) go_on: &'a dyn Fn() -> bool,
}

/// Rewrites every full segment that holds words of erased comments; returns how many records lost theirs.
pub(in crate::store) fn cut(dir: &Path, cut: &Cut<'_>) -> Result<u64, Error> {
    let segments = walk::segments(dir)?;
    let begin = segments.partition_point(|segment| segment.first_seq <= cut.from_seq).saturating_sub(1);
    let mut records = 0;
    for segment in segments[begin.min(segments.len())..].iter().filter(|segment| segment.first_seq < cut.below_seq) {
        if !(cut.go_on)() {
            return Err(Error::Closed);
        }
        let found = count(segment, cut)?;
        if found > 0 {
            replace(dir, segment, cut)?;
            records += found;
        }
    }
    Ok(records)
}

/// Lists what a crash left of segments that were being written anew.
pub(super) fn leftovers(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == EXTENSION) {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Removes what a crash left of segments that were being written anew; they may hold words.
pub(in crate::store) fn remove_leftovers(dir: &Path) -> io::Result<()> {
    leftovers(dir)?.into_iter().try_for_each(fs::remove_file)
}

/// Returns whether the private part of a record must go; `None` where that can't be told.
pub(super) fn must_go(frame: &Frame<'_>, is_erased: &dyn Fn(&Whose, u64) -> bool) -> Option<bool> {
    let Some(comments) = record::words_of(frame.body, frame.private).ok()? else { return Some(false) };
    let erased = comments.iter().filter(|whose| is_erased(whose, frame.first_seq)).count();
    // No action has words of two comments; if one had, those of the other must not go unseen.
    if erased > 0 && erased < comments.len() { None } else { Some(erased > 0) }
}

fn count(segment: &Segment, cut: &Cut<'_>) -> Result<u64, Error> {
    let mut count = 0;
    each(segment, |frame| {
        let goes = must_go(frame, cut.is_erased).ok_or("the words of several comments stand in one record")?;
        count += u64::from(goes);
        Ok(())
    })?;
    Ok(count)
}

fn replace(dir: &Path, segment: &Segment, cut: &Cut<'_>) -> Result<(), Error> {
    let goes = |frame: &Frame<'_>| must_go(frame, cut.is_erased) == Some(true);
    let written = write(std::slice::from_ref(segment), &goes).and_then(|()| rename(dir, segment));
    if written.is_err() {
        remove_half_written(segment);
    }
    written
}

/// Writes the records of neighbouring segments into one file beside the first, without the private parts that go, and syncs
/// it.
pub(super) fn write(segments: &[Segment], goes: &dyn Fn(&Frame<'_>) -> bool) -> Result<(), Error> {
    let Some(first) = segments.first() else { return Ok(()) };
    let path = first.path.with_extension(EXTENSION);
    let unavailable = |source| unavailable(&path, source);
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path).map_err(unavailable)?;
    let mut out = BufWriter::with_capacity(1 << 20, file);
    // The header is written when it was read.
    let mut written = out.write_all(&[0; HEADER_BYTES]);
    let (mut record, mut header, mut end) = (Vec::new(), None, None);
    for segment in segments {
        let read = each(segment, |frame| {
            if end.is_some_and(|end| end != (frame.first_seq, frame.prev)) {
                return Err("the record does not follow the one before");
            }
            end = Some((frame.last_seq() + 1, frame.hash()));
            let private = if goes(frame) { &[] } else { frame.private };
            record.clear();
            let draft = Draft { first_seq: frame.first_seq, events: frame.events, prev: frame.prev, private };
            if draft.write(&mut record, |out| out.extend_from_slice(frame.body)) != Ok(frame.hash()) {
                return Err("the record can't be written anew");
            }
            if written.is_ok() {
                written = out.write_all(&record);
            }
            Ok(())
        })?;
        header.get_or_insert(read);
    }
    written.map_err(unavailable)?;
    let mut file = out.into_inner().map_err(|error| unavailable(error.into_error()))?;
    let rest = file.seek(SeekFrom::Start(0)).and_then(|_| header.map_or(Ok(()), |it| file.write_all(&it.to_bytes())));
    rest.and_then(|()| file.sync_all()).map_err(unavailable)
}

/// Gives what was written beside a segment its name, for good.
pub(super) fn rename(dir: &Path, segment: &Segment) -> Result<(), Error> {
    let path = segment.path.with_extension(EXTENSION);
    let renamed = fs::rename(&path, &segment.path).and_then(|()| File::open(dir)?.sync_all());
    renamed.map_err(|source| unavailable(&path, source))
}

/// Removes what is beside a segment: a part of one holds words too, and would go with the next opening at the latest.
pub(super) fn remove_half_written(segment: &Segment) {
    drop(fs::remove_file(segment.path.with_extension(EXTENSION)));
}

/// Walks the records of a full segment, which must be whole.
pub(super) fn each(
    segment: &Segment,
    mut visit: impl FnMut(&Frame<'_>) -> Result<(), &'static str>,
) -> Result<Header, Error> {
    let mut reader = SegmentReader::open(segment.path.clone())?;
    let damage = |offset, seq, what| Damage { path: segment.path.clone(), offset, seq, what };
    let header = reader.header()?.map_err(|what| damage(0, segment.first_seq, what))?;
    let mut seq = segment.first_seq;
    loop {
        let offset = reader.offset;
        match reader.next()? {
            Next::End => return Ok(header),
            Next::Bad(what) => return Err(damage(offset, seq, what).into()),
            Next::Record(frame) => {
                visit(&frame).map_err(|what| damage(offset, seq, what))?;
                seq = frame.last_seq() + 1;
            }
        }
    }
}
