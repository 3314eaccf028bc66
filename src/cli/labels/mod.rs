//! `ombud labels`: what people said of comments, to learn from.

mod import;
pub(in crate::cli) mod line;
mod stats;

use super::args::ServerArgs;
use super::client::{Refused, block_on, connect_to_models};
use super::policy::{args::time, wire_time};
use super::progress::Bar;
use super::{Ended, output};
use crate::grpc::pb;
use clap::{Args, Subcommand};
use import::ImportArgs;
use line::Line;
use std::io::{self, BufWriter, Write as _};
use tonic::Streaming;

#[derive(Subcommand)]
pub(crate) enum LabelsCommand {
    /// Print the labels in force, one JSON object a line
    #[command(
        after_help = "A label is a moderator's verdict on one text of a comment, with what was known when it came in. Verdicts \
                      that were taken back are not there, nor is what was erased.\n\nExample: ombud labels export --since \
                      2026-11-01 > labels.jsonl"
    )]
    Export(ExportArgs),
    /// Keep labels that come from elsewhere: another server's, or a data set's
    #[command(
        after_help = "A line needs comment_id, text and rejected or attributes; ombud labels export shows all keys. The comment \
                      need not be on the server; `ombud erase comment` with its id erases the label too. Where a line is wrong, \
                      those before it are kept; the same file again changes nothing.\n\nExample: ombud labels import \
                      labels.jsonl"
    )]
    Import(ImportArgs),
    /// Say how many labels there are, by source, attribute, moderator and month
    Stats(StatsArgs),
}

#[derive(Args)]
pub(crate) struct WhichArgs {
    /// The news site; without it, all sites
    #[arg(long, value_name = "S")]
    site: Option<String>,
    /// Only labels given from then on, as a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<jiff::Timestamp>,
    /// Only labels given before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<jiff::Timestamp>,
}

#[derive(Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(command: LabelsCommand) -> anyhow::Result<Ended> {
    block_on(async move {
        match command {
            LabelsCommand::Export(ExportArgs { which, server }) => export(&which, &server).await,
            LabelsCommand::Import(args) => import::run(args).await,
            LabelsCommand::Stats(StatsArgs { which, json, server }) => stats::run(&which, json, &server).await,
        }
    })
}

/// Asks a server for labels.
async fn asked(
    which: &WhichArgs,
    include_superseded: bool,
    server: &ServerArgs,
) -> anyhow::Result<Streaming<pb::ExportLabelsResponse>> {
    let request = pb::ExportLabelsRequest {
        site_id: which.site.clone(),
        since: which.since.map(wire_time),
        until: which.until.map(wire_time),
        include_superseded,
    };
    Ok(connect_to_models(server).await?.export_labels(request).await.map_err(Refused)?.into_inner())
}

/// Calls `each` with every label that a server tells, and shows how many there were.
async fn each_label(
    which: &WhichArgs,
    include_superseded: bool,
    server: &ServerArgs,
    mut each: impl FnMut(pb::Label) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut told = asked(which, include_superseded, server).await?;
    let bar = Bar::counter("labels");
    // The server reads all events before the first label comes.
    bar.advance(0);
    let ended = async {
        while let Some(pb::ExportLabelsResponse { labels }) = told.message().await.map_err(Refused)? {
            bar.advance(labels.len() as u64);
            labels.into_iter().try_for_each(&mut each)?;
        }
        Ok(())
    };
    let ended = ended.await;
    bar.finish();
    ended
}

async fn export(which: &WhichArgs, server: &ServerArgs) -> anyhow::Result<Ended> {
    let mut out = BufWriter::new(io::stdout().lock());
    let ended = each_label(which, false, server, |label| output::json_line(&mut out, &Line::from(label))).await;
    out.flush()?;
    ended.map(|()| Ended::Done)
}
