//! Chance that a seed decides.

/// Draws numbers; the same seed draws the same ones on every machine.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Begins the draws of `seed` and `place`; each place has draws of its own.
    pub(super) fn new(seed: u64, place: u64) -> Self {
        Self(scatter(seed ^ scatter(place)))
    }

    /// Draws one of `count` numbers, from 0 on; 0 where there is none to draw.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        // The high half of the product: as even as 64 bits allow, and without a division.
        usize::try_from((u128::from(scatter(self.0)) * count as u128) >> 64).unwrap_or(0)
    }

    /// Draws one of `choices`, or `None` where there is none.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        choices.get(self.below(choices.len())).copied()
    }

    /// Draws `count` of the numbers below `below`, in rising order; all of them where `count` is more.
    pub(super) fn draw(&mut self, count: usize, below: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..below).collect();
        let count = count.min(below);
        for at in 0..count {
            all.swap(at, at + self.below(below - at));
        }
        all.truncate(count);
        all.sort_unstable();
        all
    }
}

/// Spreads every bit of a number over all of them (the mixing step of `SplitMix64`: Steele, Lea, Flood, 2014).
pub(super) fn scatter(mut number: u64) -> u64 {
    number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ number >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_up_about_as_often() {
        let mut dice = Dice::new(1, 2);
        let mut counts = [0; 6];
        for _ in 0..6_000 {
            counts[dice.below(6)] += 1;
        }
        assert!(counts.iter().all(|count| (850..1150).contains(count)), "{counts:?}");
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.pick::<char>(&[]), None);
    }

    #[test]
    fn draws_do_not_repeat_and_seeds_and_places_differ() {
        let drawn = Dice::new(1, 2).draw(5, 9);
        assert!(drawn.len() == 5 && drawn.windows(2).all(|pair| pair[0] < pair[1]) && drawn[4] < 9);
        assert_eq!(Dice::new(1, 2).draw(10, 4), [0, 1, 2, 3]);
        assert_eq!(Dice::new(1, 2).below(1 << 30), Dice::new(1, 2).below(1 << 30));
        assert_ne!(Dice::new(1, 2).below(1 << 30), Dice::new(2, 1).below(1 << 30));
    }
}
