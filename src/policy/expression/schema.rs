//! What a rule can ask for: every name, and what stands behind it.

use crate::domain::{Criterion, Language};
use std::fmt;

/// The type of a single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Bool,
    Int,
    Double,
    Text,
}

impl Scalar {
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Double)
    }

    /// Returns the name in CEL; displayed, it has its article.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Text => "string",
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if *self == Self::Int { "an" } else { "a" }, self.name())
    }
}

/// Something that a rule can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Score(Criterion),
    SiteId,
    CommentArticleId,
    ParentId,
    Length,
    Links,
    IsReply,
    Language,
    AuthorId,
    AuthorName,
    Published,
    Held,
    Rejected,
    FirstTime,
    ArticleId,
    Mode,
    Text,
}

/// The names before the dot.
pub(super) const RECORDS: [&str; 4] = ["scores", "comment", "author", "article"];

/// The modes that an article can be in.
pub(super) const MODES: [&str; 3] = ["open", "pre_moderated", "closed"];

impl Field {
    const OTHERS: [Self; 16] = [
        Self::SiteId,
        Self::CommentArticleId,
        Self::ParentId,
        Self::Length,
        Self::Links,
        Self::IsReply,
        Self::Language,
        Self::AuthorId,
        Self::AuthorName,
        Self::Published,
        Self::Held,
        Self::Rejected,
        Self::FirstTime,
        Self::ArticleId,
        Self::Mode,
        Self::Text,
    ];

    /// Lists every field, scores first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Criterion::all().map(Self::Score).chain(Self::OTHERS)
    }

    /// Returns the name before the dot, which [`Field::Text`] has none of, the name behind it, and the type.
    pub(super) const fn parts(self) -> (Option<&'static str>, &'static str, Scalar) {
        match self {
            Self::Score(criterion) => (Some("scores"), criterion.key(), Scalar::Double),
            Self::SiteId => (Some("comment"), "site_id", Scalar::Text),
            Self::CommentArticleId => (Some("comment"), "article_id", Scalar::Text),
            Self::ParentId => (Some("comment"), "parent_id", Scalar::Text),
            Self::Length => (Some("comment"), "length", Scalar::Int),
            Self::Links => (Some("comment"), "links", Scalar::Int),
            Self::IsReply => (Some("comment"), "is_reply", Scalar::Bool),
            Self::Language => (Some("comment"), "language", Scalar::Text),
            Self::AuthorId => (Some("author"), "author_id", Scalar::Text),
            Self::AuthorName => (Some("author"), "name", Scalar::Text),
            Self::Published => (Some("author"), "published", Scalar::Int),
            Self::Held => (Some("author"), "held", Scalar::Int),
            Self::Rejected => (Some("author"), "rejected", Scalar::Int),
            Self::FirstTime => (Some("author"), "first_time", Scalar::Bool),
            Self::ArticleId => (Some("article"), "article_id", Scalar::Text),
            Self::Mode => (Some("article"), "mode", Scalar::Text),
            Self::Text => (None, "text", Scalar::Text),
        }
    }

    /// Finds a field by its name and the one before the dot.
    pub(super) fn find(record: Option<&str>, name: &str) -> Option<Self> {
        Self::all().find(|field| {
            let (own_record, own_name, _) = field.parts();
            own_record == record && own_name == name
        })
    }

    /// Lists the names of the fields of a record.
    pub(super) fn names_of(record: &str) -> Vec<&'static str> {
        Self::all().map(Self::parts).filter(|(own, ..)| *own == Some(record)).map(|(_, name, _)| name).collect()
    }

    /// Returns the type of the field's values.
    pub(super) const fn kind(self) -> Scalar {
        self.parts().2
    }

    /// Returns the place of the field's value among those of a comment.
    pub(super) fn slot(self) -> usize {
        Self::all().position(|field| field == self).unwrap_or(usize::MAX)
    }

    /// Returns whether `has()` can be asked: whether there may be nothing behind the name.
    pub(super) const fn may_be_missing(self) -> bool {
        matches!(self, Self::Score(_) | Self::ParentId | Self::Language | Self::AuthorId | Self::AuthorName)
    }

    /// Says what a string must be so that the field can ever equal it; `None` where `text` is fine.
    pub(super) fn complaint(self, text: &str) -> Option<String> {
        match self {
            Self::Mode if !MODES.contains(&text) => {
                Some(format!("article.mode is one of {}; write one of them", list(&MODES)))
            }
            Self::Language if !text.is_empty() && Language::from_code(text).is_none() => {
                Some("a language is two lower-case letters, such as \"en\"; write those".to_owned())
            }
            _ => None,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (record, name, _) = self.parts();
        match record {
            Some(record) => write!(f, "{record}.{name}"),
            None => f.write_str(name),
        }
    }
}

/// Joins names for a sentence.
pub(super) fn list(names: &[&str]) -> String {
    names.join(", ")
}
