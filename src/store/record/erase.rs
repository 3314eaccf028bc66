//! Erasing as bytes: the event in the journal, which names no more than the comment.

use crate::domain::{CommentId, Event, SiteId};
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
