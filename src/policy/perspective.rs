//! What a site's old clients are answered: names that Ombud doesn't score, and scores on the scale that their thresholds know.
//!
//! They were written for the Perspective API, which had more attributes and another scale for each.

use crate::domain::{Attribute, Criterion, Language, Score, Violation};
use std::collections::BTreeMap;

/// Knots of a scale at most.
pub const KNOTS_MAX: usize = 64;
/// Names that may be told about at most.
pub const NAMES_MAX: usize = 100;
/// Bytes of a name at most.
const NAME_BYTES_MAX: usize = 100;

/// What stands behind a name that old clients ask for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// The request is refused, as if the service had never heard of the name.
    Error,
    /// The score of what Ombud does know.
    As(Criterion),
    /// Always the same score: the client goes on, and the site knows that it means nothing.
    Constant(Score),
}

/// A rising curve through knots: from Ombud's scores to those that a site's thresholds were chosen for.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale(Vec<[f32; 2]>);

impl Scale {
    /// Takes knots, each a score of Ombud's and the one that it stands for, both in [0, 1] and rising; between them the curve is
    /// straight, outside of them level.
    ///
    /// # Errors
    ///
    /// Says what the knots must be.
    pub fn new(knots: Vec<[f32; 2]>) -> Result<Self, &'static str> {
        let is_score = |knot: &[f32; 2]| knot.iter().all(|one| (0.0..=1.0).contains(one));
        let rises = |pair: &[[f32; 2]]| pair[0][0] < pair[1][0] && pair[0][1] <= pair[1][1];
        if knots.len() < 2 || knots.len() > KNOTS_MAX {
            return Err("must be from 2 to 64 pairs of scores");
        }
        if !knots.iter().all(is_score) {
            return Err("must be pairs of scores from 0 to 1");
        }
        if !knots.windows(2).all(rises) {
            return Err("must rise: the first of each pair above the one before it, the second no lower");
        }
        Ok(Self(knots))
    }

    /// Returns the knots.
    pub fn knots(&self) -> &[[f32; 2]] {
        &self.0
    }

    /// Returns what a score stands for. Of two scores the higher one never stands for less.
    pub fn apply(&self, score: Score) -> Score {
        let at = self.0.partition_point(|knot| knot[0] <= score.get());
        let value = match (at.checked_sub(1).and_then(|before| self.0.get(before)), self.0.get(at)) {
            (Some([x0, y0]), Some([x1, y1])) => {
                let share = (score.get() - x0) / (x1 - x0);
                // Not beyond the knots by rounding.
                (y0 + share * (y1 - y0)).clamp(*y0, *y1)
            }
            (Some([_, y]), None) | (None, Some([_, y])) => *y,
            (None, None) => score.get(),
        };
        Score::new(value).unwrap_or(score)
    }
}

/// What a site's old clients are answered; a part that is `None`, or a name that isn't there, is left to the policy below.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Perspective {
    /// The language of texts that don't tell theirs; the model's own where nothing is said.
    pub fallback_language: Option<Language>,
    /// Whether the language that a text tells counts more than the one that the client says.
    pub trust_detection: Option<bool>,
    /// Whether fields that nobody knows are refused; they are passed over where nothing is said.
    pub strict: Option<bool>,
    /// What stands behind names, in capitals.
    pub attributes: BTreeMap<String, Answer>,
    /// The scale of each attribute.
    pub scales: BTreeMap<Criterion, Scale>,
}

impl Perspective {
    /// Lays what a document says over what is below it.
    pub fn lay_over(&mut self, own: &Self) {
        self.fallback_language = own.fallback_language.or(self.fallback_language);
        self.trust_detection = own.trust_detection.or(self.trust_detection);
        self.strict = own.strict.or(self.strict);
        self.attributes.extend(own.attributes.iter().map(|(name, answer)| (name.clone(), *answer)));
        self.scales.extend(own.scales.iter().map(|(criterion, scale)| (*criterion, scale.clone())));
    }

    /// Returns what stands behind a name as a client writes it: in any case, with a version behind `@` or without.
    pub fn answer(&self, name: &str) -> Answer {
        let name = plain(name);
        self.attributes.get(&name).copied().unwrap_or_else(|| known(&name).map_or(Answer::Error, Answer::As))
    }

    /// Puts a score on the scale of its attribute.
    pub fn scaled(&self, criterion: Criterion, score: Score) -> Score {
        self.scales.get(&criterion).map_or(score, |scale| scale.apply(score))
    }

    /// Names each name that can't stand.
    pub(super) fn check(&self, note: &mut impl FnMut(String, String)) {
        if self.attributes.len() > NAMES_MAX {
            note("perspective.attributes".to_owned(), format!("must be at most {NAMES_MAX}"));
        }
        let fits = |name: &String| {
            let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.chars().all(plain)
        };
        if !self.attributes.keys().all(fits) {
            note("perspective.attributes".to_owned(), "must have names of capitals, digits and underscores".to_owned());
        }
    }
}

/// Returns a name without its version, in capitals.
fn plain(name: &str) -> String {
    name.split('@').next().unwrap_or_default().to_ascii_uppercase()
}

/// Finds what a name of the Perspective API means here.
fn known(name: &str) -> Option<Criterion> {
    // It never had this one; a site that wants to ask for it here may.
    match name {
        "OBSCENE" => return Some(Criterion::Attribute(Attribute::Profanity)),
        "TOXICITY_FAST" => return Some(Criterion::Attribute(Attribute::Toxicity)),
        "LIKELY_TO_REJECT" => return Some(Criterion::LikelyToReject),
        _ => {}
    }
    let found = Attribute::from_name(name.strip_suffix("_EXPERIMENTAL").unwrap_or(name))?;
    // It had no experimental one of these.
    let had_none = name.ends_with("_EXPERIMENTAL") && matches!(found, Attribute::Spam | Attribute::Sexism);
    (!had_none).then_some(Criterion::Attribute(found))
}

/// Reads an answer as it is written: `error`, an attribute's name, or a score.
pub(super) fn read_answer(text: &str) -> Option<Answer> {
    match text {
        "error" => Some(Answer::Error),
        name => Criterion::from_name(&name.to_ascii_lowercase()).map(Answer::As),
    }
}

/// Checks what a document says of old clients.
pub(super) fn check(perspective: Option<&Perspective>, violations: &mut Vec<Violation>) {
    if let Some(perspective) = perspective {
        perspective.check(&mut |field, sentence| violations.push(Violation::new(field, sentence)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(value: f32) -> Score {
        Score::new(value).unwrap()
    }

    #[test]
    fn names_of_old_clients_are_found_and_others_are_what_the_site_says() {
        let site = Perspective {
            attributes: [("FLIRTATION".to_owned(), Answer::Constant(score(0.0)))].into(),
            ..Perspective::default()
        };
        let toxicity = Answer::As(Criterion::Attribute(Attribute::Toxicity));
        for name in ["TOXICITY", "toxicity", "TOXICITY@6", "TOXICITY_EXPERIMENTAL", "TOXICITY_FAST"] {
            assert_eq!(site.answer(name), toxicity, "{name}");
        }
        assert_eq!(site.answer("OBSCENE"), Answer::As(Criterion::Attribute(Attribute::Profanity)));
        assert_eq!(site.answer("LIKELY_TO_REJECT"), Answer::As(Criterion::LikelyToReject));
        assert_eq!(site.answer("FLIRTATION@2"), Answer::Constant(score(0.0)));
        for name in ["SEXUALLY_EXPLICIT", "SPAM_EXPERIMENTAL", "", "@", "TOXICITY FAST"] {
            assert_eq!(site.answer(name), Answer::Error, "{name}");
        }
    }

    #[test]
    fn what_a_site_says_lies_over_what_is_below() {
        let mut below = Perspective {
            strict: Some(true),
            attributes: [("A".to_owned(), Answer::Error), ("B".to_owned(), Answer::Error)].into(),
            ..Perspective::default()
        };
        let zero = Answer::Constant(score(0.0));
        below.lay_over(&Perspective { attributes: [("B".to_owned(), zero)].into(), ..Perspective::default() });
        assert_eq!((below.strict, below.answer("A"), below.answer("B")), (Some(true), Answer::Error, zero));
    }

    #[test]
    fn a_scale_goes_through_its_knots() {
        let scale = Scale::new(vec![[0.1, 0.2], [0.5, 0.8], [0.9, 0.8]]).unwrap();
        for (from, to) in [(0.0, 0.2), (0.1, 0.2), (0.3, 0.5), (0.5, 0.8), (0.7, 0.8), (1.0, 0.8)] {
            assert!((scale.apply(score(from)).get() - to).abs() < 1e-6, "{from}");
        }
        for bad in [
            vec![],
            vec![[0.1, 0.2]],
            vec![[0.2, 0.1], [0.2, 0.3]],
            vec![[0.1, 0.4], [0.2, 0.3]],
            vec![[0.0, 0.0], [1.0, 1.5]],
        ] {
            assert!(Scale::new(bad.clone()).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_scale_never_turns_the_order_of_two_scores_round(
            mut knots in prop::collection::vec((0.0_f32..=1.0, 0.0_f32..=1.0), 2..20),
            a in 0.0_f32..=1.0,
            b in 0.0_f32..=1.0,
        ) {
            knots.sort_by(|a, b| a.0.total_cmp(&b.0));
            knots.dedup_by(|a, b| a.0 <= b.0);
            let mut heights: Vec<f32> = knots.iter().map(|knot| knot.1).collect();
            heights.sort_by(f32::total_cmp);
            let knots: Vec<[f32; 2]> = knots.iter().zip(heights).map(|(knot, height)| [knot.0, height]).collect();
            prop_assume!(knots.len() >= 2);
            let scale = Scale::new(knots).unwrap();
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(scale.apply(score(low)) <= scale.apply(score(high)));
        }
    }
}
