//! Watching a queue, and holding its items for as long as somebody watches.

use super::{QueueRequest, Review, refuse};
use crate::domain::{
    CommentId, ModeratorId, QueueId, SiteId, Violation,
    review::{Act, Command},
};
use crate::moderation::{Error, draft};
use crate::store::{Move, OnItem};
use futures_util::{Stream, stream};
use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// What becomes of a queue's items, some steps at a time, in order; it ends with the store, or with the first error.
pub type QueueMoves = Pin<Box<dyn Stream<Item = Result<Vec<Move>, Error>> + Send>>;

/// Who holds items of which queue for as long as they watch it.
type Holder = (SiteId, QueueId, ModeratorId);

/// How many streams each holder has.
pub(super) type Holding = Mutex<HashMap<Holder, usize>>;

/// A queue that somebody watches.
pub struct Watched {
    /// The number of the event behind which the steps begin.
    pub after_seq: u64,
    /// The steps.
    pub moves: QueueMoves,
    /// To be dropped when the watching ends, where items are held for as long.
    pub held: Option<Held>,
}

/// Gives back what a moderator holds in a queue when it is dropped, unless they watch that queue on another stream too, or
/// the server stops.
pub struct Held {
    review: Arc<Review>,
    holder: Holder,
    closing: CancellationToken,
}

impl Review {
    /// Watches a queue from behind an event on, or from now on.
    ///
    /// With `hold`, what the moderator holds in the queue is given back when the watching ends; not where `closing` is
    /// cancelled by then.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong.
    pub async fn watch(
        self: &Arc<Self>,
        request: &QueueRequest,
        after_seq: Option<u64>,
        hold: bool,
        moderator_id: &str,
        closing: CancellationToken,
    ) -> Result<Watched, Error> {
        let mut violations: Vec<Violation> = Vec::new();
        let (site_id, queue) = self.queue(request, &mut violations).await?;
        if hold {
            draft::required_id("moderator_id", moderator_id, &self.limits, &mut violations);
        } else {
            draft::optional_id("moderator_id", moderator_id, &self.limits, &mut violations);
        }
        refuse(violations)?;
        let after_seq = after_seq.unwrap_or_else(|| self.store.last_seq());
        let state = Some(self.store.moves(&site_id, &queue, after_seq));
        let moves = Box::pin(stream::unfold(state, async |state| {
            let mut moves = state?;
            match moves.next().await {
                Ok(some) => Some((Ok(some), Some(moves))),
                Err(error) => Some((Err(error.into()), None)),
            }
        }));
        let holder = (site_id, queue, ModeratorId::new(moderator_id));
        let held = hold.then(|| Held::new(Arc::clone(self), holder, closing));
        Ok(Watched { after_seq, moves, held })
    }

    fn holding(&self) -> MutexGuard<'_, HashMap<Holder, usize>> {
        self.holding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives back what a moderator holds in a queue, for as long as they don't watch it again.
    async fn give_back(&self, (site_id, queue, moderator_id): Holder) {
        let held = match self.store.held_by(&site_id, &queue, &moderator_id).await {
            Ok(held) => held,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "claims of a stream that ended could not be looked up; they end by themselves");
                return;
            }
        };
        let holder = (site_id, queue, moderator_id);
        for comment_id in held {
            if self.holding().contains_key(&holder) {
                return;
            }
            // What was settled or has ended meanwhile is nobody's to give back; the rest ends by itself.
            drop(self.store.on_item(self.release(&holder, comment_id)).await);
        }
    }

    fn release(&self, (site_id, _, moderator_id): &Holder, comment_id: CommentId) -> OnItem {
        let (moderator_id, act, now) = (moderator_id.clone(), Act::Release, self.clock.now());
        let command = Command { moderator_id, request_id: None, act, now };
        OnItem { site_id: site_id.clone(), comment_id, command }
    }
}

impl Held {
    fn new(review: Arc<Review>, holder: Holder, closing: CancellationToken) -> Self {
        *review.holding().entry(holder.clone()).or_default() += 1;
        Self { review, holder, closing }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        {
            let mut holding = self.review.holding();
            if let Some(streams) = holding.get_mut(&self.holder) {
                *streams -= 1;
                if *streams > 0 {
                    return;
                }
            }
            holding.remove(&self.holder);
        }
        // Who watches a server that stops comes back to it.
        if let (false, Ok(runtime)) = (self.closing.is_cancelled(), Handle::try_current()) {
            let (review, holder) = (Arc::clone(&self.review), self.holder.clone());
            runtime.spawn(async move { review.give_back(holder).await });
        }
    }
}
