//! What admins can do about models: upload, promote, roll back, put one in the shadow, remove one.
//!
//! What is at work is kept by the store's events and put to work here: a model is read and checked before any event says
//! that it decides, so that a promotion that was answered never fails later.
//!
//! Start reading at [`Models::open`], then at [`Models::promote`].

mod find;
mod remove;
mod upload;

pub use upload::Upload;

use super::serving::{AtWork, Serving};
use super::shadow::ToLookAt;
use super::{Clock, Comparison, Error, to_its_end};
use crate::auth::Caller;
use crate::classify::Scorer;
use crate::domain::{ModelHash, Violation, model::ModelEntry};
use crate::store::{self, Change, ChangeModels, Disagree, Registry, Seen, Store};
use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

/// What stands for the base model where a hash is expected.
const BASE: &str = "base";
/// Uploads at once; each is held in memory.
const UPLOADS_MAX: usize = 2;
/// When to come back where too many are under way.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A model that was read.
type Loaded = (ModelHash, Arc<dyn Scorer>);

/// The models that are kept, and what is at work.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The models, and which are to be at work.
    pub registry: Registry,
    /// What decisions that are made now name as their model.
    pub version: String,
    /// Why the base model decides although another is the champion, and why none is in the shadow although one is to be; empty
    /// where all is well.
    pub trouble: String,
    /// The SHA-256 of the base model's file, in hexadecimal digits.
    pub base: String,
}

/// The use cases of models.
pub struct Models {
    serving: Arc<Serving>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// Held while something changes, so that what is at work follows the store's order.
    changing: Mutex<()>,
    uploads: Arc<Semaphore>,
    trouble: RwLock<String>,
    /// Models that were asked for and don't decide, the latest first.
    former: std::sync::Mutex<Vec<Loaded>>,
}

impl Models {
    /// Puts to work what the store says. A champion whose file is lost or damaged leaves the base model to decide, and is
    /// told in the log and in [`Standing::trouble`]: comments are decided on all the same.
    ///
    /// # Errors
    ///
    /// Passes on what the store says.
    pub async fn open(
        serving: Arc<Serving>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, store::Error> {
        let registry = store.models().await?;
        let (changing, uploads) = (Mutex::default(), Arc::new(Semaphore::new(UPLOADS_MAX)));
        let (trouble, former) = (RwLock::default(), std::sync::Mutex::default());
        let models = Self { serving, store, clock, changing, uploads, trouble, former };
        models.put_to_work(&registry, None).await;
        Ok(models)
    }

    /// Returns the models, and what is at work.
    ///
    /// # Errors
    ///
    /// Says that the caller's token is bound to a site; passes on what the store says.
    pub async fn list(&self, caller: &Caller) -> Result<Standing, Error> {
        caller.may_act_on("")?;
        Ok(self.standing(self.store.models().await?))
    }

    /// Returns one model, and what is at work.
    ///
    /// # Errors
    ///
    /// Says that there is no such model; else as [`Models::list`].
    pub async fn get(&self, caller: &Caller, hash: &str) -> Result<(ModelEntry, Standing), Error> {
        let standing = self.list(caller).await?;
        let hash = read_hash("hash", hash)?;
        let model = standing.registry.model(hash).cloned().ok_or(store::Error::NoModel { hash })?;
        Ok((model, standing))
    }

    /// Returns one model with its file, as it was uploaded.
    ///
    /// # Errors
    ///
    /// Says that its file is damaged; else as [`Models::get`].
    pub async fn download(&self, caller: &Caller, hash: &str) -> Result<(ModelEntry, Vec<u8>), Error> {
        let (model, _) = self.get(caller, hash).await?;
        let bytes = self.store.model_file(model.hash).await?;
        Ok((model, bytes))
    }

    /// Makes a model the champion; every request that begins after this has it.
    ///
    /// # Errors
    ///
    /// Says that there is no such model, that its file is damaged, or that another model than `seen` is the champion.
    pub async fn promote(self: &Arc<Self>, caller: &Caller, hash: &str, seen: &str) -> Result<Standing, Error> {
        caller.may_act_on("")?;
        let hash = read_champion("hash", hash)?;
        let seen = read_seen(seen)?;
        self.change(caller, Change::Promote(hash), seen).await
    }

    /// Makes the champion of before the last promotion the champion again.
    ///
    /// # Errors
    ///
    /// Says that there is nothing to take back, that the file of the champion before is damaged, or that another model than
    /// `seen` is the champion.
    pub async fn roll_back(self: &Arc<Self>, caller: &Caller, seen: &str) -> Result<Standing, Error> {
        caller.may_act_on("")?;
        let seen = read_seen(seen)?;
        self.change(caller, Change::RollBack, seen).await
    }

    /// Has comments on which the challenger in the shadow would have decided otherwise wait for a person, until `closing` is
    /// cancelled.
    pub async fn have_disagreements_looked_at(&self, closing: CancellationToken) {
        let Some(mut to_look_at) = self.serving.take_to_look_at() else { return };
        loop {
            let ToLookAt { site_id, comment_id, revision, challenged } = tokio::select! {
                () = closing.cancelled() => return,
                Some(found) = to_look_at.recv() => found,
                else => return,
            };
            let now = self.clock.now();
            if let Err(error) = self.store.disagree(Disagree { site_id, comment_id, revision, challenged, now }).await {
                // It was counted, and the next one may find room.
                let error: &dyn std::error::Error = &error;
                tracing::debug!(error, "a comment on which two models differ doesn't wait for a person");
            }
        }
    }

    /// Returns how the challenger in the shadow compares with the champion so far.
    ///
    /// # Errors
    ///
    /// As [`Models::list`].
    pub async fn compare(&self, caller: &Caller) -> Result<(Comparison, Standing), Error> {
        let standing = self.list(caller).await?;
        Ok((self.serving.comparison(), standing))
    }

    /// Has a model scored without deciding; an empty `hash` ends that.
    ///
    /// # Errors
    ///
    /// Says that there is no such model, that its file is damaged, or that it is the champion.
    pub async fn set_shadow(self: &Arc<Self>, caller: &Caller, hash: &str) -> Result<Standing, Error> {
        caller.may_act_on("")?;
        let hash = if hash.is_empty() { None } else { Some(read_hash("hash", hash)?) };
        self.change(caller, Change::Shadow(hash), Seen::Any).await
    }

    async fn change(self: &Arc<Self>, caller: &Caller, change: Change, seen: Seen) -> Result<Standing, Error> {
        let (models, by) = (Arc::clone(self), caller.name().cloned());
        to_its_end(async move {
            let _turn = models.changing.lock().await;
            let loaded = models.load_for(&change).await?;
            let now = models.clock.now();
            let registry = models.store.change_models(ChangeModels { change, seen, by, now }).await?;
            models.put_to_work(&registry, loaded).await;
            Ok(models.standing(registry))
        })
        .await
    }

    /// Reads the model that a change would put to work, so that a damaged one is refused before anything happens. One that
    /// isn't there is for the store to refuse.
    async fn load_for(&self, change: &Change) -> Result<Option<Loaded>, Error> {
        let registry = self.store.models().await?;
        let hash = match change {
            Change::Promote(hash) | Change::Shadow(hash) => *hash,
            Change::RollBack => registry.standing.before.last().copied().flatten(),
            Change::Add(_) | Change::Remove(_) => None,
        };
        match hash.filter(|hash| registry.model(*hash).is_some()) {
            Some(hash) => Ok(Some((hash, self.load(hash).await?))),
            None => Ok(None),
        }
    }

    /// Exchanges what is at work for what the registry says; `loaded` needn't be read again.
    async fn put_to_work(&self, registry: &Registry, loaded: Option<Loaded>) {
        let find = async |hash: ModelHash| match &loaded {
            Some((known, scorer)) if *known == hash => Ok(Arc::clone(scorer)),
            _ => self.load(hash).await,
        };
        let base = Arc::clone(self.serving.base());
        let mut at_work = AtWork { champion: base, shadow: None };
        let mut trouble = Vec::new();
        if let Some(hash) = registry.standing.champion {
            match find(hash).await {
                Ok(champion) => at_work.champion = champion,
                Err(error) => {
                    trouble.push(format!("the base model decides instead of the champion: {error}"));
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "the champion can't be read, so the base model decides");
                }
            }
        }
        if let Some(hash) = registry.standing.shadow {
            match find(hash).await {
                Ok(shadow) => at_work.shadow = Some(shadow),
                Err(error) => {
                    trouble.push(format!("nothing is scored in the champion's shadow: {error}"));
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, "the model in the shadow can't be read");
                }
            }
        }
        tracing::info!(model.version = at_work.champion.version(), "models are at work");
        self.serving.exchange(at_work);
        *self.trouble.write().unwrap_or_else(PoisonError::into_inner) = trouble.join("; ");
    }

    /// Reads a model and puts it on top of the base model, without putting it to work.
    async fn load(&self, hash: ModelHash) -> Result<Arc<dyn Scorer>, Error> {
        let bytes = self.store.model_file(hash).await?;
        self.on_top(bytes, hash).await.map(|(scorer, _, _)| scorer)
    }

    /// Puts a model's bytes on top of the base model; returns how many labels it was learned from, and the bytes.
    async fn on_top(&self, bytes: Vec<u8>, hash: ModelHash) -> Result<(Arc<dyn Scorer>, u64, Vec<u8>), Error> {
        let base = Arc::clone(self.serving.base());
        let name = PathBuf::from(format!("the model {hash}"));
        let made =
            tokio::task::spawn_blocking(move || base.with_house(&bytes, &name).map(|house| (house, bytes))).await;
        let (house, bytes) = made.map_err(|_panicked| Error::ScoringFailed)??;
        let labels = house.learned().map_or(0, |learned| u64::from(learned.labels()));
        Ok((house, labels, bytes))
    }

    fn standing(&self, registry: Registry) -> Standing {
        let version = self.serving.at_work().champion.version().to_owned();
        let trouble = self.trouble.read().unwrap_or_else(PoisonError::into_inner).clone();
        let base = self.serving.base().base_checksum().to_owned();
        Standing { registry, version, trouble, base }
    }
}

/// Reads 64 hexadecimal digits.
fn read_hash(field: &str, digits: &str) -> Result<ModelHash, Error> {
    let sentence = "Must be the 64 hexadecimal digits of a model's SHA-256.";
    ModelHash::from_hex(digits).ok_or_else(|| Error::Invalid(vec![Violation::new(field, sentence)]))
}

/// Reads a hash, or the word for the base model.
fn read_champion(field: &str, digits: &str) -> Result<Option<ModelHash>, Error> {
    if digits == BASE { Ok(None) } else { read_hash(field, digits).map(Some) }
}

/// Reads which champion the caller has seen; empty where they don't say.
fn read_seen(digits: &str) -> Result<Seen, Error> {
    if digits.is_empty() { Ok(Seen::Any) } else { read_champion("seen_champion", digits).map(Seen::Champion) }
}

impl From<crate::classify::Error> for Error {
    fn from(error: crate::classify::Error) -> Self {
        Self::Model(error)
    }
}
