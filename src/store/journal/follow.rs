//! Reads the journal from an event on while it grows.
//!
//! In comes the number of the last synced event; out come actions up to there. Nothing beyond is looked at, and nothing is
//! read ahead: what isn't synced yet may still be cut away.

use super::frame::{Frame, HEADER_BYTES};
use super::{decode, walk};
use crate::domain::Action;
use crate::store::Error;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// How many bytes of records are read at once; one record is always read.
const READ_BYTES_MAX: usize = 64 << 10;

/// A place in the journal.
#[derive(Debug)]
pub(in crate::store) struct Follower {
    dir: PathBuf,
    /// Events up to this number are not wanted.
    after_seq: u64,
    /// The open segment, and the number that its next record begins with.
    open: Option<(PathBuf, File, u64)>,
}

impl Follower {
    /// Begins behind an event; opens nothing yet.
    pub(in crate::store) fn new(dir: &Path, after_seq: u64) -> Self {
        Self { dir: dir.to_owned(), after_seq, open: None }
    }

    /// Returns the number of the event that comes next.
    pub(in crate::store) fn next_seq(&self) -> u64 {
        self.after_seq.saturating_add(1)
    }

    /// Returns the actions that come next, up to the one that ends with the last synced event; an action whose first events
    /// are not wanted is among them.
    pub(in crate::store) fn read(&mut self, synced_seq: u64) -> Result<Vec<Action>, Error> {
        let (mut actions, mut bytes) = (Vec::new(), 0);
        while self.after_seq < synced_seq && bytes < READ_BYTES_MAX {
            let (path, mut file, seq) = match self.open.take() {
                Some(open) => open,
                None => self.segment_of(self.next_seq())?,
            };
            let Some(record) = next(&mut file).map_err(|source| Error::Io { path: path.clone(), source })? else {
                // The segment is full; what comes next begins the one after it.
                self.open = Some(self.segment_of(seq)?).filter(|(next, ..)| *next != path);
                if self.open.is_none() {
                    return Err(damaged(path, seq, "the journal ends before an event that was synced"));
                }
                continue;
            };
            let frame = Frame::parse(&record).map_err(|what| damaged(path.clone(), seq, what))?;
            let last_seq = frame.last_seq();
            if last_seq > self.after_seq {
                let action = decode(&frame).ok_or_else(|| damaged(path.clone(), seq, "a record cannot be read"))?;
                bytes += record.len();
                self.after_seq = last_seq;
                actions.push(action);
            }
            self.open = Some((path, file, last_seq + 1));
        }
        Ok(actions)
    }

    /// Opens the segment that holds an event, behind its header.
    fn segment_of(&self, seq: u64) -> Result<(PathBuf, File, u64), Error> {
        let segments = walk::segments(&self.dir)?;
        let found = segments.into_iter().rev().find(|segment| segment.first_seq <= seq);
        let Some(walk::Segment { first_seq, path, .. }) = found else {
            return Err(damaged(self.dir.clone(), seq, "the event is in no file"));
        };
        let open = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(HEADER_BYTES as u64))?;
            Ok(file)
        };
        let file = open().map_err(|source| Error::Io { path: path.clone(), source })?;
        Ok((path, file, first_seq))
    }
}

/// Reads one whole record, `None` at the end of the file.
fn next(file: &mut File) -> io::Result<Option<Vec<u8>>> {
    let mut record = vec![0; 4];
    match file.read(&mut record)? {
        0 => return Ok(None),
        4 => {}
        // Whoever asks knows that a record is there.
        read => file.read_exact(&mut record[read..])?,
    }
    let length = Frame::length(&record).ok_or(io::ErrorKind::InvalidData)?;
    record.resize(length, 0);
    file.read_exact(&mut record[4..])?;
    Ok(Some(record))
}

fn damaged(path: PathBuf, seq: u64, what: &'static str) -> Error {
    Error::JournalDamaged { path, offset: 0, seq, what }
}
