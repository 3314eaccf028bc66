//! Keys, made so that they sort in the order that is read.
//!
//! A key begins with the byte of its tree. Each id follows its length, so that no id can reach into its neighbour, whatever characters it is made of.

use super::{BY_ARTICLE, BY_AUTHOR, COMMENTS, REVISIONS};
use crate::domain::{ArticleId, AuthorId, CommentId, SiteId};
use crate::store::ListBy;

/// The key of a comment: site, comment.
pub(in crate::store) fn comment(site_id: &SiteId, comment_id: &CommentId) -> Vec<u8> {
    pair(COMMENTS, site_id.as_str(), comment_id.as_str(), 4)
}

/// The key of a superseded revision: the comment's key, number.
pub(super) fn revision(comment_key: &[u8], number: u32) -> Vec<u8> {
    let mut key = Vec::with_capacity(comment_key.len() + 4);
    key.push(REVISIONS);
    key.extend_from_slice(&comment_key[1..]);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// The key of a comment in its article's list: site, article, first event.
pub(super) fn by_article(site_id: &SiteId, article_id: &ArticleId, first_seq: u64) -> Vec<u8> {
    with_seq(pair(BY_ARTICLE, site_id.as_str(), article_id.as_str(), 8), first_seq)
}

/// The key of a comment in its author's list: site, author, first event.
pub(super) fn by_author(site_id: &SiteId, author_id: &AuthorId, first_seq: u64) -> Vec<u8> {
    with_seq(pair(BY_AUTHOR, site_id.as_str(), author_id.as_str(), 8), first_seq)
}

/// What all keys of one list begin with.
pub(super) fn list(site_id: &SiteId, by: &ListBy) -> Vec<u8> {
    let (tree, id) = match by {
        ListBy::Article(article_id) => (BY_ARTICLE, article_id.as_str()),
        ListBy::Author(author_id) => (BY_AUTHOR, author_id.as_str()),
    };
    pair(tree, site_id.as_str(), id, 8)
}

/// Ends a list's prefix with the number of an event.
pub(super) fn with_seq(mut prefix: Vec<u8>, first_seq: u64) -> Vec<u8> {
    prefix.extend_from_slice(&first_seq.to_be_bytes());
    prefix
}

fn pair(tree: u8, first: &str, second: &str, more: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(9 + first.len() + second.len() + more);
    key.push(tree);
    for id in [first, second] {
        let length = u32::try_from(id.len()).expect("ids are far shorter than 4 GiB");
        key.extend_from_slice(&length.to_be_bytes());
        key.extend_from_slice(id.as_bytes());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_reaches_into_its_neighbour() {
        let key = |site, id| comment(&SiteId::new(site), &CommentId::new(id));
        assert_ne!(key("a", "bc"), key("ab", "c"));
        assert_ne!(key("", "a"), key("a", ""));
        assert_ne!(key("a\0", "b"), key("a", "\0b"));
    }

    #[test]
    fn later_events_sort_behind_earlier_ones() {
        let key = |seq| by_article(&SiteId::new("s"), &ArticleId::new("a"), seq);
        assert!(key(255) < key(256) && key(1) < key(u64::MAX));
    }
}
