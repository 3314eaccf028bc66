//! A stopped server's folder, served to this process alone.

use super::aside::aside;
use crate::cli::args::{ServerArgs, SettingsArgs};
use crate::cli::failure::Advised;
use crate::cli::{config, serve};
use crate::server;
use crate::store;
use std::path::{Path, PathBuf};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A server over a folder, which lets in nobody but whoever has its token, and that is this process.
pub(crate) struct Local {
    /// How to reach it.
    pub(crate) server: ServerArgs,
    shutdown: CancellationToken,
    serving: JoinHandle<Result<(), server::Error>>,
}

impl Local {
    /// Opens a folder with the base model of `model`, or the one that settings name; returns the folder of that, too.
    pub(crate) async fn open(
        dir: &Path,
        config: Option<PathBuf>,
        model: Option<&Path>,
    ) -> anyhow::Result<(Self, Option<PathBuf>)> {
        if !dir.is_dir() {
            anyhow::bail!("there is no folder {}", dir.display());
        }
        let args = SettingsArgs { config, listen: Some("127.0.0.1:0".into()), data_dir: Some(dir.to_owned()) };
        let mut settings = config::settings(&args)?.settings;
        settings.model_dir = model.map(Path::to_owned).or(settings.model_dir);
        let opened = settings.clone();
        let parts = aside(move || serve::open(&opened)).await?;
        let mut parts = parts.map_err(|error| told_apart(error, dir))?;
        let secret = parts.keep_to_one()?;
        let listener = TcpListener::bind(settings.server.listen).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shutdown = CancellationToken::new();
        let (stop, model_dir) = (shutdown.clone(), settings.model_dir.clone());
        let serving = tokio::spawn(async move { server::run(parts, &settings, listener, stop).await });
        let token = Some(secret.expose().to_owned());
        Ok((Self { server: ServerArgs::of(url, token), shutdown, serving }, model_dir))
    }

    /// Flushes and closes the folder.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        Ok(self.serving.await??)
    }
}

/// Says what to do where a running server has the folder.
fn told_apart(error: anyhow::Error, dir: &Path) -> anyhow::Error {
    let is_locked = |cause: &(dyn std::error::Error + 'static)| {
        matches!(cause.downcast_ref(), Some(store::Error::Locked { .. }))
            || matches!(cause.downcast_ref(), Some(server::Error::Store(store::Error::Locked { .. })))
    };
    if !error.chain().any(is_locked) {
        return error;
    }
    let what = format!("a running server has {} open", dir.display());
    Advised::new(what, "let it run and ask it: `ombud retrain --server URL`, without --data-dir").into()
}
