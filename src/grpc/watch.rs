//! The stream of what becomes of a queue's items.

use super::{
    convert, pb,
    telling::{self, Told},
    watchers::Place,
};
use crate::moderation::review::Watched;
use crate::moderation::{Move, Step};
use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

/// Tells first where the stream begins, then every step; `place` is kept until it ends.
pub(super) fn told(watched: Watched, closing: CancellationToken, place: Place) -> Told<pb::WatchQueueResponse> {
    let Watched { after_seq, moves, held } = watched;
    let begun = pb::WatchQueueResponse {
        seq: after_seq,
        change: pb::QueueChange::Begun.into(),
        ..pb::WatchQueueResponse::default()
    };
    let steps = moves.map(|some| Ok(some?.into_iter().map(|one| (one.seq, wire(one))).collect()));
    let messages = stream::once(async move { Ok(vec![(after_seq, begun)]) }).chain(steps);
    telling::told(Box::pin(messages), after_seq, closing, place, held)
}

fn wire(one: Move) -> pb::WatchQueueResponse {
    let change = match one.step {
        Step::Entered => pb::QueueChange::Entered,
        Step::Left => pb::QueueChange::Left,
        Step::Claimed => pb::QueueChange::Claimed,
        Step::Released => pb::QueueChange::Released,
        Step::Skipped => pb::QueueChange::Skipped,
        Step::Changed => pb::QueueChange::Changed,
        Step::Redefined => pb::QueueChange::Redefined,
    };
    pb::WatchQueueResponse {
        seq: one.seq,
        at: Some(convert::timestamp(one.at)),
        moderator_id: one.by.map(|id| id.as_str().to_owned()).unwrap_or_default(),
        comment_id: one.comment_id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
        change: change.into(),
        claim: one.claim.map(|claim| pb::Claim {
            moderator_id: claim.moderator_id.as_str().to_owned(),
            expires_at: Some(convert::timestamp(claim.expires_at)),
        }),
    }
}
