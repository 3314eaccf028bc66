//! What the operator set.
//!
//! In come the defaults, a TOML file, environment variables and flags, the later ones winning; out goes one checked
//! [`Settings`], or every problem at once. Nothing is opened but the file, and no port before all of it is checked.
//!
//! Start reading at [`load`]; `defaults.toml` beside it documents every key.

mod coral;
mod error;
mod layers;
mod raw;
mod settings;
mod unknown;

pub use error::{Error, Problem};
pub use layers::{Entry, Flags};
pub use settings::{Coral, Hidden, Log, LogFormat, Metrics, Server, Settings, Store, Tls};

use std::path::Path;

/// The commented file of all keys with their defaults.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Settings, and where each value comes from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings in force.
    pub settings: Settings,
    /// Every key in force with its value and origin, sorted by key.
    pub entries: Vec<Entry>,
}

/// Merges the defaults, `file`, `environment` and `flags`, and checks the whole.
///
/// Of the environment, only variables named `OMBUD_` with two underscores further on are read, such as
/// `OMBUD_SERVER__LISTEN`.
///
/// # Errors
///
/// Says which file can't be read, or lists every value that can't stand with its key and origin.
pub fn load(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &Flags,
) -> Result<Loaded, Error> {
    let mut merged = layers::merge(file, environment, flags)?;
    let entries = layers::entries(&merged, file);
    let mut problems = unknown::take(&mut merged.cache);
    let checked = match raw::read(merged) {
        Ok(read) => read.check(),
        // What can't be read may be told once every key is one that there is.
        Err(error) if problems.is_empty() => return Err(error),
        Err(_) => Err(Vec::new()),
    };
    match checked {
        Ok(settings) if problems.is_empty() => Ok(Loaded { settings, entries }),
        checked => {
            problems.extend(checked.err().unwrap_or_default());
            Err(Error::Invalid(name_origins(problems, &entries)))
        }
    }
}

fn name_origins(mut problems: Vec<Problem>, entries: &[Entry]) -> Vec<Problem> {
    for problem in &mut problems {
        // A list has one origin.
        let key = problem.key.split('[').next().unwrap_or_default();
        let within = |entry: &&Entry| {
            let rest = entry.key.strip_prefix(key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let entry = entries.iter().find(within);
        problem.origin = entry.map(|entry| entry.origin.clone()).unwrap_or_default();
    }
    problems
}
