//! A newsroom that does not exist, whose rules differ from any base model's: to test on, and to show.
//!
//! Its readers may swear; "pig" is a farmers' word here; a slur that only locals know and a campaign that sells an
//! invention of its own are rejected, and insults and threats too. Its moderators keep to that rule, and are wrong in one
//! verdict of twenty. Later comments are made of other frames than the first ones, and mostly of other words: what a
//! model gets right there, it did not learn by heart.

mod frames;

use super::{Label, Source};
use crate::classify::house::Circumstances;
use crate::domain::Timestamp;
use crate::train::dice::Dice;
use frames::{BAITS, Corpus, LATER, LEARNED, OATHS, PIGS, SLURS};

/// What a reader does in a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Talks about the town.
    Plain,
    /// Swears at things.
    Swearing,
    /// Talks about pigs.
    Topic,
    /// Uses the local slur.
    Slur,
    /// Advertises.
    Campaign,
    /// Insults a person.
    Insult,
    /// Threatens a person.
    Threat,
}

impl Kind {
    /// Returns the newsroom's rule: whether such comments are rejected.
    pub const fn is_rejected(self) -> bool {
        matches!(self, Self::Slur | Self::Campaign | Self::Insult | Self::Threat)
    }

    /// Draws a kind as often as readers write it.
    fn draw(dice: &mut Dice) -> Self {
        match dice.below(100) {
            0..46 => Self::Plain,
            46..61 => Self::Swearing,
            61..73 => Self::Topic,
            73..83 => Self::Slur,
            83..90 => Self::Campaign,
            90..98 => Self::Insult,
            _ => Self::Threat,
        }
    }
}

/// What is to be simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// How many comments there are.
    pub comments: usize,
    /// Whether they are made of the frames of later comments.
    pub later: bool,
    /// The share of verdicts that are wrong, from 0 to 1.
    pub noise: f64,
    /// Decides everything else.
    pub seed: u64,
}

/// Where the time of a simulation begins, and what lies between two comments, in microseconds.
const BEGIN: i64 = 1_700_000_000_000_000;
const BETWEEN: i64 = 60_000_000;

/// Simulates comments with their verdicts, in the order of time; a later plan's times follow those of an earlier one.
pub fn simulate(plan: Plan) -> Vec<Label> {
    let corpus = if plan.later { &LATER } else { &LEARNED };
    (0..plan.comments).map(|at| comment(plan, corpus, at).0).collect()
}

/// Simulates what [`simulate`] does, with the kind of each comment.
pub fn simulate_kinds(plan: Plan) -> Vec<(Label, Kind)> {
    let corpus = if plan.later { &LATER } else { &LEARNED };
    (0..plan.comments).map(|at| comment(plan, corpus, at)).collect()
}

fn comment(plan: Plan, corpus: &Corpus, at: usize) -> (Label, Kind) {
    const SECTIONS: [&str; 3] = ["local", "sports", "letters"];
    const MODERATORS: [&str; 4] = ["ada", "ben", "cleo", "dan"];
    let mut dice = Dice::new(plan.seed, (at as u64) << 1 | u64::from(plan.later));
    let kind = Kind::draw(&mut dice);
    let frames = match kind {
        Kind::Plain => corpus.plain,
        Kind::Swearing => corpus.swearing,
        Kind::Topic => corpus.topic,
        Kind::Slur => corpus.slur,
        Kind::Campaign => corpus.campaign,
        Kind::Insult => corpus.insult,
        Kind::Threat => corpus.threat,
    };
    let mut text = filled(dice.pick(frames).unwrap_or_default(), corpus, &mut dice);
    // Longer comments begin as anyone's might, so that half of a rejected one says nothing.
    if dice.below(3) == 0 {
        text = format!("{} {text}", filled(dice.pick(corpus.plain).unwrap_or_default(), corpus, &mut dice));
    }
    // Anyone may shout.
    if dice.below(30) == 0 {
        text = text.to_uppercase();
    }
    let is_wrong = (dice.below(10_000) as f64) < plan.noise * 10_000.0;
    // Who advertises is mostly new; beyond that, the author says nothing.
    let published = if kind == Kind::Campaign && dice.below(4) > 0 { 0 } else { dice.below(60) };
    let few = |count: usize| u32::try_from(count).unwrap_or(0);
    let (held, rejected) = (few(dice.below(3)), few(dice.below(4)));
    let circumstances = Circumstances { word_hits: 0, published: few(published), held, rejected };
    let offset = if plan.later { 1 << 40 } else { 0 };
    let label = Label {
        site: "town".to_owned(),
        comment: format!("{}{at}", if plan.later { "later-" } else { "" }),
        section: dice.pick(&SECTIONS).map(str::to_owned),
        text,
        circumstances,
        at: Timestamp::from_micros(BEGIN + offset + BETWEEN * i64::try_from(at).unwrap_or(0)),
        moderator: dice.pick(&MODERATORS).unwrap_or_default().to_owned(),
        source: Source::Verdict,
        rejected: Some(kind.is_rejected() != is_wrong),
        attributes: [None; 8],
        sampled: 1.0,
        superseded: false,
    };
    (label, kind)
}

fn filled(frame: &str, corpus: &Corpus, dice: &mut Dice) -> String {
    let slots = [
        ("{thing}", corpus.things),
        ("{place}", corpus.places),
        ("{people}", corpus.people),
        ("{verb}", corpus.verbs),
        ("{oath}", OATHS),
        ("{slur}", SLURS),
        ("{bait}", BAITS),
        ("{pig}", PIGS),
    ];
    slots.iter().fold(frame.to_owned(), |text, (slot, words)| text.replace(slot, dice.pick(words).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const PLAN: Plan = Plan { comments: 2000, later: false, noise: 0.05, seed: 1 };

    #[test]
    fn every_slot_is_filled_and_the_noise_is_what_it_should_be() {
        let made = simulate_kinds(PLAN);
        assert!(made.iter().all(|(label, _)| !label.text.contains('{') && !label.text.is_empty()));
        let wrong = made.iter().filter(|(label, kind)| label.rejected != Some(kind.is_rejected())).count();
        assert!((60..140).contains(&wrong), "{wrong}");
        assert_eq!(simulate(PLAN), simulate(PLAN));
    }

    #[test]
    fn no_later_comment_was_there_before() {
        let first: HashSet<String> = simulate(PLAN).into_iter().map(|label| label.text).collect();
        let later = simulate(Plan { later: true, ..PLAN });
        assert!(later.iter().all(|label| !first.contains(&label.text)));
        let all = |corpus: &Corpus| -> Vec<&str> {
            [corpus.plain, corpus.swearing, corpus.topic, corpus.slur, corpus.campaign, corpus.insult, corpus.threat]
                .concat()
        };
        assert!(all(&LATER).iter().all(|frame| !all(&LEARNED).contains(frame)));
    }
}
