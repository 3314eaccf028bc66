//! `manifest.json`: where a model comes from and how good it is.

use super::{
    dataset::{DataFile, Dataset},
    fit::Settings,
    pack::Packed,
    report::Report,
    thresholds::{Rate, Threshold},
};
use crate::classify::{
    FEATURES_VERSION, Hashing, artifact,
    features::{CHARS_MAX, CHARS_MIN},
};
use crate::domain::Attribute;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that is known about a model besides its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The model's name.
    pub name: String,
    /// The version that decisions name.
    pub version: String,
    /// The format of `model.bin`.
    pub format: u32,
    /// The SHA-256 of `model.bin`, in hexadecimal digits.
    pub sha256: String,
    /// The size of `model.bin`, in bytes.
    pub bytes: u64,
    /// How text becomes features.
    pub features: Features,
    /// What the fit depended on besides the data.
    pub settings: Settings,
    /// What the weights were learned from.
    pub train: Data,
    /// What the model was calibrated and measured on.
    pub dev: Data,
    /// How each attribute's weights were packed, and what that cost.
    pub packed: Vec<Packed>,
    /// Thresholds to begin with.
    pub thresholds: Vec<Threshold>,
    /// What the thresholds do to harmless sentences that were not learned from.
    pub plain: Rate,
    /// The quality measured on `dev`.
    pub report: Report,
}

/// How text becomes features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// The version of the feature function.
    pub version: u32,
    /// The base-2 logarithm of the number of buckets.
    pub bits: u32,
    /// The seed of the hash.
    pub hash_seed: u64,
    /// The least and the most words in a feature.
    pub words: [usize; 2],
    /// The least and the most characters in a feature.
    pub chars: [usize; 2],
}

/// Files of labelled comments and what is in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// The files.
    pub files: Vec<DataFile>,
    /// The sources, in the order of their first row.
    pub sources: Vec<SourceData>,
}

/// What one source holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceData {
    /// The source's name.
    pub name: String,
    /// Its comments.
    pub rows: usize,
    /// For each attribute that some row has a label for, how many carry it and how many are labelled.
    pub labels: BTreeMap<String, [usize; 2]>,
}

impl Features {
    pub(super) fn new(hashing: Hashing) -> Self {
        Self {
            version: FEATURES_VERSION,
            bits: hashing.bits(),
            hash_seed: hashing.seed(),
            words: [1, 2],
            chars: [CHARS_MIN, CHARS_MAX],
        }
    }
}

impl Data {
    pub(super) fn new(dataset: &Dataset) -> Self {
        let named = |name: &String| SourceData { name: name.clone(), rows: 0, labels: BTreeMap::new() };
        let mut sources: Vec<SourceData> = dataset.source_names.iter().map(named).collect();
        for (labels, &source) in dataset.labels.iter().zip(&dataset.sources) {
            sources[source].rows += 1;
            for attribute in Attribute::ALL {
                if let Some(truth) = labels[attribute.index()] {
                    let counts = sources[source].labels.entry(attribute.name().to_owned()).or_default();
                    counts[0] += usize::from(truth);
                    counts[1] += 1;
                }
            }
        }
        Self { files: dataset.files.clone(), sources }
    }

    /// Returns the number of comments.
    pub fn rows(&self) -> usize {
        self.sources.iter().map(|source| source.rows).sum()
    }
}

/// The format of `model.bin` that manifests of this program describe.
pub(super) const FORMAT: u32 = artifact::FORMAT;
