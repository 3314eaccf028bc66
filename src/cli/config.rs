//! `ombud config`: shows the settings.

use super::args::{ConfigArgs, ConfigCommand, SettingsArgs};
use super::{Ended, output};
use crate::config::{DEFAULTS, Flags, Loaded, Settings, load};
use crate::server;
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
    let Loaded { settings, entries } = settings(args)?;
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
    drop(out);
    tell_who_may_come(&settings)?;
    Ok(Ended::Done)
}

/// Says who could reach a server with these settings, where that is not the machine alone.
///
/// # Errors
///
/// Refuses what the server would: that others reach it while nobody needs a token.
fn tell_who_may_come(settings: &Settings) -> anyhow::Result<()> {
    let (listen, data_dir) = (settings.server.listen, &settings.store.data_dir);
    if listen.ip().is_loopback() {
        return Ok(());
    }
    let mut err = io::stderr().lock();
    if settings.server.allow_remote {
        writeln!(err, "warning: whoever reaches {listen} may do everything until an admin has a token")?;
    } else if data_dir.join("journal").is_dir() {
        let token = format!("`ombud token list --data-dir {}`", data_dir.display());
        writeln!(
            err,
            "warning: other machines can connect to {listen}; the server starts only where an admin has a token: {token} \
             shows it"
        )?;
    } else {
        return Err(server::Error::NoToken { listen }.into());
    }
    Ok(())
}
