//! What a site wants.

use super::Thresholds;

/// What happens to a comment in a language that the model was not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnsupportedLanguage {
    /// A person looks at it.
    #[default]
    Hold,
    /// Readers must not see it.
    Reject,
    /// Its scores decide, though they mean little.
    Score,
}

impl UnsupportedLanguage {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Hold, Self::Reject, Self::Score];

    /// Returns the name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Reject => "reject",
            Self::Score => "score",
        }
    }

    /// Finds the choice of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// The rules of one site.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// From which scores on comments are held and rejected.
    pub thresholds: Thresholds,
    /// What happens to comments that the scores say nothing about.
    pub unsupported_language: UnsupportedLanguage,
}

impl Rules {
    /// Returns 12 hexadecimal digits that differ where the rules differ.
    pub(super) fn fingerprint(&self) -> String {
        let said = format!("{}language:{};", self.thresholds.said(), self.unsupported_language.name());
        format!("{:012x}", xxhash_rust::xxh3::xxh3_128(said.as_bytes()) >> 80)
    }
}

impl From<Thresholds> for Rules {
    fn from(thresholds: Thresholds) -> Self {
        Self { thresholds, unsupported_language: UnsupportedLanguage::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attribute, Score};
    use crate::policy::Threshold;

    #[test]
    fn the_fingerprint_follows_every_rule() {
        let none = Thresholds::none();
        let mut held = none;
        held.set(Attribute::Spam, Threshold { hold: Score::new(0.5), reject: None });
        let mut rejected = none;
        rejected.set(Attribute::Spam, Threshold { hold: None, reject: Score::new(0.5) });
        let mut rules: Vec<Rules> = [none, held, rejected].map(Rules::from).into();
        rules
            .extend(UnsupportedLanguage::ALL.map(|unsupported_language| Rules { unsupported_language, ..held.into() }));
        let fingerprints: Vec<String> = rules.iter().map(Rules::fingerprint).collect();
        for (one, rules_of_one) in fingerprints.iter().zip(&rules) {
            assert_eq!(one.len(), 12);
            for (other, rules_of_other) in fingerprints.iter().zip(&rules) {
                assert_eq!(one == other, rules_of_one == rules_of_other);
            }
        }
    }

    #[test]
    fn choices_are_found_by_their_names() {
        for choice in UnsupportedLanguage::ALL {
            assert_eq!(UnsupportedLanguage::from_name(choice.name()), Some(choice));
        }
        assert_eq!(UnsupportedLanguage::from_name("publish"), None);
    }
}
