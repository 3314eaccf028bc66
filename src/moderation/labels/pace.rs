//! How an export gives way: it reads all that ever happened, which would take a core from those who wait for an answer.
//!
//! It works in short slices. Where others have written meanwhile, it then stands aside for twice as long as the slice took, so
//! that it takes no more than a third of one core. A slice that had to wait for its core took longer, so that it stands aside
//! the longer the busier the machine is. Where nobody writes it goes on at once.

use std::time::{Duration, Instant};
use tokio::time::interval_at;

/// So many times as long as it worked, an export stands aside.
const ASIDE: u32 = 2;
/// It stands aside no longer than so at once, however long a slice took.
const ASIDE_MAX: Duration = Duration::from_millis(200);
/// So long after something was written, more is expected.
const BUSY: Duration = Duration::from_millis(200);

/// Knows whether others write.
pub(super) struct Pace {
    /// The number of the last event when it was last looked at.
    last_seq: u64,
    busy_until: Option<Instant>,
    /// When the slice began.
    begun: Instant,
}

impl Pace {
    pub(super) fn new(last_seq: u64, now: Instant) -> Self {
        Self { last_seq, busy_until: None, begun: now }
    }

    /// Begins a slice.
    pub(super) fn begin(&mut self, now: Instant) {
        self.begun = now;
    }

    /// Ends a slice: stands aside for as long as it has to.
    pub(super) async fn give_way(&mut self, last_seq: u64) {
        let aside = self.aside(last_seq, Instant::now());
        if !aside.is_zero() {
            // What is waited for is the time itself: it is left to others.
            interval_at(tokio::time::Instant::now() + aside, aside).tick().await;
        }
        self.begin(Instant::now());
    }

    /// Returns how long to stand aside.
    fn aside(&mut self, last_seq: u64, now: Instant) -> Duration {
        if last_seq != self.last_seq {
            (self.last_seq, self.busy_until) = (last_seq, Some(now + BUSY));
        }
        if self.busy_until.is_none_or(|until| until <= now) {
            return Duration::ZERO;
        }
        (now.saturating_duration_since(self.begun) * ASIDE).min(ASIDE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_gives_way_to_those_who_write_and_to_nobody_else() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace::new(7, begin);
        assert_eq!(pace.aside(7, at(5)), Duration::ZERO, "nobody writes");
        pace.begin(at(5));
        assert_eq!(pace.aside(8, at(8)), Duration::from_millis(6));
        pace.begin(at(14));
        assert_eq!(pace.aside(8, at(15)), Duration::from_millis(2), "who wrote just now may write again");
        pace.begin(at(207));
        assert_eq!(pace.aside(8, at(208)), Duration::ZERO, "that is over");
        assert_eq!(pace.aside(9, at(9000)), ASIDE_MAX);
    }
}
