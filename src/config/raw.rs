//! The form of the settings, before their values are checked.

use super::settings::{Log, LogFormat, Server, Settings, Store};
use super::{Error, Problem};
use crate::domain::{Attribute, Score, SiteId};
use crate::moderation;
use crate::policy::{Rules, Threshold, Thresholds, UnsupportedLanguage};
use serde::Deserialize;
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    server: RawServer,
    store: RawStore,
    limits: RawLimits,
    scoring: RawScoring,
    model: RawModel,
    log: RawLog,
    policy: RawPolicy,
    #[serde(default)]
    sites: BTreeMap<String, RawPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServer {
    listen: String,
    allow_remote: bool,
    drain_secs: u64,
    message_bytes_max: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStore {
    data_dir: PathBuf,
    queue_max: usize,
    batch_max: usize,
    cache_mib: u64,
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
struct RawModel {
    dir: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLog {
    filter: String,
    format: String,
}

#[derive(Deserialize)]
struct RawPolicy {
    unsupported_language: Option<String>,
    /// Every other key is an attribute.
    #[serde(flatten)]
    thresholds: BTreeMap<String, RawThreshold>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
struct RawThreshold {
    hold: Option<RawLimit>,
    reject: Option<RawLimit>,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
enum RawLimit {
    Score(f32),
    Word(String),
}

pub(super) fn read(merged: ::config::Config) -> Result<Raw, Error> {
    Ok(merged.try_deserialize()?)
}

impl Raw {
    /// Checks every value; all problems are found at once.
    pub(super) fn check(self) -> Result<Settings, Vec<Problem>> {
        let mut problems = Vec::new();
        let listen = self.server.listen.parse::<SocketAddr>();
        if listen.is_err() {
            problems.push(Problem::new("server.listen", "must be an address and a port, as 127.0.0.1:8787"));
        }
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
        within("limits.text_bytes_max", self.limits.text_bytes_max as u64, 1, 1 << 20);
        within("limits.name_chars_max", self.limits.name_chars_max as u64, 1, 10_000);
        within("limits.id_bytes_max", self.limits.id_bytes_max as u64, 16, 255);
        within("scoring.timeout_ms", self.scoring.timeout_ms, 1, 600_000);
        // The longest comment must fit into a message: its text, a name, six ids and some bytes around them.
        let limits = &self.limits;
        let longest = limits.text_bytes_max + 4 * limits.name_chars_max + 6 * limits.id_bytes_max + 128;
        if longest > self.server.message_bytes_max {
            let must = format!("must be at least {longest}, so that the longest comment that limits allow fits");
            problems.push(Problem::new("server.message_bytes_max", must));
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
        let policy = rules("policy", &self.policy, &Thresholds::none().into(), &mut problems);
        let sites: Vec<_> = self
            .sites
            .iter()
            .map(|(site, own)| {
                let key = format!("sites.{site}");
                if site.is_empty() || site.len() > self.limits.id_bytes_max {
                    problems.push(Problem::new(key.as_str(), "must be a site's id"));
                }
                (SiteId::new(site.as_str()), rules(&key, own, &policy, &mut problems))
            })
            .collect();
        let Ok(listen) = listen else { return Err(problems) };
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Settings {
            server: Server {
                listen,
                allow_remote: self.server.allow_remote,
                drain: Duration::from_secs(self.server.drain_secs),
                message_bytes_max: self.server.message_bytes_max,
            },
            store: Store {
                data_dir: self.store.data_dir,
                queue_max: self.store.queue_max,
                batch_max: self.store.batch_max,
                cache_bytes: self.store.cache_mib << 20,
            },
            moderation: moderation::Config {
                limits: moderation::Limits {
                    text_bytes_max: self.limits.text_bytes_max,
                    name_chars_max: self.limits.name_chars_max,
                    id_bytes_max: self.limits.id_bytes_max,
                },
                scoring_timeout: Duration::from_millis(self.scoring.timeout_ms),
            },
            model_dir: (!self.model.dir.as_os_str().is_empty()).then_some(self.model.dir),
            policy,
            sites,
            log: Log { filter: self.log.filter, format },
        })
    }
}

/// Lays `own` rules over those of `base`.
fn rules(key: &str, own: &RawPolicy, base: &Rules, problems: &mut Vec<Problem>) -> Rules {
    let thresholds = thresholds(key, &own.thresholds, &base.thresholds, problems);
    let unsupported_language = match own.unsupported_language.as_deref().map(UnsupportedLanguage::from_name) {
        None => base.unsupported_language,
        Some(Some(choice)) => choice,
        Some(None) => {
            let must = "must be \"hold\", \"reject\" or \"score\"";
            problems.push(Problem::new(format!("{key}.unsupported_language"), must));
            base.unsupported_language
        }
    };
    Rules { thresholds, unsupported_language }
}

/// Lays `own` thresholds over those of `base`.
fn thresholds(
    key: &str,
    own: &BTreeMap<String, RawThreshold>,
    base: &Thresholds,
    problems: &mut Vec<Problem>,
) -> Thresholds {
    let mut thresholds = *base;
    for (name, raw) in own {
        let Some(attribute) = Attribute::from_name(name) else {
            let known: Vec<_> = Attribute::ALL.iter().map(|attribute| attribute.key()).collect();
            let must = format!("is no attribute; there are {}", known.join(", "));
            problems.push(Problem::new(format!("{key}.{name}"), must));
            continue;
        };
        let common = base.get(attribute);
        let mut read = |side: &str, raw: &Option<RawLimit>, common: Option<Score>| match raw {
            None => common,
            Some(RawLimit::Word(word)) if word == "never" => None,
            Some(RawLimit::Score(score)) if Score::new(*score).is_some() => Score::new(*score),
            Some(_) => {
                let must = "must be a score from 0 to 1, or \"never\"";
                problems.push(Problem::new(format!("{key}.{name}.{side}"), must));
                None
            }
        };
        let threshold = Threshold {
            hold: read("hold", &raw.hold, common.hold),
            reject: read("reject", &raw.reject, common.reject),
        };
        if let (Some(hold), Some(reject)) = (threshold.hold, threshold.reject)
            && hold > reject
        {
            let must = format!("is above the reject threshold {}: such comments would never be held", reject.get());
            problems.push(Problem::new(format!("{key}.{name}.hold"), must));
        }
        thresholds.set(attribute, threshold);
    }
    thresholds
}
