//! Where moderators contradict each other: the same text, or nearly, with another verdict.
//!
//! Both labels are learned from, since what is asked for is how likely this site's moderators are to reject a comment;
//! but a model cannot settle what people have not, so each case is reported.

use super::Label;
use crate::classify::{Normalised, fingerprint};
use crate::domain::Fingerprint;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Among so many earlier texts that share two hashes, a near-copy is looked for.
const LOOKED_AT_MAX: usize = 64;

/// Labels on copies or near-copies of one text, by moderators of whom some would reject it and others not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The numbers of the labels, in the order of [`in_force`](super::label::in_force).
    pub labels: Vec<usize>,
    /// Who rejected it.
    pub rejected_by: BTreeSet<String>,
    /// Who approved it.
    pub approved_by: BTreeSet<String>,
}

/// Finds the texts that moderators of one site disagree on, in the order of their first labels.
///
/// One moderator who changes their mind is no disagreement.
pub fn disagreements(labels: &[Label]) -> Vec<Disagreement> {
    let known = |label: &Label, normalised: &mut Normalised| {
        normalised.assign(&label.text);
        fingerprint(normalised)
    };
    let prints: Vec<Fingerprint> =
        labels.par_iter().map_init(Normalised::default, |normalised, label| known(label, normalised)).collect();
    let mut groups = Groups::default();
    for (at, (label, print)) in labels.iter().zip(prints).enumerate() {
        if label.rejected.is_some() && !label.moderator.is_empty() {
            groups.add(at, &label.site, print);
        }
    }
    groups.members.iter().filter_map(|members| Disagreement::among(labels, members)).collect()
}

impl Disagreement {
    fn among(labels: &[Label], members: &[usize]) -> Option<Self> {
        let by = |verdict: bool| -> BTreeSet<String> {
            let gave = members.iter().map(|at| &labels[*at]).filter(|label| label.rejected == Some(verdict));
            gave.map(|label| label.moderator.clone()).collect()
        };
        let (rejected_by, approved_by) = (by(true), by(false));
        let both = !rejected_by.is_empty() && !approved_by.is_empty();
        // Of two sides with one and the same moderator on each, nobody disagrees.
        let several = rejected_by.union(&approved_by).count() > 1;
        (both && several).then(|| Self { labels: members.to_vec(), rejected_by, approved_by })
    }
}

/// Texts of a site that are copies or near-copies of the first of each group.
#[derive(Default)]
struct Groups<'a> {
    members: Vec<Vec<usize>>,
    prints: Vec<Fingerprint>,
    copies: HashMap<(&'a str, u64), usize>,
    pairs: HashMap<(&'a str, usize, u16), Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn add(&mut self, label: usize, site: &'a str, print: Fingerprint) {
        let group = self.copies.get(&(site, print.exact)).copied().or_else(|| self.near(site, print));
        let group = group.unwrap_or_else(|| {
            let group = self.members.len();
            self.members.push(Vec::new());
            self.prints.push(print);
            for (place, pair) in print.pairs().into_iter().enumerate() {
                self.pairs.entry((site, place, pair)).or_default().push(group);
            }
            group
        });
        self.copies.insert((site, print.exact), group);
        self.members[group].push(label);
    }

    fn near(&self, site: &str, print: Fingerprint) -> Option<usize> {
        let alike = |(place, pair)| self.pairs.get(&(site, place, pair)).into_iter().flatten().rev();
        let mut found = print.pairs().into_iter().enumerate().flat_map(|pair| alike(pair).take(LOOKED_AT_MAX));
        found.find(|group| self.prints[**group].is_near(print)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::house::Circumstances;
    use crate::domain::Timestamp;
    use crate::train::house::Source;

    const OFFER: &str =
        "Earn 500 a day from home, no skills needed, just write to me and I will show you how it is done";

    fn label(text: &str, moderator: &str, rejected: bool) -> Label {
        Label {
            site: "site".to_owned(),
            comment: String::new(),
            section: None,
            text: text.to_owned(),
            circumstances: Circumstances::default(),
            at: Timestamp::from_micros(0),
            moderator: moderator.to_owned(),
            source: Source::Verdict,
            rejected: Some(rejected),
            attributes: [None; 8],
            sampled: 1.0,
        }
    }

    #[test]
    fn contradictions_on_copies_and_near_copies_are_found() {
        let labels = [
            label("Buy gold now", "one", true),
            label("Nice weather today", "one", false),
            label("buy  GOLD... now!!!", "two", false),
            label(OFFER, "one", true),
            label(&OFFER.replace("500", "700"), "two", true),
            label(&format!("{OFFER} today"), "three", false),
        ];
        let found = disagreements(&labels);
        assert_eq!(found.iter().map(|one| one.labels.clone()).collect::<Vec<_>>(), [vec![0, 2], vec![3, 4, 5]]);
        assert!(found[1].rejected_by.contains("two") && found[1].approved_by.contains("three"));
    }

    #[test]
    fn agreement_a_changed_mind_and_other_sites_are_no_disagreement() {
        let elsewhere = Label { site: "other".to_owned(), ..label("Buy gold now", "two", false) };
        let silent = Label { rejected: None, ..label("Buy gold now", "three", false) };
        let labels = [
            label("Buy gold now", "one", true),
            label("Buy gold now", "two", true),
            elsewhere,
            silent,
            label("Sell tin now", "one", true),
            label("Sell tin now", "one", false),
        ];
        assert_eq!(disagreements(&labels), []);
    }
}
