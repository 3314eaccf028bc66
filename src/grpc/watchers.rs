//! How many callers may watch at once.

use super::status;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// How many callers may watch at once: each of them costs a file, a thread's turn now and then, and memory for what waits.
const WATCHERS_MAX: usize = 256;

/// Those who watch. A place is free again as soon as its caller has gone or was told the last thing.
#[derive(Debug, Clone)]
pub(super) struct Watchers(Arc<Semaphore>);

impl Default for Watchers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(WATCHERS_MAX)))
    }
}

impl Watchers {
    /// Takes a place among those who watch, or says that there is none.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, Status> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_full| {
            let mut details = ErrorDetails::new();
            details.set_error_info("TOO_MANY_WATCHERS", status::DOMAIN, HashMap::<String, String>::new());
            details.set_retry_info(Some(Duration::from_secs(5)));
            let message = format!("{WATCHERS_MAX} callers watch already, as many as may; try again later");
            Status::with_error_details(Code::ResourceExhausted, message, details)
        })
    }
}
