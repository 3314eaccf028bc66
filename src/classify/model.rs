//! Scores: a walk through the text's features, every attribute's weights at once.

use super::{
    Error, FeatureSet, HouseModel, Reference, Scorer,
    artifact::{Artifact, Head, sha256_hex},
    explain::{self, Explanation},
    features::{Part, Scratch, View, unit_scale_of, value},
    house::{self, HouseExplanation},
    repeats::{Repeated, Repeats},
    table::Table,
};
use crate::domain::{Attribute, Circumstances, Language, Scores, Span};
use std::{cell::RefCell, path::Path, sync::Arc};

/// One logit for each attribute, in the order of [`Attribute::ALL`].
pub type Logits = [f32; Attribute::COUNT];

/// A model at work. It is never changed, so any number of threads may share one.
#[derive(Debug, Clone)]
pub struct Model {
    version: String,
    checksum: String,
    languages: Vec<Language>,
    features: FeatureSet,
    pub(super) heads: [Head; Attribute::COUNT],
    pub(super) table: Table,
    reference: Option<Arc<Reference>>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Model {
    /// Unpacks the model that comes with the program.
    ///
    /// # Errors
    ///
    /// Fails only where the program itself is damaged.
    pub fn embedded() -> Result<Self, Error> {
        const BYTES: &[u8] = include_bytes!("../../models/default/model.bin");
        const TRAINING: &str = include_str!("../../models/default/training.json");
        let artifact = Artifact::from_bytes(BYTES, Path::new("the program's own models/default/model.bin"))?;
        let checksum = sha256_hex(BYTES);
        let path = Path::new("the program's own models/default/training.json");
        let reference =
            Reference::parse(TRAINING, &checksum).map_err(|what| Error::Damaged { path: path.into(), what })?;
        Ok(Self { reference: Some(Arc::new(reference)), ..Self::new(artifact, &checksum) })
    }

    /// Reads the model in the folder `dir`, as `ombud train` writes one.
    ///
    /// # Errors
    ///
    /// Refuses a file that is missing, damaged or of an unknown format, in a sentence that says what to do.
    pub fn load(dir: &Path) -> Result<Self, Error> {
        let (artifact, checksum) = Artifact::load(dir)?;
        let reference = Reference::load(dir, &checksum)?.map(Arc::new);
        Ok(Self { reference, ..Self::new(artifact, &checksum) })
    }

    /// Puts an artifact to work; `checksum` is the SHA-256 of its file, in hexadecimal digits.
    pub fn new(artifact: Artifact, checksum: &str) -> Self {
        let Artifact { name, languages, features, heads, rows } = artifact;
        let short = checksum.get(..12).unwrap_or(checksum);
        let version = format!("{name}-{short}");
        let (checksum, table) = (checksum.to_owned(), Table::new(&rows));
        Self { version, checksum, languages, features, heads, table, reference: None }
    }

    /// Returns the model's name and the beginning of its checksum, such as `default-0123456789ab`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the SHA-256 of the model's file, in hexadecimal digits.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// Returns what its scores looked like when it was measured; `None` where that isn't known.
    pub fn reference(&self) -> Option<&Reference> {
        self.reference.as_deref()
    }

    /// Returns the languages that the model was trained on.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// Returns how text becomes features.
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// Returns the calibrated probabilities that `text` carries each attribute, or `None` where one is not finite.
    ///
    /// The buffers for it are the thread's own, so this neither waits nor, after a few texts, allocates.
    ///
    /// ```
    /// let model = ombud::classify::Model::embedded()?;
    /// let scores = model.score("What a lovely garden.");
    /// assert!(scores.is_some_and(|scores| scores.get(ombud::domain::Attribute::Threat).get() < 0.5));
    /// # Ok::<(), ombud::classify::Error>(())
    /// ```
    pub fn score(&self, text: &str) -> Option<Scores> {
        with_scratch(|scratch| self.score_into(scratch, text))
    }

    /// Returns what [`Model::score`] does, with buffers of the caller's own.
    pub fn score_into(&self, scratch: &mut Scratch, text: &str) -> Option<Scores> {
        self.probabilities(&self.logits_into(scratch, text))
    }

    /// Returns the logit of each attribute, before calibration.
    pub fn logits(&self, text: &str) -> Logits {
        with_scratch(|scratch| self.logits_into(scratch, text))
    }

    /// Returns what [`Model::logits`] does, with buffers of the caller's own.
    pub fn logits_into(&self, scratch: &mut Scratch, text: &str) -> Logits {
        scratch.read(text, &self.features);
        self.walk(scratch, |_| {})
    }

    /// Returns the logits of the text that `scratch` read last; `look` is shown every part on the way.
    #[inline]
    pub(super) fn walk(&self, scratch: &mut Scratch, mut look: impl FnMut(Walked<'_>)) -> Logits {
        let mut logits = [0.0; Attribute::COUNT];
        for part in self.parts() {
            let (view, occurrences, repeats) = scratch.occurrences(&self.features, part);
            // Once for each occurrence, in whole numbers; then what repeated features are worth less than that.
            let mut sums = self.table.sum(occurrences).map(exact);
            let (mut again, mut more) = (0, 0.0);
            for Repeated { bucket, count } in repeats.find(occurrences) {
                let worth = value(count);
                again += count - 1;
                more += worth.powi(2) - 1.0;
                let less = worth - exact(count.cast_signed());
                for (sum, weight) in sums.iter_mut().zip(self.table.row(bucket)) {
                    *sum += less * f32::from(weight);
                }
            }
            let scale = unit_scale_of(occurrences.len() - again as usize, more) * self.features.length(part);
            for (logit, sum) in logits.iter_mut().zip(sums) {
                *logit += sum * scale;
            }
            look(Walked { part, view, occurrences, repeats, scale });
        }
        self.add_heads(&mut logits);
        logits
    }

    /// Returns how many n-grams of words and characters of `text` the model has no weight for, and how many there are.
    pub fn unseen(&self, text: &str) -> [u64; 2] {
        let mut ngrams = [0, 0];
        with_scratch(|scratch| {
            scratch.read(text, &self.features);
            self.walk(scratch, |walked| {
                if matches!(walked.part, Part::Words | Part::Chars) {
                    let weightless = |bucket: &&u32| self.table.row(**bucket) == [0; Attribute::COUNT];
                    ngrams[0] += walked.occurrences.iter().filter(weightless).count() as u64;
                    ngrams[1] += walked.occurrences.len() as u64;
                }
            })
        });
        ngrams
    }

    /// Returns the scores of a sparse row of hashed features, as [`Scratch::sparse_row`] writes one.
    pub fn score_row(&self, buckets: &[u32], values: &[f32]) -> Option<Scores> {
        let mut logits = [0.0_f32; Attribute::COUNT];
        for (&bucket, value) in buckets.iter().zip(values) {
            for (logit, weight) in logits.iter_mut().zip(self.table.row(bucket)) {
                *logit += value * f32::from(weight);
            }
        }
        self.add_heads(&mut logits);
        self.probabilities(&logits)
    }

    fn add_heads(&self, logits: &mut Logits) {
        for (logit, head) in logits.iter_mut().zip(&self.heads) {
            *logit = *logit * head.scale + head.bias;
        }
    }

    pub(super) fn probabilities(&self, logits: &Logits) -> Option<Scores> {
        let mut probabilities = [0.0; Attribute::COUNT];
        for ((probability, &logit), head) in probabilities.iter_mut().zip(logits).zip(&self.heads) {
            *probability = head.calibration.probability(logit)?;
        }
        Scores::new(probabilities)
    }

    /// Returns the scores of `text` with what each of its words adds to them, or `None` where scoring fails.
    ///
    /// ```
    /// use ombud::domain::Attribute;
    ///
    /// let model = ombud::classify::Model::embedded()?;
    /// let explanation = model.explain("What a lovely garden.").expect("the model is whole");
    /// let sum: f32 = explanation.spans(Attribute::Toxicity).map(|span| span.contribution).sum();
    /// assert!((explanation.biases[0] + explanation.styles[0] + sum - explanation.logits[0]).abs() < 1e-4);
    /// # Ok::<(), ombud::classify::Error>(())
    /// ```
    pub fn explain(&self, text: &str) -> Option<Explanation> {
        with_scratch(|scratch| self.explain_into(scratch, text))
    }

    /// Returns what [`Model::explain`] does, with buffers of the caller's own.
    pub fn explain_into(&self, scratch: &mut Scratch, text: &str) -> Option<Explanation> {
        explain::explain(self, scratch, text)
    }

    /// Lists the parts of the features that count.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> + use<> {
        let features = self.features;
        Part::ALL.into_iter().filter(move |part| features.length(*part) > 0.0)
    }

    /// Returns the words that raised one attribute's logit, strongest first, at most `max` of them.
    pub fn top_spans(&self, text: &str, attribute: Attribute, max: usize) -> Vec<Span> {
        self.explain(text).map(|explanation| explanation.top_spans(attribute, max)).unwrap_or_default()
    }
}

/// One part of a text's features, as scoring has gone through it.
pub(super) struct Walked<'a> {
    pub(super) part: Part,
    pub(super) view: &'a View,
    /// The bucket of every occurrence of a feature.
    pub(super) occurrences: &'a [u32],
    /// Which buckets occur more than once.
    pub(super) repeats: &'a Repeats,
    /// What the values of the part's features are multiplied by.
    pub(super) scale: f32,
}

#[inline]
#[expect(clippy::cast_precision_loss, reason = "sums of a text's bytes are far below what a float keeps exactly")]
fn exact(sum: i32) -> f32 {
    sum as f32
}

/// Runs `work` with the thread's own buffers, or with new ones where `work` calls for them again.
pub(super) fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> T) -> T {
    SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut scratch) => work(&mut scratch),
        Err(_) => work(&mut Scratch::default()),
    })
}

impl Scorer for Model {
    fn version(&self) -> &str {
        self.version()
    }

    fn languages(&self) -> &[Language] {
        self.languages()
    }

    fn reference(&self) -> Option<&Reference> {
        self.reference()
    }

    fn unseen(&self, text: &str) -> Option<[u64; 2]> {
        Some(self.unseen(text))
    }

    fn base_checksum(&self) -> &str {
        self.checksum()
    }

    fn score(&self, text: &str) -> Option<Scores> {
        self.score(text)
    }

    fn explain(&self, text: &str) -> Option<Explanation> {
        self.explain(text)
    }

    fn explain_house(&self, text: &str, circumstances: &Circumstances) -> Option<HouseExplanation> {
        house::explain_following(self, text, circumstances)
    }

    fn with_house(self: Arc<Self>, bytes: &[u8], path: &Path) -> Result<Arc<HouseModel>, Error> {
        HouseModel::from_bytes(self, bytes, path).map(Arc::new)
    }
}
