//! How many callers may watch at once, and for how long each may not read.

use super::status;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// How many callers may watch at once: each of them costs a file, a thread's turn now and then, and memory for what waits.
const WATCHERS_MAX: usize = 256;

/// How long a caller may not read what is told before it is cut off, as a rule.
pub const SILENT_MAX: Duration = Duration::from_mins(1);

/// Those who watch. A place is free again as soon as its caller has gone or was told the last thing.
#[derive(Debug, Clone)]
pub(super) struct Watchers {
    free: Arc<Semaphore>,
    silent_max: Duration,
}

/// A place among those who watch.
#[derive(Debug)]
pub(super) struct Place {
    _taken: OwnedSemaphorePermit,
    /// How long who has it may not read.
    pub(super) silent_max: Duration,
}

impl Watchers {
    /// Has places for callers of whom each may not read for so long.
    pub(super) fn new(silent_max: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(WATCHERS_MAX)), silent_max }
    }

    /// Takes a place among those who watch, or says that there is none.
    pub(super) fn enter(&self) -> Result<Place, Status> {
        let taken = Arc::clone(&self.free).try_acquire_owned();
        taken.map(|taken| Place { _taken: taken, silent_max: self.silent_max }).map_err(|_full| {
            let mut details = ErrorDetails::new();
            details.set_error_info("TOO_MANY_WATCHERS", status::DOMAIN, HashMap::<String, String>::new());
            details.set_retry_info(Some(Duration::from_secs(5)));
            let message = format!("{WATCHERS_MAX} callers watch already, as many as may; try again later");
            Status::with_error_details(Code::ResourceExhausted, message, details)
        })
    }
}
