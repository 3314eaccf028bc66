//! What a house model's head looks at besides logits: word lists, the look of the text, and the author's record.

use crate::classify::{
    FeatureSet,
    features::{Part, View},
    model::Walked,
    style::Style,
};
use crate::domain::Circumstances;
use std::fmt;

/// One thing that the head looks at; its value is in [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Input {
    /// How many entries of the site's word lists the text has.
    WordHits,
    /// The share of its letters that are capitals.
    Capitals,
    /// How many links it has.
    Links,
    /// How many characters it has, besides blanks.
    Length,
    /// The share of its words, pairs of words and skipped pairs that it has had before.
    Repeats,
    /// The share of its characters that are in disguised words.
    Obfuscation,
    /// How many of the author's comments are published.
    Published,
    /// How many of them wait.
    Held,
    /// How many of them are rejected.
    Rejected,
}

/// The value of each input, in the order of [`Input::ALL`].
pub type Inputs = [f32; Input::COUNT];

impl Input {
    /// How many inputs there are.
    pub const COUNT: usize = 9;

    /// Every input, in the order of a file's weights.
    pub const ALL: [Self; Self::COUNT] = [
        Self::WordHits,
        Self::Capitals,
        Self::Links,
        Self::Length,
        Self::Repeats,
        Self::Obfuscation,
        Self::Published,
        Self::Held,
        Self::Rejected,
    ];

    /// Returns what it is in words, and from where on more of it makes no difference.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::WordHits => "entries of the site's word lists in it, 15 or more",
            Self::Capitals => "all letters capitals",
            Self::Links => "links, 15 or more",
            Self::Length => "characters, 20,480 or more",
            Self::Repeats => "all of it said before in the same comment",
            Self::Obfuscation => "all of it in disguised words",
            Self::Published => "earlier comments of the author that are published, 255 or more",
            Self::Held => "earlier comments of the author that wait, 255 or more",
            Self::Rejected => "earlier comments of the author that are rejected, 255 or more",
        }
    }

    /// Returns the name in explanations and reports, such as `author_rejected`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::WordHits => "word_hits",
            Self::Capitals => "capitals",
            Self::Links => "links",
            Self::Length => "length",
            Self::Repeats => "repeats",
            Self::Obfuscation => "obfuscation",
            Self::Published => "author_published",
            Self::Held => "author_held",
            Self::Rejected => "author_rejected",
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}

/// From so many on, more makes no difference: word-list entries and links, characters, and an author's comments.
const FEW_MAX: u32 = 15;
const CHARS_MAX: u32 = 20_480;
const COMMENTS_MAX: u32 = 255;

/// Works out everything but [`Input::Repeats`], which takes a walk through the features.
pub(super) fn of(view: &View, set: &FeatureSet, text: &str, circumstances: &Circumstances) -> Inputs {
    let style = if set.length(Part::Style) > 0.0 { view.style() } else { Style::of(text) };
    let disguised = if set.length(Part::SecondView) > 0.0 { view.disguised() } else { 0 };
    let solid = view.chars().iter().filter(|c| **c != ' ').count();
    let chars = u32::try_from(solid).unwrap_or(u32::MAX);
    let Circumstances { word_hits, published, held, rejected } = *circumstances;
    let mut inputs = Inputs::default();
    let values = [
        (Input::WordHits, bounded(word_hits, FEW_MAX)),
        (Input::Capitals, style.capitals_share()),
        (Input::Links, bounded(style.links(), FEW_MAX)),
        (Input::Length, bounded(chars, CHARS_MAX)),
        (Input::Obfuscation, share(disguised, solid)),
        (Input::Published, bounded(published, COMMENTS_MAX)),
        (Input::Held, bounded(held, COMMENTS_MAX)),
        (Input::Rejected, bounded(rejected, COMMENTS_MAX)),
    ];
    for (input, value) in values {
        inputs[input as usize] = value;
    }
    inputs
}

/// Returns the value of [`Input::Repeats`], where this is the part of the features that tells.
pub(super) fn repeats(walked: &Walked<'_>) -> Option<f32> {
    let again = || walked.repeats.found().map(|repeated| repeated.count as usize - 1).sum();
    (walked.part == Part::Words).then(|| share(again(), walked.occurrences.len()))
}

/// Returns ln(1 + count) as a share of what it is at `max`; 1 from there on.
fn bounded(count: u32, max: u32) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "in 0 to 1")]
    let bounded = (f64::from(count.min(max)).ln_1p() / f64::from(max).ln_1p()) as f32;
    bounded
}

fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { (part as f32 / whole as f32).min(1.0) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact at both ends")]
mod tests {
    use super::*;
    use crate::classify::Scratch;

    fn inputs(text: &str, circumstances: &Circumstances) -> Inputs {
        let set = FeatureSet::default();
        of(Scratch::default().read(text, &set), &set, text, circumstances)
    }

    #[test]
    fn every_input_has_its_place_and_a_name_of_its_own() {
        for (place, input) in Input::ALL.into_iter().enumerate() {
            assert_eq!(input as usize, place);
        }
        let names: std::collections::BTreeSet<&str> = Input::ALL.map(Input::key).into();
        let words: std::collections::BTreeSet<&str> = Input::ALL.map(Input::in_words).into();
        assert_eq!((names.len(), words.len()), (Input::COUNT, Input::COUNT));
        assert_eq!((FEW_MAX, CHARS_MAX, COMMENTS_MAX), (15, 20_480, 255), "the words say so");
    }

    #[test]
    fn inputs_stay_between_zero_and_one() {
        let most = Circumstances { word_hits: u32::MAX, published: u32::MAX, held: u32::MAX, rejected: u32::MAX };
        for text in ["", "   ", "HELLO", &"http://a.example ".repeat(2000), "1d10t i d i o t f**l", "👍👍"] {
            for input in inputs(text, &most) {
                assert!((0.0..=1.0).contains(&input), "{text}: {input}");
            }
        }
        assert_eq!(inputs("", &Circumstances::default()), Inputs::default());
        assert_eq!(inputs("", &most)[Input::Rejected as usize], 1.0);
    }

    #[test]
    fn each_input_sees_what_it_is_named_for() {
        let plain = inputs("Nothing to see in these words", &Circumstances::default());
        for (text, input) in [
            ("NOTHING to see in these words", Input::Capitals),
            ("Nothing to see in https://words.example", Input::Links),
            ("Nothing to see in these words, nor in those that follow them", Input::Length),
            ("N0thing to s33 in these words", Input::Obfuscation),
        ] {
            let found = inputs(text, &Circumstances::default())[input as usize];
            assert!(found > plain[input as usize], "{input}: {found}");
        }
    }
}
