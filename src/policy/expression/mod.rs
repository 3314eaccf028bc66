//! Conditions that a site writes itself, in the Common Expression Language (CEL).
//!
//! In comes the source of a rule; out goes an [`Expression`] that answers, for the [`Facts`] of a comment, whether the
//! rule fires, or an [`ExpressionError`] that says what to write instead. Nothing is fetched, no clock is read, and no text of
//! a comment is in an error. What a rule costs at most is bounded when it is compiled, see [`limits`].
//!
//! | name | type | what it is |
//! | --- | --- | --- |
//! | `scores.toxicity`, `scores.spam`, … | double | an attribute's score, from 0 to 1; `has()` says whether there is one |
//! | `comment.site_id`, `comment.article_id` | string | where the comment was sent to |
//! | `comment.parent_id`, `comment.is_reply` | string, bool | the comment that it answers, and whether it does |
//! | `comment.length`, `comment.links` | int | the characters and the links in it |
//! | `comment.language` | string | two letters, or empty |
//! | `author.author_id`, `author.name` | string | who wrote it; empty where that is not known |
//! | `author.published`, `author.held`, `author.rejected` | int | how many comments the author had so far |
//! | `author.first_time` | bool | whether it is the author's first |
//! | `article.article_id`, `article.mode` | string | the page, and `open`, `pre_moderated` or `closed` |
//! | `text` | string | the text as sent |
//!
//! Rules can use `&& || ! ?:`, comparisons, `+ - * / %` on numbers, `in`, `[ ]`, `has()`, `size()`, `int()`, `double()`,
//! the methods `contains`, `startsWith`, `endsWith`, `matches` and `size` of strings, and `all`, `exists`, `exists_one`,
//! `filter` and `map` on lists and maps that the rule itself writes. Strings are not joined and loops not nested. What is
//! taken has one type throughout, is of bounded cost, and ran on comments of every extreme.
//!
//! ```
//! use ombud::policy::expression::{AuthorFacts, Expression, Facts};
//!
//! let rule = Expression::compile(r#"author.first_time && ["http:", "https:"].exists(w, text.contains(w))"#)?;
//! let author = AuthorFacts { first_time: true, ..AuthorFacts::default() };
//! let facts = Facts { author, text: "see https://example.org", ..Facts::default() };
//! assert_eq!(rule.matches(&facts.prepare()), Ok(true));
//!
//! let error = Expression::compile("scores.toxicty > 0.9").unwrap_err();
//! assert_eq!(error.column, 8);
//! assert!(error.sentence.contains("scores.toxicity"));
//! # Ok::<(), ombud::policy::expression::ExpressionError>(())
//! ```
//!
//! Start reading at [`Expression::compile`], then the module `check`.

mod check;
mod error;
mod facts;
mod guard;
pub mod limits;
mod lower;
mod parse;
mod pattern;
mod quick;
mod samples;
mod schema;
#[cfg(test)]
mod tests;
mod types;

pub use error::{EvaluationError, ExpressionError};
pub use facts::{ArticleFacts, AuthorFacts, CommentFacts, Facts, Prepared};

use cel::{Context, Env, ExecutionError, IdedExpr, Value, common::types::CelBool};
use facts::View;
use parse::Tree;
use pattern::Pattern;
use quick::Quick;
use schema::Field;
use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

/// The functions and macros that rules run with.
static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib().with_optional_support(false);
    // The name is free, since cel's own `matches` is not compiled in; were it not, no rule with it would pass its trial.
    let _ = pattern::declare(&mut env);
    Arc::new(env)
});

/// A condition that was checked and is ready to be held against comments.
///
/// Two of the same source are equal.
#[derive(Clone)]
pub struct Expression {
    source: Box<str>,
    root: Arc<IdedExpr>,
    patterns: Arc<[Pattern]>,
    /// What needs no interpreter.
    quick: Arc<Quick>,
    asks_author: bool,
}

impl Expression {
    /// Checks the source of a rule and makes it ready.
    ///
    /// # Errors
    ///
    /// Says where and why it can't be taken: it can't be read, asks for what isn't there, has a wrong type, costs too
    /// much, or fails on a comment that may come.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        guard::check(source)?;
        let (root, checked) = parse::apart(|| {
            let tree = Tree::parse(source)?;
            let checked = check::check(&tree)?;
            let (mut root, _) = parse::parse(ENV.parser(), source)?;
            lower::lower(&mut root, &checked.pattern_sources);
            Ok((root, checked))
        })?;
        let mut fields = Vec::new();
        lower::fields(&root, &mut fields);
        let of_record =
            |field: &Field| matches!(field, Field::Published | Field::Held | Field::Rejected | Field::FirstTime);
        let expression = Self {
            source: source.into(),
            quick: Arc::new(Quick::of(&root)),
            asks_author: fields.iter().any(of_record),
            root: Arc::new(root),
            patterns: checked.patterns.into(),
        };
        match samples::with_each(|facts| expression.evaluate(facts).err()) {
            Some(error) => Err(refused_on_trial(error, checked.risky)),
            None => Ok(expression),
        }
    }

    /// Returns the source.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns a number that only clones of the expression have.
    #[cfg(test)]
    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.root).addr()
    }

    /// Returns whether the rule asks for the author's record, that is, for more than who the author is.
    pub fn asks_author_record(&self) -> bool {
        self.asks_author
    }

    /// Returns whether the rule fires for a comment, or `None` where only the interpreter can say.
    pub fn quickly(&self, facts: &Prepared<'_>) -> Option<bool> {
        self.quick.answer(facts)
    }

    /// Returns whether the rule fires for a comment.
    ///
    /// # Errors
    ///
    /// Says why there is no answer; whoever asked holds the comment and names the rule.
    pub fn matches(&self, facts: &Prepared<'_>) -> Result<bool, EvaluationError> {
        self.quickly(facts).map_or_else(|| self.evaluate(facts), Ok)
    }

    /// Asks the interpreter.
    pub(super) fn evaluate(&self, facts: &Prepared<'_>) -> Result<bool, EvaluationError> {
        let view = View { facts, patterns: &self.patterns };
        let run = || {
            let mut context = Context::with_env(Arc::clone(&ENV));
            context.set_variable_resolver(&view);
            let value = Value::resolve_val(&self.root, &context).map_err(|error| told(&error))?;
            value.downcast_ref::<CelBool>().map(|answer| *answer.inner()).ok_or(EvaluationError::Failed)
        };
        catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(EvaluationError::Failed))
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

/// Leaves out of an error what it may repeat of a comment.
fn told(error: &ExecutionError) -> EvaluationError {
    match error {
        ExecutionError::UndeclaredReference(_) => EvaluationError::NoScores,
        ExecutionError::Overflow(..) => EvaluationError::Overflow,
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => EvaluationError::DividedByZero,
        ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_) => EvaluationError::NothingThere,
        // Types are checked, so what compares with nothing is what isn't a number.
        ExecutionError::NoSuchOverload(_) | ExecutionError::FunctionError { .. } => EvaluationError::NotANumber,
        _ => EvaluationError::Failed,
    }
}

fn refused_on_trial(error: EvaluationError, column: usize) -> ExpressionError {
    let sentence = match error {
        EvaluationError::DividedByZero => {
            "this divides by zero for some comments; test for it first, as in author.held > 0 && 10 / author.held > 2"
        }
        EvaluationError::Overflow => "a number grows too large for some comments; calculate with double() of it",
        EvaluationError::NothingThere => {
            "nothing stands at this place or under this key for some comments; test with in or size() first"
        }
        EvaluationError::NotANumber => {
            "a double is no number, or too large for an int, for some comments; don't divide by what may be 0.0"
        }
        EvaluationError::NoScores | EvaluationError::Failed => "the rule can't be evaluated; write it in a simpler way",
    };
    ExpressionError::new(column, sentence)
}
