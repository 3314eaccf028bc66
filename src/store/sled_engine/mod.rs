//! What all events add up to, in sled: the present, ready to be asked.
//!
//! In come actions that the journal has synced, and questions; out go comments and lists. Nothing here is the truth:
//! whatever is wrong with it costs the time to build it anew from the journal. So every answer is checked, and nothing
//! that fails its check is ever given out.
//!
//! Start reading at [`State`], then at [`edit`], which changes it, then at [`open`], which trusts nothing.

mod bulk;
mod campaigns;
mod defined;
pub(super) mod edit;
pub(super) mod erasures;
mod history;
pub(super) mod keys;
mod labels;
mod models;
mod moves;
mod near;
pub(super) mod open;
mod passed;
mod queues;
mod read;
mod reports;
mod scopes;
mod tokens;
pub(super) mod value;

use crate::store::{Error, error::unavailable};
use near::NearIndex;
use passed::Passed;
use sled::Tree;
use std::{
    io,
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicU8, Ordering},
    },
    thread,
};
use value::{Summary, Total, VERSION, damaged};

/// The trees, each one a range of keys in sled's default tree: the first byte of a key is its tree.
///
/// A batch on one of sled's trees needs half the time of a transaction over several, which looks every entry up
/// before it writes it.
pub(super) const TREES: [&str; 29] = [
    "comments",
    "revisions",
    "by_article",
    "by_author",
    "queue",
    "waiting",
    "leases",
    "counts",
    "verdicts",
    "items_by_author",
    "authors",
    "policies",
    "reporters",
    "reports",
    "notes",
    "verdicts_by_author",
    "history",
    "tokens",
    "moves",
    "near",
    "campaigns",
    "campaign_items",
    "campaign_counts",
    "campaign_order",
    "campaign_rules",
    "defined_queues",
    "bulk",
    "models",
    "labels",
];

const COMMENTS: u8 = 0;
const REVISIONS: u8 = 1;
const BY_ARTICLE: u8 = 2;
const BY_AUTHOR: u8 = 3;
const QUEUE: u8 = 4;
const WAITING: u8 = 5;
const LEASES: u8 = 6;
const COUNTS: u8 = 7;
const VERDICTS: u8 = 8;
const ITEMS_BY_AUTHOR: u8 = 9;
const AUTHORS: u8 = 10;
const POLICIES: u8 = 11;
const REPORTERS: u8 = 12;
const REPORTS: u8 = 13;
const NOTES: u8 = 14;
const VERDICTS_BY_AUTHOR: u8 = 15;
const HISTORY: u8 = 16;
const TOKENS: u8 = 17;
const MOVES: u8 = 18;
const NEAR: u8 = 19;
const CAMPAIGNS: u8 = 20;
const CAMPAIGN_ITEMS: u8 = 21;
const CAMPAIGN_COUNTS: u8 = 22;
const CAMPAIGN_ORDER: u8 = 23;
const CAMPAIGN_RULES: u8 = 24;
const DEFINED_QUEUES: u8 = 25;
const BULK: u8 = 26;
const MODELS: u8 = 27;
const LABELS: u8 = 28;

/// Under these keys lies what is known of the trees as a whole.
const SUMMARY_KEY: &[u8] = b"\xffsummary";
const SCHEMA_KEY: &[u8] = b"\xffschema";

/// The open database.
///
/// `comments` holds each comment's head, with the newest revision in it; `revisions` only those that an edit
/// superseded; `by_article` and `by_author` lead from a list's place to the comment's key. `queue` has every review item
/// in each order, `waiting` those that nobody holds, `leases` the others by the end of the claim; they lead to the
/// comment's key too. `counts` says how many there are. `history` has events by comment, author and moderator. `verdicts` leads from an action to the comments that it ruled on or passed on,
/// `items_by_author` from an author to what waits of them. `authors` holds what is known of each author, `policies` every
/// version of every policy, `reporters` what became of each reader's reports. `reports` has the last report of each reader on
/// a comment, `notes` what moderators wrote beside one. `verdicts_by_author` leads from an author to those of their comments
/// that were ruled on, by the last verdict. `tokens` has the hashes of those that are good, `moves` every step of every item by its
/// queue. `near` has what tells near-copies of each comment's text, and its campaign, `campaigns` from a campaign to its comments and
/// `campaign_items` to those that wait; `campaign_counts` says how many these are, `campaign_order` which campaigns have the most
/// waiting, `campaign_rules` what was set for texts to come. `defined_queues` has the queues that editors defined, whose items stand
/// in `queue` and `waiting` beside those of the queues that they wait in. `bulk` has each moderator's last requests that ruled on
/// whatever waited of an author or a campaign. `labels` has what came in from outside of what people said of comments.
pub(super) struct State {
    path: PathBuf,
    db: sled::Db,
    tree: Tree,
    summary: Mutex<Summary>,
    /// For how many events steps of queues are kept.
    steps_kept: u64,
    /// The newest texts by what they have in common, where somebody has asked.
    near: Mutex<Option<NearIndex>>,
    /// Where moderators' walks along queues begin.
    passed: Mutex<Passed>,
}

impl State {
    /// Opens what is in `path` and reads how far it is, without checking entries. sled may panic or hang here.
    fn open(path: &Path, cache_bytes: u64, steps_kept: u64) -> Result<Self, Error> {
        let on_error = |error| from_sled(path, error);
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(cache_bytes)
            .flush_every_ms(None)
            .mode(sled::Mode::HighThroughput);
        let db = config.open().map_err(on_error)?;
        let tree: Tree = (*db).clone();
        let get = |key| tree.get(key).map_err(on_error);
        let summary = match (get(SCHEMA_KEY)?, get(SUMMARY_KEY)?) {
            (None, None) => {
                tree.insert(SCHEMA_KEY, value::seal(SCHEMA_KEY, 0, |_| {})).map_err(on_error)?;
                Summary::default()
            }
            (Some(schema), None) => {
                value::unseal(SCHEMA_KEY, &schema)?;
                Summary::default()
            }
            (Some(schema), _) if schema.first() != Some(&VERSION) => {
                return Err(damaged("it has another version's schema"));
            }
            (schema, Some(summary)) => {
                value::unseal(SCHEMA_KEY, &schema.ok_or_else(|| damaged("its schema version is missing"))?)?;
                let contents = value::unseal(SUMMARY_KEY, &summary)?;
                postcard::from_bytes(contents).map_err(|_| damaged("its summary cannot be read"))?
            }
        };
        Ok(Self {
            path: path.to_owned(),
            db,
            tree,
            summary: Mutex::new(summary),
            steps_kept,
            near: Mutex::default(),
            passed: Mutex::default(),
        })
    }

    /// Returns how far the state follows the journal.
    pub(super) fn summary(&self) -> Summary {
        *self.summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds all entries up and holds them against the totals. This is what finds entries that are missing, or that
    /// went back to an older value, without a word from sled.
    pub(super) fn check(&self) -> Result<(), Error> {
        // With a million comments this is most of what a start takes, so every core takes part. More threads would cost memory
        // that the allocator keeps for each of them: 580 MB were resident with one for each tree.
        let next = AtomicU8::new(0);
        let check_trees = || {
            loop {
                let tree = next.fetch_add(1, Ordering::Relaxed);
                if usize::from(tree) >= TREES.len() {
                    return Ok(());
                }
                self.check_tree(tree)?;
            }
        };
        thread::scope(|scope| {
            let threads = thread::available_parallelism().map_or(1, NonZero::get).min(TREES.len());
            let checks: Vec<_> = (0..threads).map(|_| scope.spawn(check_trees)).collect();
            // All are joined, so that a panic of one does not become one of the scope.
            let outcomes =
                checks.into_iter().map(|check| check.join().unwrap_or_else(|_| Err(damaged("sled panicked"))));
            outcomes.collect::<Vec<_>>().into_iter().collect()
        })
    }

    fn check_tree(&self, tree: u8) -> Result<(), Error> {
        let mut total = Total::default();
        for entry in self.entries(tree) {
            let (key, value) = entry?;
            total.add(&key, &value);
        }
        let index = usize::from(tree);
        if total == self.summary().totals[index] {
            Ok(())
        } else {
            Err(damaged(format!("the entries of {} do not add up", TREES[index])))
        }
    }

    /// Walks all entries of a tree, in the order of keys.
    pub(super) fn entries(&self, tree: u8) -> impl Iterator<Item = Result<(sled::IVec, sled::IVec), Error>> + '_ {
        self.tree.scan_prefix([tree]).map(|entry| entry.map_err(|error| self.error(error)))
    }

    /// Returns whether an entry's value passes its own checksum.
    pub(super) fn is_sound(key: &[u8], value: &[u8]) -> bool {
        value::unseal(key, value).is_ok()
    }

    /// Puts everything on disk.
    pub(super) fn flush(&self) -> Result<(), Error> {
        self.db.flush().map(drop).map_err(|error| self.error(error))
    }

    fn error(&self, error: sled::Error) -> Error {
        from_sled(&self.path, error)
    }
}

/// Tells a disk that refuses from a file that is damaged: the first wants patience, the second a rebuild.
fn from_sled(path: &Path, error: sled::Error) -> Error {
    match error {
        sled::Error::Io(source) if is_refusal(&source) => unavailable(path, source),
        // The message of this one names places in the file, the others could quote keys.
        sled::Error::Corruption { at, .. } => damaged(format!("sled found corruption at {at:?}")),
        sled::Error::Io(source) => damaged(format!("sled could not read or write: {}", source.kind())),
        sled::Error::CollectionNotFound(_) => damaged("sled misses a tree"),
        sled::Error::Unsupported(_) => damaged("sled does not support what it found"),
        sled::Error::ReportableBug(_) => damaged("sled reports a bug of its own"),
    }
}

/// Returns whether the system, not the contents of a file, is the cause.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    // sled holds its lock a moment longer than its handle.
    let locked = error.to_string().contains("could not acquire lock");
    let kinds = [
        Kind::StorageFull,
        Kind::QuotaExceeded,
        Kind::FileTooLarge,
        Kind::PermissionDenied,
        Kind::ReadOnlyFilesystem,
        Kind::WouldBlock,
        Kind::OutOfMemory,
        Kind::ResourceBusy,
        Kind::Interrupted,
        Kind::TimedOut,
    ];
    // 23 and 24: too many open files, which has no kind.
    locked || kinds.contains(&error.kind()) || matches!(error.raw_os_error(), Some(23 | 24))
}
