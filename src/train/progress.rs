//! What training tells while it works, so that someone can show it.

use std::path::Path;

/// How far a piece of work has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// A data file is being read.
    Reading {
        /// The file.
        path: &'a Path,
        /// Bytes of the file read so far, compressed where the file is.
        bytes: u64,
        /// Bytes of the file in all.
        bytes_total: u64,
        /// Rows read from the file so far.
        rows: u64,
    },
    /// Weights are being learned.
    Learning {
        /// Rows learned from so far, over all epochs.
        rows: u64,
        /// Rows to learn from, over all epochs.
        rows_total: u64,
    },
    /// The model is being calibrated and measured.
    Measuring,
    /// A file is being written.
    Writing {
        /// The file.
        path: &'a Path,
    },
}

/// Is told every step.
pub type Progress<'a> = &'a (dyn Fn(Step<'_>) + Sync);
