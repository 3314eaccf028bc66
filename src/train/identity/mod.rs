//! Sentences of the project's own about people, kind and hateful, and what they tell about a model.
//!
//! In collected data, words for people occur mostly in attacks on them, and a model takes the word for the offence.
//! Each sentence here is a frame, an identity term and ordinary words, put together by a seed. A model learns from some
//! and is measured on others, which have other frames, other terms and other words: what it gets right there, it
//! didn't learn by heart. Some sentences name no identity at all: rage at a printer, abuse of one person.
//!
//! Start reading at [`learned`], then `frames`, then [`measures`].

mod fill;
mod frames;
mod frames_held_out;
pub mod gate;
pub mod measures;
mod terms;
mod words;

pub use gate::Gate;
pub use measures::{ContextReport, IdentityReport, Row, TermReport};

use super::dataset::Labels;
use crate::domain::Attribute;
use fill::Dice;
use frames::Frames;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};
use terms::{TERMS, Term};
use words::Words;

/// The source name of these sentences.
pub const SOURCE: &str = "ombud-identity";

/// How many sentences there are for each term, and for each context that names none.
struct Counts {
    benign: usize,
    hateful: usize,
    without_term: usize,
    /// How often each frame that holds nothing but the term is filled.
    alone: usize,
    /// How many times as many for a term that is mostly known from attacks.
    attacked: usize,
}

impl Counts {
    /// Returns how many times as many sentences a term gets as others.
    fn times(&self, term: &Term) -> usize {
        if term.attacked { self.attacked } else { 1 }
    }
}

const LEARNED: Counts = Counts { benign: 130, hateful: 42, without_term: 250, alone: 16, attacked: 4 };
const HELD_OUT: Counts = Counts { benign: 120, hateful: 60, without_term: 80, alone: 0, attacked: 1 };

/// What kind of identity a term names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Whom people love.
    Sexuality,
    /// Being a woman, a man, both, neither, or on the way.
    Gender,
    /// What people believe, or that they don't.
    Religion,
    /// Where people's families are from, and people who have come from elsewhere.
    Ethnicity,
    /// What state people belong to.
    Nationality,
    /// What body and mind make hard.
    Disability,
    /// How old people are.
    Age,
}

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Context {
    /// Says something about oneself.
    SelfDescription,
    /// Says something ordinary about others.
    OtherDescription,
    /// A scrap of a sentence, without malice.
    Short,
    /// Is a word for people and nothing else; only to learn from.
    Alone,
    /// Stands up for people.
    Support,
    /// Is proud of people.
    Pride,
    /// Reports.
    News,
    /// Asks.
    Question,
    /// Tells of the past.
    History,
    /// Takes a word back.
    Reclaimed,
    /// Quotes hate and rejects it.
    QuotedHate,
    /// Says that something hateful is not so.
    NegatedHate,
    /// Reports a crime against people.
    CrimeReport,
    /// Jokes about oneself.
    Humour,
    /// Praises beyond measure.
    Superlative,
    /// Disagrees with someone's politics.
    Disagreement,
    /// Denies that people are people.
    Dehumanising,
    /// Wants people gone.
    Exclusion,
    /// Ranks people below others.
    Inferiority,
    /// Wishes or announces violence.
    Violence,
    /// Shows disgust.
    Disgust,
    /// Makes people guilty of everything.
    Blame,
    /// Declares hatred.
    Hatred,
    /// Puts hate as a question.
    HatefulQuestion,
    /// Puts hate as an opinion.
    HatefulOpinion,
    /// Denies that there is anything good.
    NegatedPraise,
    /// Calls names.
    Epithet,
    /// Names people in one sentence, and attacks "them" in the next.
    Pronoun,
    /// Rages at a thing, a meal or the weather; no person is meant.
    Things,
    /// Swears mildly, in good humour.
    Exclamation,
    /// Is polite to a person, in words that insults use too.
    Courtesy,
    /// Abuses a person for no identity.
    Individual,
    /// Abuses people for their trade or hobby.
    Trade,
}

impl Context {
    /// Every context.
    pub const ALL: [Self; 33] = [
        Self::SelfDescription,
        Self::OtherDescription,
        Self::Short,
        Self::Alone,
        Self::Support,
        Self::Pride,
        Self::News,
        Self::Question,
        Self::History,
        Self::Reclaimed,
        Self::QuotedHate,
        Self::NegatedHate,
        Self::CrimeReport,
        Self::Humour,
        Self::Superlative,
        Self::Disagreement,
        Self::Dehumanising,
        Self::Exclusion,
        Self::Inferiority,
        Self::Violence,
        Self::Disgust,
        Self::Blame,
        Self::Hatred,
        Self::HatefulQuestion,
        Self::HatefulOpinion,
        Self::NegatedPraise,
        Self::Epithet,
        Self::Pronoun,
        Self::Things,
        Self::Exclamation,
        Self::Courtesy,
        Self::Individual,
        Self::Trade,
    ];

    /// Returns the words that reports have for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfDescription => "self-description",
            Self::OtherDescription => "description of others",
            Self::Short => "short and kind",
            Self::Alone => "nothing but the term",
            Self::Support => "support",
            Self::Pride => "pride",
            Self::News => "news",
            Self::Question => "question",
            Self::History => "history",
            Self::Reclaimed => "reclaimed word",
            Self::QuotedHate => "hate quoted and rejected",
            Self::NegatedHate => "hate negated",
            Self::CrimeReport => "report of a hate crime",
            Self::Humour => "joke about oneself",
            Self::Superlative => "high praise",
            Self::Disagreement => "disagreement with politics",
            Self::Dehumanising => "dehumanising",
            Self::Exclusion => "exclusion",
            Self::Inferiority => "inferiority",
            Self::Violence => "violence",
            Self::Disgust => "disgust",
            Self::Blame => "blame",
            Self::Hatred => "hatred",
            Self::HatefulQuestion => "hate as a question",
            Self::HatefulOpinion => "hate as an opinion",
            Self::NegatedPraise => "praise negated",
            Self::Epithet => "name-calling",
            Self::Pronoun => "hate towards \"them\"",
            Self::Things => "rage at things",
            Self::Exclamation => "mild swearing in good humour",
            Self::Courtesy => "courtesy",
            Self::Individual => "abuse of a person for no identity",
            Self::Trade => "abuse of people for their trade",
        }
    }

    /// Tells whether its sentences attack people for who they are.
    pub const fn is_hateful(self) -> bool {
        matches!(
            self,
            Self::Dehumanising
                | Self::Exclusion
                | Self::Inferiority
                | Self::Violence
                | Self::Disgust
                | Self::Blame
                | Self::Hatred
                | Self::HatefulQuestion
                | Self::HatefulOpinion
                | Self::NegatedPraise
                | Self::Epithet
                | Self::Pronoun
        )
    }

    /// Tells whether its sentences name an identity.
    pub const fn names_identity(self) -> bool {
        !matches!(self, Self::Things | Self::Exclamation | Self::Courtesy | Self::Individual | Self::Trade)
    }

    /// Tells whether its sentences attack anyone.
    pub const fn is_attack(self) -> bool {
        self.is_hateful() || matches!(self, Self::Individual | Self::Trade)
    }

    /// Returns what is true of its sentences; nothing is claimed where people would not agree.
    fn labels(self, about_women: bool) -> Labels {
        let mut labels = [Some(false); Attribute::COUNT];
        let mut set = |attribute: Attribute, truth| labels[attribute.index()] = truth;
        if self == Self::Exclamation {
            set(Attribute::Profanity, None);
        }
        if self.is_attack() {
            let name_calling = [Self::Dehumanising, Self::Epithet, Self::Inferiority, Self::Individual, Self::Trade];
            set(Attribute::Toxicity, Some(true));
            set(Attribute::SevereToxicity, None);
            set(Attribute::Insult, if name_calling.contains(&self) { Some(true) } else { None });
            set(Attribute::IdentityAttack, Some(self.is_hateful()));
        }
        if self.is_hateful() {
            // Violence slips into questions and talk about "them" too.
            let unclear = [Self::HatefulQuestion, Self::Pronoun].contains(&self);
            set(Attribute::Threat, if unclear { None } else { Some(self == Self::Violence) });
            set(Attribute::Sexism, if about_women { Some(true) } else { None });
        }
        labels
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One sentence, with what is true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// What it says.
    pub text: String,
    /// The identity it names, if any.
    pub term: Option<&'static str>,
    /// What kind of identity that is.
    pub group: Option<Group>,
    /// What it does.
    pub context: Context,
    /// What is true of it.
    pub labels: Labels,
}

/// Makes the sentences to learn from.
pub fn learned(seed: u64) -> Vec<Sentence> {
    generate(seed, Parts { held_out_terms: false, held_out_frames: false })
}

/// Makes the sentences to measure on.
pub fn held_out(seed: u64) -> Vec<Sentence> {
    generate(seed, Parts { held_out_terms: true, held_out_frames: true })
}

/// Makes sentences of held-out frames and words about the terms that are learned from: what readers of those groups
/// will see.
pub fn held_out_frames(seed: u64) -> Vec<Sentence> {
    generate(seed, Parts { held_out_terms: false, held_out_frames: true })
}

/// What sentences are made of.
#[derive(Debug, Clone, Copy)]
struct Parts {
    held_out_terms: bool,
    held_out_frames: bool,
}

/// One frame with its context.
#[derive(Clone, Copy)]
struct Frame {
    context: Context,
    groups: &'static [Group],
    text: &'static str,
}

impl Frame {
    fn list(frames: Frames) -> Vec<Self> {
        let lines = |&(context, groups, text): &(Context, &'static [Group], &'static str)| {
            text.lines().filter(|line| !line.is_empty()).map(move |text| Self { context, groups, text })
        };
        frames.iter().flat_map(lines).collect()
    }

    fn fits(&self, term: &Term) -> bool {
        let group = self.groups.is_empty() || self.groups.contains(&term.group);
        group && !(term.adjective.is_empty() && self.text.contains("{adj}"))
    }
}

fn generate(seed: u64, parts: Parts) -> Vec<Sentence> {
    let (frames, words, counts) = if parts.held_out_frames {
        (frames_held_out::HELD_OUT, words::HELD_OUT, &HELD_OUT)
    } else {
        (frames::LEARNED, words::LEARNED, &LEARNED)
    };
    let frames = Frame::list(frames);
    // Another seed keeps the choice of ways to write from being the same as in what is learned from.
    let seed = seed ^ u64::from(parts.held_out_frames);
    let mut made = Made { seed, words, seen: BTreeSet::new(), sentences: Vec::new() };
    for term in TERMS.iter().filter(|term| term.held_out == parts.held_out_terms) {
        for (hateful, count) in [(false, counts.benign), (true, counts.hateful)] {
            let fits = |frame: &&Frame| {
                frame.context.names_identity() && frame.context.is_hateful() == hateful && frame.fits(term)
            };
            made.add(frames.iter().filter(fits).copied().collect(), Some(term), count * counts.times(term));
        }
        made.add_alone(term, counts.alone * counts.times(term));
    }
    for context in Context::ALL.into_iter().filter(|context| !context.names_identity()) {
        made.add(frames.iter().filter(|frame| frame.context == context).copied().collect(), None, counts.without_term);
    }
    made.sentences
}

struct Made {
    seed: u64,
    words: Words,
    seen: BTreeSet<String>,
    sentences: Vec<Sentence>,
}

impl Made {
    /// Adds `count` sentences, each of another frame as long as there is one; a sentence is made once only.
    fn add(&mut self, mut frames: Vec<Frame>, term: Option<&Term>, count: usize) {
        // Some frames have few fillings; after so many tries their place goes to others.
        const TRIES: usize = 20;
        let place = self.sentences.len() as u64;
        let mut dice = Dice::new(self.seed, &[place, count as u64]);
        dice.shuffle(&mut frames);
        let mut left = count;
        for frame in frames.iter().cycle().take(count * TRIES) {
            if left == 0 {
                break;
            }
            let text = fill::sentence(frame.text, term, self.words, &mut dice);
            if self.seen.insert(text.to_lowercase()) {
                left -= 1;
                self.push(text, term, frame.context);
            }
        }
    }

    /// Adds the frames that hold nothing but the term, each `times` times and alike more often than not.
    ///
    /// In a longer sentence the words around the term learn that all is well, and the term keeps its bad name. Here
    /// there is no other word to learn it, and one sentence would not do against thousands of attacks.
    fn add_alone(&mut self, term: &Term, times: usize) {
        let mut dice = Dice::new(self.seed, &[self.sentences.len() as u64, times as u64]);
        for frame in frames::ALONE.iter().filter(|text| !(term.adjective.is_empty() && text.contains("{adj}"))) {
            for _ in 0..times {
                let text = fill::sentence(frame, Some(term), self.words, &mut dice);
                self.push(text, Some(term), Context::Alone);
            }
        }
    }

    fn push(&mut self, text: String, term: Option<&Term>, context: Context) {
        self.sentences.push(Sentence {
            text,
            term: term.map(|term| term.name),
            group: term.map(|term| term.group),
            context,
            labels: context.labels(term.is_some_and(Term::is_about_women)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn texts(sentences: &[Sentence]) -> BTreeSet<String> {
        sentences.iter().map(|sentence| sentence.text.to_lowercase()).collect()
    }

    #[test]
    fn what_is_measured_was_not_learned() {
        let (learned, held_out) = (learned(1), held_out(1));
        assert!(texts(&learned).is_disjoint(&texts(&held_out)));
        assert_eq!(texts(&held_out).len(), held_out.len(), "each sentence once");
        let terms = |sentences: &[Sentence]| -> BTreeSet<_> { sentences.iter().filter_map(|one| one.term).collect() };
        assert!(terms(&learned).is_disjoint(&terms(&held_out)));
        let frames = |frames| -> BTreeSet<_> { Frame::list(frames).iter().map(|frame| frame.text).collect() };
        assert!(frames(frames::LEARNED).is_disjoint(&frames(frames_held_out::HELD_OUT)));
    }

    #[test]
    fn no_word_of_a_list_to_learn_from_is_in_a_list_to_measure_on() {
        let all =
            |words: Words| -> BTreeSet<_> { words.iter().flat_map(|(slot, _)| words::entries(words, slot)).collect() };
        let (learned, held_out) = (all(words::LEARNED), all(words::HELD_OUT));
        assert!(learned.len() > 600 && held_out.len() > 250, "{} and {}", learned.len(), held_out.len());
        assert_eq!(learned.intersection(&held_out).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    #[test]
    fn every_slot_has_words() {
        for (frames, words) in [(frames::LEARNED, words::LEARNED), (frames_held_out::HELD_OUT, words::HELD_OUT)] {
            for frame in Frame::list(frames) {
                for slot in frame.text.split('{').skip(1) {
                    let (slot, _) = slot.split_once('}').unwrap();
                    let of_the_term = ["adj", "pred", "one", "many", "person"].contains(&slot);
                    let list = match slot {
                        "does" | "doing" => "do",
                        "jobs" => "job",
                        slot => slot,
                    };
                    assert!(of_the_term || !words::entries(words, list).is_empty(), "{}", frame.text);
                    assert!(!of_the_term || frame.context.names_identity() || slot == "person", "{}", frame.text);
                }
            }
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_sentences_and_another_seed_others() {
        assert_eq!(held_out(5), held_out(5));
        assert!(texts(&held_out(5)).intersection(&texts(&held_out(6))).count() < held_out(5).len() / 4);
    }

    #[test]
    fn what_is_learned_more_than_once_is_a_term_by_itself() {
        let (mut seen, mut again) = (BTreeSet::new(), BTreeMap::new());
        for sentence in learned(1) {
            if !seen.insert(sentence.text.to_lowercase()) {
                assert_eq!(sentence.context, Context::Alone);
                assert!(sentence.text.split_whitespace().count() <= 4, "{}", sentence.text);
                *again.entry(sentence.term.unwrap()).or_insert(0) += 1;
            }
        }
        assert_eq!(again.len(), TERMS.iter().filter(|term| !term.held_out).count());
        assert!(again.values().all(|&times| times > LEARNED.alone), "{again:?}");
    }

    #[test]
    fn every_term_gets_equally_many_sentences() {
        for (sentences, counts) in [(learned(1), LEARNED), (held_out(1), HELD_OUT)] {
            let mut by_term: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
            for sentence in &sentences {
                let Some(term) = sentence.term else { continue };
                let (benign, hateful) = by_term.entry(term).or_default();
                *if sentence.context.is_hateful() { hateful } else { benign } += 1;
            }
            assert!(by_term.len() > 30);
            for (term, found) in by_term {
                let term = TERMS.iter().find(|one| one.name == term).unwrap();
                let frames = frames::ALONE.iter().filter(|text| !term.adjective.is_empty() || !text.contains("{adj}"));
                let (benign, times) = (counts.benign + counts.alone * frames.count(), counts.times(term));
                assert_eq!(found, (benign * times, counts.hateful * times), "{}", term.name);
            }
        }
    }

    #[test]
    fn every_group_is_learned_and_measured_and_every_context_too() {
        for sentences in [learned(1), held_out(1)] {
            let groups: BTreeSet<_> = sentences.iter().filter_map(|sentence| sentence.group).collect();
            let contexts: BTreeSet<_> = sentences.iter().map(|sentence| sentence.context).collect();
            let all = Context::ALL.len() - usize::from(!contexts.contains(&Context::Alone));
            assert_eq!((groups.len(), contexts.len()), (7, all));
        }
        let held_out = TERMS.iter().filter(|term| term.held_out).count();
        assert!((25..=40).contains(&held_out) && TERMS.len() > 120, "{held_out} of {}", TERMS.len());
    }

    #[test]
    fn labels_are_those_of_the_context() {
        let truth = |sentence: &Sentence, attribute: Attribute| sentence.labels[attribute.index()];
        for sentence in learned(1).iter().chain(&held_out(1)) {
            let context = sentence.context;
            assert_eq!(truth(sentence, Attribute::Toxicity), Some(context.is_attack()));
            assert_eq!(truth(sentence, Attribute::IdentityAttack), Some(context.is_hateful()));
            assert_eq!(truth(sentence, Attribute::Spam), Some(false));
            assert_eq!(context == Context::Violence, truth(sentence, Attribute::Threat) == Some(true));
            assert_eq!(context.names_identity(), sentence.term.is_some() && sentence.group.is_some());
            let sexist =
                context.is_hateful() && ["women", "girls", "feminist", "mothers"].contains(&sentence.term.unwrap());
            assert_eq!(truth(sentence, Attribute::Sexism) == Some(true), sexist);
        }
    }

    #[test]
    fn sentences_are_whole() {
        for sentence in learned(2).iter().chain(&held_out(2)) {
            let text = &sentence.text;
            assert!(!text.contains(['{', '}', '~', '|', '\n']) && !text.contains("  "), "{text}");
            assert!((1..=45).contains(&text.split_whitespace().count()), "{text}");
            let lower = format!(" {} ", text.to_lowercase());
            for wrong in
                [" a asian", " a elderly", " a immigrant", " a old", " a a ", " an gay", " an european", " a the "]
            {
                assert!(!lower.contains(wrong), "{text}");
            }
        }
    }
}
