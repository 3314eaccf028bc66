//! Secrets of Coral's phases, which no message quotes.

use super::Problem;
use super::settings::{Coral, Hidden};
use crate::domain::SiteId;
use serde::{Deserialize, de::IgnoredAny};
use std::{collections::BTreeMap, time::Duration};

/// Secrets of a site at most: one, two while it is exchanged, and room.
const SECRETS_MAX: usize = 4;
/// Bytes of a secret, at least and at most.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=256;

#[derive(Deserialize)]
pub(super) struct RawCoral {
    timeout_ms: u64,
    #[serde(flatten)]
    sites: BTreeMap<String, RawSite>,
}

#[derive(Deserialize)]
struct RawSite {
    #[serde(default)]
    secrets: RawSecrets,
}

/// Whatever stands there, so that reading never fails with a message that quotes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawSecrets {
    /// As environment variables have them, with commas.
    Text(String),
    List(Vec<String>),
    Other(IgnoredAny),
}

impl Default for RawSecrets {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// Returns whether the value of a key is never shown.
pub(super) fn is_hidden(key: &str) -> bool {
    key.starts_with("coral.") && key != "coral.timeout_ms"
}

impl RawCoral {
    /// Checks every value, and names each that can't stand.
    pub(super) fn check(self, id_bytes_max: usize, problems: &mut Vec<Problem>) -> Coral {
        if !(1..=10_000).contains(&self.timeout_ms) {
            problems.push(Problem::new("coral.timeout_ms", "must be from 1 to 10000"));
        }
        let mut secrets = BTreeMap::new();
        for (site, RawSite { secrets: raw }) in self.sites {
            let found = match raw {
                RawSecrets::Text(text) => text.split(',').map(|secret| secret.trim().to_owned()).collect(),
                RawSecrets::List(list) => list,
                RawSecrets::Other(_) => Vec::new(),
            };
            if site.is_empty() || site.len() > id_bytes_max {
                problems.push(Problem::new(format!("coral.{site}"), "must be a site's id"));
            }
            let fit = found.iter().all(|secret| SECRET_BYTES.contains(&secret.len()));
            if found.is_empty() || found.len() > SECRETS_MAX || !fit {
                let (least, most) = (SECRET_BYTES.start(), SECRET_BYTES.end());
                let must = format!("must be a list of 1 to {SECRETS_MAX} texts, each of {least} to {most} bytes");
                problems.push(Problem::new(format!("coral.{site}.secrets"), must));
            }
            secrets.insert(SiteId::new(site), found.into_iter().map(Hidden::new).collect());
        }
        Coral { deadline: Duration::from_millis(self.timeout_ms), secrets }
    }
}
