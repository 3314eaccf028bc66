//! Probabilities, one per attribute.

use super::Attribute;

/// A calibrated probability in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Score(f32);

impl Score {
    /// Wraps a probability, or returns `None` where it is not a number in [0, 1].
    pub fn new(probability: f32) -> Option<Self> {
        (0.0..=1.0).contains(&probability).then_some(Self(probability))
    }

    /// Returns the probability, in [0, 1].
    pub const fn get(self) -> f32 {
        self.0
    }
}

/// One score for each attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores([Score; Attribute::COUNT]);

impl Scores {
    /// Wraps probabilities in the order of [`Attribute::ALL`], or returns `None` where one is not in [0, 1].
    pub fn new(probabilities: [f32; Attribute::COUNT]) -> Option<Self> {
        let mut scores = [Score(0.0); Attribute::COUNT];
        for (score, probability) in scores.iter_mut().zip(probabilities) {
            *score = Score::new(probability)?;
        }
        Some(Self(scores))
    }

    /// Returns the score of one attribute.
    pub const fn get(&self, attribute: Attribute) -> Score {
        self.0[attribute.index()]
    }

    /// Lists attributes with their scores, in the order of [`Attribute::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Attribute, Score)> + '_ {
        Attribute::ALL.into_iter().map(|attribute| (attribute, self.get(attribute)))
    }

    /// Returns the highest score: what `LIKELY_TO_REJECT` follows where there is no house model.
    ///
    /// A newsroom that has said nothing yet is taken to reject what carries any attribute, as surely as it carries the one
    /// that is surest.
    pub fn highest(&self) -> Score {
        self.0.into_iter().fold(self.0[0], |highest, score| if score > highest { score } else { highest })
    }

    /// Returns the probabilities in the order of [`Attribute::ALL`].
    pub fn to_array(self) -> [f32; Attribute::COUNT] {
        self.0.map(Score::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_between_zero_and_one_are_scores() {
        assert!(Score::new(0.0).is_some() && Score::new(1.0).is_some());
        for bad in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
            assert!(Score::new(bad).is_none(), "{bad}");
        }
    }
}
