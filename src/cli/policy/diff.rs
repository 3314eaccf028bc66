//! `ombud policy diff`: what another version, or a file, would change. Policies are compared by what they mean: comments,
//! order and the ways to write one value make no difference.

use super::args::{DiffArgs, ScopeArgs, Side};
use super::{Connection, read, toml, version_of, versions};
use crate::cli::client::connect_to_policies;
use crate::cli::{Ended, output};
use crate::grpc::PolicyClient;
use anyhow::Context as _;
use similar::{ChangeTag, TextDiff};
use std::io::{self, Write};

/// One of the two policies, with what it is called.
struct Policy {
    name: String,
    text: String,
    /// The version that a file says it was made from.
    made_from: Option<u64>,
}

pub(super) async fn run(args: DiffArgs) -> anyhow::Result<Ended> {
    let DiffArgs { sides, from, to, scope } = args;
    let mut client = connect_to_policies(&scope.server).await?;
    let newest = versions(&mut client, &scope, 0, 1).await?.pop().map(|own| own.version).unwrap_or_default();
    let given = |version: Option<u64>| Side::Version(version.unwrap_or(newest));
    let mut sides = sides.into_iter();
    let (before, after) = match (sides.next(), sides.next(), from, to) {
        (Some(before), Some(after), None, None) => (before, after),
        // A version is one that was; a file is one that may come.
        (Some(Side::Version(version)), None, None, to) => (Side::Version(version), given(to)),
        (Some(file), None, from, None) => (given(from), file),
        (None, _, from, to) => (given(from), given(to)),
        _ => anyhow::bail!("two policies are compared, and these are three"),
    };
    let before = load(&mut client, &scope, before).await?;
    let after = load(&mut client, &scope, after).await?;
    if let Some(version) = after.made_from.filter(|version| *version != newest) {
        let what = format!("{} was made from version {version}, and version {newest} is in force", after.name);
        writeln!(io::stderr().lock(), "{what}: `ombud policy set` would refuse it as it is")?;
    }
    if before.text == after.text {
        writeln!(io::stderr().lock(), "{} and {} say the same", before.name, after.name)?;
        return Ok(Ended::Done);
    }
    show(&mut anstream::stdout().lock(), &before, &after)?;
    Ok(Ended::Done)
}

async fn load(client: &mut PolicyClient<Connection>, scope: &ScopeArgs, side: Side) -> anyhow::Result<Policy> {
    let (name, text) = match side {
        Side::Version(version) => (format!("version {version}"), toml(client, scope, version).await?),
        Side::File(file) => (file.display().to_string(), read(&file)?),
    };
    let made_from = version_of(&text);
    let text = plain(&text).with_context(|| format!("{name} is no policy"))?;
    Ok(Policy { name, text, made_from })
}

fn show(out: &mut impl Write, before: &Policy, after: &Policy) -> io::Result<()> {
    writeln!(out, "--- {}\n+++ {}", before.name, after.name)?;
    let (green, red) = (anstyle::AnsiColor::Green.on_default(), anstyle::AnsiColor::Red.on_default());
    for hunk in TextDiff::from_lines(&before.text, &after.text).unified_diff().iter_hunks() {
        writeln!(out, "{}", hunk.header())?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ("-", red),
                ChangeTag::Insert => ("+", green),
                ChangeTag::Equal => (" ", anstyle::Style::new()),
            };
            let line = output::visible(change.value().trim_end_matches('\n'));
            writeln!(out, "{style}{sign}{line}{style:#}")?;
        }
    }
    Ok(())
}

/// Writes a policy as the server would: without comments, keys in one order, scores as numbers with a point.
fn plain(text: &str) -> anyhow::Result<String> {
    let mut table: toml::Table = toml::from_str(text)?;
    let mut left = toml::Table::new();
    let mut keys: Vec<String> = table.keys().cloned().collect();
    keys.sort_unstable();
    for key in keys {
        if let Some(value) = table.remove(&key).map(|value| plain_value(&key, value)).filter(|value| !is_nothing(value))
        {
            left.insert(key, value);
        }
    }
    Ok(toml::to_string_pretty(&left)?)
}

fn plain_value(key: &str, value: toml::Value) -> toml::Value {
    match value {
        toml::Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| (key.clone(), plain_value(&key, value)));
            toml::Value::Table(entries.filter(|(_, value)| !is_nothing(value)).collect())
        }
        toml::Value::Array(values) => {
            toml::Value::Array(values.into_iter().map(|value| plain_value(key, value)).collect())
        }
        // A threshold of 1 is one of 1.0.
        #[expect(clippy::cast_precision_loss, reason = "a score from 0 to 1")]
        toml::Value::Integer(score) if matches!(key, "hold" | "reject") => toml::Value::Float(score as f64),
        other => other,
    }
}

/// Returns whether a value says no more than its absence.
fn is_nothing(value: &toml::Value) -> bool {
    match value {
        toml::Value::Table(table) => table.is_empty(),
        toml::Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_written_by_what_they_mean() {
        let one = "# why\nmode = \"open\" # the default\n[toxicity]\nreject = 1\nhold = 0.40\n[links]\naction='hold'\n\
                   allowed_domains = []\n[spam]\n";
        let same = "toxicity.hold = 0.4\ntoxicity.reject = 1.0\nlinks = { action = \"hold\" }\nmode = \"open\"\n";
        assert_eq!(plain(one).unwrap(), plain(same).unwrap());
        assert_ne!(plain(one).unwrap(), plain(&same.replace("0.4", "0.5")).unwrap());
        // Which word comes first, and which rule, may matter.
        let (first, second) = ("[[rules]]\nname = \"a\"\n", "[[rules]]\nname = \"b\"\n");
        assert_ne!(plain(&format!("{first}{second}")).unwrap(), plain(&format!("{second}{first}")).unwrap());
        assert!(plain("mode = ").is_err());
    }
}
