//! What the server is made of, opened in the order in which it can fail cheaply.

use super::Error;
use crate::auth::Secret;
use crate::classify::{Model, Scorer};
use crate::config::Settings;
use crate::grpc::SILENT_MAX;
use crate::moderation::{Clock, SystemClock};
use crate::store::{EmbeddedStore, Options, Progress, Store};
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// The parts that do the work; tests hand in their own.
pub struct Parts {
    /// Scores texts.
    pub scorer: Arc<dyn Scorer>,
    /// Remembers.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How long those who watch may not read before they are cut off.
    pub silent_max: Duration,
    /// Where the page of metrics is asked for, and how often drift is looked at; `None` where nobody asks.
    pub metrics: Option<(TcpListener, Duration)>,
    /// Whom alone the server lets in, where one process has it for itself; `None` asks the store's tokens.
    pub only: Option<Secret>,
}

impl Parts {
    /// Has the server let in nobody but the bearer of a token that is kept nowhere and is returned.
    ///
    /// # Errors
    ///
    /// Says that the system gives no randomness.
    pub fn keep_to_one(&mut self) -> Result<Secret, Error> {
        let secret = Secret::generate().map_err(Error::Token)?;
        self.only = Some(secret.clone());
        Ok(secret)
    }
}

/// Loads the model, then opens the store that the settings name; `progress` hears of a rebuild.
///
/// # Errors
///
/// Says which file can't be used and what to do.
pub fn open(settings: &Settings, progress: &dyn Fn(Progress)) -> Result<Parts, Error> {
    let model = match &settings.model_dir {
        Some(dir) => Model::load(dir),
        None => Model::embedded(),
    };
    let model = model.map_err(Error::Model)?;
    let options = Options {
        queue_max: settings.store.queue_max,
        batch_max: settings.store.batch_max,
        cache_bytes: settings.store.cache_bytes,
        compact_after: settings.store.compact_after,
        ..Options::default()
    };
    let store = EmbeddedStore::open(&settings.store.data_dir, options, progress)?;
    Ok(Parts {
        scorer: Arc::new(model),
        store: Arc::new(store),
        clock: Arc::new(SystemClock),
        silent_max: SILENT_MAX,
        metrics: None,
        only: None,
    })
}
