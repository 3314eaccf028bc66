//! Says what happens.
//!
//! In comes a filter; logs go out on standard error. Rooms use the `tracing` macros and never this module. Comment
//! text, names and keys never enter a log: events carry ids, counts and times, and a panic is reported by its place
//! alone, since its message may quote a text.
//!
//! Start reading at [`init`].

use std::{io::IsTerminal as _, panic};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Returns whether `filter` is one that [`init`] takes.
pub fn is_filter(filter: &str) -> bool {
    !filter.is_empty() && EnvFilter::try_new(filter).is_ok()
}

/// Sends logs that pass `filter` to standard error, for people or (`json`) for programs, and panics with them.
///
/// A second call changes nothing: the first subscriber stays.
pub fn init(filter: &str, json: bool) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let filter = filter.and_then(filter_fn(tells_no_secret));
    let colored = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(colored);
    let installed = if json {
        registry().with(filter).with(lines.json()).try_init()
    } else {
        registry().with(filter).with(lines.with_target(false)).try_init()
    };
    if installed.is_ok() {
        log_panics();
    }
}

/// Returns whether an event can't have a key in it: what libraries say at lower levels has whole requests in it.
fn tells_no_secret(metadata: &Metadata<'_>) -> bool {
    metadata.target().split("::").next() == Some("ombud") || *metadata.level() <= Level::INFO
}

/// Reports a panic by its place; its message is left out.
pub fn log_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a part of the program panicked");
    }));
}
