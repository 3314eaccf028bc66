//! Cross-validation in the order of time: a newsroom's next comments are like the last ones, not like those of last year.

use std::ops::Range;

/// Rows in the order of their time, cut into blocks of nearly the same size.
#[derive(Debug, Clone)]
pub(super) struct Blocks(Vec<Range<usize>>);

impl Blocks {
    pub(super) fn new(rows: usize, blocks: usize) -> Self {
        let cut = |at: usize| rows * at / blocks;
        Self((0..blocks).map(|at| cut(at)..cut(at + 1)).collect())
    }

    /// Lists, for the later half of the blocks, what came before each, and it.
    pub(super) fn forward(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
        self.0.iter().skip(self.0.len() / 2).map(|block| (0..block.start, block.clone()))
    }

    /// Lists, for each of [`Blocks::forward`], the blocks before it, each with all rows of the others,
    /// and at last itself with all rows before it: what is learned so has not heard of what it is validated by.
    pub(super) fn nested(&self) -> impl Iterator<Item = Vec<(Vec<usize>, Range<usize>)>> + '_ {
        (self.0.len() / 2..self.0.len()).map(|last| {
            let before = Self(self.0[..last].to_vec());
            let itself = ((0..self.0[last].start).collect(), self.0[last].clone());
            before.apart().chain([itself]).collect()
        })
    }

    /// Lists the blocks, each with all rows that are not in it.
    pub(super) fn apart(&self) -> impl Iterator<Item = (Vec<usize>, Range<usize>)> + '_ {
        let rows = self.0.last().map_or(0, |last| last.end);
        self.0.iter().map(move |block| ((0..block.start).chain(block.end..rows).collect(), block.clone()))
    }
}

/// Adds up log losses, each as often as its row counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Loss {
    sum: f64,
    weight: f64,
    /// The sums of the squared weights, by themselves, times the loss and times its square.
    squares: [f64; 3],
}

impl Loss {
    pub(super) fn add(&mut self, logit: f64, truth: bool, weight: f32) {
        // ln(1 + e^-x), without overflow.
        let margin = if truth { logit } else { -logit };
        let loss = (-margin).max(0.0) + (-margin.abs()).exp().ln_1p();
        let weight = f64::from(weight);
        self.sum += loss * weight;
        self.weight += weight;
        for (square, power) in self.squares.iter_mut().zip([1.0, loss, loss * loss]) {
            *square += weight * weight * power;
        }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.sum += other.sum;
        self.weight += other.weight;
        for (square, other) in self.squares.iter_mut().zip(other.squares) {
            *square += other;
        }
        self
    }

    /// Returns the mean; `None` of nothing.
    pub(super) fn mean(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }

    /// Returns the standard error of the mean; 0 of nothing.
    fn error(self) -> f64 {
        let Some(mean) = self.mean() else { return 0.0 };
        let [ones, losses, squares] = self.squares;
        (squares - 2.0 * mean * losses + mean * mean * ones).max(0.0).sqrt() / self.weight
    }
}

/// Returns the place of the strongest, which is the last, whose loss is no more than one standard error above the least
/// (Breiman et al., 1984): what chance may have made a little better is not worth a model that trusts its labels more.
/// The last place where there is nothing to choose by.
pub(super) fn strongest(losses: &[Loss]) -> usize {
    let mean = |loss: &Loss| loss.mean().unwrap_or(f64::INFINITY);
    let best = losses.iter().min_by(|a, b| mean(a).total_cmp(&mean(b)));
    let limit = best.map_or(f64::INFINITY, |best| mean(best) + best.error());
    losses.iter().rposition(|loss| mean(loss) <= limit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_validated_by_what_comes_later() {
        let blocks = Blocks::new(103, 5);
        let forward: Vec<_> = blocks.forward().collect();
        assert_eq!(forward.len(), 3);
        assert!(forward.iter().all(|(before, block)| before.end == block.start && before.start == 0));
        assert_eq!(forward[2].1.end, 103);
        let mut seen = 0;
        for (others, block) in blocks.apart() {
            assert!(others.len() + block.len() == 103 && others.iter().all(|row| !block.contains(row)));
            seen += block.len();
        }
        assert_eq!(seen, 103);
        assert_eq!(Blocks::new(2, 5).apart().map(|(_, block)| block.len()).sum::<usize>(), 2);
    }

    #[test]
    fn no_fold_hears_of_what_it_is_validated_by_nor_of_what_comes_later() {
        let blocks = Blocks::new(103, 5);
        let (nested, forward): (Vec<_>, Vec<_>) = (blocks.nested().collect(), blocks.forward().collect());
        assert_eq!(nested.len(), forward.len());
        for (parts, (before, validated)) in nested.iter().zip(forward) {
            let covered: Vec<usize> = parts.iter().flat_map(|(_, block)| block.clone()).collect();
            assert_eq!(covered, (0..validated.end).collect::<Vec<_>>(), "each row once, in order");
            for (others, block) in parts {
                assert!(others.iter().all(|row| before.contains(row) && !block.contains(row)));
            }
            assert_eq!(parts.last().unwrap().0.len(), before.len());
        }
    }

    #[test]
    fn losses_are_as_worked_by_hand() {
        let mut loss = Loss::default();
        loss.add(0.0, true, 3.0);
        loss.add(3.0_f64.ln(), false, 1.0);
        // ln 2 three times, and ln 4 once.
        assert!((loss.mean().unwrap() - 5.0 * 2.0_f64.ln() / 4.0).abs() < 1e-12);
        assert_eq!(Loss::default().mean(), None);
        loss.add(-1e6, true, 1.0);
        assert!(loss.mean().unwrap().is_finite());
    }

    /// Two rows whose losses are about 0.05 to either side of `mean`.
    fn loss(mean: f64) -> Loss {
        let mut loss = Loss::default();
        for part in [mean - 0.05, mean + 0.05] {
            loss.add(-(part.exp() - 1.0).ln(), true, 1.0);
        }
        loss
    }

    #[test]
    fn the_strongest_within_an_error_of_the_best_is_chosen() {
        // The standard error of each is 0.05 over the root of 2.
        assert!((loss(0.4).error() - 0.05 / 2.0_f64.sqrt()).abs() < 1e-9);
        assert_eq!(strongest(&[0.5, 0.4, 0.43, 0.6].map(loss)), 2);
        assert_eq!(strongest(&[0.5, 0.4, 0.44, 0.6].map(loss)), 1);
        assert_eq!(strongest(&[Loss::default(), loss(0.4), Loss::default()]), 1);
        assert_eq!(strongest(&[Loss::default(); 3]), 2);
    }
}
