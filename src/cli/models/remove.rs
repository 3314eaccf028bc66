//! `ombud models remove`: does away with a model and its file.

use super::{SHORT, whole};
use crate::cli::Ended;
use crate::cli::args::ServerArgs;
use crate::cli::client::{Refused, connect_to_models};
use crate::grpc::pb;
use clap::Args;
use std::io::{self, Write as _};

/// What is lost by it.
pub(super) const HELP: &str = "\
What it decided stays decided, but `ombud explain` and `ombud rescore` can no longer ask it; keep the file, and upload it
again where that is needed: ombud models download 3f2a9c01b7de --out october.house
The model that decides, the one in the shadow and those that a rollback may need stay.

Example: ombud models remove 3f2a9c01b7de";

#[derive(Args)]
pub(crate) struct RemoveArgs {
    /// The model's hash, or how it begins
    #[arg(value_name = "HASH")]
    hash: String,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) async fn run(RemoveArgs { hash, server }: RemoveArgs) -> anyhow::Result<Ended> {
    let hash = whole(&server, &hash).await?;
    let short: String = hash.chars().take(SHORT).collect();
    let mut client = connect_to_models(&server).await?;
    client.remove_model(pb::RemoveModelRequest { hash }).await.map_err(Refused)?;
    writeln!(io::stderr().lock(), "{short} was removed")?;
    Ok(Ended::Done)
}
