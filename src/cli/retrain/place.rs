//! Where labels come from and the new model goes: a running server, a stopped one's folder, or nowhere.

use super::{RetrainArgs, local::Local};
use crate::classify::{Model, house::HouseModel};
use crate::cli::args::ServerArgs;
use crate::cli::client::{Refused, connect_to_models};
use crate::cli::failure::Advised;
use crate::cli::models::transfer;
use crate::grpc::pb;
use anyhow::Context as _;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What stands for the base model alone.
const BASE: &str = "base";

/// Where labels come from and the new model goes.
pub(super) enum Place {
    /// A running server.
    Server(ServerArgs),
    /// A stopped one's folder, with the folder of its base model, where settings name one.
    Folder(Local, Option<PathBuf>),
    /// Labels of a file are judged against a file.
    Nowhere,
}

/// The model that the new one is judged against.
pub(super) struct Champion {
    /// Its hash, or `base`: what a promotion says that it has seen.
    pub(super) hash: String,
    pub(super) model: HouseModel,
}

impl Place {
    pub(super) async fn open(args: &RetrainArgs) -> anyhow::Result<Self> {
        if let Some(dir) = &args.data_dir {
            let (local, model_dir) = Local::open(dir, args.config.clone(), args.model.as_deref()).await?;
            return Ok(Self::Folder(local, model_dir));
        }
        if args.labels.is_some() && args.against.is_some() {
            return Ok(Self::Nowhere);
        }
        Ok(Self::Server(args.server.clone()))
    }

    /// Returns the server to ask, if there is one.
    pub(super) fn server(&self) -> Option<&ServerArgs> {
        match self {
            Self::Server(server) => Some(server),
            Self::Folder(local, _) => Some(&local.server),
            Self::Nowhere => None,
        }
    }

    /// Returns the folder of the base model; `None` for the one inside the program.
    pub(super) fn model_dir<'a>(&'a self, args: &'a RetrainArgs) -> Option<&'a Path> {
        match self {
            Self::Folder(_, dir) => dir.as_deref(),
            Self::Server(_) | Self::Nowhere => args.model.as_deref(),
        }
    }

    /// Finds the model to judge against, on top of `base`.
    pub(super) async fn champion(&self, args: &RetrainArgs, base: &Arc<Model>) -> anyhow::Result<Champion> {
        if let Some(file) = &args.against {
            return of_file(file, base);
        }
        let Some(server) = self.server() else { return Ok(base_alone(base)) };
        let mut client = connect_to_models(server).await?;
        let listed = client.list_models(pb::ListModelsRequest {}).await.map_err(Refused)?.into_inner();
        let pb::AtWork { champion, base: theirs, version, .. } = listed.at_work.unwrap_or_default();
        if theirs != base.checksum() {
            let short = |checksum: &str| checksum.get(..12).unwrap_or("another").to_owned();
            let what = format!(
                "the server's base model is {}, and the one here is {}: a house model stands on one of them alone",
                short(&theirs),
                short(base.checksum())
            );
            let hint = "name the folder that the server has as model.dir with --model DIR, or use the server's own version of ombud";
            return Err(Advised::new(what, hint).into());
        }
        // The champion is to decide, and something else does.
        if listed.models.iter().any(|model| model.hash == champion && model.version != version) {
            let hint =
                "`ombud models upload FILE` with the same file mends it; `ombud models promote base` gives it up";
            return Err(Advised::new(
                "the champion's file can't be read on the server, so there is no telling what is better",
                hint,
            )
            .into());
        }
        if champion.is_empty() {
            return Ok(base_alone(base));
        }
        let bytes = transfer::fetch(&mut client, &champion).await?;
        let model = HouseModel::from_bytes(Arc::clone(base), &bytes, Path::new("the champion"))?;
        Ok(Champion { hash: champion, model })
    }

    /// Closes what was opened.
    pub(super) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Folder(local, _) => local.close().await,
            Self::Server(_) | Self::Nowhere => Ok(()),
        }
    }
}

fn base_alone(base: &Arc<Model>) -> Champion {
    Champion { hash: BASE.to_owned(), model: HouseModel::without_house(Arc::clone(base)) }
}

fn of_file(file: &Path, base: &Arc<Model>) -> anyhow::Result<Champion> {
    if file == Path::new(BASE) {
        return Ok(base_alone(base));
    }
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let model = HouseModel::from_bytes(Arc::clone(base), &bytes, file)?;
    Ok(Champion { hash: crate::classify::artifact::sha256_hex(&bytes), model })
}
