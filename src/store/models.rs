//! Models as the store keeps them: a file by its hash, and the events that say which are at work.

use super::Error;
use super::batch::{Answer, Batch};
use super::writer::Failure;
use crate::domain::{
    Actor, CommentId, Event, ModelHash, ModeratorId, SiteId, Timestamp,
    disagreement::Challenged,
    model::{ModelEntry, Standing},
};

/// Models that are kept, at most: all fit into one answer.
pub(super) const MODELS_MAX: usize = 1000;

/// Something that is to change about models.
#[derive(Debug, Clone)]
pub struct ChangeModels {
    /// What.
    pub change: Change,
    /// Which champion the caller has seen.
    pub seen: Seen,
    /// Who asks for it; `None` for whoever runs the server.
    pub by: Option<ModeratorId>,
    /// The present time.
    pub now: Timestamp,
}

/// Which champion a caller has seen before they ask for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// They don't care which it is.
    Any,
    /// This one, and only while it is still the champion may anything change; `None` is the base model alone.
    Champion(Option<ModelHash>),
}

/// What can change about models.
#[derive(Debug, Clone)]
pub enum Change {
    /// A model is to be kept, whose file is in its place.
    Add(ModelEntry),
    /// A model is to decide from now on; `None` is the base model alone.
    Promote(Option<ModelHash>),
    /// The last promotion is to be taken back.
    RollBack,
    /// A model is to be scored without deciding; `None` is none.
    Shadow(Option<ModelHash>),
    /// A model that isn't needed is to be removed, and its file with it.
    Remove(ModelHash),
}

/// The models that are kept, and which of them are at work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    /// All models, the newest first.
    pub models: Vec<ModelEntry>,
    /// Which are at work.
    pub standing: Standing,
}

/// The challenger in the shadow would have decided otherwise on a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Disagree {
    /// The comment's site.
    pub site_id: SiteId,
    /// The comment.
    pub comment_id: CommentId,
    /// The revision that both models were asked about.
    pub revision: u32,
    /// What it would have done.
    pub challenged: Challenged,
    /// The present time.
    pub now: Timestamp,
}

impl Registry {
    pub(super) fn new(mut models: Vec<ModelEntry>, standing: Standing) -> Self {
        models.sort_by_key(|model| (std::cmp::Reverse(model.uploaded_at), model.hash));
        Self { models, standing }
    }

    /// Returns a model by its hash.
    pub fn model(&self, hash: ModelHash) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.hash == hash)
    }

    /// Returns the event that a change asks for, or `None` where it is so already.
    fn ask(&self, change: Change, seen: Seen) -> Result<Option<Event>, Error> {
        let champion = self.standing.champion;
        let known = |hash: Option<ModelHash>| match hash {
            Some(hash) if self.model(hash).is_none() => Err(Error::NoModel { hash }),
            _ => Ok(()),
        };
        let fresh = || match seen {
            Seen::Champion(seen) if seen != champion => Err(Error::StaleChampion { champion }),
            _ => Ok(()),
        };
        match change {
            Change::Add(model) if self.model(model.hash).is_some() => Ok(None),
            Change::Add(_) if self.models.len() >= MODELS_MAX => Err(Error::TooManyModels { models_max: MODELS_MAX }),
            Change::Add(model) => Ok(Some(Event::ModelUploaded { model })),
            Change::Promote(hash) => {
                known(hash)?;
                if champion == hash {
                    return Ok(None);
                }
                fresh()?;
                Ok(Some(Event::ModelPromoted { hash, rolled_back: false }))
            }
            Change::RollBack => {
                fresh()?;
                let hash = self.standing.before.last().copied().ok_or(Error::NothingToRollBack)?;
                Ok(Some(Event::ModelPromoted { hash, rolled_back: true }))
            }
            Change::Shadow(hash) => {
                known(hash)?;
                if hash.is_some() && hash == champion {
                    return Err(Error::ShadowOfItself);
                }
                Ok((self.standing.shadow != hash).then_some(Event::ShadowSet { hash }))
            }
            Change::Remove(hash) => {
                known(Some(hash))?;
                match self.standing.need_of(hash) {
                    Some(need) => Err(Error::ModelNeeded { need }),
                    None => Ok(Some(Event::ModelRemoved { hash })),
                }
            }
        }
    }
}

impl Batch<'_, '_> {
    /// Changes something about models; what is so already stays, and makes no event.
    pub(super) fn change_models(&mut self, asked: ChangeModels) -> Result<Result<Answer, Error>, Failure> {
        let ChangeModels { change, seen, by, now } = asked;
        let models = self.edit.models().map_err(Failure::State)?;
        let standing = self.edit.standing().map_err(Failure::State)?;
        let registry = Registry::new(models, standing);
        let event = match registry.ask(change, seen) {
            Ok(Some(event)) => event,
            Ok(None) => return Ok(Ok(Answer::Models(Box::new(registry)))),
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = self.act(vec![event], by.map_or(Actor::System, Actor::Moderator), now)? {
            return Ok(Err(error));
        }
        let models = self.edit.models().map_err(Failure::State)?;
        let standing = self.edit.standing().map_err(Failure::State)?;
        Ok(Ok(Answer::Models(Box::new(Registry::new(models, standing)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u64) -> ModelEntry {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_le_bytes());
        ModelEntry {
            hash: ModelHash::new(hash),
            version: format!("base+house-{number}"),
            bytes: 1,
            labels: 0,
            uploaded_at: Timestamp::from_micros(0),
            uploaded_by: None,
            note: String::new(),
        }
    }

    #[test]
    fn where_there_are_as_many_models_as_may_be_one_that_is_removed_makes_room() {
        let max = MODELS_MAX as u64;
        let models: Vec<ModelEntry> = (0..max).map(entry).collect();
        let mut registry = Registry::new(models, Standing::default());
        let refused = registry.ask(Change::Add(entry(max)), Seen::Any).unwrap_err();
        assert!(matches!(refused, Error::TooManyModels { models_max: MODELS_MAX }));
        assert!(refused.to_string().contains("`ombud models remove HASH`"), "{refused}");
        assert_eq!(registry.ask(Change::Add(entry(0)), Seen::Any).unwrap(), None, "it is there already");
        let hash = entry(0).hash;
        assert_eq!(registry.ask(Change::Remove(hash), Seen::Any).unwrap(), Some(Event::ModelRemoved { hash }));
        registry.models.retain(|model| model.hash != hash);
        assert!(registry.ask(Change::Add(entry(max)), Seen::Any).unwrap().is_some());
        assert!(matches!(registry.ask(Change::Remove(hash), Seen::Any), Err(Error::NoModel { .. })));
    }
}
