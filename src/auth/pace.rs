//! How often a token may be used.

use super::Error;
use crate::domain::Timestamp;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, FakeRelativeClock},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How far time may seem to go back because callers read the clock side by side; more than that, and the clock was set.
const JITTER: Duration = Duration::from_secs(1);
/// How much time passes at most from one use to the next: after a minute, a token may be used as if it had never been.
const STEP_MAX: Duration = Duration::from_mins(1);

/// How often a token may be used: as many times at once as in a minute, and evenly again from then on.
///
/// Time is handed in. A clock that is set back counts as one that stood still, so that it locks nobody out.
#[derive(Debug)]
pub struct Pace {
    limiter: RateLimiter<NotKeyed, InMemoryState, FakeRelativeClock, NoOpMiddleware<Nanos>>,
    /// The limiter's time, which goes on by what passes from one use to the next. (Nothing about it is fake here: it is
    /// the one clock of the crate that is moved by hand.)
    clock: FakeRelativeClock,
    last: Mutex<Timestamp>,
}

impl Pace {
    /// Allows `per_minute` uses a minute, as many of them at once.
    pub(super) fn new(per_minute: NonZeroU32, now: Timestamp) -> Self {
        let clock = FakeRelativeClock::default();
        let limiter = RateLimiter::direct_with_clock(Quota::per_minute(per_minute), clock.clone());
        Self { limiter, clock, last: Mutex::new(now) }
    }

    /// Counts one use.
    ///
    /// # Errors
    ///
    /// [`Error::TooOften`], with how long to wait until the next one; what is refused isn't counted.
    pub fn count(&self, now: Timestamp) -> Result<(), Error> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if now > *last {
            self.clock.advance(between(*last, now).min(STEP_MAX));
            *last = now;
        } else if between(now, *last) > JITTER {
            *last = now;
        }
        self.limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now()).as_nanos().div_ceil(1_000_000);
            Error::TooOften { retry_after: Duration::from_millis(u64::try_from(wait).unwrap_or(u64::MAX)) }
        })
    }
}

fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    let micros = i128::from(later.as_micros()) - i128::from(earlier.as_micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000_000_000;
    const SECOND: i64 = 1_000_000;

    fn pace(per_minute: u32) -> Pace {
        Pace::new(NonZeroU32::new(per_minute).unwrap(), Timestamp::from_micros(START))
    }

    fn count(pace: &Pace, micros: i64) -> Result<(), u64> {
        pace.count(Timestamp::from_micros(START + micros)).map_err(|error| match error {
            Error::TooOften { retry_after } => u64::try_from(retry_after.as_millis()).unwrap(),
            other => panic!("{other}"),
        })
    }

    /// Counts as often as it goes.
    fn burst(pace: &Pace, micros: i64) -> usize {
        (0..10_000).take_while(|_| count(pace, micros).is_ok()).count()
    }

    #[test]
    fn as_many_as_in_a_minute_go_at_once_and_then_evenly() {
        let pace = pace(3);
        assert_eq!(burst(&pace, 0), 3);
        assert_eq!(count(&pace, 0), Err(20_000));
        assert_eq!(count(&pace, 5 * SECOND), Err(15_000), "what is refused isn't counted");
        assert_eq!(count(&pace, 20 * SECOND - 1), Err(1));
        assert_eq!(count(&pace, 20 * SECOND), Ok(()));
        assert_eq!(count(&pace, 20 * SECOND), Err(20_000));
        assert_eq!(burst(&pace, 60 * SECOND), 2);
        assert_eq!(burst(&pace, 10_000 * SECOND), 3, "however long nobody used it");
    }

    #[test]
    fn whoever_waits_as_told_is_let_in() {
        for per_minute in [1, 7, 59, 60, 61, 997, 1_000_000] {
            let pace = pace(per_minute);
            let mut now = 0;
            for _ in 0..per_minute.min(2_000) {
                let _ = count(&pace, now);
            }
            for _ in 0..20 {
                if let Err(wait) = count(&pace, now) {
                    assert!(wait > 0);
                    now += i64::try_from(wait).unwrap() * 1_000;
                    assert_eq!(count(&pace, now), Ok(()), "{per_minute} a minute");
                }
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_neither_locks_out_nor_gives_away_more_than_a_burst() {
        let pace = pace(60);
        assert_eq!(burst(&pace, 0), 60);
        assert_eq!(burst(&pace, 86_400 * SECOND), 60, "a day ahead");
        assert_eq!(count(&pace, 0), Err(1_000), "and back");
        assert_eq!(burst(&pace, SECOND), 1);
        assert_eq!(pace.count(Timestamp::from_micros(i64::MAX)), Ok(()));
        assert_eq!(pace.count(Timestamp::from_micros(i64::MIN)), Ok(()));
    }

    #[test]
    fn callers_who_read_the_clock_side_by_side_make_no_time() {
        let pace = pace(60);
        assert_eq!(burst(&pace, SECOND), 60);
        let counted = (0..10_000).filter(|turn| count(&pace, SECOND - (turn % 2) * SECOND / 2).is_ok()).count();
        assert_eq!(counted, 0);
    }
}
