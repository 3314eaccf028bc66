//! Which words count for more, or for less, than they did.

use crate::classify::house::{HouseExplanation, HouseModel};
use crate::train::house::Label;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A word of fewer comments is one reader's own.
const TEXTS_MIN: usize = 3;
/// So many words are listed that count for more, and as many that count for less.
const WORDS_MAX: usize = 20;
/// So many comments are looked at, the newest ones.
const LOOKED_AT_MAX: usize = 2_000;

/// A word and how its part of the logit of `LIKELY_TO_REJECT` has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordChange {
    /// The word, in lower case.
    pub word: String,
    /// How many of the held-out comments have it.
    pub texts: usize,
    /// What it adds on average now less what it added; above 0 where it now speaks more for rejecting.
    pub change: f64,
}

/// Lists the words whose parts have changed most: first those that count for more, then those that count for less.
pub(super) fn changes(models: [&HouseModel; 2], labels: &[Label]) -> Vec<WordChange> {
    let newest = &labels[labels.len().saturating_sub(LOOKED_AT_MAX)..];
    let changes: Vec<BTreeMap<String, f64>> = newest.par_iter().map(|label| of_one(models, label)).collect();
    let mut words: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    for (word, change) in changes.into_iter().flatten() {
        let (texts, sum) = words.entry(word).or_default();
        (*texts, *sum) = (*texts + 1, *sum + change);
    }
    let change = |(word, (texts, sum)): (String, (usize, f64))| WordChange { word, texts, change: sum / texts as f64 };
    let mut all: Vec<WordChange> = words.into_iter().map(change).filter(|one| one.texts >= TEXTS_MIN).collect();
    all.sort_by(|a, b| b.change.total_cmp(&a.change).then_with(|| a.word.cmp(&b.word)));
    let more = all.iter().take(WORDS_MAX).filter(|one| one.change > 0.0);
    let less = all.iter().rev().take(WORDS_MAX).filter(|one| one.change < 0.0);
    more.chain(less).cloned().collect()
}

/// Returns how the parts of one comment's words have changed.
fn of_one(models: [&HouseModel; 2], label: &Label) -> BTreeMap<String, f64> {
    let explain = |model: &HouseModel| model.explain(&label.text, &label.circumstances);
    let mut changes = BTreeMap::new();
    if let [Some(champion), Some(challenger)] = models.map(explain) {
        let mut add = |explanation: &HouseExplanation, sign: f64| {
            for word in &explanation.words {
                let text = label.text.get(word.begin as usize..word.end as usize).unwrap_or_default();
                *changes.entry(text.to_lowercase()).or_default() += sign * (word.base + word.house);
            }
        };
        add(&champion, -1.0);
        add(&challenger, 1.0);
    }
    changes
}
