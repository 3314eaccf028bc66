//! How far the journal is known to be on disk: the difference between a torn tail and damage.
//!
//! The file is written after the sync that it speaks of and is not synced itself, so it may lag behind the truth but
//! never runs ahead of it.

use super::frame::{u32_at, u64_at};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

const MAGIC: [u8; 8] = *b"OMBUDSY1";
const BYTES: usize = 36;

/// A place up to which everything was synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watermark {
    /// The first seq of the segment.
    pub(super) segment: u64,
    /// The end of its last synced record, in bytes.
    pub(super) offset: u64,
    /// The number of the last synced event.
    pub(super) seq: u64,
}

/// What a look at the file found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No file.
    Missing,
    /// A file that says nothing.
    Damaged,
    /// A good one.
    Good(Watermark),
}

impl Watermark {
    fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..16].copy_from_slice(&self.segment.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.offset.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.seq.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..32]);
        bytes[32..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let sound = bytes.len() == BYTES && bytes[..8] == MAGIC && crc32c::crc32c(&bytes[..32]) == u32_at(bytes, 32);
        sound.then(|| Self { segment: u64_at(bytes, 8), offset: u64_at(bytes, 16), seq: u64_at(bytes, 24) })
    }
}

/// Looks at the file.
pub(super) fn read(path: &Path) -> io::Result<Found> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::with_capacity(BYTES);
    file.take(BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Watermark::parse(&bytes).map_or(Found::Damaged, Found::Good))
}

/// The open file.
#[derive(Debug)]
pub(super) struct WatermarkFile(File);

impl WatermarkFile {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().create(true).truncate(false).write(true).open(path).map(Self)
    }

    pub(super) fn write(&mut self, watermark: Watermark) -> io::Result<()> {
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(&watermark.to_bytes())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_of_a_watermark_is_seen() {
        let bytes = Watermark { segment: 1, offset: 4711, seq: 12 }.to_bytes();
        assert!(Watermark::parse(&bytes).is_some());
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Watermark::parse(&bytes), None, "bit {bit}");
        }
    }
}
