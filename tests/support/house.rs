//! House models for the tests, and how they get on a server.

use super::model;
use ombud::{
    classify::house::{Artifact, Head, Learned},
    domain::Attribute,
    grpc::{ModelClient, pb},
};
use pb::upload_model_request::Part;
use sha2::{Digest, Sha256};
use tonic::transport::Channel;

/// A house model that looks at everything there is, with weights that follow a pattern of `seed`, for the base model inside the
/// program.
pub fn house_model(seed: u32, bias: f32) -> Vec<u8> {
    let weight = |bucket: u32| f32::from(u8::try_from((bucket + seed) * 37 % 251).unwrap()) / 100.0 - 1.2;
    let delta = (0..1 << 20).step_by(7).map(|bucket| (bucket, weight(bucket))).collect();
    let mut row = [0.0; Head::WEIGHTS];
    row[Attribute::COUNT] = 0.8;
    row[Attribute::COUNT + 1] = 0.6;
    for (place, weight) in row[Attribute::COUNT + 2..].iter_mut().enumerate() {
        *weight = f32::from(u8::try_from((place + seed as usize) % 5).unwrap()) - 1.5;
    }
    let learned = Learned { approved: 20, rejected: 10 };
    let base = model().checksum().to_owned();
    let head = Head::from_row(bias, &row);
    Artifact { name: "house".into(), base, learned, learned_until: None, delta, head }.to_bytes().unwrap()
}

/// Returns what a model is called by.
pub fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Uploads a model and lets it decide; returns its version.
pub async fn promote(models: &mut ModelClient<Channel>, bytes: &[u8]) -> String {
    let hash = upload(models, bytes).await;
    promote_hash(models, &hash).await
}

/// Uploads a model; returns its hash.
pub async fn upload(models: &mut ModelClient<Channel>, bytes: &[u8]) -> String {
    let begin = pb::UploadBegin { hash: hash_of(bytes), bytes: bytes.len() as u64, note: "for the test".into() };
    let chunks = bytes.chunks(64 << 10).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts: Vec<_> = [Part::Begin(begin)].into_iter().chain(chunks).collect();
    let parts = parts.into_iter().map(|part| pb::UploadModelRequest { part: Some(part) });
    models.upload_model(tokio_stream::iter(parts)).await.unwrap();
    hash_of(bytes)
}

/// Lets a model decide that is kept, or `base`; returns its version.
pub async fn promote_hash(models: &mut ModelClient<Channel>, hash: &str) -> String {
    let request = pb::PromoteModelRequest { hash: hash.to_owned(), seen_champion: String::new() };
    models.promote_model(request).await.unwrap().into_inner().at_work.unwrap().version
}
