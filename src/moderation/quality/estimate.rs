//! A share of all comments, estimated from those that were ruled on.

use crate::domain::interval::wilson;

/// A share with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// How many comments were ruled on.
    pub ruled: u64,
    /// How many of all comments they stand for.
    pub stand_for: f64,
    /// The share, in [0, 1]; 0 where nothing was ruled on.
    pub share: f64,
    /// The interval's lower end.
    pub low: f64,
    /// The interval's upper end; 1 where nothing was ruled on.
    pub high: f64,
}

/// Adds up comments that were ruled on, each weighted by how many it stands for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Weighted {
    ruled: u64,
    weights: f64,
    squares: f64,
    yes: f64,
}

impl Weighted {
    /// Adds a comment that was ruled on with probability `probability`, in (0, 1].
    pub(super) fn add(&mut self, probability: f64, yes: bool) {
        let weight = 1.0 / probability;
        self.ruled += 1;
        self.weights += weight;
        self.squares += weight * weight;
        self.yes += if yes { weight } else { 0.0 };
    }

    /// Adds what others added up.
    pub(super) fn join(&mut self, other: Self) {
        self.ruled += other.ruled;
        self.weights += other.weights;
        self.squares += other.squares;
        self.yes += other.yes;
    }

    /// Estimates the share by the ratio of weights (Hájek), with the interval of Wilson for as many comments as the
    /// weights are worth (Kish): where all weigh the same, that is their number.
    pub(super) fn estimate(&self) -> Estimate {
        if self.ruled == 0 {
            return Estimate { high: 1.0, ..Estimate::default() };
        }
        let n = self.weights * self.weights / self.squares;
        let share = self.yes / self.weights;
        let (low, high) = wilson(share, n);
        Estimate { ruled: self.ruled, stand_for: self.weights, share, low, high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_give_wilsons_interval() {
        let mut weighted = Weighted::default();
        (0..100).for_each(|number| weighted.add(0.01, number < 10));
        let Estimate { ruled, stand_for, share, low, high } = weighted.estimate();
        assert_eq!((ruled, stand_for.round()), (100, 10_000.0));
        // 10 of 100, as tables have it.
        assert!((share - 0.1).abs() < 1e-9 && (low - 0.0552).abs() < 1e-4 && (high - 0.1744).abs() < 1e-4);
    }

    #[test]
    fn nothing_ruled_on_says_nothing() {
        let nothing = Weighted::default().estimate();
        assert_eq!((nothing.ruled, nothing.share, nothing.low, nothing.high), (0, 0.0, 0.0, 1.0));
    }

    #[test]
    fn intervals_hold_the_truth_about_as_often_as_they_say() {
        // A newsroom publishes comments of which 6 % are harmful; those that readers report, half of them harmful, are all
        // ruled on, of the rest one in twenty.
        let mut state = 7_u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 31)
        };
        let (rounds, mut held, mut bias) = (400, 0, 0.0);
        for _ in 0..rounds {
            let (mut weighted, mut harmful_in_all) = (Weighted::default(), 0);
            let all = 10_000;
            for _ in 0..all {
                let reported = random() < 0.02;
                let harmful = random() < if reported { 0.5 } else { 0.05 };
                harmful_in_all += i32::from(harmful);
                if reported {
                    weighted.add(1.0, harmful);
                } else if random() < 0.05 {
                    weighted.add(0.05, harmful);
                }
            }
            let truth = f64::from(harmful_in_all) / f64::from(all);
            let estimate = weighted.estimate();
            held += i32::from((estimate.low..=estimate.high).contains(&truth));
            bias += (estimate.share - truth) / f64::from(rounds);
        }
        assert!(held >= 370, "{held} of {rounds}");
        assert!(bias.abs() < 0.002, "{bias}");
    }
}
