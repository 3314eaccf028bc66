//! Times as people say them.

use crate::cli::review::state::SECOND;
use prost_types::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Says how long ago something was, such as `3 min ago`. `now` is in microseconds since 1970.
pub(super) fn ago(now: i64, then: Option<&Timestamp>) -> String {
    then.map(|then| format!("{} ago", long(now, then))).unwrap_or_default()
}

/// Says how long something has lasted, such as `3 min`. A clock that is behind the server's makes it `0 s`.
pub(super) fn long(now: i64, since: &Timestamp) -> String {
    let secs = (now.div_euclid(SECOND) - since.seconds).max(0);
    match secs {
        ..MINUTE => format!("{secs} s"),
        MINUTE..HOUR => format!("{} min", secs / MINUTE),
        HOUR..DAY => format!("{} h", secs / HOUR),
        _ => format!("{} d", secs / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_largest_unit_that_they_fill() {
        let cases =
            [(-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h"), (86_399, "23 h")];
        for (secs, expected) in cases.into_iter().chain([(86_400, "1 d"), (400 * 86_400 + 1, "400 d")]) {
            let then = Timestamp { seconds: 1_000_000_000, nanos: 999_999_999 };
            let now = (1_000_000_000 + secs) * SECOND + 123_456;
            assert_eq!(long(now, &then), expected);
            assert_eq!(ago(now, Some(&then)), format!("{expected} ago"));
        }
        assert_eq!(ago(0, None), "");
    }
}
