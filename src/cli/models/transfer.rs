//! Models' files on their way to a server and back.

use super::{SHORT, whole};
use crate::classify::artifact::sha256_hex;
use crate::cli::args::ServerArgs;
use crate::cli::client::{Connection, Refused, connect_to_models};
use crate::cli::failure::Advised;
use crate::cli::files::write_whole;
use crate::cli::{Ended, output};
use crate::grpc::{ModelClient, pb};
use clap::{Args, ValueHint};
use pb::{download_model_response, upload_model_request::Part};
use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

/// How many bytes of a model's file go into one message.
const CHUNK_BYTES: usize = 64 << 10;

#[derive(Args)]
pub(crate) struct UploadArgs {
    /// The model's file
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Why, or how good it is
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    note: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct DownloadArgs {
    /// The model's hash, or how it begins, as `ombud models list` shows it
    #[arg(value_name = "HASH")]
    hash: String,
    /// File to write [default: the hash with .house behind it]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) async fn upload(args: UploadArgs) -> anyhow::Result<Ended> {
    let UploadArgs { file, note, server } = args;
    let bytes = fs::read(&file)
        .map_err(|error| anyhow::Error::new(error).context(format!("cannot read {}", file.display())))?;
    let told = send(&mut connect_to_models(&server).await?, &bytes, note).await?;
    let model = told.model.unwrap_or_default();
    writeln!(io::stdout().lock(), "{}", model.hash)?;
    let before = if told.repeated { "was kept before" } else { "is kept" };
    let short: String = model.hash.chars().take(SHORT).collect();
    writeln!(
        io::stderr().lock(),
        "the model {before}; `ombud models promote {short}` lets it decide, `ombud models shadow {short}` has it scored \
         beside the champion",
    )?;
    Ok(Ended::Done)
}

pub(crate) async fn download(args: DownloadArgs) -> anyhow::Result<Ended> {
    let DownloadArgs { hash, out, server } = args;
    let hash = whole(&server, &hash).await?;
    let bytes = fetch(&mut connect_to_models(&server).await?, &hash).await?;
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{hash}.house")));
    write_whole(&out, &bytes)?;
    writeln!(io::stderr().lock(), "wrote {} bytes to {}", bytes.len(), output::visible(&out.display().to_string()))?;
    Ok(Ended::Done)
}

/// Sends a model's file to a server, which keeps it without letting it decide.
pub(crate) async fn send(
    client: &mut ModelClient<Connection>,
    bytes: &[u8],
    note: String,
) -> anyhow::Result<pb::UploadModelResponse> {
    let begin = pb::UploadBegin { hash: sha256_hex(bytes), bytes: bytes.len() as u64, note };
    let chunks = bytes.chunks(CHUNK_BYTES).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts: Vec<_> = [Part::Begin(begin)].into_iter().chain(chunks).collect();
    let parts = parts.into_iter().map(|part| pb::UploadModelRequest { part: Some(part) });
    Ok(client.upload_model(tokio_stream::iter(parts)).await.map_err(Refused)?.into_inner())
}

/// Fetches a model's file and holds it against its hash.
pub(crate) async fn fetch(client: &mut ModelClient<Connection>, hash: &str) -> anyhow::Result<Vec<u8>> {
    let request = pb::DownloadModelRequest { hash: hash.to_owned() };
    let mut parts = client.download_model(request).await.map_err(Refused)?.into_inner();
    let mut bytes = Vec::new();
    while let Some(message) = parts.message().await.map_err(Refused)? {
        if let Some(download_model_response::Part::Chunk(chunk)) = message.part {
            bytes.extend_from_slice(&chunk);
        }
    }
    if sha256_hex(&bytes) != hash {
        let hint = "type the command again; where it stays so, `ombud models upload FILE` mends it";
        return Err(Advised::new("what came is not the model that its hash names", hint).into());
    }
    Ok(bytes)
}
