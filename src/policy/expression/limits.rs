//! How much a rule may say and cost.
//!
//! The interpreter can't be interrupted, so what a rule costs at most is counted when it is compiled, and refused where it
//! is too much. A step is one look at one node of the rule, a pass is one walk over a text, a place is where a regular
//! expression can be; in a loop each counts for every element, and loops go over lists that stand in the rule.
//!
//! So a rule takes time that grows with the text alone: at most [`STEPS_MAX`] looks, [`PASSES_MAX`] walks, and
//! [`PLACES_MAX`] comparisons for each character. Nothing in a rule makes values that grow, since strings and lists are not
//! joined. Rules made to be slow took up to 51 ms on a text of 20,480 bytes made for them, nearly all of it for regular
//! expressions; usual rules take less than a microsecond. `BENCHMARKS.md` has the figures.

use std::time::Duration;

/// The most bytes of a rule.
pub const SOURCE_BYTES_MAX: usize = 2048;
/// The most names, values and signs of a rule; no tree is deeper than its tokens are many.
pub const TOKENS_MAX: usize = 512;
/// How deep brackets may stand in each other.
pub const BRACKETS_MAX: usize = 16;
/// The most `? :` of a rule.
pub const CONDITIONALS_MAX: usize = 16;
/// How deep the tree of a rule may be, which bounds the stack that running it takes; chains of && and || count little.
pub const DEPTH_MAX: usize = 24;
/// The stack that a rule is parsed and checked on: several times what the deepest tree of [`TOKENS_MAX`] tokens took.
pub(super) const STACK_BYTES: usize = 64 << 20;
/// The most steps of a rule.
pub const STEPS_MAX: u64 = 20_000;
/// The most walks over a text, other than by regular expressions.
pub const PASSES_MAX: u64 = 256;
/// The most places that the regular expressions of a rule can be at, all together; `[a-z]{5}` has five.
///
/// The crate `regex` is at most at all of them at once, so this bounds what it does for each character of a text, where its
/// faster ways fail.
pub const PLACES_MAX: u64 = 96;
/// The most bytes of a compiled regular expression.
pub const PATTERN_BYTES_MAX: usize = 256 << 10;
/// How long all rules of a policy may take for a comment.
///
/// The time is looked at between rules, since none can be interrupted: a rule behind whose end it is over, and those that were
/// not begun then, hold the comment and are named. Within a rule the bounds above hold.
pub const TIME_MAX: Duration = Duration::from_millis(100);
