//! What a reader wrote, and what became of it.

use super::{ArticleId, AuthorId, CommentId, Decision, SiteId, Timestamp};
use std::fmt;

/// Who wrote a comment, as the site tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct Author {
    /// The account, where the reader has one.
    pub author_id: Option<AuthorId>,
    /// The name that other readers see.
    pub name: String,
}

impl fmt::Debug for Author {
    /// Leaves the name out, so that no log can hold it by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Author").field("author_id", &self.author_id).finish_non_exhaustive()
    }
}

/// A comment as it was submitted: one text, tied to one article.
#[derive(Clone, PartialEq, Eq)]
pub struct Comment {
    /// The site.
    pub site_id: SiteId,
    /// The article on that site.
    pub article_id: ArticleId,
    /// The comment, unique within the site.
    pub comment_id: CommentId,
    /// The comment that this one answers.
    pub parent_id: Option<CommentId>,
    /// Who wrote it.
    pub author: Author,
    /// The words, exactly as sent.
    pub text: String,
    /// When the reader sent it, by the site's clock.
    pub submitted_at: Timestamp,
}

impl fmt::Debug for Comment {
    /// Leaves the text out, so that no log can hold it by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comment")
            .field("site_id", &self.site_id)
            .field("article_id", &self.article_id)
            .field("comment_id", &self.comment_id)
            .field("text_bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// What a revision takes besides texts, ids, reasons and spans, in bytes: scores, versions and times.
const FIXED_BYTES: usize = 512;
/// What a reason and a span take, in bytes.
const REASON_BYTES: usize = 64;
const SPAN_BYTES: usize = 24;

impl Revision {
    /// Returns about how many bytes the revision takes in an answer; never less than it takes on the wire.
    pub fn weight(&self) -> usize {
        let Comment { site_id, article_id, comment_id, parent_id, author, text, .. } = &self.comment;
        let optional = |id: Option<usize>| id.unwrap_or_default();
        let ids = site_id.as_str().len()
            + article_id.as_str().len()
            + comment_id.as_str().len()
            + optional(parent_id.as_ref().map(|id| id.as_str().len()))
            + optional(author.author_id.as_ref().map(|id| id.as_str().len()));
        self.decision.weight() + ids + author.name.len() + text.len()
    }
}

impl Decision {
    /// Returns about how many bytes the decision takes in an answer, with what else a revision has of fixed size.
    pub(super) fn weight(&self) -> usize {
        let reasons = self.reasons.iter().map(|reason| REASON_BYTES + SPAN_BYTES * reason.spans.len());
        FIXED_BYTES + reasons.sum::<usize>()
    }
}

/// One text of a comment and the decision on it; an edit makes the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Counts from 1 within the comment.
    pub number: u32,
    /// The comment as it was submitted with this revision.
    pub comment: Comment,
    /// The decision on this text.
    pub decision: Decision,
    /// When Ombud took the revision in.
    pub received_at: Timestamp,
    /// When its words were erased: text and name are empty since.
    pub erased_at: Option<Timestamp>,
}
