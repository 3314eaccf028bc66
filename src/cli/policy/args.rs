//! The arguments of `ombud policy`.

use crate::cli::args::ServerArgs;
use crate::cli::numbers::whole;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print the policy of a site or an article as TOML
    #[command(
        after_help = "What is printed can be changed and given to `ombud policy set`: its first line says which \
                            version it is.\n\nExample: ombud policy show --site daily > daily.toml"
    )]
    Show(ShowArgs),
    /// Make a TOML file the policy of a site or an article
    #[command(
        after_help = "The keys are those of [policy] in `ombud config default`, and besides mode, links, flood, \
                            repeats, first_time, labels, words and rules; README.md has an example of each.\n\n\
                            Example: ombud policy set daily.toml --site daily --as ada --note 'links from new readers'"
    )]
    Set(SetArgs),
    /// Show what a TOML file, or another version, would change
    #[command(
        after_help = "Policies are compared by what they mean: comments and order make no difference. A file whose name is a \
                            number is written as ./2.\n\n\
                            Examples:\n  ombud policy diff daily.toml --site daily\n  \
                            ombud policy diff 3 --site daily     # what has changed since version 3\n  \
                            ombud policy diff 3 5 --site daily"
    )]
    Diff(DiffArgs),
    /// List the versions of a policy, the newest first
    History(HistoryArgs),
    /// Make an earlier version the newest one
    #[command(after_help = "Example: ombud policy restore 3 --site daily --as ada")]
    Restore(RestoreArgs),
    /// Say what a policy would have decided on the comments that are stored
    #[command(after_help = "Examples:\n  ombud policy simulate daily.toml --site daily --since 2026-11-01\n  \
                            ombud policy simulate --budget 400/day")]
    Simulate(SimulateArgs),
}

/// Whose policy.
#[derive(Args)]
pub(crate) struct ScopeArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The article, where it is to have a policy of its own [default: the whole site]
    #[arg(long, value_name = "A", default_value = "", hide_default_value = true)]
    pub(crate) article: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

/// Who sets a policy, and why.
#[derive(Args)]
pub(crate) struct EditorArgs {
    /// Who sets it [default: whose token it is]
    #[arg(long = "as", value_name = "EDITOR", env = "OMBUD_MODERATOR", default_value = "", hide_default_value = true)]
    pub(crate) editor: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}

#[derive(Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Print all that holds there, with what comes from the site and the configuration
    #[arg(long)]
    pub(crate) effective: bool,
    /// Print the policy as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SetArgs {
    /// The policy, in TOML; - reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) editor: EditorArgs,
    /// The version that the file was made from [default: the one in its first line, else the newest]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(..))]
    pub(crate) version: Option<u64>,
    /// Print the answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// A policy to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Side {
    /// One that was, or is, in force.
    Version(u64),
    /// One in TOML.
    File(PathBuf),
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("other").required(true).multiple(true))]
pub(crate) struct DiffArgs {
    /// A version to compare with the newest, a TOML file to compare the newest with, or two of either; - reads standard
    /// input
    #[arg(value_name = "VERSION|FILE", num_args = 1..=2, value_hint = ValueHint::FilePath, group = "other",
          value_parser = side)]
    pub(crate) sides: Vec<Side>,
    /// The version to compare [default: the newest]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(..))]
    pub(crate) from: Option<u64>,
    /// The version to compare it with
    #[arg(long, value_name = "N", group = "other", value_parser = whole::<u64>(..))]
    pub(crate) to: Option<u64>,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
}

/// Reads a number as a version, all else as a file's name; ./2 is a file.
#[expect(clippy::unnecessary_wraps, reason = "what clap calls")]
fn side(text: &str) -> Result<Side, String> {
    Ok(text.parse().map_or_else(|_| Side::File(text.into()), Side::Version))
}

#[derive(Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Print one line of JSON per version
    #[arg(long)]
    pub(crate) jsonl: bool,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// The version to restore
    #[arg(value_name = "VERSION", value_parser = whole::<u64>(1..))]
    pub(crate) version: u64,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    #[command(flatten)]
    pub(crate) editor: EditorArgs,
    /// Print the answer as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct SimulateArgs {
    /// The policy, in TOML; - reads standard input [default: the policy in force]
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Only comments from then on, as a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<jiff::Timestamp>,
    /// Only comments before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<jiff::Timestamp>,
    /// How many comments a day moderators can work off, such as 400/day: propose thresholds for holding that fit
    #[arg(long, value_name = "N/day", value_parser = budget)]
    pub(crate) budget: Option<u32>,
    /// How many examples of each change to show
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = whole(1..=50))]
    pub(crate) examples: i32,
    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads a day or a time.
pub(crate) fn time(text: &str) -> Result<jiff::Timestamp, String> {
    let day = || {
        let date: jiff::civil::Date = text.parse().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
    };
    text.parse().ok().or_else(day).ok_or_else(|| "not a day or a time, such as 2026-11-24".to_owned())
}

fn budget(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/day").unwrap_or(text).trim();
    number.parse().ok().filter(|number| *number > 0).ok_or_else(|| "not a number of comments, such as 400/day".into())
}
