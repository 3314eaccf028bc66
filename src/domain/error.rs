//! What a caller can do about a failure.

use std::time::Duration;

/// One field that is wrong, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The field's path in the request, such as `author.name`.
    pub field: String,
    /// A sentence for the person who fills the field in; it never repeats what was sent.
    pub description: String,
}

impl Violation {
    /// Names a field and what is wrong with it.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into() }
    }
}

/// What a caller can act on; every room's error says which it is, every door turns it into its wire form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// Fix these fields.
    Invalid(Vec<Violation>),
    /// There is no such thing.
    NotFound {
        /// The kind of thing, such as `comment`.
        resource: &'static str,
        /// Its identifier.
        id: String,
    },
    /// Say who you are, with a token that is good.
    Unauthenticated {
        /// A stable name for programs.
        reason: &'static str,
    },
    /// You are known, but may not do this.
    Forbidden {
        /// A stable name for programs.
        reason: &'static str,
        /// What would do, by stable names.
        facts: Vec<(&'static str, String)>,
    },
    /// Someone got there first: reload, then try again.
    Conflict {
        /// A stable name for programs.
        reason: &'static str,
        /// What is so now, by stable names.
        facts: Vec<(&'static str, String)>,
    },
    /// What is asked for can't be had as things are, and waiting doesn't help: ask for something else.
    Precondition {
        /// A stable name for programs.
        reason: &'static str,
        /// What is so now, by stable names.
        facts: Vec<(&'static str, String)>,
    },
    /// Too much at once: wait, then try again.
    Overloaded {
        /// A stable name for programs.
        reason: &'static str,
        /// How long to wait.
        retry_after: Duration,
    },
    /// Not possible now, through no fault of the caller: wait, then try again.
    Unavailable {
        /// A stable name for programs.
        reason: &'static str,
        /// How long to wait.
        retry_after: Duration,
    },
    /// A fault of Ombud's own: logged, never sent.
    Internal,
}
