//! Scores comments: text to hashed features, to a linear model, to calibrated probabilities.
//!
//! In comes text; out go scores with their reasons, or, for those who train, features, estimators and the file format
//! of models. This room opens model files and nothing else; it never stores a comment, and no text of one is in its
//! errors.
//!
//! Start reading at [`Model::score`], then [`features`], then [`artifact`]; [`house`] scores what a newsroom's own
//! moderators would do; [`Detector`] says which
//! language a text is in.

pub mod artifact;
pub mod calibration;
mod counter;
pub mod error;
pub mod explain;
pub mod feature_set;
pub mod features;
mod fingerprint;
mod frame;
pub mod ftrl;
pub mod house;
mod invisible;
mod joint;
mod lanes;
pub mod language;
pub mod model;
pub mod normalise;
pub mod reference;
mod repeats;
mod script;
mod second_view;
pub mod sparse;
mod style;
mod table;
mod words;

pub use artifact::Artifact;
pub use calibration::Calibration;
pub use error::Error;
pub use explain::{Explanation, Word};
pub use feature_set::FeatureSet;
pub use features::{FEATURES_VERSION, Scratch};
pub use fingerprint::fingerprint;
pub use ftrl::{Ftrl, FtrlParams, FtrlValidParams};
pub use invisible::is_blank;
pub use joint::{JointFtrl, Target};
pub use lanes::{LANES, LaneFtrl, Lanes};
pub use language::Detector;
pub use model::{Logits, Model};
pub use normalise::Normalised;
pub use reference::Reference;
pub use sparse::SparseRecords;

use crate::domain::{Circumstances, Judgement, Language, Scores};
pub use house::HouseModel;
use std::{path::Path, sync::Arc};

/// What gives comments their scores; tests put one that fails in the place of a [`Model`].
pub trait Scorer: Send + Sync + 'static {
    /// Returns the version that decisions name.
    fn version(&self) -> &str;

    /// Returns the languages that its scores mean something for.
    fn languages(&self) -> &[Language] {
        &[Language::ENGLISH]
    }

    /// Returns every attribute's score, or `None` where scoring fails.
    fn score(&self, text: &str) -> Option<Scores>;

    /// Returns every attribute's score with what each word adds to it, or `None` where scoring fails.
    fn explain(&self, text: &str) -> Option<Explanation>;

    /// Returns what the base model's scores looked like when it was measured, where that is known.
    fn reference(&self) -> Option<&Reference> {
        None
    }

    /// Returns how many n-grams of a text the base model has no weight for, and how many there are; `None` where nobody knows.
    fn unseen(&self, _text: &str) -> Option<[u64; 2]> {
        None
    }

    /// Returns the SHA-256 of the base model's file, which house models name; empty where there is none to put one on.
    #[expect(clippy::unnecessary_literal_bound, reason = "others return what they hold")]
    fn base_checksum(&self) -> &str {
        ""
    }

    /// Returns whether a house model is on top, which looks at circumstances.
    fn has_house(&self) -> bool {
        false
    }

    /// Returns every attribute's score and how likely this site's moderators would reject the comment, or `None` where
    /// scoring fails.
    fn judge(&self, text: &str, _circumstances: &Circumstances) -> Option<Judgement> {
        self.score(text).map(Judgement::following)
    }

    /// Returns what each part of the text and of its circumstances adds to how likely this site's moderators would reject it,
    /// or `None` where scoring fails. Without a house model, that follows the highest attribute.
    fn explain_house(&self, _text: &str, _circumstances: &Circumstances) -> Option<house::HouseExplanation> {
        None
    }

    /// Puts a house model on top, whose file is `bytes`; `path` is named in errors.
    ///
    /// # Errors
    ///
    /// Refuses a file that is damaged, or that was made for another base model.
    fn with_house(self: Arc<Self>, _bytes: &[u8], _path: &Path) -> Result<Arc<HouseModel>, Error> {
        Err(Error::NoHouse { version: self.version().to_owned() })
    }
}
