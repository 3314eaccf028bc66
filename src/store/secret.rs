//! The secret by which comments are drawn for audit.
//!
//! It lies in a file of its own, which only this user may read, and is made once. Whatever was drawn stands in the journal:
//! where the file is lost or damaged, a new one is made, and only later lots fall otherwise.

use super::Error;
use crate::domain::audit::{SECRET_BYTES, Secret};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

/// Reads a data directory's secret, or makes one.
pub(super) fn read_or_make(dir: &Path) -> Result<Secret, Error> {
    let path = dir.join("audit-secret");
    let io_error = |source| Error::Io { path: path.clone(), source };
    match fs::read(&path) {
        Ok(bytes) => {
            if let Ok(bytes) = <[u8; SECRET_BYTES]>::try_from(bytes) {
                return Ok(Secret::new(bytes));
            }
            tracing::warn!(file = %path.display(), "not a secret for audit samples; making a new one");
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(io_error(error)),
    }
    let mut bytes = [0; SECRET_BYTES];
    for half in bytes.chunks_exact_mut(SECRET_BYTES / 2) {
        half.copy_from_slice(uuid::Uuid::new_v4().as_bytes());
    }
    write(&path, &bytes).map_err(io_error)?;
    Ok(Secret::new(bytes))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_anew_where_it_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let secret = read_or_make(dir.path()).unwrap();
        assert_eq!(read_or_make(dir.path()).unwrap(), secret);
        let path = dir.path().join("audit-secret");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, "short").unwrap();
        let made = read_or_make(dir.path()).unwrap();
        assert_ne!(made, secret);
        assert_eq!(read_or_make(dir.path()).unwrap(), made);
    }
}
