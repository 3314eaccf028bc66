//! What is wrong with the settings.

use std::fmt::Write as _;

/// One value that can't stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `server.listen`.
    pub key: String,
    /// What the value must be.
    pub must: String,
    /// Where the value comes from.
    pub origin: String,
}

impl Problem {
    pub(super) fn new(key: impl Into<String>, must: impl Into<String>) -> Self {
        Self { key: key.into(), must: must.into(), origin: String::new() }
    }
}

/// Settings that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The layers can't be read or don't have the form of settings.
    #[error("cannot read the configuration")]
    Unreadable(#[source] Box<::config::ConfigError>),
    /// Values that can't stand.
    #[error("{}", list(.0))]
    Invalid(Vec<Problem>),
}

impl From<::config::ConfigError> for Error {
    fn from(error: ::config::ConfigError) -> Self {
        Self::Unreadable(Box::new(error))
    }
}

fn list(problems: &[Problem]) -> String {
    let mut said = String::from("the configuration can't be used:");
    for Problem { key, must, origin } in problems {
        let _ = write!(said, "\n  {key} {must}");
        if !origin.is_empty() {
            let _ = write!(said, " (set by {origin})");
        }
    }
    said
}
