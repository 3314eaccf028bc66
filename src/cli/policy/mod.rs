//! `ombud policy`: what an editor does at a terminal.

pub(crate) mod args;
mod diff;
mod simulate;

pub(crate) use simulate::wire_time;

use super::client::{Connection, Refused, block_on, connect_to_policies};
use super::failure::Advised;
use super::{Ended, json, output};
use crate::grpc::{PolicyClient, pb};
use anyhow::Context as _;
use args::{HistoryArgs, PolicyCommand, RestoreArgs, ScopeArgs, SetArgs, ShowArgs};
use serde::Serialize;
use std::{
    fs,
    io::{self, Read as _, Write},
    path::Path,
};

/// What to type where there is no such version.
const HISTORY: &str = "`ombud policy history` shows the versions; is --site right, and --article?";
/// What the first line of a policy begins with where it says its version.
const VERSION_LINE: &str = "# version ";

pub(crate) fn run(command: PolicyCommand) -> anyhow::Result<Ended> {
    block_on(async move {
        match command {
            PolicyCommand::Show(args) => show(args).await,
            PolicyCommand::Set(args) => set(args).await,
            PolicyCommand::Diff(args) => diff::run(args).await,
            PolicyCommand::History(args) => history(args).await,
            PolicyCommand::Restore(args) => restore(args).await,
            PolicyCommand::Simulate(args) => simulate::run(args).await,
        }
    })
}

/// A version as programs read it.
#[derive(Serialize)]
struct ToldVersion {
    version: u64,
    editor_id: String,
    note: String,
    set_at: Option<String>,
    toml: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_version: Option<String>,
}

impl ToldVersion {
    fn new(version: pb::PolicyVersion, policy_version: Option<String>) -> Self {
        let pb::PolicyVersion { version, editor_id, note, set_at, toml, .. } = version;
        Self { version, editor_id, note, set_at: json::time(set_at), toml, policy_version }
    }
}

async fn get(client: &mut PolicyClient<Connection>, scope: &ScopeArgs) -> anyhow::Result<pb::GetPolicyResponse> {
    let request = pb::GetPolicyRequest { site_id: scope.site.clone(), article_id: scope.article.clone() };
    Ok(client.get_policy(request).await.map_err(Refused)?.into_inner())
}

async fn show(args: ShowArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_policies(&args.scope.server).await?;
    let shown = get(&mut client, &args.scope).await?;
    if args.json {
        #[derive(Serialize)]
        struct Shown {
            own: Option<ToldVersion>,
            effective_toml: String,
            policy_version: String,
        }
        let own = shown.own.map(|own| ToldVersion::new(own, None));
        let (effective_toml, policy_version) = (shown.effective_toml, shown.policy_version);
        output::json_line(&mut io::stdout().lock(), &Shown { own, effective_toml, policy_version })?;
        return Ok(Ended::Done);
    }
    let mut out = io::stdout().lock();
    match shown.own {
        _ if args.effective => write!(out, "# all that holds, as {}\n{}", shown.policy_version, shown.effective_toml)?,
        Some(own) => {
            let at = output::time(own.set_at).unwrap_or_default();
            let editor = output::visible(&own.editor_id);
            writeln!(out, "{VERSION_LINE}{}, set by {editor} at {at}", own.version)?;
            for line in own.note.lines() {
                writeln!(out, "# {}", output::visible(line))?;
            }
            write!(out, "{}", own.toml)?;
        }
        None => {
            writeln!(out, "{VERSION_LINE}0: no policy of its own, so what is configured or the site's holds")?;
            writeln!(io::stderr().lock(), "`ombud policy show --effective` prints all that holds")?;
        }
    }
    Ok(Ended::Done)
}

/// Reads a file, or standard input where it is named `-`.
fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).context("cannot read standard input")?;
        return Ok(text);
    }
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Finds the version that a file says it was made from.
fn version_of(text: &str) -> Option<u64> {
    let rest = text.strip_prefix(VERSION_LINE)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

async fn set(args: SetArgs) -> anyhow::Result<Ended> {
    let toml = read(&args.file)?;
    let mut client = connect_to_policies(&args.scope.server).await?;
    let version = match args.version.or_else(|| version_of(&toml)) {
        Some(version) => version,
        None => get(&mut client, &args.scope).await?.own.map(|own| own.version).unwrap_or_default(),
    };
    let request = pb::SetPolicyRequest {
        site_id: args.scope.site,
        article_id: args.scope.article,
        form: Some(pb::set_policy_request::Form::Toml(toml)),
        editor_id: args.editor.editor,
        note: args.editor.note,
        version,
    };
    let pb::SetPolicyResponse { own, policy_version } = client.set_policy(request).await.map_err(Refused)?.into_inner();
    told(own.unwrap_or_default(), policy_version, args.json)
}

async fn restore(args: RestoreArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_policies(&args.scope.server).await?;
    let version = get(&mut client, &args.scope).await?.own.map(|own| own.version).unwrap_or_default();
    let request = pb::RestorePolicyRequest {
        site_id: args.scope.site,
        article_id: args.scope.article,
        restored_version: args.version,
        editor_id: args.editor.editor,
        note: args.editor.note,
        version,
    };
    let pb::RestorePolicyResponse { own, policy_version } =
        client.restore_policy(request).await.map_err(Refused)?.into_inner();
    told(own.unwrap_or_default(), policy_version, args.json)
}

fn told(own: pb::PolicyVersion, policy_version: String, as_json: bool) -> anyhow::Result<Ended> {
    if as_json {
        output::json_line(&mut io::stdout().lock(), &ToldVersion::new(own, Some(policy_version)))?;
    } else {
        writeln!(io::stdout().lock(), "version {} is in force, as {policy_version}", own.version)?;
    }
    Ok(Ended::Done)
}

async fn versions(
    client: &mut PolicyClient<Connection>,
    scope: &ScopeArgs,
    before_version: u64,
    page_size: i32,
) -> anyhow::Result<Vec<pb::PolicyVersion>> {
    let (site_id, article_id) = (scope.site.clone(), scope.article.clone());
    let request = pb::ListPolicyVersionsRequest { site_id, article_id, page_size, before_version };
    Ok(client.list_policy_versions(request).await.map_err(Refused)?.into_inner().versions)
}

/// Returns a version in TOML; version 0 is an empty policy.
async fn toml(client: &mut PolicyClient<Connection>, scope: &ScopeArgs, version: u64) -> anyhow::Result<String> {
    if version == 0 {
        return Ok(String::new());
    }
    let found = versions(client, scope, version.saturating_add(1), 1).await?.pop();
    let found = found.filter(|found| found.version == version);
    let no_version = || Advised::new(format!("the policy has no version {version}"), HISTORY);
    Ok(found.ok_or_else(no_version)?.toml)
}

async fn history(args: HistoryArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_policies(&args.scope.server).await?;
    let mut out = anstream::stdout().lock();
    let (mut before, mut any) = (0, false);
    loop {
        let some = versions(&mut client, &args.scope, before, 100).await?;
        let Some(last) = some.last() else { break };
        (before, any) = (last.version, true);
        for version in some {
            if args.jsonl {
                output::json_line(&mut out, &ToldVersion::new(version, None))?;
                continue;
            }
            let at = output::time(version.set_at).unwrap_or_default();
            let (editor, note) = (output::visible(&version.editor_id), output::visible(&version.note));
            writeln!(out, "{:>4}  {}  {editor}  {note}", version.version, at)?;
        }
        if before <= 1 {
            break;
        }
    }
    if !any {
        writeln!(io::stderr().lock(), "no policy of its own")?;
    }
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_which_version_it_was_made_from() {
        assert_eq!(version_of("# version 12, set by ada at 2026\nmode = \"open\"\n"), Some(12));
        assert_eq!(version_of("# version 0: no policy of its own\n"), Some(0));
        assert_eq!(version_of("mode = \"open\"\n# version 3\n"), None);
    }
}
