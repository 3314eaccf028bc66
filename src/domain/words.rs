//! Words that somebody wrote beside comments: why they report, appeal or escalate, and notes.

use std::fmt;

/// A text that is kept like a comment's: in the private part of a record, and in no log.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Words(Box<str>);

impl Words {
    /// Wraps a text; whoever reads outside input checks its length first.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether nothing was written, or it was erased.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Words {
    /// Leaves the text out, so that no log can hold it by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} bytes)", self.0.len())
    }
}
