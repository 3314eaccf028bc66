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
    let (split, learned) = split(&mut labels, settings.held_out, champion.learned_until());
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

/// Puts labels that are held out behind the others, each part in order: returns how they were split, and where.
///
/// Of each kind the newest are held out, so that an archive of one kind, however old or new, doesn't leave the other kind on one
/// side alone. Only labels that say whether to reject are counted; those that speak of attributes alone are learned from. None
/// is held out that isn't newer than all that the champion has learned from: it may know it by heart.
fn split(labels: &mut Vec<Label>, held_out: f64, champion_until: Option<Timestamp>) -> (Split, usize) {
    let mut split = Split { held_out, given: Kinds::count(labels.iter().filter_map(ruled)), seen: 0 };
    let Kinds { rejected, approved } = split.given;
    let rarer = rejected <= approved;
    let of_rarer = split.held_out(rejected.min(approved));
    let of_other = split.held_out(rejected + approved).saturating_sub(of_rarer);
    // What is still to be held out: of those to approve, and of those to reject.
    let mut left = if rarer { [of_other, of_rarer] } else { [of_rarer, of_other] };
    let mut is_held_out = vec![false; labels.len()];
    for (label, is_held_out) in labels.iter().zip(&mut is_held_out).rev() {
        let Some(rejected) = ruled(label) else { continue };
        let left = &mut left[usize::from(rejected)];
        if *left > 0 {
            *left -= 1;
            *is_held_out = champion_until.is_none_or(|until| label.at > until);
            split.seen += usize::from(!*is_held_out);
        }
    }
    let mut marks = is_held_out.into_iter();
    let held: Vec<Label> = labels.extract_if(.., |_| marks.next().unwrap_or_default()).collect();
    let learned = labels.len();
    labels.extend(held);
    (split, learned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::house::Circumstances;

    fn label(at: i64, rejected: Option<bool>) -> Label {
        Label {
            site: "s".to_owned(),
            comment: at.to_string(),
            section: None,
            text: String::new(),
            circumstances: Circumstances::default(),
            at: Timestamp::from_micros(at),
            moderator: String::new(),
            source: Source::Verdict,
            rejected,
            attributes: [None; 8],
            sampled: 1.0,
            superseded: false,
        }
    }

    fn times(labels: &[Label]) -> Vec<i64> {
        labels.iter().map(|label| label.at.as_micros()).collect()
    }

    #[test]
    fn the_newest_of_each_kind_are_held_out_whatever_else_came_when() {
        // Ten verdicts, one in two rejects, and then an archive of thirty that are approved.
        let mut labels: Vec<Label> = (0..10).map(|at| label(at, Some(at % 2 == 0))).collect();
        labels.extend((10..40).map(|at| label(at, Some(false))));
        labels.push(label(40, None));
        let (split, learned) = split(&mut labels, 0.2, None);
        assert_eq!((split.given, split.seen, learned), (Kinds { rejected: 5, approved: 35 }, 0, 33));
        assert_eq!(times(&labels[learned..]), [8, 33, 34, 35, 36, 37, 38, 39]);
        assert_eq!(times(&labels[learned - 2..learned]), [32, 40], "what speaks of attributes alone is learned from");
    }

    #[test]
    fn none_is_held_out_that_the_champion_may_know() {
        let mut labels: Vec<Label> = (0..20).map(|at| label(at, Some(at % 2 == 0))).collect();
        let (split, learned) = split(&mut labels, 0.2, Some(Timestamp::from_micros(17)));
        assert_eq!((split.seen, learned, times(&labels[learned..])), (2, 18, vec![18, 19]));
    }
}
