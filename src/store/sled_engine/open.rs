//! Brings the state up, trusting nothing that it finds: what is damaged, ahead of the journal or of another schema is
//! set aside and built anew, and what lags behind catches up.

use super::edit::Edit;
use super::value::damaged;
use super::{State, value::Summary};
use crate::store::{Error, Options, Progress, Stage, error::unavailable, journal};
use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// What the names of damaged databases begin with.
const SET_ASIDE: &str = "state.damaged-";
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

/// Returns where a state is built anew, to take the place of the other.
pub(in crate::store) fn compacting_path(data: &Path) -> PathBuf {
    data.join("state.compacting")
}

/// Where the state lies that another took the place of.
fn replaced_path(data: &Path) -> PathBuf {
    data.join("state.replaced")
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
            state.load_near()?;
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
    open_patiently(path, options, true)
}

fn open_patiently(path: &Path, options: &Options, is_checked: bool) -> Result<State, Error> {
    let started = Instant::now();
    loop {
        match open_in_thread(path, options, is_checked) {
            Err(Error::Unavailable { source, .. })
                if source.to_string().contains("lock") && started.elapsed() < LOCK_WAIT_MAX =>
            {
                pause(Duration::from_millis(20));
            }
            outcome => return outcome,
        }
    }
}

fn open_in_thread(path: &Path, options: &Options, is_checked: bool) -> Result<State, Error> {
    let Options { cache_bytes, steps_kept, open_deadline: deadline, .. } = *options;
    let (answer, opened) = mpsc::channel();
    let state_path = path.to_owned();
    let run = move || {
        let outcome = catch_unwind(|| {
            let state = State::open(&state_path, cache_bytes, steps_kept)?;
            if is_checked {
                state.check()?;
            }
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
    catch_up_while(state, data, end, progress, &|| true)
}

/// Applies what the journal has beyond the state, for as long as `go_on` says so; then the store was closed.
pub(in crate::store) fn catch_up_while(
    state: &State,
    data: &Path,
    end: JournalEnd,
    progress: &dyn Fn(Progress),
    go_on: &dyn Fn() -> bool,
) -> Result<(), Error> {
    let Summary { applied_seq, applied_hash, .. } = state.summary();
    if applied_seq > end.seq {
        return Err(damaged("it is ahead of the journal"));
    }
    let mut actions = Vec::with_capacity(ACTIONS_AT_ONCE);
    let apply = |actions: &mut Vec<journal::Replayed>| {
        if !go_on() {
            return Err(Error::Closed);
        }
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

/// Brings a state that was built anew up to the journal's end, notes in it that the words of erasures up to `up_to_seq` are in
/// no file, and closes it.
pub(in crate::store) fn complete(state: State, data: &Path, end: JournalEnd, up_to_seq: u64) -> Result<(), Error> {
    catch_unwind(AssertUnwindSafe(move || {
        catch_up(&state, data, end, &|_| {})?;
        state.forget_erasures(up_to_seq)?;
        state.flush()
    }))
    .unwrap_or_else(|_| Err(damaged("sled panicked while the state was built anew")))
}

/// Puts the state that was built anew in the place of the other, and removes that one and every damaged one: nothing may
/// hold words that were erased. A crash in between leaves no state, which the next opening builds from the journal.
pub(in crate::store) fn replace(data: &Path) -> Result<(), Error> {
    let (state, replaced) = (state_path(data), replaced_path(data));
    let replace = || -> io::Result<()> {
        fs::rename(&state, &replaced)?;
        fs::rename(compacting_path(data), &state)?;
        fs::File::open(data)?.sync_all()?;
        fs::remove_dir_all(&replaced)?;
        for entry in fs::read_dir(data)? {
            let entry = entry?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(SET_ASIDE)) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        fs::File::open(data)?.sync_all()
    };
    replace().map_err(|source| unavailable(&state, source))
}

/// Opens a state that was closed a moment ago, without looking at every entry again.
pub(in crate::store) fn reopen(data: &Path, end: JournalEnd, options: &Options) -> Result<State, Error> {
    match open_patiently(&state_path(data), options, false) {
        Ok(state) if state.summary().applied_seq == end.seq => Ok(state),
        _ => bring_up(data, end, options, &|_| {}),
    }
}

/// Lists what a crash left of a state that was being built anew.
pub(in crate::store) fn unfinished(data: &Path) -> Vec<PathBuf> {
    [compacting_path(data), replaced_path(data)].into_iter().filter(|path| path.exists()).collect()
}

/// Removes what a crash left of a state that was being built anew.
pub(in crate::store) fn remove_unfinished(data: &Path) -> Result<(), Error> {
    for path in unfinished(data) {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::Io { path, source: error }),
            _ => {}
        }
    }
    Ok(())
}

/// Renames a damaged database out of the way; the oldest of those that were kept goes.
fn set_aside(data: &Path) -> Result<(), Error> {
    let state = state_path(data);
    let rename = || -> io::Result<()> {
        let mut kept = Vec::new();
        for entry in fs::read_dir(data)? {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(SET_ASIDE));
            kept.extend(number.and_then(|number| number.parse::<u64>().ok()));
        }
        kept.sort_unstable();
        let path = |number: u64| data.join(format!("{SET_ASIDE}{number}"));
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
