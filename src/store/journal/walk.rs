//! Reads segments from the first to the last and checks what can be checked without a key: lengths, checksums, numbers
//! without gaps, and that each record names the hash of the one before.

use super::frame::{BadHeader, FORMAT_VERSION, Frame, HEADER_BYTES, Hash, Header};
use super::join;
use super::watermark::Watermark;
use crate::store::Error;
use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

const READ_BYTES: usize = 1 << 20;
/// How often a place is looked for once more where files were joined meanwhile.
const TRIES_MAX: u32 = 16;

/// A record, header or segment that is not as it was written.
#[derive(Debug, Clone)]
pub(in crate::store) struct Damage {
    /// The segment file.
    pub(in crate::store) path: PathBuf,
    /// Where the bad part begins.
    pub(in crate::store) offset: u64,
    /// The number of the event that should stand there.
    pub(in crate::store) seq: u64,
    /// What is wrong.
    pub(in crate::store) what: &'static str,
}

impl From<Damage> for Error {
    fn from(Damage { path, offset, seq, what }: Damage) -> Self {
        Self::JournalDamaged { path, offset, seq, what }
    }
}

/// Is told what a walk finds, in order.
pub(in crate::store) trait Observer {
    /// A good record.
    fn record(&mut self, path: &Path, offset: u64, frame: &Frame<'_>) -> Result<(), Error>;
    /// Damage before the end of the journal. After `Ok` the walk goes on with the next segment.
    fn damage(&mut self, damage: Damage) -> Result<(), Error>;
    /// How many bytes were read, and how many there are.
    fn progress(&mut self, done: u64, total: u64);
}

/// A segment file as the folder lists it.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) first_seq: u64,
    pub(super) path: PathBuf,
    pub(super) len: u64,
}

/// What a walk ended with.
#[derive(Debug)]
pub(super) struct Walked {
    /// The number that the next event gets.
    pub(super) next_seq: u64,
    /// The hash of the last good record.
    pub(super) hash: Hash,
    /// How many good records there are.
    pub(super) records: u64,
    /// The last segment and where its good part ends; a zero where even the header is torn.
    pub(super) last: Option<(Segment, u64)>,
    /// What is wrong behind the good part; whether it is a torn tail or damage is for [`super::tail`] to say.
    pub(super) bad: Option<&'static str>,
    /// Whether a record, or a segment's header, ends just where the watermark says, with the event that it names.
    pub(super) watermark_met: bool,
    /// Segments whose records all stand in the one that they were joined to: a crash left them.
    pub(super) superseded: Vec<PathBuf>,
}

/// Returns the name of the segment that begins with this event.
pub(super) fn segment_path(dir: &Path, first_seq: u64) -> PathBuf {
    dir.join(format!("{first_seq:020}.log"))
}

/// Lists the segments, in order.
pub(super) fn segments(dir: &Path) -> Result<Vec<Segment>, Error> {
    let list = || -> io::Result<Vec<Segment>> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".log")).filter(|stem| stem.len() == 20);
            let Some(first_seq) = stem.and_then(|stem| stem.parse().ok()) else { continue };
            match entry.metadata() {
                Ok(found) => segments.push(Segment { first_seq, path: entry.path(), len: found.len() }),
                // It was joined to another one in this moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        segments.sort_unstable_by_key(|segment| segment.first_seq);
        Ok(segments)
    };
    list().map_err(|source| Error::Io { path: dir.to_owned(), source })
}

/// Opens the segment that holds an event, or the last one where none does yet; `None` where all begin behind it.
pub(super) fn segment_of(dir: &Path, seq: u64) -> Result<Option<(Segment, SegmentReader)>, Error> {
    let mut tries_left = TRIES_MAX;
    loop {
        let Some(segment) = segments(dir)?.into_iter().rev().find(|segment| segment.first_seq <= seq) else {
            return Ok(None);
        };
        match SegmentReader::open(segment.path.clone()) {
            // Since the folder was listed, it was joined to the one before.
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound && tries_left > 0 => {
                tries_left -= 1;
            }
            opened => return opened.map(|reader| Some((segment, reader))),
        }
    }
}

/// Walks all segments.
pub(super) fn walk(dir: &Path, mark: Option<Watermark>, observer: &mut dyn Observer) -> Result<Walked, Error> {
    let segments = segments(dir)?;
    let total = segments.iter().map(|segment| segment.len).sum();
    let mut done = 0;
    let (last, superseded) = (None, Vec::new());
    let mut walked =
        Walked { next_seq: 1, hash: [0; 32], records: 0, last, bad: None, watermark_met: false, superseded };
    for (position, segment) in segments.iter().enumerate() {
        let is_last = position + 1 == segments.len();
        let damage = |offset, seq, what| Damage { path: segment.path.clone(), offset, seq, what };
        if let Some((joined, _)) = walked.last.as_ref().filter(|_| segment.first_seq < walked.next_seq)
            && join::is_superseded(segment, joined)?
        {
            walked.superseded.push(segment.path.clone());
            done += segment.len;
            continue;
        }
        if segment.first_seq != walked.next_seq {
            observer.damage(Damage {
                path: segment_path(dir, walked.next_seq),
                offset: 0,
                seq: walked.next_seq,
                what: "the events from here to the next segment are in no file",
            })?;
            walked.next_seq = segment.first_seq;
        }
        let mut reader = SegmentReader::open(segment.path.clone())?;
        walked.bad = None;
        match reader.header()? {
            Ok(header) if header.first_seq != segment.first_seq => {
                observer.damage(damage(0, walked.next_seq, "the file name and the segment header disagree"))?;
                continue;
            }
            Ok(header) => {
                if header.prev != walked.hash {
                    observer.damage(damage(0, walked.next_seq, "the segment does not follow the one before"))?;
                    walked.hash = header.prev;
                }
                walked.last = Some((segment.clone(), HEADER_BYTES as u64));
            }
            Err(what) if is_last && segment.len <= HEADER_BYTES as u64 => {
                walked.last = Some((segment.clone(), 0));
                walked.bad = Some(what);
                break;
            }
            Err(what) => {
                observer.damage(damage(0, walked.next_seq, what))?;
                continue;
            }
        }
        let meets =
            |offset, next_seq| mark == Some(Watermark { segment: segment.first_seq, offset, seq: next_seq - 1 });
        walked.watermark_met |= meets(HEADER_BYTES as u64, walked.next_seq);
        let mut told = 0;
        loop {
            let offset = reader.offset;
            let what = match reader.next()? {
                Next::End => break,
                Next::Bad(what) => what,
                Next::Record(frame) if frame.first_seq != walked.next_seq => "the record has another's number",
                Next::Record(frame) if frame.prev != walked.hash => "the record does not follow the one before",
                Next::Record(frame) => {
                    observer.record(&segment.path, offset, &frame)?;
                    walked.next_seq = frame.last_seq() + 1;
                    walked.hash = frame.hash();
                    walked.records += 1;
                    let end = reader.offset;
                    walked.last = Some((segment.clone(), end));
                    walked.watermark_met |= meets(end, walked.next_seq);
                    if end - told >= READ_BYTES as u64 {
                        told = end;
                        observer.progress(done + end, total);
                    }
                    continue;
                }
            };
            if is_last {
                walked.bad = Some(what);
            } else {
                observer.damage(damage(offset, walked.next_seq, what))?;
            }
            break;
        }
        done += segment.len;
        observer.progress(done, total);
    }
    Ok(walked)
}

/// What stands at a place in a segment.
pub(super) enum Next<'a> {
    Record(Frame<'a>),
    Bad(&'static str),
    End,
}

/// Reads one segment, record by record.
pub(super) struct SegmentReader {
    path: PathBuf,
    file: BufReader<File>,
    len: u64,
    buffer: Vec<u8>,
    /// The end of the last good record.
    pub(super) offset: u64,
}

impl SegmentReader {
    pub(super) fn open(path: PathBuf) -> Result<Self, Error> {
        let open = || File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        match open() {
            Ok((len, file)) => {
                let file = BufReader::with_capacity(READ_BYTES, file);
                Ok(Self { path, file, len, buffer: Vec::new(), offset: 0 })
            }
            Err(source) => Err(Error::Io { path, source }),
        }
    }

    fn fill(&mut self, from: usize) -> Result<(), Error> {
        let filled = self.file.read_exact(&mut self.buffer[from..]);
        filled.map_err(|source| Error::Io { path: self.path.clone(), source })
    }

    /// Reads the header, which comes first; says what is wrong where it cannot be one.
    pub(super) fn header(&mut self) -> Result<Result<Header, &'static str>, Error> {
        if self.len < HEADER_BYTES as u64 {
            return Ok(Err("the segment ends within its header"));
        }
        self.buffer.resize(HEADER_BYTES, 0);
        self.fill(0)?;
        let bytes = self.buffer[..].try_into().expect("the buffer was made as long as a header");
        match Header::parse(bytes) {
            Ok(header) => {
                self.offset = HEADER_BYTES as u64;
                Ok(Ok(header))
            }
            Err(BadHeader::Damaged(what)) => Ok(Err(what)),
            Err(BadHeader::UnknownVersion(found)) => {
                Err(Error::UnknownVersion { path: self.path.clone(), found, known: FORMAT_VERSION })
            }
        }
    }

    /// Reads the next record, which must begin at the offset; after a bad one there is no next.
    pub(super) fn next(&mut self) -> Result<Next<'_>, Error> {
        let left = self.len - self.offset;
        if left == 0 {
            return Ok(Next::End);
        }
        if left < 4 {
            return Ok(Next::Bad("the file ends within a record's length"));
        }
        self.buffer.resize(4, 0);
        self.fill(0)?;
        let Some(length) = Frame::length(&self.buffer) else {
            return Ok(Next::Bad("the record's length is impossible"));
        };
        if length as u64 > left {
            return Ok(Next::Bad("the file ends within the record"));
        }
        self.buffer.resize(length, 0);
        self.fill(4)?;
        Ok(match Frame::parse(&self.buffer) {
            Ok(frame) => {
                self.offset += length as u64;
                Next::Record(frame)
            }
            Err(what) => Next::Bad(what),
        })
    }
}

/// Looks behind a bad record for a good one with a higher number: where there is one, the bad one is not the tail.
pub(super) fn good_record_behind(segment: &Segment, bad_at: u64, seq: u64) -> Result<bool, Error> {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(&segment.path)?;
        file.seek(SeekFrom::Start(bad_at))?;
        let mut rest = Vec::new();
        file.read_to_end(&mut rest)?;
        Ok(rest)
    };
    let rest = read().map_err(|source| Error::Io { path: segment.path.clone(), source })?;
    let highest = seq + rest.len() as u64;
    Ok((1..rest.len()).any(|at| {
        let bytes = &rest[at..];
        let whole = Frame::length(bytes).and_then(|length| bytes.get(..length));
        let frame = whole.and_then(|bytes| Frame::parse(bytes).ok());
        frame.is_some_and(|frame| (seq + 1..highest).contains(&frame.first_seq))
    }))
}
