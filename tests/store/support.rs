//! A data directory of one's own.

use ombud::domain::{ArticleId, CommentId, Outcome, SiteId};
use ombud::store::{
    EmbeddedStore, Error, ListBy, Options, Store,
    conformance::{self, Place},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

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

/// Opens again; a store that was only forgotten holds its lock until its writer has finished.
pub(crate) fn open_again(dir: &Path) -> EmbeddedStore {
    let started = Instant::now();
    loop {
        match open(dir) {
            Err(Error::Locked { .. }) if started.elapsed() < Duration::from_secs(20) => std::thread::yield_now(),
            outcome => return outcome.unwrap(),
        }
    }
}

/// Copies a data directory, so that the copy can be hurt.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Reads every file below a folder.
pub(crate) fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

/// What was acknowledged: texts by comment and revision.
pub(crate) type Acknowledged = BTreeMap<String, Vec<String>>;

/// Fills a data directory with comments of several segments, some of them edited, and closes it.
pub(crate) async fn fill(dir: &Path, comments: usize) -> Acknowledged {
    fill_long(dir, comments, 60).await
}

/// Fills a data directory with comments of up to `long` times ten bytes.
pub(crate) async fn fill_long(dir: &Path, comments: usize, long: usize) -> Acknowledged {
    let store = open(dir).unwrap();
    let mut acknowledged = Acknowledged::new();
    for number in 0..comments {
        let id = format!("c{number}");
        let edits = if number % 5 == 0 { 3 } else { 1 };
        for revision in 1..=edits {
            let text = format!("{id} says for the {revision}. time: {}", "so it is. ".repeat(number * 7 % long));
            let comment = conformance::comment(&id, "a", Some(["u", "v"][number % 2]), &text);
            store.record(conformance::record(comment, Outcome::Hold)).await.unwrap();
            acknowledged.entry(id.clone()).or_default().push(text);
        }
    }
    store.close().await.unwrap();
    acknowledged
}

/// Asserts that everything acknowledged is there, bit for bit, singly and in lists, and nothing else.
pub(crate) async fn check_all_there(store: &EmbeddedStore, acknowledged: &Acknowledged) {
    for (id, texts) in acknowledged {
        let stored = store.comment(&SiteId::new("s"), &CommentId::new(id.as_str()), usize::MAX).await.unwrap();
        let stored = stored.unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
        let found: Vec<_> = stored.revisions.iter().map(|revision| revision.comment.text.as_str()).collect();
        assert_eq!(&found, texts);
        assert!(stored.revisions.iter().all(|revision| revision.decision == conformance::decision(Outcome::Hold)));
    }
    let listed = conformance::page(store, ListBy::Article(ArticleId::new("a")), None, usize::MAX).await;
    assert_eq!(listed.comments.len(), acknowledged.len());
    for revision in listed.comments {
        let texts = &acknowledged[revision.comment.comment_id.as_str()];
        assert_eq!(Some(&revision.comment.text), texts.last());
    }
}
