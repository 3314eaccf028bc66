//! Labelled comments, read once and kept as sparse rows only.

use super::{
    Error, identity,
    lines::{Line, Lines},
    plain,
    progress::{Progress, Step},
    robustness::{Attack, attack},
    targets::shuffled,
};
use crate::classify::{FeatureSet, Scratch, SparseRecords};
use crate::domain::Attribute;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What is known about one comment, in the order of [`Attribute::ALL`]; `None` is unknown, not false.
pub type Labels = [Option<bool>; Attribute::COUNT];

/// How many lines are parsed and featurised at once.
const BATCH_LINES: usize = 4096;
/// Tells the draws of disguises from those of row orders, whose numbers are epochs.
const DISGUISED: u64 = 1 << 32;
/// How many bad lines are named; the others are only counted.
pub(super) const BAD_LINES_NAMED_MAX: usize = 20;

/// A file that was read, without the folder it lies in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// The file's name.
    pub name: String,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// How many comments it holds.
    pub rows: u64,
    /// How many bad lines were left out.
    pub bad_lines: u64,
}

/// Labelled comments as sparse rows.
///
/// Behind the hashed features each row has two more columns, both with the value 1: the bias, and one for the row's
/// source.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The rows.
    pub records: SparseRecords<f32>,
    /// Each row's text.
    pub texts: Vec<String>,
    /// Each row's labels.
    pub labels: Vec<Labels>,
    /// The share of raters behind each label, in [0, 1]; 0 where there is none.
    pub shares: Vec<[f32; Attribute::COUNT]>,
    /// Each row's source, a place in `source_names`.
    pub sources: Vec<usize>,
    /// The sources, in the order of their first row.
    pub source_names: Vec<String>,
    /// The files that were read.
    pub files: Vec<DataFile>,
    /// The first bad lines that were left out, in words.
    pub bad_lines: Vec<String>,
}

/// A line as it is written.
#[derive(Deserialize)]
struct Labelled<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(borrow, default)]
    source: Option<Cow<'a, str>>,
    #[serde(default)]
    labels: BTreeMap<String, serde_json::Value>,
}

/// A sentence of the project's own, with what is true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) source: &'static str,
    pub(super) labels: Labels,
}

/// Tells whether a source is of the project's own writing: what it says holds everywhere, so it has no habit of its own.
pub(super) fn is_own(source: &str) -> bool {
    [plain::SOURCE, identity::SOURCE].contains(&source)
}

struct Row {
    text: String,
    features: Vec<(u32, f32)>,
    labels: Labels,
    shares: [f32; Attribute::COUNT],
    source: String,
}

/// How files are read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// How text becomes features.
    pub features: FeatureSet,
    /// Whether lines that are not labelled comments are left out, instead of failing.
    pub skip_bad: bool,
}

/// Which rows to learn from are seen a second time, in disguise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disguises {
    /// The share of the rows, in [0, 1].
    pub(super) share: f32,
    /// Decides which rows, and how they are disguised.
    pub(super) seed: u64,
}

impl Dataset {
    /// Reads files of JSON lines, plain or gzip, into sparse rows.
    ///
    /// A line is `{"text": …, "source": …, "labels": {"toxicity": 0, …}}`. A label is 0, 1, or a share of raters, of
    /// which half and more count as true; a label that is missing or null is unknown, and one of no attribute ignored.
    ///
    /// # Errors
    ///
    /// Fails where a file cannot be read and, unless bad lines are skipped, where a line is not a labelled comment; all
    /// files are read first, so that every bad line is told at once.
    pub fn read(paths: &[PathBuf], reading: Reading, progress: Progress<'_>) -> Result<Self, Error> {
        let mut builder = Builder::new(reading);
        for path in paths {
            builder.read_file(path, None, progress)?;
        }
        builder.finish()
    }

    /// Reads rows to learn from and rows to measure on, as [`Dataset::read`] does. Of the former, those of a source
    /// that is kept back are put behind the latter; sentences of the project's own go behind what is left.
    pub(super) fn read_both(
        [train, dev]: [&[PathBuf]; 2],
        sentences: Vec<Sentence>,
        disguises: Disguises,
        is_kept_back: &dyn Fn(&str) -> bool,
        reading: Reading,
        progress: Progress<'_>,
    ) -> Result<[Self; 2], Error> {
        let (mut learned, mut measured) = (Builder::new(reading), Builder::new(reading));
        for path in dev {
            measured.read_file(path, None, progress)?;
        }
        for path in train {
            learned.read_file(path, Some((&mut measured, is_kept_back)), progress)?;
        }
        learned.push_disguised(disguises);
        learned.push_sentences(sentences);
        Ok([learned.finish()?, measured.finish()?])
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Tells whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns one row's hashed features, with the bias column behind them and the source column last.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        self.records.row(row).unwrap_or_default()
    }

    /// Returns one row's hashed features alone.
    pub fn features(&self, row: usize) -> (&[u32], &[f32]) {
        let (indices, values) = self.row(row);
        let features = indices.len().saturating_sub(2);
        (&indices[..features], &values[..features])
    }
}

/// Where rows of some sources go instead, and which those are.
type KeptBack<'a> = (&'a mut Builder, &'a dyn Fn(&str) -> bool);

struct Builder {
    reading: Reading,
    offsets: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
    texts: Vec<String>,
    labels: Vec<Labels>,
    shares: Vec<[f32; Attribute::COUNT]>,
    sources: Vec<usize>,
    source_names: Vec<String>,
    files: Vec<DataFile>,
    bad_lines: Vec<String>,
}

impl Builder {
    fn new(reading: Reading) -> Self {
        Self {
            reading,
            offsets: vec![0],
            indices: Vec::new(),
            values: Vec::new(),
            texts: Vec::new(),
            labels: Vec::new(),
            shares: Vec::new(),
            sources: Vec::new(),
            source_names: Vec::new(),
            files: Vec::new(),
            bad_lines: Vec::new(),
        }
    }

    fn finish(self) -> Result<Dataset, Error> {
        let bad_lines = self.files.iter().map(|file| file.bad_lines).sum();
        if bad_lines > 0 && !self.reading.skip_bad {
            return Err(Error::BadLines { count: bad_lines, named: self.bad_lines });
        }
        let columns = self.reading.features.buckets() + 1 + self.source_names.len();
        Ok(Dataset {
            records: SparseRecords::new(columns, self.offsets, self.indices, self.values)?,
            texts: self.texts,
            labels: self.labels,
            shares: self.shares,
            sources: self.sources,
            source_names: self.source_names,
            files: self.files,
            bad_lines: self.bad_lines,
        })
    }

    /// Adds disguised copies of some of the rows: one word in two of them, each copy in one way.
    fn push_disguised(&mut self, disguises: Disguises) {
        #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
        let is_drawn = |row: &usize| {
            (shuffled(disguises.seed, DISGUISED, *row) >> 40) as f32 / ((1 << 24) as f32) < disguises.share
        };
        let features = self.reading.features;
        let copy = |scratch: &mut Scratch, row: usize| {
            let seed = shuffled(disguises.seed, DISGUISED + 1, row);
            let kind = Attack::ALL[usize::try_from(seed % Attack::ALL.len() as u64).unwrap_or(0)];
            let text = attack(&self.texts[row], kind, 2, seed);
            let mut found = Vec::new();
            scratch.sparse_row(&text, &features, &mut found);
            let source = self.source_names[self.sources[row]].clone();
            Row { text, features: found, labels: self.labels[row], shares: self.shares[row], source }
        };
        let drawn: Vec<usize> = (0..self.labels.len()).filter(is_drawn).collect();
        let copies: Vec<Row> =
            drawn.par_iter().map_init(Scratch::default, |scratch, &row| copy(scratch, row)).collect();
        for copy in copies {
            self.push(copy);
        }
    }

    fn push_sentences(&mut self, sentences: Vec<Sentence>) {
        let mut scratch = Scratch::default();
        for Sentence { text, source, labels } in sentences {
            let mut features = Vec::new();
            scratch.sparse_row(&text, &self.reading.features, &mut features);
            let shares = labels.map(|label| label.map_or(0.0, |truth| f32::from(u8::from(truth))));
            self.push(Row { text, features, labels, shares, source: source.to_owned() });
        }
    }

    /// Reads a file; rows of a source that is kept back go elsewhere.
    fn read_file(
        &mut self,
        path: &Path,
        mut kept_back: Option<KeptBack<'_>>,
        progress: Progress<'_>,
    ) -> Result<(), Error> {
        let reading = &self.reading.clone();
        let mut lines = Lines::open(path)?;
        let (mut rows, mut bad_lines) = (0, 0);
        loop {
            let batch = next_batch(&mut lines)?;
            let last = batch.len() < BATCH_LINES;
            // Rayon keeps the order, so the number of threads changes nothing.
            let parsed: Vec<_> = batch
                .par_iter()
                .filter(|line| line.bytes.as_ref().is_none_or(|bytes| !bytes.trim_ascii().is_empty()))
                .map_init(Scratch::default, |scratch, line| (line.number, parse(line, reading, scratch)))
                .collect();
            for (line, row) in parsed {
                match row {
                    Ok(row) => {
                        rows += 1;
                        match &mut kept_back {
                            Some((elsewhere, is_kept_back)) if is_kept_back(&row.source) => elsewhere.push(row),
                            _ => self.push(row),
                        }
                    }
                    Err(what) => {
                        bad_lines += 1;
                        if self.bad_lines.len() < BAD_LINES_NAMED_MAX {
                            self.bad_lines.push(format!("{}:{line}: {what}", path.display()));
                        }
                    }
                }
            }
            let (bytes, bytes_total) = lines.bytes();
            progress(Step::Reading { path, bytes, bytes_total, rows });
            if last {
                break;
            }
        }
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        self.files.push(DataFile { name, sha256: lines.sha256(), rows, bad_lines });
        Ok(())
    }

    fn push(&mut self, row: Row) {
        let source = self.source_names.iter().position(|name| *name == row.source).unwrap_or_else(|| {
            self.source_names.push(row.source);
            self.source_names.len() - 1
        });
        self.indices.extend(row.features.iter().map(|(bucket, _)| bucket));
        self.values.extend(row.features.iter().map(|(_, value)| value));
        let bias = self.reading.features.buckets();
        for column in [bias, bias + 1 + source] {
            self.indices.push(u32::try_from(column).unwrap_or(u32::MAX));
            self.values.push(1.0);
        }
        self.offsets.push(self.indices.len());
        self.texts.push(row.text);
        self.labels.push(row.labels);
        self.shares.push(row.shares);
        self.sources.push(source);
    }
}

pub(super) fn next_batch(lines: &mut Lines) -> Result<Vec<Line>, Error> {
    let mut batch = Vec::with_capacity(BATCH_LINES);
    while batch.len() < BATCH_LINES {
        match lines.next_line()? {
            Some(line) => batch.push(line),
            None => break,
        }
    }
    Ok(batch)
}

/// What a line says.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) labels: Labels,
    shares: [f32; Attribute::COUNT],
    source: String,
}

/// Turns a line into a row, or says what is wrong without repeating any of it.
fn parse(line: &Line, reading: &Reading, scratch: &mut Scratch) -> Result<Row, String> {
    let Said { text, labels, shares, source } = read_line(line)?;
    let mut features = Vec::new();
    scratch.sparse_row(&text, &reading.features, &mut features);
    Ok(Row { text, features, labels, shares, source })
}

/// Reads a line, or says what is wrong with it without repeating any of it.
pub(super) fn read_line(line: &Line) -> Result<Said, String> {
    let bytes = line.bytes.as_deref().ok_or("the line is longer than 1 MiB")?;
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("not valid UTF-8 from byte {} of the line on", error.valid_up_to() + 1))?;
    let labelled: Labelled<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            format!(
                "not a labelled comment: \"text\" is missing, or a field is of the wrong type (column {})",
                error.column()
            )
        }
        _ => format!("not valid JSON at column {}", error.column()),
    })?;
    let (mut labels, mut shares) = ([None; Attribute::COUNT], [0.0; Attribute::COUNT]);
    for (name, value) in &labelled.labels {
        if let Some(attribute) = Attribute::from_name(name)
            && let Some(share) = share(attribute, value)?
        {
            labels[attribute.index()] = Some(share >= 0.5);
            shares[attribute.index()] = share;
        }
    }
    let source = labelled.source.map_or_else(|| "unnamed".to_owned(), Cow::into_owned);
    Ok(Said { text: labelled.text.into_owned(), labels, shares, source })
}

/// Returns the share of raters that a label tells, or what is wrong with it.
#[expect(clippy::cast_possible_truncation, reason = "a share of few raters has few digits")]
fn share(attribute: Attribute, value: &serde_json::Value) -> Result<Option<f32>, String> {
    let share = match value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::Bool(truth) => return Ok(Some(f32::from(u8::from(*truth)))),
        value => value.as_f64(),
    };
    match share {
        Some(share) if (0.0..=1.0).contains(&share) => Ok(Some(share as f32)),
        _ => Err(format!("the label \"{}\" is not a number in 0 to 1", attribute.key())),
    }
}
