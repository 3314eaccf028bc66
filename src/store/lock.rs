//! The lock that gives a data directory to one process.

use super::Error;
use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
};

/// A data directory's lock, held until it is dropped.
///
/// It is given back by name, not by closing the file: a child that another thread starts has the file open too until
/// it runs its own program, and would hold the lock for that long.
#[derive(Debug)]
pub(super) struct DirLock(File);

impl DirLock {
    /// Takes the directory for this process.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] where it is taken; [`Error::Io`] where the lock file cannot be made or locked.
    pub(super) fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("LOCK");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(|source| Error::Io { path, source })?;
        Self::of(file, dir)
    }

    /// Takes the directory as [`DirLock::take`] does, but makes no lock file where there is none.
    ///
    /// # Errors
    ///
    /// As [`DirLock::take`].
    pub(super) fn take_if_there(dir: &Path) -> Result<Option<Self>, Error> {
        let path = dir.join("LOCK");
        match File::open(&path) {
            Ok(file) => Self::of(file, dir).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Io { path, source }),
        }
    }

    fn of(file: File, dir: &Path) -> Result<Self, Error> {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::Locked { path: dir.to_owned() },
            TryLockError::Error(source) => Error::Io { path: dir.join("LOCK"), source },
        })?;
        Ok(Self(file))
    }
}

impl Drop for DirLock {
    fn drop(&mut self) {
        // Where this fails, closing the file is what is left, and happens next.
        drop(self.0.unlock());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]

    use super::*;

    #[test]
    fn a_lock_is_given_back_though_a_child_has_its_file_open() {
        let dir = tempfile::tempdir().unwrap();
        assert!(DirLock::take_if_there(dir.path()).unwrap().is_none());
        let lock = DirLock::take(dir.path()).unwrap();
        // What a child has between its start and its own program: the same open file.
        let inherited = lock.0.try_clone().unwrap();
        assert!(matches!(DirLock::take_if_there(dir.path()), Err(Error::Locked { .. })));
        drop(lock);
        let again = DirLock::take(dir.path()).unwrap();
        assert!(matches!(DirLock::take(dir.path()), Err(Error::Locked { .. })));
        drop((again, inherited));
    }
}
