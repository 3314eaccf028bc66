//! Which comments were erased whose words may still lie in files: in the journal, and in pages that sled has not used again.
//!
//! The notes stand beside the trees, in the same atomic batch as the erasure, and count in no total: a state that is built
//! anew has one for every erasure that ever was, and loses them when the files have been gone through once more.

use super::value::{damaged, unseal};
use super::{State, keys};
use crate::domain::{AuthorId, CommentId, Revision, SiteId};
use crate::store::{Error, ListBy, record};

/// A comment whose words may still lie in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Pending {
    /// The number of the last event of the action that erased it.
    pub(in crate::store) seq: u64,
    /// The comment's site.
    pub(in crate::store) site_id: SiteId,
    /// The comment.
    pub(in crate::store) comment_id: CommentId,
    /// The author whom labels name, where only those were erased.
    pub(in crate::store) labels_by: Option<AuthorId>,
    /// The number of the event that brought its first words.
    pub(in crate::store) first_seq: u64,
}

impl State {
    /// Lists erasures that files may not know of.
    pub(in crate::store) fn pending_erasures(&self) -> Result<Vec<Pending>, Error> {
        let pending = |entry: Result<(sled::IVec, sled::IVec), sled::Error>| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            let by = std::str::from_utf8(unseal(&key, &value)?).map_err(|_| damaged("an erasure cannot be read"))?;
            let labels_by = (!by.is_empty()).then(|| AuthorId::new(by));
            let (seq, comment) = keys::erasure_of(&key).ok_or_else(|| damaged("an erasure has no number"))?;
            let (site_id, comment_id, _) =
                keys::ids_of(comment).ok_or_else(|| damaged("an erasure names no comment"))?;
            let (head, labels) = (self.head(comment)?.map(|head| head.first_seq), self.labels_of(comment)?);
            let labels = labels.map(|labels| labels.first_seq);
            // There may be labels of a comment that isn't here.
            let first_seq = head.into_iter().chain(labels).min();
            let first_seq = first_seq.ok_or_else(|| damaged("an erased comment is missing"))?;
            Ok(Pending { seq, site_id, comment_id, labels_by, first_seq })
        };
        self.tree.scan_prefix(keys::ERASURES).map(pending).collect()
    }

    /// Forgets erasures up to this one: their words are in no file any more.
    pub(in crate::store) fn forget_erasures(&self, up_to_seq: u64) -> Result<(), Error> {
        let mut batch = sled::Batch::default();
        for entry in self.tree.range(keys::erasure(0, &[])..keys::erasure(up_to_seq + 1, &[])) {
            let (key, _) = entry.map_err(|error| self.error(error))?;
            batch.remove(key);
        }
        self.tree.apply_batch(batch).map_err(|error| self.error(error))
    }

    /// Returns a superseded revision.
    pub(super) fn revision(&self, key: &[u8]) -> Result<Option<Revision>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        let revision = record::decode_revision(unseal(key, &value)?);
        revision.map(Some).map_err(|_| damaged("a revision cannot be read"))
    }

    /// Lists the comments of which any revision is an author's, and that were not erased: at most `max` of them. It reads all
    /// superseded revisions of the site, since no list leads from an author to those.
    pub(in crate::store) fn comments_of(
        &self,
        site_id: &SiteId,
        author_id: &AuthorId,
        max: usize,
    ) -> Result<Vec<CommentId>, Error> {
        let mut comments = Vec::new();
        let list = keys::list(site_id, &ListBy::Author(author_id.clone()));
        for key in self.leads_to(self.tree.scan_prefix(list))? {
            let head = self.head(&key)?.ok_or_else(|| damaged("a listed comment is missing"))?;
            if head.current.erased_at.is_none() {
                comments.push(head.current.comment.comment_id);
            }
            if comments.len() >= max {
                return Ok(comments);
            }
        }
        for entry in self.tree.scan_prefix(keys::revisions_of(site_id)) {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            let revision = record::decode_revision(unseal(&key, &value)?);
            let Revision { comment, erased_at, .. } = revision.map_err(|_| damaged("a revision cannot be read"))?;
            if erased_at.is_none()
                && comment.author.author_id.as_ref() == Some(author_id)
                && !comments.contains(&comment.comment_id)
            {
                comments.push(comment.comment_id);
            }
            if comments.len() >= max {
                return Ok(comments);
            }
        }
        Ok(comments)
    }
}
