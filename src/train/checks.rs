//! What a trained model is measured on besides labelled comments: disguised words, innocent look-alikes, and sentences
//! about people.

use super::{
    dataset::Dataset,
    identity::{self, IdentityReport},
    robustness::{self, InnocentsReport, RobustnessReport, Text},
    settings::Settings,
    thresholds,
};
use crate::classify::{Model, Reference};
use crate::domain::{Attribute, Scores};
use std::ops::Range;

/// Measures what disguised words cost, on the rows that the slope of calibration is fitted on.
pub(super) fn robustness(model: &Model, dev: &Dataset, settings: &Settings) -> Option<RobustnessReport> {
    let attribute = Attribute::Toxicity;
    let text = |row: usize| -> Option<Text<'_>> {
        let is_alike = settings.calibration.sources.contains(&dev.source_names[dev.sources[row]]);
        let truth = dev.labels[row][attribute.index()].filter(|_| is_alike)?;
        Some(Text { text: &dev.texts[row], truth })
    };
    let texts: Vec<Text<'_>> = (0..dev.len()).filter_map(text).collect();
    let score = |text: &str| model.score(text).map_or(0.0, |scores| scores.get(attribute).get());
    let order = |text: &str| -> Vec<Range<usize>> {
        let spans = model.top_spans(text, attribute, usize::MAX);
        spans.iter().map(|span| span.begin as usize..span.end as usize).collect()
    };
    RobustnessReport::measure(&texts, &robustness::Plan::default(), score, order)
}

/// Measures what scores and texts look like: on natural sources, or on all where none is.
pub(super) fn reference(model: &Model, dev: &Dataset, scores: &[Option<Scores>], settings: &Settings) -> Reference {
    let natural = |row: usize| settings.calibration.natural_sources.contains(&dev.source_names[dev.sources[row]]);
    let has_natural = (0..dev.len()).any(natural);
    let rows = (0..dev.len()).filter(|row| !has_natural || natural(*row));
    let rows = rows.filter_map(|row| Some((scores[row]?, model.unseen(&dev.texts[row]))));
    Reference::of(model.checksum(), rows)
}

/// Measures innocent texts that were not learned from: how far each is on its way to any threshold for holding.
pub(super) fn innocents(
    model: &Model,
    thresholds: &[thresholds::Threshold],
    settings: &Settings,
) -> Option<InnocentsReport> {
    let score = |text: &str| {
        let scores = model.score(text)?;
        let far = |threshold: &thresholds::Threshold| {
            Attribute::from_name(&threshold.attribute).map(|name| scores.get(name).get() / threshold.hold)
        };
        thresholds.iter().filter_map(far).max_by(f32::total_cmp)
    };
    let texts = robustness::innocents::held_out();
    let measure = || InnocentsReport::measure("not learned from", &texts, 1.0, |text| score(text).unwrap_or(0.0));
    settings.sentences.learned.then(measure)
}

/// Measures toxicity on held-out sentences about people, at the threshold that flags a set share of natural rows. None
/// where the model has not learned the sentences' language, or the data has no natural rows.
pub(super) fn identity(
    model: &Model,
    dev: &Dataset,
    scores: &[Option<Scores>],
    settings: &Settings,
    sentences: fn(u64) -> Vec<identity::Sentence>,
) -> Option<IdentityReport> {
    if !settings.sentences.learned {
        return None;
    }
    let attribute = Attribute::Toxicity;
    let natural = |row: &usize| {
        let source = &dev.source_names[dev.sources[*row]];
        settings.calibration.natural_sources.contains(source) && dev.labels[*row][attribute.index()] == Some(false)
    };
    let score = |scores: Option<Scores>| Some(scores?.get(attribute).get());
    let ordinary: Vec<f32> = (0..dev.len()).filter(natural).filter_map(|row| score(scores[row])).collect();
    let threshold = identity::gate::threshold(&ordinary, identity::gate::ORDINARY_SHARE)?;
    let sentences = sentences(settings.seed);
    let rows: Vec<identity::Row<'_>> = sentences
        .iter()
        .filter_map(|sentence| {
            Some(identity::Row {
                score: score(model.score(&sentence.text))?,
                truth: sentence.labels[attribute.index()]?,
                term: sentence.term,
                context: sentence.context,
            })
        })
        .collect();
    Some(IdentityReport::new(attribute.name(), threshold, &rows))
}
