//! What a retraining tells while it works, so that someone can show it.

use std::sync::atomic::{AtomicU64, Ordering};

/// A piece of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Deltas are learned from some blocks of time and asked about others.
    CrossValidation,
    /// The head is fitted, and the delta learned from all labels.
    Fitting,
    /// The gates look at the held-out labels.
    Gates,
}

/// How far a piece of the work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The piece.
    pub stage: Stage,
    /// How many parts of it are done.
    pub done: u64,
    /// How many parts it has.
    pub total: u64,
}

/// Is told every step, from any thread.
pub type Progress<'a> = &'a (dyn Fn(Step) + Sync);

/// Hears nothing.
pub(super) const SILENT: Progress<'static> = &|_| {};

/// Counts the parts of one stage.
pub(super) struct Counter<'a> {
    progress: Progress<'a>,
    stage: Stage,
    done: AtomicU64,
    total: u64,
}

impl<'a> Counter<'a> {
    /// Begins a stage of so many parts, and tells so.
    pub(super) fn begin(progress: Progress<'a>, stage: Stage, total: usize) -> Self {
        let counter = Self { progress, stage, done: AtomicU64::new(0), total: total as u64 };
        counter.tell(0);
        counter
    }

    /// Tells that one more part is done.
    pub(super) fn one_more(&self) {
        self.tell(self.done.fetch_add(1, Ordering::Relaxed) + 1);
    }

    fn tell(&self, done: u64) {
        (self.progress)(Step { stage: self.stage, done: done.min(self.total), total: self.total });
    }
}
