//! The truth: every action, in order, in files that only grow.
//!
//! In come actions; out goes the promise that they are on disk, and later the same actions again. What was promised is
//! never cut and never changed; what was not promised may be there or not after a crash, but only whole. This module
//! knows nothing of the state that actions add up to.
//!
//! Start reading at [`frame`], the bytes, then at [`Journal::commit`], then at [`tail`], the judgement on opening.

pub(super) mod disk;
pub(super) mod follow;
pub(super) mod frame;
pub(super) mod join;
pub(super) mod rewrite;
mod tail;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod verify;
mod walk;
mod watermark;

use super::{Error, Progress, Stage, error::unavailable, record};
use crate::domain::Action;
use disk::{Disk, SegmentFile};
use frame::{Draft, Frame, HEADER_BYTES, Hash, Header, RECORD_BYTES_MAX};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tail::Tail;
pub(super) use walk::Damage;
use walk::{Next, Observer, segment_path};
use watermark::{Found, Watermark, WatermarkFile};

/// The segment that is written on.
struct Current {
    file: Box<dyn SegmentFile>,
    path: PathBuf,
    first_seq: u64,
    /// The end of the last synced record.
    good: u64,
}

/// The journal, open for appending.
pub(super) struct Journal {
    dir: PathBuf,
    disk: Box<dyn Disk>,
    segment_bytes: u64,
    current: Option<Current>,
    /// Whether a failed write may have left something behind the good part.
    dirty: bool,
    watermark: WatermarkFile,
    synced_seq: u64,
    synced_hash: Hash,
    /// Records that wait for the next commit, and what the journal ends with once they are synced.
    pending: Vec<u8>,
    pending_seq: u64,
    pending_hash: Hash,
    private: Vec<u8>,
}

/// Where the watermark lies.
fn watermark_path(dir: &Path) -> PathBuf {
    dir.join("synced")
}

impl Journal {
    /// Opens the journal in `dir`, which is made where it is missing, and checks all of it.
    ///
    /// A tail that was never acknowledged is cut. Damage refuses to open.
    pub(super) fn open(
        dir: &Path,
        disk: Box<dyn Disk>,
        segment_bytes: u64,
        progress: &dyn Fn(Progress),
    ) -> Result<Self, Error> {
        let io_error = |path: &Path| {
            let path = path.to_owned();
            move |source: io::Error| Error::Io { path, source }
        };
        super::engine::make_dir(dir, &*disk).map_err(io_error(dir))?;
        rewrite::remove_leftovers(dir).map_err(io_error(dir))?;
        let mark_path = watermark_path(dir);
        let found = watermark::read(&mark_path).map_err(io_error(&mark_path))?;
        let mark = if let Found::Good(mark) = found { Some(mark) } else { None };
        let walked = walk::walk(dir, mark, &mut Strict(progress))?;
        let judgement = tail::judge(dir, &walked, found)?;
        if let Some(damage) = judgement.damage {
            return Err(damage.into());
        }
        if !judgement.watermark_fits && walked.last.is_some() {
            tracing::warn!(file = %mark_path.display(), "the watermark is missing or speaks of another journal");
        }
        match &judgement.tail {
            Tail::Short(missing) => tracing::error!(
                first_seq = missing.start(),
                last_seq = missing.end(),
                "the journal has lost synced events at its end; opening with what is left"
            ),
            Tail::Torn(what) => tracing::warn!(seq = walked.next_seq, what, "cutting an unacknowledged journal tail"),
            Tail::Whole | Tail::Damaged => {}
        }
        for path in &walked.superseded {
            fs::remove_file(path).map_err(io_error(path))?;
        }
        let mut current = None;
        if let Some((segment, good)) = walked.last {
            let path = segment.path;
            if good == 0 {
                fs::remove_file(&path).map_err(io_error(&path))?;
                disk.sync_dir(dir).map_err(io_error(dir))?;
            } else {
                let mut file = disk.open(&path).map_err(io_error(&path))?;
                if good < segment.len {
                    file.cut(good).map_err(io_error(&path))?;
                }
                // A process that was killed may have left records that were written and not synced. They are read
                // back, and answers may rest on them, so they must last from here on; the file's name too.
                file.sync().map_err(io_error(&path))?;
                disk.sync_dir(dir).map_err(io_error(dir))?;
                current = Some(Current { file, path, first_seq: segment.first_seq, good });
            }
        }
        let watermark = WatermarkFile::open(&mark_path).map_err(io_error(&mark_path))?;
        let (seq, hash) = (walked.next_seq - 1, walked.hash);
        Ok(Self {
            dir: dir.to_owned(),
            disk,
            segment_bytes,
            current,
            dirty: false,
            watermark,
            synced_seq: seq,
            synced_hash: hash,
            pending: Vec::new(),
            pending_seq: seq,
            pending_hash: hash,
            private: Vec::new(),
        })
    }

    /// Returns the number of the last synced event, or 0.
    pub(super) fn synced_seq(&self) -> u64 {
        self.synced_seq
    }

    /// Returns the number that the next action begins with.
    pub(super) fn next_seq(&self) -> u64 {
        self.pending_seq + 1
    }

    /// Adds an action to the batch and returns the hash of its record; nothing is written yet.
    pub(super) fn push(&mut self, action: &Action, salt: [u8; record::SALT_BYTES]) -> Result<Hash, Error> {
        debug_assert_eq!(action.first_seq, self.next_seq());
        self.private.clear();
        record::encode_private(action, salt, &mut self.private);
        let draft = Draft {
            first_seq: action.first_seq,
            events: u32::try_from(action.events.len()).expect("an action has a handful of events"),
            prev: self.pending_hash,
            private: &self.private,
        };
        let hash = draft
            .write(&mut self.pending, |out| record::encode_body(action, &self.private, out))
            .map_err(|bytes| Error::TooLarge { bytes, bytes_max: RECORD_BYTES_MAX })?;
        self.pending_seq = action.last_seq();
        self.pending_hash = hash;
        Ok(hash)
    }

    /// Forgets the batch.
    pub(super) fn discard(&mut self) {
        self.pending.clear();
        (self.pending_seq, self.pending_hash) = (self.synced_seq, self.synced_hash);
    }

    /// Writes the batch and returns when it is on disk. After a failure nothing of it counts, and the next batch
    /// begins by cutting what may be left of it.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        let committed = if self.pending.is_empty() { Ok(()) } else { self.write_pending() };
        match committed {
            Ok(()) => {
                (self.synced_seq, self.synced_hash) = (self.pending_seq, self.pending_hash);
                if !self.pending.is_empty() {
                    self.pending.clear();
                    self.move_watermark();
                }
                Ok(())
            }
            Err(error) => {
                self.discard();
                Err(error)
            }
        }
    }

    fn write_pending(&mut self) -> Result<(), Error> {
        if self.dirty {
            self.repair()?;
        }
        let bytes = self.pending.len() as u64;
        let full = |current: &Current| current.good > HEADER_BYTES as u64 && current.good + bytes > self.segment_bytes;
        if self.current.as_ref().is_none_or(full) {
            self.roll()?;
        }
        let current = self.current.as_mut().expect("a segment was just opened");
        // Set first, so that a panic within leaves it set.
        self.dirty = true;
        current
            .file
            .write_at(current.good, &self.pending)
            .and_then(|()| current.file.sync())
            .map_err(|source| unavailable(&current.path, source))?;
        current.good += bytes;
        self.dirty = false;
        Ok(())
    }

    /// Cuts what a failed write left, through a file opened anew: after a failed sync, a file that stayed open may
    /// say that all is well without having written.
    fn repair(&mut self) -> Result<(), Error> {
        if let Some(current) = &mut self.current {
            let repaired = self.disk.open(&current.path).and_then(|mut file| {
                file.cut(current.good)?;
                file.sync()?;
                Ok(file)
            });
            current.file = repaired.map_err(|source| unavailable(&current.path, source))?;
        }
        self.dirty = false;
        Ok(())
    }

    /// Begins a new segment. Its header is on disk before a record follows.
    fn roll(&mut self) -> Result<(), Error> {
        let first_seq = self.synced_seq + 1;
        let path = segment_path(&self.dir, first_seq);
        let header = Header { first_seq, prev: self.synced_hash }.to_bytes();
        let made = self.disk.create(&path).and_then(|mut file| {
            file.write_at(0, &header)?;
            file.sync()?;
            self.disk.sync_dir(&self.dir)?;
            Ok(file)
        });
        match made {
            Ok(file) => {
                self.current = Some(Current { file, path, first_seq, good: HEADER_BYTES as u64 });
                self.move_watermark();
                Ok(())
            }
            Err(source) => {
                // Half a segment is harmless: the next attempt, or the next opening, replaces it.
                drop(fs::remove_file(&path));
                Err(unavailable(&path, source))
            }
        }
    }

    /// Makes the segments so far full, so that nothing is appended to any of them; returns the number of the first event that
    /// is in none of them. Nothing may wait for a commit.
    pub(super) fn fill_segment(&mut self) -> Result<u64, Error> {
        if self.dirty {
            self.repair()?;
        }
        if self.current.as_ref().is_some_and(|current| current.good > HEADER_BYTES as u64) {
            self.roll()?;
        }
        // The watermark names a segment and an offset in it: of one that is written anew, it would speak falsely.
        let synced = self.write_watermark().and_then(|()| self.watermark.sync());
        synced.map_err(|source| unavailable(&watermark_path(&self.dir), source))?;
        Ok(self.synced_seq + 1)
    }

    /// Notes how far the journal is synced. A failure leaves the older, still true note.
    fn move_watermark(&mut self) {
        if let Err(error) = self.write_watermark() {
            tracing::warn!(%error, "cannot move the journal's watermark");
        }
    }

    fn write_watermark(&mut self) -> io::Result<()> {
        let Some(current) = &self.current else { return Ok(()) };
        let mark = Watermark { segment: current.first_seq, offset: current.good, seq: self.synced_seq };
        self.watermark.write(mark)
    }

    /// Makes the watermark last; called now and then, and at closing.
    pub(super) fn sync_watermark(&mut self) {
        self.move_watermark();
        if let Err(error) = self.watermark.sync() {
            tracing::warn!(%error, "cannot sync the journal's watermark");
        }
    }
}

/// Refuses any damage.
struct Strict<'a>(&'a dyn Fn(Progress));

impl Observer for Strict<'_> {
    fn record(&mut self, _: &Path, _: u64, _: &Frame<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn damage(&mut self, damage: Damage) -> Result<(), Error> {
        Err(damage.into())
    }

    fn progress(&mut self, done: u64, total: u64) {
        (self.0)(Progress { stage: Stage::ReadingJournal, done, total });
    }
}

/// A record that was read back.
pub(super) struct Replayed {
    /// The action.
    pub(super) action: Action,
    /// The hash of its record.
    pub(super) hash: Hash,
}

/// Reads the actions whose events come after `after_seq`, up to the one that ends with `until_seq`, in order.
///
/// Returns `false`, with nothing read, where `fits` refuses the hash of the record that ends with `after_seq`, or where
/// no record does.
pub(super) fn replay(
    dir: &Path,
    after_seq: u64,
    until_seq: u64,
    mut each: impl FnMut(Replayed) -> Result<(), Error>,
    fits: impl FnOnce(Hash) -> bool,
) -> Result<bool, Error> {
    let mut fits = Some(fits);
    if after_seq == 0 && !fits.take().is_some_and(|fits| fits([0; 32])) {
        return Ok(false);
    }
    // The event that is looked for. Each segment is found by it, since segments may be joined meanwhile.
    let mut seq = after_seq.max(1);
    while seq <= until_seq {
        let Some((segment, mut reader)) = walk::segment_of(dir, seq)? else { break };
        let damage = |offset, seq, what| Damage { path: segment.path.clone(), offset, seq, what };
        reader.header()?.map_err(|what| damage(0, segment.first_seq, what))?;
        let begin = seq;
        while seq <= until_seq {
            let offset = reader.offset;
            let frame = match reader.next()? {
                Next::Record(frame) if frame.last_seq() < seq => continue,
                Next::Record(frame) => frame,
                Next::Bad(what) => return Err(damage(offset, seq, what).into()),
                Next::End => break,
            };
            seq = frame.last_seq() + 1;
            if frame.last_seq() == after_seq {
                if !fits.take().is_some_and(|fits| fits(frame.hash())) {
                    return Ok(false);
                }
            } else if frame.first_seq > after_seq {
                if fits.is_some() {
                    return Ok(false);
                }
                let action = decode(&frame)
                    .ok_or_else(|| damage(offset, frame.first_seq, "the record's contents are not of its version"))?;
                each(Replayed { action, hash: frame.hash() })?;
            }
        }
        if seq == begin {
            break;
        }
    }
    Ok(fits.is_none())
}

/// Returns the action that a record holds, `None` where its contents are not of its version.
fn decode(frame: &frame::Frame<'_>) -> Option<Action> {
    let action = record::decode_action(frame.first_seq, frame.body, frame.private).ok()?;
    Some(action).filter(|action| action.last_seq() == frame.last_seq() && frame.events > 0)
}
