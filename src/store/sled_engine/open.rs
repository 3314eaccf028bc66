//! Brings the state up, trusting nothing that it finds: what is damaged, ahead of the journal or of another schema is
//! set aside and built anew, and what lags behind catches up.

use super::edit::Edit;
use super::value::damaged;
use super::{State, value::Summary};
use crate::store::{Error, Options, Progress, Stage, journal};
use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How many damaged databases are kept.
const SET_ASIDE_MAX: usize = 2;
/// How many actions are applied at once when catching up.
const ACTIONS_AT_ONCE: usize = 1024;
/// How long sled may hold its lock after its handle was dropped.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(5);

/// Where the journal ends.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct JournalEnd {
    /// The number of the last event.
    pub(in crate::store) seq: u64,
}

/// Returns where the database lies in a data directory.
pub(in crate::store) fn state_path(data: &Path) -> PathBuf {
    data.join("state")
}

/// Returns where the journal lies in a data directory.
pub(in crate::store) fn journal_path(data: &Path) -> PathBuf {
    data.join("journal")
}

/// Opens the state of a data directory, whole and up to the journal's end.
pub(in crate::store) fn bring_up(
    data: &Path,
    end: JournalEnd,
    options: &Options,
    progress: &dyn Fn(Progress),
) -> Result<State, Error> {
    let attempt = || {
        let state = open_checked(&state_path(data), options)?;
        // The handle goes into the closure, because dropping it can panic as well.
        catch_unwind(AssertUnwindSafe(move || {
            catch_up(&state, data, end, progress)?;
            Ok(state)
        }))
        .unwrap_or_else(|_| Err(damaged("sled panicked while catching up")))
    };
    match attempt() {
        Err(Error::StateDamaged { what }) => {
            tracing::error!(what, "the state database is set aside and built anew from the journal");
            set_aside(data)?;
            attempt()
        }
        outcome => outcome,
    }
}

/// Opens a database and checks every entry, in a thread of its own: a damaged file can make sled panic or hang.
pub(in crate::store) fn open_checked(path: &Path, options: &Options) -> Result<State, Error> {
    let started = Instant::now();
    loop {
        match open_in_thread(path, options.cache_bytes, options.open_deadline) {
            Err(Error::Unavailable { source, .. })
                if source.to_string().contains("lock") && started.elapsed() < LOCK_WAIT_MAX =>
            {
                pause(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

fn open_in_thread(path: &Path, cache_bytes: u64, deadline: Duration) -> Result<State, Error> {
    let (answer, opened) = mpsc::channel();
    let state_path = path.to_owned();
    let run = move || {
        let outcome = catch_unwind(|| {
            let state = State::open(&state_path, cache_bytes)?;
            state.check()?;
            Ok(state)
        });
        // Nobody listens after the deadline; then the handle is dropped here.
        drop(answer.send(outcome.unwrap_or_else(|_| Err(damaged("sled panicked while opening")))));
    };
    let thread = thread::Builder::new().name("ombud-open".into()).spawn(run);
    thread.map_err(|source| Error::Io { path: path.to_owned(), source })?;
    opened.recv_timeout(deadline).unwrap_or_else(|_| Err(damaged("sled did not open in time")))
}

/// Waits where nothing tells when to go on.
pub(in crate::store) fn pause(time: Duration) {
    let (_silent, nothing) = mpsc::channel::<()>();
    let _: Result<(), _> = nothing.recv_timeout(time);
}

/// Applies what the journal has beyond the state.
pub(in crate::store) fn catch_up(
    state: &State,
    data: &Path,
    end: JournalEnd,
    progress: &dyn Fn(Progress),
) -> Result<(), Error> {
    let Summary { applied_seq, applied_hash, .. } = state.summary();
    if applied_seq > end.seq {
        return Err(damaged("it is ahead of the journal"));
    }
    let mut actions = Vec::with_capacity(ACTIONS_AT_ONCE);
    let apply = |actions: &mut Vec<journal::Replayed>| {
        let mut edit = Edit::new(state);
        for replayed in actions.drain(..) {
            edit.apply(&replayed.action, replayed.hash)?;
        }
        edit.commit()?;
        progress(Progress { stage: Stage::ApplyingEvents, done: state.summary().applied_seq, total: end.seq });
        Ok(())
    };
    let each = |replayed| {
        actions.push(replayed);
        if actions.len() == ACTIONS_AT_ONCE { apply(&mut actions) } else { Ok(()) }
    };
    let fits = |hash| hash == applied_hash;
    if !journal::replay(&journal_path(data), applied_seq, end.seq, each, fits)? {
        return Err(damaged("it comes from another journal"));
    }
    if !actions.is_empty() {
        apply(&mut actions)?;
    }
    if state.summary().applied_seq != end.seq {
        return Err(damaged("the journal could not be applied to its end"));
    }
    if applied_seq < end.seq { state.flush() } else { Ok(()) }
}

/// Renames a damaged database out of the way; the oldest of those that were kept goes.
fn set_aside(data: &Path) -> Result<(), Error> {
    let state = state_path(data);
    let rename = || -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(data)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("state.damaged-"));
            kept.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        kept.sort_unstable();
        let path = |number: u64| data.join(format!("state.damaged-{number}"));
        let next = kept.last().map_or(1, |last| last + 1);
        while kept.len() >= SET_ASIDE_MAX {
            fs::remove_dir_all(path(kept.remove(0)))?;
        }
        fs::rename(&state, path(next))
    };
    match rename() {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !state.exists() => Ok(()),
        outcome => outcome.map_err(|source| Error::Io { path: state.clone(), source }),
    }
}
