//! `ombud models`: which house models a server has, and which of them decides.

mod card;
mod remove;
pub(crate) mod transfer;

use crate::cli::args::ServerArgs;
use crate::cli::client::{Refused, block_on, connect_to_models};
use crate::cli::{Ended, json as wire, output};
use crate::grpc::pb;
use card::CardArgs;
use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use remove::RemoveArgs;
use serde::Serialize;
use serde_json::json;
use std::io::{self, Write as _};
use transfer::{DownloadArgs, UploadArgs};

/// How what a house model says comes to decide something.
pub(crate) const USE: &str = "it decides by what policies make of LIKELY_TO_REJECT: `[likely_to_reject]` with `hold` and `reject`; attributes hold as \
                              before unless their own `hold` is \"never\" (README, Learning from your verdicts)";
/// How many digits of a hash a table shows.
pub(crate) const SHORT: usize = 12;

#[derive(Subcommand)]
pub(crate) enum ModelsCommand {
    /// List the models and say which decides
    List(ListArgs),
    /// Show one model
    Show(ShowArgs),
    /// Send a model's file to the server, which keeps it without letting it decide
    Upload(UploadArgs),
    /// Fetch a model's file from the server
    #[command(after_help = "Example: ombud models download 3f2a9c01b7de --out october.house")]
    Download(DownloadArgs),
    /// Let a model decide, from the next comment on
    #[command(
        after_help = "Examples:\n  ombud models promote 3f2a9c01b7de\n  ombud models promote base   # no house model"
    )]
    Promote(PromoteArgs),
    /// Take the last promotion back: the model before it decides again
    Rollback(RollbackArgs),
    /// Have a model scored on live comments without deciding
    Shadow(ShadowArgs),
    /// Say where the model in the shadow would have decided otherwise
    Compare(CompareArgs),
    /// Remove a model that nobody needs any more, with its file
    #[command(after_help = remove::HELP)]
    Remove(RemoveArgs),
    /// Print a model's card as Markdown: what it was learned from, what weighs how much, what it must not be used for
    #[command(after_help = "Examples:\n  ombud models card 3f2a9c01b7de > card.md\n  ombud models card base")]
    Card(CardArgs),
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Print one JSON object a line: the models, the newest first
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// The model's hash, or how it begins, as `ombud models list` shows it
    #[arg(value_name = "HASH")]
    hash: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct PromoteArgs {
    /// The model's hash, or how it begins; `base` for the base model alone
    #[arg(value_name = "HASH")]
    hash: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct RollbackArgs {
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct ShadowArgs {
    /// The model's hash, or how it begins; `none` ends it
    #[arg(value_name = "HASH")]
    hash: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct CompareArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// A model as it is shown.
#[derive(Serialize)]
struct Shown {
    hash: String,
    role: &'static str,
    version: String,
    labels: u64,
    bytes: u64,
    uploaded_at: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    uploaded_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

pub(crate) fn run(command: ModelsCommand) -> anyhow::Result<Ended> {
    block_on(async move {
        match command {
            ModelsCommand::List(args) => list(&args).await,
            ModelsCommand::Show(args) => show(&args).await,
            ModelsCommand::Upload(args) => transfer::upload(args).await,
            ModelsCommand::Download(args) => transfer::download(args).await,
            ModelsCommand::Compare(args) => compare(&args).await,
            ModelsCommand::Remove(args) => remove::run(args).await,
            ModelsCommand::Card(args) => card::run(args).await,
            ModelsCommand::Promote(PromoteArgs { hash, server }) => {
                let hash = if hash == "base" { hash } else { whole(&server, &hash).await? };
                let request = pb::PromoteModelRequest { hash, seen_champion: String::new() };
                let told = connect_to_models(&server).await?.promote_model(request).await.map_err(Refused)?;
                let at_work = told.into_inner().at_work.unwrap_or_default();
                let ended = say(&at_work)?;
                if !at_work.champion.is_empty() {
                    writeln!(io::stderr().lock(), "{USE}")?;
                }
                Ok(ended)
            }
            ModelsCommand::Rollback(RollbackArgs { server }) => {
                let request = pb::RollbackModelRequest::default();
                let told = connect_to_models(&server).await?.rollback_model(request).await.map_err(Refused)?;
                say(&told.into_inner().at_work.unwrap_or_default())
            }
            ModelsCommand::Shadow(ShadowArgs { hash, server }) => {
                let hash = if hash == "none" { String::new() } else { whole(&server, &hash).await? };
                let request = pb::SetShadowRequest { hash };
                let told = connect_to_models(&server).await?.set_shadow(request).await.map_err(Refused)?;
                say(&told.into_inner().at_work.unwrap_or_default())
            }
        }
    })
}

async fn listed(server: &ServerArgs) -> anyhow::Result<pb::ListModelsResponse> {
    let mut client = connect_to_models(server).await?;
    Ok(client.list_models(pb::ListModelsRequest {}).await.map_err(Refused)?.into_inner())
}

/// Finds the model whose hash begins so.
pub(crate) async fn whole(server: &ServerArgs, beginning: &str) -> anyhow::Result<String> {
    let beginning = beginning.to_ascii_lowercase();
    let mut found = listed(server).await?.models.into_iter().filter(|model| model.hash.starts_with(&beginning));
    match (found.next(), found.next()) {
        (Some(model), None) => Ok(model.hash),
        (Some(_), Some(_)) => anyhow::bail!("several models' hashes begin with {}", output::visible(&beginning)),
        (None, _) => anyhow::bail!("no model's hash begins with {}", output::visible(&beginning)),
    }
}

async fn list(args: &ListArgs) -> anyhow::Result<Ended> {
    let pb::ListModelsResponse { models, at_work } = listed(&args.server).await?;
    let at_work = at_work.unwrap_or_default();
    let mut out = io::stdout().lock();
    if args.jsonl {
        models.into_iter().try_for_each(|model| output::json_line(&mut out, &shown(model, &at_work)))?;
        return Ok(Ended::Done);
    }
    if !models.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(["hash", "", "labels", "uploaded", "by", "note"]);
        for model in models {
            let model = shown(model, &at_work);
            table.add_row([
                model.hash.chars().take(SHORT).collect(),
                model.role.to_owned(),
                model.labels.to_string(),
                output::to_the_second(&model.uploaded_at.unwrap_or_default()),
                output::visible(&model.uploaded_by),
                output::visible(&model.note),
            ]);
        }
        writeln!(out, "{table}")?;
    }
    drop(out);
    say(&at_work)
}

async fn show(args: &ShowArgs) -> anyhow::Result<Ended> {
    let request = pb::GetModelRequest { hash: whole(&args.server, &args.hash).await? };
    let told = connect_to_models(&args.server).await?.get_model(request).await.map_err(Refused)?.into_inner();
    let model = shown(told.model.unwrap_or_default(), &told.at_work.unwrap_or_default());
    let mut out = io::stdout().lock();
    if args.json {
        output::json_line(&mut out, &model)?;
        return Ok(Ended::Done);
    }
    writeln!(out, "hash      {}", model.hash)?;
    writeln!(out, "version   {}", output::visible(&model.version))?;
    writeln!(out, "role      {}", if model.role.is_empty() { "kept" } else { model.role })?;
    writeln!(out, "labels    {}", model.labels)?;
    writeln!(out, "bytes     {}", model.bytes)?;
    writeln!(out, "uploaded  {}", output::to_the_second(&model.uploaded_at.unwrap_or_default()))?;
    if !model.uploaded_by.is_empty() {
        writeln!(out, "by        {}", output::visible(&model.uploaded_by))?;
    }
    if !model.note.is_empty() {
        writeln!(out, "note      {}", output::visible(&model.note))?;
    }
    Ok(Ended::Done)
}

async fn compare(args: &CompareArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_models(&args.server).await?;
    let found = client.compare_models(pb::CompareModelsRequest {}).await.map_err(Refused)?.into_inner();
    let at_work = found.at_work.clone().unwrap_or_default();
    let name = |outcome: pb::Outcome| wire::outcome_name(outcome);
    let mut out = io::stdout().lock();
    if args.json {
        let outcomes = found.outcomes.iter().map(|pair| {
            json!({ "champion": name(pair.champion()), "challenger": name(pair.challenger()), "comments": pair.comments })
        });
        let differ = found.disagreements.iter().map(|one| {
            json!({
                "site_id": one.site_id, "comment_id": one.comment_id, "champion": name(one.champion()),
                "challenger": name(one.challenger()), "champion_likely_to_reject": one.champion_likely_to_reject,
                "challenger_likely_to_reject": one.challenger_likely_to_reject, "decided_at": wire::time(one.decided_at),
            })
        });
        let told = json!({
            "champion": at_work.champion, "shadow": at_work.shadow, "comments": found.comments, "left_out": found.left_out,
            "outcomes": outcomes.collect::<Vec<_>>(), "disagreements": differ.collect::<Vec<_>>(),
        });
        output::json_line(&mut out, &told)?;
        return Ok(Ended::Done);
    }
    if at_work.shadow.is_empty() {
        anyhow::bail!("no model is in the shadow; `ombud models shadow HASH` puts one there");
    }
    writeln!(out, "{} comments compared, {} left out", found.comments, found.left_out)?;
    for pair in &found.outcomes {
        writeln!(out, "{:<8} -> {:<8} {:>8}", name(pair.champion()), name(pair.challenger()), pair.comments)?;
    }
    for one in &found.disagreements {
        writeln!(
            out,
            "{}  {} {:.2} -> {} {:.2}",
            output::visible(&one.comment_id),
            name(one.champion()),
            one.champion_likely_to_reject,
            name(one.challenger()),
            one.challenger_likely_to_reject,
        )?;
    }
    Ok(Ended::Done)
}

/// Says which model decides.
fn say(at_work: &pb::AtWork) -> anyhow::Result<Ended> {
    let mut err = io::stderr().lock();
    writeln!(err, "{} decides", output::visible(&at_work.version))?;
    if !at_work.shadow.is_empty() {
        writeln!(err, "{} is scored in its shadow", at_work.shadow.chars().take(SHORT).collect::<String>())?;
    }
    if !at_work.trouble.is_empty() {
        writeln!(err, "{}", output::visible(&at_work.trouble))?;
    }
    Ok(Ended::Done)
}

fn shown(model: pb::Model, at_work: &pb::AtWork) -> Shown {
    let role = if model.hash == at_work.champion {
        "champion"
    } else if model.hash == at_work.shadow {
        "shadow"
    } else {
        ""
    };
    Shown {
        role,
        version: model.version,
        labels: model.labels,
        bytes: model.bytes,
        uploaded_at: wire::time(model.uploaded_at),
        uploaded_by: model.uploaded_by,
        note: model.note,
        hash: model.hash,
    }
}
