//! Models as bytes: their events in the journal, and what the state keeps.

use super::{Malformed, put, take};
use crate::domain::{
    Event, ModelHash, ModeratorId, Timestamp,
    model::{ModelEntry, Standing},
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct ModelV1<'a> {
    hash: [u8; 32],
    version: &'a str,
    bytes: u64,
    labels: u64,
    uploaded_at: i64,
    uploaded_by: Option<&'a str>,
    note: &'a str,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PromotedV1 {
    hash: Option<[u8; 32]>,
    rolled_back: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ShadowV1 {
    hash: Option<[u8; 32]>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RemovedV1 {
    hash: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct StandingV1 {
    champion: Option<[u8; 32]>,
    before: Vec<Option<[u8; 32]>>,
    shadow: Option<[u8; 32]>,
}

fn bytes_of(hash: Option<ModelHash>) -> Option<[u8; 32]> {
    hash.map(|hash| *hash.as_bytes())
}

impl<'a> From<&'a ModelEntry> for ModelV1<'a> {
    fn from(model: &'a ModelEntry) -> Self {
        Self {
            hash: *model.hash.as_bytes(),
            version: &model.version,
            bytes: model.bytes,
            labels: model.labels,
            uploaded_at: model.uploaded_at.as_micros(),
            uploaded_by: model.uploaded_by.as_ref().map(ModeratorId::as_str),
            note: &model.note,
        }
    }
}

impl From<ModelV1<'_>> for ModelEntry {
    fn from(model: ModelV1<'_>) -> Self {
        Self {
            hash: ModelHash::new(model.hash),
            version: model.version.to_owned(),
            bytes: model.bytes,
            labels: model.labels,
            uploaded_at: Timestamp::from_micros(model.uploaded_at),
            uploaded_by: model.uploaded_by.map(ModeratorId::new),
            note: model.note.to_owned(),
        }
    }
}

impl From<ModelV1<'_>> for Event {
    fn from(model: ModelV1<'_>) -> Self {
        Self::ModelUploaded { model: model.into() }
    }
}

impl PromotedV1 {
    pub(super) fn new(hash: Option<ModelHash>, rolled_back: bool) -> Self {
        Self { hash: bytes_of(hash), rolled_back }
    }
}

impl From<PromotedV1> for Event {
    fn from(promoted: PromotedV1) -> Self {
        Self::ModelPromoted { hash: promoted.hash.map(ModelHash::new), rolled_back: promoted.rolled_back }
    }
}

impl ShadowV1 {
    pub(super) fn new(hash: Option<ModelHash>) -> Self {
        Self { hash: bytes_of(hash) }
    }
}

impl From<ShadowV1> for Event {
    fn from(shadow: ShadowV1) -> Self {
        Self::ShadowSet { hash: shadow.hash.map(ModelHash::new) }
    }
}

impl RemovedV1 {
    pub(super) fn new(hash: ModelHash) -> Self {
        Self { hash: *hash.as_bytes() }
    }
}

impl From<RemovedV1> for Event {
    fn from(removed: RemovedV1) -> Self {
        Self::ModelRemoved { hash: ModelHash::new(removed.hash) }
    }
}

/// Appends a model to `out`.
pub(in crate::store) fn encode_model(model: &ModelEntry, out: &mut Vec<u8>) {
    put(&ModelV1::from(model), out);
}

/// Reads a model back.
pub(in crate::store) fn decode_model(bytes: &[u8]) -> Result<ModelEntry, Malformed> {
    Ok(take::<ModelV1<'_>>(bytes)?.into())
}

/// Appends which models are at work to `out`.
pub(in crate::store) fn encode_standing(standing: &Standing, out: &mut Vec<u8>) {
    let before = standing.before.iter().copied().map(bytes_of).collect();
    let (champion, shadow) = (bytes_of(standing.champion), bytes_of(standing.shadow));
    put(&StandingV1 { champion, before, shadow }, out);
}

/// Reads back which models are at work.
pub(in crate::store) fn decode_standing(bytes: &[u8]) -> Result<Standing, Malformed> {
    let StandingV1 { champion, before, shadow } = take(bytes)?;
    let before = before.into_iter().map(|hash| hash.map(ModelHash::new)).collect();
    Ok(Standing { champion: champion.map(ModelHash::new), before, shadow: shadow.map(ModelHash::new) })
}
