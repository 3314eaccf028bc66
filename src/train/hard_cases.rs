//! Sentences that a model of words gets wrong, so that its card can show how wrong.

use crate::classify::Model;
use crate::domain::{Attribute, Scores};
use serde::{Deserialize, Serialize};

/// A sentence with what a model says of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HardCase {
    /// What makes it hard.
    pub kind: String,
    /// The sentence.
    pub text: String,
    /// Whether a person would call it toxic.
    pub toxic: bool,
    /// The score of toxicity.
    pub toxicity: f32,
    /// The score of identity attack.
    pub identity_attack: f32,
}

/// What makes it hard, whether a person would call it toxic, and the sentence.
const CASES: [(&str, bool, &str); 16] = [
    ("counter-speech", false, "Whoever calls refugees parasites should be ashamed of himself."),
    ("counter-speech", false, "Stop telling women to shut up and go back to the kitchen."),
    ("counter-speech", false, "No, immigrants are not criminals, and it is disgusting to say so."),
    ("quoted hate", false, "He shouted \"dirty foreigners\" at my neighbours, and nobody on the bus said a word."),
    ("quoted hate", false, "The court fined him for writing that Muslims should be shot."),
    ("quoted hate", false, "My grandmother was called vermin at school because she was Jewish."),
    ("sarcasm", true, "Oh wonderful, another brilliant idea from someone who has clearly never read a book."),
    ("sarcasm", true, "Sure, let the women drive, what could possibly go wrong."),
    ("sarcasm", true, "How nice of you to share that with the class, genius."),
    ("implicit hate", true, "Funny how things always go missing when those families move in."),
    ("implicit hate", true, "This was a decent street until they started coming."),
    ("implicit hate", true, "Some people just don't belong in a civilised country, and we all know who."),
    ("rage at things", false, "I hate this stupid printer, it deserves to die."),
    ("rage at things", false, "Kill the engine before it burns the whole damn garage down."),
    ("friendly swearing", false, "Bloody hell, that was a damn good match, you lucky bastards."),
    ("friendly swearing", false, "You magnificent idiot, you actually did it, congratulations!"),
];

/// Scores every hard case.
pub(super) fn score(model: &Model) -> Vec<HardCase> {
    let one = |&(kind, toxic, text): &(&str, bool, &str)| {
        let scores: Scores = model.score(text)?;
        Some(HardCase {
            kind: kind.to_owned(),
            text: text.to_owned(),
            toxic,
            toxicity: scores.get(Attribute::Toxicity).get(),
            identity_attack: scores.get(Attribute::IdentityAttack).get(),
        })
    };
    CASES.iter().filter_map(one).collect()
}
