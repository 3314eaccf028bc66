//! Policies as the store keeps them: documents with a number, of which it knows no more.

use crate::domain::{ArticleId, ModeratorId, SiteId, Timestamp};

/// One version of the policy of a site or of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// The site.
    pub site_id: SiteId,
    /// The article, or `None` for the whole site.
    pub article_id: Option<ArticleId>,
    /// Counts from 1 within the site, or within the article.
    pub version: u64,
    /// The policy as it is written down.
    pub document: String,
    /// Why, as the editor says; may be empty.
    pub note: String,
    /// The number of the event that brought it.
    pub seq: u64,
    /// When it was set.
    pub set_at: Timestamp,
    /// Who set it.
    pub set_by: Option<ModeratorId>,
}

/// A policy that is to be the next version.
#[derive(Debug, Clone)]
pub struct SetPolicy {
    /// The site.
    pub site_id: SiteId,
    /// The article, or `None` for the whole site.
    pub article_id: Option<ArticleId>,
    /// The version that the editor saw, 0 where there was none.
    pub seen: u64,
    /// The policy as it is to be written down.
    pub document: String,
    /// Why, as the editor says; may be empty.
    pub note: String,
    /// Who sets it.
    pub editor_id: ModeratorId,
    /// The present time.
    pub now: Timestamp,
}
