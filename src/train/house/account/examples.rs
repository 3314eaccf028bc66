//! Comments that an account shows: decided otherwise, or ruled on in two ways.

use super::{Contradictions, Differently, time};
use crate::train::house::{Disagreement, Label, gates::Report};
use serde::Serialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

/// So many comments are shown that the challenger decides as the moderator did, and as many of the others.
const EXAMPLES_MAX: usize = 10;
/// So many texts are shown that moderators contradict each other on.
const CONTRADICTIONS_MAX: usize = 20;
/// So many pairs of moderators are listed.
const PAIRS_MAX: usize = 20;

/// A comment that the two models fall on different sides of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Example {
    /// Its site.
    pub site: String,
    /// The comment and its revision.
    pub comment: String,
    /// What it says.
    pub text: String,
    /// Whether the moderator rejected it.
    pub rejected: bool,
    /// The champion's score.
    pub champion: f32,
    /// The challenger's score.
    pub challenger: f32,
    /// Whether the challenger decides as the moderator did.
    pub righted: bool,
}

/// Two moderators, of whom one rejected what the other approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Who rejected.
    pub rejected_by: String,
    /// Who approved.
    pub approved_by: String,
    /// On how many texts.
    pub texts: usize,
}

/// A text that was rejected by some and approved by others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// Its site.
    pub site: String,
    /// What the newest of the comments says.
    pub text: String,
    /// How many comments are copies or near-copies of it.
    pub comments: usize,
    /// When the last of them was ruled on.
    pub at: String,
    /// Who rejected it.
    pub rejected_by: Vec<String>,
    /// Who approved it.
    pub approved_by: Vec<String>,
}

pub(super) fn differently(report: &Report, held_out: &[Label], threshold: f32) -> Differently {
    let example = |one: &crate::train::house::gates::Different| {
        let label = &held_out[one.label];
        Example {
            site: label.site.clone(),
            comment: label.comment.clone(),
            text: label.text.clone(),
            rejected: one.rejected,
            champion: one.champion,
            challenger: one.challenger,
            righted: (one.challenger >= threshold) == one.rejected,
        }
    };
    let all: Vec<Example> = report.differently.iter().map(example).collect();
    let of = |righted: bool| all.iter().filter(move |one| one.righted == righted);
    // Of copies, one is enough to see.
    let distinct = |righted: bool| {
        let mut seen = HashSet::new();
        of(righted).filter(move |one| seen.insert(one.text.as_str())).take(EXAMPLES_MAX)
    };
    let examples = distinct(true).chain(distinct(false)).cloned().collect();
    Differently { threshold, comments: all.len(), righted: of(true).count(), examples }
}

pub(super) fn contradictions(found: &[Disagreement]) -> Contradictions {
    let mut pairs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for one in found {
        for rejected in &one.rejected_by {
            for approved in one.approved_by.iter().filter(|approved| *approved != rejected) {
                *pairs.entry((rejected, approved)).or_default() += 1;
            }
        }
    }
    let mut pairs: Vec<Pair> = pairs
        .into_iter()
        .map(|((rejected_by, approved_by), texts)| Pair {
            rejected_by: rejected_by.to_owned(),
            approved_by: approved_by.to_owned(),
            texts,
        })
        .collect();
    // The sort is stable: those of as many texts stay in the order of their names.
    pairs.sort_by_key(|pair| Reverse(pair.texts));
    pairs.truncate(PAIRS_MAX);
    let mut latest: Vec<&Disagreement> = found.iter().collect();
    // The sort is stable: those of one moment stay in the order of their first labels.
    latest.sort_by_key(|one| Reverse(one.at));
    let example = |one: &Disagreement| Contradiction {
        site: one.site.clone(),
        text: one.text.clone(),
        comments: one.comments,
        at: time(one.at),
        rejected_by: one.rejected_by.iter().cloned().collect(),
        approved_by: one.approved_by.iter().cloned().collect(),
    };
    let examples = latest.into_iter().take(CONTRADICTIONS_MAX).map(example).collect();
    Contradictions { texts: found.len(), pairs, examples }
}
