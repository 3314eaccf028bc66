//! `manifest.json`: where a model comes from and how good it is.

use super::{
    dataset::{DataFile, Dataset},
    hard_cases::HardCase,
    identity,
    metrics::{self, Scored},
    pack::Packed,
    report::Report,
    robustness::{InnocentsReport, RobustnessReport},
    settings::Settings,
    thresholds::{Domain, Rate},
};
use crate::classify::artifact;
use crate::domain::{Attribute, Scores};
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
    /// The version of the feature function.
    pub features_version: u32,
    /// The revision of the program's source that trained it, as whoever trained it gave it.
    pub revision: Option<String>,
    /// What the training depended on besides the data.
    pub settings: Settings,
    /// What the weights were learned from.
    pub train: Data,
    /// What the model was calibrated and measured on.
    pub dev: Data,
    /// How each attribute's weights were packed, and what that cost.
    pub packed: Vec<Packed>,
    /// Thresholds to begin with, for each kind of site.
    pub thresholds: Vec<Domain>,
    /// What the default thresholds do to harmless English sentences that were not learned from.
    pub plain: Option<Rate>,
    /// How sentences that name an identity fare; those of other templates and terms than were learned from.
    pub identity: Option<identity::IdentityReport>,
    /// The same for terms that were learned from, in templates that were not.
    pub identity_learned_terms: Option<identity::IdentityReport>,
    /// What the gate says of the former.
    pub identity_gate: Option<identity::gate::Verdict>,
    /// What disguised words cost, measured on toxicity.
    pub robustness: Option<RobustnessReport>,
    /// How innocent texts with an unlucky look fare; 1 stands for the default threshold for holding.
    pub innocents: Option<InnocentsReport>,
    /// Sentences that a model of words gets wrong.
    pub hard_cases: Vec<HardCase>,
    /// How well scores hold as probabilities in natural sources, for each attribute.
    pub reliability: Vec<Reliability>,
    /// The quality measured on `dev`.
    pub report: Report,
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

/// How well one attribute's scores hold as probabilities: what a reliability plot shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The attribute's wire name.
    pub attribute: String,
    /// The expected calibration error.
    pub calibration_error: f64,
    /// Ranges of scores that hold any rows, rising.
    pub bins: Vec<ReliabilityBin>,
}

/// One range of scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many rows.
    pub rows: f64,
    /// Their mean score.
    pub score: f64,
    /// The share of them that carry the attribute.
    pub share: f64,
}

impl Reliability {
    /// Measures scores against the labels of natural sources.
    pub(super) fn all(dataset: &Dataset, scores: &[Option<Scores>], settings: &Settings) -> Vec<Self> {
        let natural =
            |row: usize| settings.calibration.natural_sources.contains(&dataset.source_names[dataset.sources[row]]);
        let one = |attribute: Attribute| {
            let scored = |row: usize| -> Option<Scored> {
                Some((scores[row]?.get(attribute).get(), dataset.labels[row][attribute.index()]?))
            };
            let scored: Vec<Scored> = (0..dataset.len()).filter(|&row| natural(row)).filter_map(scored).collect();
            let bins = metrics::calibration_bins(&scored).into_iter().filter(|bin| bin.rows > 0.0);
            Some(Self {
                attribute: attribute.name().to_owned(),
                calibration_error: metrics::calibration_error(&scored)?,
                bins: bins
                    .map(|bin| ReliabilityBin {
                        rows: bin.rows,
                        score: bin.scores / bin.rows,
                        share: bin.truths / bin.rows,
                    })
                    .collect(),
            })
        };
        Attribute::ALL.into_iter().filter_map(one).collect()
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
