//! What becomes of the items of a queue, one step after the other: told from what the state keeps of each step.

use super::writer::Shared;
use super::{Error, sled_engine::value::damaged};
use crate::domain::{CommentId, ModeratorId, QueueId, SiteId, Timestamp, review::Claim};
use async_trait::async_trait;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
};
use tokio::sync::watch;

/// How many steps are read at once.
const STEPS_MAX: usize = 256;

/// What became of an item, as one queue sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It waits here from now on.
    Entered,
    /// It no longer waits here: it was settled, edited, or waits in another queue.
    Left,
    /// Somebody holds it, or holds it for longer.
    Claimed,
    /// Nobody holds it any more.
    Released,
    /// Whoever held it would rather not see it again.
    Skipped,
    /// It waits on, and is something else than it was: its text, or how likely it is harmful.
    Changed,
    /// An editor defined the queue anew, or did away with it: what stands in it must be listed again. It is about no comment.
    Redefined,
}

/// One step of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The number of the event that brought it.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Which moderator caused it, if one did.
    pub by: Option<ModeratorId>,
    /// The comment; `None` where the step is about the whole queue.
    pub comment_id: Option<CommentId>,
    /// What became of it.
    pub step: Step,
    /// The claim on it afterwards.
    pub claim: Option<Claim>,
}

/// A reader of what becomes of a queue's items. However slowly it reads, no writer waits for it.
#[async_trait]
pub trait Moves: Send {
    /// Waits until there are steps that were not returned yet, and returns some of them, in order. They are on disk.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the store was closed; [`Error::Unavailable`] while the state is being brought back;
    /// [`Error::StepsGone`] where more has happened since than steps are kept for.
    async fn next(&mut self) -> Result<Vec<Move>, Error>;
}

/// Follows the state of the embedded engine.
pub(super) struct StateMoves {
    shared: Arc<Shared>,
    synced: watch::Receiver<u64>,
    site_id: SiteId,
    queue: QueueId,
    after_seq: u64,
}

impl StateMoves {
    pub(super) fn new(shared: Arc<Shared>, site_id: SiteId, queue: QueueId, after_seq: u64) -> Self {
        let synced = shared.synced();
        Self { shared, synced, site_id, queue, after_seq }
    }
}

#[async_trait]
impl Moves for StateMoves {
    async fn next(&mut self) -> Result<Vec<Move>, Error> {
        loop {
            // Whoever hears of an event finds it in the state.
            self.synced.wait_for(|seq| *seq > self.after_seq).await.map_err(|_| Error::Closed)?;
            let (shared, site_id, queue, after_seq) =
                (Arc::clone(&self.shared), self.site_id.clone(), self.queue.clone(), self.after_seq);
            let read = tokio::task::spawn_blocking(move || match shared.state().as_ref() {
                None => Err(shared.no_state()),
                Some(state) => catch_unwind(AssertUnwindSafe(|| state.moves(&site_id, &queue, after_seq, STEPS_MAX)))
                    .unwrap_or_else(|_| Err(damaged("sled panicked while reading")))
                    .inspect_err(|_| shared.suspect.store(true, Ordering::Release))
                    // Asked afterwards, so that none went while they were read.
                    .and_then(
                        |read| if state.has_steps(after_seq) { Ok(read) } else { Err(Error::StepsGone { after_seq }) },
                    ),
            });
            let (moves, through_seq) = read.await.map_err(|_| Error::Closed)??;
            if through_seq <= after_seq {
                // The journal is ahead of a state that is being brought back.
                return Err(self.shared.no_state());
            }
            self.after_seq = through_seq;
            if !moves.is_empty() {
                return Ok(moves);
            }
        }
    }
}
