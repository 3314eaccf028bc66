//! Whether a challenger may take the champion's place: on labels that neither has learned from, newer than all that were.
//!
//! In come two models and held-out labels; out comes a [`Report`] with a [`Verdict`] for each gate, its reason in one
//! sentence, and the figures that it rests on. Everything is weighted by inverse sampling probability, and differences
//! are judged by paired bootstrap intervals: both models see the same draws.
//!
//! Start reading at [`judge`], then [`Limits`].

mod curves;
pub(super) mod enough;
mod figures;
mod identity;
mod report;
mod slices;
mod words;

pub use curves::{Bin, Curves, Point};
pub use enough::{Kinds, Needed};
pub use figures::{Comparison, Metric};
pub use identity::{IdentityComparison, TermComparison};
pub use report::{Different, Gate, HeldOut, Outcome, Report, Verdict};
pub use words::WordChange;

use super::{
    Label,
    progress::{Counter, Progress, SILENT, Stage},
};
use crate::classify::{
    Scratch,
    house::{HouseModel, Scored},
};
use crate::domain::{Attribute, LIKELY_TO_REJECT};
use crate::train::identity::gate::FALSE_POSITIVE_RATE_MAX;
use enough::{Counted, Part, Split};
use figures::Sample;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What a challenger has to reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The least labels that a challenger was learned from.
    pub learned_min: u32,
    /// The least of them of each kind.
    pub learned_kind_min: u32,
    /// The least held-out labels that say whether to reject.
    pub held_out_min: usize,
    /// The least of them of each kind.
    pub held_out_kind_min: usize,
    /// The least labels of an attribute, or of a slice, to be judged by.
    pub rows_min: usize,
    /// The least of them of each kind.
    pub kind_min: usize,
    /// By how much the calibration error may rise, even where that is no chance.
    pub calibration_slack: f64,
    /// By how much the average precision of a slice may fall, even where that is no chance.
    pub slice_slack: f64,
    /// By how much the share of benign sentences about people that are flagged may rise, even where that is no chance.
    pub identity_slack: f64,
    /// The most of any term's benign sentences that may be flagged, even where that is no chance.
    pub term_max: f64,
    /// From this score on, a comment counts as rejected where decisions are compared.
    pub threshold: f32,
    /// Decides which rows a bootstrap draws, and which sentences about people there are.
    pub seed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            learned_min: 200,
            learned_kind_min: 30,
            held_out_min: 100,
            held_out_kind_min: 20,
            rows_min: 50,
            kind_min: 10,
            calibration_slack: 0.01,
            slice_slack: 0.05,
            identity_slack: 0.01,
            term_max: FALSE_POSITIVE_RATE_MAX,
            threshold: 0.5,
            seed: 3,
        }
    }
}

/// Judges a challenger against the champion.
///
/// Labels that say nothing of a gate don't count for it; where too few speak of `LIKELY_TO_REJECT`, the challenger is
/// refused and told how many more it takes. A comment that either model cannot score counts as one that scores 0.
pub fn judge(champion: &HouseModel, challenger: &HouseModel, held_out: &[Label], limits: &Limits) -> Report {
    judge_and_tell([champion, challenger], held_out, None, limits, SILENT)
}

/// Does as [`judge`], and tells how far it is; what is missing is told as labels in all, by how they were split.
pub(super) fn judge_and_tell(
    [champion, challenger]: [&HouseModel; 2],
    held_out: &[Label],
    split: Option<&Split>,
    limits: &Limits,
    progress: Progress<'_>,
) -> Report {
    let counter = Counter::begin(progress, Stage::Gates, 6);
    let models = [champion, challenger];
    let scores = score(models, held_out);
    let likely = |scored: &Option<Scored>| scored.map_or(0.0, |scored| scored.likely_to_reject.get());
    let likely = [0, 1].map(|model: usize| scores[model].iter().map(likely).collect());
    let sample = Sample::new(held_out, |label| label.rejected, &likely);
    let mut report = Report::new(models, &sample);
    counter.one_more();
    report.verdicts.push(enough_learned(challenger, split, limits));
    let counted = Counted { kinds: sample.kinds(), part: Part::HeldOut, split };
    report.verdicts.push(counted.enough(Gate::HeldOut, limits.held_out_min, limits.held_out_kind_min));
    for metric in Metric::ALL {
        let comparison = sample.compare(LIKELY_TO_REJECT, metric, limits.seed);
        report.verdicts.push(comparison.judge(Gate::of(metric), limits));
        report.comparisons.push(comparison);
    }
    counter.one_more();
    attributes(models, held_out, &scores, limits, &mut report);
    counter.one_more();
    slices::judge(champion, held_out, &sample, limits, &mut report);
    counter.one_more();
    let identity = IdentityComparison::new(models, held_out, &sample, limits);
    report.verdicts.push(identity.judge(limits));
    counter.one_more();
    report.identity = identity;
    report.curves = sample.curves();
    report.differently = Different::list(&sample, limits.threshold);
    report.words = words::changes(models, held_out);
    counter.one_more();
    report
}

fn score(models: [&HouseModel; 2], labels: &[Label]) -> [Vec<Option<Scored>>; 2] {
    let score = |scratch: &mut Scratch, label: &Label| {
        let [champion, challenger] = HouseModel::score_both(models, scratch, &label.text, &label.circumstances);
        (champion, challenger)
    };
    labels.par_iter().map_init(Scratch::default, score).unzip().into()
}

fn enough_learned(challenger: &HouseModel, split: Option<&Split>, limits: &Limits) -> Verdict {
    let Some(learned) = challenger.learned() else {
        return Verdict::passed(
            Gate::Learned,
            "the challenger has no house model and learned from nobody here".to_owned(),
        );
    };
    let kinds = Kinds { rejected: learned.rejected as usize, approved: learned.approved as usize };
    learned_enough(Counted { kinds, part: Part::Learned, split }, limits)
}

/// Asks for enough labels to learn from.
pub(super) fn learned_enough(learned: Counted<'_>, limits: &Limits) -> Verdict {
    learned.enough(Gate::Learned, limits.learned_min as usize, limits.learned_kind_min as usize)
}

/// Compares the base models' attributes, where they are two and labels speak of them.
fn attributes(
    models: [&HouseModel; 2],
    held_out: &[Label],
    scores: &[Vec<Option<Scored>>; 2],
    limits: &Limits,
    report: &mut Report,
) {
    if models[0].base().checksum() == models[1].base().checksum() {
        let reason = "both stand on the same base model, so that its attributes are the same to the bit".to_owned();
        report.verdicts.push(Verdict::passed(Gate::Attributes, reason));
        return;
    }
    for attribute in Attribute::ALL {
        let of = |scored: &Option<Scored>| scored.map_or(0.0, |scored| scored.scores.get(attribute).get());
        let scores = [0, 1].map(|model| scores[model].iter().map(of).collect());
        let sample = Sample::new(held_out, |label| label.attributes[attribute.index()], &scores);
        if let Some(needed) = sample.too_small(limits) {
            // Here a label that is true of the attribute counts as one that rejects.
            let reason = format!(
                "{attribute} is not judged: {} held-out labels say that a comment has it and {} that it has not, and it takes {}, \
                 {} of each kind",
                sample.positives(),
                sample.len() - sample.positives(),
                limits.rows_min,
                limits.kind_min
            );
            report.verdicts.push(Verdict::skipped(Gate::Attributes, reason, needed));
            continue;
        }
        for metric in Metric::ALL {
            let comparison = sample.compare(attribute.name(), metric, limits.seed);
            report.verdicts.push(comparison.judge(Gate::Attributes, limits));
            report.comparisons.push(comparison);
        }
    }
}
