//! `ombud config`: shows the settings.

use super::args::{ConfigArgs, ConfigCommand, SettingsArgs};
use super::{Ended, output};
use crate::config::{DEFAULTS, Flags, Loaded, load};
use std::{
    env,
    io::{self, Write as _},
};

pub(crate) fn run(args: &ConfigArgs) -> anyhow::Result<Ended> {
    match &args.command {
        ConfigCommand::Default => output::write(DEFAULTS.as_bytes()),
        ConfigCommand::Check { settings, json } => check(settings, *json),
    }
}

/// Loads the settings that a command runs with.
pub(crate) fn settings(args: &SettingsArgs) -> anyhow::Result<Loaded> {
    let flags = Flags { listen: args.listen.clone(), data_dir: args.data_dir.clone() };
    // A variable that is not UTF-8 can't be one of ours.
    let environment =
        env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(load(args.config.as_deref(), environment, &flags)?)
}

fn check(args: &SettingsArgs, json: bool) -> anyhow::Result<Ended> {
    let entries = settings(args)?.entries;
    let mut out = io::stdout().lock();
    if json {
        let object: serde_json::Map<_, _> = entries
            .into_iter()
            .map(|entry| (entry.key, serde_json::json!({ "value": entry.value, "origin": entry.origin })))
            .collect();
        output::json_line(&mut out, &object)?;
    } else {
        let width =
            |part: fn(&crate::config::Entry) -> &str| entries.iter().map(|entry| part(entry).len()).max().unwrap_or(0);
        let (keys, values) = (width(|entry| &entry.key), width(|entry| &entry.value));
        for entry in &entries {
            writeln!(out, "{:<keys$}  {:<values$}  {}", entry.key, entry.value, entry.origin)?;
        }
    }
    Ok(Ended::Done)
}
