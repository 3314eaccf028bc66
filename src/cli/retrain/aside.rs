//! Long work on a thread of its own, which a signal doesn't wait for.

use crate::cli::failure::Advised;
use std::thread;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// A signal came before anything was written.
#[derive(Debug)]
pub(super) struct Stopped;

impl From<Stopped> for anyhow::Error {
    fn from(_: Stopped) -> Self {
        Advised::new("stopped; nothing was written, and nothing was changed on the server", "type the command again")
            .into()
    }
}

/// Runs work on a thread of its own. Where nobody waits for it any more, it ends with the process.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    let (done, waiting) = oneshot::channel();
    thread::Builder::new().name("retrain".into()).spawn(move || {
        // Whoever waited has been stopped.
        drop(done.send(work()));
    })?;
    waiting.await.map_err(|_| anyhow::anyhow!("the work ended before it was done; that is a fault of this program"))
}

/// Waits for work, or for the signal that stops it.
pub(super) async fn until<T>(stop: &CancellationToken, work: impl Future<Output = T>) -> anyhow::Result<T> {
    tokio::select! {
        done = work => Ok(done),
        () = stop.cancelled() => Err(Stopped.into()),
    }
}
