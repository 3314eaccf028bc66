//! Joins small full segments, so that many erasures don't leave as many files.
//!
//! Neighbours are written into one file beside the first of them, synced, and take its name in one step. Only then do the
//! others go, whose records all stand in it. A crash in between leaves both: opening finds the joined one first, sees that the
//! others are superseded, and removes them. Nobody appends to full segments, so that nothing races.
//!
//! From the newest on, a segment joins those behind it while it is at most twice as large as they are together. So each byte
//! is written anew a number of times that grows with the logarithm of a segment's size, and so does the number of small files.

use super::frame::{Frame, HEADER_BYTES, Hash};
use super::rewrite::{each, remove_half_written, rename, write};
use super::walk::{self, Segment};
use crate::store::{Error, error::unavailable};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// How many neighbours are worth a new file.
const MEMBERS_MIN: usize = 4;

/// What is to be joined.
pub(in crate::store) struct Join<'a> {
    /// The first event that may not be in a full segment.
    pub(in crate::store) below_seq: u64,
    /// How large a segment may become, in bytes.
    pub(in crate::store) bytes_max: u64,
    /// Whether to go on; asked before each step.
    pub(in crate::store) go_on: &'a dyn Fn() -> bool,
}

/// Joins small full segments. What is superseded and could not be removed is put into `left`; as long as something is there,
/// that is all that is tried.
pub(in crate::store) fn join(dir: &Path, join: &Join<'_>, left: &mut Vec<PathBuf>) -> Result<(), Error> {
    remove(dir, left, join)?;
    let mut segments = walk::segments(dir)?;
    segments.truncate(segments.partition_point(|segment| segment.first_seq < join.below_seq));
    for members in groups(&segments, join.bytes_max) {
        let Some((first, others)) = members.split_first() else { continue };
        go_on(join)?;
        let written = write(members, &|_: &Frame<'_>| false).and_then(|()| go_on(join));
        if let Err(error) = written.and_then(|()| rename(dir, first)) {
            remove_half_written(first);
            return Err(error);
        }
        left.extend(others.iter().map(|segment| segment.path.clone()));
        remove(dir, left, join)?;
    }
    Ok(())
}

fn go_on(join: &Join<'_>) -> Result<(), Error> {
    if (join.go_on)() { Ok(()) } else { Err(Error::Closed) }
}

/// Removes superseded segments, the last one first: what is left of them follows the joined one without a gap.
fn remove(dir: &Path, left: &mut Vec<PathBuf>, join: &Join<'_>) -> Result<(), Error> {
    let some = !left.is_empty();
    while let Some(path) = left.last() {
        go_on(join)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unavailable(path, error)),
            _ => drop(left.pop()),
        }
    }
    if some {
        go_on(join)?;
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(|source| unavailable(dir, source))?;
    }
    Ok(())
}

/// Finds the neighbours that are worth joining, the newest first.
fn groups(segments: &[Segment], bytes_max: u64) -> Vec<&[Segment]> {
    let bytes = |segment: &Segment| segment.len.saturating_sub(HEADER_BYTES as u64);
    let mut groups = Vec::new();
    let mut end = segments.len();
    while let Some(newest) = end.checked_sub(1) {
        let (mut begin, mut total) = (newest, bytes(&segments[newest]));
        while let Some(older) = begin.checked_sub(1).map(|at| bytes(&segments[at]))
            && older <= total * 2
            && older + total + HEADER_BYTES as u64 <= bytes_max
        {
            (begin, total) = (begin - 1, total + older);
        }
        if end - begin >= MEMBERS_MIN {
            groups.push(&segments[begin..end]);
        }
        end = begin;
    }
    groups
}

/// Returns whether all records of a segment stand in the one that it was joined to: the hash of its last record, which rests
/// on all before, is found there.
pub(super) fn is_superseded(segment: &Segment, joined: &Segment) -> Result<bool, Error> {
    let last_of = |segment: &Segment, up_to: Option<u64>| {
        let mut last: Option<(u64, Hash)> = None;
        let header = each(segment, |frame| {
            if up_to.is_none_or(|seq| frame.last_seq() <= seq) {
                last = Some((frame.last_seq(), frame.hash()));
            }
            Ok(())
        })?;
        Ok(Some((header, last)))
    };
    let whole = |found: Result<_, Error>| match found {
        // Whoever walks finds the damage.
        Err(Error::JournalDamaged { .. }) => Ok(None),
        found => found,
    };
    let Some((header, Some(last))) = whole(last_of(segment, None))? else { return Ok(false) };
    let Some((_, found)) = whole(last_of(joined, Some(last.0)))? else { return Ok(false) };
    Ok(header.first_seq == segment.first_seq && found == Some(last))
}

#[cfg(test)]
mod tests;
