//! Labelled comments, read once and kept as sparse rows only.

use super::{
    Error,
    lines::{Line, Lines},
    plain,
    progress::{Progress, Step},
};
use crate::classify::{Hashing, Scratch, SparseRecords};
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
/// How many bad lines are named; the others are only counted.
const BAD_LINES_NAMED_MAX: usize = 20;

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
    /// Each row's labels.
    pub labels: Vec<Labels>,
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

struct Row {
    features: Vec<(u32, f32)>,
    labels: Labels,
    source: String,
}

impl Dataset {
    /// Reads files of JSON lines, plain or gzip, into sparse rows.
    ///
    /// A line is `{"text": …, "source": …, "labels": {"toxicity": 0, …}}`. A label is 0, 1, or a share of raters, of
    /// which half and more count as true; a label that is missing or null is unknown, and one of no attribute ignored.
    ///
    /// # Errors
    ///
    /// Fails where a file cannot be read and, unless `skip_bad`, where a line is not a labelled comment; all files are
    /// read first, so that every bad line is told at once.
    pub fn read(paths: &[PathBuf], hashing: Hashing, skip_bad: bool, progress: Progress<'_>) -> Result<Self, Error> {
        Self::read_with(paths, &[], hashing, skip_bad, progress)
    }

    /// Reads files as [`Dataset::read`] does, and puts harmless sentences behind their rows: of the source
    /// [`plain::SOURCE`], and without any attribute.
    pub(super) fn read_with(
        paths: &[PathBuf],
        sentences: &[String],
        hashing: Hashing,
        skip_bad: bool,
        progress: Progress<'_>,
    ) -> Result<Self, Error> {
        let mut builder = Builder { offsets: vec![0], bias: hashing.buckets(), ..Builder::default() };
        for path in paths {
            builder.read_file(path, hashing, progress)?;
        }
        let bad_lines = builder.files.iter().map(|file| file.bad_lines).sum();
        if bad_lines > 0 && !skip_bad {
            return Err(Error::BadLines { count: bad_lines, named: builder.bad_lines });
        }
        let mut scratch = Scratch::default();
        for sentence in sentences {
            let mut features = Vec::new();
            scratch.sparse_row(sentence, hashing, &mut features);
            let labels = [Some(false); Attribute::COUNT];
            builder.push(Row { features, labels, source: plain::SOURCE.to_owned() });
        }
        let columns = hashing.buckets() + 1 + builder.source_names.len();
        Ok(Self {
            records: SparseRecords::new(columns, builder.offsets, builder.indices, builder.values)?,
            labels: builder.labels,
            sources: builder.sources,
            source_names: builder.source_names,
            files: builder.files,
            bad_lines: builder.bad_lines,
        })
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
}

#[derive(Default)]
struct Builder {
    bias: usize,
    offsets: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
    labels: Vec<Labels>,
    sources: Vec<usize>,
    source_names: Vec<String>,
    files: Vec<DataFile>,
    bad_lines: Vec<String>,
}

impl Builder {
    fn read_file(&mut self, path: &Path, hashing: Hashing, progress: Progress<'_>) -> Result<(), Error> {
        let mut lines = Lines::open(path)?;
        let (mut rows, mut bad_lines) = (0, 0);
        loop {
            let batch = next_batch(&mut lines)?;
            let last = batch.len() < BATCH_LINES;
            // Rayon keeps the order, so the number of threads changes nothing.
            let parsed: Vec<_> = batch
                .par_iter()
                .filter(|line| line.bytes.as_ref().is_none_or(|bytes| !bytes.trim_ascii().is_empty()))
                .map_init(Scratch::default, |scratch, line| (line.number, parse(line, hashing, scratch)))
                .collect();
            for (line, row) in parsed {
                match row {
                    Ok(row) => {
                        rows += 1;
                        self.push(row);
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
        for column in [self.bias, self.bias + 1 + source] {
            self.indices.push(u32::try_from(column).unwrap_or(u32::MAX));
            self.values.push(1.0);
        }
        self.offsets.push(self.indices.len());
        self.labels.push(row.labels);
        self.sources.push(source);
    }
}

fn next_batch(lines: &mut Lines) -> Result<Vec<Line>, Error> {
    let mut batch = Vec::with_capacity(BATCH_LINES);
    while batch.len() < BATCH_LINES {
        match lines.next_line()? {
            Some(line) => batch.push(line),
            None => break,
        }
    }
    Ok(batch)
}

/// Turns a line into a row, or says what is wrong without repeating any of it.
fn parse(line: &Line, hashing: Hashing, scratch: &mut Scratch) -> Result<Row, String> {
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
    let mut labels = [None; Attribute::COUNT];
    for (name, value) in &labelled.labels {
        if let Some(attribute) = Attribute::from_name(name) {
            labels[attribute.index()] = truth(attribute, value)?;
        }
    }
    let mut features = Vec::new();
    scratch.sparse_row(&labelled.text, hashing, &mut features);
    let source = labelled.source.map_or_else(|| "unnamed".to_owned(), Cow::into_owned);
    Ok(Row { features, labels, source })
}

/// Returns what a label says, or what is wrong with it.
fn truth(attribute: Attribute, value: &serde_json::Value) -> Result<Option<bool>, String> {
    let share = match value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::Bool(truth) => return Ok(Some(*truth)),
        value => value.as_f64(),
    };
    match share {
        Some(share) if (0.0..=1.0).contains(&share) => Ok(Some(share >= 0.5)),
        _ => Err(format!("the label \"{}\" is not a number in 0 to 1", attribute.key())),
    }
}
