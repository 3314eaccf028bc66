//! From labelled rows to weights, all attributes side by side.

use super::{
    Error,
    dataset::Dataset,
    progress::{Progress, Step},
    ratios,
    settings::Settings,
    targets::{Targets, shuffled},
};
use crate::classify::{FtrlParams, JointFtrl};
use crate::domain::Attribute;
use linfa::ParamGuard;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// After how many rows progress is told.
const STEP_ROWS: usize = 4096;

/// Every attribute's weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    /// For each bucket one weight of each attribute.
    pub(super) buckets: Vec<[f32; Attribute::COUNT]>,
    /// The logits of a text without features, from no source in particular.
    pub(super) biases: [f32; Attribute::COUNT],
    /// Whether any row spoke of the attribute.
    pub(super) learned: [bool; Attribute::COUNT],
    /// What each source adds to the logits of its rows, by name.
    intercepts: Vec<(String, [f32; Attribute::COUNT])>,
}

impl Weights {
    /// Returns what a source adds to the logits of its rows; zeros for one that was not learned from.
    pub(super) fn intercept(&self, source: &str) -> [f32; Attribute::COUNT] {
        let found = self.intercepts.iter().find(|(name, _)| name == source);
        found.map_or([0.0; Attribute::COUNT], |(_, intercept)| *intercept)
    }
}

/// Learns every attribute's weights.
///
/// Each group of attributes learns from row after row, in an order that the seed decides, so the weights don't depend
/// on the number of threads.
pub(super) fn learn(
    dataset: &Dataset,
    targets: &[Targets],
    settings: &Settings,
    progress: Progress<'_>,
) -> Result<Weights, Error> {
    let fit = &settings.fit;
    let params = FtrlParams::default().alpha(fit.alpha).beta(fit.beta).l1(fit.l1).l2(fit.l2).check()?;
    let buckets = settings.features.buckets();
    let columns = buckets + 1 + dataset.source_names.len();
    let mut model = JointFtrl::new(params, &ratios::scales(dataset, targets, columns, buckets, fit));
    let speaks = |row: &usize| targets[*row].iter().any(|target| target.weight > 0.0);
    let mut order: Vec<usize> = (0..dataset.len()).filter(speaks).collect();
    let told = Told::new(order.len() as u64 * u64::from(fit.epochs), model.groups_mut().len() as u64, progress);
    for epoch in 0..fit.epochs {
        order.sort_by_cached_key(|&row| shuffled(settings.seed, u64::from(epoch), row));
        // Groups of attributes don't meet, so they need not wait for each other.
        model.groups_mut().par_iter_mut().for_each(|group| {
            for rows in order.chunks(STEP_ROWS) {
                for &row in rows {
                    if !group.learns_from(&targets[row]) {
                        continue;
                    }
                    // Last comes the source's column, which takes up how this source labels. An assumption, with a
                    // column of its own, would teach nothing about the text.
                    let (indices, values) = dataset.row(row);
                    group.learn(indices, values, &targets[row]);
                }
                told.add(rows.len() as u64);
            }
        });
    }
    Ok(Weights {
        buckets: (0..buckets).map(|bucket| model.weights(bucket)).collect(),
        biases: model.weights(buckets),
        intercepts: (buckets + 1..)
            .zip(&dataset.source_names)
            .map(|(at, name)| (name.clone(), model.weights(at)))
            .collect(),
        learned: std::array::from_fn(|at| targets.iter().any(|targets| targets[at].weight > 0.0)),
    })
}

/// Tells how many rows were learned from, where several groups learn from each.
struct Told<'a> {
    learned: AtomicU64,
    rows_total: u64,
    groups: u64,
    progress: Progress<'a>,
}

impl<'a> Told<'a> {
    fn new(rows_total: u64, groups: u64, progress: Progress<'a>) -> Self {
        Self { learned: AtomicU64::new(0), rows_total, groups, progress }
    }

    fn add(&self, rows: u64) {
        let learned = self.learned.fetch_add(rows, Ordering::Relaxed) + rows;
        (self.progress)(Step::Learning { rows: learned / self.groups, rows_total: self.rows_total });
    }
}
