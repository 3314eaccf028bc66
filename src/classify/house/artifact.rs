//! A house model's file: the delta's weights and the head's, and what they were made for, guarded by a checksum.
//!
//! `frame` says what stands before the payload. The payload is one zstd frame of postcard: a header, then how far each
//! bucket is behind the one before it, then the weights. The same model is the same bytes.

use super::Head;
use crate::classify::{
    Error, FEATURES_VERSION,
    artifact::is_name,
    counter::BUCKETS_MAX,
    frame::{self, Flaw},
};
use crate::domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::{io::Read, path::Path};

/// The format that this program reads and writes.
pub const FORMAT: u32 = 2;
/// How many buckets may have a weight.
pub const WEIGHTS_MAX: usize = 1 << 18;
/// The largest weight of a bucket.
pub const WEIGHT_MAX: f32 = 100.0;
/// The largest house model's file that is read or written, in bytes.
pub const FILE_BYTES_MAX: usize = 4 << 20;

const MAGIC: &[u8; 8] = b"OMBUDHSE";
/// A gap takes three bytes at most, a weight four.
const PAYLOAD_BYTES_MAX: usize = 4096 + 7 * WEIGHTS_MAX;
const ZSTD_LEVEL: i32 = 9;

/// What a house model was learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Learned {
    /// How many labels said that a comment is to be published.
    pub approved: u32,
    /// How many said that it is to be rejected.
    pub rejected: u32,
}

impl Learned {
    /// Returns how many labels there were.
    pub const fn labels(self) -> u32 {
        self.approved.saturating_add(self.rejected)
    }
}

/// A house model as it lies in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// The model's name, such as `house`.
    pub name: String,
    /// The SHA-256 of the base model's file, in hexadecimal digits.
    pub base: String,
    /// What it was learned from.
    pub learned: Learned,
    /// When the newest label that it was learned from was given; `None` where that is not known.
    pub learned_until: Option<Timestamp>,
    /// The delta: buckets in rising order, each with its weight; at most [`WEIGHTS_MAX`].
    pub delta: Vec<(u32, f32)>,
    /// The head.
    pub head: Head,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    name: String,
    base: String,
    features_version: u32,
    learned: Learned,
    /// In microseconds since 1970-01-01T00:00:00Z.
    learned_until: Option<i64>,
    head: Head,
    /// How far each bucket is behind the one before it, the first behind -1.
    gaps: Vec<u32>,
    weights: Vec<f32>,
}

impl Artifact {
    /// Returns the bytes of the file.
    ///
    /// # Errors
    ///
    /// Refuses a model with numbers out of range, with buckets that do not rise, or too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.check().map_err(|what| Error::Unwritable { what })?;
        let mut next = 0;
        let gap = |(bucket, _): &(u32, f32)| {
            let gap = bucket + 1 - next;
            next = bucket + 1;
            gap
        };
        let payload = Payload {
            name: self.name.clone(),
            base: self.base.clone(),
            features_version: FEATURES_VERSION,
            learned: self.learned,
            learned_until: self.learned_until.map(Timestamp::as_micros),
            head: self.head,
            gaps: self.delta.iter().map(gap).collect(),
            weights: self.delta.iter().map(|(_, weight)| *weight).collect(),
        };
        let payload =
            postcard::to_allocvec(&payload).map_err(|_| Error::Unwritable { what: "it could not be encoded" })?;
        let payload = zstd::bulk::compress(&payload, ZSTD_LEVEL)
            .map_err(|_| Error::Unwritable { what: "it could not be compressed" })?;
        let file = frame::seal(*MAGIC, FORMAT, &payload);
        if file.len() > FILE_BYTES_MAX {
            return Err(Error::Unwritable { what: "it takes more than 4 MiB" });
        }
        Ok(file)
    }

    /// Reads what [`Artifact::to_bytes`] returned; `path` is named in errors.
    ///
    /// # Errors
    ///
    /// Refuses everything else: any changed, missing or additional byte, formats that it does not know, and a model for
    /// other features than this program's.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let damaged = |what| Error::HouseDamaged { path: path.to_owned(), what };
        if bytes.len() > FILE_BYTES_MAX {
            return Err(damaged("it is larger than a house model may be"));
        }
        let stranger = "it does not begin as a house model does";
        let payload = frame::open(bytes, *MAGIC, FORMAT, stranger).map_err(|flaw| match flaw {
            Flaw::Damaged(what) => damaged(what),
            Flaw::Format(found) => Error::HouseFormat { path: path.to_owned(), found, known: FORMAT },
        })?;
        let payload = unpack(payload).map_err(damaged)?;
        if payload.features_version != FEATURES_VERSION {
            let (found, known) = (payload.features_version, FEATURES_VERSION);
            return Err(Error::HouseFeatures { path: path.to_owned(), found, known });
        }
        Self::from_payload(payload).map_err(damaged)
    }

    fn from_payload(payload: Payload) -> Result<Self, &'static str> {
        let Payload { name, base, learned, learned_until, head, gaps, weights, .. } = payload;
        if gaps.len() != weights.len() {
            return Err("it has another number of buckets than weights");
        }
        let mut next = 0_u32;
        let mut delta = Vec::with_capacity(gaps.len());
        for (gap, weight) in gaps.into_iter().zip(weights) {
            next = next.checked_add(gap).filter(|_| gap > 0).ok_or("its buckets do not rise")?;
            delta.push((next - 1, weight));
        }
        let learned_until = learned_until.map(Timestamp::from_micros);
        let artifact = Self { name, base, learned, learned_until, delta, head };
        artifact.check().map(|()| artifact)
    }

    /// Says what is out of range, if anything is.
    fn check(&self) -> Result<(), &'static str> {
        let is_checksum = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let rises = self.delta.is_sorted_by(|one, next| one.0 < next.0);
        let ranges = [
            (is_name(&self.name), "its name is out of range"),
            (is_checksum(&self.base), "it does not name its base model by a checksum"),
            (self.head.is_usable(), "a weight of its head is out of range"),
            (self.delta.len() <= WEIGHTS_MAX, "it has more weights than a house model may have"),
            (rises, "its buckets do not rise"),
            (self.delta.last().is_none_or(|last| last.0 < BUCKETS_MAX), "a bucket is out of range"),
            (self.delta.iter().all(|one| one.1.abs() <= WEIGHT_MAX), "a weight of its delta is out of range"),
        ];
        ranges.into_iter().find(|(good, _)| !good).map_or(Ok(()), |(_, what)| Err(what))
    }
}

fn unpack(compressed: &[u8]) -> Result<Payload, &'static str> {
    let mut payload = Vec::new();
    let decoder = zstd::Decoder::new(compressed).map_err(|_| "it cannot be decompressed")?;
    // One byte more than may be, to tell too much from enough.
    let mut decoder = decoder.take(PAYLOAD_BYTES_MAX as u64 + 1);
    decoder.read_to_end(&mut payload).map_err(|_| "it cannot be decompressed")?;
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err("it is larger than a house model may be");
    }
    match postcard::take_from_bytes(&payload) {
        Ok((read, [])) => Ok(read),
        Ok(_) => Err("something stands behind its end"),
        Err(_) => Err("it cannot be read"),
    }
}
