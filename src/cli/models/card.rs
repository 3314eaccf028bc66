//! `ombud models card`: what a model is, what it was learned from, and what it must not be used for.

use super::{Shown, shown, transfer::fetch, whole};
use crate::classify::house::Artifact;
use crate::cli::args::ServerArgs;
use crate::cli::client::{Refused, connect_to_models};
use crate::cli::{Ended, output};
use crate::grpc::pb;
use crate::train::house::card::{Kept, card};
use clap::Args;
use std::path::Path;

/// The card of the model inside the program.
const OF_BASE: &str = include_str!("../../../models/default/MODEL_CARD.md");

#[derive(Args)]
pub(crate) struct CardArgs {
    /// The model's hash, or how it begins; `base` for the base model inside the program, which asks no server
    #[arg(value_name = "HASH")]
    hash: String,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn run(args: CardArgs) -> anyhow::Result<Ended> {
    let CardArgs { hash, server } = args;
    if hash == "base" {
        return output::write(OF_BASE.as_bytes());
    }
    let hash = whole(&server, &hash).await?;
    let mut client = connect_to_models(&server).await?;
    let bytes = fetch(&mut client, &hash).await?;
    let artifact = Artifact::from_bytes(&bytes, Path::new(&format!("the model {hash}")))?;
    let told = client.get_model(pb::GetModelRequest { hash }).await.map_err(Refused)?.into_inner();
    let model = shown(told.model.unwrap_or_default(), &told.at_work.unwrap_or_default());
    let Shown { hash, role, version, bytes, uploaded_at, uploaded_by, note, .. } = model;
    let uploaded_at = output::to_the_second(&uploaded_at.unwrap_or_default());
    let kept = Kept { hash, version, bytes, uploaded_at, uploaded_by, note, role: role.to_owned() };
    output::write(card(&artifact, &kept).as_bytes())
}
