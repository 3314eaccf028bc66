//! `ombud serve`: runs the server until it is told to stop.

use super::args::ServeArgs;
use super::progress::Bar;
use super::{Ended, config};
use crate::config::{LogFormat, Metrics, Settings};
use crate::server;
use crate::store::{Progress, Stage};
use crate::telemetry;
use anyhow::Context as _;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What is said where nobody needs a token, and only this machine reaches the port.
const OPEN_HERE: &str = "serving this machine only, since there is no token of an admin yet: whoever calls from it may do \
                         everything; `ombud token create --role admin --name NAME` makes a token";
/// What is said where nobody needs a token, and other machines reach the port.
const OPEN: &str = "serving; there is no token of an admin yet, and server.allow_remote lets other machines connect, so that \
                    whoever reaches the port may do everything: `ombud token create --role admin --name NAME` makes a token";

#[expect(clippy::needless_pass_by_value, reason = "a command owns its arguments")]
pub(crate) fn run(args: ServeArgs) -> anyhow::Result<Ended> {
    let settings = config::settings(&args.settings)?.settings;
    telemetry::init(&settings.log.filter, settings.log.format == LogFormat::Json);
    let mut parts = open(&settings)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let signals = StopSignals::install()?;
        let tokens = server::tokens(&*parts.store, &settings, settings.server.listen).await?;
        let listener = bind(settings.server.listen).await?;
        let address = listener.local_addr()?;
        if let Some(Metrics { listen, drift_every }) = settings.metrics {
            let listener = bind(listen).await?;
            tracing::info!(address = %listener.local_addr()?, "the page of metrics is at /metrics");
            parts.metrics = Some((listener, drift_every));
        }
        let (data_dir, model_version) = (settings.store.data_dir.display(), parts.scorer.version().to_owned());
        // Opening policies may take a while, in which nobody is answered.
        let ready = || {
            tracing::info!(
                %address,
                %data_dir,
                model.version = model_version,
                "{}",
                match (tokens.are_needed(), address.ip().is_loopback()) {
                    (true, _) => "serving; every call needs a token",
                    (false, true) => OPEN_HERE,
                    (false, false) => OPEN,
                }
            );
        };
        let shutdown = CancellationToken::new();
        tokio::spawn(signals.stop(shutdown.clone()));
        server::run_and_tell(parts, &settings, listener, shutdown, ready).await?;
        Ok(Ended::Done)
    })
}

/// Opens what the server is made of, with a progress bar where that takes long.
pub(crate) fn open(settings: &Settings) -> anyhow::Result<server::Parts> {
    let bar = Bar::measured();
    let parts = server::open(settings, &|progress| show(&bar, progress));
    bar.finish();
    Ok(parts?)
}

/// Shows what a store is busy with.
pub(crate) fn show(bar: &Bar, progress: Progress) {
    let work = match progress.stage {
        Stage::ReadingJournal => "reading the journal",
        Stage::ApplyingEvents => "rebuilding the state",
        Stage::ComparingState => "comparing the state",
    };
    bar.start(work, progress.total);
    bar.set(progress.done);
}

/// Binds the port.
pub(crate) async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))
}

/// The signals that stop a server. From their installation on, they no longer end the process at once.
pub(crate) struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    /// Begins to listen for SIGTERM and SIGINT; to be called before anyone may send one.
    pub(crate) fn install() -> anyhow::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Cancels `shutdown` at the first signal.
    pub(crate) async fn stop(self, shutdown: CancellationToken) {
        #[cfg(unix)]
        {
            let Self { mut terminate, mut interrupt } = self;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
        shutdown.cancel();
    }
}
