//! One experiment: what a training depends on besides its data.

use super::Error;
use crate::classify::FeatureSet;
use crate::domain::{Attribute, Language};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// What a training depends on besides its data; as a file, one experiment in TOML. What the file leaves out has the
/// value that the default model was trained with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The languages of the data.
    #[serde(with = "super::codes")]
    pub languages: Vec<Language>,
    /// Decides the order of rows, which rows are assumed to be false, and how bootstraps draw.
    pub seed: u64,
    /// Attributes that rows of unknown label are assumed not to carry, because few sources were labelled for them.
    #[serde(with = "names")]
    pub assumed_false: Vec<Attribute>,
    /// At most so many rows are assumed to be false for each such attribute.
    pub assumed_rows_max: usize,
    /// The sources that are not learned from but measured on, whole.
    pub leave_out: Vec<String>,
    /// The share of rows that are learned from a second time with disguised words, in [0, 1].
    pub disguised: f32,
    /// How text becomes features.
    pub features: FeatureSet,
    /// How weights are learned.
    pub fit: Fit,
    /// How much the project's own sentences count.
    pub sentences: Sentences,
    /// How logits become probabilities.
    pub calibration: Calibration,
    /// How thresholds are set.
    pub thresholds: Thresholds,
    /// What is particular about single sources, by name.
    pub sources: BTreeMap<String, Source>,
}

/// How weights are learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fit {
    /// The learning rate, above zero.
    pub alpha: f32,
    /// What slows the first steps of a coordinate, at least zero.
    pub beta: f32,
    /// The strength of the penalty that makes weights exactly zero, at least zero.
    pub l1: f32,
    /// The strength of the penalty that keeps weights small, at least zero.
    pub l2: f32,
    /// How often every row is learned from, at least once.
    pub epochs: u32,
    /// How far features are scaled by their log-count ratios, from 0 (not at all) to 1 (by nothing else).
    pub ratio: f32,
    /// Occurrences that are added to each count of a log-count ratio, above zero.
    pub ratio_smoothing: f32,
}

/// How much the project's own sentences count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sentences {
    /// Whether to learn from them at all; they are English.
    pub learned: bool,
    /// Whether to learn from words for people that stand alone, too.
    pub terms_alone: bool,
    /// How much each counts for each attribute, by name; 1 where nothing is said.
    pub weights: BTreeMap<String, f32>,
    /// The logit below which a benign sentence teaches nothing more.
    pub benign_enough: f32,
    /// The logit above which a hateful sentence teaches nothing more.
    pub hateful_enough: f32,
}

/// How logits become probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calibration {
    /// The sources whose raters and comments are like those of the natural sources: the slope is fitted on them. Where
    /// they have too few positives, it is fitted on every source.
    pub sources: Vec<String>,
    /// The sources that nobody chose comments for: a probability is to hold on them.
    pub natural_sources: Vec<String>,
}

/// How thresholds are set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// The sources that stand for each kind of site, by the kind's name. Those of the kind `news` are never learned
    /// from, so that all of their few comments can be used.
    pub domains: BTreeMap<String, Vec<String>>,
}

/// The kind of site that the default thresholds are for.
pub const NEWS: &str = "news";

/// What is particular about one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    /// How much each of its rows counts, at least zero.
    pub weight: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            languages: vec![Language::ENGLISH],
            seed: 1,
            assumed_false: vec![Attribute::Spam],
            assumed_rows_max: 20_000,
            leave_out: Vec::new(),
            disguised: 0.05,
            features: FeatureSet::default(),
            fit: Fit::default(),
            sentences: Sentences::default(),
            calibration: Calibration::default(),
            thresholds: Thresholds::default(),
            sources: BTreeMap::new(),
        }
    }
}

impl Default for Fit {
    fn default() -> Self {
        Self { alpha: 1.0, beta: 1.0, l1: 0.05, l2: 0.3, epochs: 3, ratio: 0.5, ratio_smoothing: 1.0 }
    }
}

impl Default for Sentences {
    fn default() -> Self {
        let weight = |attribute: Attribute| {
            let weight = match attribute {
                Attribute::Toxicity => 2.0,
                Attribute::IdentityAttack => 0.3,
                _ => 0.2,
            };
            (attribute.key().to_owned(), weight)
        };
        Self {
            learned: true,
            terms_alone: true,
            weights: Attribute::ALL.map(weight).into(),
            benign_enough: -3.0,
            hateful_enough: 1.5,
        }
    }
}

impl Default for Calibration {
    fn default() -> Self {
        let alike = ["jigsaw-wiki", "jigsaw-wiki-sample", "jigsaw-wiki-official-test"];
        Self { sources: alike.map(str::to_owned).into(), natural_sources: vec!["jigsaw-wiki".to_owned()] }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        let domain = |name: &str, source: &str| (name.to_owned(), vec![source.to_owned()]);
        Self { domains: [domain(NEWS, "civil-comments-sample"), domain("talk-pages", "jigsaw-wiki")].into() }
    }
}

impl Default for Source {
    fn default() -> Self {
        Self { weight: 1.0 }
    }
}

impl Settings {
    /// Reads an experiment's file.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read, is not TOML, has a key that no experiment has, or a value out of range.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let unusable = |what: String| Error::Experiment { path: path.to_owned(), what };
        let settings: Self =
            toml::from_str(&text).map_err(|error| unusable(error.to_string().trim_end().to_owned()))?;
        settings.check().map_err(unusable)?;
        Ok(settings)
    }

    /// Says which value is out of range, if one is; the learner checks its own.
    fn check(&self) -> Result<(), String> {
        let Fit { ratio, ratio_smoothing, epochs, .. } = self.fit;
        let weight_off = |(name, source): (&String, &Source)| {
            let off = !source.weight.is_finite() || source.weight < 0.0;
            off.then(|| format!("sources.{name}.weight is {}, not a number of at least 0", source.weight))
        };
        if !(0.0..=1.0).contains(&self.disguised) {
            return Err(format!("disguised is {}, not in 0 to 1", self.disguised));
        }
        if !(0.0..=1.0).contains(&ratio) {
            return Err(format!("fit.ratio is {ratio}, not in 0 to 1"));
        }
        if !ratio_smoothing.is_finite() || ratio_smoothing <= 0.0 {
            return Err(format!("fit.ratio_smoothing is {ratio_smoothing}, not a number above 0"));
        }
        if !(1..=100).contains(&epochs) {
            return Err(format!("fit.epochs is {epochs}, not in 1 to 100"));
        }
        self.features.check()?;
        for (name, weight) in &self.sentences.weights {
            if Attribute::from_name(&name.to_uppercase()).is_none() {
                return Err(format!("sentences.weights.{name} is no attribute"));
            }
            if !weight.is_finite() || *weight < 0.0 {
                return Err(format!("sentences.weights.{name} is {weight}, not a number of at least 0"));
            }
        }
        self.sources.iter().find_map(weight_off).map_or(Ok(()), Err)
    }

    /// Returns how much one of the project's own sentences counts for an attribute.
    pub(super) fn sentence_weight(&self, attribute: Attribute) -> f32 {
        self.sentences.weights.get(attribute.key()).copied().unwrap_or(1.0)
    }

    /// Tells whether the rows of a source are kept for measuring.
    pub(super) fn is_kept_back(&self, source: &str) -> bool {
        let news = self.thresholds.domains.get(NEWS);
        self.leave_out.iter().chain(news.into_iter().flatten()).any(|name| name == source)
    }

    /// Returns how much each row of a source counts.
    pub(super) fn source_weight(&self, name: &str) -> f32 {
        self.sources.get(name).map_or(1.0, |source| source.weight)
    }
}
/// Attributes by name in files: `domain` knows no formats.
mod names {
    use crate::domain::Attribute;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ptr_arg, reason = "the signature that serde calls for")]
    pub(super) fn serialize<S: Serializer>(attributes: &Vec<Attribute>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(attributes.iter().map(|attribute| attribute.name()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Attribute>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let find = |name: &String| {
            Attribute::from_name(name).ok_or_else(|| D::Error::custom(format!("no attribute is called {name}")))
        };
        names.iter().map(find).collect()
    }
}
