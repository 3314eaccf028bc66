//! What a retraining found, for people and programs: the document behind `report.json`, `report.html` and the terminal.
//!
//! In comes what [`retrain`](fn@super::retrain) returned, with what its labels were read by; out comes an [`Account`], which
//! serialises to stable names, and [`page`](fn@page), which turns it into one self-contained page. Comments' texts are in it, for
//! the person who asked and nobody else: an account is never logged. No clock is read, so that the same labels give the same
//! bytes.
//!
//! Start reading at [`Account`].

mod examples;
mod page;
mod parts;
mod plot;
mod sentence;

pub use examples::{Contradiction, Example, Pair};
pub use page::page;
pub use sentence::{question as gate_question, word as outcome_word};

use super::{
    Chosen, Retrained, Settings, Source,
    gates::{Comparison, Curves, IdentityComparison, Kinds, Limits, Metric, Outcome, Report, Verdict, WordChange},
};
use crate::classify::{artifact::sha256_hex, house::Learned};
use crate::domain::{LIKELY_TO_REJECT, Timestamp};
use crate::train::dataset::DataFile;
use serde::Serialize;
use std::collections::BTreeMap;

/// The format of `report.json`; it rises when a name goes or changes its meaning.
pub const FORMAT: u32 = 1;

/// What the labels were read by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Asked {
    /// Only labels from then on, in RFC 3339; `None` for all.
    pub since: Option<String>,
    /// Only labels of this site; `None` for all.
    pub site: Option<String>,
    /// Data sets that older labels of little weight were drawn from.
    pub base_data: Vec<DataFile>,
}

/// A model's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its SHA-256, in hexadecimal digits: the hash that `ombud models` knows it by.
    pub sha256: String,
    /// How large it is, in bytes.
    pub bytes: usize,
}

/// Which labels there were.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelCounts {
    /// How many were looked at: the last word on each comment. Rows of data sets are among them.
    pub looked_at: usize,
    /// How many of each source.
    pub by_source: BTreeMap<&'static str, usize>,
    /// When the oldest was given, in RFC 3339; data sets have no time.
    pub oldest: Option<String>,
    /// When the newest was given.
    pub newest: Option<String>,
    /// When the oldest of those that were held out was given: what is older was learned from.
    pub held_out_from: Option<String>,
    /// What the challenger learned from, besides data sets; `None` where nothing could be learned.
    pub learned: Option<Learned>,
    /// How many were held out and say whether to reject.
    pub held_out: usize,
    /// How many of those say so.
    pub held_out_rejected: usize,
}

/// The comments that would be decided otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Differently {
    /// From this score on, a comment counts as rejected.
    pub threshold: f32,
    /// How many of the held-out comments.
    pub comments: usize,
    /// How many of them the challenger decides as the moderator did.
    pub righted: usize,
    /// Some of those, and some of the others: those whose scores are farthest apart.
    pub examples: Vec<Example>,
}

/// Moderators who contradict each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contradictions {
    /// On how many texts, near-copies taken together.
    pub texts: usize,
    /// Who contradicts whom, and on how many texts; the pair with the most first.
    pub pairs: Vec<Pair>,
    /// Some of the texts.
    pub examples: Vec<Contradiction>,
}

/// What a retraining found.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// [`FORMAT`].
    pub format: u32,
    /// Whether the challenger may take the champion's place, in one sentence, with what to do next.
    pub summary: String,
    /// Whether it may.
    pub passed: bool,
    /// How many more labels it takes at least; 0 where there are enough.
    pub labels_needed: usize,
    /// How many of those have to reject, and how many to approve, at least.
    pub labels_needed_kinds: Kinds,
    /// The challenger's file; `None` where nothing could be learned.
    pub file: Option<File>,
    /// The version of the champion that it was judged against.
    pub champion: String,
    /// The version of the challenger.
    pub challenger: String,
    /// Which labels there were.
    pub labels: LabelCounts,
    /// What the labels were read by.
    pub asked: Asked,
    /// Every gate's verdicts.
    pub gates: Vec<Verdict>,
    /// The figures of `LIKELY_TO_REJECT`, of attributes and of slices.
    pub comparisons: Vec<Comparison>,
    /// The comments that would be decided otherwise.
    pub differently: Differently,
    /// The words that count for more now, then those that count for less.
    pub words: Vec<WordChange>,
    /// Benign sentences about people.
    pub identity: IdentityComparison,
    /// Moderators who contradict each other.
    pub contradictions: Contradictions,
    /// The champion's and the challenger's curves.
    pub curves: [Curves; 2],
    /// What cross-validation chose.
    pub chosen: Option<Chosen>,
    /// What the retraining was set to.
    pub settings: Settings,
    /// What the gates were set to.
    pub limits: Limits,
}

impl Account {
    /// Puts an account together.
    pub fn new(retrained: &Retrained, asked: Asked, settings: &Settings, limits: &Limits) -> Self {
        let Retrained { challenger, chosen, report, disagreements, .. } = retrained;
        let needed = sentence::needed(report);
        let file = challenger.as_ref().map(|(_, bytes)| File { sha256: sha256_hex(bytes), bytes: bytes.len() });
        Self {
            format: FORMAT,
            summary: sentence::summary(report, file.as_ref()),
            passed: report.passed() && file.is_some(),
            labels_needed: needed.labels,
            labels_needed_kinds: needed.kinds,
            file,
            champion: report.champion.clone(),
            challenger: report.challenger.clone(),
            labels: counts(retrained),
            asked,
            gates: report.verdicts.clone(),
            comparisons: report.comparisons.clone(),
            differently: examples::differently(report, retrained.held_out(), limits.threshold),
            words: report.words.clone(),
            identity: report.identity.clone(),
            contradictions: examples::contradictions(disagreements),
            curves: report.curves.clone(),
            chosen: *chosen,
            settings: settings.clone(),
            limits: *limits,
        }
    }

    /// Returns the bytes of `report.json`; numbers that are not finite are null.
    ///
    /// # Panics
    ///
    /// Never: names are strings, and numbers are numbers.
    pub fn to_json(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("names and numbers of our own");
        bytes.push(b'\n');
        bytes
    }

    /// Finds a figure of `LIKELY_TO_REJECT`.
    pub fn figure(&self, metric: Metric) -> Option<&Comparison> {
        self.comparisons.iter().find(|one| one.name == LIKELY_TO_REJECT && one.metric == metric)
    }

    /// Lists the figures of slices and attributes.
    pub fn others(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(|one| one.name != LIKELY_TO_REJECT)
    }

    /// Lists the verdicts of gates that refuse.
    pub fn refusals(&self) -> impl Iterator<Item = &Verdict> {
        self.gates.iter().filter(|verdict| verdict.outcome == Outcome::Refused)
    }
}

fn counts(retrained: &Retrained) -> LabelCounts {
    let Retrained { challenger, report: Report { held_out, .. }, labels, .. } = retrained;
    let mut by_source = BTreeMap::new();
    for label in labels {
        *by_source.entry(label.source.name()).or_default() += 1;
    }
    let own = || labels.iter().filter(|label| label.source != Source::DataSet);
    LabelCounts {
        looked_at: labels.len(),
        by_source,
        oldest: own().map(|label| label.at).min().map(time),
        newest: own().map(|label| label.at).max().map(time),
        held_out_from: retrained.held_out().iter().map(|label| label.at).min().map(time),
        learned: challenger.as_ref().map(|(artifact, _)| artifact.learned),
        held_out: held_out.rows,
        held_out_rejected: held_out.rejected,
    }
}

/// Writes a time in UTC, to the second.
pub(super) fn time(at: Timestamp) -> String {
    let second = at.as_micros().div_euclid(1_000_000);
    jiff::Timestamp::from_second(second).map_or_else(|_| "unknown".to_owned(), |time| time.to_string())
}
