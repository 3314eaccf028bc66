//! What a policy says of Perspective's clients as wire messages, there and back without loss.

use super::pb;
use crate::domain::{Criterion, Language, Score, Violation};
use crate::moderation::policies::{Answer, Perspective, Scale};
use pb::perspective_answer::Answer as Wire;

/// Reads it; notes each part that can't be read.
pub(super) fn read(own: pb::PerspectivePolicy, violations: &mut Vec<Violation>) -> Perspective {
    let mut note = |field: &str, must: &str| violations.push(Violation::new(field, must));
    let (trust_detection, strict) = (own.trust_detection, own.strict);
    let mut read = Perspective { trust_detection, strict, ..Perspective::default() };
    if let Some(code) = own.fallback_language {
        read.fallback_language = Language::from_code(&code);
        if read.fallback_language.is_none() {
            note("perspective.fallback_language", "must be a language's two letters, such as en");
        }
    }
    for (name, answer) in own.attributes {
        let answer = match answer.answer {
            Some(Wire::Error(true)) => Some(Answer::Error),
            Some(Wire::Attribute(name)) => criterion(&name).map(Answer::As),
            Some(Wire::Constant(score)) => Score::new(score).map(Answer::Constant),
            Some(Wire::Error(false)) | None => None,
        };
        match answer {
            Some(answer) => drop(read.attributes.insert(name.to_ascii_uppercase(), answer)),
            None => note("perspective.attributes", "must be an error, an attribute's name, or a score from 0 to 1"),
        }
    }
    for (name, scale) in own.scales {
        let knots = scale.knots.iter().map(|knot| [knot.score, knot.told]).collect();
        match (criterion(&name), Scale::new(knots)) {
            (Some(criterion), Ok(scale)) => drop(read.scales.insert(criterion, scale)),
            (Some(_), Err(must)) => note("perspective.scales", must),
            (None, _) => note("perspective.scales", "must have attributes by their names"),
        }
    }
    read
}

/// Shows it.
pub(super) fn show(perspective: &Perspective) -> pb::PerspectivePolicy {
    let answer = |answer: &Answer| {
        let answer = match answer {
            Answer::Error => Wire::Error(true),
            Answer::As(criterion) => Wire::Attribute(criterion.name().to_owned()),
            Answer::Constant(score) => Wire::Constant(score.get()),
        };
        pb::PerspectiveAnswer { answer: Some(answer) }
    };
    let knot = |[score, told]: &[f32; 2]| pb::PerspectiveKnot { score: *score, told: *told };
    let scale = |scale: &Scale| pb::PerspectiveScale { knots: scale.knots().iter().map(knot).collect() };
    pb::PerspectivePolicy {
        fallback_language: perspective.fallback_language.map(|language| language.to_string()),
        trust_detection: perspective.trust_detection,
        strict: perspective.strict,
        attributes: perspective.attributes.iter().map(|(name, own)| (name.clone(), answer(own))).collect(),
        scales: perspective.scales.iter().map(|(of, own)| (of.name().to_owned(), scale(own))).collect(),
    }
}

fn criterion(name: &str) -> Option<Criterion> {
    Criterion::from_name(&name.to_ascii_lowercase())
}
