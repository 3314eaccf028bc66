//! Source to syntax tree, and back from a node to its column.

use super::{
    ExpressionError,
    limits::{BRACKETS_MAX, CONDITIONALS_MAX, STACK_BYTES},
};
use cel::{
    Env, IdedExpr,
    common::ast::{Expr, SourceInfo},
    parser::Parser,
};
use std::thread;

/// A syntax tree in which macros stand as the calls that were written.
pub(super) struct Tree<'s> {
    pub(super) root: IdedExpr,
    info: SourceInfo,
    source: &'s str,
}

impl<'s> Tree<'s> {
    /// Parses a source that the guard let through, macros left alone.
    pub(super) fn parse(source: &'s str) -> Result<Self, ExpressionError> {
        let (root, info) = parse(Env::default().with_optional_support(false).parser(), source)?;
        Ok(Self { root, info, source })
    }

    /// Returns the 1-based column of a node: of an operator its sign, of a field or function its name.
    pub(super) fn column(&self, node: &IdedExpr) -> usize {
        let begin = self.info.offset_for(node.id).and_then(|(begin, _)| usize::try_from(begin).ok());
        let Some((before, rest)) = begin.and_then(|begin| self.source.split_at_checked(begin)) else { return 1 };
        let at = before.chars().count();
        1 + match (&node.expr, rest.chars().next()) {
            // The place of a selection is its dot, of a call its bracket.
            (Expr::Select(_), Some('.')) => at + 1 + rest.chars().skip(1).take_while(|c| c.is_whitespace()).count(),
            (Expr::Call(call), Some('(')) => {
                let blanks = before.chars().rev().take_while(|c| c.is_whitespace()).count();
                at.saturating_sub(blanks + call.func_name.chars().count())
            }
            _ => at,
        }
    }
}

/// Parses a source that the guard let through, with the macros that `parser` knows.
pub(super) fn parse(parser: Parser, source: &str) -> Result<(IdedExpr, SourceInfo), ExpressionError> {
    let depth_max = u16::try_from(BRACKETS_MAX + CONDITIONALS_MAX + 1).unwrap_or(u16::MAX);
    // One fault is reported, so that nothing need be guessed behind it.
    let parser = parser.max_recursion_depth(depth_max).error_recovery_limit(1);
    parser.parse_with_source_info(source).map_err(|errors| match errors.errors.first() {
        Some(error) => unreadable(source, error.pos, &error.msg),
        None => lost(),
    })
}

/// Runs what parses or checks on a stack of its own, where it may recurse, and a panic in it is a fault of the source.
pub(super) fn apart<T: Send>(work: impl FnOnce() -> Result<T, ExpressionError> + Send) -> Result<T, ExpressionError> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work);
        worker.map_or_else(|_| Err(no_thread()), |worker| worker.join().unwrap_or_else(|_| Err(lost())))
    })
}

fn no_thread() -> ExpressionError {
    ExpressionError::new(1, "the machine has no room to check the rule; try again later")
}

/// Says that a source can't be read where nobody knows the place.
fn lost() -> ExpressionError {
    ExpressionError::new(1, "this can't be read; write a condition, such as scores.toxicity > 0.9")
}

/// Says what the parser stopped at; it counts lines and columns from 1, and its message is for programmers.
fn unreadable(source: &str, (line, column): (isize, isize), message: &str) -> ExpressionError {
    let (line, column) = (usize::try_from(line).unwrap_or(0), usize::try_from(column).unwrap_or(0));
    let lines = source.split_inclusive('\n').take(line.saturating_sub(1));
    let at = lines.map(|line| line.chars().count()).sum::<usize>() + column.saturating_sub(1);
    if message.starts_with("invalid int")
        || message.starts_with("invalid double")
        || message.starts_with("invalid uint")
    {
        return ExpressionError::new(at + 1, "this number is too large; write a smaller one");
    }
    if message.starts_with("invalid string") || message.starts_with("invalid bytes") {
        return ExpressionError::new(
            at + 1,
            "this string names a character that isn't there; write the character itself",
        );
    }
    if message.starts_with("reserved identifier") {
        return ExpressionError::new(at + 1, "this word is kept for later versions of CEL; write another name");
    }
    if source.chars().skip(at).all(char::is_whitespace) {
        return ExpressionError::new(at.max(1), "the rule ends too early; write what is missing behind this");
    }
    ExpressionError::new(
        at + 1,
        "this doesn't fit behind what stands before it; write an operator or a comma between them",
    )
}
