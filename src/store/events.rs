//! Following what happens.

use super::Error;
use super::journal::follow::Follower;
use crate::domain::{Actor, Event, Timestamp};
use async_trait::async_trait;
use tokio::sync::watch;

/// One event with its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbered {
    /// The event's number, from 1.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}

/// A reader of events, from a number on. However slowly it reads, no writer waits for it.
#[async_trait]
pub trait Events: Send {
    /// Waits until there are events that were not returned yet, and returns some of them, in order and without gaps. They
    /// are on disk.
    ///
    /// # Errors
    ///
    /// [`Error::Closed`] once the store was closed and all was returned; damage of the journal that nobody has seen before.
    async fn next(&mut self) -> Result<Vec<Numbered>, Error>;
}

/// Follows the journal of the embedded engine.
pub(super) struct JournalEvents {
    follower: Option<Follower>,
    synced: watch::Receiver<u64>,
}

impl JournalEvents {
    pub(super) fn new(follower: Follower, synced: watch::Receiver<u64>) -> Self {
        Self { follower: Some(follower), synced }
    }
}

#[async_trait]
impl Events for JournalEvents {
    async fn next(&mut self) -> Result<Vec<Numbered>, Error> {
        let wanted = self.follower.as_ref().map(Follower::next_seq).ok_or(Error::Closed)?;
        let synced = *self.synced.wait_for(|seq| *seq >= wanted).await.map_err(|_| Error::Closed)?;
        let mut follower = self.follower.take().ok_or(Error::Closed)?;
        let read = tokio::task::spawn_blocking(move || (follower.read(synced), follower)).await;
        let (actions, follower) = read.map_err(|_| Error::Closed)?;
        self.follower = Some(follower);
        let number = |action: crate::domain::Action| {
            let (at, actor) = (action.at, action.actor);
            let numbers = action.first_seq..;
            numbers.zip(action.events).map(move |(seq, event)| Numbered { seq, at, actor: actor.clone(), event })
        };
        Ok(actions?.into_iter().flat_map(number).filter(|event| event.seq >= wanted).collect())
    }
}
