//! Files that are there as a whole or not at all.

use anyhow::Context as _;
use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};
use tempfile::NamedTempFile;

/// Writes a file: beside its place first, synced, then renamed, so that whoever looks sees the old one or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    place(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes several files of one folder, which is made where it isn't there: all beside their places first, so that no disk that
/// is full leaves one without the others.
pub(crate) fn write_all_whole(folder: &Path, files: &[(String, Vec<u8>)]) -> anyhow::Result<()> {
    let write = || {
        fs::create_dir_all(folder)?;
        let beside = files.iter().map(|(_, bytes)| written_beside(folder, bytes));
        let beside = beside.collect::<io::Result<Vec<_>>>()?;
        for ((name, _), beside) in files.iter().zip(beside) {
            beside.persist(folder.join(name))?;
        }
        File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("cannot write to {}", folder.display()))
}

fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    written_beside(folder, bytes)?.persist(path)?;
    File::open(folder)?.sync_all()
}

/// Writes a file of a name of its own, which goes away unless it is put in its place.
fn written_beside(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut beside = tempfile::Builder::new().prefix(".ombud-").suffix(".part").tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    Ok(beside)
}
