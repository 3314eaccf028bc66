//! What scores and texts looked like when a model was measured, to tell later how far a site's comments have moved from that.
//!
//! It lies beside the model, in `training.json`; a model without it works the same, and says nothing of drift.

use super::Error;
use crate::domain::{Attribute, Scores};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, io, path::Path};

/// The file's name.
pub const FILE: &str = "training.json";
/// Bands of scores that a distribution has at most; each holds about as many of the comments it was taken from.
pub const BANDS: usize = 10;

/// What one model's scores and texts looked like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// The SHA-256 of the model's file, in hexadecimal digits.
    pub model: String,
    /// How many comments it was taken from; none that the model learned from.
    pub rows: u64,
    /// The share of n-grams that the model has no weight for, in [0, 1].
    pub unseen_ngrams: f64,
    /// By the attribute's name, how its scores were distributed.
    pub scores: BTreeMap<String, Distribution>,
}

/// How scores were distributed, in bands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Where a band ends and the next one begins, rising: a score that is an edge lies in the band behind it.
    pub edges: Vec<f32>,
    /// The share of scores in each band; one more than edges.
    pub shares: Vec<f64>,
}

impl Reference {
    /// Measures comments that a model did not learn from: their scores, and for each how many of its n-grams the model has no
    /// weight for and how many it has.
    pub fn of(model: &str, rows: impl IntoIterator<Item = (Scores, [u64; 2])>) -> Self {
        let mut scores: Vec<Vec<f32>> = vec![Vec::new(); Attribute::COUNT];
        let (mut ngrams, mut rows_count) = ([0, 0], 0);
        for (row, [unseen, all]) in rows {
            for (attribute, score) in row.iter() {
                scores[attribute.index()].push(score.get());
            }
            ngrams = [ngrams[0] + unseen, ngrams[1] + all];
            rows_count += 1;
        }
        let by_name = Attribute::ALL.into_iter().zip(scores).map(|(attribute, mut scores)| {
            scores.sort_by(f32::total_cmp);
            (attribute.name().to_owned(), Distribution::of(&scores))
        });
        Self {
            model: model.to_owned(),
            rows: rows_count,
            unseen_ngrams: if ngrams[1] == 0 { 0.0 } else { ngrams[0] as f64 / ngrams[1] as f64 },
            scores: by_name.collect(),
        }
    }

    /// Reads what lies beside a model in `dir`; `None` where nothing does.
    ///
    /// # Errors
    ///
    /// Refuses a file that cannot be read or belongs to another model than the one of this `checksum`.
    pub(super) fn load(dir: &Path, checksum: &str) -> Result<Option<Self>, Error> {
        let path = dir.join(FILE);
        match fs::read_to_string(&path) {
            Ok(written) => Self::parse(&written, checksum).map(Some).map_err(|what| Error::Damaged { path, what }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    pub(super) fn parse(written: &str, checksum: &str) -> Result<Self, &'static str> {
        let read: Self = serde_json::from_str(written).map_err(|_| "it is not what `ombud train` writes")?;
        if read.model != checksum {
            return Err("it belongs to another model");
        }
        let is_whole = |one: &Distribution| one.shares.len() == one.edges.len() + 1 && one.shares.len() <= BANDS;
        if !read.scores.values().all(is_whole) {
            return Err("its bands don't fit together");
        }
        Ok(read)
    }

    /// Returns how one attribute's scores were distributed.
    pub fn attribute(&self, attribute: Attribute) -> Option<&Distribution> {
        self.scores.get(attribute.name())
    }
}

impl Distribution {
    /// Cuts rising scores into bands of about equal size; scores that are alike stay in one.
    fn of(rising: &[f32]) -> Self {
        let mut edges: Vec<f32> = Vec::new();
        for band in 1..BANDS {
            if let Some(&edge) = rising.get(rising.len() * band / BANDS)
                && edges.last().is_none_or(|last| edge > *last)
                && rising.first().is_some_and(|first| edge > *first)
            {
                edges.push(edge);
            }
        }
        let mut distribution = Self { shares: vec![0.0; edges.len() + 1], edges };
        for &score in rising {
            let band = distribution.band(score);
            distribution.shares[band] += 1.0 / rising.len() as f64;
        }
        distribution
    }

    /// Returns the band that a score lies in, from 0.
    pub fn band(&self, score: f32) -> usize {
        self.edges.partition_point(|edge| *edge <= score)
    }

    /// Returns the population stability index of so many scores in each band: the sum over bands of (share now − share then)
    /// × ln(share now / share then). 0 says that nothing moved, and more than 0.25 by custom that much did. An empty band
    /// counts as half a comment. `None` where there is no comment.
    pub fn stability_index(&self, counts: &[u64; BANDS]) -> Option<f64> {
        let all: u64 = counts.iter().sum();
        if all == 0 {
            return None;
        }
        let least = 0.5 / all as f64;
        let part = |(then, now): (&f64, &u64)| {
            let (then, now) = (then.max(1e-6), (*now as f64 / all as f64).max(least));
            (now - then) * (now / then).ln()
        };
        Some(self.shares.iter().zip(counts).map(part).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rising(count: u16) -> Vec<f32> {
        (0..count).map(|at| f32::from(at) / f32::from(count)).collect()
    }

    #[test]
    fn bands_hold_about_as_many_and_what_is_alike_stays_together() {
        let even = Distribution::of(&rising(1000));
        assert_eq!(even.edges.len(), BANDS - 1);
        assert!(even.shares.iter().all(|share| (share - 0.1).abs() < 1e-9), "{even:?}");
        let mut alike = vec![0.25; 90];
        alike.extend([0.5; 10]);
        let alike = Distribution::of(&alike);
        assert_eq!(alike.edges, [0.5]);
        assert!((alike.shares[0] - 0.9).abs() < 1e-9, "{alike:?}");
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|score| alike.band(score)), [0, 0, 1, 1]);
        assert_eq!(Distribution::of(&[]).shares, [0.0]);
    }

    #[test]
    fn what_did_not_move_has_no_index_and_what_did_has_one() {
        let even = Distribution::of(&rising(1000));
        assert!(even.stability_index(&[10; BANDS]).expect("comments").abs() < 1e-9);
        // Half of all comments moved into the highest band: nine bands at 0.05, one at 0.55.
        let mut moved = [5; BANDS];
        moved[BANDS - 1] = 55;
        let expected = 9.0 * (0.05 - 0.1) * f64::ln(0.05 / 0.1) + (0.55 - 0.1) * f64::ln(0.55 / 0.1);
        assert!((even.stability_index(&moved).expect("comments") - expected).abs() < 1e-9);
        assert_eq!(even.stability_index(&[0; BANDS]), None);
    }

    #[test]
    fn what_belongs_to_another_model_is_refused() {
        let scores = Scores::new([0.5; Attribute::COUNT]).expect("scores");
        let reference = Reference::of("abc", [(scores, [1, 4]), (scores, [3, 4])]);
        assert!((reference.unseen_ngrams - 0.5).abs() < 1e-9 && reference.rows == 2);
        let written = serde_json::to_string(&reference).expect("it is plain");
        assert_eq!(Reference::parse(&written, "abc"), Ok(reference));
        assert_eq!(Reference::parse(&written, "abd"), Err("it belongs to another model"));
        assert_eq!(Reference::parse("{}", "abc"), Err("it is not what `ombud train` writes"));
    }
}
