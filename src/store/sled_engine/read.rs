//! Questions to the state. They see whole actions only, and never wait for the writer's disk.

use super::value::{damaged, unseal};
use super::{State, keys};
use crate::domain::{CommentId, Revision, SiteId, submit::CommentHead};
use crate::store::{Error, ListBy, ListQuery, Page, RevisionPlace, StoredComment, record};

impl State {
    /// Returns a comment's head.
    pub(in crate::store) fn head(&self, key: &[u8]) -> Result<Option<CommentHead>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else {
            return Ok(None);
        };
        let head = record::decode_head(unseal(key, &value)?);
        head.map(Some).map_err(|_| damaged("a comment cannot be read"))
    }

    /// Returns a comment with its newest revisions: as many as weigh at most `bytes_max`, at least one.
    pub(in crate::store) fn comment(
        &self,
        site_id: &SiteId,
        comment_id: &CommentId,
        bytes_max: usize,
    ) -> Result<Option<StoredComment>, Error> {
        let key = keys::comment(site_id, comment_id);
        let Some(head) = self.head(&key)? else { return Ok(None) };
        // An edit that comes in between adds a revision behind these, which is left for the next question.
        let newest = head.current.number;
        let mut bytes = head.current.weight();
        let mut revisions = vec![head.current];
        let mut revisions_omitted = 0;
        for entry in self.tree.range(keys::revision(&key, 0)..keys::revision(&key, newest)).rev() {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            let revision = record::decode_revision(unseal(&key, &value)?);
            let revision = revision.map_err(|_| damaged("a revision cannot be read"))?;
            bytes += revision.weight();
            if bytes > bytes_max {
                revisions_omitted = revision.number;
                break;
            }
            revisions.push(revision);
        }
        revisions.reverse();
        if !revisions.iter().map(|revision| revision.number).eq(revisions_omitted + 1..=newest) {
            return Err(damaged("a revision is missing"));
        }
        Ok(Some(StoredComment { revisions, revisions_omitted }))
    }

    /// Returns texts by their numbers: the first ones, as many as weigh at most `bytes_max`, at least one.
    pub(in crate::store) fn revisions(
        &self,
        places: &[RevisionPlace],
        bytes_max: usize,
    ) -> Result<Vec<Option<Revision>>, Error> {
        let (mut found, mut bytes) = (Vec::with_capacity(places.len()), 0);
        for place in places {
            let key = keys::comment(&place.site_id, &place.comment_id);
            // An edit that comes in between makes the newest revision a superseded one.
            let newest = self.head(&key)?.map(|head| head.current).filter(|current| current.number == place.number);
            let revision = match newest {
                Some(current) => Some(current),
                None => self.revision(&keys::revision(&key, place.number))?,
            };
            bytes += revision.as_ref().map_or(0, Revision::weight);
            if bytes > bytes_max && !found.is_empty() {
                break;
            }
            found.push(revision);
        }
        Ok(found)
    }

    /// Returns one page of a list.
    pub(in crate::store) fn list(&self, query: &ListQuery) -> Result<Page, Error> {
        let prefix = keys::list(&query.site_id, &query.by);
        let begin = keys::with_seq(prefix.clone(), 0);
        let end = keys::with_seq(prefix, query.before_seq.unwrap_or(u64::MAX));
        let limit = query.limit.max(1);
        let mut comments = Vec::new();
        let mut bytes = 0;
        let mut last_seq = 0;
        for entry in self.tree.range(begin..end).rev() {
            let (place, value) = entry.map_err(|error| self.error(error))?;
            if comments.len() == limit {
                return Ok(Page { comments, next_before_seq: Some(last_seq) });
            }
            let head = self.head(unseal(&place, &value)?)?.ok_or_else(|| damaged("a listed comment is missing"))?;
            // An edit that came in between may have given the comment to another author.
            let comment = &head.current.comment;
            let still_listed = match &query.by {
                ListBy::Article(article_id) => comment.article_id == *article_id,
                ListBy::Author(author_id) => comment.author.author_id.as_ref() == Some(author_id),
            };
            if still_listed {
                bytes += head.current.weight();
                if bytes > query.bytes_max && !comments.is_empty() {
                    return Ok(Page { comments, next_before_seq: Some(last_seq) });
                }
                last_seq = head.first_seq;
                comments.push(head.current);
            }
        }
        Ok(Page { comments, next_before_seq: None })
    }
}
