//! Erasing as bytes: the events in the journal, which name no more than the comment, and the author where only labels went.

use crate::domain::{AuthorId, CommentId, Event, SiteId};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct ErasedV1<'a> {
    site_id: &'a str,
    comment_id: &'a str,
}

impl<'a> ErasedV1<'a> {
    pub(super) fn new(site_id: &'a SiteId, comment_id: &'a CommentId) -> Self {
        Self { site_id: site_id.as_str(), comment_id: comment_id.as_str() }
    }
}

impl From<ErasedV1<'_>> for Event {
    fn from(erased: ErasedV1<'_>) -> Self {
        Self::CommentErased { site_id: SiteId::new(erased.site_id), comment_id: CommentId::new(erased.comment_id) }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct LabelsErasedV1<'a> {
    site_id: &'a str,
    comment_id: &'a str,
    author_id: &'a str,
}

impl<'a> LabelsErasedV1<'a> {
    pub(super) fn new((site_id, comment_id): (&'a SiteId, &'a CommentId), author_id: &'a AuthorId) -> Self {
        Self { site_id: site_id.as_str(), comment_id: comment_id.as_str(), author_id: author_id.as_str() }
    }
}

impl From<LabelsErasedV1<'_>> for Event {
    fn from(erased: LabelsErasedV1<'_>) -> Self {
        Self::LabelsErased {
            site_id: SiteId::new(erased.site_id),
            comment_id: CommentId::new(erased.comment_id),
            author_id: AuthorId::new(erased.author_id),
        }
    }
}
