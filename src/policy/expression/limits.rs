//! How much a rule may say and cost.
//!
//! The interpreter can't be interrupted, so what a rule costs at most is counted when it is compiled. A step is one look
//! at one node of the rule, times the elements of the list that it is repeated for; a pass is one walk over a text. With
//! all limits reached at once, on the longest text that is let in, a rule takes some milliseconds; see `BENCHMARKS.md`.

use std::time::Duration;

/// The most bytes of a rule.
pub const SOURCE_BYTES_MAX: usize = 2048;
/// The most names, values and signs of a rule; no tree is deeper than its tokens are many.
pub const TOKENS_MAX: usize = 512;
/// How deep brackets may stand in each other.
pub const BRACKETS_MAX: usize = 16;
/// The most `? :` of a rule.
pub const CONDITIONALS_MAX: usize = 16;
/// The most steps of a rule.
pub const STEPS_MAX: u64 = 20_000;
/// The most walks over a text; a regular expression counts as [`PATTERN_PASSES`].
pub const PASSES_MAX: u64 = 256;
/// What a regular expression counts for.
pub const PATTERN_PASSES: u64 = 16;
/// The most bytes of a compiled regular expression, which bounds what it does for each character.
pub const PATTERN_BYTES_MAX: usize = 64 << 10;
/// A rule that took longer than this is reported, since the machine or the count of steps must be at fault.
pub const TIME_MAX: Duration = Duration::from_millis(100);
