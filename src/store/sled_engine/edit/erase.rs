//! What erasing changes in the state beside the head: superseded revisions, what authors sent, and the note that words may
//! still lie in files.

use super::Edit;
use crate::domain::{AuthorId, Revision, submit::CommentHead};
use crate::store::{
    Error, record,
    sled_engine::{REVISIONS, keys, value},
};

impl Edit<'_> {
    /// Takes the words out of everything that is kept of a comment beside its head, which has none any more.
    pub(super) fn erase(&mut self, seq: u64, key: &[u8], head: &CommentHead) -> Result<(), Error> {
        let Some(erased_at) = head.current.erased_at else { return Ok(()) };
        self.forget_text(&head.current)?;
        self.erase_beside(key, &head.current.comment.site_id)?;
        for number in 1..head.current.number {
            let key = keys::revision(key, number);
            let mut revision = self.revision(&key)?.ok_or_else(|| value::damaged("a revision is missing"))?;
            let old = seal_revision(&key, &revision);
            self.forget_text(&revision)?;
            revision.erase(erased_at);
            let new = seal_revision(&key, &revision);
            self.put(REVISIONS, key.clone(), Some(&old), Some(new));
            self.revisions.insert(key, revision);
        }
        self.note_erasure(seq, key, None);
        Ok(())
    }

    /// Notes that files may still hold words of a comment that was erased, or of the labels on it that name an author.
    pub(in crate::store::sled_engine) fn note_erasure(&mut self, seq: u64, key: &[u8], labels_by: Option<&AuthorId>) {
        let pending = keys::erasure(seq, key);
        let by = labels_by.map(AuthorId::as_str).unwrap_or_default();
        let sealed = value::seal(&pending, by.len(), |out| out.extend_from_slice(by.as_bytes()));
        self.batch.insert(pending, sealed);
    }

    /// Forgets what tells copies of a revision's text.
    fn forget_text(&mut self, revision: &Revision) -> Result<(), Error> {
        let Some(author_id) = &revision.comment.author.author_id else { return Ok(()) };
        self.change_author(&revision.comment.site_id, author_id, |record| record.forget(revision.received_at))
    }

    /// Adds a revision that an edit of the comment superseded.
    pub(super) fn supersede(&mut self, comment_key: &[u8], revision: &Revision) {
        let key = keys::revision(comment_key, revision.number);
        let sealed = seal_revision(&key, revision);
        self.put(REVISIONS, key.clone(), None, Some(sealed));
        self.revisions.insert(key, revision.clone());
    }

    /// Finds a superseded revision, this edit's own among them.
    fn revision(&self, key: &[u8]) -> Result<Option<Revision>, Error> {
        match self.revisions.get(key) {
            Some(revision) => Ok(Some(revision.clone())),
            None => self.state.revision(key),
        }
    }
}

fn seal_revision(key: &[u8], revision: &Revision) -> Vec<u8> {
    value::seal(key, 700, |out| record::encode_revision(revision, out))
}
