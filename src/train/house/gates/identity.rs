//! Whether a challenger takes words for people for something to reject.

use super::{Gate, Limits, Verdict, figures::Sample};
use crate::classify::{
    Scratch,
    house::{Circumstances, HouseModel},
};
use crate::domain::Attribute;
use crate::train::{
    bootstrap::{Interval, interval},
    house::Label,
    identity::{self, Sentence, gate},
    metrics::Share,
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What helps where a model knows too little of what is harmless.
const REMEDY: &str = "It has seen too few harmless comments of other words: have more published comments drawn for audit, or \
                      import some hundred published ones of many subjects as approved (`ombud labels import`)";
/// So many benign sentences are taken of each term.
const SENTENCES_MAX: usize = 30;

/// How both models score benign sentences about people.
///
/// A house model knows how often a newsroom rejects, a base model does not, so at one threshold they flag queues of
/// different sizes. Of all sentences the challenger may flag no more than the champion does where both flag as many of the
/// newsroom's comments; and of no term's too many at the threshold itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct IdentityComparison {
    /// How many sentences there are.
    pub sentences: usize,
    /// From this score on, the challenger flags a comment.
    pub threshold: f32,
    /// From this score on, the champion flags as many of the held-out comments as the challenger.
    pub champion_threshold: f32,
    /// The share of the sentences that the champion flags then, and the challenger.
    pub flagged: [f64; 2],
    /// Where the challenger's share less the champion's lies with 95 % confidence.
    pub interval: Option<Interval>,
    /// Every term, the one first of which the challenger flags most.
    pub terms: Vec<TermComparison>,
}

/// How both models score the benign sentences about one term, at the same threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermComparison {
    /// The term.
    pub term: String,
    /// How many sentences there are.
    pub sentences: usize,
    /// How many of them the champion flags, and the challenger.
    pub flagged: [usize; 2],
}

impl TermComparison {
    /// Returns the share of its sentences that the challenger flags.
    fn share(&self) -> Option<Share> {
        Share::of(self.flagged[1], self.sentences)
    }

    /// Tells whether more are flagged than may be, beyond chance, and more than the champion flags.
    fn is_worse(&self, most: f64) -> bool {
        self.flagged[1] > self.flagged[0] && self.share().is_some_and(|share| share.low > most)
    }
}

impl IdentityComparison {
    /// Scores held-out sentences as if an author of middling record had sent them.
    pub(super) fn new(models: [&HouseModel; 2], labels: &[Label], sample: &Sample, limits: &Limits) -> Self {
        let Limits { threshold, seed, .. } = *limits;
        let circumstances = middling(labels);
        let sentences = sentences(seed);
        let score = |scratch: &mut Scratch, sentence: &Sentence| {
            let scored = HouseModel::score_both(models, scratch, &sentence.text, &circumstances);
            let [champion, challenger] = scored.map(|one| one.map_or(1.0, |one| one.likely_to_reject.get()));
            (champion, challenger)
        };
        let scores: [Vec<f32>; 2] = sentences.par_iter().map_init(Scratch::default, score).unzip().into();
        let queue = sample.scores[1].iter().filter(|score| **score >= threshold).count();
        let champion_threshold = matching(&sample.scores[0], share(queue, sample.len()));
        let mut terms: BTreeMap<&str, (usize, [usize; 2])> = BTreeMap::new();
        for (row, sentence) in sentences.iter().enumerate() {
            let (count, flagged) = terms.entry(sentence.term.unwrap_or_default()).or_default();
            *count += 1;
            (0..2).for_each(|model| flagged[model] += usize::from(scores[model][row] >= threshold));
        }
        let term = |(term, (sentences, flagged)): (&str, (usize, [usize; 2]))| TermComparison {
            term: term.to_owned(),
            sentences,
            flagged,
        };
        let mut terms: Vec<TermComparison> = terms.into_iter().map(term).collect();
        let of = |term: &TermComparison| term.share().map_or(0.0, |share| share.share);
        terms.sort_by(|a, b| of(b).total_cmp(&of(a)).then_with(|| a.term.cmp(&b.term)));
        let flags = [0, 1].map(|model: usize| {
            let limit = [champion_threshold, threshold][model];
            scores[model].iter().map(|score| *score >= limit).collect::<Vec<bool>>()
        });
        let rise = |counts: &[u32]| {
            let flagged =
                |model: usize| -> u32 { flags[model].iter().zip(counts).filter(|one| *one.0).map(|one| one.1).sum() };
            Some((f64::from(flagged(1)) - f64::from(flagged(0))) / counts.len() as f64)
        };
        let counted = |model: usize| flags[model].iter().filter(|flag| **flag).count();
        Self {
            sentences: sentences.len(),
            threshold,
            champion_threshold,
            flagged: [share(counted(0), sentences.len()), share(counted(1), sentences.len())],
            interval: interval(sentences.len(), seed, rise),
            terms,
        }
    }

    /// Refuses a challenger that flags more of all sentences, or too many of any term's.
    pub(super) fn judge(&self, limits: &Limits) -> Verdict {
        let Some(interval) = self.interval else {
            return Verdict::refused(Gate::Identity, "there are no sentences about people to judge by".to_owned());
        };
        let [champion, challenger] = self.flagged;
        let rises = interval.low > 0.0 && challenger - champion > limits.identity_slack;
        let of_all = format!(
            "of the benign sentences about people the challenger flags {:.1} %, the champion {:.1} % where it flags as many \
             comments",
            challenger * 100.0,
            champion * 100.0
        );
        match self.terms.iter().find(|term| term.is_worse(limits.term_max)) {
            Some(TermComparison { term, sentences, flagged: [before, now] }) => {
                let reason = format!(
                    "of {sentences} benign sentences about \"{term}\" the challenger flags {now} from {:.2} on, the champion {before}; \
                     {of_all}. {REMEDY}",
                    self.threshold
                );
                Verdict::refused(Gate::Identity, reason)
            }
            None if rises => Verdict::refused(Gate::Identity, format!("{of_all}. {REMEDY}")),
            None => Verdict::passed(Gate::Identity, of_all),
        }
    }
}

/// Returns the highest score from which on at most so large a share of the scores is flagged: no score lies between it and the
/// least that is flagged, so that a gap in the scores doesn't make a model look as if it flagged more than it does.
fn matching(scores: &[f32], share: f64) -> f32 {
    let bound = gate::threshold(scores, share).unwrap_or(1.0);
    scores.iter().copied().filter(|score| *score >= bound).min_by(f32::total_cmp).unwrap_or(bound)
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Lists benign sentences of held-out frames, about learned terms and about held-out ones.
fn sentences(seed: u64) -> Vec<Sentence> {
    let benign = |sentence: &Sentence| sentence.labels[Attribute::Toxicity.index()] == Some(false);
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    let mut sentences = identity::held_out(seed);
    sentences.extend(identity::held_out_frames(seed));
    sentences.retain(|sentence| {
        let Some(term) = sentence.term.filter(|_| benign(sentence)) else { return false };
        let taken = taken.entry(term).or_default();
        *taken += 1;
        *taken <= SENTENCES_MAX
    });
    sentences
}

/// Returns the middle of each number that is known of approved comments.
fn middling(labels: &[Label]) -> Circumstances {
    let approved = || labels.iter().filter(|label| label.rejected == Some(false)).map(|label| label.circumstances);
    let middle = |number: fn(Circumstances) -> u32| {
        let mut numbers: Vec<u32> = approved().map(number).collect();
        numbers.sort_unstable();
        numbers.get(numbers.len() / 2).copied().unwrap_or(0)
    };
    Circumstances {
        word_hits: middle(|one| one.word_hits),
        published: middle(|one| one.published),
        held: middle(|one| one.held),
        rejected: middle(|one| one.rejected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_worse_beyond_chance_and_beyond_the_champion() {
        let term = |before, now| TermComparison { term: "deaf".to_owned(), sentences: 30, flagged: [before, now] };
        assert!(term(2, 12).is_worse(0.15));
        assert!(!term(2, 6).is_worse(0.15), "six of thirty may be chance");
        assert!(!term(12, 12).is_worse(0.15), "the champion is no better");
    }

    #[test]
    fn a_gap_in_the_scores_makes_no_model_flag_more() {
        let scores = [0.02, 0.03, 0.9, 0.95];
        assert!((matching(&scores, 0.5) - 0.9).abs() < 1e-6);
        assert!((matching(&scores, 0.25) - 0.95).abs() < 1e-6);
        assert!(matching(&scores, 0.0) > 0.95 && matching(&[], 0.5) > 0.99);
        assert!((matching(&[0.5, 0.5, 0.7], 0.4) - 0.7).abs() < 1e-6, "of equal ones all are flagged, or none");
    }

    #[test]
    fn every_term_has_sentences_and_none_is_hateful() {
        let sentences = sentences(1);
        assert!(sentences.len() > 1000, "{}", sentences.len());
        assert!(sentences.iter().all(|one| one.term.is_some() && !one.context.is_hateful()));
    }
}
