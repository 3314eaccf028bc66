//! Cross-validation in the order of time: a newsroom's next comments are like the last ones, not like those of last year.

use std::ops::Range;

/// Rows in the order of their time, cut into blocks of nearly the same size.
#[derive(Debug, Clone)]
pub(super) struct Blocks(Vec<Range<usize>>);

/// What one model is learned from, and which block it is then asked about: all blocks before one, but not the one that it is
/// asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    before: usize,
    asked: usize,
}

impl Part {
    /// Tells whether it learns from a block.
    pub(super) const fn knows(self, block: usize) -> bool {
        block < self.before && block != self.asked
    }

    /// Returns how many blocks it learns from.
    pub(super) fn blocks(self) -> usize {
        self.before - usize::from(self.asked < self.before)
    }

    /// Returns the block that it is asked about.
    pub(super) const fn asked(self) -> usize {
        self.asked
    }
}

impl Blocks {
    pub(super) fn new(rows: usize, blocks: usize) -> Self {
        let cut = |at: usize| rows * at / blocks;
        Self((0..blocks).map(|at| cut(at)..cut(at + 1)).collect())
    }

    /// Returns the rows of each block.
    pub(super) fn ranges(&self) -> &[Range<usize>] {
        &self.0
    }

    /// Returns the rows of the block that a part is asked about; none for [`Blocks::all`].
    pub(super) fn asked(&self, part: Part) -> Range<usize> {
        self.0.get(part.asked).cloned().unwrap_or_default()
    }

    /// Returns the part that learns from everything and is asked about nothing.
    pub(super) fn all(&self) -> Part {
        Part { before: self.0.len(), asked: self.0.len() }
    }

    /// Lists the later half of the blocks, each with all that came before it.
    pub(super) fn forward(&self) -> impl Iterator<Item = Part> + '_ {
        (self.0.len() / 2..self.0.len()).map(Self::itself)
    }

    /// Lists, for each of [`Blocks::forward`], the blocks before it, each with the others of them, and at last itself with
    /// all before it: what is learned so has not heard of what it is validated by.
    pub(super) fn nested(&self) -> impl Iterator<Item = Vec<Part>> + '_ {
        (self.0.len() / 2..self.0.len())
            .map(|last| (0..last).map(|asked| Part { before: last, asked }).chain([Self::itself(last)]).collect())
    }

    /// Lists the blocks, each with all others.
    pub(super) fn apart(&self) -> impl Iterator<Item = Part> + '_ {
        (0..self.0.len()).map(|asked| Part { before: self.0.len(), asked })
    }

    const fn itself(block: usize) -> Part {
        Part { before: block + 1, asked: block }
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

    /// Lists the rows that a part learns from.
    fn known(blocks: &Blocks, part: Part) -> Vec<usize> {
        (0..blocks.ranges().len())
            .filter(|block| part.knows(*block))
            .flat_map(|block| blocks.0[block].clone())
            .collect()
    }

    #[test]
    fn nothing_is_validated_by_what_comes_later() {
        let blocks = Blocks::new(103, 5);
        let forward: Vec<_> = blocks.forward().collect();
        assert_eq!(forward.len(), 3);
        for part in &forward {
            assert_eq!(known(&blocks, *part), (0..blocks.asked(*part).start).collect::<Vec<_>>());
        }
        assert_eq!(blocks.asked(forward[2]).end, 103);
        let mut seen = 0;
        for part in blocks.apart() {
            let (others, block) = (known(&blocks, part), blocks.asked(part));
            assert!(others.len() + block.len() == 103 && others.iter().all(|row| !block.contains(row)));
            seen += block.len();
        }
        assert_eq!(seen, 103);
        assert_eq!(Blocks::new(2, 5).apart().map(|part| Blocks::new(2, 5).asked(part).len()).sum::<usize>(), 2);
        assert!(known(&blocks, blocks.all()).len() == 103 && blocks.asked(blocks.all()).is_empty());
    }

    #[test]
    fn no_fold_hears_of_what_it_is_validated_by_nor_of_what_comes_later() {
        let blocks = Blocks::new(103, 5);
        let (nested, forward): (Vec<_>, Vec<_>) = (blocks.nested().collect(), blocks.forward().collect());
        assert_eq!(nested.len(), forward.len());
        for (parts, validated) in nested.iter().zip(forward) {
            let (before, validated) = (0..blocks.asked(validated).start, blocks.asked(validated));
            let covered: Vec<usize> = parts.iter().flat_map(|part| blocks.asked(*part)).collect();
            assert_eq!(covered, (0..validated.end).collect::<Vec<_>>(), "each row once, in order");
            for part in parts {
                let (others, block) = (known(&blocks, *part), blocks.asked(*part));
                assert!(others.iter().all(|row| before.contains(row) && !block.contains(row)));
                assert_eq!(others.len(), before.len() - if block == validated { 0 } else { block.len() });
            }
        }
    }

    #[test]
    fn parts_that_learn_from_as_much_and_are_asked_the_same_are_one() {
        let blocks = Blocks::new(103, 5);
        let mut parts: Vec<Part> = blocks.forward().chain(blocks.apart()).chain(blocks.nested().flatten()).collect();
        assert_eq!(parts.len(), 3 + 5 + 12);
        parts.sort_unstable();
        parts.dedup();
        assert_eq!(parts.len(), 14);
        let sizes: usize = parts.iter().map(|part| part.blocks()).sum();
        let known: usize = parts.iter().map(|part| (0..9).filter(|block| part.knows(*block)).count()).sum();
        assert_eq!(sizes, known);
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
