//! The use cases of whoever runs the newsroom's data: the words of a comment, or of all that an author ever sent, are to go.

use super::review::Review;
use super::{Error, draft};
use crate::domain::{AuthorId, CommentId, ModeratorId, SiteId, Violation};
use crate::store::{Erase, EraseLabels};

/// How many comments one action erases.
const TOGETHER_MAX: usize = 1000;

/// Whose words, and who wants them gone, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct ErasureRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The comment, or the author.
    pub id: String,
    /// Who.
    pub moderator_id: String,
}

/// What erasing an author's words did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorErased {
    /// How many comments lost their words now, or labels that named the author.
    pub comments: usize,
}

impl Review {
    /// Erases a comment's words; returns whether they had been erased before.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such comment. What fails later may be asked for again.
    pub async fn erase_comment(&self, request: ErasureRequest) -> Result<bool, Error> {
        let id = request.id.clone();
        let (site_id, moderator_id) = self.erasure(&request, "comment_id")?;
        let comments = vec![CommentId::new(id.as_str())];
        let erase = Erase { site_id, comments, moderator_id, now: self.clock.now() };
        let erased = self.store.erase(erase).await?;
        if erased.unknown > 0 {
            return Err(Error::CommentNotFound { id });
        }
        self.store.finish_erasures().await?;
        Ok(erased.comments == 0)
    }

    /// Erases the words of every comment of which an author wrote any revision, and the labels from outside that name the author:
    /// those alone where the comment is somebody else's, since a label may name the wrong one. Comments that come in meanwhile may keep
    /// theirs.
    ///
    /// # Errors
    ///
    /// As [`Review::erase_comment`]; that there is no such author is no error.
    pub async fn erase_author(&self, request: ErasureRequest) -> Result<AuthorErased, Error> {
        let (site_id, moderator_id) = self.erasure(&request, "author_id")?;
        let author_id = AuthorId::new(request.id);
        let mut erased = AuthorErased { comments: 0 };
        loop {
            let comments = self.store.comments_of(&site_id, &author_id, TOGETHER_MAX).await?;
            let is_last = comments.len() < TOGETHER_MAX;
            if !comments.is_empty() {
                let (site_id, moderator_id) = (site_id.clone(), moderator_id.clone());
                let erase = Erase { site_id, comments, moderator_id, now: self.clock.now() };
                erased.comments += self.store.erase(erase).await?.comments;
            }
            if is_last {
                break;
            }
        }
        loop {
            let comments = self.store.labelled_of(&site_id, &author_id, TOGETHER_MAX).await?;
            let is_last = comments.len() < TOGETHER_MAX;
            if !comments.is_empty() {
                let (site_id, author_id) = (site_id.clone(), author_id.clone());
                let (moderator_id, now) = (moderator_id.clone(), self.clock.now());
                let erase = EraseLabels { site_id, author_id, comments, moderator_id, now };
                erased.comments += self.store.erase_labels(erase).await?;
            }
            if is_last {
                self.store.finish_erasures().await?;
                return Ok(erased);
            }
        }
    }

    fn erasure(&self, request: &ErasureRequest, id_field: &str) -> Result<(SiteId, ModeratorId), Error> {
        let mut violations: Vec<Violation> = Vec::new();
        let site_id = SiteId::new(draft::site(&request.site_id, &self.limits, &mut violations));
        draft::required_id(id_field, &request.id, &self.limits, &mut violations);
        draft::required_id("moderator_id", &request.moderator_id, &self.limits, &mut violations);
        if violations.is_empty() {
            Ok((site_id, ModeratorId::new(request.moderator_id.as_str())))
        } else {
            Err(Error::Invalid(violations))
        }
    }
}
