//! Regular expressions of rules: compiled once, and handed to the interpreter as values.
//!
//! `cel`'s own `matches` would compile its pattern at every look. The crate `regex` never walks back: what it does grows
//! with the text times the places that a pattern can be at, so those are counted.

use super::limits::{PATTERN_BYTES_MAX, PLACES_MAX};
use cel::{
    DeclarationError, Env, ExecutionError,
    common::{
        types::{CelBool, CelString, STRING_TYPE, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use regex::{Regex, RegexBuilder};
use regex_syntax::{
    ParserBuilder,
    hir::{Hir, HirKind},
};
use std::any::Any;

/// How deep groups may stand in each other.
const NEST_MAX: u32 = 32;

static PATTERN_TYPE: Type = Type::new_unspecified_type("pattern");

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern, or says what is wrong with it; returns how many places it can be at, too.
    pub(super) fn compile(pattern: &str) -> Result<(Self, u64), String> {
        let no_pattern = || "this is no regular expression; see docs.rs/regex for what one is".to_owned();
        let hir = ParserBuilder::new().nest_limit(NEST_MAX).build().parse(pattern).map_err(|_| no_pattern())?;
        let places = places(&hir);
        if places > PLACES_MAX {
            return Err(format!(
                "this regular expression can be at {places} places, and a rule has {PLACES_MAX}; write smaller repetitions, or a word list"
            ));
        }
        let built = RegexBuilder::new(pattern)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX * 4)
            .nest_limit(NEST_MAX)
            .build();
        match built {
            Ok(regex) => Ok((Self(regex), places)),
            Err(regex::Error::CompiledTooBig(_)) => {
                Err("this regular expression is too large; write smaller repetitions, or [a-z] for \\w".to_owned())
            }
            Err(_) => Err(no_pattern()),
        }
    }
}

/// Counts the places that a pattern can be at, its counted repetitions written out.
fn places(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => u64::try_from(literal.0.len()).unwrap_or(u64::MAX),
        HirKind::Class(_) => 1,
        HirKind::Repetition(of) => {
            let times = u64::from(of.max.unwrap_or(of.min).max(of.min).max(1));
            places(&of.sub).saturating_mul(times)
        }
        HirKind::Capture(of) => places(&of.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().map(places).fold(0, u64::saturating_add),
    }
}

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &PATTERN_TYPE
    }

    fn cel_type() -> &'static Type {
        &PATTERN_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}

/// Makes `matches` take a [`Pattern`].
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    let types = vec![PATTERN_TYPE.to_owned()];
    env.add_member_overload("matches", "string_matches_pattern", STRING_TYPE, types, matches)
}

#[expect(clippy::needless_pass_by_value, reason = "the interpreter's functions own their arguments")]
fn matches<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [text, pattern] = arguments.as_slice() else {
        return Err(ExecutionError::InvalidArgumentCount { expected: 2, actual: arguments.len() });
    };
    match (text.downcast_ref::<CelString>(), pattern.downcast_ref::<Pattern>()) {
        (Some(text), Some(Pattern(pattern))) => {
            Ok(CowVal::Borrowed(if pattern.is_match(text) { &CelBool::TRUE } else { &CelBool::FALSE }))
        }
        _ => Err(ExecutionError::MissingArgumentOrTarget),
    }
}
