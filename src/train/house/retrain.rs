//! From labels to a challenger that the gates have judged.

use super::{
    Disagreement, Label, Settings, Source,
    disagreements::disagreements,
    fit::{Chosen, fit_and_tell},
    gates::{
        Gate, Kinds, Limits, Report,
        enough::{Counted, Part, Split},
        judge_and_tell, learned_enough,
    },
    label::{last_words, ordered},
    progress::Progress,
};
use crate::classify::{
    Model,
    artifact::sha256_hex,
    house::{Artifact, HouseModel},
};
use crate::domain::Timestamp;
use crate::train::Error;
use std::{path::Path, sync::Arc};

/// What came of a retraining.
#[derive(Debug, Clone)]
pub struct Retrained {
    /// The house model and the bytes of its file; `None` where the labels were too few, or all alike, to learn from.
    pub challenger: Option<(Artifact, Vec<u8>)>,
    /// What cross-validation chose for it.
    pub chosen: Option<Chosen>,
    /// What the gates say of it.
    pub report: Report,
    /// The last word on each comment, in order.
    pub labels: Vec<Label>,
    /// From which of them on it was judged by them instead of learning from them.
    pub learned: usize,
    /// Which texts moderators contradict each other on.
    pub disagreements: Vec<Disagreement>,
}

impl Retrained {
    /// Returns the labels that it was judged by: what the report's numbers of labels mean.
    pub fn held_out(&self) -> &[Label] {
        &self.labels[self.learned..]
    }
}

/// Learns a house model for `base` from all but the newest labels, and judges it by those against the champion.
///
/// The model that was judged is the one that is returned: it is not fitted again to what it was judged by. Labels of data
/// sets are never held out, and count for no number of labels that a gate asks for. Neither are labels that the champion may
/// have learned from: where that leaves too few, a gate refuses and says so.
///
/// # Errors
///
/// Fails on labels and settings out of range. Too few labels are no failure but a report that says how many more it takes.
pub fn retrain(
    base: &Arc<Model>,
    champion: &HouseModel,
    labels: impl IntoIterator<Item = Label>,
    settings: &Settings,
    limits: &Limits,
    progress: Progress<'_>,
) -> Result<Retrained, Error> {
    settings.check()?;
    let labels = ordered(labels)?;
    // Before one verdict takes another's place.
    let disagreements = disagreements(&labels);
    let mut labels = last_words(labels);
    // Those of data sets are older than all others.
    labels.sort_by_key(|label| label.source != Source::DataSet);
    let (split, learned) = split(&labels, settings.held_out, champion.learned_until());
    let (learned_from, held_out) = labels.split_at(learned);
    let kinds = Kinds::count(learned_from.iter().filter_map(ruled));
    if kinds.least() == 0 {
        // The champion in both places: there is nothing to compare it with.
        let mut report = judge_and_tell([champion, champion], held_out, Some(&split), limits, progress);
        let counted = Counted { kinds, part: Part::Learned, split: Some(&split) };
        report.verdicts.retain(|verdict| verdict.gate == Gate::HeldOut);
        report.verdicts.insert(0, learned_enough(counted, limits));
        return Ok(Retrained { challenger: None, chosen: None, report, labels, learned, disagreements });
    }
    let fitted = fit_and_tell(base, learned_from, settings, progress)?;
    let bytes = fitted.artifact.to_bytes()?;
    let artifact = Artifact::from_bytes(&bytes, Path::new("the new house model"))?;
    let challenger = HouseModel::new(Arc::clone(base), artifact, &sha256_hex(&bytes))?;
    let report = judge_and_tell([champion, &challenger], held_out, Some(&split), limits, progress);
    Ok(Retrained {
        challenger: Some((fitted.artifact, bytes)),
        chosen: Some(fitted.chosen),
        report,
        labels,
        learned,
        disagreements,
    })
}

/// Returns what a label says of rejecting, where a person here gave it: what data sets say is nobody's verdict.
fn ruled(label: &Label) -> Option<bool> {
    label.rejected.filter(|_| label.source != Source::DataSet)
}

/// Splits labels in order: returns how, and from which of them on they are held out.
///
/// Only labels that say whether to reject are counted; those that speak of attributes alone stay on the side that their time
/// puts them on. None is held out that isn't newer than all that the champion has learned from: it may know it by heart.
fn split(labels: &[Label], held_out: f64, champion_until: Option<Timestamp>) -> (Split, usize) {
    let numbers: Vec<usize> = (0..labels.len()).filter(|number| ruled(&labels[*number]).is_some()).collect();
    let seen = numbers.partition_point(|number| champion_until.is_some_and(|until| labels[*number].at <= until));
    let mut split = Split { held_out, given: Kinds::count(labels.iter().filter_map(ruled)), seen: 0 };
    let first = numbers.len() - split.held_out(numbers.len());
    split.seen = seen.saturating_sub(first);
    (split, numbers.get(first + split.seen).copied().unwrap_or(labels.len()))
}
