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
}

impl Loss {
    pub(super) fn add(&mut self, logit: f64, truth: bool, weight: f32) {
        // ln(1 + e^-x), without overflow.
        let margin = if truth { logit } else { -logit };
        let loss = (-margin).max(0.0) + (-margin.abs()).exp().ln_1p();
        self.sum += loss * f64::from(weight);
        self.weight += f64::from(weight);
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { sum: self.sum + other.sum, weight: self.weight + other.weight }
    }

    /// Returns the mean; `None` of nothing.
    pub(super) fn mean(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

/// Returns the place of the least loss; of equal ones, and where there is none, the last, which is the strongest.
pub(super) fn least(losses: &[Option<f64>]) -> usize {
    let mut best = losses.len().saturating_sub(1);
    for (at, loss) in losses.iter().enumerate().rev() {
        if let Some(loss) = loss
            && losses[best].is_none_or(|least| *loss < least)
        {
            best = at;
        }
    }
    best
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

    #[test]
    fn of_equal_losses_the_strongest_is_chosen() {
        assert_eq!(least(&[Some(0.5), Some(0.4), Some(0.4), Some(0.6)]), 2);
        assert_eq!(least(&[None, Some(0.4), None]), 1);
        assert_eq!(least(&[None, None]), 1);
    }
}
