//! The bytes of a segment file: its header, and the frame around each record.
//!
//! All numbers are little-endian.
//!
//! ```text
//! header   magic 8 · format version 4 · first seq 8 · hash of the predecessor 32 · CRC32C of these 4
//! record   length 4 · CRC32C of all the rest 4 · first seq 8 · events 4 · hash of the predecessor 32 · body length 4
//!          body · private part (salt 16, texts and names), or nothing where it was erased
//! ```
//!
//! The length counts the whole record. The hash that the next record names covers everything from the first seq to the
//! end of the body, so the private part can go and the chain still holds.

use sha2::{Digest, Sha256};

/// The hash of a record, named by its successor.
pub(in crate::store) type Hash = [u8; 32];

/// What a segment's header takes, in bytes.
pub(super) const HEADER_BYTES: usize = 56;
/// What a record takes beside body and private part, in bytes.
pub(super) const FRAME_BYTES: usize = 56;
/// How large a record may be, in bytes.
pub(super) const RECORD_BYTES_MAX: usize = 16 << 20;
/// The newest format that this program reads, and the one that it writes.
pub(super) const FORMAT_VERSION: u32 = 1;

const MAGIC: [u8; 8] = *b"OMBUDJNL";

/// What a segment says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The number of its first event.
    pub(super) first_seq: u64,
    /// The hash of the last record of the segment before, or zeros.
    pub(super) prev: Hash,
}

/// Why a header cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadHeader {
    /// It is not as it was written.
    Damaged(&'static str),
    /// It was written by a later program.
    UnknownVersion(u32),
}

impl Header {
    pub(super) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.first_seq.to_le_bytes());
        bytes[20..52].copy_from_slice(&self.prev);
        let crc = crc32c::crc32c(&bytes[..52]);
        bytes[52..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Self, BadHeader> {
        if bytes[..8] != MAGIC {
            return Err(BadHeader::Damaged("the segment does not begin like one"));
        }
        if crc32c::crc32c(&bytes[..52]) != u32_at(bytes, 52) {
            return Err(BadHeader::Damaged("the segment header fails its checksum"));
        }
        match u32_at(bytes, 8) {
            FORMAT_VERSION => Ok(Self { first_seq: u64_at(bytes, 12), prev: hash_at(bytes, 20) }),
            version => Err(BadHeader::UnknownVersion(version)),
        }
    }
}

/// One record, still as bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Frame<'a> {
    /// The number of its first event.
    pub(in crate::store) first_seq: u64,
    /// How many events it holds, from 1.
    pub(in crate::store) events: u32,
    /// The hash of the record before.
    pub(in crate::store) prev: Hash,
    /// The public part.
    pub(in crate::store) body: &'a [u8],
    /// The private part; empty where it was erased.
    pub(in crate::store) private: &'a [u8],
    /// What the hash covers.
    chained: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Reads the length that `bytes` begin with, if it can be one.
    pub(super) fn length(bytes: &[u8]) -> Option<usize> {
        let length = u32_at(bytes.get(..4)?, 0) as usize;
        (FRAME_BYTES < length && length <= RECORD_BYTES_MAX).then_some(length)
    }

    /// Reads a whole record; `bytes` must be as long as its length says.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, &'static str> {
        if Self::length(bytes) != Some(bytes.len()) {
            return Err("the record's length is impossible");
        }
        if checksum(bytes) != u32_at(bytes, 4) {
            return Err("the record fails its checksum");
        }
        let body_bytes = u32_at(bytes, 52) as usize;
        let Some((body, private)) = bytes[FRAME_BYTES..].split_at_checked(body_bytes) else {
            return Err("the record's body is longer than the record");
        };
        let frame = Self {
            first_seq: u64_at(bytes, 8),
            events: u32_at(bytes, 16),
            prev: hash_at(bytes, 20),
            body,
            private,
            chained: &bytes[8..FRAME_BYTES + body_bytes],
        };
        if frame.events == 0 { Err("the record holds no event") } else { Ok(frame) }
    }

    /// Returns the hash that the next record must name.
    pub(in crate::store) fn hash(&self) -> Hash {
        Sha256::digest(self.chained).into()
    }

    /// Returns the number of the last event.
    pub(in crate::store) fn last_seq(&self) -> u64 {
        self.first_seq + u64::from(self.events) - 1
    }
}

/// What goes around a record's body.
pub(super) struct Draft<'a> {
    /// The number of the first event.
    pub(super) first_seq: u64,
    /// How many events.
    pub(super) events: u32,
    /// The hash of the record before.
    pub(super) prev: Hash,
    /// The private part.
    pub(super) private: &'a [u8],
}

impl Draft<'_> {
    /// Appends the record to `out`, with the body that `body` appends, and returns its hash.
    ///
    /// Where the record would be longer than [`RECORD_BYTES_MAX`], nothing is appended and its length comes back.
    pub(super) fn write(&self, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) -> Result<Hash, usize> {
        let begin = out.len();
        out.resize(begin + FRAME_BYTES, 0);
        body(out);
        let body_end = out.len();
        let length = body_end - begin + self.private.len();
        let (true, Ok(length)) = (length <= RECORD_BYTES_MAX, u32::try_from(length)) else {
            out.truncate(begin);
            return Err(length);
        };
        out.extend_from_slice(self.private);
        let record = &mut out[begin..];
        record[..4].copy_from_slice(&length.to_le_bytes());
        record[8..16].copy_from_slice(&self.first_seq.to_le_bytes());
        record[16..20].copy_from_slice(&self.events.to_le_bytes());
        record[20..52].copy_from_slice(&self.prev);
        let body_bytes = u32::try_from(body_end - begin - FRAME_BYTES).expect("a part is no longer than the whole");
        record[52..56].copy_from_slice(&body_bytes.to_le_bytes());
        let crc = checksum(record);
        record[4..8].copy_from_slice(&crc.to_le_bytes());
        Ok(Sha256::digest(&record[8..body_end - begin]).into())
    }
}

/// Returns the CRC32C over all of a record but the checksum's own four bytes.
fn checksum(record: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&record[..4]), &record[8..])
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes were cut out"))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes were cut out"))
}

fn hash_at(bytes: &[u8], at: usize) -> Hash {
    bytes[at..at + 32].try_into().expect("thirty-two bytes were cut out")
}
