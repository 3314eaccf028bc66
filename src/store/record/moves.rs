//! Steps of items as bytes. They are kept in the state alone, which is built anew where its version is another one.

use super::{Malformed, put, take};
use crate::domain::{CommentId, ModeratorId, Timestamp, review::Claim};
use crate::store::moves::{Move, Step};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct MoveV3<'a> {
    seq: u64,
    at: i64,
    by: Option<&'a str>,
    comment_id: Option<&'a str>,
    step: StepV3,
    claim: Option<(&'a str, i64)>,
}

/// Its number is a byte; one that is new comes last.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum StepV3 {
    Entered,
    Left,
    Claimed,
    Released,
    Skipped,
    Changed,
    Redefined,
}

/// Appends a step to `out`.
pub(in crate::store) fn encode_move(one: &Move, out: &mut Vec<u8>) {
    let step = match one.step {
        Step::Entered => StepV3::Entered,
        Step::Left => StepV3::Left,
        Step::Claimed => StepV3::Claimed,
        Step::Released => StepV3::Released,
        Step::Skipped => StepV3::Skipped,
        Step::Changed => StepV3::Changed,
        Step::Redefined => StepV3::Redefined,
    };
    let claim = one.claim.as_ref().map(|claim| (claim.moderator_id.as_str(), claim.expires_at.as_micros()));
    let (by, comment_id) = (one.by.as_ref().map(ModeratorId::as_str), one.comment_id.as_ref().map(CommentId::as_str));
    put(&MoveV3 { seq: one.seq, at: one.at.as_micros(), by, comment_id, step, claim }, out);
}

/// Reads a step back.
pub(in crate::store) fn decode_move(bytes: &[u8]) -> Result<Move, Malformed> {
    let MoveV3 { seq, at, by, comment_id, step, claim } = take(bytes)?;
    Ok(Move {
        seq,
        at: Timestamp::from_micros(at),
        by: by.map(ModeratorId::new),
        comment_id: comment_id.map(CommentId::new),
        step: match step {
            StepV3::Entered => Step::Entered,
            StepV3::Left => Step::Left,
            StepV3::Claimed => Step::Claimed,
            StepV3::Released => Step::Released,
            StepV3::Skipped => Step::Skipped,
            StepV3::Changed => Step::Changed,
            StepV3::Redefined => Step::Redefined,
        },
        claim: claim.map(|(moderator_id, expires_at)| Claim {
            moderator_id: ModeratorId::new(moderator_id),
            expires_at: Timestamp::from_micros(expires_at),
        }),
    })
}
