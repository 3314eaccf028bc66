//! When to ask how much waits.

use super::{ASK_AGAIN, Ask, SECOND};

/// How old counts may be where something is known to have changed them.
const AGAIN_WHERE_STALE: i64 = SECOND;

/// What is known of the age of counts.
#[derive(Debug, Default)]
pub(super) struct Counts {
    asked_at: i64,
    /// Whether the answer is still to come.
    is_asked: bool,
    /// Whether something has happened since they were asked for.
    is_stale: bool,
}

impl Counts {
    /// Asks now, or notes that it has to be asked once the answer under way is here.
    pub(super) fn ask(&mut self, now: i64) -> Option<Ask> {
        self.is_stale = self.is_asked;
        if self.is_asked {
            return None;
        }
        (self.is_asked, self.asked_at) = (true, now);
        Some(Ask::Queues)
    }

    /// Asks where the counts have become too old.
    pub(super) fn ask_if_old(&mut self, now: i64) -> Option<Ask> {
        let age_max = if self.is_stale { AGAIN_WHERE_STALE } else { ASK_AGAIN };
        if now - self.asked_at >= age_max { self.ask(now) } else { None }
    }

    /// Notes that an answer has come, or that none will.
    pub(super) fn answered(&mut self) {
        self.is_asked = false;
    }

    /// Notes that something has happened after which they are others.
    pub(super) fn changed(&mut self) {
        self.is_stale = true;
    }
}
