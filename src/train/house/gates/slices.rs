//! Whether a challenger that is better on the whole is much worse somewhere.

use super::{Gate, Kinds, Limits, Metric, Needed, Report, Verdict, figures::Sample};
use crate::classify::{Detector, house::HouseModel};
use crate::train::house::Label;
use std::collections::BTreeMap;

/// So many slices are looked at, the largest first.
const SLICES_MAX: usize = 40;

/// Up to how many characters a comment is short, and is of medium length.
const SHORT_MAX: usize = 60;
const MEDIUM_MAX: usize = 250;

/// Judges every slice that has enough labels.
pub(super) fn judge(champion: &HouseModel, labels: &[Label], whole: &Sample, limits: &Limits, report: &mut Report) {
    let detector = Detector::new(champion.base().languages());
    let mut slices: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for &label in &whole.labels {
        for name in names(&labels[label], &detector) {
            slices.entry(name).or_default().push(label);
        }
    }
    // What is the whole again says nothing new.
    let mut slices: Vec<(String, Vec<usize>)> = slices.into_iter().filter(|one| one.1.len() < whole.len()).collect();
    slices.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    slices.truncate(SLICES_MAX);
    let before = report.verdicts.len();
    let mut nearest: Option<(Needed, String, Kinds)> = None;
    for (name, members) in slices {
        let sample = whole.only(|label| members.binary_search(&label).is_ok());
        if let Some(needed) = sample.too_small(limits) {
            if nearest.as_ref().is_none_or(|(least, ..)| needed.labels < least.labels) {
                nearest = Some((needed, name, sample.kinds()));
            }
            continue;
        }
        let comparison = sample.compare(&name, Metric::AveragePrecision, limits.seed);
        report.verdicts.push(comparison.judge(Gate::Slices, limits));
        report.comparisons.push(comparison);
    }
    if report.verdicts.len() == before {
        let wanted = format!("{} held-out labels, {} of each kind", limits.rows_min, limits.kind_min);
        let (reason, needed) = match nearest {
            None => (format!("no part of the comments has {wanted}"), Needed::default()),
            Some((needed, name, Kinds { rejected, approved })) => {
                let nearest = format!("{name} is nearest with {rejected} to reject and {approved} to approve");
                (format!("no part of the comments has {wanted}; {nearest}, and takes {}", needed.in_words()), needed)
            }
        };
        report.verdicts.push(Verdict::skipped(Gate::Slices, reason, needed));
    }
}

/// Returns the slices that a comment is in.
fn names(label: &Label, detector: &Detector) -> Vec<String> {
    let chars = label.text.chars().count();
    let length = match chars {
        0..=SHORT_MAX => "short",
        _ if chars <= MEDIUM_MAX => "medium",
        _ => "long",
    };
    let language = detector.detect(&label.text);
    let language = language.map_or_else(|| "unknown".to_owned(), |language| language.code().to_owned());
    let mut names = vec![format!("site {}", label.site), format!("length {length}"), format!("language {language}")];
    names.extend(label.section.as_ref().map(|section| format!("section {section}")));
    names
}
