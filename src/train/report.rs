//! A model's measured quality, for programs and for people.

use super::{
    bootstrap::{Interval, roc_auc_interval},
    dataset::{DataFile, Dataset},
    metrics::{Scored, average_precision, calibration_error, recall_at, roc_auc},
};
use crate::classify::Model;
use crate::domain::{Attribute, Scores};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of the slice that holds all sources together.
pub const POOLED: &str = "pooled";

/// Decides which rows a bootstrap draws; always the same, so that figures can be compared.
const BOOTSTRAP_SEED: u64 = 1;

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The model's version.
    pub model: String,
    /// The files it was measured on.
    pub files: Vec<DataFile>,
    /// The first bad lines that were left out, in words.
    pub bad_lines: Vec<String>,
    /// Every attribute that some row has a label for.
    pub attributes: Vec<AttributeReport>,
}

/// How good one attribute's scores are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttributeReport {
    /// The attribute's wire name.
    pub attribute: String,
    /// All sources together first, then each source. Labels mean something else in each, so the sources are what
    /// matters.
    pub slices: Vec<Slice>,
}

/// How good scores are on some rows. A figure that takes rows of both kinds is missing where there is one kind only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    /// The source, or `pooled`.
    pub source: String,
    /// Rows with a label.
    pub rows: usize,
    /// Rows that carry the attribute.
    pub positives: usize,
    /// Area under the ROC curve.
    pub roc_auc: Option<f64>,
    /// Its bootstrap interval.
    pub roc_auc_interval: Option<Interval>,
    /// Average precision.
    pub average_precision: Option<f64>,
    /// Expected calibration error over fifteen equal ranges.
    pub calibration_error: Option<f64>,
    /// Share of the positives found where 2 % of the others are flagged.
    pub recall_at_2_percent: Option<f64>,
    /// Share of the positives found where 5 % of the others are flagged.
    pub recall_at_5_percent: Option<f64>,
}

impl Slice {
    fn new(source: &str, scored: &[Scored]) -> Self {
        Self {
            source: source.to_owned(),
            rows: scored.len(),
            positives: scored.iter().filter(|(_, truth)| *truth).count(),
            roc_auc: roc_auc(scored),
            roc_auc_interval: roc_auc_interval(scored, BOOTSTRAP_SEED),
            average_precision: average_precision(scored),
            calibration_error: calibration_error(scored),
            recall_at_2_percent: recall_at(scored, 0.02),
            recall_at_5_percent: recall_at(scored, 0.05),
        }
    }
}

/// Scores every row; `None` where scoring fails.
pub(super) fn score_all(model: &Model, dataset: &Dataset) -> Vec<Option<Scores>> {
    let score = |row| {
        let (indices, values) = dataset.features(row);
        model.score_row(indices, values)
    };
    (0..dataset.len()).into_par_iter().map(score).collect()
}

/// Measures scores against labels, for each attribute and source.
pub(super) fn measure(model: &Model, dataset: &Dataset, scores: &[Option<Scores>]) -> Report {
    let mut attributes = Vec::new();
    for attribute in Attribute::ALL {
        let mut by_source: Vec<Vec<Scored>> = vec![Vec::new(); dataset.source_names.len()];
        for ((labels, &source), scores) in dataset.labels.iter().zip(&dataset.sources).zip(scores) {
            if let (Some(truth), Some(scores)) = (labels[attribute.index()], scores) {
                by_source[source].push((scores.get(attribute).get(), truth));
            }
        }
        let pooled = by_source.concat();
        if pooled.is_empty() {
            continue;
        }
        let mut slices = vec![Slice::new(POOLED, &pooled)];
        let named = dataset.source_names.iter().zip(&by_source).filter(|(_, scored)| !scored.is_empty());
        slices.extend(named.map(|(name, scored)| Slice::new(name, scored)));
        attributes.push(AttributeReport { attribute: attribute.name().to_owned(), slices });
    }
    let (files, bad_lines) = (dataset.files.clone(), dataset.bad_lines.clone());
    Report { model: model.version().to_owned(), files, bad_lines, attributes }
}

impl Report {
    /// Finds the figures of one attribute on one source.
    pub fn slice(&self, attribute: Attribute, source: &str) -> Option<&Slice> {
        let report = self.attributes.iter().find(|report| report.attribute == attribute.name())?;
        report.slices.iter().find(|slice| slice.source == source)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "model {}", self.model)?;
        for file in &self.files {
            write!(f, "{}: {} comments", file.name, file.rows)?;
            match file.bad_lines {
                0 => writeln!(f)?,
                bad => writeln!(f, ", {bad} bad lines left out")?,
            }
        }
        for line in &self.bad_lines {
            writeln!(f, "  {line}")?;
        }
        for report in &self.attributes {
            writeln!(
                f,
                "\n{:<28}    rows  true  ROC AUC  95 % interval  avg.prec.  cal.err.  found at 2 %  at 5 %",
                report.attribute
            )?;
            for slice in &report.slices {
                writeln!(
                    f,
                    "  {:<26} {:>7} {:>5}  {}    {:<13}  {}      {}     {}         {}",
                    slice.source,
                    slice.rows,
                    slice.positives,
                    figure(slice.roc_auc),
                    interval(slice.roc_auc_interval),
                    figure(slice.average_precision),
                    figure(slice.calibration_error),
                    figure(slice.recall_at_2_percent),
                    figure(slice.recall_at_5_percent),
                )?;
            }
        }
        Ok(())
    }
}

/// Writes an interval in thirteen places, or a dash.
pub(super) fn interval(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "-".to_owned(), |Interval { low, high }| format!("{low:.3} to {high:.3}"))
}

/// Writes a figure in five places, or a dash.
pub(super) fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "    -".to_owned(), |value| format!("{value:.3}"))
}
