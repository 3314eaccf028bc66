//! Two models' scores on the same labels, and how far apart their figures are.

use super::{
    Curves, Gate, Kinds, Limits, Verdict,
    enough::{Counted, Needed, Part},
};
use crate::train::{
    bootstrap::{Interval, interval},
    house::Label,
    metrics::CALIBRATION_BINS,
};
use serde::{Deserialize, Serialize};

/// One label counts for at most so many comments here, too.
const WEIGHT_MAX: f32 = 20.0;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The average precision; more is better.
    AveragePrecision,
    /// The expected calibration error; less is better.
    CalibrationError,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 2] = [Self::AveragePrecision, Self::CalibrationError];

    const fn name(self) -> &'static str {
        match self {
            Self::AveragePrecision => "average precision",
            Self::CalibrationError => "calibration error",
        }
    }
}

/// One figure of both models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// What is scored, or the slice.
    pub name: String,
    /// What is compared.
    pub metric: Metric,
    /// How many labels there are.
    pub rows: usize,
    /// How many of them are true.
    pub positives: usize,
    /// The champion's figure; `None` where there is too little to measure.
    pub champion: Option<f64>,
    /// The challenger's.
    pub challenger: Option<f64>,
    /// Where the challenger's figure less the champion's lies with 95 % confidence.
    pub interval: Option<Interval>,
}

impl Comparison {
    /// Refuses a challenger that is worse by more than chance: beyond the interval, and beyond what the limits let pass.
    pub(super) fn judge(&self, gate: Gate, limits: &Limits) -> Verdict {
        let slack = match (gate, self.metric) {
            (Gate::Slices, _) => limits.slice_slack,
            (_, Metric::AveragePrecision) => 0.0,
            (_, Metric::CalibrationError) => limits.calibration_slack,
        };
        let (Some(champion), Some(challenger), Some(interval)) = (self.champion, self.challenger, self.interval) else {
            return Verdict::refused(
                gate,
                format!("{}: too few labels to measure the {}", self.name, self.metric.name()),
            );
        };
        let difference = challenger - champion;
        let worse = match self.metric {
            Metric::AveragePrecision => interval.high < 0.0 && difference < -slack,
            Metric::CalibrationError => interval.low > 0.0 && difference > slack,
        };
        let reason = format!(
            "{}: the challenger's {} is {challenger:.3}, the champion's {champion:.3}; the difference is {:+.3} to {:+.3}{}",
            self.name,
            self.metric.name(),
            interval.low,
            interval.high,
            if worse { ", which is worse" } else { "" }
        );
        if worse { Verdict::refused(gate, reason) } else { Verdict::passed(gate, reason) }
    }
}

/// Held-out labels that speak of one thing, each scored by both models.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// The number of each label among the held-out ones.
    pub(super) labels: Vec<usize>,
    pub(super) truths: Vec<bool>,
    weights: Vec<f64>,
    /// The champion's and the challenger's.
    pub(super) scores: [Vec<f32>; 2],
    rankings: [Ranking; 2],
}

impl Sample {
    /// Takes the labels that `truth` knows something of; `scores` has one for each label.
    pub(super) fn new(labels: &[Label], truth: impl Fn(&Label) -> Option<bool>, scores: &[Vec<f32>; 2]) -> Self {
        let known: Vec<usize> = (0..labels.len()).filter(|label| truth(&labels[*label]).is_some()).collect();
        let scores = [0, 1].map(|model: usize| known.iter().map(|label| scores[model][*label]).collect::<Vec<f32>>());
        Self {
            truths: known.iter().map(|label| truth(&labels[*label]) == Some(true)).collect(),
            weights: known.iter().map(|label| f64::from(labels[*label].weight(WEIGHT_MAX))).collect(),
            rankings: [Ranking::new(&scores[0]), Ranking::new(&scores[1])],
            labels: known,
            scores,
        }
    }

    /// Takes those rows whose labels are `wanted`.
    pub(super) fn only(&self, wanted: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..self.len()).filter(|row| wanted(self.labels[*row])).collect();
        let scores = [0, 1].map(|model: usize| rows.iter().map(|row| self.scores[model][*row]).collect::<Vec<f32>>());
        Self {
            labels: rows.iter().map(|row| self.labels[*row]).collect(),
            truths: rows.iter().map(|row| self.truths[*row]).collect(),
            weights: rows.iter().map(|row| self.weights[*row]).collect(),
            rankings: [Ranking::new(&scores[0]), Ranking::new(&scores[1])],
            scores,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) fn positives(&self) -> usize {
        self.truths.iter().filter(|truth| **truth).count()
    }

    pub(super) fn kinds(&self) -> Kinds {
        Kinds { rejected: self.positives(), approved: self.len() - self.positives() }
    }

    /// Says how many more held-out labels it takes to judge by these, if they are too few.
    pub(super) fn too_small(&self, limits: &Limits) -> Option<Needed> {
        let counted = Counted { kinds: self.kinds(), part: Part::HeldOut, split: None };
        Some(counted.needed(limits.rows_min, limits.kind_min)).filter(|needed| needed.labels > 0)
    }

    /// Compares both models' figures.
    pub(super) fn compare(&self, name: &str, metric: Metric, seed: u64) -> Comparison {
        let once = vec![1; self.len()];
        // Brought into order once, and not in every draw.
        let ranked = [0, 1].map(|model: usize| self.ranked(model));
        let figure = |model: usize, counts: &[u32]| match metric {
            Metric::AveragePrecision => average_precision(&ranked[model], counts),
            Metric::CalibrationError => self.calibration_error(model, counts),
        };
        let difference = |counts: &[u32]| Some(figure(1, counts)? - figure(0, counts)?);
        Comparison {
            name: name.to_owned(),
            metric,
            rows: self.len(),
            positives: self.positives(),
            champion: figure(0, &once),
            challenger: figure(1, &once),
            interval: interval(self.len(), seed, difference),
        }
    }

    /// Lists the rows in the order of one model's scores.
    fn ranked(&self, model: usize) -> Vec<Ranked> {
        let mut ranked = Vec::with_capacity(self.len());
        self.rankings[model].visit(|tied| {
            for (place, &row) in tied.iter().enumerate() {
                let mut weights = [0.0; 2];
                weights[usize::from(self.truths[row])] = self.weights[row];
                ranked.push(Ranked { row, weights, is_last: place + 1 == tied.len() });
            }
        });
        ranked
    }

    fn calibration_error(&self, model: usize, counts: &[u32]) -> Option<f64> {
        let mut bins = [[0.0; 2]; CALIBRATION_BINS];
        let mut all = 0.0;
        for (row, &score) in self.scores[model].iter().enumerate() {
            let weight = self.weights[row] * f64::from(counts[row]);
            let [scores, truths] = &mut bins[bin(score)];
            *scores += weight * f64::from(score);
            *truths += weight * f64::from(u8::from(self.truths[row]));
            all += weight;
        }
        (all > 0.0).then(|| bins.iter().map(|[scores, truths]| (scores - truths).abs()).sum::<f64>() / all)
    }

    pub(super) fn curves(&self) -> [Curves; 2] {
        [0, 1].map(|model: usize| Curves::new(&self.rankings[model], &self.scores[model], &self.truths, &self.weights))
    }
}

/// One row in the order of scores.
struct Ranked {
    row: usize,
    /// What it weighs among what is false, and among what is true: one of them is 0.
    weights: [f64; 2],
    /// Whether the next one scores less.
    is_last: bool,
}

/// Returns the average precision over rows that occur `counts` times each; `None` where nothing is true.
fn average_precision(ranked: &[Ranked], counts: &[u32]) -> Option<f64> {
    let (mut true_above, mut above, mut sum) = (0.0, 0.0, 0.0);
    let mut found = [0.0; 2];
    for Ranked { row, weights, is_last } in ranked {
        let count = f64::from(counts[*row]);
        found[0] += weights[0] * count;
        found[1] += weights[1] * count;
        if *is_last {
            true_above += found[1];
            above += found[0] + found[1];
            if found[1] > 0.0 {
                sum += found[1] * true_above / above;
            }
            found = [0.0; 2];
        }
    }
    (true_above > 0.0).then(|| sum / true_above)
}

/// Returns which of [`CALIBRATION_BINS`] equal ranges a score lies in.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in 0 to the number of ranges, or cut to it"
)]
pub(super) fn bin(score: f32) -> usize {
    ((score * CALIBRATION_BINS as f32) as usize).min(CALIBRATION_BINS - 1)
}

/// Rows in falling order of their scores, those that score the same together, so that no draw needs sorting.
#[derive(Debug, Clone)]
pub(super) struct Ranking {
    order: Vec<usize>,
    ends: Vec<usize>,
}

impl Ranking {
    fn new(scores: &[f32]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
        let is_end = |at: &usize| *at == order.len() || scores[order[*at]].total_cmp(&scores[order[at - 1]]).is_ne();
        let ends = (1..=order.len()).filter(is_end).collect();
        Self { order, ends }
    }

    /// Shows the rows of each score, the highest first.
    pub(super) fn visit(&self, mut visit: impl FnMut(&[usize])) {
        let mut begin = 0;
        for &end in &self.ends {
            visit(&self.order[begin..end]);
            begin = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::house::gates::Outcome;
    use crate::train::metrics::{Scored, average_precision, calibration_error};

    fn figure(sample: &Sample, model: usize, metric: Metric, counts: &[u32]) -> Option<f64> {
        match metric {
            Metric::AveragePrecision => super::average_precision(&sample.ranked(model), counts),
            Metric::CalibrationError => sample.calibration_error(model, counts),
        }
    }

    fn sample(rows: u16, weights: &[f64]) -> Sample {
        let scores: Vec<f32> = (0..rows).map(|row| f32::from(row * 37 % 41) / 41.0).collect();
        let other: Vec<f32> = scores.iter().map(|score| 1.0 - score).collect();
        Sample {
            labels: (0..usize::from(rows)).collect(),
            truths: (0..rows).map(|row| row * 37 % 41 + row * 13 % 20 > 30).collect(),
            weights: weights.iter().copied().cycle().take(rows.into()).collect(),
            rankings: [Ranking::new(&scores), Ranking::new(&other)],
            scores: [scores, other],
        }
    }

    #[test]
    fn rows_of_equal_weight_have_the_figures_of_plain_rows() {
        let sample = sample(200, &[2.0]);
        let scored: Vec<Scored> = sample.scores[0].iter().copied().zip(sample.truths.iter().copied()).collect();
        for (metric, expected) in [
            (Metric::AveragePrecision, average_precision(&scored)),
            (Metric::CalibrationError, calibration_error(&scored)),
        ] {
            let found = figure(&sample, 0, metric, &[1; 200]).unwrap();
            assert!((found - expected.unwrap()).abs() < 1e-6, "{metric:?}");
        }
    }

    #[test]
    fn a_row_that_weighs_three_counts_as_three_do() {
        let sample = sample(60, &[1.0, 3.0]);
        let counts: Vec<u32> = (0..60).map(|row| 1 + 2 * (row % 2)).collect();
        let plain = Sample { weights: vec![1.0; 60], ..sample.clone() };
        for metric in Metric::ALL {
            let (weighed, counted) = (figure(&sample, 0, metric, &[1; 60]), figure(&plain, 0, metric, &counts));
            assert!((weighed.unwrap() - counted.unwrap()).abs() < 1e-9, "{metric:?}");
        }
    }

    #[test]
    fn worse_is_told_from_chance_and_from_no_difference() {
        let (sample, limits) = (sample(200, &[1.0]), Limits::default());
        let verdict =
            |sample: &Sample, metric| sample.compare("x", metric, 1).judge(Gate::AveragePrecision, &limits).outcome;
        assert_eq!(verdict(&sample, Metric::AveragePrecision), Outcome::Refused, "the wrong way round");
        let same = Sample {
            scores: [0, 0].map(|at: usize| sample.scores[at].clone()),
            rankings: [0, 0].map(|at: usize| sample.rankings[at].clone()),
            ..sample
        };
        for metric in Metric::ALL {
            assert_eq!(verdict(&same, metric), Outcome::Passed);
        }
    }
}
