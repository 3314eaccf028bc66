//! What is known of an author, as bytes. It stands in the state alone, which is built anew where its version changes.

use super::{Malformed, put, take};
use crate::domain::{
    AuthorRecord, Timestamp,
    author::{RECENT_MAX, Recent},
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct AuthorV1 {
    published: u32,
    held: u32,
    rejected: u32,
    recent: Vec<(i64, u64)>,
}

/// Appends an author's record to `out`.
pub(in crate::store) fn encode_author(record: &AuthorRecord, out: &mut Vec<u8>) {
    let recent = record.recent.iter().map(|one| (one.at.as_micros(), one.exact)).collect();
    let AuthorRecord { published, held, rejected, .. } = *record;
    put(&AuthorV1 { published, held, rejected, recent }, out);
}

/// Reads an author's record back.
pub(in crate::store) fn decode_author(bytes: &[u8]) -> Result<AuthorRecord, Malformed> {
    let AuthorV1 { published, held, rejected, recent } = take(bytes)?;
    if recent.len() > RECENT_MAX {
        return Err(Malformed);
    }
    let recent = recent.into_iter().map(|(at, exact)| Recent { at: Timestamp::from_micros(at), exact }).collect();
    Ok(AuthorRecord { published, held, rejected, recent })
}
