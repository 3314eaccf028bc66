//! What is scored.

use std::fmt;

/// The name on the wire of what a house model scores: the probability that this site's moderators would reject the
/// comment.
///
/// It is not an [`Attribute`]: those are what a base model's file, every stored decision and every list of scores have
/// eight of, and they stay what they are, house model or not. This score stands beside them.
pub const LIKELY_TO_REJECT: &str = "LIKELY_TO_REJECT";

/// The key of [`LIKELY_TO_REJECT`] in configuration and label files.
pub const LIKELY_TO_REJECT_KEY: &str = "likely_to_reject";

/// Names something that a comment is scored for.
///
/// The order is the order of every score list, of the weights in a model file and of reports; new attributes are
/// added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Rude, disrespectful or unreasonable: likely to make someone leave the discussion.
    Toxicity,
    /// Very hateful or aggressive: a stricter reading of toxicity, less touched by mere swearing.
    SevereToxicity,
    /// Inflammatory or scornful towards a person or a group.
    Insult,
    /// Swear words and other obscene language.
    Profanity,
    /// Hateful towards people for who they are: origin, religion, gender, orientation, disability.
    IdentityAttack,
    /// Says or wishes that someone be hurt.
    Threat,
    /// Unwanted advertising or promotion.
    Spam,
    /// Demeaning towards people for their sex.
    Sexism,
}

impl Attribute {
    /// How many attributes there are.
    pub const COUNT: usize = 8;

    /// Every attribute, in the order of score lists.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Toxicity,
        Self::SevereToxicity,
        Self::Insult,
        Self::Profanity,
        Self::IdentityAttack,
        Self::Threat,
        Self::Spam,
        Self::Sexism,
    ];

    /// Returns the position in [`Attribute::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Returns the name on the wire and in output for programs, such as `SEVERE_TOXICITY`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Toxicity => "TOXICITY",
            Self::SevereToxicity => "SEVERE_TOXICITY",
            Self::Insult => "INSULT",
            Self::Profanity => "PROFANITY",
            Self::IdentityAttack => "IDENTITY_ATTACK",
            Self::Threat => "THREAT",
            Self::Spam => "SPAM",
            Self::Sexism => "SEXISM",
        }
    }

    /// Returns the name in configuration keys and label files, such as `severe_toxicity`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Toxicity => "toxicity",
            Self::SevereToxicity => "severe_toxicity",
            Self::Insult => "insult",
            Self::Profanity => "profanity",
            Self::IdentityAttack => "identity_attack",
            Self::Threat => "threat",
            Self::Spam => "spam",
            Self::Sexism => "sexism",
        }
    }

    /// Finds the attribute with this wire name or key, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.key().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_is_found_by_its_name_and_its_key() {
        for (position, attribute) in Attribute::ALL.into_iter().enumerate() {
            assert_eq!(attribute.index(), position);
            assert_eq!(Attribute::from_name(attribute.name()), Some(attribute));
            assert_eq!(Attribute::from_name(attribute.key()), Some(attribute));
        }
        assert_eq!(Attribute::from_name("FLIRTATION"), None);
    }
}
