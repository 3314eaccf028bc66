//! Models in the state: which there are, and which are at work.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{MODELS, State, keys};
use crate::domain::{
    Action, Event, ModelHash,
    model::{ModelEntry, Standing},
};
use crate::store::{Error, record};
use std::collections::BTreeMap;

impl State {
    /// Returns all models, by their hashes.
    pub(in crate::store) fn models(&self) -> Result<Vec<ModelEntry>, Error> {
        let model = |entry: Result<(sled::IVec, sled::IVec), sled::Error>| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            record::decode_model(unseal(&key, &value)?).map_err(|_| damaged("a model cannot be read"))
        };
        self.tree.scan_prefix(keys::models()).map(model).collect()
    }

    /// Returns which models are at work.
    pub(in crate::store) fn standing(&self) -> Result<Standing, Error> {
        Ok(self.kept_standing()?.unwrap_or_default())
    }

    fn kept_standing(&self) -> Result<Option<Standing>, Error> {
        let key = keys::standing();
        let Some(value) = self.tree.get(&key).map_err(|error| self.error(error))? else { return Ok(None) };
        let standing = record::decode_standing(unseal(&key, &value)?);
        standing.map(Some).map_err(|_| damaged("which models are at work cannot be read"))
    }
}

/// What an edit changes about models.
#[derive(Default)]
pub(super) struct Changed {
    /// Those that came, and `None` for those that went.
    models: BTreeMap<ModelHash, Option<ModelEntry>>,
    standing: Option<Standing>,
}

/// Returns a model's key, and its value as it is kept.
fn sealed(model: &ModelEntry) -> (Vec<u8>, Vec<u8>) {
    let key = keys::model(model.hash);
    let sealed = value::seal(&key, 200, |out| record::encode_model(model, out));
    (key, sealed)
}

impl Edit<'_> {
    /// Returns all models, with what this edit has done about them.
    pub(in crate::store) fn models(&self) -> Result<Vec<ModelEntry>, Error> {
        let mut models = self.state.models()?;
        models.retain(|model| !self.models.models.contains_key(&model.hash));
        models.extend(self.models.models.values().flatten().cloned());
        Ok(models)
    }

    /// Returns which models are at work, with what this edit has done about it.
    pub(in crate::store) fn standing(&self) -> Result<Standing, Error> {
        match &self.models.standing {
            Some(standing) => Ok(standing.clone()),
            None => self.state.standing(),
        }
    }

    /// Keeps a model, or notes which are at work.
    pub(super) fn change_models(&mut self, action: &Action) -> Result<(), Error> {
        for event in &action.events {
            let mut standing = match event {
                Event::ModelUploaded { model } => {
                    let (key, sealed) = sealed(model);
                    self.put(MODELS, key, None, Some(sealed));
                    self.models.models.insert(model.hash, Some(model.clone()));
                    continue;
                }
                Event::ModelRemoved { hash } => {
                    if let Some(model) = self.models()?.into_iter().find(|model| model.hash == *hash) {
                        let (key, old) = sealed(&model);
                        self.put(MODELS, key, Some(&old), None);
                        self.models.models.insert(*hash, None);
                    }
                    continue;
                }
                Event::ModelPromoted { .. } | Event::ShadowSet { .. } => self.standing()?,
                _ => continue,
            };
            let old = match &self.models.standing {
                Some(standing) => Some(standing.clone()),
                None => self.state.kept_standing()?,
            };
            match event {
                Event::ModelPromoted { rolled_back: true, .. } => standing.roll_back(),
                Event::ModelPromoted { hash, .. } => standing.promote(*hash),
                Event::ShadowSet { hash } => standing.shadow = *hash,
                _ => {}
            }
            let key = keys::standing();
            let seal = |standing: &Standing| value::seal(&key, 200, |out| record::encode_standing(standing, out));
            let (old, new) = (old.as_ref().map(seal), seal(&standing));
            self.put(MODELS, key, old.as_deref(), Some(new));
            self.models.standing = Some(standing);
        }
        Ok(())
    }
}
