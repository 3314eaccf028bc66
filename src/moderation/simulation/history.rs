//! What was known of authors at the time that a simulation has come to.

use crate::domain::{AuthorId, AuthorRecord, Comment, CommentId, Fingerprint, Outcome, Timestamp, author::Recent};
use std::collections::HashMap;

/// Authors' records as they add up, and what comments count as in them.
#[derive(Debug, Default)]
pub(in crate::moderation) struct History {
    /// Whether anybody asks; otherwise nothing is kept.
    is_asked: bool,
    authors: HashMap<AuthorId, AuthorRecord>,
    comments: HashMap<CommentId, (Option<AuthorId>, Outcome)>,
}

impl History {
    pub(in crate::moderation) fn new(is_asked: bool) -> Self {
        Self { is_asked, ..Self::default() }
    }

    /// Returns what is known of a comment's author.
    pub(in crate::moderation) fn author(&self, comment: &Comment) -> Option<&AuthorRecord> {
        self.authors.get(comment.author.author_id.as_ref()?)
    }

    /// Returns whether the comment has come before, so that it is an edit now.
    pub(in crate::moderation) fn is_known(&self, comment: &Comment) -> bool {
        self.comments.contains_key(&comment.comment_id)
    }

    pub(in crate::moderation) fn submitted(
        &mut self,
        comment: &Comment,
        fingerprint: Fingerprint,
        outcome: Outcome,
        at: Timestamp,
    ) {
        if !self.is_asked {
            return;
        }
        let author_id = comment.author.author_id.clone();
        self.take_away(&comment.comment_id);
        if let Some(author_id) = &author_id {
            let record = self.authors.entry(author_id.clone()).or_default();
            *record.count_mut(outcome) += 1;
            record.remember(Recent { at, exact: fingerprint.exact });
        }
        self.comments.insert(comment.comment_id.clone(), (author_id, outcome));
    }

    pub(in crate::moderation) fn decided_again(&mut self, comment_id: &CommentId, outcome: Outcome) {
        let Some((author_id, _)) = self.take_away(comment_id) else { return };
        if let Some(record) = author_id.as_ref().and_then(|author_id| self.authors.get_mut(author_id)) {
            *record.count_mut(outcome) += 1;
        }
        self.comments.insert(comment_id.clone(), (author_id, outcome));
    }

    fn take_away(&mut self, comment_id: &CommentId) -> Option<(Option<AuthorId>, Outcome)> {
        let (author_id, outcome) = self.comments.remove(comment_id)?;
        if let Some(record) = author_id.as_ref().and_then(|author_id| self.authors.get_mut(author_id)) {
            let count = record.count_mut(outcome);
            *count = count.saturating_sub(1);
        }
        Some((author_id, outcome))
    }
}
