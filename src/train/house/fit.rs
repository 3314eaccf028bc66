//! Fits a house model to labels.

use super::{
    Label, Settings, Source, Strength,
    delta::Learner,
    folds::Blocks,
    head::Table,
    progress::{Counter, Progress, SILENT, Stage},
    rows::Rows,
};
use crate::classify::{
    Model,
    house::{Artifact, Learned},
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
    fit_and_tell(base, labels, settings, SILENT)
}

/// Does as [`fit`], and tells how far it is.
pub(super) fn fit_and_tell(
    base: &Model,
    labels: &[Label],
    settings: &Settings,
    progress: Progress<'_>,
) -> Result<Fitted, Error> {
    settings.check()?;
    let rows = Rows::new(base, labels, settings.weight_max);
    // What data sets say is learned from, but is nobody's verdict here.
    let own =
        |truth: bool| labels.iter().filter(move |one| one.source != Source::DataSet && one.rejected == Some(truth));
    let count = |truth: bool| u32::try_from(own(truth).count()).unwrap_or(u32::MAX);
    let learned = Learned { approved: count(false), rejected: count(true) };
    let learned_until = [true, false].into_iter().flat_map(own).map(|one| one.at).max();
    if learned.approved == 0 || learned.rejected == 0 {
        let what = "a house model takes labels of comments to publish and of others to reject".to_owned();
        return Err(Error::TooLittle { what });
    }
    let blocks = Blocks::new(rows.rows.len(), settings.blocks);
    let counter = Counter::begin(progress, Stage::CrossValidation, Learner::count(&blocks, settings));
    let (strength, deltas) = Learner::new(&rows, &blocks, settings, &counter).learn()?;
    let counter = Counter::begin(progress, Stage::Fitting, 1);
    let table = Table::new(&rows.rows, &deltas.logits(blocks.apart()));
    let fold = |(part, nested)| (Table::new(&rows.rows, &deltas.logits(nested)), blocks.asked(part));
    let folds: Vec<(Table, _)> = blocks.forward().zip(blocks.nested()).map(fold).collect();
    let (head, head_strength) = table.fit(&folds, &settings.head_strengths)?;
    counter.one_more();
    let (name, base) = (settings.name.clone(), base.checksum().to_owned());
    Ok(Fitted {
        artifact: Artifact { name, base, learned, learned_until, delta: deltas.weights, head },
        chosen: Chosen { strength, head_strength },
    })
}
