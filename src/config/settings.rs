//! The settings once they are checked.

use crate::domain::SiteId;
use crate::moderation;
use crate::policy::Below;
use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

/// Everything that the operator can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port.
    pub server: Server,
    /// The data directory.
    pub store: Store,
    /// The page of metrics; `None` where there is to be none.
    pub metrics: Option<Metrics>,
    /// Limits of comments and of scoring.
    pub moderation: moderation::Config,
    /// The folder of the model; `None` takes the one inside the program.
    pub model_dir: Option<PathBuf>,
    /// What lies below the policies that editors set.
    pub below: Below,
    /// Coral's external moderation phases.
    pub coral: Coral,
    /// Logging.
    pub log: Log,
}

/// Coral's external moderation phases.
#[derive(Debug, Clone)]
pub struct Coral {
    /// How long Coral is kept waiting for an answer.
    pub deadline: Duration,
    /// For each site the secrets that Coral signs with.
    pub secrets: BTreeMap<SiteId, Vec<Hidden>>,
}

/// A value that nothing prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    pub(super) fn new(value: String) -> Self {
        Self(value)
    }

    /// Returns the value.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The port.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether other machines may connect while nobody needs a token.
    pub allow_remote: bool,
    /// Under which address clients know the server; `None` where each request says it.
    pub public_url: Option<String>,
    /// Certificates; `None` where nothing is encrypted.
    pub tls: Option<Tls>,
    /// How long requests get to finish at shutdown.
    pub drain: Duration,
    /// Bytes of one message at most.
    pub message_bytes_max: usize,
    /// The origins whose pages may call from browsers, such as `https://www.example.org`.
    pub origins: Vec<String>,
}

/// The files of TLS, in the form of PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The server's certificate, and behind it those that lead to a root.
    pub cert: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The certificates that sign those of clients; `None` where clients need none.
    pub client_ca: Option<PathBuf>,
}

/// The page of metrics.
#[derive(Debug, Clone, Copy)]
pub struct Metrics {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How often drift is looked at.
    pub drift_every: Duration,
}

/// The data directory.
#[derive(Debug, Clone)]
pub struct Store {
    /// The folder.
    pub data_dir: PathBuf,
    /// Writes that wait at most.
    pub queue_max: usize,
    /// Writes that are synced together at most.
    pub batch_max: usize,
    /// Bytes of cache for the state database.
    pub cache_bytes: u64,
    /// How long after an erasure the state database is built anew.
    pub compact_after: Duration,
}

/// Logging.
#[derive(Debug, Clone)]
pub struct Log {
    /// What to log.
    pub filter: String,
    /// For whom.
    pub format: LogFormat,
}

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// People.
    Text,
    /// Programs.
    Json,
}
