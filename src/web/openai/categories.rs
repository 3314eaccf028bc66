//! What OpenAI's categories mean here.
//!
//! Ombud's model scores eight attributes. A category is answered where they say what OpenAI's definition says, and left out
//! of the answer where they don't: a 0 would claim that somebody had looked.
//!
//! | category | attributes | why |
//! | --- | --- | --- |
//! | `harassment` | `INSULT` | both are scorn for a person or a group. `TOXICITY` is wider: it has mere rudeness in it, and swearing |
//! | `hate` | the greater of `IDENTITY_ATTACK`, `SEXISM` | OpenAI's definition names race, gender, religion and so on; `SEXISM` is scored by itself. That one of two is so is at least as likely as the likelier one |
//! | `harassment/threatening` | the lesser of `harassment`, `THREAT` | OpenAI asks for both at once; that both are so is at most as likely as the less likely one |
//! | `hate/threatening` | the lesser of `hate`, `THREAT` | the same |
//! | `violence` | `THREAT` | says or wishes that somebody be hurt, which is a part of OpenAI's definition. **A low score doesn't say that nothing violent is told of**: a report of a crime has one |
//!
//! Not answered: `illicit`, `illicit/violent`, `self-harm`, `self-harm/intent`, `self-harm/instructions`, `sexual`,
//! `sexual/minors`, `violence/graphic`. No attribute says anything of these. The other way round, `PROFANITY`, `SPAM`, `TOXICITY`
//! and what a house model says have no category: they flag a text where the site's policy says so, without any category being true.

use crate::domain::{Attribute, Criterion, Score, Scores};

/// A category that is answered.
#[derive(Debug)]
pub(super) struct Category {
    /// Its name in OpenAI's answers.
    pub(super) name: &'static str,
    /// It is so where one of these is,
    any: &'static [Attribute],
    /// and, where it is about threats, this as well.
    and: Option<Attribute>,
}

const HARASSMENT: &[Attribute] = &[Attribute::Insult];
const HATE: &[Attribute] = &[Attribute::IdentityAttack, Attribute::Sexism];

/// The categories that are answered, in the order of their names.
pub(super) const ANSWERED: [Category; 5] = [
    Category { name: "harassment", any: HARASSMENT, and: None },
    Category { name: "harassment/threatening", any: HARASSMENT, and: Some(Attribute::Threat) },
    Category { name: "hate", any: HATE, and: None },
    Category { name: "hate/threatening", any: HATE, and: Some(Attribute::Threat) },
    Category { name: "violence", any: &[Attribute::Threat], and: None },
];

impl Category {
    /// Returns the probability that a text with these scores is of this category, as the table above says.
    pub(super) fn score(&self, scores: &Scores) -> f32 {
        let any = self.any.iter().map(|attribute| scores.get(*attribute).get()).fold(0.0, f32::max);
        self.and.map_or(any, |and| scores.get(and).get().min(any))
    }

    /// Returns whether attributes of this category have scores that count on the site.
    pub(super) fn is_true(&self, scores: &Scores, reaches: impl Fn(Criterion, Score) -> bool) -> bool {
        let reaches = |attribute: &Attribute| reaches((*attribute).into(), scores.get(*attribute));
        self.any.iter().any(reaches) && self.and.as_ref().is_none_or(reaches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(some: &[(Attribute, f32)]) -> Scores {
        let mut all = [0.0; Attribute::COUNT];
        for (attribute, score) in some {
            all[attribute.index()] = *score;
        }
        Scores::new(all).unwrap()
    }

    fn check(some: &[(Attribute, f32)], expected: [f32; 5], are_true: [bool; 5]) {
        let scores = scores(some);
        let told = ANSWERED.map(|category| category.score(&scores).to_bits());
        assert_eq!(told, expected.map(f32::to_bits), "{some:?}");
        let half = |_, score: Score| score.get() >= 0.5;
        assert_eq!(ANSWERED.map(|category| category.is_true(&scores, half)), are_true, "{some:?}");
    }

    #[test]
    fn a_threatening_category_is_the_lesser_of_two_and_true_where_both_count() {
        use Attribute::{IdentityAttack, Insult, Profanity, Sexism, Threat};
        check(&[], [0.0; 5], [false; 5]);
        check(&[(Insult, 0.9), (Threat, 0.2)], [0.9, 0.2, 0.0, 0.0, 0.2], [true, false, false, false, false]);
        check(&[(Insult, 0.6), (Threat, 0.8)], [0.6, 0.6, 0.0, 0.0, 0.8], [true, true, false, false, true]);
        let hate = [(IdentityAttack, 0.3), (Sexism, 0.7), (Threat, 0.5)];
        check(&hate, [0.0, 0.0, 0.7, 0.5, 0.5], [false, false, true, true, true]);
        check(&[(Profanity, 1.0), (Attribute::Spam, 1.0)], [0.0; 5], [false; 5]);
    }
}
