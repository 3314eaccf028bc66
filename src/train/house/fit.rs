//! Fits a house model to labels.

use super::{Label, Settings, Strength, delta::Learner, folds::Blocks, head::Table, rows::Rows};
use crate::classify::{
    Model,
    house::{Artifact, Head, Learned},
};
use crate::train::Error;
use serde::{Deserialize, Serialize};

/// What cross-validation chose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// The delta's.
    pub strength: Strength,
    /// The head's.
    pub head_strength: f64,
}

/// A house model with how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The model.
    pub artifact: Artifact,
    /// What cross-validation chose.
    pub chosen: Chosen,
}

/// Fits a house model for `base` to labels that [`in_force`](super::label::in_force) has brought into order.
///
/// Every label that says whether to reject counts once by its sampling probability. Labels that speak of attributes
/// alone are not learned from: the base model's attributes stay what they are.
///
/// # Errors
///
/// Fails on settings out of range, where all labels say the same, and where linfa's search does not settle.
pub fn fit(base: &Model, labels: &[Label], settings: &Settings) -> Result<Fitted, Error> {
    settings.check()?;
    let rows = Rows::new(base, labels, settings.weight_max);
    let count =
        |truth: bool| u32::try_from(rows.rows.iter().filter(|row| row.truth == truth).count()).unwrap_or(u32::MAX);
    let learned = Learned { approved: count(false), rejected: count(true) };
    if learned.approved == 0 || learned.rejected == 0 {
        let what = "a house model takes labels of comments to publish and of others to reject".to_owned();
        return Err(Error::TooLittle { what });
    }
    let blocks = Blocks::new(rows.rows.len(), settings.blocks);
    let learner = Learner { rows: &rows, blocks: &blocks, settings };
    let strength = learner.choose()?;
    let deltas = learner.out_of_fold(strength)?;
    let mut table = Table { rows: Vec::new(), truths: Vec::new(), weights: Vec::new() };
    for (row, delta) in rows.rows.iter().zip(deltas) {
        let mut reading = row.reading.clone();
        reading.delta = delta;
        table.rows.push(Head::row(&reading));
        table.truths.push(row.truth);
        table.weights.push(row.weight);
    }
    let (head, head_strength) = table.fit(&blocks, &settings.head_strengths)?;
    let delta = learner.weights(strength)?;
    let (name, base) = (settings.name.clone(), base.checksum().to_owned());
    Ok(Fitted { artifact: Artifact { name, base, learned, delta, head }, chosen: Chosen { strength, head_strength } })
}
