//! From labelled rows to weights, each attribute by itself.

use super::{
    Error,
    dataset::Dataset,
    plain,
    progress::{Progress, Step},
};
use crate::classify::{Ftrl, FtrlParams, FtrlValidParams};
use crate::domain::{Attribute, Language};
use linfa::ParamGuard;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What a fit depends on besides the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The languages of the data.
    #[serde(with = "super::codes", default = "super::codes::default")]
    pub languages: Vec<Language>,
    /// The learning rate, above zero.
    pub alpha: f32,
    /// What slows the first steps of a coordinate, at least zero.
    pub beta: f32,
    /// The strength of the penalty that makes weights exactly zero, at least zero.
    pub l1: f32,
    /// The strength of the penalty that keeps weights small, at least zero.
    pub l2: f32,
    /// How often every row is learned from, at least once.
    pub epochs: u32,
    /// Decides the order of rows and which rows are assumed to be false.
    pub seed: u64,
    /// The base-2 logarithm of the number of buckets, 1 to 20.
    pub bits: u32,
    /// Attributes that rows of unknown label are assumed not to carry, because few sources were labelled for them.
    #[serde(with = "names")]
    pub assumed_false: Vec<Attribute>,
    /// At most so many rows are assumed to be false for each such attribute.
    pub assumed_rows_max: usize,
    /// Whether to learn from the project's own harmless sentences as well.
    pub plain_sentences: bool,
    /// The sources whose comments are as mixed as those of an ordinary day; thresholds are set on them. Where the data
    /// has none of them, thresholds are set on all rows.
    pub ordinary_sources: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            languages: super::codes::default(),
            alpha: 1.0,
            beta: 1.0,
            l1: 0.05,
            l2: 0.3,
            epochs: 3,
            seed: 1,
            bits: 20,
            assumed_false: vec![Attribute::Spam],
            assumed_rows_max: 20_000,
            plain_sentences: true,
            ordinary_sources: vec!["civil-comments-sample".to_owned(), "jigsaw-wiki".to_owned()],
        }
    }
}

/// One attribute's weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weights {
    /// One weight for each bucket.
    pub(super) buckets: Vec<f32>,
    /// The logit of a text without features, from no source in particular.
    pub(super) bias: f32,
}

/// What one row says about one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Example {
    pub(super) row: usize,
    pub(super) truth: bool,
    /// Whether the label is an assumption or the project's own, and so no habit of a source.
    pub(super) assumed: bool,
}

/// Lists the rows that say something about `attribute`.
///
/// A source that knows only one answer says nothing: what sets its rows apart is the source, not the attribute.
/// Of the rows of unknown label some are assumed to be false, where the settings say so.
pub(super) fn examples(dataset: &Dataset, attribute: Attribute, settings: &Settings) -> Vec<Example> {
    let mut seen = vec![[false; 2]; dataset.source_names.len()];
    for (labels, &source) in dataset.labels.iter().zip(&dataset.sources) {
        if let Some(truth) = labels[attribute.index()] {
            seen[source][usize::from(truth)] = true;
        }
    }
    let both = |source: usize| seen[source] == [true; 2];
    if !seen.contains(&[true; 2]) {
        return Vec::new();
    }
    let plain = dataset.source_names.iter().position(|name| name == plain::SOURCE);
    let mut examples: Vec<Example> = dataset
        .labels
        .iter()
        .zip(&dataset.sources)
        .enumerate()
        .filter(|(_, (_, source))| both(**source) || Some(**source) == plain)
        .filter_map(|(row, (labels, source))| {
            labels[attribute.index()].map(|truth| Example { row, truth, assumed: Some(*source) == plain })
        })
        .collect();
    if settings.assumed_false.contains(&attribute) {
        let mut others: Vec<usize> = (0..dataset.len())
            .filter(|&row| dataset.labels[row][attribute.index()].is_none() && !both(dataset.sources[row]))
            .collect();
        others.sort_unstable_by_key(|&row| (shuffled(settings.seed, u64::MAX, row), row));
        others.truncate(settings.assumed_rows_max);
        examples.extend(others.into_iter().map(|row| Example { row, truth: false, assumed: true }));
    }
    examples
}

/// Learns every attribute's weights, in the order of [`Attribute::ALL`]; `None` where nothing speaks of one.
///
/// Attributes are learned side by side, each by one thread in an order that the seed decides, so the weights don't
/// depend on the number of threads.
pub(super) fn learn(
    dataset: &Dataset,
    settings: &Settings,
    progress: Progress<'_>,
) -> Result<Vec<Option<Weights>>, Error> {
    let params = FtrlParams::default().alpha(settings.alpha).beta(settings.beta).l1(settings.l1).l2(settings.l2);
    let params = params.check()?;
    Ok(Attribute::ALL
        .par_iter()
        .with_max_len(1)
        .map(|&attribute| learn_one(dataset, attribute, settings, params, progress))
        .collect())
}

fn learn_one(
    dataset: &Dataset,
    attribute: Attribute,
    settings: &Settings,
    params: FtrlValidParams<f32>,
    progress: Progress<'_>,
) -> Option<Weights> {
    const STEP_ROWS: u64 = 4096;
    let mut examples = examples(dataset, attribute, settings);
    if examples.is_empty() {
        return None;
    }
    let buckets = 1_usize << settings.bits;
    let mut model = Ftrl::new(params, buckets + 1 + dataset.source_names.len());
    let rows_total = examples.len() as u64 * u64::from(settings.epochs);
    let mut rows = 0;
    for epoch in 0..settings.epochs {
        examples.sort_by_cached_key(|example| shuffled(settings.seed, u64::from(epoch), example.row));
        for example in &examples {
            let (indices, values) = dataset.row(example.row);
            // Last comes the source's column, which takes up how this source labels. An assumption, with a column of
            // its own, would teach nothing about the text.
            let used = indices.len() - usize::from(example.assumed);
            model.learn(&indices[..used], &values[..used], example.truth);
            rows += 1;
            if rows % STEP_ROWS == 0 || rows == rows_total {
                progress(Step::Learning { attribute, rows, rows_total });
            }
        }
    }
    let buckets_learned = (0..buckets).map(|bucket| model.weight(bucket)).collect();
    Some(Weights { buckets: buckets_learned, bias: model.weight(buckets) })
}

/// Returns a number that sorts rows into an order without pattern (the finaliser of `SplitMix64`).
fn shuffled(seed: u64, epoch: u64, row: usize) -> u64 {
    let mut hash = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ epoch.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ row as u64;
    for multiplier in [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        hash = (hash ^ hash >> 30).wrapping_mul(multiplier);
    }
    hash ^ hash >> 31
}

/// Attributes by name in files: `domain` knows no formats.
mod names {
    use crate::domain::Attribute;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ptr_arg, reason = "the signature that serde calls for")]
    pub(super) fn serialize<S: Serializer>(attributes: &Vec<Attribute>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(attributes.iter().map(|attribute| attribute.name()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Attribute>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let find = |name: &String| {
            Attribute::from_name(name).ok_or_else(|| D::Error::custom(format!("no attribute is called {name}")))
        };
        names.iter().map(find).collect()
    }
}
