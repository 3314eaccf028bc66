//! Values in their envelopes, and what a tree as a whole must add up to.
//!
//! ```text
//! version 1 · CRC32C of key, version and contents 4 · contents
//! ```
//!
//! The checksum covers the key too, so a value under another's key is seen. It cannot show that an entry is missing or
//! is an older one, hence the totals: a count and the sum of all entries' hashes, which is the same in whatever order
//! entries come and go.

use crate::store::Error;
use crate::store::journal::frame::Hash;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

/// The version of all values and keys. Another one means that the state is built anew from the journal.
pub(super) const VERSION: u8 = 7;

const ENVELOPE_BYTES: usize = 5;

/// Puts the contents that `fill` appends into an envelope.
pub(super) fn seal(key: &[u8], contents_bytes: usize, fill: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut value = Vec::with_capacity(ENVELOPE_BYTES + contents_bytes);
    value.extend_from_slice(&[VERSION, 0, 0, 0, 0]);
    fill(&mut value);
    let crc = checksum(key, &value);
    value[1..ENVELOPE_BYTES].copy_from_slice(&crc.to_le_bytes());
    value
}

/// Takes the contents out of their envelope.
pub(super) fn unseal<'a>(key: &[u8], value: &'a [u8]) -> Result<&'a [u8], Error> {
    let Some((envelope, contents)) = value.split_at_checked(ENVELOPE_BYTES) else {
        return Err(damaged("a value is shorter than its envelope"));
    };
    if checksum(key, value).to_le_bytes() != envelope[1..] {
        return Err(damaged("a value fails its checksum"));
    }
    if envelope[0] != VERSION {
        return Err(damaged("a value is of another version"));
    }
    Ok(contents)
}

fn checksum(key: &[u8], value: &[u8]) -> u32 {
    let crc = crc32c::crc32c_append(crc32c::crc32c(key), &value[..1]);
    crc32c::crc32c_append(crc, &value[ENVELOPE_BYTES..])
}

/// Says that the state must be set aside.
pub(in crate::store) fn damaged(what: impl Into<String>) -> Error {
    Error::StateDamaged { what: what.into() }
}

/// What a tree's entries add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Total {
    /// How many entries.
    pub(in crate::store) count: u64,
    /// The wrapping sum of their hashes.
    digest: u128,
}

impl Total {
    pub(in crate::store) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.count += 1;
        self.digest = self.digest.wrapping_add(digest(key, value));
    }

    pub(in crate::store) fn take_away(&mut self, key: &[u8], value: &[u8]) {
        self.count -= 1;
        self.digest = self.digest.wrapping_sub(digest(key, value));
    }
}

fn digest(key: &[u8], value: &[u8]) -> u128 {
    xxh3_128_with_seed(value, xxh3_64(key))
}

/// How far the state follows the journal, and what its trees add up to there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct Summary {
    /// The number of the last event that the state holds.
    pub(in crate::store) applied_seq: u64,
    /// The hash of that event's journal record.
    pub(in crate::store) applied_hash: Hash,
    /// One total per tree, in the order of [`super::TREES`].
    pub(in crate::store) totals: [Total; super::TREES.len()],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_under_its_own_key_and_as_it_was() {
        let value = seal(b"key", 0, |out| out.extend_from_slice(b"contents"));
        assert_eq!(unseal(b"key", &value).unwrap(), b"contents");
        assert!(unseal(b"kez", &value).is_err());
        for bit in 0..value.len() * 8 {
            let mut value = value.clone();
            value[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal(b"key", &value).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn totals_depend_on_entries_but_not_on_their_order() {
        let mut one = Total::default();
        one.add(b"a", b"1");
        one.add(b"b", b"2");
        let mut other = Total::default();
        other.add(b"b", b"2");
        other.add(b"c", b"3");
        other.add(b"a", b"1");
        assert_ne!(one, other);
        other.take_away(b"c", b"3");
        assert_eq!(one, other);
        let mut swapped = Total::default();
        swapped.add(b"a", b"2");
        swapped.add(b"b", b"1");
        assert_ne!(one, swapped);
    }
}
