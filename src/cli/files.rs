//! Files that are there as a whole or not at all.

use anyhow::Context as _;
use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
};

/// Writes a file: beside its place first, synced, then renamed, so that whoever looks sees the old one or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    place(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Removed where anything below fails.
    let mut beside = tempfile::Builder::new().prefix(".ombud-").suffix(".part").tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    File::open(folder)?.sync_all()
}
