//! A data directory of one's own.

use ombud::store::{EmbeddedStore, Error, Options, conformance::Place};
use std::path::Path;

/// A data directory that goes with the test.
pub(crate) struct TempPlace(tempfile::TempDir);

impl TempPlace {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Place for TempPlace {
    type Engine = EmbeddedStore;

    async fn open(&self) -> EmbeddedStore {
        open(self.path()).unwrap()
    }
}

/// Opens with small segments and a small cache, so that tests see many files and evictions.
pub(crate) fn open(dir: &Path) -> Result<EmbeddedStore, Error> {
    let options = Options { segment_bytes: 16 << 10, cache_bytes: 16 << 20, ..Options::default() };
    EmbeddedStore::open(dir, options, &|_| {})
}
