//! The files of models: `models/` in the data directory, each named by the SHA-256 of what is in it.
//!
//! A file is whole or not there: it is written beside its place, synced and renamed. What is read back is held against its
//! name.

use super::{Error, error::unavailable};
use crate::domain::{ModelHash, model::ModelEntry};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

const FOLDER: &str = "models";

/// Returns the hash by which a model's file is known.
fn hash_of(bytes: &[u8]) -> ModelHash {
    ModelHash::new(Sha256::digest(bytes).into())
}

fn path_of(data: &Path, hash: ModelHash) -> PathBuf {
    data.join(FOLDER).join(format!("{hash}.house"))
}

/// Puts a model's file in its place; a file that is there already stays.
pub(super) fn write(data: &Path, bytes: &[u8]) -> Result<ModelHash, Error> {
    let hash = hash_of(bytes);
    let path = path_of(data, hash);
    if read(data, hash).is_ok() {
        return Ok(hash);
    }
    let place = || {
        let folder = data.join(FOLDER);
        fs::create_dir_all(&folder)?;
        // Of a name of its own, so that two uploads of one model don't write into each other.
        let beside = folder.join(format!("{}.part", uuid::Uuid::new_v4()));
        let written = File::create_new(&beside).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        });
        if written.is_err() {
            drop(fs::remove_file(&beside));
        }
        written?;
        File::open(&folder)?.sync_all()?;
        File::open(data)?.sync_all()
    };
    place().map_err(|error: io::Error| unavailable(&path, error))?;
    Ok(hash)
}

/// Reads a model's file.
///
/// # Errors
///
/// [`Error::ModelDamaged`] where it is not there, or not what it was.
pub(super) fn read(data: &Path, hash: ModelHash) -> Result<Vec<u8>, Error> {
    let path = path_of(data, hash);
    match fs::read(&path) {
        Ok(bytes) if hash_of(&bytes) == hash => Ok(bytes),
        Ok(_) => Err(Error::ModelDamaged { path, what: "is not what was uploaded" }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Error::ModelDamaged { path, what: "is not there any more" })
        }
        Err(error) => Err(unavailable(&path, error)),
    }
}

/// Removes a model's file; one that isn't there is no error.
pub(super) fn remove(data: &Path, hash: ModelHash) -> Result<(), Error> {
    let path = path_of(data, hash);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unavailable(&path, error)),
        _ => Ok(()),
    }
}

/// Removes what uploads that were cut short have left.
pub(super) fn remove_unfinished(data: &Path) {
    let Ok(entries) = fs::read_dir(data.join(FOLDER)) else { return };
    for entry in entries.flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "part") {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Removes the files that no model names: their uploads were cut short before the event, or the models were removed.
pub(super) fn remove_unnamed(data: &Path, models: &[ModelEntry]) {
    let Ok(entries) = fs::read_dir(data.join(FOLDER)) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let named = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".house"));
        let Some(hash) = named.and_then(ModelHash::from_hex) else { continue };
        if models.iter().all(|model| model.hash != hash) {
            tracing::info!(model.hash = %hash, "the file of a model that isn't kept is removed");
            drop(fs::remove_file(path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_back_as_it_was_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let hash = write(dir.path(), b"a model").unwrap();
        assert_eq!(write(dir.path(), b"a model").unwrap(), hash);
        assert_eq!(read(dir.path(), hash).unwrap(), b"a model");
        fs::write(path_of(dir.path(), hash), b"another").unwrap();
        assert!(matches!(read(dir.path(), hash), Err(Error::ModelDamaged { .. })));
        // Uploading it again mends it.
        write(dir.path(), b"a model").unwrap();
        assert_eq!(read(dir.path(), hash).unwrap(), b"a model");
        fs::remove_file(path_of(dir.path(), hash)).unwrap();
        assert!(matches!(read(dir.path(), hash), Err(Error::ModelDamaged { .. })));
    }

    #[test]
    fn uploads_that_were_cut_short_leave_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let hash = write(dir.path(), b"a model").unwrap();
        fs::write(dir.path().join(FOLDER).join("half.part"), b"a mo").unwrap();
        remove_unfinished(dir.path());
        let left: Vec<_> = fs::read_dir(dir.path().join(FOLDER)).unwrap().collect();
        assert_eq!((left.len(), read(dir.path(), hash).unwrap().len()), (1, 7));
    }
}
