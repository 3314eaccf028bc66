//! The places that settings come from, one over the other.

use super::{DEFAULTS, Error, coral};
use ::config::{Config, ConfigError, Environment, File, FileFormat, Map, Source, Value, ValueKind};
use std::path::{Path, PathBuf};

/// Settings from the command line; `None` where a flag was not given.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--listen`: sets `server.listen`.
    pub listen: Option<String>,
    /// `--data-dir`: sets `store.data_dir`.
    pub data_dir: Option<PathBuf>,
}

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, such as `server.listen`.
    pub key: String,
    /// The value, as text.
    pub value: String,
    /// Where it comes from: `default`, a file's path, an environment variable or a flag.
    pub origin: String,
}

impl Source for Flags {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let data_dir = self.data_dir.as_ref().map(|dir| dir.to_string_lossy().into_owned());
        let given = [("server.listen", "--listen", self.listen.clone()), ("store.data_dir", "--data-dir", data_dir)];
        let value = |flag: &str, text| Value::new(Some(&format!("flag {flag}")), ValueKind::String(text));
        Ok(given.into_iter().filter_map(|(key, flag, text)| Some((key.to_owned(), value(flag, text?)))).collect())
    }
}

pub(super) fn merge(
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    flags: &Flags,
) -> Result<Config, Error> {
    let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(FileFormat::Toml));
    }
    // Only names with two underscores are settings; others, such as OMBUD_URL, belong to commands.
    let named = environment.into_iter().filter(|(name, _)| {
        name.get(..6).is_some_and(|prefix| prefix.eq_ignore_ascii_case("OMBUD_")) && name[6..].contains("__")
    });
    let environment = Environment::with_prefix("OMBUD")
        .prefix_separator("_")
        .separator("__")
        .try_parsing(true)
        .source(Some(named.collect()));
    Ok(builder.add_source(environment).add_source(flags.clone()).build()?)
}

/// Lists every value with its key and origin, sorted by key.
pub(super) fn entries(merged: &Config, file: Option<&Path>) -> Vec<Entry> {
    let mut entries = Vec::new();
    let file = file.map(|file| file.display().to_string()).unwrap_or_default();
    collect(&merged.cache, "", &file, &mut entries);
    entries.sort_by(|a, b| a.key.cmp(&b.key));
    entries
}

fn collect(value: &Value, key: &str, file: &str, entries: &mut Vec<Entry>) {
    if let ValueKind::Table(table) = &value.kind {
        for (name, value) in table {
            let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
            collect(value, &key, file, entries);
        }
    } else {
        let origin = match value.origin() {
            None => "default".to_owned(),
            Some("the environment") => format!("environment OMBUD_{}", key.to_uppercase().replace('.', "__")),
            Some(origin) if origin.starts_with("flag ") => origin.to_owned(),
            // There is one file, and whoever named it knows it by that name.
            Some(_) => file.to_owned(),
        };
        let value = if coral::is_hidden(key) { "(hidden)".to_owned() } else { value.to_string() };
        entries.push(Entry { key: key.to_owned(), value, origin });
    }
}
