//! `model.bin`: a model's weights and what it takes to use them, guarded by a checksum.
//!
//! `frame` says what stands before the payload. The payload is one zstd frame: length of the header (u32), the header as postcard, then one signed byte
//! for each bucket, attribute after attribute.

use super::{
    Calibration, Error, FEATURES_VERSION, FeatureSet,
    frame::{self, Flaw},
};
use crate::domain::{Attribute, Language};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    io::Read,
    path::{Path, PathBuf},
};

/// The format that this program reads and writes.
pub const FORMAT: u32 = 2;
/// How many languages a model may be trained on.
pub const LANGUAGES_MAX: usize = 16;
/// The largest model file that is read or written, in bytes.
pub const FILE_BYTES_MAX: usize = 16 << 20;

const MAGIC: &[u8; 8] = b"OMBUDMDL";
const HEADER_BYTES_MAX: usize = 64 << 10;
const PAYLOAD_BYTES_MAX: usize = 4 + HEADER_BYTES_MAX + (Attribute::COUNT << 20);
const ZSTD_LEVEL: i32 = 12;

/// Every weight of one bucket, in the order of [`Attribute::ALL`].
pub type Row = [i8; Attribute::COUNT];

/// A model as it lies in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Artifact {
    /// The model's name, such as `default`.
    pub name: String,
    /// The languages that it was trained on, one at least.
    pub languages: Vec<Language>,
    /// How text becomes features.
    pub features: FeatureSet,
    /// What goes with each attribute's weights, in the order of [`Attribute::ALL`].
    pub heads: [Head; Attribute::COUNT],
    /// One row for each bucket.
    pub rows: Vec<Row>,
}

/// What turns the weights of one attribute into a probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// What a weight of 1 stands for.
    pub scale: f32,
    /// The logit of a text without features.
    pub bias: f32,
    /// From logit to probability.
    pub calibration: Calibration,
}

#[derive(Serialize, Deserialize)]
struct Header {
    name: String,
    features_version: u32,
    features: FeatureSet,
    attributes: Vec<(String, Head)>,
    languages: Vec<String>,
}

impl Artifact {
    /// Returns the bytes of `model.bin`.
    ///
    /// # Errors
    ///
    /// Refuses a model with numbers that are not finite, with another number of rows than buckets, or too large.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        if self.rows.len() != self.features.buckets() {
            return Err(Error::Unwritable { what: "it has another number of rows than buckets" });
        }
        if !self.heads.iter().all(Head::is_usable) || !is_name(&self.name) {
            return Err(Error::Unwritable { what: "its name, a scale, a bias or a calibration is out of range" });
        }
        let attributes = Attribute::ALL.iter().zip(self.heads).map(|(name, head)| (name.key().to_owned(), head));
        let header = Header {
            name: self.name.clone(),
            features_version: FEATURES_VERSION,
            features: self.features,
            attributes: attributes.collect(),
            languages: self.languages.iter().map(ToString::to_string).collect(),
        };
        if !are_languages(&self.languages) {
            return Err(Error::Unwritable { what: "it names no language, too many, or one twice" });
        }
        let unwritable = |_| Error::Unwritable { what: "it could not be encoded" };
        let header = postcard::to_allocvec(&header).map_err(unwritable)?;
        let length = u32::try_from(header.len()).map_err(|_| Error::Unwritable { what: "its header is too long" })?;
        let mut payload = length.to_le_bytes().to_vec();
        payload.extend(header);
        for attribute in Attribute::ALL {
            payload.extend(self.rows.iter().map(|row| row[attribute.index()].to_le_bytes()[0]));
        }
        let payload = zstd::bulk::compress(&payload, ZSTD_LEVEL)
            .map_err(|_| Error::Unwritable { what: "it could not be compressed" })?;
        let file = frame::seal(*MAGIC, FORMAT, &payload);
        if file.len() > FILE_BYTES_MAX {
            return Err(Error::Unwritable { what: "it takes more than 16 MiB" });
        }
        Ok(file)
    }

    /// Reads what [`Artifact::to_bytes`] returned; `path` is named in errors.
    ///
    /// # Errors
    ///
    /// Refuses everything else: any changed, missing or additional byte, and formats that it does not know.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let damaged = |what| Error::Damaged { path: path.to_owned(), what };
        let payload =
            frame::open(bytes, *MAGIC, FORMAT, "it does not begin as a model does").map_err(|flaw| match flaw {
                Flaw::Damaged(what) => damaged(what),
                Flaw::Format(found) => Error::UnknownFormat { path: path.to_owned(), found, known: FORMAT },
            })?;
        Self::from_payload(payload).map_err(damaged)
    }

    fn from_payload(compressed: &[u8]) -> Result<Self, &'static str> {
        let mut payload = Vec::new();
        let decoder = zstd::Decoder::new(compressed).map_err(|_| "it cannot be decompressed")?;
        // One byte more than may be, to tell too much from enough.
        let mut decoder = decoder.take(PAYLOAD_BYTES_MAX as u64 + 1);
        decoder.read_to_end(&mut payload).map_err(|_| "it cannot be decompressed")?;
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err("it is larger than a model may be");
        }
        let (length, rest) = payload.split_first_chunk().ok_or("its header is missing")?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| "its header is cut off")?;
        let (header, table) = rest.split_at_checked(length).ok_or("its header is cut off")?;
        let header: Header = postcard::from_bytes(header).map_err(|_| "its header cannot be read")?;
        if header.features_version != FEATURES_VERSION {
            return Err("its features are not those of this program");
        }
        let languages = read_languages(&header.languages)?;
        let features = header.features;
        features.check().map_err(|_| "its features are out of range")?;
        let attributes = Attribute::ALL.iter().map(|attribute| attribute.key());
        if !header.attributes.iter().map(|(name, _)| name.as_str()).eq(attributes) {
            return Err("its attributes are not those of this program");
        }
        let heads: Vec<Head> = header.attributes.into_iter().map(|(_, head)| head).collect();
        let heads: [Head; Attribute::COUNT] = heads.try_into().map_err(|_| "attributes are missing")?;
        if !heads.iter().all(Head::is_usable) || !is_name(&header.name) {
            return Err("its name, a scale, a bias or a calibration is out of range");
        }
        if table.len() != features.buckets() * Attribute::COUNT {
            return Err("its table has another size than its header says");
        }
        let mut rows = vec![[0; Attribute::COUNT]; features.buckets()];
        for (attribute, plane) in table.chunks_exact(features.buckets()).enumerate() {
            for (row, &weight) in rows.iter_mut().zip(plane) {
                row[attribute] = i8::from_le_bytes([weight]);
            }
        }
        Ok(Self { name: header.name, languages, features, heads, rows })
    }

    /// Reads `model.bin` in the folder `dir`, with the checksum of the whole file.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read, is too large, or is not a model.
    pub fn load(dir: &Path) -> Result<(Self, String), Error> {
        let path: PathBuf = dir.join("model.bin");
        let read = |source| Error::Read { path: path.clone(), source };
        let file = std::fs::File::open(&path).map_err(read)?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(read)?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(Error::Damaged { path, what: "it is larger than a model may be" });
        }
        Ok((Self::from_bytes(&bytes, &path)?, sha256_hex(&bytes)))
    }
}

impl Head {
    fn is_usable(&self) -> bool {
        self.scale.is_finite() && self.scale >= 0.0 && self.bias.is_finite() && self.calibration.is_rising()
    }
}

fn read_languages(codes: &[String]) -> Result<Vec<Language>, &'static str> {
    let languages: Option<Vec<_>> = codes.iter().map(|code| Language::from_code(code)).collect();
    languages.filter(|languages| are_languages(languages)).ok_or("its languages are out of range")
}

/// Tells whether a model may be trained on these languages.
fn are_languages(languages: &[Language]) -> bool {
    let is_repeated = |(place, language)| languages.iter().take(place).any(|before| before == language);
    (1..=LANGUAGES_MAX).contains(&languages.len()) && !languages.iter().enumerate().any(is_repeated)
}

/// Tells whether a model may be named so: it becomes part of versions, file names and URLs.
pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Returns the SHA-256 of `bytes` in hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
