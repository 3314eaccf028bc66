//! Does away with a model that nobody needs any more.

use super::{Models, Standing, read_hash};
use crate::auth::Caller;
use crate::moderation::{Error, to_its_end};
use crate::store::{Change, ChangeModels, Seen};
use std::sync::{Arc, PoisonError};

impl Models {
    /// Removes a model and its file. What it decided stays decided; it can be explained again once the same file is uploaded.
    ///
    /// # Errors
    ///
    /// Says that there is no such model, or that it decides, is in the shadow, or may be needed by a rollback.
    pub async fn remove(self: &Arc<Self>, caller: &Caller, hash: &str) -> Result<Standing, Error> {
        caller.may_act_on("")?;
        let hash = read_hash("hash", hash)?;
        let (models, by) = (Arc::clone(self), caller.name().cloned());
        to_its_end(async move {
            let _turn = models.changing.lock().await;
            let change = ChangeModels { change: Change::Remove(hash), seen: Seen::Any, by, now: models.clock.now() };
            let registry = models.store.change_models(change).await?;
            models.former.lock().unwrap_or_else(PoisonError::into_inner).retain(|(former, _)| *former != hash);
            Ok(models.standing(registry))
        })
        .await
    }
}
