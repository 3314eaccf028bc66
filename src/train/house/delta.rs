//! Learns the delta: FTRL over the base model's features, with the base model's logit as offset.

use super::{
    Settings, Strength,
    folds::{Blocks, Loss, strongest},
    progress::Counter,
    rows::{Row, Rows},
};
use crate::classify::{
    Ftrl, FtrlParams, FtrlValidParams,
    house::artifact::{WEIGHT_MAX, WEIGHTS_MAX},
};
use crate::train::{Error, targets::shuffled};
use linfa::ParamGuard;
use rayon::prelude::*;

/// A weight that is smaller moves no score.
const WEIGHT_MIN: f32 = 1e-3;

/// What the delta is learned with.
pub(super) struct Learner<'a> {
    pub(super) rows: &'a Rows,
    pub(super) blocks: &'a Blocks,
    pub(super) settings: &'a Settings,
    /// Counts what is learned for cross-validation.
    pub(super) counter: &'a Counter<'a>,
}

impl Learner<'_> {
    /// Returns how often it learns for cross-validation.
    pub(super) fn parts(blocks: &Blocks, settings: &Settings) -> usize {
        let nested: usize = blocks.nested().map(|parts| parts.len()).sum();
        settings.strengths.len() * blocks.forward().count() + blocks.apart().count() + nested
    }

    /// Chooses a strength by what comes later than what was learned from.
    pub(super) fn choose(&self) -> Result<Strength, Error> {
        let folds: Vec<_> = self.blocks.forward().collect();
        let strengths = &self.settings.strengths;
        let tasks: Vec<_> =
            strengths.iter().flat_map(|strength| folds.iter().map(move |fold| (strength, fold))).collect();
        let loss = |(strength, (before, block)): &(&Strength, &(std::ops::Range<usize>, std::ops::Range<usize>))| {
            let mut loss = Loss::default();
            let model = self.learn(&before.clone().collect::<Vec<_>>(), **strength)?;
            self.counter.one_more();
            let Some(model) = model else { return Ok(loss) };
            for row in &self.rows.rows[block.clone()] {
                let logit = row.reading.offset() + f64::from(model.logit(&row.columns, &row.values));
                loss.add(logit, row.truth, row.weight);
            }
            Ok(loss)
        };
        let losses: Vec<Loss> = tasks.par_iter().map(loss).collect::<Result<_, Error>>()?;
        let together = |folds: &[Loss]| folds.iter().copied().fold(Loss::default(), Loss::and);
        let losses: Vec<Loss> = losses.chunks(folds.len().max(1)).map(together).collect();
        Ok(strengths[strongest(&losses)])
    }

    /// Returns each row's logit by a delta that was learned without its block, so that the head sees what the delta
    /// says of new comments and not what it learned by heart.
    pub(super) fn out_of_fold(&self, strength: Strength) -> Result<Vec<f64>, Error> {
        self.logits(&self.blocks.apart().collect::<Vec<_>>(), strength)
    }

    /// Returns the same for each fold that validates the head: logits of its rows and of all before, by deltas that have heard
    /// of nothing that it is validated by.
    pub(super) fn nested(&self, strength: Strength) -> Result<Vec<Vec<f64>>, Error> {
        self.blocks.nested().map(|parts| self.logits(&parts, strength)).collect()
    }

    /// Returns the logits of some blocks' rows, each by a delta that was learned from the rows beside it.
    fn logits(&self, folds: &[(Vec<usize>, std::ops::Range<usize>)], strength: Strength) -> Result<Vec<f64>, Error> {
        let logits = |(others, block): &(Vec<usize>, std::ops::Range<usize>)| {
            let model = self.learn(others, strength)?;
            self.counter.one_more();
            let logit = |row: &Row| model.as_ref().map_or(0.0, |model| logit(model, row));
            Ok(self.rows.rows[block.clone()].iter().map(logit).collect())
        };
        let logits: Vec<Vec<f64>> = folds.par_iter().map(logits).collect::<Result<_, Error>>()?;
        Ok(logits.into_iter().flatten().collect())
    }

    /// Learns from all rows; returns the weights that are worth keeping, by bucket.
    pub(super) fn weights(&self, strength: Strength) -> Result<Vec<(u32, f32)>, Error> {
        let all: Vec<usize> = (0..self.rows.rows.len()).collect();
        let Some(model) = self.learn(&all, strength)? else { return Ok(Vec::new()) };
        let weight = |(column, bucket): (usize, &u32)| (*bucket, model.weight(column).clamp(-WEIGHT_MAX, WEIGHT_MAX));
        let mut weights: Vec<(u32, f32)> = self.rows.buckets.iter().enumerate().map(weight).collect();
        weights.retain(|(_, weight)| weight.abs() >= WEIGHT_MIN);
        // Of too many, the largest stay.
        weights.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        weights.truncate(WEIGHTS_MAX);
        weights.sort_unstable_by_key(|(bucket, _)| *bucket);
        Ok(weights)
    }

    /// Learns from some rows; `None` where they are all of one kind.
    fn learn(&self, rows: &[usize], strength: Strength) -> Result<Option<Ftrl<f32>>, Error> {
        let truths = || rows.iter().map(|row| self.rows.rows[*row].truth);
        if !(truths().any(|truth| truth) && truths().any(|truth| !truth)) {
            return Ok(None);
        }
        let mut model = Ftrl::new(self.params(strength)?, self.rows.buckets.len() + 1);
        let mut order = rows.to_vec();
        for epoch in 0..self.settings.epochs {
            order.sort_by_cached_key(|&row| (shuffled(self.settings.seed, epoch, row), row));
            for &row in &order {
                let Row { truth, weight, reading, columns, values } = &self.rows.rows[row];
                #[expect(clippy::cast_possible_truncation, reason = "the logit of a probability of 32 bits")]
                let offset = reading.offset() as f32;
                model.learn_beside(offset, columns, values, *truth, *weight);
            }
        }
        Ok(Some(model))
    }

    fn params(&self, Strength { l1, l2 }: Strength) -> Result<FtrlValidParams<f32>, Error> {
        Ok(FtrlParams::default().alpha(self.settings.alpha).l1(l1).l2(l2).check()?)
    }
}

/// Returns a row's logit without the column that every row has: the head has a bias of its own.
fn logit(model: &Ftrl<f32>, row: &Row) -> f64 {
    let features = row.columns.len() - 1;
    f64::from(model.logit(&row.columns[..features], &row.values[..features]))
}
