//! What models say of a comment: every attribute's score, and how likely this site's moderators would reject it.

use super::{Attribute, AuthorRecord, Score, Scores, attribute};
use std::fmt;

/// What a policy may hold against a threshold: an attribute, or [`attribute::LIKELY_TO_REJECT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criterion {
    /// An attribute, which the base model scores.
    Attribute(Attribute),
    /// Whether this site's moderators would reject the comment, which the house model says.
    LikelyToReject,
}

impl Criterion {
    /// How many criteria there are.
    pub const COUNT: usize = Attribute::COUNT + 1;

    /// Lists every criterion: attributes in the order of [`Attribute::ALL`], then [`Criterion::LikelyToReject`].
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        Attribute::ALL.into_iter().map(Self::Attribute).chain([Self::LikelyToReject])
    }

    /// Returns the position among [`Criterion::all`].
    pub const fn index(self) -> usize {
        match self {
            Self::Attribute(attribute) => attribute.index(),
            Self::LikelyToReject => Attribute::COUNT,
        }
    }

    /// Returns the name on the wire, such as `SEVERE_TOXICITY`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attribute(attribute) => attribute.name(),
            Self::LikelyToReject => attribute::LIKELY_TO_REJECT,
        }
    }

    /// Returns the name in policies, such as `severe_toxicity`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Attribute(attribute) => attribute.key(),
            Self::LikelyToReject => attribute::LIKELY_TO_REJECT_KEY,
        }
    }

    /// Finds a criterion by its name or its key.
    pub fn from_name(name: &str) -> Option<Self> {
        let is_likely = [attribute::LIKELY_TO_REJECT, attribute::LIKELY_TO_REJECT_KEY].contains(&name);
        if is_likely { Some(Self::LikelyToReject) } else { Attribute::from_name(name).map(Self::Attribute) }
    }

    /// Returns the attribute, where it is one.
    pub const fn attribute(self) -> Option<Attribute> {
        match self {
            Self::Attribute(attribute) => Some(attribute),
            Self::LikelyToReject => None,
        }
    }
}

impl From<Attribute> for Criterion {
    fn from(attribute: Attribute) -> Self {
        Self::Attribute(attribute)
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One score for each criterion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// The base model's scores.
    pub scores: Scores,
    /// The probability that this site's moderators would reject the comment.
    pub likely_to_reject: Score,
}

impl Judgement {
    /// Returns what is said without a house model: see [`Scores::highest`].
    pub fn following(scores: Scores) -> Self {
        Self { likely_to_reject: scores.highest(), scores }
    }

    /// Returns the score of one criterion.
    pub const fn get(&self, criterion: Criterion) -> Score {
        match criterion {
            Criterion::Attribute(attribute) => self.scores.get(attribute),
            Criterion::LikelyToReject => self.likely_to_reject,
        }
    }

    /// Lists criteria with their scores, in the order of [`Criterion::all`].
    pub fn iter(&self) -> impl Iterator<Item = (Criterion, Score)> + '_ {
        Criterion::all().map(|criterion| (criterion, self.get(criterion)))
    }
}

/// What a house model looks at besides the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Circumstances {
    /// How many entries of the site's word lists the text has.
    pub word_hits: u32,
    /// How many of the author's earlier comments are published.
    pub published: u32,
    /// How many of them wait.
    pub held: u32,
    /// How many of them are rejected.
    pub rejected: u32,
}

impl Circumstances {
    /// Takes what is known of an author; `None` stands for one of whom nothing is.
    pub fn new(record: Option<&AuthorRecord>, word_hits: u32) -> Self {
        let Some(record) = record else { return Self { word_hits, ..Self::default() } };
        Self { word_hits, published: record.published, held: record.held, rejected: record.rejected }
    }
}

/// What a house model said of a comment, and what it looked at: enough to say it again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HouseScore {
    /// The probability that this site's moderators would reject the comment.
    pub likely_to_reject: Score,
    /// What was known besides the text.
    pub circumstances: Circumstances,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_have_places_and_names_of_their_own() {
        for (index, criterion) in Criterion::all().enumerate() {
            assert_eq!(criterion.index(), index);
            assert_eq!(Criterion::from_name(criterion.name()), Some(criterion));
            assert_eq!(Criterion::from_name(criterion.key()), Some(criterion));
        }
        assert_eq!((Criterion::all().count(), Criterion::from_name("likely")), (Criterion::COUNT, None));
    }

    #[test]
    fn without_a_house_model_the_highest_score_is_followed() {
        let mut scores = [0.1; Attribute::COUNT];
        scores[5] = 0.7;
        let judgement = Judgement::following(Scores::new(scores).unwrap());
        assert_eq!(judgement.get(Criterion::LikelyToReject), Score::new(0.7).unwrap());
        assert_eq!(judgement.iter().count(), Criterion::COUNT);
    }
}
