//! The form of the settings, before their values are checked.

use super::coral::RawCoral;
use super::settings::{Log, LogFormat, Metrics, Server, Settings, Store, Tls};
use super::{Error, Problem};
use crate::domain::{SiteId, Violation};
use crate::moderation;
use crate::policy::{Below, Document, PolicyBook, Written};
use serde::Deserialize;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    server: RawServer,
    tls: RawTls,
    store: RawStore,
    limits: RawLimits,
    scoring: RawScoring,
    review: RawReview,
    metrics: RawMetrics,
    model: RawModel,
    coral: RawCoral,
    log: RawLog,
    policy: Written,
    #[serde(default)]
    sites: BTreeMap<String, Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServer {
    listen: String,
    allow_remote: bool,
    public_url: String,
    drain_secs: u64,
    message_bytes_max: usize,
    origins: Origins,
}

/// A list; in the environment, which has none, separated by commas.
#[derive(Deserialize)]
#[serde(untagged)]
enum Origins {
    Listed(Vec<String>),
    Written(String),
}

impl Origins {
    /// Returns the origins, with a problem for each that is none.
    fn check(&self, problems: &mut Vec<Problem>) -> Vec<String> {
        let written: Vec<&str> = match self {
            Self::Listed(origins) => origins.iter().map(String::as_str).collect(),
            Self::Written(origins) => origins.split(',').map(str::trim).filter(|origin| !origin.is_empty()).collect(),
        };
        for (index, _) in written.iter().enumerate().filter(|(_, origin)| !is_origin(origin)) {
            let must = "must be as a browser writes it, scheme, host and perhaps port: \"https://www.example.org\"";
            problems.push(Problem::new(format!("server.origins[{index}]"), must));
        }
        written.into_iter().map(str::to_owned).collect()
    }
}

/// Returns whether a text is an origin, in the form in which browsers send them.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_of_hosts = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._:[]".contains(c);
    !host.is_empty() && host.chars().all(is_of_hosts)
}

impl RawServer {
    /// Checks that the address is one that documents can name.
    fn check_public_url(&self, problems: &mut Vec<Problem>) {
        let has_scheme = ["http://", "https://"].iter().any(|scheme| self.public_url.starts_with(scheme));
        if !(self.public_url.is_empty() || has_scheme) {
            let must = "must be empty, or an address that begins with http:// or https://";
            problems.push(Problem::new("server.public_url", must));
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTls {
    cert: PathBuf,
    key: PathBuf,
    client_ca: PathBuf,
}

impl RawTls {
    /// Checks that certificate and key are both named, or neither.
    fn check(self, problems: &mut Vec<Problem>) -> Option<Tls> {
        let is_named = |path: &PathBuf| !path.as_os_str().is_empty();
        match (is_named(&self.cert), is_named(&self.key)) {
            (true, true) => {
                Some(Tls { cert: self.cert, key: self.key, client_ca: Some(self.client_ca).filter(is_named) })
            }
            (true, false) => {
                problems.push(Problem::new("tls.key", "must name the key of tls.cert"));
                None
            }
            (false, true) => {
                problems.push(Problem::new("tls.cert", "must name the certificate of tls.key"));
                None
            }
            (false, false) => {
                if is_named(&self.client_ca) {
                    problems.push(Problem::new("tls.client_ca", "takes tls.cert and tls.key too"));
                }
                None
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStore {
    data_dir: PathBuf,
    queue_max: usize,
    batch_max: usize,
    cache_mib: u64,
    compact_secs: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the keys of the file")]
struct RawLimits {
    text_bytes_max: usize,
    name_chars_max: usize,
    id_bytes_max: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScoring {
    timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReview {
    audit_rate: f32,
    audit_rejected_rate: f32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMetrics {
    listen: String,
    drift_secs: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    dir: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    filter: String,
    format: String,
}

pub(super) fn read(merged: ::config::Config) -> Result<Raw, Error> {
    Ok(merged.try_deserialize()?)
}

impl Raw {
    /// Checks the policies, each by itself and as they lie over each other.
    fn below(&self, problems: &mut Vec<Problem>) -> Below {
        let mut read = |key: &str, written: &Written| {
            written.check(key).unwrap_or_else(|violations| {
                problems.extend(violations.into_iter().map(problem));
                Document::default()
            })
        };
        let mut below = Below::default();
        below.common.lay_over(&read("policy", &self.policy));
        for (site, own) in &self.sites {
            below.sites.push((SiteId::new(site.as_str()), read(&format!("sites.{site}"), own)));
        }
        for site in self.sites.keys().filter(|site| site.is_empty() || site.len() > self.limits.id_bytes_max) {
            problems.push(Problem::new(format!("sites.{site}"), "must be a site's id"));
        }
        // What can't be read stands for nothing here, so that it is named once.
        let book = PolicyBook::new(below.clone(), str::to_lowercase);
        problems.extend(book.err().into_iter().flatten().map(problem));
        below
    }

    /// Checks every value; all problems are found at once.
    pub(super) fn check(self) -> Result<Settings, Vec<Problem>> {
        let mut problems = Vec::new();
        let listen = self.server.listen.parse::<SocketAddr>();
        if listen.is_err() {
            problems.push(Problem::new("server.listen", "must be an address and a port, as 127.0.0.1:8787"));
        }
        self.server.check_public_url(&mut problems);
        let mut within = |key: &str, value: u64, min: u64, max: u64| {
            if !(min..=max).contains(&value) {
                problems.push(Problem::new(key, format!("must be from {min} to {max}")));
            }
        };
        within("server.drain_secs", self.server.drain_secs, 0, 3600);
        within("server.message_bytes_max", self.server.message_bytes_max as u64, 1 << 10, 1 << 26);
        within("store.queue_max", self.store.queue_max as u64, 1, 1 << 20);
        within("store.batch_max", self.store.batch_max as u64, 1, 1 << 16);
        within("store.cache_mib", self.store.cache_mib, 1, 1 << 20);
        within("store.compact_secs", self.store.compact_secs, 0, 7 * 24 * 3600);
        within("limits.text_bytes_max", self.limits.text_bytes_max as u64, 1, 1 << 20);
        within("limits.name_chars_max", self.limits.name_chars_max as u64, 1, 10_000);
        within("limits.id_bytes_max", self.limits.id_bytes_max as u64, 16, 255);
        within("scoring.timeout_ms", self.scoring.timeout_ms, 1, 600_000);
        within("metrics.drift_secs", self.metrics.drift_secs, 10, 7 * 24 * 3600);
        let metrics = &self.metrics.listen;
        let metrics = if metrics.is_empty() { Ok(None) } else { metrics.parse::<SocketAddr>().map(Some) };
        if metrics.is_err() {
            problems.push(Problem::new("metrics.listen", "must be empty, or an address and a port, as 127.0.0.1:9464"));
        }
        // The longest comment must fit into a message: its text, a name, six ids and some bytes around them.
        let limits = &self.limits;
        let longest = limits.text_bytes_max + 4 * limits.name_chars_max + 6 * limits.id_bytes_max + 128;
        if longest > self.server.message_bytes_max {
            let must = format!("must be at least {longest}, so that the longest comment that limits allow fits");
            problems.push(Problem::new("server.message_bytes_max", must));
        }
        for (key, rate) in [
            ("review.audit_rate", self.review.audit_rate),
            ("review.audit_rejected_rate", self.review.audit_rejected_rate),
        ] {
            if !(0.0..=1.0).contains(&rate) {
                problems.push(Problem::new(key, "must be from 0 to 1"));
            }
        }
        if self.store.data_dir.as_os_str().is_empty() {
            problems.push(Problem::new("store.data_dir", "must name a folder"));
        }
        let format = match self.log.format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => {
                problems.push(Problem::new("log.format", "must be \"text\" or \"json\""));
                LogFormat::Text
            }
        };
        if !crate::telemetry::is_filter(&self.log.filter) {
            problems.push(Problem::new("log.filter", "must be a level, such as info, or a filter by module"));
        }
        let below = self.below(&mut problems);
        let origins = self.server.origins.check(&mut problems);
        let coral = self.coral.check(self.limits.id_bytes_max, &mut problems);
        let tls = self.tls.check(&mut problems);
        let (Ok(listen), Ok(metrics)) = (listen, metrics) else { return Err(problems) };
        let drift_every = Duration::from_secs(self.metrics.drift_secs);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Settings {
            server: Server {
                listen,
                allow_remote: self.server.allow_remote,
                tls,
                public_url: Some(self.server.public_url).filter(|url| !url.is_empty()),
                drain: Duration::from_secs(self.server.drain_secs),
                message_bytes_max: self.server.message_bytes_max,
                origins,
            },
            store: Store {
                data_dir: self.store.data_dir,
                queue_max: self.store.queue_max,
                batch_max: self.store.batch_max,
                cache_bytes: self.store.cache_mib << 20,
                compact_after: Duration::from_secs(self.store.compact_secs),
            },
            metrics: metrics.map(|listen| Metrics { listen, drift_every }),
            moderation: moderation::Config {
                limits: moderation::Limits {
                    text_bytes_max: self.limits.text_bytes_max,
                    name_chars_max: self.limits.name_chars_max,
                    id_bytes_max: self.limits.id_bytes_max,
                },
                scoring_timeout: Duration::from_millis(self.scoring.timeout_ms),
                audit_rate: self.review.audit_rate,
                audit_rejected_rate: self.review.audit_rejected_rate,
            },
            model_dir: (!self.model.dir.as_os_str().is_empty()).then_some(self.model.dir),
            below,
            coral,
            log: Log { filter: self.log.filter, format },
        })
    }
}

fn problem(violation: Violation) -> Problem {
    Problem::new(violation.field, violation.description)
}
