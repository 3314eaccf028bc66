//! What is remembered of a moderator's requests, as bytes. It stands in the state alone, which is built anew where its version
//! changes.

use super::{Malformed, put, take};
use crate::store::bulk::Remembered;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct RememberedV4(Vec<([u8; 16], u64, u32)>);

/// Appends a moderator's requests, oldest first, to `out`.
pub(in crate::store) fn encode_bulk(remembered: &[Remembered], out: &mut Vec<u8>) {
    put(&RememberedV4(remembered.iter().map(|one| (one.name, one.action_seq, one.items)).collect()), out);
}

/// Reads a moderator's requests back.
pub(in crate::store) fn decode_bulk(bytes: &[u8]) -> Result<Vec<Remembered>, Malformed> {
    let RememberedV4(all) = take(bytes)?;
    Ok(all.into_iter().map(|(name, action_seq, items)| Remembered { name, action_seq, items }).collect())
}
