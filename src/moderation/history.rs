//! What happened to a comment, to an author's comments, or by a moderator's hand.

use super::{Error, Review, draft, in_range, refuse};
use crate::domain::{AuthorId, CommentId, ModeratorId, SiteId, Violation};
use crate::store::history::{HistoryPage, HistoryQuery, Subject};

/// Events of a page where the question doesn't say, and at most.
const EVENTS_DEFAULT: usize = 50;
const EVENTS_MAX: usize = 500;

/// Whose history, as the caller asked.
#[derive(Debug, Clone)]
pub enum Of {
    /// Of a comment.
    Comment(String),
    /// Of an author.
    Author(String),
    /// Of a moderator.
    Moderator(String),
}

impl Review {
    /// Returns one page of a history, the newest event first: of those below `before_seq`, where 0 means the newest.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; passes on what the store says.
    pub async fn history(
        &self,
        site_id: &str,
        of: Option<Of>,
        page_size: i32,
        before_seq: u64,
    ) -> Result<HistoryPage, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(site_id, &self.limits, &mut violations));
        let limit = in_range("page_size", page_size, EVENTS_DEFAULT, EVENTS_MAX, &mut violations);
        let mut id = |field: &str, id: String| {
            draft::required_id(field, &id, &self.limits, &mut violations);
            id
        };
        let subject = match of {
            Some(Of::Comment(comment)) => Subject::Comment(CommentId::new(id("comment_id", comment))),
            Some(Of::Author(author)) => Subject::Author(AuthorId::new(id("author_id", author))),
            Some(Of::Moderator(moderator)) => Subject::Moderator(ModeratorId::new(id("of_moderator_id", moderator))),
            None => {
                violations.push(Violation::new("of", "Name a comment, an author or a moderator."));
                Subject::Comment(CommentId::new(""))
            }
        };
        refuse(violations)?;
        let before_seq = (before_seq > 0).then_some(before_seq);
        Ok(self.store.history(HistoryQuery { site_id, subject, before_seq, limit }).await?)
    }
}
