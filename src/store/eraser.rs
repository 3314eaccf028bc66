//! Goes through files after an erasure: cuts the words out of full journal segments at once, joins those that became small,
//! and some time later has the state built anew, since sled keeps old values in its file until it needs their room.
//!
//! A thread of its own does it, so that nobody who writes or reads waits for it. The writer fills a segment for it, and at
//! the end takes the new state over. Whatever a crash leaves undone, the state notes as pending, and the next opening
//! begins with it.
//!
//! Start reading at [`Eraser::run`].

use super::Error;
use super::journal::{Journal, join, rewrite};
use super::record::Whose;
use super::sled_engine::{State, erasures::Pending, open, value::damaged};
use super::writer::{Command, Shared};
use crate::domain::{AuthorId, CommentId, SiteId};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, atomic::Ordering, mpsc as std_mpsc},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// How much memory the state that is built anew may use as a cache, in bytes.
const CACHE_BYTES: u64 = 32 << 20;

type Told = oneshot::Sender<Result<(), Error>>;

/// What can be asked of the eraser.
pub(super) enum Wish {
    /// Cut the words of what was erased out of the journal.
    Finish(Told),
    /// Do that, and build the state anew now.
    Compact(Told),
}

pub(super) struct Eraser {
    shared: Arc<Shared>,
    writer: mpsc::WeakSender<Command>,
    wishes: std_mpsc::Receiver<Wish>,
    /// Up to this event, the journal holds no words of what was erased.
    cut_seq: u64,
    compact_at: Option<Instant>,
    /// The first event that is in no full segment, where segments were filled and not yet joined.
    filled: Option<u64>,
    /// Segments that were joined to others and could not be removed.
    superseded: Vec<PathBuf>,
}

/// How long after opening the state is built anew at the latest, where an earlier run has left that to do.
const AFTER_OPENING_MAX: Duration = Duration::from_mins(1);

/// Says how long after opening the state is built anew: soon, since a server that is stopped often would put it off for ever,
/// but not at once, since whoever erases meanwhile waits for it.
fn after_opening(compact_after: Duration) -> Duration {
    compact_after.min(AFTER_OPENING_MAX)
}

impl Eraser {
    /// Joins what it works with; `cut_seq` is what [`finish_at_opening`] has returned.
    pub(super) fn new(
        shared: Arc<Shared>,
        writer: mpsc::WeakSender<Command>,
        wishes: std_mpsc::Receiver<Wish>,
        cut_seq: Option<u64>,
    ) -> Self {
        let compact_at = cut_seq.map(|_| Instant::now() + after_opening(shared.options.compact_after));
        let (cut_seq, superseded) = (cut_seq.unwrap_or_default(), Vec::new());
        Self { shared, writer, wishes, cut_seq, compact_at, filled: None, superseded }
    }

    /// Works until the engine is dropped or closed.
    pub(super) fn run(mut self) {
        loop {
            let wish = match self.compact_at {
                Some(at) => match self.wishes.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Ok(wish) => Some(wish),
                    Err(std_mpsc::RecvTimeoutError::Timeout) => None,
                    Err(std_mpsc::RecvTimeoutError::Disconnected) => return,
                },
                None => match self.wishes.recv() {
                    Ok(wish) => Some(wish),
                    Err(std_mpsc::RecvError) => return,
                },
            };
            // Asked of the time, since wishes may keep coming.
            let is_due = self.compact_at.is_some_and(|at| at <= Instant::now());
            // Those who came meanwhile are served by the same walk.
            let (mut finish, mut compact) = (Vec::new(), Vec::new());
            for wish in wish.into_iter().chain(self.wishes.try_iter()) {
                match wish {
                    Wish::Finish(told) => finish.push(told),
                    Wish::Compact(told) => compact.push(told),
                }
            }
            if self.shared.closed.load(Ordering::Acquire) {
                return;
            }
            let shared = Arc::clone(&self.shared);
            let _turn = shared.erasing.lock().unwrap_or_else(PoisonError::into_inner);
            let finished = self.attempt("the words of what was erased are still in the journal", Self::finish);
            tell(finish, &finished, &shared);
            self.join();
            if is_due || !compact.is_empty() {
                let compacted = match &finished {
                    Ok(()) => self.attempt("the state could not be built anew", Self::compact),
                    Err(error) => Err(error.to_unavailable(&shared.data)),
                };
                tell(compact, &compacted, &shared);
            }
        }
    }

    /// Tries something that may be tried again later, which a panic of sled is no reason against.
    fn attempt(&mut self, what: &str, step: fn(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let outcome = catch_unwind(AssertUnwindSafe(|| step(self)));
        let outcome = outcome.unwrap_or_else(|_| Err(damaged("sled panicked while files were gone through")));
        match &outcome {
            Err(error) if !matches!(error, Error::Closed) => {
                self.compact_at = Some(Instant::now() + self.shared.options.compact_after);
                tracing::error!(error = error as &dyn std::error::Error, "{what}; it is tried again");
            }
            _ => {}
        }
        outcome
    }

    /// Cuts the words of what was erased out of the journal.
    fn finish(&mut self) -> Result<(), Error> {
        let pending = match self.shared.state().as_ref() {
            Some(state) => state.pending_erasures()?,
            None => return Err(self.shared.no_state()),
        };
        let pending: Vec<Pending> = pending.into_iter().filter(|pending| pending.seq > self.cut_seq).collect();
        let Some(last_seq) = pending.iter().map(|pending| pending.seq).max() else { return Ok(()) };
        let below_seq = self.ask(Command::FillSegment)?;
        let closed = || !self.shared.closed.load(Ordering::Acquire);
        cut(&open::journal_path(&self.shared.data), &pending, below_seq, &closed)?;
        (self.cut_seq, self.filled) = (last_seq, Some(below_seq));
        self.compact_at.get_or_insert_with(|| Instant::now() + self.shared.options.compact_after);
        Ok(())
    }

    /// Joins the small segments that erasing leaves. Nobody waits for it, and nothing is lost where it fails: the next erasure
    /// tries again.
    fn join(&mut self) {
        let Some(below_seq) = self.filled else { return };
        let go_on = || !self.shared.closed.load(Ordering::Acquire);
        let join = join::Join { below_seq, bytes_max: self.shared.options.segment_bytes, go_on: &go_on };
        match join::join(&open::journal_path(&self.shared.data), &join, &mut self.superseded) {
            Ok(()) => self.filled = None,
            Err(Error::Closed) => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "small files of the journal could not be joined; the next erasure tries again");
            }
        }
    }

    /// Builds the state anew in a folder of its own, and has the writer take it over.
    fn compact(&mut self) -> Result<(), Error> {
        self.compact_at = None;
        let started = Instant::now();
        let (data, cut_seq) = (self.shared.data.clone(), self.cut_seq);
        open::remove_unfinished(&data)?;
        let end = open::JournalEnd { seq: *self.shared.synced().borrow() };
        let options = super::Options { cache_bytes: CACHE_BYTES, ..self.shared.options.clone() };
        let state = open::open_checked(&open::compacting_path(&data), &options)?;
        let go_on = || !self.shared.closed.load(Ordering::Acquire);
        open::catch_up_while(&state, &data, end, &|_| {}, &go_on)?;
        self.ask(|told| Command::TakeOver(Box::new(state), cut_seq, told))?;
        tracing::info!(elapsed_ms = started.elapsed().as_millis(), "the state was built anew without erased words");
        Ok(())
    }

    /// Has the writer do something between two batches.
    fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Command) -> Result<T, Error> {
        let writer = self.writer.upgrade().ok_or(Error::Closed)?;
        let (told, answer) = oneshot::channel();
        writer.blocking_send(command(told)).map_err(|_closed| Error::Closed)?;
        drop(writer);
        answer.blocking_recv().unwrap_or(Err(Error::Closed))
    }
}

/// Finishes what an earlier process has begun, before anything else is written: returns up to which event the journal holds
/// no words of what was erased, and nothing where nothing was pending.
pub(super) fn finish_at_opening(data: &Path, journal: &mut Journal, state: &State) -> Result<Option<u64>, Error> {
    let pending = state.pending_erasures()?;
    let Some(last_seq) = pending.iter().map(|pending| pending.seq).max() else { return Ok(None) };
    // A state that went back to before the erasure would not fit a journal without the words.
    state.flush()?;
    let below_seq = journal.fill_segment()?;
    let records = cut(&open::journal_path(data), &pending, below_seq, &|| true)?;
    if records > 0 {
        tracing::info!(records, "an erasure that was cut short was finished");
    }
    Ok(Some(last_seq))
}

fn cut(journal: &Path, pending: &[Pending], below_seq: u64, go_on: &dyn Fn() -> bool) -> Result<u64, Error> {
    let mut erased: HashMap<(&SiteId, &CommentId, Option<&AuthorId>), u64> = HashMap::new();
    for Pending { seq, site_id, comment_id, labels_by, .. } in pending {
        let last = erased.entry((site_id, comment_id, labels_by.as_ref())).or_default();
        *last = (*last).max(*seq);
    }
    let is_erased = |Whose { site_id, comment_id, label_by }: &Whose, seq: u64| {
        let of_label = label_by.as_ref().and_then(|by| erased.get(&(site_id, comment_id, Some(by))));
        erased.get(&(site_id, comment_id, None)).max(of_label).is_some_and(|erased_seq| seq < *erased_seq)
    };
    let from_seq = pending.iter().map(|pending| pending.first_seq).min().unwrap_or_default();
    rewrite::cut(journal, &rewrite::Cut { is_erased: &is_erased, from_seq, below_seq, go_on })
}

/// Tells everyone who waits.
fn tell(waiting: Vec<Told>, outcome: &Result<(), Error>, shared: &Shared) {
    for told in waiting {
        let outcome = match outcome {
            Ok(()) => Ok(()),
            Err(Error::Closed) => Err(Error::Closed),
            Err(error) => Err(error.to_unavailable(&shared.data)),
        };
        drop(told.send(outcome));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_waits_a_minute_at_most() {
        let secs = Duration::from_secs;
        assert_eq!(after_opening(secs(600)), secs(60));
        assert_eq!(after_opening(secs(3)), secs(3));
    }
}
