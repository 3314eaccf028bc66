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
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// How many bytes of records are read at once; one record is always read.
const READ_BYTES_MAX: usize = 64 << 10;
/// How often a place is looked for once more where its file was joined meanwhile.
const TRIES_MAX: u32 = 8;

/// A place in the journal.
#[derive(Debug)]
pub(in crate::store) struct Follower {
    dir: PathBuf,
    /// Events up to this number are not wanted.
    after_seq: u64,
    /// The segment that was read last, and where in it to go on.
    place: Option<Place>,
    /// Whether to leave out what people wrote, as if it were erased.
    without_words: bool,
}

/// Where to go on: no file stays open in between, so that a segment that is written anew takes the old one's room at once.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    /// Where the next record begins.
    offset: u64,
    /// The number that it begins with.
    seq: u64,
}

impl Follower {
    /// Begins behind an event; opens nothing yet.
    pub(in crate::store) fn new(dir: &Path, after_seq: u64) -> Self {
        Self { dir: dir.to_owned(), after_seq, place: None, without_words: false }
    }

    /// Leaves out what people wrote, as if it were erased: for those who need none of it, that is less to read.
    pub(in crate::store) fn without_words(self) -> Self {
        Self { without_words: true, ..self }
    }

    /// Returns the number of the event that comes next.
    pub(in crate::store) fn next_seq(&self) -> u64 {
        self.after_seq.saturating_add(1)
    }

    /// Returns the actions that come next, up to the one that ends with the last synced event; an action whose first events
    /// are not wanted is among them.
    pub(in crate::store) fn read(&mut self, synced_seq: u64) -> Result<Vec<Action>, Error> {
        // A segment that was written anew or joined since the last time has its records elsewhere: they are looked for once more.
        if let Some(place) = self.place.take()
            && let Ok(actions) = self.read_from(place, synced_seq)
        {
            return Ok(actions);
        }
        let mut tries_left = TRIES_MAX;
        loop {
            let read = self.segment_of(self.next_seq()).and_then(|place| self.read_from(place, synced_seq));
            // A file that is joined in this moment is gone when it is opened, or ends before the next one begins.
            if read.is_ok() || tries_left == 0 {
                return read;
            }
            tries_left -= 1;
        }
    }

    /// Reads on from a place. After a failure nothing was read.
    fn read_from(&mut self, mut place: Place, synced_seq: u64) -> Result<Vec<Action>, Error> {
        let (mut actions, mut bytes, mut after_seq) = (Vec::new(), 0, self.after_seq);
        let mut file = open(&place)?;
        while after_seq < synced_seq && bytes < READ_BYTES_MAX {
            let io_error = |source| Error::Io { path: place.path.clone(), source };
            let Some(record) = next(&mut file).map_err(io_error)? else {
                // The segment is full; what comes next begins the one after it.
                let next = self.segment_of(place.seq)?;
                if next.path == place.path {
                    return Err(damaged(next.path, next.seq, "the journal ends before an event that was synced"));
                }
                file = open(&next)?;
                place = next;
                continue;
            };
            let damaged = |what| damaged(place.path.clone(), place.seq, what);
            let mut frame = Frame::parse(&record).map_err(damaged)?;
            if frame.first_seq != place.seq {
                return Err(damaged("the record has another's number"));
            }
            if self.without_words {
                frame.private = &[];
            }
            if frame.last_seq() > after_seq {
                let action = decode(&frame).ok_or_else(|| damaged("a record cannot be read"))?;
                bytes += record.len();
                after_seq = frame.last_seq();
                actions.push(action);
            }
            (place.offset, place.seq) = (place.offset + record.len() as u64, frame.last_seq() + 1);
        }
        (self.after_seq, self.place) = (after_seq, Some(place));
        Ok(actions)
    }

    /// Finds the segment that holds an event; its first record is the place.
    fn segment_of(&self, seq: u64) -> Result<Place, Error> {
        let segments = walk::segments(&self.dir)?;
        let found = segments.into_iter().rev().find(|segment| segment.first_seq <= seq);
        let Some(walk::Segment { first_seq, path, .. }) = found else {
            return Err(damaged(self.dir.clone(), seq, "the event is in no file"));
        };
        Ok(Place { path, offset: HEADER_BYTES as u64, seq: first_seq })
    }
}

fn open(place: &Place) -> Result<BufReader<File>, Error> {
    let open = || {
        let mut file = File::open(&place.path)?;
        file.seek(SeekFrom::Start(place.offset))?;
        // What lies behind the last synced event may come along, and is thrown away unseen with the buffer.
        Ok(BufReader::with_capacity(READ_BYTES_MAX, file))
    };
    open().map_err(|source| Error::Io { path: place.path.clone(), source })
}

/// Reads one whole record, `None` at the end of the file.
fn next(file: &mut BufReader<File>) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match file.read(&mut length)? {
        0 => return Ok(None),
        4 => {}
        // Whoever asks knows that a record is there.
        read => file.read_exact(&mut length[read..])?,
    }
    let bytes = Frame::length(&length).ok_or(io::ErrorKind::InvalidData)?;
    let mut record = vec![0; bytes];
    record[..4].copy_from_slice(&length);
    file.read_exact(&mut record[4..])?;
    Ok(Some(record))
}

fn damaged(path: PathBuf, seq: u64, what: &'static str) -> Error {
    Error::JournalDamaged { path, offset: 0, seq, what }
}
