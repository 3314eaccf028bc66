//! A model's file on its way in: collected in memory, checked, and kept as a whole or not at all.

use super::{Models, RETRY_AFTER, read_hash};
use crate::auth::Caller;
use crate::classify::{artifact::sha256_hex, house::artifact::FILE_BYTES_MAX};
use crate::domain::{ModelHash, ModeratorId, Violation, model::ModelEntry};
use crate::moderation::{Error, to_its_end};
use crate::store::{Change, ChangeModels, Seen};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// How long a note may be, in bytes.
const NOTE_BYTES_MAX: usize = 1000;

/// An upload under way; dropping it keeps nothing.
pub struct Upload {
    hash: ModelHash,
    expected: u64,
    note: String,
    by: Option<ModeratorId>,
    bytes: Vec<u8>,
    turn: OwnedSemaphorePermit,
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// Says that more come than were announced.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Error> {
        if (self.bytes.len() + chunk.len()) as u64 > self.expected {
            return Err(wrong("chunk", format!("Brings more than the {} bytes that were announced.", self.expected)));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }
}

impl Models {
    /// Begins an upload of `bytes` bytes whose SHA-256 is `hash`.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that too many uploads are under way.
    pub fn begin_upload(&self, caller: &Caller, hash: &str, bytes: u64, note: String) -> Result<Upload, Error> {
        caller.may_act_on("")?;
        let hash = read_hash("begin.hash", hash)?;
        if bytes == 0 || bytes > FILE_BYTES_MAX as u64 {
            return Err(wrong("begin.bytes", format!("Must be from 1 to {FILE_BYTES_MAX}.")));
        }
        if note.len() > NOTE_BYTES_MAX {
            return Err(wrong("begin.note", format!("Must have at most {NOTE_BYTES_MAX} bytes.")));
        }
        let turn = Arc::clone(&self.uploads).try_acquire_owned();
        let turn = turn.map_err(|_| Error::Overloaded { reason: "TOO_MANY_UPLOADS", retry_after: RETRY_AFTER })?;
        let by = caller.name().cloned();
        Ok(Upload { hash, expected: bytes, note, by, bytes: Vec::new(), turn })
    }

    /// Keeps a model that has come in whole, also where the caller goes away; returns it, and whether it had been kept before: of
    /// two uploads at once the second one finds the first.
    ///
    /// # Errors
    ///
    /// Says that bytes are missing or are others than were announced, that the model is damaged or made for another base
    /// model, or that there are too many models; passes on what the store says.
    pub async fn finish_upload(self: &Arc<Self>, upload: Upload) -> Result<(ModelEntry, bool), Error> {
        let Upload { hash, expected, note, by, bytes, turn } = upload;
        if bytes.len() as u64 != expected {
            let came = bytes.len();
            return Err(wrong("chunk", format!("{came} of {expected} bytes have come; send the model again.")));
        }
        if sha256_hex(&bytes) != hash.to_string() {
            return Err(wrong("begin.hash", "Is not the SHA-256 of what has come; send the model again.".into()));
        }
        let models = Arc::clone(self);
        // All of it has come, so that it is kept also where the caller goes away: half of it would be a file of no model.
        to_its_end(async move {
            let _turn = turn;
            let (scorer, labels, bytes) = models.on_top(bytes, hash).await?;
            let _changing = models.changing.lock().await;
            let known = models.store.models().await?;
            // Written anew where it is damaged.
            models.store.keep_model_file(bytes).await?;
            if let Some(model) = known.model(hash) {
                models.put_to_work(&known, None).await;
                return Ok((model.clone(), true));
            }
            let now = models.clock.now();
            let model = ModelEntry {
                hash,
                version: scorer.version().to_owned(),
                bytes: expected,
                labels,
                uploaded_at: now,
                uploaded_by: by.clone(),
                note,
            };
            let change = ChangeModels { change: Change::Add(model.clone()), seen: Seen::Any, by, now };
            models.store.change_models(change).await?;
            Ok((model, false))
        })
        .await
    }
}

fn wrong(field: &str, sentence: String) -> Error {
    Error::Invalid(vec![Violation::new(field, sentence)])
}
