//! What a person said of a comment.

use crate::classify::house::Circumstances;
use crate::domain::{Attribute, Timestamp};
use crate::train::{Error, dataset::Labels};
use std::{
    collections::{HashMap, HashSet},
    fmt,
};

/// How many labels are learned from at most, the newest ones.
pub const LABELS_MAX: usize = 100_000;

/// Where a label comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A data set of labelled comments, which no moderator here has seen: it counts less than a verdict.
    DataSet,
    /// A moderator's verdict.
    Verdict,
    /// A moderator corrected an attribute.
    Attribute,
    /// A verdict that an appeal overturned, or upheld.
    Appeal,
    /// A client suggested a score.
    Suggestion,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 5] = [Self::DataSet, Self::Verdict, Self::Attribute, Self::Appeal, Self::Suggestion];

    /// Returns the name in reports, such as `verdict`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataSet => "data_set",
            Self::Verdict => "verdict",
            Self::Attribute => "attribute",
            Self::Appeal => "appeal",
            Self::Suggestion => "suggestion",
        }
    }

    /// Returns whose word holds: a later label takes the place only of one that ranks no higher.
    const fn rank(self) -> u8 {
        match self {
            Self::DataSet => 0,
            Self::Suggestion => 1,
            Self::Verdict | Self::Attribute | Self::Appeal => 2,
        }
    }

    /// Returns for how many verdicts one of its labels counts.
    const fn worth(self) -> f64 {
        match self {
            Self::DataSet => 0.25,
            Self::Verdict | Self::Attribute | Self::Appeal | Self::Suggestion => 1.0,
        }
    }
}

/// What a person said of one revision of a comment.
#[derive(Clone, PartialEq)]
pub struct Label {
    /// The site.
    pub site: String,
    /// The comment and its revision, in any form that is the same for both of two labels on it: the later one holds.
    pub comment: String,
    /// The section of the article, where it is known.
    pub section: Option<String>,
    /// What the comment says.
    pub text: String,
    /// What was known of its author and its words when it came in.
    pub circumstances: Circumstances,
    /// When the label was given.
    pub at: Timestamp,
    /// Who gave it; empty where nobody is named.
    pub moderator: String,
    /// Where it comes from.
    pub source: Source,
    /// Whether the comment is to be rejected; `None` where only attributes were ruled on.
    pub rejected: Option<bool>,
    /// Which attributes it carries, as far as was said.
    pub attributes: Labels,
    /// How likely it was that a person would see the comment at all, above 0 and at most 1: 1 for what every policy holds,
    /// the share of an audit for what it drew.
    pub sampled: f64,
    /// Whether another moderator's later verdict took its place: it only tells who disagrees with whom.
    pub superseded: bool,
}

impl Label {
    /// Returns for how many comments it stands: one by its sampling probability, at most `max`; a quarter of that where it
    /// comes from a data set.
    ///
    /// Without the limit, one comment of an audit of one in a thousand would outweigh all that was held.
    #[expect(clippy::cast_possible_truncation, reason = "from a quarter to the limit")]
    pub fn weight(&self, max: f32) -> f32 {
        (self.source.worth() / self.sampled).min(f64::from(max)) as f32
    }
}

impl fmt::Debug for Label {
    /// Writes everything but what people wrote and who they are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Label")
            .field("at", &self.at)
            .field("source", &self.source)
            .field("rejected", &self.rejected)
            .field("sampled", &self.sampled)
            .finish_non_exhaustive()
    }
}

/// Brings labels into the order of their time, keeps the last word on each comment, and of those the newest.
///
/// A label that doesn't say whether to reject only fills in attributes, and a client's suggestion only what no moderator said.
///
/// # Errors
///
/// Fails where a sampling probability is out of range, naming the label by its number from 1 on.
pub fn in_force(labels: impl IntoIterator<Item = Label>) -> Result<Vec<Label>, Error> {
    ordered(labels).map(last_words)
}

/// Brings labels into the order of their time, which does not depend on the order in which they come in.
///
/// # Errors
///
/// Fails where a sampling probability is out of range, naming the label by its number from 1 on.
pub fn ordered(labels: impl IntoIterator<Item = Label>) -> Result<Vec<Label>, Error> {
    let mut all: Vec<Label> = labels.into_iter().collect();
    if let Some(at) = all.iter().position(|label| !(label.sampled > 0.0 && label.sampled <= 1.0)) {
        let what = format!("label {} has a sampling probability that is not above 0 and at most 1", at + 1);
        return Err(Error::Label { what });
    }
    all.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.text.cmp(&b.text)));
    Ok(all)
}

/// Does the rest of [`in_force`] with labels that are [`ordered`].
pub(super) fn last_words(all: Vec<Label>) -> Vec<Label> {
    let all = all.into_iter().filter(|label| !label.superseded);
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut kept: Vec<Merged> = Vec::new();
    for label in all {
        let place = *places.entry((label.site.clone(), label.comment.clone())).or_insert(kept.len());
        match kept.get_mut(place) {
            Some(before) => before.take(label),
            None => kept.push(Merged::new(label)),
        }
    }
    let mut kept: Vec<Label> = kept.into_iter().map(|merged| merged.label).collect();
    // Each stands at the time of what it says of rejecting.
    kept.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| a.text.cmp(&b.text)));
    kept.drain(..kept.len().saturating_sub(LABELS_MAX));
    kept
}

/// Counts the comments of which labels say whether to reject them: what [`in_force`] keeps of those labels, at most
/// [`LABELS_MAX`].
pub fn ruled(labels: &[Label]) -> usize {
    let ruled = labels.iter().filter(|label| label.rejected.is_some() && !label.superseded);
    let comments: HashSet<(&str, &str)> = ruled.map(|label| (label.site.as_str(), label.comment.as_str())).collect();
    comments.len().min(LABELS_MAX)
}

/// What all labels on one comment say together.
struct Merged {
    /// The label that says whether to reject: how likely it was, what was known, when and by whom are all its own.
    label: Label,
    /// The ranks of those that spoke of each attribute.
    ranks: [u8; Attribute::COUNT],
}

impl Merged {
    fn new(label: Label) -> Self {
        let ranks = [label.source.rank(); Attribute::COUNT];
        Self { label, ranks }
    }

    /// Takes a later label: of two that speak of the same, the later one holds, unless its source ranks lower.
    fn take(&mut self, mut later: Label) {
        let rank = later.source.rank();
        for (at, known) in self.label.attributes.iter_mut().enumerate() {
            if later.attributes[at].is_some() && (known.is_none() || rank >= self.ranks[at]) {
                (*known, self.ranks[at]) = (later.attributes[at], rank);
            }
        }
        let says = |label: &Label| label.rejected.is_some();
        let holds = match (says(&self.label), says(&later)) {
            (true, false) => false,
            (false, true) => true,
            (true, true) | (false, false) => rank >= self.label.source.rank(),
        };
        if holds {
            later.attributes = self.label.attributes;
            self.label = later;
        }
    }
}

fn order(label: &Label) -> (Timestamp, &str, &str, Source, &str) {
    (label.at, &label.site, &label.comment, label.source, &label.moderator)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn label(comment: &str, at: i64, rejected: Option<bool>) -> Label {
        Label {
            site: "site".to_owned(),
            comment: comment.to_owned(),
            section: None,
            text: "words".to_owned(),
            circumstances: Circumstances::default(),
            at: Timestamp::from_micros(at),
            moderator: "one".to_owned(),
            source: Source::Verdict,
            rejected,
            attributes: [None; 8],
            sampled: 1.0,
            superseded: false,
        }
    }

    #[test]
    fn the_last_word_on_a_comment_holds_and_the_rest_of_the_first() {
        let mut first = label("a", 1, Some(true));
        first.attributes[3] = Some(true);
        let labels = in_force([label("a", 3, Some(false)), label("b", 2, None), first]).unwrap();
        assert_eq!(labels.iter().map(|label| label.comment.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((labels[1].rejected, labels[1].attributes[3]), (Some(false), Some(true)));
    }

    #[test]
    fn a_suggestion_fills_in_what_no_moderator_said_and_nothing_else() {
        let mut suggested = Label { source: Source::Suggestion, ..label("a", 9, Some(false)) };
        suggested.attributes[2] = Some(true);
        let labels = in_force([suggested, label("a", 1, Some(true)), label("b", 5, Some(false))]).unwrap();
        let first = labels.iter().find(|label| label.comment == "a").unwrap();
        assert_eq!((first.source, first.rejected, first.attributes[2]), (Source::Verdict, Some(true), Some(true)));
        assert!(labels.is_sorted_by_key(|label| label.at), "in the order of their time");
    }

    #[test]
    fn a_corrected_attribute_leaves_the_verdict_its_weight_its_time_and_what_was_known() {
        let circumstances = Circumstances { published: 7, ..Circumstances::default() };
        let verdict = Label { sampled: 0.25, circumstances, ..label("a", 1, Some(false)) };
        let mut corrected = Label { source: Source::Attribute, moderator: "two".to_owned(), ..label("a", 9, None) };
        corrected.attributes[1] = Some(true);
        for labels in [
            [verdict.clone(), corrected.clone()],
            [Label { at: Timestamp::from_micros(10), ..verdict.clone() }, corrected],
        ] {
            let expected = Label { at: labels[0].at, attributes: labels[1].attributes, ..verdict.clone() };
            assert!(in_force(labels).unwrap() == [expected], "whichever came first");
        }
    }

    #[test]
    fn what_a_client_suggests_of_an_attribute_gives_way_to_what_a_moderator_says_of_it() {
        let mut corrected = Label { source: Source::Attribute, ..label("a", 1, None) };
        corrected.attributes[1] = Some(true);
        let mut suggested = Label { source: Source::Suggestion, ..label("a", 2, Some(true)) };
        (suggested.attributes[1], suggested.attributes[2]) = (Some(false), Some(false));
        let labels = in_force([corrected, suggested]).unwrap();
        assert_eq!((labels[0].rejected, labels[0].source), (Some(true), Source::Suggestion));
        assert_eq!((labels[0].attributes[1], labels[0].attributes[2]), (Some(true), Some(false)));
    }

    #[test]
    fn labels_come_out_in_one_order_however_they_come_in() {
        let labels: Vec<Label> = (0..20).map(|at| label(&format!("{at}"), at / 4, Some(true))).collect();
        let backwards: Vec<Label> = labels.iter().rev().cloned().collect();
        assert_eq!(in_force(labels).unwrap(), in_force(backwards).unwrap());
    }

    #[test]
    fn comments_that_were_ruled_on_are_counted_once_and_corrected_attributes_are_not() {
        let superseded = Label { superseded: true, ..label("c", 1, Some(true)) };
        assert!(in_force([superseded.clone()]).unwrap().is_empty());
        let labels = [
            superseded,
            label("a", 1, Some(true)),
            label("a", 2, Some(false)),
            label("a", 3, None),
            label("b", 4, None),
        ];
        assert_eq!(ruled(&labels), 1);
    }

    #[test]
    fn probabilities_out_of_range_are_refused_and_weights_are_limited() {
        for sampled in [0.0, -0.5, 1.5, f64::NAN] {
            let bad = Label { sampled, ..label("a", 1, Some(true)) };
            let error = in_force([label("b", 0, None), bad]).unwrap_err();
            assert!(error.to_string().contains("label 2"), "{error}");
        }
        let rare = Label { sampled: 0.001, ..label("a", 1, Some(true)) };
        let audited = Label { sampled: 0.25, ..label("a", 1, Some(true)) };
        assert!((rare.weight(20.0) - 20.0).abs() < 1e-6 && (audited.weight(20.0) - 4.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_that_people_wrote_is_printed() {
        let printed = format!("{:?}", label("a", 1, Some(true)));
        assert!(!printed.contains("words") && !printed.contains("one") && printed.contains("Some(true)"), "{printed}");
    }
}
