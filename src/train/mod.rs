//! Makes models from labelled comments, and measures them.
//!
//! In come files of labelled comments; out go a model's folder (`model.bin`, `manifest.json`, `MODEL_CARD.md`) and a
//! report. This room neither opens the store nor the network, and what it writes depends on its data and settings
//! alone: not on the time, the machine's name or the number of threads.
//!
//! Start reading at [`train`](fn@train), then [`dataset`], then `fit`; [`house`] makes models of moderators' verdicts.

pub mod bootstrap;
mod calibrate;
mod card;
mod checks;
mod codes;
pub mod compare;
pub mod dataset;
mod dice;
pub mod error;
mod fit;
pub mod hard_cases;
pub mod house;
pub mod identity;
mod lines;
pub mod manifest;
pub mod metrics;
pub mod pack;
pub mod plain;
pub mod progress;
mod ratios;
pub mod report;
pub mod robustness;
pub mod scale;
pub mod settings;
mod sources;
mod targets;
pub mod thresholds;
pub mod trial;

pub use card::model_card;
pub use compare::Comparison;
pub use dataset::{Dataset, Reading};
pub use error::Error;
pub use manifest::Manifest;
pub use progress::{Progress, Step};
pub use report::Report;
pub use settings::Settings;
pub use trial::Trial;

use crate::classify::{
    FEATURES_VERSION, Model, Reference,
    artifact::{self, Artifact},
    reference,
};
use crate::domain::Attribute;
use dataset::{Disguises, Sentence};
use pack::Packing;
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// What to train, on what, and where to put it.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Files to learn from.
    pub train: Vec<PathBuf>,
    /// Files to calibrate and measure on; none of their comments may be in `train`.
    pub dev: Vec<PathBuf>,
    /// The folder to write the model into; it is made where it is missing.
    pub out: PathBuf,
    /// The model's name: letters, digits, `-`, `_` and `.`, at most 64.
    pub name: String,
    /// What the training depends on besides the data.
    pub settings: Settings,
    /// The revision of the program's source, to be written into the manifest.
    pub revision: Option<String>,
    /// How many threads work, or `None` for one on each core. The model does not depend on it.
    pub threads: Option<usize>,
    /// Whether to leave out lines that are not labelled comments instead of failing.
    pub skip_bad: bool,
}

/// Trains a model, calibrates and measures it, and writes its folder.
///
/// Each file is written under a temporary name and renamed when it is complete; `model.bin` comes last, so a folder
/// never holds half a model.
///
/// # Errors
///
/// Fails on data that cannot be read, on settings out of range, where no attribute can be learned, and where the
/// folder cannot be written.
pub fn train(options: &Options, progress: Progress<'_>) -> Result<Manifest, Error> {
    let pool = threads(options.threads)?;
    let (bytes, manifest, reference) = pool.install(|| fit_and_measure(options, progress))?;
    let unwritable = |error: serde_json::Error| Error::Write { path: options.out.clone(), source: error.into() };
    let json = serde_json::to_string_pretty(&manifest).map_err(unwritable)?;
    let reference = serde_json::to_string_pretty(&reference).map_err(unwritable)?;
    fs::create_dir_all(&options.out).map_err(|source| Error::Write { path: options.out.clone(), source })?;
    let files = [
        ("MODEL_CARD.md", model_card(&manifest).into_bytes()),
        ("manifest.json", (json + "\n").into_bytes()),
        (reference::FILE, (reference + "\n").into_bytes()),
        ("model.bin", bytes),
    ];
    write_all(&options.out, &files, progress)?;
    Ok(manifest)
}

/// Trains and measures a model that is not kept.
///
/// # Errors
///
/// Fails as [`train`] does, besides writing.
pub fn try_out(options: &Options, progress: Progress<'_>) -> Result<(Model, Manifest), Error> {
    let pool = threads(options.threads)?;
    let (bytes, manifest, _) = pool.install(|| fit_and_measure(options, progress))?;
    let artifact = Artifact::from_bytes(&bytes, &options.out)?;
    Ok((Model::new(artifact, &manifest.sha256), manifest))
}

/// Trains without one source after the other, and measures each on all of its rows: what to expect of a newsroom that
/// nothing was learned from. No model is kept.
///
/// # Errors
///
/// Fails as [`train`] does, besides writing.
pub fn leave_one_source_out(
    options: &Options,
    sources: &[String],
    progress: Progress<'_>,
) -> Result<Vec<Trial>, Error> {
    let pool = threads(options.threads)?;
    pool.install(|| {
        let one = |source: &String| {
            let mut options = options.clone();
            options.settings.leave_out.push(source.clone());
            let (_, manifest, _) = fit_and_measure(&options, progress)?;
            let mut trial = Trial::new(&manifest);
            trial.keep_only(source);
            Ok(trial)
        };
        sources.iter().map(one).collect()
    })
}

/// Lists the sources of files of labelled comments, in the order of their first row.
///
/// # Errors
///
/// Fails where a file cannot be read or holds a bad line.
pub fn source_names(options: &Options, progress: Progress<'_>) -> Result<Vec<String>, Error> {
    let reading = Reading { features: options.settings.features, skip_bad: options.skip_bad };
    Ok(Dataset::read(&options.train, reading, progress)?.source_names)
}

/// Measures a model on files of labelled comments.
///
/// # Errors
///
/// Fails on data that cannot be read and, unless `skip_bad`, at the first line that is not a labelled comment.
pub fn evaluate(model: &Model, files: &[PathBuf], skip_bad: bool, progress: Progress<'_>) -> Result<Report, Error> {
    let dataset = read_to_measure(model, files, skip_bad, progress)?;
    progress(Step::Measuring);
    let scores = report::score_all(model, &dataset);
    Ok(report::measure(model, &dataset, &scores))
}

/// Measures how much better one model is than another on the same comments, source by source.
///
/// # Errors
///
/// Fails as [`evaluate`] does.
pub fn compare(
    [first, second]: [&Model; 2],
    files: &[PathBuf],
    skip_bad: bool,
    progress: Progress<'_>,
) -> Result<Comparison, Error> {
    let dataset = read_to_measure(first, files, skip_bad, progress)?;
    progress(Step::Measuring);
    Ok(Comparison::new([first, second], &dataset))
}

fn read_to_measure(model: &Model, files: &[PathBuf], skip_bad: bool, progress: Progress<'_>) -> Result<Dataset, Error> {
    let dataset = Dataset::read(files, Reading { features: *model.features(), skip_bad }, progress)?;
    if dataset.is_empty() {
        return Err(Error::TooLittle { what: "there is no comment to measure on".to_owned() });
    }
    Ok(dataset)
}

fn fit_and_measure(options: &Options, progress: Progress<'_>) -> Result<(Vec<u8>, Manifest, Reference), Error> {
    let settings = &options.settings;
    let reading = Reading { features: settings.features, skip_bad: options.skip_bad };
    let sentences = if settings.sentences.learned { own_sentences(settings) } else { Vec::new() };
    let own = sentences.len();
    let disguises = Disguises { share: settings.disguised, seed: settings.seed };
    let is_kept_back = |source: &str| settings.is_kept_back(source);
    let [train, dev] =
        Dataset::read_both([&options.train, &options.dev], sentences, disguises, &is_kept_back, reading, progress)?;
    if train.len() == own || dev.is_empty() {
        let what = "training takes comments to learn from and other comments to calibrate on".to_owned();
        return Err(Error::TooLittle { what });
    }
    let weights = fit::learn(&train, &targets::targets(&train, settings), settings, progress)?;
    if !weights.learned.contains(&true) {
        let what = "no attribute has comments that carry it and comments that do not, in one source".to_owned();
        return Err(Error::TooLittle { what });
    }
    progress(Step::Measuring);
    let natural_shares = calibrate::natural_shares(&[&train, &dev], settings);
    let train = manifest::Data::new(&train);
    let targets = targets::targets(&dev, settings);
    let packing = Packing { name: &options.name, dev: &dev, targets: &targets, natural_shares, settings };
    let (artifact, packed) = pack::pack(packing, &weights)?;
    drop(weights);
    let bytes = artifact.to_bytes()?;
    let sha256 = artifact::sha256_hex(&bytes);
    let model = Model::new(artifact, &sha256);
    let scores = report::score_all(&model, &dev);
    let thresholds = thresholds::choose(&dev, &scores, settings);
    let [identity, identity_learned_terms] = [identity::held_out, identity::held_out_frames]
        .map(|sentences| checks::identity(&model, &dev, &scores, settings, sentences));
    let reference = checks::reference(&model, &dev, &scores, settings);
    let manifest = Manifest {
        name: options.name.clone(),
        version: model.version().to_owned(),
        format: manifest::FORMAT,
        sha256,
        bytes: bytes.len() as u64,
        features_version: FEATURES_VERSION,
        revision: options.revision.clone(),
        settings: settings.clone(),
        train,
        packed,
        plain: settings
            .sentences
            .learned
            .then(|| thresholds::judge(&model, thresholds::default(&thresholds), &plain::held_out())),
        identity_gate: identity.as_ref().map(|report| identity::Gate::default().judge(report)),
        robustness: checks::robustness(&model, &dev, settings),
        hard_cases: if settings.sentences.learned { hard_cases::score(&model) } else { Vec::new() },
        innocents: checks::innocents(&model, thresholds::default(&thresholds), settings),
        identity,
        identity_learned_terms,
        thresholds,
        reliability: manifest::Reliability::all(&dev, &scores, settings),
        report: report::measure(&model, &dev, &scores),
        dev: manifest::Data::new(&dev),
    };
    Ok((bytes, manifest, reference))
}

/// Lists the project's own sentences to learn from.
fn own_sentences(settings: &Settings) -> Vec<Sentence> {
    let plain = plain::learned().into_iter().chain(robustness::innocents::learned()).map(|text| Sentence {
        text,
        source: plain::SOURCE,
        labels: [Some(false); Attribute::COUNT],
    });
    let about_people = identity::learned(settings.seed).into_iter();
    let alone = |sentence: &identity::Sentence| sentence.context == identity::Context::Alone;
    let about_people = about_people
        .filter(|one| settings.sentences.terms_alone || !alone(one))
        .map(|sentence| Sentence { text: sentence.text, source: identity::SOURCE, labels: sentence.labels });
    plain.chain(about_people).collect()
}

fn threads(count: Option<usize>) -> Result<rayon::ThreadPool, Error> {
    // Zero is rayon's word for one on each core.
    rayon::ThreadPoolBuilder::new().num_threads(count.unwrap_or(0)).build().map_err(Error::Threads)
}

fn write_all(dir: &Path, files: &[(&str, Vec<u8>)], progress: Progress<'_>) -> Result<(), Error> {
    let temporary = |name: &str| dir.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = files.iter().try_for_each(|(name, bytes)| {
        let path = temporary(name);
        progress(Step::Writing { path: &dir.join(name) });
        write_synced(&path, bytes).map_err(|source| Error::Write { path, source })
    });
    let renamed = written.and_then(|()| {
        files.iter().try_for_each(|(name, _)| {
            let path = dir.join(name);
            fs::rename(temporary(name), &path).map_err(|source| Error::Write { path, source })
        })
    });
    if renamed.is_err() {
        for (name, _) in files {
            // What is left over is of no use; that it cannot be removed is not what went wrong.
            let _ = fs::remove_file(temporary(name));
        }
    }
    renamed
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
