//! Learns the delta: FTRL over the base model's features, with the base model's logit as offset.
//!
//! Cross-validation takes many deltas, by strengths and by what they may know. They learn beside each other, some in one walk
//! over the rows: the order of the rows depends on the rows alone, so that each hears its own in the order in which it would
//! hear them by itself, and nothing of the others.

use super::{
    Settings, Strength,
    folds::{Blocks, Loss, Part, strongest},
    progress::Counter,
    rows::Rows,
};
use crate::classify::{
    FtrlParams, LANES, LaneFtrl,
    house::artifact::{WEIGHT_MAX, WEIGHTS_MAX},
};
use crate::train::{Error, targets::shuffled};
use linfa::ParamGuard;
use rayon::prelude::*;
use std::{cmp::Reverse, collections::BTreeMap};

/// A weight that is smaller moves no score.
const WEIGHT_MIN: f32 = 1e-3;

/// What the delta is learned with.
pub(super) struct Learner<'a> {
    rows: &'a Rows,
    blocks: &'a Blocks,
    settings: &'a Settings,
    /// Counts what is learned.
    counter: &'a Counter<'a>,
    /// The order of the rows in each epoch.
    orders: Vec<Vec<usize>>,
    /// The block that each row is in.
    block_of: Vec<usize>,
    /// For each block, whether it has rows to approve, and to reject.
    kinds: Vec<[bool; 2]>,
}

/// A delta that is learned beside others.
#[derive(Clone, Copy)]
struct Lane {
    part: Part,
    strength: Strength,
}

/// What a delta says of the block that it is asked about.
#[derive(Clone, Default)]
struct Said {
    /// Each row's logit without the column that every row has: the head has a bias of its own.
    logits: Vec<f32>,
    /// The weight of that column.
    bias: f32,
}

/// Deltas of one strength.
pub(super) struct Deltas {
    said: BTreeMap<Part, Said>,
    /// What was learned from all rows: the weights that are worth keeping, by bucket.
    pub(super) weights: Vec<(u32, f32)>,
}

impl Deltas {
    /// Returns each row's logit, block for block, each by a delta that has not heard of its block, so that the head sees what
    /// the delta says of new comments and not what it learned by heart.
    pub(super) fn logits(&self, parts: impl IntoIterator<Item = Part>) -> Vec<f64> {
        let said = parts.into_iter().filter_map(|part| self.said.get(&part));
        said.flat_map(|said| &said.logits).map(|logit| f64::from(*logit)).collect()
    }
}

impl<'a> Learner<'a> {
    pub(super) fn new(rows: &'a Rows, blocks: &'a Blocks, settings: &'a Settings, counter: &'a Counter<'a>) -> Self {
        let order = |epoch| {
            let mut order: Vec<usize> = (0..rows.rows.len()).collect();
            order.sort_by_cached_key(|&row| (shuffled(settings.seed, epoch, row), row));
            order
        };
        let kinds = |block: &std::ops::Range<usize>| {
            [false, true].map(|kind| rows.rows[block.clone()].iter().any(|row| row.truth == kind))
        };
        let block_of = blocks.ranges().iter().enumerate();
        Self {
            rows,
            blocks,
            settings,
            counter,
            orders: (0..settings.epochs_of(rows.rows.len())).into_par_iter().map(order).collect(),
            block_of: block_of.flat_map(|(block, rows)| std::iter::repeat_n(block, rows.len())).collect(),
            kinds: blocks.ranges().iter().map(kinds).collect(),
        }
    }

    /// Returns how many deltas it learns.
    pub(super) fn count(blocks: &Blocks, settings: &Settings) -> usize {
        settings.strengths.len() * blocks.forward().count() + Self::others(blocks).len()
    }

    /// Lists what is learned once the strength is known: all that [`Learner::choose`] didn't learn.
    fn others(blocks: &Blocks) -> Vec<Part> {
        let mut parts: Vec<Part> = blocks.apart().chain(blocks.nested().flatten()).chain([blocks.all()]).collect();
        parts.retain(|part| blocks.forward().all(|known| known != *part));
        // Those that learn from the most first: it pays for those that walk together to walk over the same rows, and for the
        // longest walk to begin first.
        parts.sort_unstable_by_key(|part| (Reverse(part.blocks()), *part));
        parts.dedup();
        parts
    }

    /// Chooses a strength by what comes later than what was learned from; returns it with what its deltas said.
    fn choose(&self) -> Result<(Strength, BTreeMap<Part, Said>), Error> {
        let strengths = &self.settings.strengths;
        let mut folds: Vec<Part> = self.blocks.forward().collect();
        folds.sort_unstable_by_key(|part| Reverse(part.blocks()));
        let together = |&part: &Part| {
            strengths.chunks(LANES).map(move |some| some.iter().map(|&strength| Lane { part, strength }).collect())
        };
        let groups: Vec<Vec<Lane>> = folds.iter().flat_map(together).collect();
        let said = self.ask(&groups)?;
        // One after another: the strengths of each fold.
        let of_strength = |at: usize| folds.iter().copied().zip(said.iter().skip(at).step_by(strengths.len()));
        let loss = |at: usize| {
            let mut folds: Vec<(Part, &Option<Said>)> = of_strength(at).collect();
            folds.sort_unstable_by_key(|(part, _)| *part);
            let folds = folds.into_iter().map(|(part, said)| self.loss(part, said.as_ref()));
            folds.fold(Loss::default(), Loss::and)
        };
        let best = strongest(&(0..strengths.len()).map(loss).collect::<Vec<_>>());
        let said = of_strength(best).map(|(part, said)| (part, self.said(part, said.clone()))).collect();
        Ok((strengths[best], said))
    }

    fn loss(&self, part: Part, said: Option<&Said>) -> Loss {
        let mut loss = Loss::default();
        let Some(Said { logits, bias }) = said else { return loss };
        for (row, logit) in self.rows.rows[self.blocks.asked(part)].iter().zip(logits) {
            loss.add(row.reading.offset() + f64::from(logit + bias), row.truth, row.weight);
        }
        loss
    }

    /// Takes what was said, or nothing of any row where nothing was learned.
    fn said(&self, part: Part, said: Option<Said>) -> Said {
        said.unwrap_or_else(|| Said { logits: vec![0.0; self.blocks.asked(part).len()], bias: 0.0 })
    }

    /// Chooses a strength and learns with it all that a head is fitted to and chosen by, and the delta itself.
    pub(super) fn learn(&self) -> Result<(Strength, Deltas), Error> {
        let (strength, mut said) = self.choose()?;
        let parts = Self::others(self.blocks);
        let lanes: Vec<Lane> = parts.iter().map(|&part| Lane { part, strength }).collect();
        let all = self.blocks.all();
        let weights = |lanes: &[Lane]| {
            let model = self.walk(lanes)?;
            let lane = lanes.iter().position(|lane| lane.part == all);
            Ok((self.answers(&model, lanes), lane.map(|lane| self.weights(&model, lane))))
        };
        let learned: Vec<_> = lanes.par_chunks(LANES).map(weights).collect::<Result<_, Error>>()?;
        let mut deltas = Deltas { said: BTreeMap::new(), weights: Vec::new() };
        let mut parts = parts.into_iter();
        for (answers, weights) in learned {
            deltas.weights.extend(weights.into_iter().flatten());
            said.extend(parts.by_ref().zip(answers).map(|(part, answer)| (part, self.said(part, answer))));
        }
        deltas.said = said;
        Ok((strength, deltas))
    }

    /// Has groups of deltas learned, and says what each says of the block that it is asked about; `None` where it would have
    /// learned from rows of one kind alone.
    fn ask(&self, groups: &[Vec<Lane>]) -> Result<Vec<Option<Said>>, Error> {
        let ask = |lanes: &Vec<Lane>| Ok(self.answers(&self.walk(lanes)?, lanes));
        let said: Vec<Vec<Option<Said>>> = groups.par_iter().map(ask).collect::<Result<_, Error>>()?;
        Ok(said.into_iter().flatten().collect())
    }

    /// Tells whether a part has rows of both kinds to learn from.
    fn has_both(&self, part: Part) -> bool {
        let known = || self.kinds.iter().enumerate().filter(|(block, _)| part.knows(*block)).map(|(_, kinds)| kinds);
        known().any(|kinds| kinds[0]) && known().any(|kinds| kinds[1])
    }

    /// Learns up to [`LANES`] deltas in one walk over the rows.
    fn walk(&self, lanes: &[Lane]) -> Result<LaneFtrl, Error> {
        let params = |Strength { l1, l2 }| FtrlParams::default().alpha(self.settings.alpha).l1(l1).l2(l2).check();
        // A place without a delta has the parameters of the first, and learns nothing.
        let mut all = [params(lanes[0].strength)?; LANES];
        for (place, lane) in all.iter_mut().zip(lanes) {
            *place = params(lane.strength)?;
        }
        let mut model = LaneFtrl::new(all, self.rows.buckets.len() + 1);
        let knows = |block: usize| {
            let knows = |lane: &Lane| lane.part.knows(block) && self.has_both(lane.part);
            std::array::from_fn(|place| if lanes.get(place).is_some_and(knows) { 1.0 } else { 0.0 })
        };
        let known: Vec<[f32; LANES]> = (0..self.blocks.ranges().len()).map(knows).collect();
        for &at in self.orders.iter().flatten() {
            let (row, known) = (&self.rows.rows[at], &known[self.block_of[at]]);
            if known.iter().any(|known| *known > 0.0) {
                #[expect(clippy::cast_possible_truncation, reason = "the logit of a probability of 32 bits")]
                let offset = row.reading.offset() as f32;
                model.learn_beside(
                    offset,
                    &row.columns,
                    &row.values,
                    row.truth,
                    &known.map(|known| known * row.weight),
                );
            }
        }
        Ok(model)
    }

    /// Returns what each delta says of the block that it is asked about.
    fn answers(&self, model: &LaneFtrl, lanes: &[Lane]) -> Vec<Option<Said>> {
        let bias = model.weights(self.rows.buckets.len());
        let mut said: Vec<Said> = bias[..lanes.len()].iter().map(|&bias| Said { bias, ..Said::default() }).collect();
        for (block, rows) in self.blocks.ranges().iter().enumerate() {
            if lanes.iter().all(|lane| lane.part.asked() != block) {
                continue;
            }
            for row in &self.rows.rows[rows.clone()] {
                let features = row.columns.len() - 1;
                let logits = model.logits(&row.columns[..features], &row.values[..features]);
                for ((said, lane), logit) in said.iter_mut().zip(lanes).zip(logits) {
                    said.logits.extend((lane.part.asked() == block).then_some(logit));
                }
            }
        }
        let said = said.into_iter().zip(lanes).map(|(said, lane)| self.has_both(lane.part).then_some(said));
        for _ in lanes {
            self.counter.one_more();
        }
        said.collect()
    }

    /// Returns the weights of one delta that are worth keeping, by bucket.
    fn weights(&self, model: &LaneFtrl, lane: usize) -> Vec<(u32, f32)> {
        let weight =
            |(column, bucket): (usize, &u32)| (*bucket, model.weights(column)[lane].clamp(-WEIGHT_MAX, WEIGHT_MAX));
        let mut weights: Vec<(u32, f32)> = self.rows.buckets.iter().enumerate().map(weight).collect();
        weights.retain(|(_, weight)| weight.abs() >= WEIGHT_MIN);
        // Of too many, the largest stay.
        weights.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        weights.truncate(WEIGHTS_MAX);
        weights.sort_unstable_by_key(|(bucket, _)| *bucket);
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Ftrl, Model};
    use crate::train::house::{
        newsroom::{Plan, simulate},
        progress::{SILENT, Stage},
    };

    /// Learns one delta by itself, from its rows and no others.
    fn alone(learner: &Learner<'_>, part: Part, Strength { l1, l2 }: Strength) -> Ftrl<f32> {
        let params = FtrlParams::default().alpha(learner.settings.alpha).l1(l1).l2(l2).check().unwrap();
        let mut model = Ftrl::new(params, learner.rows.buckets.len() + 1);
        let known = |row: &usize| part.knows(learner.block_of[*row]);
        let mut order: Vec<usize> = (0..learner.rows.rows.len()).filter(known).collect();
        for epoch in 0..2 {
            order.sort_by_key(|&row| (shuffled(learner.settings.seed, epoch, row), row));
            for row in order.iter().map(|row| &learner.rows.rows[*row]) {
                #[expect(clippy::cast_possible_truncation, reason = "as where it learns")]
                let offset = row.reading.offset() as f32;
                model.learn_beside(offset, &row.columns, &row.values, row.truth, row.weight);
            }
        }
        model
    }

    #[test]
    fn deltas_that_learn_beside_each_other_know_what_each_learns_alone_and_no_more() {
        let base = Model::embedded().unwrap();
        let labels = simulate(Plan { comments: 120, later: false, noise: 0.1, seed: 7 });
        let (rows, settings) = (Rows::new(&base, &labels, 20.0), Settings { epochs: 2, ..Settings::default() });
        let blocks = Blocks::new(rows.rows.len(), settings.blocks);
        let counter = Counter::begin(SILENT, Stage::CrossValidation, 0);
        let learner = Learner::new(&rows, &blocks, &settings, &counter);
        let (strength, deltas) = learner.learn().unwrap();
        let parts = blocks.apart().chain(blocks.nested().flatten());
        let mut apart = 0;
        for part in parts {
            let model = alone(&learner, part, strength);
            let logit = |row: &crate::train::house::rows::Row| {
                let features = row.columns.len() - 1;
                f64::from(model.logit(&row.columns[..features], &row.values[..features]))
            };
            let expected: Vec<f64> = rows.rows[blocks.asked(part)].iter().map(logit).collect();
            assert!(deltas.logits([part]) == expected, "{part:?}");
            apart += usize::from(expected.iter().any(|logit| logit.abs() > 1e-3));
        }
        assert!(apart > 10, "deltas learned something: {apart}");
        let (all, of_all) = (alone(&learner, blocks.all(), strength), &deltas.weights);
        assert!(of_all.len() > 100);
        for (column, bucket) in rows.buckets.iter().enumerate() {
            let kept = of_all.binary_search_by_key(bucket, |one| one.0).map_or(0.0, |at| of_all[at].1);
            let weight = all.weight(column).clamp(-WEIGHT_MAX, WEIGHT_MAX);
            assert_eq!(kept.to_bits(), if weight.abs() < WEIGHT_MIN { 0 } else { weight.to_bits() });
        }
    }
}
