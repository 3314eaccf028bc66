//! Keys that are no setting: whoever mistyped one would wonder why it does nothing.

use super::{DEFAULTS, Problem};
use crate::domain::Attribute;
use ::config::{Map, Value, ValueKind};

/// What a threshold has.
const THRESHOLD: &[&str] = &["hold", "reject"];
/// The parts of a policy besides thresholds, with what each has; nothing where it is no table.
const POLICY: &[(&str, &[&str])] = &[
    ("first_time", &["action", "published"]),
    ("flood", &["action", "comments", "seconds"]),
    ("labels", &["keep_do_not_store"]),
    ("links", &["action", "allowed_domains"]),
    ("mode", &[]),
    ("perspective", &["attributes", "fallback_language", "scales", "strict", "trust_detection"]),
    ("repeats", &["action", "seconds"]),
    ("rules", &["action", "name", "when"]),
    ("unsupported_language", &[]),
    ("words", &["action", "entries", "kind", "name"]),
];

/// Takes the keys that are no setting out of merged layers, and names them all, sorted.
pub(super) fn take(merged: &mut Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let ValueKind::Table(top) = &mut merged.kind else { return problems };
    let defaults: toml::Table = toml::from_str(DEFAULTS).unwrap_or_default();
    let mut names: Vec<&str> = defaults.keys().map(String::as_str).chain(["sites"]).collect();
    names.sort_unstable();
    keep(top, "", &names, &names.join(", "), &mut problems);
    for (name, section) in top.iter_mut() {
        match (name.as_str(), &mut section.kind) {
            ("policy", ValueKind::Table(policy)) => of_policy(policy, "policy.", &mut problems),
            ("sites", ValueKind::Table(sites)) => {
                for (site, own) in sites {
                    if let ValueKind::Table(policy) = &mut own.kind {
                        of_policy(policy, &format!("sites.{site}."), &mut problems);
                    }
                }
            }
            ("coral", ValueKind::Table(table)) => {
                // A table is a site.
                let sites = table.iter().filter(|(_, value)| matches!(value.kind, ValueKind::Table(_)));
                let sites: Vec<String> = sites.map(|(name, _)| name.clone()).collect();
                let known: Vec<&str> = sites.iter().map(String::as_str).chain(["timeout_ms"]).collect();
                keep(table, "coral.", &known, "timeout_ms, and a table for each site", &mut problems);
                for (site, own) in table.iter_mut() {
                    if let ValueKind::Table(own) = &mut own.kind {
                        keep(own, &format!("coral.{site}."), &["secrets"], "secrets", &mut problems);
                    }
                }
            }
            (_, ValueKind::Table(table)) => {
                let known = defaults.get(name).and_then(toml::Value::as_table);
                let mut names: Vec<&str> = known.into_iter().flat_map(toml::Table::keys).map(String::as_str).collect();
                names.sort_unstable();
                keep(table, &format!("{name}."), &names, &names.join(", "), &mut problems);
            }
            _ => {}
        }
    }
    problems.sort_by(|a, b| a.key.cmp(&b.key));
    problems
}

fn of_policy(policy: &mut Map<String, Value>, prefix: &str, problems: &mut Vec<Problem>) {
    let parts = POLICY.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    // A table of another name is a threshold of no attribute, which is told where thresholds are read.
    let tables = policy.iter().filter(|(_, value)| matches!(value.kind, ValueKind::Table(_)));
    let tables: Vec<String> = tables.map(|(name, _)| name.clone()).collect();
    let known = POLICY.iter().map(|(name, _)| *name).chain(Attribute::ALL.map(Attribute::key));
    let known: Vec<&str> = known.chain(tables.iter().map(String::as_str)).collect();
    keep(policy, prefix, &known, &format!("{parts}, and each attribute"), problems);
    for (name, part) in policy.iter_mut() {
        let found = POLICY.iter().find(|(known, _)| known == name);
        let keys = found.map_or(THRESHOLD, |(_, keys)| *keys);
        let mut look = |value: &mut Value, place: String| {
            if let ValueKind::Table(table) = &mut value.kind {
                keep(table, &format!("{prefix}{name}{place}."), keys, &keys.join(", "), problems);
            }
        };
        if let ValueKind::Array(parts) = &mut part.kind {
            parts.iter_mut().enumerate().for_each(|(index, part)| look(part, format!("[{index}]")));
        } else {
            look(part, String::new());
        }
    }
}

/// Keeps the keys that are known, and names the others with those that there are.
fn keep(table: &mut Map<String, Value>, prefix: &str, known: &[&str], there_are: &str, problems: &mut Vec<Problem>) {
    let unknown: Vec<String> = table.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
    for key in unknown {
        table.remove(&key);
        problems.push(Problem::new(format!("{prefix}{key}"), format!("is no setting; there are {there_are}")));
    }
}
