//! Page tokens: opaque to clients, bound to the list that they continue.

use crate::domain::SiteId;
use crate::store::{CampaignPlace, ItemPlace, ItemQuery, ListBy, ListQuery};
use std::fmt;
use xxhash_rust::xxh3::xxh3_64;

/// Where a page of one list starts.
///
/// The check digits catch mistakes, such as a token of another list; they keep no secret, since whoever may ask for
/// the list may ask for any page of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageToken {
    /// Only comments whose first event comes before this number.
    pub(super) before_seq: u64,
    check: u64,
}

impl PageToken {
    /// Makes the token for the page of `query`'s list that starts before `before_seq`.
    pub(super) fn new(query: &ListQuery, before_seq: u64) -> Self {
        let (kind, id) = match &query.by {
            ListBy::Article(id) => ("article", id.as_str()),
            ListBy::Author(id) => ("author", id.as_str()),
        };
        let said = format!("1\0{}\0{kind}\0{id}\0{before_seq}", query.site_id);
        Self { before_seq, check: xxh3_64(said.as_bytes()) }
    }

    /// Reads a token, or returns `None` where it is not one of `query`'s list.
    pub(super) fn parse(token: &str, query: &ListQuery) -> Option<Self> {
        let (seq, _) = token.split_at_checked(16)?;
        let expected = Self::new(query, u64::from_str_radix(seq, 16).ok()?);
        (expected.to_string() == token).then_some(expected)
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.before_seq, self.check)
    }
}

/// Where a page of one order of a queue starts: behind an item's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ItemToken {
    place: ItemPlace,
    check: u64,
}

impl ItemToken {
    /// Makes the token for the page that follows `place` in `query`'s list.
    pub(super) fn new(query: &ItemQuery, place: ItemPlace) -> Self {
        let (site_id, queue, order) = (&query.site_id, query.queue.name(), query.order);
        let said = format!("1\0{site_id}\0{queue}\0{order:?}\0{}\0{}", place.risk, place.opened_seq);
        Self { place, check: xxh3_64(said.as_bytes()) }
    }

    /// Reads a token's place, or returns `None` where it is not one of `query`'s list.
    pub(super) fn parse(token: &str, query: &ItemQuery) -> Option<ItemPlace> {
        let (risk, rest) = token.split_at_checked(8)?;
        let (seq, _) = rest.split_at_checked(16)?;
        let (risk, opened_seq) = (u32::from_str_radix(risk, 16).ok()?, u64::from_str_radix(seq, 16).ok()?);
        let expected = Self::new(query, ItemPlace { risk, opened_seq });
        (expected.to_string() == token).then_some(expected.place)
    }
}

impl fmt::Display for ItemToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}{:016x}{:016x}", self.place.risk, self.place.opened_seq, self.check)
    }
}

/// Where a page of a site's campaigns starts: behind a campaign's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CampaignToken {
    place: CampaignPlace,
    check: u64,
}

impl CampaignToken {
    /// Makes the token for the page that follows `place` among the campaigns of a site.
    pub(super) fn new(site_id: &SiteId, place: CampaignPlace) -> Self {
        let said = format!("1\0{site_id}\0campaigns\0{}\0{}", place.waiting, place.campaign);
        Self { place, check: xxh3_64(said.as_bytes()) }
    }

    /// Reads a token's place, or returns `None` where it is not one of the site's list.
    pub(super) fn parse(token: &str, site_id: &SiteId) -> Option<CampaignPlace> {
        let (waiting, rest) = token.split_at_checked(16)?;
        let (campaign, _) = rest.split_at_checked(16)?;
        let (waiting, campaign) = (u64::from_str_radix(waiting, 16).ok()?, u64::from_str_radix(campaign, 16).ok()?);
        let expected = Self::new(site_id, CampaignPlace { waiting, campaign });
        (expected.to_string() == token).then_some(expected.place)
    }
}

impl fmt::Display for CampaignToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}{:016x}", self.place.waiting, self.place.campaign, self.check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ArticleId, AuthorId};

    fn query(by: ListBy) -> ListQuery {
        ListQuery { site_id: SiteId::new("s"), by, before_seq: None, limit: 1, bytes_max: 1 }
    }

    #[test]
    fn a_token_is_read_back_by_its_own_list_only() {
        let article = query(ListBy::Article(ArticleId::new("a")));
        let token = PageToken::new(&article, 77).to_string();
        assert_eq!(PageToken::parse(&token, &article).map(|t| t.before_seq), Some(77));
        assert_eq!(PageToken::parse(&token, &query(ListBy::Author(AuthorId::new("a")))), None);
        assert_eq!(PageToken::parse(&token, &query(ListBy::Article(ArticleId::new("b")))), None);
    }

    #[test]
    fn made_up_tokens_are_refused() {
        let article = query(ListBy::Article(ArticleId::new("a")));
        let token = PageToken::new(&article, 77).to_string();
        for made_up in ["", "x", "ä", "0000000000000001", &token[1..], &token.to_uppercase(), &format!("{token}0")] {
            assert_eq!(PageToken::parse(made_up, &article), None, "{made_up}");
        }
    }
}
