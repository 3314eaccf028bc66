//! What the gates found.

use super::{Comparison, Curves, IdentityComparison, Kinds, Metric, WordChange, enough::Needed, figures::Sample};
use crate::classify::house::{HouseModel, Learned};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing that a challenger has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// It has learned from enough labels.
    Learned,
    /// There are enough labels to judge it by.
    HeldOut,
    /// Its average precision is not worse.
    AveragePrecision,
    /// Its calibration is not worse.
    Calibration,
    /// Its attributes are not worse.
    Attributes,
    /// It is not much worse on any site, section, length or language.
    Slices,
    /// It does not flag more benign sentences about people.
    Identity,
}

impl Gate {
    pub(super) const fn of(metric: Metric) -> Self {
        match metric {
            Metric::AveragePrecision => Self::AveragePrecision,
            Metric::CalibrationError => Self::Calibration,
        }
    }

    /// Returns the name in reports, such as `held_out`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::HeldOut => "held_out",
            Self::AveragePrecision => "average_precision",
            Self::Calibration => "calibration",
            Self::Attributes => "attributes",
            Self::Slices => "slices",
            Self::Identity => "identity",
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The challenger may pass.
    Passed,
    /// It may not.
    Refused,
    /// There is too little to say anything, and the gate doesn't insist.
    Skipped,
}

/// What a gate says, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The gate.
    pub gate: Gate,
    /// What it says.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub reason: String,
    /// How many more labels it takes in all, where they are too few; else 0.
    pub needed: usize,
    /// How many of those have to reject, and how many to approve, at least.
    pub needed_kinds: Kinds,
}

impl Verdict {
    pub(super) fn passed(gate: Gate, reason: String) -> Self {
        Self { gate, outcome: Outcome::Passed, reason, needed: 0, needed_kinds: Kinds::default() }
    }

    pub(in crate::train::house) fn refused(gate: Gate, reason: String) -> Self {
        Self { outcome: Outcome::Refused, ..Self::passed(gate, reason) }
    }

    pub(super) fn skipped(gate: Gate, reason: String, needed: Needed) -> Self {
        let Needed { labels: needed, kinds: needed_kinds } = needed;
        Self { outcome: Outcome::Skipped, needed, needed_kinds, ..Self::passed(gate, reason) }
    }
}

/// How many labels were held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HeldOut {
    /// Those that say whether to reject.
    pub rows: usize,
    /// Those that say so.
    pub rejected: usize,
}

/// A comment that the two models fall on different sides of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Different {
    /// The number of its label among the held-out ones.
    pub label: usize,
    /// The champion's score.
    pub champion: f32,
    /// The challenger's score.
    pub challenger: f32,
    /// Whether the moderator rejected it.
    pub rejected: bool,
}

impl Different {
    /// Lists the comments that would be decided differently, those first whose scores are farthest apart.
    pub(super) fn list(sample: &Sample, threshold: f32) -> Vec<Self> {
        let row = |row: usize| Self {
            label: sample.labels[row],
            champion: sample.scores[0][row],
            challenger: sample.scores[1][row],
            rejected: sample.truths[row],
        };
        let differs = |one: &Self| (one.champion >= threshold) != (one.challenger >= threshold);
        let apart = |one: &Self| (one.challenger - one.champion).abs();
        let mut list: Vec<Self> = (0..sample.len()).map(row).filter(differs).collect();
        list.sort_by(|a, b| apart(b).total_cmp(&apart(a)).then(a.label.cmp(&b.label)));
        list
    }
}

/// Everything that the gates found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of the model that decides.
    pub champion: String,
    /// The version of the model that is judged.
    pub challenger: String,
    /// What the challenger's house model was learned from.
    pub learned: Option<Learned>,
    /// What both were judged by.
    pub held_out: HeldOut,
    /// Every gate's verdicts.
    pub verdicts: Vec<Verdict>,
    /// The figures of `LIKELY_TO_REJECT`, of attributes and of slices.
    pub comparisons: Vec<Comparison>,
    /// How both score benign sentences about people.
    pub identity: IdentityComparison,
    /// The champion's and the challenger's curves.
    pub curves: [Curves; 2],
    /// Every comment that would be decided differently, those whose scores are farthest apart first.
    pub differently: Vec<Different>,
    /// The words that count for more now, and for less.
    pub words: Vec<WordChange>,
}

impl Report {
    pub(super) fn new([champion, challenger]: [&HouseModel; 2], sample: &Sample) -> Self {
        Self {
            champion: champion.version().to_owned(),
            challenger: challenger.version().to_owned(),
            learned: challenger.learned(),
            held_out: HeldOut { rows: sample.len(), rejected: sample.positives() },
            verdicts: Vec::new(),
            comparisons: Vec::new(),
            identity: IdentityComparison::default(),
            curves: Default::default(),
            differently: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Tells whether the challenger may take the champion's place: no gate refuses it.
    pub fn passed(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.outcome != Outcome::Refused)
    }

    /// Lists the verdicts of the gates that refuse.
    pub fn refusals(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Refused)
    }

    /// Finds the verdicts of one gate.
    pub fn of(&self, gate: Gate) -> impl Iterator<Item = &Verdict> {
        self.verdicts.iter().filter(move |verdict| verdict.gate == gate)
    }
}
