//! One line of `models/experiments.jsonl`: what was tried, and what it gave.

use super::{Error, bootstrap::Interval, dataset::DataFile, manifest::Manifest, report::POOLED, settings::Settings};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs::OpenOptions, io::Write, path::Path};

/// What an experiment tried, and what it gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The experiment's name.
    pub name: String,
    /// The model's version.
    pub model: String,
    /// The revision of the program's source, as whoever trained gave it.
    pub revision: Option<String>,
    /// The size of the model's file, in bytes.
    pub bytes: u64,
    /// The area under the ROC curve of each attribute, source by source.
    pub figures: BTreeMap<String, BTreeMap<String, Figure>>,
    /// The expected calibration error of each attribute in natural sources.
    pub calibration_error: BTreeMap<String, f64>,
    /// How held-out sentences about people fare.
    pub identity: Option<IdentityFigures>,
    /// What the training depended on.
    pub settings: Settings,
    /// What was learned from.
    pub train: Vec<DataFile>,
    /// What was measured on.
    pub dev: Vec<DataFile>,
}

/// One figure with its interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Rows with a label.
    pub rows: usize,
    /// Rows that carry the attribute.
    pub positives: usize,
    /// The area under the ROC curve.
    pub roc_auc: f64,
    /// Its bootstrap interval.
    pub interval: Option<Interval>,
}

/// How held-out sentences about people fare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdentityFigures {
    /// The area under the ROC curve over sentences that name an identity.
    pub roc_auc: Option<f64>,
    /// The highest false positive rate of any term.
    pub worst_false_positive_rate: Option<f64>,
    /// The term that it belongs to.
    pub worst_term: Option<String>,
}

impl Trial {
    /// Takes from a manifest what is compared between experiments.
    pub fn new(manifest: &Manifest) -> Self {
        let mut figures: BTreeMap<String, BTreeMap<String, Figure>> = BTreeMap::new();
        for report in &manifest.report.attributes {
            // Sources mean different things by a label, so figures over all of them together say little.
            for slice in report.slices.iter().filter(|slice| slice.source != POOLED) {
                if let Some(roc_auc) = slice.roc_auc {
                    let figure = Figure {
                        rows: slice.rows,
                        positives: slice.positives,
                        roc_auc,
                        interval: slice.roc_auc_interval,
                    };
                    figures.entry(report.attribute.clone()).or_default().insert(slice.source.clone(), figure);
                }
            }
        }
        let calibration_error =
            manifest.reliability.iter().map(|one| (one.attribute.clone(), one.calibration_error)).collect();
        Self {
            name: manifest.name.clone(),
            model: manifest.version.clone(),
            revision: manifest.revision.clone(),
            bytes: manifest.bytes,
            figures,
            calibration_error,
            identity: manifest.identity.as_ref().map(|report| IdentityFigures {
                roc_auc: report.roc_auc,
                worst_false_positive_rate: report.worst_false_positive_rate,
                worst_term: report.worst_term.clone(),
            }),
            settings: manifest.settings.clone(),
            train: manifest.train.files.clone(),
            dev: manifest.dev.files.clone(),
        }
    }

    /// Leaves out the figures of all sources but one.
    pub(super) fn keep_only(&mut self, source: &str) {
        for sources in self.figures.values_mut() {
            sources.retain(|name, _| name == source);
        }
        self.figures.retain(|_, sources| !sources.is_empty());
    }

    /// Adds the trial to the end of a file, as one line of JSON.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be written.
    pub fn append(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Write { path: path.to_owned(), source };
        let mut line = serde_json::to_vec(self).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(failed)
    }
}
