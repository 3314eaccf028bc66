//! What stands before the payload of every model file, so that no damaged one is taken for whole.
//!
//! Magic (8 bytes), format (u32, little endian as all numbers), length of the payload (u64), SHA-256 of the payload,
//! payload.

use sha2::{Digest, Sha256};

const PREFIX_BYTES: usize = 8 + 4 + 8 + 32;

/// Why bytes are not a file of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// They are not as they were written.
    Damaged(&'static str),
    /// They are of another format.
    Format(u32),
}

/// Puts what guards it before a payload.
pub(super) fn seal(magic: [u8; 8], format: u32, payload: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(PREFIX_BYTES + payload.len());
    file.extend(magic);
    file.extend(format.to_le_bytes());
    file.extend((payload.len() as u64).to_le_bytes());
    file.extend(Sha256::digest(payload));
    file.extend(payload);
    file
}

/// Returns the payload of what [`seal`] returned; `stranger` says what is wrong with another magic.
pub(super) fn open<'a>(bytes: &'a [u8], magic: [u8; 8], format: u32, stranger: &'static str) -> Result<&'a [u8], Flaw> {
    let short = Flaw::Damaged("it is too short");
    let (found, rest) = bytes.split_first_chunk().ok_or(short)?;
    if *found != magic {
        return Err(Flaw::Damaged(stranger));
    }
    let (found, rest) = rest.split_first_chunk().ok_or(short)?;
    let found = u32::from_le_bytes(*found);
    if found != format {
        return Err(Flaw::Format(found));
    }
    let (length, rest) = rest.split_first_chunk().ok_or(short)?;
    let (checksum, payload) = rest.split_first_chunk::<32>().ok_or(short)?;
    if u64::from_le_bytes(*length) != payload.len() as u64 {
        return Err(Flaw::Damaged("its length is not what it says"));
    }
    if Sha256::digest(payload)[..] != checksum[..] {
        return Err(Flaw::Damaged("its checksum does not match"));
    }
    Ok(payload)
}
