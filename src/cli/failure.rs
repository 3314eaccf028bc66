//! What a failed command says, and what to type next.

use super::client::Refused;
use super::flags::Flags;
use super::refused::{Explained, with_fields};
use crate::config;
use crate::domain::{ErrorKind, Violation};
use crate::server;
use crate::store;
use crate::train;
use std::io::{self, Write as _};

/// A refusal of something that was done here, without a server.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct RefusedHere {
    what: String,
    violations: Vec<Violation>,
}

impl RefusedHere {
    /// Says what is refused, and which fields are wrong.
    pub(crate) fn new(error: &dyn std::error::Error, kind: ErrorKind) -> Self {
        let violations = if let ErrorKind::Invalid(violations) = kind { violations } else { Vec::new() };
        Self { what: error.to_string(), violations }
    }

    fn said(&self, flags: &Flags) -> String {
        let violations = self.violations.iter().map(|one| (one.field.clone(), one.description.clone()));
        with_fields(&self.what, violations, Some(flags))
    }
}

/// A failure that knows what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Advised {
    what: String,
    hint: String,
}

impl Advised {
    /// Says what went wrong, and what to do or type next.
    pub(crate) fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

/// A line of a file was refused, here or by the server; those before it were taken.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RefusedLine(pub(crate) String);

/// What to do about a line that is wrong.
const MEND: &str = "mend the line and send the whole file again: what is kept is not kept twice";

/// Says what went wrong, and a command to type next where there is one.
pub(crate) fn report(error: &anyhow::Error, flags: &Flags) {
    let mut said = format!("error: {}\n", causes(error, flags));
    if let Some(hint) = hint(error) {
        said.push_str("\nhint: ");
        said.push_str(&hint);
        said.push('\n');
    }
    // There is nobody left to tell where standard error is closed.
    let _ = io::stderr().lock().write_all(said.as_bytes());
}

/// Lists the causes, each once: some libraries repeat what their own cause says.
fn causes(error: &anyhow::Error, flags: &Flags) -> String {
    let mut said = String::new();
    for cause in error.chain() {
        let cause = if let Some(refused) = cause.downcast_ref::<Refused>() {
            refused.said(Some(flags))
        } else if let Some(refused) = cause.downcast_ref::<RefusedHere>() {
            refused.said(flags)
        } else {
            cause.to_string()
        };
        if !said.ends_with(&cause) {
            let separator = if said.is_empty() { "" } else { ": " };
            said.push_str(&format!("{separator}{cause}"));
        }
    }
    said
}

/// Returns whether a server answered and refused, rather than that the command could not run.
pub(crate) fn is_refusal(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<RefusedHere>()
            || cause.is::<RefusedLine>()
            || cause.downcast_ref::<Refused>().is_some_and(Refused::is_final)
    })
}

fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(explained) = cause.downcast_ref::<Explained>() {
            Some(explained.hint())
        } else if let Some(refused) = cause.downcast_ref::<Refused>() {
            refused.hint()
        } else if let Some(advised) = cause.downcast_ref::<Advised>() {
            Some(advised.hint.clone())
        } else if cause.is::<RefusedLine>() {
            Some(MEND.into())
        } else if cause.is::<config::Error>() {
            Some("`ombud config default` prints every key with its default and meaning".into())
        } else if let Some(error) = cause.downcast_ref::<store::Error>() {
            of_store(error)
        } else if let Some(error) = cause.downcast_ref::<server::Error>() {
            of_server(error)
        } else if let Some(train::Error::BadLines { .. }) = cause.downcast_ref::<train::Error>() {
            Some("mend these lines, or leave them out with --skip-bad".into())
        } else if cause.is::<tonic::transport::Error>() {
            Some("start a server with `ombud serve`, or name another one with --server URL".into())
        } else {
            cause.downcast_ref::<io::Error>().and_then(of_io)
        }
    })
}

fn of_server(error: &server::Error) -> Option<String> {
    match error {
        server::Error::Store(error) => of_store(error),
        server::Error::NoToken { .. } => Some(
            "make one with `ombud token create --role admin --name NAME --data-dir DIR`; or, where a firewall or a proxy \
             decides who reaches the port, set server.allow_remote = true"
                .into(),
        ),
        _ => None,
    }
}

fn of_store(error: &store::Error) -> Option<String> {
    match error {
        store::Error::Locked { .. } => {
            Some(
                "stop the process that uses the folder, or name another folder with --data-dir DIR; `ombud audit head` and \
                 `ombud token` ask a running server with --server URL"
                    .into(),
            )
        }
        store::Error::JournalDamaged { .. } => Some(
            "`ombud verify --data-dir DIR` lists all damage; put the named file back from a backup, the other files \
             can stay"
                .into(),
        ),
        store::Error::JournalNotWhole { .. } => Some("`ombud verify --data-dir DIR` says what is wrong".into()),
        store::Error::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
            Some("name the folder that `ombud serve` used, with --data-dir DIR".into())
        }
        store::Error::UnknownVersion { .. } => {
            Some("the folder was written by a newer ombud: start that one, or name another folder".into())
        }
        _ => None,
    }
}

fn of_io(error: &io::Error) -> Option<String> {
    match error.kind() {
        io::ErrorKind::AddrInUse => Some("name another address with --listen, as in --listen 127.0.0.1:0".into()),
        _ => None,
    }
}
