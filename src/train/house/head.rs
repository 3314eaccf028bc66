//! Fits the head: linfa's logistic regression, on a few dense columns.

use super::{
    folds::{Loss, strongest},
    rows::Row,
};
use crate::classify::{Calibration, house::Head};
use crate::train::Error;
use linfa::{Dataset, traits::Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ShapeBuilder};
use rayon::prelude::*;
use std::ops::Range;

/// A column that moves less than this says nothing.
const SPREAD_MIN: f64 = 1e-6;
/// A column that moves less than this has no more said of it than if it moved so much: what nearly never happens must not
/// decide when it does.
const SPREAD_USUAL: f64 = 0.2;
/// How far calibration may stretch or squeeze logits: what says more is taken for chance.
const SLOPES: Range<f32> = 0.5..1.5;
const ITERATIONS_MAX: u64 = 300;
/// How small the gradient of the sum of all losses has to be.
const TOLERANCES: [f64; 3] = [1e-4, 1e-2, 0.1];
/// How small it has to be for each row at most: of many rows the sum says nothing more exactly.
const ROW_TOLERANCE: f64 = 1e-6;

/// What the head is fitted to: rows in the order of their time.
pub(super) struct Table {
    pub(super) rows: Vec<[f64; Head::WEIGHTS]>,
    pub(super) truths: Vec<bool>,
    pub(super) weights: Vec<f32>,
}

/// A head in doubles: a bias, and what each column is multiplied by.
#[derive(Debug, Clone, Copy)]
struct Line {
    bias: f64,
    weights: [f64; Head::WEIGHTS],
}

impl Line {
    fn logit(&self, row: &[f64; Head::WEIGHTS]) -> f64 {
        self.bias + self.weights.iter().zip(row).map(|(weight, value)| weight * value).sum::<f64>()
    }
}

impl Table {
    /// Reads as many rows as there are deltas of.
    pub(super) fn new(rows: &[Row], deltas: &[f64]) -> Self {
        let mut table = Self { rows: Vec::new(), truths: Vec::new(), weights: Vec::new() };
        for (row, delta) in rows.iter().zip(deltas) {
            let mut reading = row.reading.clone();
            reading.delta = *delta;
            table.rows.push(Head::row(&reading));
            table.truths.push(row.truth);
            table.weights.push(row.weight);
        }
        table
    }

    /// Fits a head with the strength that does best on what comes later, and calibrates it there; returns it with the
    /// strength. Each fold is a block with what was known before it was ruled on: the rows up to its end, by deltas that have
    /// not heard of it.
    pub(super) fn fit(&self, folds: &[(Self, Range<usize>)], strengths: &[f64]) -> Result<(Head, f64), Error> {
        let tasks: Vec<_> =
            strengths.iter().flat_map(|strength| folds.iter().map(move |fold| (*strength, fold))).collect();
        let said = |(strength, (known, block)): &(f64, &(Self, Range<usize>))| {
            let Some(line) = known.fit_some(0..block.start, *strength)? else { return Ok(Vec::new()) };
            Ok(block.clone().map(|row| (row, line.logit(&known.rows[row]))).collect())
        };
        let said: Vec<Vec<(usize, f64)>> = tasks.par_iter().map(said).collect::<Result<_, Error>>()?;
        let mut later: Vec<Vec<(usize, f64)>> = said.chunks(folds.len().max(1)).map(<[_]>::concat).collect();
        // Of nothing, nothing is said.
        later.resize(strengths.len(), Vec::new());
        let loss = |logits: &Vec<(usize, f64)>| {
            let mut loss = Loss::default();
            for &(row, logit) in logits {
                loss.add(logit, self.truths[row], self.weights[row]);
            }
            loss
        };
        let losses: Vec<Loss> = later.iter().map(loss).collect();
        let best = strongest(&losses);
        let line = self.fit_some(0..self.rows.len(), strengths[best])?;
        let line = line.ok_or_else(|| Error::TooLittle { what: "all labels say the same".to_owned() })?;
        Ok((self.calibrated(line, &later[best]), strengths[best]))
    }

    /// Fits some rows; `None` where they are all of one kind.
    fn fit_some(&self, rows: Range<usize>, strength: f64) -> Result<Option<Line>, Error> {
        let copies = self.copies(rows.clone());
        let rows: Vec<usize> = rows.zip(copies).flat_map(|(row, copies)| std::iter::repeat_n(row, copies)).collect();
        if rows.iter().all(|row| self.truths[*row]) || !rows.iter().any(|row| self.truths[*row]) {
            return Ok(None);
        }
        let columns: Vec<Column> = (0..Head::WEIGHTS).map(|column| Column::new(self, &rows, column)).collect();
        // Column by column, which is how the search walks over them.
        let records = Array2::from_shape_fn((rows.len(), Head::WEIGHTS).f(), |(row, column)| {
            columns[column].standard(self.rows[rows[row]][column])
        });
        let targets = Array1::from_iter(rows.iter().map(|row| self.truths[*row]));
        let data = Dataset::new(records, targets);
        let fit = |tolerance: f64| {
            let params = LogisticRegression::default().alpha(strength).max_iterations(ITERATIONS_MAX);
            params.gradient_tolerance(tolerance).fit(&data)
        };
        let least = ROW_TOLERANCE * rows.len() as f64;
        // Close to its goal the search may find no step that is better: then it may stop a little earlier.
        let fitted = TOLERANCES.iter().map(|tolerance| fit(tolerance.max(least))).find(Result::is_ok);
        let fitted = fitted.unwrap_or_else(|| fit(1.0)).map_err(|error| Error::Head { what: error.to_string() })?;
        // linfa says how likely the more frequent answer is.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        let mut line = Line { bias: sign * fitted.intercept(), weights: [0.0; Head::WEIGHTS] };
        for ((weight, fitted), column) in line.weights.iter_mut().zip(fitted.params()).zip(&columns) {
            *weight = sign * fitted * column.scale;
            line.bias -= *weight * column.mean;
        }
        let finite = line.bias.is_finite() && line.weights.iter().all(|weight| weight.is_finite());
        finite.then_some(Some(line)).ok_or_else(|| Error::Head { what: "a weight is not finite".to_owned() })
    }

    /// Returns how often each row is taken: linfa's regression knows no weights. Rounding is carried on to the next row,
    /// so that all together count what they weigh.
    fn copies(&self, rows: Range<usize>) -> Vec<usize> {
        let mut owed = 0.5;
        let copies = |weight: &f32| {
            owed += f64::from(*weight);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few, and not below zero")]
            let copies = owed.floor() as usize;
            owed -= owed.floor();
            copies
        };
        self.weights[rows].iter().map(copies).collect()
    }

    /// Bends the head's sigmoid to what was true of rows that came later than what it was fitted to; where these say too
    /// little, it stays what it is.
    #[expect(clippy::cast_possible_truncation, reason = "a file's weights have 32 bits")]
    fn calibrated(&self, line: Line, later: &[(usize, f64)]) -> Head {
        let first = later.first().map_or(0, |(row, _)| *row);
        let copies = self.copies(first..self.rows.len());
        let pairs = later.iter().flat_map(|&(row, logit)| {
            std::iter::repeat_n((logit as f32, self.truths[row]), copies.get(row - first).copied().unwrap_or(0))
        });
        let (logits, truths): (Vec<f32>, Vec<bool>) = pairs.unzip();
        let Calibration { a, b } = Calibration::fit(&logits, &truths)
            .ok()
            .filter(|found| SLOPES.contains(&-found.a))
            .unwrap_or(Calibration::IDENTITY);
        let (slope, offset) = (f64::from(-a), f64::from(-b));
        Head::from_row((slope * line.bias + offset) as f32, &line.weights.map(|weight| (slope * weight) as f32))
    }
}

/// What makes a column's values comparable with others.
struct Column {
    mean: f64,
    /// One over its standard deviation, or over what is usual; zero for a column that says nothing.
    scale: f64,
}

impl Column {
    fn new(table: &Table, rows: &[usize], column: usize) -> Self {
        let values = || rows.iter().map(|row| table.rows[*row][column]);
        let count = rows.len().max(1) as f64;
        let mean = values().sum::<f64>() / count;
        let spread = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        Self { mean, scale: if spread > SPREAD_MIN { spread.max(SPREAD_USUAL).recip() } else { 0.0 } }
    }

    fn standard(&self, value: f64) -> f64 {
        (value - self.mean) * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::house::folds::Blocks;

    /// Rows whose first column says how likely they are, and whose last says nothing.
    fn table(rows: usize, positives_of_ten: usize) -> Table {
        let value = |row: usize| (row * 37 % 100) as f64 / 50.0 - 1.0;
        let mut table = Table { rows: Vec::new(), truths: Vec::new(), weights: vec![1.0; rows] };
        for at in 0..rows {
            let mut row = [0.0; Head::WEIGHTS];
            (row[0], row[Head::WEIGHTS - 1]) = (value(at), 0.5);
            table.rows.push(row);
            table.truths.push(value(at) + (at * 7 % 10) as f64 / 10.0 > 1.0 - positives_of_ten as f64 / 5.0);
        }
        table
    }

    /// Five blocks of a table whose deltas are the same whatever was known.
    fn folds(table: &Table) -> Vec<(Table, Range<usize>)> {
        let known = |end: usize| Table {
            rows: table.rows[..end].to_vec(),
            truths: table.truths[..end].to_vec(),
            weights: table.weights[..end].to_vec(),
        };
        let blocks = Blocks::new(table.rows.len(), 5);
        let folds = blocks.forward().map(|part| blocks.asked(part));
        folds.map(|block| (known(block.end), block)).collect()
    }

    #[test]
    fn whichever_answer_is_more_frequent_the_head_gives_the_probability_to_reject() {
        for positives_of_ten in [2, 8] {
            let table = table(400, positives_of_ten);
            let (head, _) = table.fit(&folds(&table), &[1.0, 10.0]).unwrap();
            assert!(head.base[0] > 0.5, "{head:?}");
            assert!(head.inputs.iter().all(|weight| *weight == 0.0), "what never moves has no weight");
            let truths = table.truths.iter().filter(|truth| **truth).count() as f64 / 400.0;
            let line = Line { bias: head.bias.into(), weights: [0.0; Head::WEIGHTS] };
            let said = table.rows.iter().map(|row| {
                let logit = line.logit(row) + f64::from(head.base[0]) * row[0];
                1.0 / (1.0 + (-logit).exp())
            });
            assert!((said.sum::<f64>() / 400.0 - truths).abs() < 0.05);
        }
    }

    #[test]
    fn a_row_that_stands_for_several_counts_as_often() {
        let mut table = table(40, 5);
        table.weights = vec![2.5; 40];
        let copies = table.copies(0..40);
        assert_eq!(copies.iter().sum::<usize>(), 100);
        assert!(copies.iter().all(|copies| (2..=3).contains(copies)));
    }

    #[test]
    fn labels_that_all_say_the_same_are_refused() {
        let mut table = table(40, 5);
        table.truths = vec![true; 40];
        assert!(matches!(table.fit(&folds(&table), &[1.0]), Err(Error::TooLittle { .. })));
    }
}
