//! What goes wrong with models.

use crate::domain::{ErrorKind, Violation};
use std::{io, path::PathBuf};

/// A failure around a model. No text of a comment is ever in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A model file could not be read.
    #[error("cannot read {}; name a folder that `ombud train` wrote", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A model file is not as it was written.
    #[error("{} is damaged: {what}; copy it again or train anew with `ombud train`", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A model file is of a format that this program does not know.
    #[error(
        "{} is in model format {found}, this program reads format {known}; use the `ombud` that wrote it or train anew \
         with `ombud train`",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format that this program reads.
        known: u32,
    },
    /// A house model's file is not as it was written.
    #[error("{} is damaged: {what}; send it again or make a new one with `ombud retrain`", path.display())]
    HouseDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A house model's file is of a format that this program does not know.
    #[error(
        "{} is in house model format {found}, this program reads format {known}; use the `ombud` that wrote it or make \
         a new one with `ombud retrain`",
        path.display()
    )]
    HouseFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The format that this program reads.
        known: u32,
    },
    /// A house model was made for other features.
    #[error(
        "{} is for version {found} of the features, this program has version {known}; make a new one with `ombud \
         retrain`",
        path.display()
    )]
    HouseFeatures {
        /// The file.
        path: PathBuf,
        /// The version that it is for.
        found: u32,
        /// The version that this program has.
        known: u32,
    },
    /// A house model was made for another base model.
    #[error(
        "the house model {name} is for the base model {wanted}, and here is {found}; promote that base model again or \
         make a new house model with `ombud retrain`"
    )]
    HouseBase {
        /// The house model.
        name: String,
        /// The beginning of the checksum of the base model that it is for.
        wanted: String,
        /// The beginning of the checksum of the base model at hand.
        found: String,
    },
    /// A model that takes no house model on top.
    #[error("the model {version} takes no house model on top")]
    NoHouse {
        /// The model's version.
        version: String,
    },
    /// A model cannot be written as it is.
    #[error("this model cannot be written: {what}")]
    Unwritable {
        /// What is wrong.
        what: &'static str,
    },
    /// A parameter of training is out of range.
    #[error("{name} cannot be {value}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// Sparse rows do not fit together.
    #[error("the sparse rows do not fit together: {what}")]
    Rows {
        /// What is wrong.
        what: String,
    },
    /// Logits could not be calibrated.
    #[error("cannot calibrate: {what}")]
    Calibration {
        /// What is wrong.
        what: String,
    },
    /// linfa refused something.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

impl Error {
    /// Returns what the caller can do about this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read { .. }
            | Self::Damaged { .. }
            | Self::UnknownFormat { .. }
            | Self::Unwritable { .. }
            | Self::Parameter { .. }
            | Self::Rows { .. }
            | Self::Calibration { .. }
            | Self::Linfa(_) => ErrorKind::Internal,
            Self::HouseDamaged { .. }
            | Self::HouseFormat { .. }
            | Self::HouseFeatures { .. }
            | Self::HouseBase { .. }
            | Self::NoHouse { .. } => ErrorKind::Invalid(vec![Violation::new("artifact", self.to_string())]),
        }
    }
}
