//! The house model: what this newsroom's moderators would do with a comment, on top of a base model.
//!
//! In come a text, what is known of its author and of its words, and a base [`Model`]; out come the base model's
//! scores, the same to the bit as without a house model, and beside them `LIKELY_TO_REJECT`. A house model has two
//! parts: a *delta*, one weight for each bucket of the very features that the base model counts, and a *head*, a
//! logistic regression over the base model's logits, the delta's and a few [`Input`]s. Dropping it restores the base
//! exactly: then `LIKELY_TO_REJECT` follows it, by the rule of [`follow`]. Nothing here stores a comment or learns.
//!
//! Start reading at [`HouseModel::score`], then [`Head`], then [`artifact`].

pub mod artifact;
mod delta;
mod explain;
mod head;
mod input;
mod reading;

pub use crate::domain::Circumstances;
pub use artifact::{Artifact, Learned};
pub use explain::{HouseExplanation, HouseWord};
pub use head::{Head, follow, probability};
pub use input::{Input, Inputs};
pub use reading::{BaseLogits, Reading};

use super::{Error, Explanation, Model, Reference, Scorer, Scratch, model::with_scratch};
use crate::domain::{Judgement, Language, Score, Scores, Timestamp};
use delta::Delta;
use std::{path::Path, sync::Arc};

/// What a house model says of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The base model's scores, the same to the bit as without a house model.
    pub scores: Scores,
    /// The probability that this site's moderators would reject the comment.
    pub likely_to_reject: Score,
}

/// A base model with a house model on top, or without one. It is never changed, so any number of threads may share it.
#[derive(Debug, Clone)]
pub struct HouseModel {
    base: Arc<Model>,
    house: Option<House>,
    version: String,
}

/// What is on top of a base model.
#[derive(Debug, Clone)]
struct House {
    delta: Delta,
    head: Head,
    learned: Learned,
    learned_until: Option<Timestamp>,
}

impl House {
    fn scored(&self, base: &Model, reading: &Reading) -> Option<Scored> {
        let scores = base.probabilities(&reading.logits)?;
        Some(Scored { scores, likely_to_reject: probability(self.head.logit(reading))? })
    }
}

impl HouseModel {
    /// Puts a base model to work alone, so that `LIKELY_TO_REJECT` follows it.
    pub fn without_house(base: Arc<Model>) -> Self {
        let version = base.version().to_owned();
        Self { base, house: None, version }
    }

    /// Puts a house model on top of the base model that it was made for; `checksum` is the SHA-256 of its file, in
    /// hexadecimal digits.
    ///
    /// # Errors
    ///
    /// Refuses a house model that was made for another base model.
    pub fn new(base: Arc<Model>, artifact: Artifact, checksum: &str) -> Result<Self, Error> {
        let Artifact { name, base: wanted, learned, learned_until, delta, head } = artifact;
        if wanted != base.checksum() {
            return Err(Error::HouseBase { name, wanted: short(&wanted), found: short(base.checksum()) });
        }
        let version = format!("{}+{name}-{}", base.version(), short(checksum));
        let delta = Delta::new(&delta, base.features().buckets());
        Ok(Self { base, house: Some(House { delta, head, learned, learned_until }), version })
    }

    /// Reads a house model's file, as [`Artifact::to_bytes`] wrote it, and puts it on top of its base model; `path` is
    /// named in errors.
    ///
    /// # Errors
    ///
    /// Refuses bytes that are damaged, of another format or for other features, and another base model.
    pub fn from_bytes(base: Arc<Model>, bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let artifact = Artifact::from_bytes(bytes, path)?;
        Self::new(base, artifact, &super::artifact::sha256_hex(bytes))
    }

    /// Returns the base model's version, and behind a `+` that of the house model, if there is one.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the base model.
    pub fn base(&self) -> &Arc<Model> {
        &self.base
    }

    /// Returns what the house model was learned from; `None` without one.
    pub fn learned(&self) -> Option<Learned> {
        self.house.as_ref().map(|house| house.learned)
    }

    /// Returns when the newest label that the house model was learned from was given; `None` without one, and where that is not
    /// known.
    pub fn learned_until(&self) -> Option<Timestamp> {
        self.house.as_ref().and_then(|house| house.learned_until)
    }

    /// Returns the scores of `text`, or `None` where one is not a finite number.
    ///
    /// The text's features are listed once for both models.
    pub fn score(&self, text: &str, circumstances: &Circumstances) -> Option<Scored> {
        with_scratch(|scratch| self.score_into(scratch, text, circumstances))
    }

    /// Returns what [`HouseModel::score`] does, with buffers of the caller's own.
    pub fn score_into(&self, scratch: &mut Scratch, text: &str, circumstances: &Circumstances) -> Option<Scored> {
        let Some(house) = &self.house else {
            let scores = self.base.score_into(scratch, text)?;
            return Some(Scored { scores, likely_to_reject: follow(&scores) });
        };
        house.scored(&self.base, &Reading::new(&self.base, Some(&house.delta), scratch, text, circumstances))
    }

    /// Returns what [`HouseModel::score_into`] does, for two models; the text's features are listed once for both where they
    /// stand on one base model.
    pub fn score_both(
        models: [&Self; 2],
        scratch: &mut Scratch,
        text: &str,
        circumstances: &Circumstances,
    ) -> [Option<Scored>; 2] {
        let base = &models[0].base;
        if !Arc::ptr_eq(base, &models[1].base) {
            return models.map(|model| model.score_into(scratch, text, circumstances));
        }
        let deltas = models.map(|model| model.house.as_ref().map(|house| &house.delta));
        let readings = Reading::by(deltas, base, scratch, text, circumstances);
        [0, 1].map(|at: usize| {
            let Some(house) = &models[at].house else {
                let scores = base.probabilities(&readings[at].logits)?;
                return Some(Scored { scores, likely_to_reject: follow(&scores) });
            };
            house.scored(base, &readings[at])
        })
    }

    /// Returns the logit of `LIKELY_TO_REJECT`: that which [`HouseModel::explain`] takes apart.
    pub fn logit(&self, text: &str, circumstances: &Circumstances) -> f64 {
        with_scratch(|scratch| {
            let delta = self.house.as_ref().map(|house| &house.delta);
            self.head().logit(&Reading::new(&self.base, delta, scratch, text, circumstances))
        })
    }

    /// Returns the scores of `text` with what each part of it adds to `LIKELY_TO_REJECT`, or `None` where scoring fails.
    pub fn explain(&self, text: &str, circumstances: &Circumstances) -> Option<HouseExplanation> {
        with_scratch(|scratch| explain::explain(&self.base, self.house.as_ref(), scratch, text, circumstances))
    }

    /// Returns the head at work: without a house model, one that follows the base.
    fn head(&self) -> &Head {
        self.house.as_ref().map_or(&Head::FOLLOWING, |house| &house.head)
    }
}

impl Scorer for HouseModel {
    fn version(&self) -> &str {
        self.version()
    }

    fn languages(&self) -> &[Language] {
        self.base.languages()
    }

    fn reference(&self) -> Option<&Reference> {
        self.base.reference()
    }

    fn unseen(&self, text: &str) -> Option<[u64; 2]> {
        Some(self.base.unseen(text))
    }

    fn base_checksum(&self) -> &str {
        self.base.checksum()
    }

    fn score(&self, text: &str) -> Option<Scores> {
        self.base.score(text)
    }

    fn explain(&self, text: &str) -> Option<Explanation> {
        self.base.explain(text)
    }

    fn has_house(&self) -> bool {
        self.house.is_some()
    }

    fn judge(&self, text: &str, circumstances: &Circumstances) -> Option<Judgement> {
        let Scored { scores, likely_to_reject } = HouseModel::score(self, text, circumstances)?;
        Some(Judgement { scores, likely_to_reject })
    }

    fn explain_house(&self, text: &str, circumstances: &Circumstances) -> Option<HouseExplanation> {
        HouseModel::explain(self, text, circumstances)
    }
}

/// Takes apart what `LIKELY_TO_REJECT` is where a base model decides alone.
pub(super) fn explain_following(base: &Model, text: &str, circumstances: &Circumstances) -> Option<HouseExplanation> {
    with_scratch(|scratch| explain::explain(base, None, scratch, text, circumstances))
}

fn short(checksum: &str) -> String {
    checksum.get(..12).unwrap_or(checksum).to_owned()
}
