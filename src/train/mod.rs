//! Makes models from labelled comments, and measures them.
//!
//! In come files of labelled comments; out go a model's folder (`model.bin`, `manifest.json`, `MODEL_CARD.md`) and a
//! report. This room neither opens the store nor the network, and what it writes depends on its data and settings
//! alone: not on the time, the machine's name or the number of threads.
//!
//! Start reading at [`train`], then [`dataset`], then [`fit`].

mod card;
pub mod dataset;
pub mod error;
pub mod fit;
mod lines;
pub mod manifest;
pub mod metrics;
pub mod pack;
pub mod plain;
pub mod progress;
pub mod report;
pub mod robustness;
mod sources;
pub mod thresholds;

pub use card::model_card;
pub use dataset::Dataset;
pub use error::Error;
pub use fit::Settings;
pub use manifest::Manifest;
pub use progress::{Progress, Step};
pub use report::Report;

use crate::classify::{Hashing, Model, artifact};
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
    /// What the fit depends on besides the data.
    pub settings: Settings,
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
pub fn train(options: &Options, progress: Progress<'_>) -> Result<Report, Error> {
    let pool = threads(options.threads)?;
    let (bytes, manifest) = pool.install(|| fit_and_measure(options, progress))?;
    let json = serde_json::to_string_pretty(&manifest)
        .map_err(|error| Error::Write { path: options.out.clone(), source: error.into() })?;
    fs::create_dir_all(&options.out).map_err(|source| Error::Write { path: options.out.clone(), source })?;
    let files = [
        ("MODEL_CARD.md", model_card(&manifest).into_bytes()),
        ("manifest.json", (json + "\n").into_bytes()),
        ("model.bin", bytes),
    ];
    write_all(&options.out, &files, progress)?;
    Ok(manifest.report)
}

/// Measures a model on files of labelled comments.
///
/// # Errors
///
/// Fails on data that cannot be read and, unless `skip_bad`, at the first line that is not a labelled comment.
pub fn evaluate(model: &Model, files: &[PathBuf], skip_bad: bool, progress: Progress<'_>) -> Result<Report, Error> {
    let dataset = Dataset::read(files, model.hashing(), skip_bad, progress)?;
    if dataset.is_empty() {
        return Err(Error::TooLittle { what: "there is no comment to measure on".to_owned() });
    }
    progress(Step::Measuring);
    let scores = report::score_all(model, &dataset);
    Ok(report::measure(model, &dataset, &scores))
}

fn fit_and_measure(options: &Options, progress: Progress<'_>) -> Result<(Vec<u8>, Manifest), Error> {
    let settings = &options.settings;
    let hashing = Hashing::new(settings.bits, Hashing::default().seed())
        .ok_or(crate::classify::Error::Parameter { name: "bits", value: f64::from(settings.bits) })?;
    let dev = Dataset::read(&options.dev, hashing, options.skip_bad, progress)?;
    let sentences = if settings.plain_sentences { plain::learned() } else { Vec::new() };
    let train = Dataset::read_with(&options.train, &sentences, hashing, options.skip_bad, progress)?;
    if train.len() == sentences.len() || dev.is_empty() {
        let what = "training takes comments to learn from and other comments to calibrate on".to_owned();
        return Err(Error::TooLittle { what });
    }
    let weights = fit::learn(&train, settings, progress)?;
    if weights.iter().all(Option::is_none) {
        let what = "no attribute has comments that carry it and comments that do not, in one source".to_owned();
        return Err(Error::TooLittle { what });
    }
    progress(Step::Measuring);
    let train = manifest::Data::new(&train);
    let (artifact, packed) = pack::pack(&options.name, hashing, &weights, &dev, settings)?;
    drop(weights);
    let bytes = artifact.to_bytes()?;
    let sha256 = artifact::sha256_hex(&bytes);
    let model = Model::new(artifact, &sha256);
    let scores = report::score_all(&model, &dev);
    let thresholds = thresholds::choose(&dev, &scores, settings);
    let manifest = Manifest {
        name: options.name.clone(),
        version: model.version().to_owned(),
        format: manifest::FORMAT,
        sha256,
        bytes: bytes.len() as u64,
        features: manifest::Features::new(hashing),
        settings: settings.clone(),
        train,
        packed,
        plain: thresholds::judge(&model, &thresholds, &plain::held_out()),
        thresholds,
        report: report::measure(&model, &dev, &scores),
        dev: manifest::Data::new(&dev),
    };
    Ok((bytes, manifest))
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
