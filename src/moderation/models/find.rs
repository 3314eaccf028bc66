//! Finds models that don't decide now: the one that a decision names, or one that somebody asks about.

use super::{BASE, Loaded, Models};
use crate::classify::Scorer;
use crate::domain::{ModelHash, Violation};
use crate::moderation::Error;
use crate::store;
use std::sync::{Arc, PoisonError};

/// What stands for the model that decides where a hash is expected.
const CHAMPION: &str = "champion";
/// How many models are kept ready besides those at work; each takes 4 MiB, and milliseconds to read.
const READY_MAX: usize = 4;

impl Models {
    /// Returns the model that decides now.
    pub(in crate::moderation) fn champion(&self) -> Arc<dyn Scorer> {
        self.serving.at_work().champion
    }

    /// Returns the model that decisions name so.
    ///
    /// # Errors
    ///
    /// [`Error::ModelGone`] where its file is lost or damaged, or made for another base model than the one of now; passes on what
    /// the store says.
    pub(in crate::moderation) async fn of_version(&self, version: &str) -> Result<Arc<dyn Scorer>, Error> {
        let at_work = [Some(Arc::clone(self.serving.base())), Some(self.champion()), self.serving.at_work().shadow];
        if let Some(found) = at_work.into_iter().flatten().find(|scorer| scorer.version() == version) {
            return Ok(found);
        }
        let registry = self.store.models().await?;
        let found = registry.models.iter().find(|model| model.version == version);
        let hash = found.map(|model| model.hash).ok_or_else(|| self.gone(version))?;
        self.kept(hash, version).await
    }

    /// Returns the model that is asked for: by its hash, or by the words for the base model and for the champion.
    ///
    /// # Errors
    ///
    /// Names a field that is no such thing; says that there is no such model; else as [`Models::of_version`].
    pub(in crate::moderation) async fn asked_for(&self, field: &str, name: &str) -> Result<Arc<dyn Scorer>, Error> {
        match name {
            BASE => Ok(Arc::clone(self.serving.base())),
            CHAMPION => Ok(self.champion()),
            digits => {
                let sentence = "Must be the 64 hexadecimal digits of a model's SHA-256, `base` or `champion`.";
                let hash = ModelHash::from_hex(digits);
                let hash = hash.ok_or_else(|| Error::Invalid(vec![Violation::new(field, sentence)]))?;
                let registry = self.store.models().await?;
                let version = &registry.model(hash).ok_or(store::Error::NoModel { hash })?.version;
                self.kept(hash, version).await
            }
        }
    }

    /// Returns a model that is kept, read anew where that is needed.
    async fn kept(&self, hash: ModelHash, version: &str) -> Result<Arc<dyn Scorer>, Error> {
        if let Some(ready) = self.ready(hash) {
            return Ok(ready);
        }
        let scorer = match self.load(hash).await {
            Ok(scorer) => scorer,
            Err(error @ (Error::Model(_) | Error::Store(store::Error::ModelDamaged { .. }))) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, model.version = version, "a former model can't be asked");
                return Err(self.gone(version));
            }
            Err(error) => return Err(error),
        };
        let mut former = self.former.lock().unwrap_or_else(PoisonError::into_inner);
        former.truncate(READY_MAX - 1);
        former.insert(0, (hash, Arc::clone(&scorer)));
        Ok(scorer)
    }

    fn ready(&self, hash: ModelHash) -> Option<Arc<dyn Scorer>> {
        let mut former: std::sync::MutexGuard<'_, Vec<Loaded>> =
            self.former.lock().unwrap_or_else(PoisonError::into_inner);
        let place = former.iter().position(|(of, _)| *of == hash)?;
        former[..=place].rotate_right(1);
        former.first().map(|(_, scorer)| Arc::clone(scorer))
    }

    fn gone(&self, version: &str) -> Error {
        Error::ModelGone { version: version.to_owned(), now: self.champion().version().to_owned() }
    }
}
