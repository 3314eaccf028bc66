//! Whether one model is better than another: the same rows, scored by both.

use super::{
    bootstrap::{Interval, difference_interval},
    dataset::Dataset,
    metrics::roc_auc,
};
use crate::classify::{Model, Scratch};
use crate::domain::{Attribute, Scores};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How two models fare on the same comments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The version of the model that is compared with.
    pub against: String,
    /// The version of the model that is judged.
    pub model: String,
    /// Every attribute and source whose comments are of both kinds.
    pub differences: Vec<Difference>,
}

/// How much better the second model tells the comments of one source apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The attribute's wire name.
    pub attribute: String,
    /// The source.
    pub source: String,
    /// Rows with a label.
    pub rows: usize,
    /// Rows that carry the attribute.
    pub positives: usize,
    /// The area under the ROC curve of the model that is compared with.
    pub against: f64,
    /// The same of the model that is judged.
    pub model: f64,
    /// The paired bootstrap interval of their difference: a difference whose interval holds 0 is none.
    pub interval: Option<Interval>,
}

/// Decides which rows a bootstrap draws; always the same, so that figures can be compared.
const BOOTSTRAP_SEED: u64 = 2;

impl Comparison {
    /// Scores every text with both models; their features may differ.
    pub(super) fn new([first, second]: [&Model; 2], dataset: &Dataset) -> Self {
        let score = |model: &Model| -> Vec<Option<Scores>> {
            let score = |scratch: &mut Scratch, text: &String| model.score_into(scratch, text);
            dataset.texts.par_iter().map_init(Scratch::default, score).collect()
        };
        let (first_scores, second_scores) = (score(first), score(second));
        let mut differences = Vec::new();
        for attribute in Attribute::ALL {
            for (source, name) in dataset.source_names.iter().enumerate() {
                let known = |row: usize| -> Option<(f32, f32, bool)> {
                    let truth = dataset.labels[row][attribute.index()].filter(|_| dataset.sources[row] == source)?;
                    let score = |scores: Option<Scores>| Some(scores?.get(attribute).get());
                    Some((score(first_scores[row])?, score(second_scores[row])?, truth))
                };
                let rows: Vec<(f32, f32, bool)> = (0..dataset.len()).filter_map(known).collect();
                differences.extend(Difference::new(attribute, name, &rows));
            }
        }
        Self { against: first.version().to_owned(), model: second.version().to_owned(), differences }
    }
}

impl Difference {
    fn new(attribute: Attribute, source: &str, rows: &[(f32, f32, bool)]) -> Option<Self> {
        let truths: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let (first, second): (Vec<f32>, Vec<f32>) = rows.iter().map(|row| (row.0, row.1)).unzip();
        let auc = |scores: &[f32]| roc_auc(&scores.iter().copied().zip(truths.iter().copied()).collect::<Vec<_>>());
        Some(Self {
            attribute: attribute.name().to_owned(),
            source: source.to_owned(),
            rows: rows.len(),
            positives: truths.iter().filter(|truth| **truth).count(),
            against: auc(&first)?,
            model: auc(&second)?,
            interval: difference_interval(&first, &second, &truths, BOOTSTRAP_SEED),
        })
    }

    /// Says what the interval says.
    pub fn verdict(&self) -> &'static str {
        match self.interval {
            Some(interval) if interval.low > 0.0 => "better",
            Some(interval) if interval.high < 0.0 => "worse",
            _ => "no difference",
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "ROC AUC of {} against {}; intervals of 95 % (paired bootstrap)\n", self.model, self.against)?;
        writeln!(f, "{:<16} {:<26} {:>6} {:>6}  against  model  difference", "attribute", "source", "rows", "true")?;
        for one in &self.differences {
            let interval = one
                .interval
                .map_or_else(|| "-".to_owned(), |interval| format!("{:+.4} to {:+.4}", interval.low, interval.high));
            writeln!(
                f,
                "{:<16} {:<26} {:>6} {:>6}  {:.4}   {:.4} {:+.4}  {interval:<18}  {}",
                one.attribute,
                one.source,
                one.rows,
                one.positives,
                one.against,
                one.model,
                one.model - one.against,
                one.verdict()
            )?;
        }
        Ok(())
    }
}
