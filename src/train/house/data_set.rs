//! Labelled data sets as older labels: what a base model was taught, so that a newsroom's labels don't make it forget what they
//! don't speak of.

use super::{Label, Source};
use crate::classify::house::Circumstances;
use crate::domain::Timestamp;
use crate::train::{
    Error, Progress, Step,
    dataset::{BAD_LINES_NAMED_MAX, DataFile, Labels, next_batch, read_line},
    dice::scatter,
    lines::Lines,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// How many rows are taken at most of data sets.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    /// How many labels of one's own say whether to reject, as [`ruled`](super::label::ruled) counts them: for each two, one row is drawn, so that they always say more, and
    /// cross-validation judges by them alone.
    pub labels: usize,
    /// Decides which rows are drawn.
    pub seed: u64,
    /// Whether lines that are not labelled comments are left out, instead of failing.
    pub skip_bad: bool,
}

/// Draws rows of data sets in the format of `ombud train`, and takes each for an older label: what carries any attribute is to
/// be rejected, what carries none of those that were asked about is not. Rows without a label are passed over.
///
/// Returns them with the files that were read.
///
/// # Errors
///
/// Fails where a file cannot be read and, unless they are skipped, where lines are not labelled comments.
pub fn draw(paths: &[PathBuf], draw: Draw, progress: Progress<'_>) -> Result<(Vec<Label>, Vec<DataFile>), Error> {
    let mut drawn = Drawn { most: draw.labels / 2, seed: draw.seed, seen: 0, kept: BTreeMap::new() };
    let (mut files, mut named) = (Vec::new(), Vec::new());
    for path in paths {
        files.push(read(path, &mut drawn, &mut named, progress)?);
    }
    if drawn.seen == 0 && files.iter().any(|file| file.rows > 0) {
        let what = "no row of these files has a label that `ombud train` knows: exported labels are no data set, --labels takes them";
        return Err(Error::TooLittle { what: what.to_owned() });
    }
    let count = files.iter().map(|file| file.bad_lines).sum();
    if count > 0 && !draw.skip_bad {
        return Err(Error::BadLines { count, named });
    }
    let mut kept: Vec<(u64, Label)> = drawn.kept.into_iter().map(|((_, row), label)| (row, label)).collect();
    kept.sort_unstable_by_key(|(row, _)| *row);
    Ok((kept.into_iter().map(|(_, label)| label).collect(), files))
}

fn read(path: &Path, drawn: &mut Drawn, named: &mut Vec<String>, progress: Progress<'_>) -> Result<DataFile, Error> {
    let mut lines = Lines::open(path)?;
    let (mut rows, mut bad_lines) = (0, 0);
    loop {
        let batch = next_batch(&mut lines)?;
        for line in &batch {
            if line.bytes.as_ref().is_some_and(|bytes| bytes.trim_ascii().is_empty()) {
                continue;
            }
            match read_line(line) {
                Ok(said) => {
                    rows += 1;
                    drawn.see(said.text, said.labels);
                }
                Err(what) => {
                    bad_lines += 1;
                    if named.len() < BAD_LINES_NAMED_MAX {
                        named.push(format!("{}:{}: {what}", path.display(), line.number));
                    }
                }
            }
        }
        let (bytes, bytes_total) = lines.bytes();
        progress(Step::Reading { path, bytes, bytes_total, rows });
        if batch.is_empty() {
            break;
        }
    }
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(DataFile { name, sha256: lines.sha256(), rows, bad_lines })
}

/// The rows with the least lots of all that were seen: each set of so many is as likely as any other.
struct Drawn {
    most: usize,
    seed: u64,
    seen: u64,
    /// By lot and number.
    kept: BTreeMap<(u64, u64), Label>,
}

impl Drawn {
    fn see(&mut self, text: String, labels: Labels) {
        let known = || labels.iter().flatten();
        if known().next().is_none() {
            return;
        }
        self.seen += 1;
        let lot = (scatter(self.seed ^ scatter(self.seen)), self.seen);
        if self.kept.len() == self.most && self.kept.last_key_value().is_none_or(|(last, _)| *last < lot) {
            return;
        }
        let label = Label {
            site: String::new(),
            comment: format!("row {}", self.seen),
            section: None,
            text,
            circumstances: Circumstances::default(),
            at: Timestamp::from_micros(i64::MIN),
            moderator: String::new(),
            source: Source::DataSet,
            rejected: Some(known().any(|truth| *truth)),
            attributes: labels,
            sampled: 1.0,
            superseded: false,
        };
        self.kept.insert(lot, label);
        while self.kept.len() > self.most {
            self.kept.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(most: usize, seed: u64) -> Vec<String> {
        let mut drawn = Drawn { most, seed, seen: 0, kept: BTreeMap::new() };
        for number in 0..100 {
            let mut labels = [None; 8];
            labels[number % 8] = (number % 4 > 0).then_some(number % 4 == 1);
            drawn.see(format!("{number}"), labels);
        }
        assert!(drawn.kept.values().all(|label| {
            let number: usize = label.text.parse().unwrap();
            label.rejected == Some(number % 4 == 1)
        }));
        drawn.kept.into_values().map(|label| label.text).collect()
    }

    #[test]
    fn rows_are_drawn_by_lot_and_those_without_a_label_never() {
        assert_eq!(drawn(1000, 1).len(), 75);
        let (some, same, others) = (drawn(20, 1), drawn(20, 1), drawn(20, 2));
        assert_eq!((some.len(), &some), (20, &same));
        assert_ne!(some, others);
        assert!(drawn(0, 1).is_empty());
        assert!(some.iter().any(|text| text.len() == 2 && text.as_str() > "50"), "not the first ones alone: {some:?}");
    }
}
