//! What each row teaches about each attribute: its label, how much it counts, and what is only assumed.

use super::{
    dataset::{Dataset, is_own},
    settings::Settings,
};
use crate::classify::Target;
use crate::domain::Attribute;

/// One row's targets, in the order of [`Attribute::ALL`].
pub(super) type Targets = [Target; Attribute::COUNT];

/// Lists every row's targets; a weight of zero says nothing about an attribute.
///
/// A source that knows only one answer says nothing: what sets its rows apart is the source, not the attribute. The
/// project's own sentences always count. Of the rows of unknown label some are assumed to be false, where the settings
/// say so.
pub(super) fn targets(dataset: &Dataset, settings: &Settings) -> Vec<Targets> {
    let both = sources_with_both_answers(dataset);
    let own: Vec<bool> = dataset.source_names.iter().map(|name| is_own(name)).collect();
    let weights: Vec<f32> = dataset.source_names.iter().map(|name| settings.source_weight(name)).collect();
    let sentences = &settings.sentences;
    let mut targets = vec![Targets::default(); dataset.len()];
    for attribute in Attribute::ALL {
        if !both.iter().any(|both| both[attribute.index()]) {
            continue;
        }
        for (((targets, labels), shares), &source) in
            targets.iter_mut().zip(&dataset.labels).zip(&dataset.shares).zip(&dataset.sources)
        {
            if labels[attribute.index()].is_none() {
                continue;
            }
            let truth = shares[attribute.index()];
            if own[source] {
                let enough = if truth >= 0.5 { sentences.hateful_enough } else { sentences.benign_enough };
                let weight = settings.sentence_weight(attribute);
                targets[attribute.index()] = Target { truth, weight, assumed: true, enough: Some(enough) };
            } else if both[source][attribute.index()] {
                targets[attribute.index()] = Target { truth, weight: weights[source], assumed: false, enough: None };
            }
        }
    }
    for &attribute in &settings.assumed_false {
        if both.iter().any(|both| both[attribute.index()]) {
            assume_false(dataset, settings, attribute, &mut targets);
        }
    }
    targets
}

/// Takes some rows of unknown label for rows without `attribute`.
fn assume_false(dataset: &Dataset, settings: &Settings, attribute: Attribute, targets: &mut [Targets]) {
    let attribute = attribute.index();
    let both = sources_with_both_answers(dataset);
    let unknown = |row: &usize| dataset.labels[*row][attribute].is_none() && !both[dataset.sources[*row]][attribute];
    let mut rows: Vec<usize> = (0..dataset.len()).filter(unknown).collect();
    rows.sort_unstable_by_key(|&row| (shuffled(settings.seed, u64::MAX, row), row));
    for &row in rows.iter().take(settings.assumed_rows_max) {
        targets[row][attribute] = Target { truth: 0.0, weight: 1.0, assumed: true, enough: None };
    }
}

fn sources_with_both_answers(dataset: &Dataset) -> Vec<[bool; Attribute::COUNT]> {
    let mut seen = vec![[[false; 2]; Attribute::COUNT]; dataset.source_names.len()];
    for (labels, &source) in dataset.labels.iter().zip(&dataset.sources) {
        for (seen, label) in seen[source].iter_mut().zip(labels) {
            if let Some(truth) = label {
                seen[usize::from(*truth)] = true;
            }
        }
    }
    let own = |source: usize| is_own(&dataset.source_names[source]);
    seen.iter().enumerate().map(|(source, seen)| seen.map(|seen| seen == [true; 2] && !own(source))).collect()
}

/// Returns a number that sorts rows into an order without pattern (the finaliser of `SplitMix64`).
pub(super) fn shuffled(seed: u64, epoch: u64, row: usize) -> u64 {
    let mut hash = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ epoch.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ row as u64;
    for multiplier in [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        hash = (hash ^ hash >> 30).wrapping_mul(multiplier);
    }
    hash ^ hash >> 31
}
