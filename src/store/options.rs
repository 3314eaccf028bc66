//! What can be set about the embedded engine, and what it tells while it opens.

use std::time::Duration;

/// Bounds of the embedded engine.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many writes may wait for the writer; one more is refused at once.
    pub queue_max: usize,
    /// How many writes share one sync at most.
    pub batch_max: usize,
    /// How large a journal segment grows before the next one begins, in bytes.
    pub segment_bytes: u64,
    /// How much memory the state database may use as a cache, in bytes.
    pub cache_bytes: u64,
    /// How often the state database is flushed while comments come in. What is not flushed is replayed from the
    /// journal after a crash.
    pub flush_every: Duration,
    /// How long opening the state database may take before it counts as hung and is built anew.
    pub open_deadline: Duration,
    /// How long after an erasure the state is built anew. Until then, erased words may lie in the database's files.
    pub compact_after: Duration,
    /// For how many events, on whatever site, what became of a queue's items is kept for those who watch it. Directories
    /// of one kept number are alike; another one needs the state to be built anew.
    pub steps_kept: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_max: 4096,
            batch_max: 512,
            segment_bytes: 64 << 20,
            cache_bytes: 128 << 20,
            flush_every: Duration::from_secs(2),
            open_deadline: Duration::from_mins(5),
            compact_after: Duration::from_mins(10),
            steps_kept: 1_000_000,
        }
    }
}

/// What a store is busy with before it can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Checks the journal; counted in bytes.
    ReadingJournal,
    /// Brings the state up to the journal's end; counted in events.
    ApplyingEvents,
    /// Compares the state with what the journal gives; counted in entries.
    ComparingState,
}

/// How far a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// What is done of it.
    pub done: u64,
    /// What there is to do.
    pub total: u64,
}
