//! Tells a torn tail, which nobody was promised, from damage, which must be named.
//!
//! A bad record that begins before the watermark was once synced, so it is damage. One behind it was never
//! acknowledged and is cut. A file that ends before the watermark has lost its tail to something else than a crash: what
//! is left is still good, so it opens, and the loss is told. Without a watermark, a good record behind the bad one
//! tells damage.

use super::walk::{Damage, Walked, good_record_behind, segment_path};
use super::watermark::{Found, Watermark};
use crate::store::Error;
use std::{ops::RangeInclusive, path::Path};

/// How the journal ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// With a good record, or with nothing.
    Whole,
    /// With a record that was never acknowledged and is not whole.
    Torn(&'static str),
    /// Before these events, which had been synced.
    Short(RangeInclusive<u64>),
    /// In damage.
    Damaged,
}

/// What the watermark tells about a journal.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) tail: Tail,
    /// The damage, where the tail is damaged.
    pub(super) damage: Option<Damage>,
    /// Whether the watermark was there and spoke of this journal.
    pub(super) watermark_fits: bool,
}

/// Judges how a journal ends.
pub(super) fn judge(dir: &Path, walked: &Walked, found: Found) -> Result<Judgement, Error> {
    let mark = match found {
        Found::Good(mark) => Some(mark),
        Found::Missing | Found::Damaged => None,
    };
    let damaged = |damage| Judgement { tail: Tail::Damaged, damage: Some(damage), watermark_fits: true };
    let Some((last, good)) = &walked.last else {
        return Ok(match mark {
            Some(mark) => damaged(missing_segment(dir, mark, walked.next_seq)),
            None => Judgement { tail: Tail::Whole, damage: None, watermark_fits: found == Found::Missing },
        });
    };
    let at_the_end = |what| Damage { path: last.path.clone(), offset: *good, seq: walked.next_seq, what };
    if let Some(mark) = mark {
        if mark.segment > last.first_seq {
            return Ok(damaged(missing_segment(dir, mark, walked.next_seq)));
        }
        if mark.segment == last.first_seq && mark.offset > *good && mark.seq + 1 >= walked.next_seq {
            let really_damaged =
                last.len >= mark.offset || (walked.bad.is_some() && good_record_behind(last, *good, walked.next_seq)?);
            if really_damaged {
                return Ok(damaged(at_the_end(walked.bad.unwrap_or("the record is not where it was synced"))));
            }
            let missing = walked.next_seq..=mark.seq;
            let tail = match walked.bad {
                Some(what) if missing.is_empty() => Tail::Torn(what),
                _ => Tail::Short(missing),
            };
            return Ok(Judgement { tail, damage: None, watermark_fits: true });
        }
    }
    let watermark_fits = mark.is_some() && walked.watermark_met;
    match walked.bad {
        None => Ok(Judgement { tail: Tail::Whole, damage: None, watermark_fits }),
        Some(what) if !watermark_fits && good_record_behind(last, *good, walked.next_seq)? => {
            Ok(damaged(at_the_end(what)))
        }
        Some(what) => Ok(Judgement { tail: Tail::Torn(what), damage: None, watermark_fits }),
    }
}

fn missing_segment(dir: &Path, mark: Watermark, seq: u64) -> Damage {
    let path = segment_path(dir, mark.segment);
    Damage { path, offset: 0, seq, what: "the segment was synced and is missing" }
}
