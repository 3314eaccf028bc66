//! What is wrong with a rule, and why one could not be held against a comment.

/// Says what is wrong with the source of a rule, where, and what to write instead.
///
/// The sentence may repeat names and operators of the source, never a string in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {sentence}")]
pub struct ExpressionError {
    /// The 1-based column, in characters of the source, line breaks counted as one.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub sentence: String,
}

impl ExpressionError {
    pub(super) fn new(column: usize, sentence: impl Into<String>) -> Self {
        Self { column, sentence: sentence.into() }
    }
}

/// Says why a rule gave no answer for a comment. Nothing in it comes from the comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The rule needs scores, and the comment has none.
    #[error("the rule asks for scores, and the comment has none")]
    NoScores,
    /// A whole number left the 64 bits that it has.
    #[error("a number grew too large")]
    Overflow,
    /// A whole number was divided by zero.
    #[error("a number was divided by zero")]
    DividedByZero,
    /// A list has no element at that place, or a map no value under that key.
    #[error("a list or map holds nothing at the place that was asked for")]
    NothingThere,
    /// A double was no number, so it could not be compared or made an int.
    #[error("a double was not a number, or too large for an int")]
    NotANumber,
    /// The interpreter failed in a way that compiling should have ruled out.
    #[error("the rule could not be evaluated")]
    Failed,
}
