//! The delta: one weight for each bucket, learned from moderators' verdicts.

use crate::classify::{features::value, model::Walked, repeats::Repeated};

/// The weights at work: one for each bucket, most of them zero.
#[derive(Debug, Clone)]
pub(super) struct Delta(Vec<f32>);

impl Delta {
    /// Spreads sparse weights over so many buckets; what lies outside of them is left out.
    pub(super) fn new(weights: &[(u32, f32)], buckets: usize) -> Self {
        let mut table = vec![0.0; buckets];
        for &(bucket, weight) in weights {
            if let Some(place) = table.get_mut(bucket as usize) {
                *place = weight;
            }
        }
        Self(table)
    }

    /// Returns one bucket's weight; zero for a bucket that the table does not have.
    #[inline]
    pub(super) fn weight(&self, bucket: u32) -> f64 {
        f64::from(self.0.get(bucket as usize).copied().unwrap_or(0.0))
    }

    /// Returns what one part of a text's features adds to the logit, by the same values as the base model's.
    #[inline]
    pub(super) fn logit(&self, walked: &Walked<'_>) -> f64 {
        // Four sums at once: none waits for another.
        let (fours, rest) = walked.occurrences.as_chunks::<4>();
        let mut sums = [0.0; 4];
        for four in fours {
            for (sum, &bucket) in sums.iter_mut().zip(four) {
                *sum += self.weight(bucket);
            }
        }
        let mut sum = sums.iter().sum::<f64>() + rest.iter().map(|bucket| self.weight(*bucket)).sum::<f64>();
        for Repeated { bucket, count } in walked.repeats.found() {
            sum += (f64::from(value(count)) - f64::from(count)) * self.weight(bucket);
        }
        sum * f64::from(walked.scale)
    }
}
