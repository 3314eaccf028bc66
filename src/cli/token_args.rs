//! The arguments of `ombud token`.

use super::args::ServerArgs;
use crate::domain::Role;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// The units of a time, with their seconds.
const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 24 * 3600)];

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and show it, once
    #[command(after_help = "The first token of an admin closes the server: from then on, every call needs one.\n\n\
                      Examples:\n  ombud token create --role admin --name ada\n  \
                      ombud token create --role submitter --site daily --name daily-web --expires 90d\n  \
                      ombud token create --role submitter --site daily --name daily-page --origin https://news.example\n  \
                      ombud token create --role admin --name ada --data-dir ./ombud-data   # the server is stopped")]
    Create(CreateArgs),
    /// List the tokens that were not revoked; what they are good for, not the tokens themselves
    List(ListArgs),
    /// Make a token good no longer
    Revoke(RevokeArgs),
}

/// Where the tokens are.
#[derive(Args)]
pub(crate) struct WhereArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Folder of a stopped server, instead of a running server
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    /// What its bearer may do: submitter, moderator or admin, each also what those before it may
    #[arg(long, value_name = "ROLE", value_parser = role)]
    pub(crate) role: Role,
    /// Who bears it; where they review, their moderator's id
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,
    /// The only site that it is good for [default: all sites]
    #[arg(long, value_name = "S", default_value = "", hide_default_value = true)]
    pub(crate) site: String,
    /// For how long it is good, such as 90d, 12h, 30m or 60s [default: for ever]
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub(crate) expires: Option<i64>,
    /// A web origin, a scheme and a host, whose pages alone may use it; may be given several times. Every reader can see such
    /// a token: it takes the role submitter and --site [default: whoever bears it]
    #[arg(long = "origin", id = "origin", value_name = "URL")]
    pub(crate) origins: Vec<String>,
    /// How many calls a minute it is good for; 0 for as many as come [default: 600 with --origin, else 0]
    #[arg(long, value_name = "N")]
    pub(crate) rate_per_minute: Option<u32>,
    /// Print the token and what is kept of it as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) at: WhereArgs,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) at: WhereArgs,
}

#[derive(Args)]
pub(crate) struct RevokeArgs {
    /// The token's id, as `ombud token list` shows it
    #[arg(value_name = "ID")]
    pub(crate) token_id: String,
    #[command(flatten)]
    pub(crate) at: WhereArgs,
}

fn role(name: &str) -> Result<Role, String> {
    Role::from_name(name).ok_or_else(|| format!("not one of {}", Role::ALL.map(Role::name).join(", ")))
}

/// Reads a time, such as `90d`.
fn seconds(text: &str) -> Result<i64, String> {
    let read = || {
        let unit = text.chars().last()?;
        let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
        let number: i64 = text[..text.len() - 1].parse().ok().filter(|number| *number > 0)?;
        number.checked_mul(seconds)
    };
    read().ok_or_else(|| "must be a number with d, h, m or s, such as 90d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!([seconds("90d"), seconds("2h"), seconds("1m"), seconds("7s")], [7_776_000, 7_200, 60, 7].map(Ok));
        for wrong in ["", "d", "90", "-1d", "0d", "1w", "1.5d", "é", "9223372036854775807d"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
