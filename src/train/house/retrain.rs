//! From labels to a challenger that the gates have judged.

use super::{
    Disagreement, Label, Settings,
    disagreements::disagreements,
    fit::{Chosen, fit},
    gates::{Gate, Limits, Report, Verdict, judge},
    label::in_force,
};
use crate::classify::{
    Model,
    artifact::sha256_hex,
    house::{Artifact, HouseModel},
};
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
    /// The labels that it was judged by: what the report's numbers of labels mean.
    pub held_out: Vec<Label>,
    /// All labels that were looked at, in order: what the disagreements' numbers of labels mean.
    pub labels: usize,
    /// Which texts moderators contradict each other on.
    pub disagreements: Vec<Disagreement>,
}

/// Learns a house model for `base` from all but the newest labels, and judges it by those against the champion.
///
/// The model that was judged is the one that is returned: it is not fitted again to what it was judged by.
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
) -> Result<Retrained, Error> {
    settings.check()?;
    let mut labels = in_force(labels)?;
    let disagreements = disagreements(&labels);
    let count = labels.len();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
    let kept = count - (count as f64 * settings.held_out).round() as usize;
    let held_out = labels.split_off(kept);
    let kinds = [true, false].map(|kind| labels.iter().filter(|label| label.rejected == Some(kind)).count());
    if kinds.contains(&0) {
        // The champion in both places: there is nothing to compare it with.
        let mut report = judge(champion, champion, &held_out, limits);
        let wanted = [limits.learned_min as usize, limits.learned_kind_min as usize];
        report.verdicts = vec![Verdict::enough(Gate::Learned, "learned from", [kinds[0] + kinds[1], 0], wanted)];
        return Ok(Retrained { challenger: None, chosen: None, report, held_out, labels: count, disagreements });
    }
    let fitted = fit(base, &labels, settings)?;
    let bytes = fitted.artifact.to_bytes()?;
    let artifact = Artifact::from_bytes(&bytes, Path::new("the new house model"))?;
    let challenger = HouseModel::new(Arc::clone(base), artifact, &sha256_hex(&bytes))?;
    let report = judge(champion, &challenger, &held_out, limits);
    Ok(Retrained {
        challenger: Some((fitted.artifact, bytes)),
        chosen: Some(fitted.chosen),
        report,
        held_out,
        labels: count,
        disagreements,
    })
}
