//! Source to syntax tree, and back from a node to its column.

use super::{ExpressionError, guard, limits::BRACKETS_MAX};
use cel::{
    Env, IdedExpr,
    common::ast::{Expr, SourceInfo},
    parser::Parser,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A syntax tree in which macros stand as the calls that were written.
pub(super) struct Tree {
    pub(super) root: IdedExpr,
    info: SourceInfo,
    chars: Vec<char>,
}

impl Tree {
    /// Parses a source, macros left alone.
    pub(super) fn parse(source: &str) -> Result<Self, ExpressionError> {
        guard::check(source)?;
        let (root, info) = parse(Env::default().with_optional_support(false).parser(), source)?;
        Ok(Self { root, info, chars: source.chars().collect() })
    }

    /// Returns the 1-based column of a node: of an operator its sign, of a field or function its name.
    pub(super) fn column(&self, node: &IdedExpr) -> usize {
        let Some((begin, _)) = self.info.offset_for(node.id) else { return 1 };
        let at = usize::try_from(begin).unwrap_or(0).min(self.chars.len());
        1 + match (&node.expr, self.chars.get(at)) {
            // The place of a selection is its dot, of a call its bracket.
            (Expr::Select(_), Some('.')) => {
                at + 1 + self.chars[at + 1..].iter().take_while(|c| c.is_whitespace()).count()
            }
            (Expr::Call(call), Some('(')) => {
                let before = self.chars[..at].iter().rev().take_while(|c| c.is_whitespace()).count();
                at - (before + call.func_name.chars().count()).min(at)
            }
            _ => at,
        }
    }
}

/// Parses a source that the guard let through, with the macros that `parser` knows.
pub(super) fn parse(parser: Parser, source: &str) -> Result<(IdedExpr, SourceInfo), ExpressionError> {
    let depth_max = u16::try_from(BRACKETS_MAX * 2).unwrap_or(u16::MAX);
    // One fault is reported, so that nothing need be guessed behind it.
    let parser = parser.max_recursion_depth(depth_max).error_recovery_limit(1);
    match catch_unwind(AssertUnwindSafe(|| parser.parse_with_source_info(source))) {
        Ok(Ok(parsed)) => Ok(parsed),
        Ok(Err(errors)) => {
            let place = errors.errors.iter().map(|error| error.pos).find(|(line, _)| *line > 0);
            Err(unreadable(source, place))
        }
        Err(_) => Err(unreadable(source, None)),
    }
}

/// Says that the parser stopped at a line and a column, both as it counts.
fn unreadable(source: &str, place: Option<(isize, isize)>) -> ExpressionError {
    let Some((line, column)) = place else {
        return ExpressionError::new(1, "this can't be read; write a condition, such as scores.toxicity > 0.9");
    };
    let (line, column) = (usize::try_from(line).unwrap_or(1), usize::try_from(column).unwrap_or(0));
    let before: usize =
        source.split_inclusive('\n').take(line.saturating_sub(1)).map(|line| line.chars().count()).sum();
    let (at, count) = (before + column, source.chars().count());
    if source.chars().skip(at).all(char::is_whitespace) {
        let sentence = "the rule ends too early; write what is missing behind this";
        return ExpressionError::new(count.max(1).min(at.max(1)), sentence);
    }
    ExpressionError::new(at + 1, "this doesn't fit behind what stands before it; an operator or a comma may be missing")
}
