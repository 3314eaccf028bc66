//! What goes wrong while training and measuring.

use crate::classify;
use crate::domain::ErrorKind;
use std::{io, path::PathBuf};

/// A failure of training or measuring. No text of a comment is ever in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Lines of the data files are not labelled comments.
    #[error("{count} lines are not labelled comments:{}", list(named, *count))]
    BadLines {
        /// How many.
        count: u64,
        /// The first of them: file, line and what is wrong, never what the line says.
        named: Vec<String>,
    },
    /// An experiment's file says something that no experiment can.
    #[error("{} is not an experiment: {what}", path.display())]
    Experiment {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// There is too little to learn from or to measure.
    #[error("{what}")]
    TooLittle {
        /// What is missing.
        what: String,
    },
    /// A label or a setting of a retraining is out of range.
    #[error("{what}")]
    Label {
        /// What is wrong with it, never what the comment says.
        what: String,
    },
    /// The head of a house model could not be fitted.
    #[error("cannot fit the head of the house model: {what}")]
    Head {
        /// What linfa said.
        what: String,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The threads to train with could not be started.
    #[error("cannot start the threads to train with")]
    Threads(#[source] rayon::ThreadPoolBuildError),
    /// A parameter, the fit or the artifact failed.
    #[error(transparent)]
    Model(#[from] classify::Error),
}

impl Error {
    /// Returns what the caller can do about this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Model(error) => error.kind(),
            Self::Read { .. }
            | Self::BadLines { .. }
            | Self::Experiment { .. }
            | Self::TooLittle { .. }
            | Self::Label { .. }
            | Self::Head { .. }
            | Self::Write { .. }
            | Self::Threads(_) => ErrorKind::Internal,
        }
    }
}

fn list(named: &[String], count: u64) -> String {
    let mut said: String = named.iter().map(|line| format!("\n  {line}")).collect();
    let more = count.saturating_sub(named.len() as u64);
    if more > 0 {
        said.push_str(&format!("\n  and {more} more"));
    }
    said
}
