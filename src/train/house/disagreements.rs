//! Where moderators contradict each other: the same text, or nearly, with another verdict.
//!
//! Of copies, both labels are learned from, since what is asked for is how likely this site's moderators are to reject a
//! comment; of two verdicts on one comment, the last. But a model cannot settle what people have not, so each case is
//! reported.

use super::{Label, Source};
use crate::classify::{Normalised, fingerprint};
use crate::domain::{Fingerprint, Timestamp};
use rayon::prelude::*;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
};

/// Among so many earlier texts that share two hashes, a near-copy is looked for.
const LOOKED_AT_MAX: usize = 64;

/// Comments with copies or near-copies of one text, by moderators of whom some would reject it and others not.
#[derive(Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The site.
    pub site: String,
    /// What the comment that was ruled on last says.
    pub text: String,
    /// When it was.
    pub at: Timestamp,
    /// How many comments there are.
    pub comments: usize,
    /// Who rejected it.
    pub rejected_by: BTreeSet<String>,
    /// Who approved it.
    pub approved_by: BTreeSet<String>,
}

impl fmt::Debug for Disagreement {
    /// Writes everything but what people wrote and who they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disagreement").field("at", &self.at).field("comments", &self.comments).finish_non_exhaustive()
    }
}

/// Finds the texts that moderators of one site disagree on, in the order of their first labels.
///
/// Takes all labels in the order of their time, as [`ordered`](super::label::ordered) returns them: what a later verdict of
/// someone else took the place of is among them. One moderator who changes their mind is no disagreement, and what clients
/// suggest or data sets say is nobody's verdict.
pub fn disagreements(labels: &[Label]) -> Vec<Disagreement> {
    // Each moderator's last word on each comment.
    let mut last: HashMap<(&str, &str, &str), usize> = HashMap::new();
    for (at, label) in labels.iter().enumerate() {
        let is_verdict = !matches!(label.source, Source::DataSet | Source::Suggestion);
        if is_verdict && label.rejected.is_some() && !label.moderator.is_empty() {
            last.insert((&label.site, &label.comment, &label.moderator), at);
        }
    }
    let mut words: Vec<usize> = last.into_values().collect();
    words.sort_unstable();
    let known = |normalised: &mut Normalised, at: &usize| {
        normalised.assign(&labels[*at].text);
        fingerprint(normalised)
    };
    let prints: Vec<Fingerprint> = words.par_iter().map_init(Normalised::default, known).collect();
    let mut groups = Groups::default();
    for (&at, print) in words.iter().zip(prints) {
        groups.add(at, &labels[at], print);
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
        let newest = &labels[*members.last()?];
        let comments: HashSet<&str> = members.iter().map(|at| labels[*at].comment.as_str()).collect();
        (both && several).then(|| Self {
            site: newest.site.clone(),
            text: newest.text.clone(),
            at: newest.at,
            comments: comments.len(),
            rejected_by,
            approved_by,
        })
    }
}

/// Texts of a site that are copies or near-copies of the first of each group.
#[derive(Default)]
struct Groups<'a> {
    members: Vec<Vec<usize>>,
    prints: Vec<Fingerprint>,
    comments: HashMap<(&'a str, &'a str), usize>,
    copies: HashMap<(&'a str, u64), usize>,
    pairs: HashMap<(&'a str, usize, u16), Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn add(&mut self, at: usize, label: &'a Label, print: Fingerprint) {
        let (site, comment) = (label.site.as_str(), label.comment.as_str());
        let same = self.comments.get(&(site, comment)).or_else(|| self.copies.get(&(site, print.exact))).copied();
        let group = same.or_else(|| self.near(site, print));
        let group = group.unwrap_or_else(|| {
            let group = self.members.len();
            self.members.push(Vec::new());
            self.prints.push(print);
            for (place, pair) in print.pairs().into_iter().enumerate() {
                self.pairs.entry((site, place, pair)).or_default().push(group);
            }
            group
        });
        self.comments.insert((site, comment), group);
        self.copies.insert((site, print.exact), group);
        self.members[group].push(at);
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

    const OFFER: &str =
        "Earn 500 a day from home, no skills needed, just write to me and I will show you how it is done";

    fn label(text: &str, moderator: &str, rejected: bool) -> Label {
        Label {
            site: "site".to_owned(),
            comment: format!("{text} {moderator}"),
            section: None,
            text: text.to_owned(),
            circumstances: Circumstances::default(),
            at: Timestamp::from_micros(0),
            moderator: moderator.to_owned(),
            source: Source::Verdict,
            rejected: Some(rejected),
            attributes: [None; 8],
            sampled: 1.0,
            superseded: false,
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
        let told: Vec<_> = found.iter().map(|one| (one.text.as_str(), one.comments)).collect();
        assert_eq!(told, [(labels[2].text.as_str(), 2), (labels[5].text.as_str(), 3)]);
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

    #[test]
    fn whoever_overruled_another_on_the_same_comment_disagrees_with_them_until_they_change_their_mind() {
        let on = |text: &str, moderator: &str, rejected| Label {
            comment: "a".to_owned(),
            ..label(text, moderator, rejected)
        };
        let mut labels = vec![on("Buy gold now", "one", true), on("Buy gold now", "two", false)];
        let found = disagreements(&labels);
        assert_eq!((found.len(), found[0].comments), (1, 1));
        assert!(found[0].rejected_by.contains("one") && found[0].approved_by.contains("two"));
        labels.push(on("Buy gold now", "one", false));
        assert_eq!(disagreements(&labels), []);
        let suggested = Label { source: Source::Suggestion, ..on("Buy gold now", "a client", true) };
        assert_eq!(disagreements(&[labels[1].clone(), suggested]), []);
    }
}
