//! Regular expressions of rules: compiled once, and handed to the interpreter as values.
//!
//! `cel`'s own `matches` would compile its pattern at every look. The crate `regex` walks a text in time that grows with
//! the text alone, whatever the pattern; how much it does for each character is bounded by the size of what it compiles.

use super::limits::PATTERN_BYTES_MAX;
use cel::{
    DeclarationError, Env, ExecutionError,
    common::{
        types::{CelBool, CelString, STRING_TYPE, Type},
        value::{CowVal, StaticVal, Val},
    },
};
use regex::{Regex, RegexBuilder};
use std::any::Any;

static PATTERN_TYPE: Type = Type::new_unspecified_type("pattern");

/// A compiled regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern, or says what is wrong with it.
    pub(super) fn compile(pattern: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(pattern)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX * 16)
            .nest_limit(32)
            .build();
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => {
                "this regular expression is too large; write shorter repetitions, or [a-z] for \\w".to_owned()
            }
            _ => "this is no regular expression; see docs.rs/regex for what one is".to_owned(),
        })
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
