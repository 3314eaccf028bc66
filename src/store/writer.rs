//! The one thread that writes: it drains the queue, decides, puts a batch on disk, and only then answers.
//!
//! In come records; out go answers, each after the sync that covers it. The thread outlives every panic and every
//! refusal of the disk: whoever waits is told, and the next batch tries again. It is the only one that appends to the
//! journal and changes the state, so a decision always rests on everything that was decided before.
//!
//! Start reading at [`Writer::run`], then at [`Writer::write`].

use super::batch::{Answer, Answered, Batch, EXPIRED_MAX, Request};
use super::error::unavailable;
use super::journal::Journal;
use super::lock::DirLock;
use super::record::SALT_BYTES;
use super::sled_engine::{State, edit::Edit, open};
use super::{Error, Options};
use crate::domain::audit::Secret;
use sha2::{Digest, Sha256};
use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
        mpsc as std_mpsc,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot, watch};

/// How long the first attempt to bring the state back waits for the second.
const RETRY_WAIT_MIN: Duration = Duration::from_millis(100);
/// How long closing a database may take before it is left to itself.
const DROP_WAIT_MAX: Duration = Duration::from_secs(10);
/// How much one batch does for claims and for verdicts on many items before the rest of them waits for the next batch:
/// events, and places looked at. Whoever submits waits no longer than for this.
const HEAVY_WORK_MAX: u64 = 512;

/// What the writer shares with readers and the flusher.
pub(super) struct Shared {
    /// The data directory.
    pub(super) data: PathBuf,
    pub(super) options: Options,
    /// The state, or `None` while it is being brought back, and after closing.
    state: RwLock<Option<State>>,
    /// Whether someone saw the state fail, so that the writer must look at it.
    pub(super) suspect: AtomicBool,
    /// Whether the store was closed.
    pub(super) closed: AtomicBool,
    /// Held while files are gone through after an erasure; who holds it looks at `closed` now and then.
    pub(super) erasing: Mutex<()>,
    /// The number of the last synced event; nothing is sent once the store was closed.
    synced: Mutex<Option<watch::Sender<u64>>>,
    synced_seq: watch::Receiver<u64>,
}

impl Shared {
    pub(super) fn new(data: PathBuf, options: Options, state: State, synced_seq: u64) -> Self {
        let (suspect, closed) = (AtomicBool::new(false), AtomicBool::new(false));
        let (synced, receiver) = watch::channel(synced_seq);
        let synced = Mutex::new(Some(synced));
        let (state, erasing) = (RwLock::new(Some(state)), Mutex::default());
        Self { data, options, state, suspect, closed, erasing, synced, synced_seq: receiver }
    }

    /// Returns what tells the number of the last synced event.
    pub(super) fn synced(&self) -> watch::Receiver<u64> {
        self.synced_seq.clone()
    }

    /// Tells everyone who follows that there is more, or, with `None`, that no more will come.
    fn tell_synced(&self, seq: Option<u64>) {
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        match (seq, synced.as_ref()) {
            (Some(seq), Some(sender)) => drop(sender.send_replace(seq)),
            _ => *synced = None,
        }
    }

    /// Returns the state for as long as the guard is held. Only bringing the state back waits for a guard.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, Option<State>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says why there is no state.
    pub(super) fn no_state(&self) -> Error {
        if self.closed.load(Ordering::Acquire) {
            return Error::Closed;
        }
        unavailable(&open::state_path(&self.data), io::Error::other("the state database is being brought back"))
    }

    /// Closes the database.
    fn drop_state(&self) {
        close(self.state.write().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Closes the database and puts another in its place, while everyone who asks waits.
    fn exchange_state(&self, exchange: impl FnOnce() -> Result<State, Error>) -> Result<(), Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        close(state.take());
        *state = Some(exchange()?);
        Ok(())
    }

    fn put_state(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(state);
    }
}

/// Closes a database. sled may panic or hang over a file that it could not write.
fn close(state: Option<State>) {
    let (done, dropped) = std_mpsc::channel();
    let run = move || {
        let caught = catch_unwind(AssertUnwindSafe(move || drop(state)));
        let _: Result<(), _> = done.send(caught.is_ok());
    };
    if thread::Builder::new().name("ombud-drop".into()).spawn(run).is_ok()
        && dropped.recv_timeout(DROP_WAIT_MAX) != Ok(true)
    {
        tracing::error!("the state database could not be closed cleanly");
    }
}

/// What can be asked of the writer.
pub(super) enum Command {
    /// Write this down.
    Write(Request, oneshot::Sender<Result<Answer, Error>>),
    /// The state was flushed, or someone saw it fail: look after journal and state.
    Tick,
    /// Begin a new journal segment, and say which event is the first that is in none of the full ones. The state is flushed
    /// before.
    FillSegment(oneshot::Sender<Result<u64, Error>>),
    /// Take over a state that was built anew, and forget erasures up to this event: no file holds their words any more.
    TakeOver(Box<State>, u64, oneshot::Sender<Result<(), Error>>),
    /// Finish what was taken on and close.
    Close(oneshot::Sender<()>),
}

/// One waiting write.
struct Job {
    request: Option<Request>,
    answer_to: oneshot::Sender<Result<Answer, Error>>,
    answer: Option<Result<Answer, Error>>,
    /// Whether the answer rests on this batch, so that it holds only once the batch is on disk.
    pending: bool,
}

/// Why a batch was not written, or not applied.
pub(super) enum Failure {
    /// The journal took nothing.
    Journal(Error),
    /// The state failed before the journal was written.
    State(Error),
    /// The journal has the batch, the state has not.
    Applying(Error),
}

pub(super) struct Writer {
    pub(super) journal: Journal,
    pub(super) shared: Arc<Shared>,
    pub(super) commands: mpsc::Receiver<Command>,
    /// Held for as long as the thread lives.
    pub(super) lock: DirLock,
    retry_at: Instant,
    salts: Salts,
    /// Heavy requests that earlier batches had no time for, in order; at most as many as may wait for the writer.
    later: VecDeque<Job>,
    secret: Secret,
}

impl Writer {
    pub(super) fn new(
        journal: Journal,
        shared: Arc<Shared>,
        commands: mpsc::Receiver<Command>,
        lock: DirLock,
        secret: Secret,
    ) -> Self {
        let (retry_at, salts, later) = (Instant::now(), Salts::new(), VecDeque::new());
        Self { journal, shared, commands, lock, retry_at, salts, later, secret }
    }

    /// Works until the store is closed or forgotten.
    pub(super) fn run(mut self) {
        let mut closing = Vec::new();
        let mut jobs = VecDeque::with_capacity(self.shared.options.batch_max);
        let later_max = self.shared.options.queue_max.max(1);
        loop {
            let mut next = if self.later.is_empty() {
                let Some(command) = self.commands.blocking_recv() else { break };
                Some(command)
            } else {
                self.commands.try_recv().ok()
            };
            let mut tick = false;
            while let Some(command) = next {
                match command {
                    Command::Write(request, answer_to) if request.is_heavy() && self.later.len() >= later_max => {
                        drop(answer_to.send(Err(Error::QueueFull { waiting: later_max })));
                    }
                    Command::Write(request, answer_to) => {
                        let to = if request.is_heavy() { &mut self.later } else { &mut jobs };
                        to.push_back(Job { request: Some(request), answer_to, answer: None, pending: false });
                    }
                    Command::Tick => tick = true,
                    Command::FillSegment(told) => drop(told.send(self.fill_segment())),
                    Command::TakeOver(state, up_to_seq, told) => drop(told.send(self.take_over(*state, up_to_seq))),
                    Command::Close(closed) => {
                        self.commands.close();
                        closing.push(closed);
                    }
                }
                let full = jobs.len() >= self.shared.options.batch_max;
                next = if full { None } else { self.commands.try_recv().ok() };
            }
            if tick || self.shared.suspect.load(Ordering::Acquire) {
                self.look_after();
            }
            if !jobs.is_empty() || !self.later.is_empty() {
                self.serve(&mut jobs);
            }
        }
        self.finish();
        for closed in closing {
            let _: Result<(), ()> = closed.send(());
        }
    }

    /// Writes a batch and answers everyone who waits for it.
    fn serve(&mut self, jobs: &mut VecDeque<Job>) {
        let written = if self.shared.state().is_some() || self.bring_back() {
            catch_unwind(AssertUnwindSafe(|| self.write(jobs)))
                .unwrap_or_else(|_| Err(Failure::State(super::sled_engine::value::damaged("a batch panicked"))))
        } else {
            jobs.append(&mut self.later);
            Err(Failure::Journal(self.shared.no_state()))
        };
        // Nothing that is left of a batch may get into the next one.
        self.journal.discard();
        let failed = match written {
            Ok(()) => None,
            Err(Failure::Journal(error)) => Some(error),
            Err(Failure::State(error)) => {
                self.state_failed(&error);
                Some(error)
            }
            // The batch is on disk: once the state has it too, all answers hold.
            Err(Failure::Applying(error)) => {
                self.state_failed(&error);
                if self.shared.state().is_some() { None } else { Some(error) }
            }
        };
        if let Some(error) = &failed {
            tracing::error!(error = error as &dyn std::error::Error, writes = jobs.len(), "a batch was refused");
        }
        // Whoever hears of an event can ask for the comment.
        self.shared.tell_synced(Some(self.journal.synced_seq()));
        for job in jobs.drain(..) {
            let answer = match (&failed, job.answer) {
                (Some(_), Some(answer)) if !job.pending => answer,
                (Some(error), _) => Err(error.to_unavailable(&self.shared.data)),
                (None, Some(answer)) => answer,
                (None, None) => Err(self.shared.no_state()),
            };
            // Whoever no longer waits has given up; what was written stays.
            drop(job.answer_to.send(answer));
        }
    }

    /// Decides a batch, puts it on disk and applies it. Heavy requests come in behind the others, as many as there is time
    /// for, at least one.
    fn write(&mut self, jobs: &mut VecDeque<Job>) -> Result<(), Failure> {
        let state = self.shared.state();
        let Some(state) = state.as_ref() else { return Err(Failure::Journal(self.shared.no_state())) };
        let (edit, salts, secret) = (Edit::new(state), &self.salts, &self.secret);
        let mut batch = Batch { edit, journal: &mut self.journal, salts, secret, expire_left: EXPIRED_MAX };
        for job in jobs.iter_mut() {
            let Some(request) = job.request.take() else { continue };
            let Answered { answer, pending } = batch.answer(request)?;
            (job.answer, job.pending) = (Some(answer), pending);
        }
        let begin = batch.work();
        while batch.work() - begin < HEAVY_WORK_MAX {
            let next = self.later.front().and_then(|job| job.request.as_ref());
            if let Some(request) = next
                && !batch.is_ready_for(request)?
            {
                break;
            }
            let Some(mut job) = self.later.pop_front() else { break };
            let request = job.request.take();
            jobs.push_back(job);
            let (Some(request), Some(job)) = (request, jobs.back_mut()) else { continue };
            let Answered { answer, pending } = batch.answer(request)?;
            (job.answer, job.pending) = (Some(answer), pending);
        }
        let edit = batch.edit;
        if self.journal.next_seq() == self.journal.synced_seq() + 1 {
            return Ok(());
        }
        self.journal.commit().map_err(|error| {
            state.forget_walks();
            Failure::Journal(error)
        })?;
        let applied = catch_unwind(AssertUnwindSafe(|| edit.commit()));
        applied
            .unwrap_or_else(|_| Err(super::sled_engine::value::damaged("sled panicked while applying")))
            .map_err(Failure::Applying)
    }

    fn state_failed(&mut self, error: &Error) {
        tracing::error!(error = error as &dyn std::error::Error, "the state database failed and is opened anew");
        self.shared.suspect.store(true, Ordering::Release);
        self.bring_back();
    }

    /// Opens the state anew and replays what it lacks; returns whether it is there. While attempts fail, they come
    /// ever less often, so that a full disk does not keep the machine busy.
    fn bring_back(&mut self) -> bool {
        let started = Instant::now();
        if started < self.retry_at {
            return false;
        }
        self.shared.drop_state();
        let end = open::JournalEnd { seq: self.journal.synced_seq() };
        match open::bring_up(&self.shared.data, end, &self.shared.options, &|_| {}) {
            Ok(state) => {
                self.shared.put_state(state);
                self.shared.suspect.store(false, Ordering::Release);
                tracing::info!("the state database is back");
                true
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the state database cannot be opened");
                self.retry_at = Instant::now() + RETRY_WAIT_MIN.max(started.elapsed());
                false
            }
        }
    }

    fn fill_segment(&mut self) -> Result<u64, Error> {
        match self.shared.state().as_ref() {
            None => return Err(self.shared.no_state()),
            // A state that went back to before the erasure would not fit a journal without the words.
            Some(state) => catch_unwind(AssertUnwindSafe(|| state.flush()))
                .unwrap_or_else(|_| Err(super::sled_engine::value::damaged("sled panicked while flushing")))
                .inspect_err(|_| self.shared.suspect.store(true, Ordering::Release))?,
        }
        self.journal.fill_segment()
    }

    fn take_over(&mut self, built: State, up_to_seq: u64) -> Result<(), Error> {
        let (data, options) = (self.shared.data.clone(), self.shared.options.clone());
        let end = open::JournalEnd { seq: self.journal.synced_seq() };
        open::complete(built, &data, end, up_to_seq)?;
        self.shared.exchange_state(|| {
            open::replace(&data)?;
            open::reopen(&data, end, &options)
        })
    }

    fn look_after(&mut self) {
        if self.shared.suspect.load(Ordering::Acquire) || self.shared.state().is_none() {
            self.bring_back();
        } else {
            self.journal.sync_watermark();
        }
    }

    fn finish(mut self) {
        self.shared.closed.store(true, Ordering::Release);
        // Whoever goes through files stops soon; nothing of theirs may happen once the directory is another's.
        let shared = Arc::clone(&self.shared);
        let _turn = shared.erasing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = self.shared.state().as_ref() {
            let flushed = catch_unwind(AssertUnwindSafe(|| state.flush()));
            // What is not flushed is replayed from the journal at the next start.
            if !matches!(flushed, Ok(Ok(()))) {
                tracing::warn!("the state database could not be flushed at closing");
            }
        }
        self.shared.drop_state();
        self.shared.tell_synced(None);
        self.journal.sync_watermark();
        drop(self.lock);
    }
}

/// Makes salts that nobody can guess, without asking the system for each: they are hashes of a secret that is never
/// written down.
pub(super) struct Salts(Sha256);

impl Salts {
    pub(super) fn new() -> Self {
        let secret = Sha256::new().chain_update(uuid::Uuid::new_v4()).chain_update(uuid::Uuid::new_v4());
        Self(secret)
    }

    /// Returns the salt of the record that begins with this event.
    pub(super) fn of(&self, first_seq: u64) -> [u8; SALT_BYTES] {
        let hash = self.0.clone().chain_update(first_seq.to_le_bytes()).finalize();
        hash[..SALT_BYTES].try_into().expect("a hash is longer than a salt")
    }
}

/// Flushes the state every now and then, so that a start after a crash has little to replay; ends with the engine.
pub(super) fn flush_now_and_then(shared: &Shared, writer: &mpsc::WeakSender<Command>, stop: &std_mpsc::Receiver<()>) {
    let mut flushed_seq = None;
    while stop.recv_timeout(shared.options.flush_every) == Err(std_mpsc::RecvTimeoutError::Timeout) {
        let guard = shared.state();
        let tick = match guard.as_ref() {
            None => true,
            Some(state) => {
                let seq = state.summary().applied_seq;
                let behind = flushed_seq.replace(seq) != Some(seq);
                if behind && !matches!(catch_unwind(AssertUnwindSafe(|| state.flush())), Ok(Ok(()))) {
                    tracing::error!("the state database could not be flushed");
                    flushed_seq = None;
                    shared.suspect.store(true, Ordering::Release);
                }
                behind
            }
        };
        drop(guard);
        if tick && let Some(writer) = writer.upgrade() {
            // A full queue wakes the writer anyway.
            drop(writer.try_send(Command::Tick));
        }
    }
}
