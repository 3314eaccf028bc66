//! Keys, made so that they sort in the order that is read.
//!
//! A key begins with the byte of its tree. Each id follows its length, so that no id can reach into its neighbour, whatever characters it is made of.

use super::{
    AUTHORS, BULK, BY_ARTICLE, BY_AUTHOR, CAMPAIGN_ORDER, COMMENTS, COUNTS, DEFINED_QUEUES, HISTORY, ITEMS_BY_AUTHOR,
    LABELS, LEASES, MODELS, MOVES, NEAR, NOTES, POLICIES, REPORTERS, REPORTS, REVISIONS, TOKENS, VERDICTS,
    VERDICTS_BY_AUTHOR, WAITING,
};
use crate::domain::{
    ArticleId, AuthorId, CommentId, Label, ModelHash, ModeratorId, QueueName, ReporterId, SiteId, Timestamp, TokenId,
    review::{Item, Order},
};
use crate::store::{ListBy, campaigns::CampaignPlace, history::Subject, record, review::ItemPlace};
use std::ops::Bound;

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

/// What the keys of all superseded revisions of a site begin with.
pub(super) fn revisions_of(site_id: &SiteId) -> Vec<u8> {
    let mut key = vec![REVISIONS];
    put_id(&mut key, site_id.as_str());
    key
}

/// What the keys of erasures that files may not know of begin with; no tree has them.
pub(super) const ERASURES: &[u8] = b"\xfferasure";

/// The key of an erasure by its event and the comment, since one action may erase many.
pub(super) fn erasure(seq: u64, comment_key: &[u8]) -> Vec<u8> {
    let mut key = with_seq(ERASURES.to_vec(), seq);
    key.extend_from_slice(comment_key);
    key
}

/// Reads the number and the comment's key back from the key of an erasure.
pub(super) fn erasure_of(key: &[u8]) -> Option<(u64, &[u8])> {
    let (seq, comment_key) = key.strip_prefix(ERASURES)?.split_first_chunk()?;
    Some((u64::from_be_bytes(*seq), comment_key))
}

/// The key of a comment in its article's list: site, article, first event.
pub(super) fn by_article(site_id: &SiteId, article_id: &ArticleId, first_seq: u64) -> Vec<u8> {
    with_seq(pair(BY_ARTICLE, site_id.as_str(), article_id.as_str(), 8), first_seq)
}

/// The key of a comment in its author's list: site, author, first event.
pub(super) fn by_author(site_id: &SiteId, author_id: &AuthorId, first_seq: u64) -> Vec<u8> {
    with_seq(pair(BY_AUTHOR, site_id.as_str(), author_id.as_str(), 8), first_seq)
}

/// What the keys of all items of an author begin with.
pub(super) fn items_of(site_id: &SiteId, author_id: &AuthorId) -> Vec<u8> {
    pair(ITEMS_BY_AUTHOR, site_id.as_str(), author_id.as_str(), 8)
}

/// The key of what is known of an author.
pub(super) fn author(site_id: &SiteId, author_id: &AuthorId) -> Vec<u8> {
    pair(AUTHORS, site_id.as_str(), author_id.as_str(), 0)
}

/// What the keys of all reports on a comment begin with.
pub(super) fn reports(comment_key: &[u8]) -> Vec<u8> {
    beside(REPORTS, comment_key)
}

/// The key of a reader's last report on a comment: the comment's key, reader. The comment's ids follow their lengths, so none
/// reaches into the reader's.
pub(super) fn report(comment_key: &[u8], reporter_id: &ReporterId) -> Vec<u8> {
    let mut key = reports(comment_key);
    key.extend_from_slice(reporter_id.as_str().as_bytes());
    key
}

/// The key of what became of a reader's reports.
pub(super) fn reporter(site_id: &SiteId, reporter_id: &ReporterId) -> Vec<u8> {
    pair(REPORTERS, site_id.as_str(), reporter_id.as_str(), 0)
}

/// What the keys of all notes on a comment begin with.
pub(super) fn notes(comment_key: &[u8]) -> Vec<u8> {
    beside(NOTES, comment_key)
}

/// What the keys of all verdicts on an author's comments begin with.
pub(super) fn verdicts_on(site_id: &SiteId, author_id: &AuthorId) -> Vec<u8> {
    pair(VERDICTS_BY_AUTHOR, site_id.as_str(), author_id.as_str(), 8)
}

/// The key of the last verdict on a comment among those on its author's: site, author, action, comment.
pub(super) fn verdict_on(site_id: &SiteId, author_id: &AuthorId, settled_seq: u64, comment_key: &[u8]) -> Vec<u8> {
    let mut key = with_seq(verdicts_on(site_id, author_id), settled_seq);
    key.extend_from_slice(&comment_key[1..]);
    key
}

/// What the keys of all that stands beside a comment in a tree begin with.
fn beside(tree: u8, comment_key: &[u8]) -> Vec<u8> {
    let mut key = comment_key.to_vec();
    key[0] = tree;
    key
}

/// What the keys of all events of a history begin with.
pub(super) fn history(site_id: &SiteId, subject: &Subject) -> Vec<u8> {
    // The sign keeps a comment, an author and a moderator of the same id apart.
    let (sign, id) = match subject {
        Subject::Comment(id) => ('c', id.as_str()),
        Subject::Author(id) => ('a', id.as_str()),
        Subject::Moderator(id) => ('m', id.as_str()),
    };
    pair(HISTORY, site_id.as_str(), &format!("{sign}{id}"), 8)
}

/// The greatest number that a key has from its end. It leaves a bit, for the reason of [`RISK_MAX`].
const DOWN_MAX: u64 = u64::MAX >> 1;

/// Returns a number by which greater ones sort first.
const fn down(number: u64) -> u64 {
    DOWN_MAX.saturating_sub(number)
}

/// The key of a comment's text among all, the newest comments first.
pub(super) fn near(first_seq: u64) -> Vec<u8> {
    with_seq(vec![NEAR], down(first_seq))
}

/// Reads the number of the comment's first event back from such a key.
pub(super) fn near_seq(key: &[u8]) -> Option<u64> {
    key.last_chunk().map(|seq| down(u64::from_be_bytes(*seq)))
}

/// What the keys of all campaigns of a site begin with.
pub(super) fn campaigns(tree: u8, site_id: &SiteId) -> Vec<u8> {
    pair(tree, site_id.as_str(), "", 16)
}

/// The key of a campaign, or what the keys of all of its comments begin with.
pub(super) fn campaign(tree: u8, site_id: &SiteId, campaign: u64) -> Vec<u8> {
    with_seq(campaigns(tree, site_id), campaign)
}

/// The key of a campaign among those with comments that wait: the most sort first.
pub(super) fn campaign_order(site_id: &SiteId, waiting: u64, campaign: u64) -> Vec<u8> {
    with_seq(with_seq(campaigns(CAMPAIGN_ORDER, site_id), down(waiting)), campaign)
}

/// The keys of a site's campaigns with comments that wait, those behind a place alone where one is given.
pub(super) fn campaigns_after(site_id: &SiteId, after: Option<CampaignPlace>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let begin = match after {
        Some(CampaignPlace { waiting, campaign }) => Bound::Excluded(campaign_order(site_id, waiting, campaign)),
        None => Bound::Included(campaigns(CAMPAIGN_ORDER, site_id)),
    };
    (begin, Bound::Included(campaign_order(site_id, 0, u64::MAX)))
}

/// Reads a campaign's place back from such a key.
pub(super) fn campaign_place(key: &[u8]) -> Option<CampaignPlace> {
    let (rest, campaign) = key.split_last_chunk()?;
    let (_, waiting) = rest.split_last_chunk()?;
    Some(CampaignPlace { waiting: down(u64::from_be_bytes(*waiting)), campaign: u64::from_be_bytes(*campaign) })
}

/// What the keys of all versions of a policy begin with; no article has an empty id.
pub(super) fn policies(site_id: &SiteId, article_id: Option<&ArticleId>) -> Vec<u8> {
    pair(POLICIES, site_id.as_str(), article_id.map_or("", ArticleId::as_str), 8)
}

/// What the keys of all steps of a queue's items begin with.
pub(super) fn moves(site_id: &SiteId, queue: &str) -> Vec<u8> {
    pair(MOVES, site_id.as_str(), queue, 8)
}

/// What the keys of all models begin with.
pub(super) fn models() -> Vec<u8> {
    vec![MODELS, 0]
}

/// The key of a model.
pub(super) fn model(hash: ModelHash) -> Vec<u8> {
    let mut key = models();
    key.extend_from_slice(hash.as_bytes());
    key
}

/// The key of which models are at work.
pub(super) fn standing() -> Vec<u8> {
    vec![MODELS, 1]
}

/// What the keys of all labels of a site begin with, or of all sites.
pub(super) fn labels_of_site(site_id: Option<&SiteId>) -> Vec<u8> {
    let mut key = vec![LABELS];
    if let Some(site_id) = site_id {
        put_id(&mut key, site_id.as_str());
    }
    key
}

/// The key of what is known of a comment's labels, with which those of the labels begin.
pub(super) fn labels(comment_key: &[u8]) -> Vec<u8> {
    beside(LABELS, comment_key)
}

/// The key of a label: the comment's key, revision, source, moderator.
pub(in crate::store) fn label(comment_key: &[u8], label: &Label) -> Vec<u8> {
    let mut key = labels(comment_key);
    key.extend_from_slice(&label.revision.to_be_bytes());
    key.push(record::source_number(label.source));
    key.extend_from_slice(label.moderator_id.as_ref().map_or("", ModeratorId::as_str).as_bytes());
    key
}

/// Returns whether a key among labels is that of what is known of a comment's, and not of one of them.
pub(super) fn is_labels_of(key: &[u8]) -> bool {
    ids_of(key).is_some_and(|(_, _, rest)| rest.is_empty())
}

/// Reads a site's and a comment's ids back from a key that begins with them; returns what follows.
pub(super) fn ids_of(key: &[u8]) -> Option<(SiteId, CommentId, &[u8])> {
    let (site_id, rest) = take_id(key.get(1..)?)?;
    let (comment_id, rest) = take_id(rest)?;
    Some((SiteId::new(site_id), CommentId::new(comment_id), rest))
}

fn take_id(key: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = key.split_first_chunk()?;
    let (id, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((str::from_utf8(id).ok()?, rest))
}

/// The key of a token.
pub(super) fn token(token_id: &TokenId) -> Vec<u8> {
    let mut key = vec![TOKENS];
    key.extend_from_slice(token_id.as_str().as_bytes());
    key
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

/// What all keys of one order of a queue begin with, in the tree of all items or of those that nobody holds. The oldest and
/// the newest come from the two ends of the same order.
pub(super) fn queue(tree: u8, site_id: &SiteId, queue: &str, order: Order) -> Vec<u8> {
    let mut key = pair(tree, site_id.as_str(), queue, 13);
    key.push(u8::from(order != Order::Risk));
    key
}

/// What all keys of one order of the items that nobody holds begin with.
pub(in crate::store) fn waiting(site_id: &SiteId, name: &str, order: Order) -> Vec<u8> {
    queue(WAITING, site_id, name, order)
}

/// The greatest risk of a place. It leaves a bit, so that no part of a key behind its prefix begins with 0xff: sled seeks a
/// node's left neighbour at the key before it with four bytes of 0xff, and walks in circles, then panics, where keys are
/// behind those.
const RISK_MAX: u32 = u32::MAX >> 1;

/// The key of a place in one order of a queue: the highest risk sorts first.
pub(super) fn in_queue(mut prefix: Vec<u8>, order: Order, place: ItemPlace) -> Vec<u8> {
    if order == Order::Risk {
        prefix.extend_from_slice(&RISK_MAX.saturating_sub(place.risk).to_be_bytes());
    }
    with_seq(prefix, place.opened_seq)
}

/// Reads the place back from the key of a place in one order of a queue. Orders by time know no risk, and need none.
pub(super) fn place_in(key: &[u8], prefix_bytes: usize, order: Order) -> Option<ItemPlace> {
    let place = key.get(prefix_bytes..)?;
    let (risk, seq) =
        if order == Order::Risk { place.split_at_checked(4)? } else { (&RISK_MAX.to_be_bytes()[..], place) };
    let risk = RISK_MAX.checked_sub(u32::from_be_bytes(risk.try_into().ok()?))?;
    Some(ItemPlace { risk, opened_seq: u64::from_be_bytes(seq.try_into().ok()?) })
}

/// Returns where an item stands.
pub(in crate::store) fn place_of(item: &Item) -> ItemPlace {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the greatest number")]
    let risk = (f64::from(item.risk.clamp(0.0, 1.0)) * f64::from(RISK_MAX)) as u32;
    ItemPlace { risk, opened_seq: item.opened_seq }
}

/// The key of a claim by its end, which earlier ends sort before.
pub(super) fn lease(expires_at: Timestamp, opened_seq: u64) -> Vec<u8> {
    let mut key = vec![LEASES];
    // Times before 1970 sort before later ones too.
    key.extend_from_slice(&(expires_at.as_micros().cast_unsigned() ^ 1 << 63).to_be_bytes());
    with_seq(key, opened_seq)
}

/// What the keys of all comments that an action ruled on begin with.
pub(super) fn verdicts(settled_seq: u64) -> Vec<u8> {
    with_seq(vec![VERDICTS], settled_seq)
}

/// The key of a comment among those that an action ruled on.
pub(super) fn verdict(settled_seq: u64, comment_key: &[u8]) -> Vec<u8> {
    let mut key = verdicts(settled_seq);
    key.extend_from_slice(&comment_key[1..]);
    key
}

/// The key of a queue's counts.
pub(super) fn counts(site_id: &SiteId, queue: &str) -> Vec<u8> {
    pair(COUNTS, site_id.as_str(), queue, 0)
}

/// The key of what is remembered of a moderator's requests.
pub(super) fn bulk(site_id: &SiteId, moderator_id: &ModeratorId) -> Vec<u8> {
    pair(BULK, site_id.as_str(), moderator_id.as_str(), 0)
}

/// What the keys of all queues that editors have defined on a site begin with.
pub(super) fn defined_queues(site_id: &SiteId) -> Vec<u8> {
    let mut key = vec![DEFINED_QUEUES];
    put_id(&mut key, site_id.as_str());
    key
}

/// The key of a queue that an editor has defined.
pub(super) fn defined_queue(site_id: &SiteId, name: &QueueName) -> Vec<u8> {
    pair(DEFINED_QUEUES, site_id.as_str(), name.as_str(), 0)
}

fn pair(tree: u8, first: &str, second: &str, more: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(9 + first.len() + second.len() + more);
    key.push(tree);
    put_id(&mut key, first);
    put_id(&mut key, second);
    key
}

fn put_id(key: &mut Vec<u8>, id: &str) {
    let length = u32::try_from(id.len()).expect("ids are far shorter than 4 GiB");
    key.extend_from_slice(&length.to_be_bytes());
    key.extend_from_slice(id.as_bytes());
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
    fn claims_sort_by_their_end() {
        let ends = [i64::MIN, -1, 0, 1, i64::MAX].map(|end| lease(Timestamp::from_micros(end), 7));
        assert!(ends.is_sorted());
    }

    #[test]
    fn the_highest_risk_sorts_first_and_then_who_waits_longest() {
        let key = |risk, opened_seq| in_queue(vec![0], Order::Risk, ItemPlace { risk, opened_seq });
        assert!([key(9, 1), key(9, 2), key(8, 1), key(0, 0)].is_sorted());
    }

    #[test]
    fn more_sorts_first_where_it_should_and_nothing_begins_with_what_sled_gets_lost_at() {
        let keys = [u64::MAX >> 1, 7, 1, 0].map(near);
        assert!(keys.is_sorted() && keys.iter().all(|key| key[1] < 0xff));
        assert_eq!(near_seq(&near(7)), Some(7));
        let order = |waiting| campaign_order(&SiteId::new("s"), waiting, 3);
        let begin = campaigns(CAMPAIGN_ORDER, &SiteId::new("s")).len();
        assert!(order(2) < order(1) && order(0)[begin] < 0xff);
        assert_eq!(campaign_place(&order(7)), Some(CampaignPlace { waiting: 7, campaign: 3 }));
        let (_, end) = campaigns_after(&SiteId::new("s"), None);
        let last = campaign_order(&SiteId::new("s"), 1, u64::MAX);
        assert!(matches!(end, Bound::Included(end) if last < end), "every place lies before the end");
    }

    #[test]
    fn no_place_begins_with_what_sled_gets_lost_at() {
        for risk in [0, 1, RISK_MAX, u32::MAX] {
            assert!(in_queue(Vec::new(), Order::Risk, ItemPlace { risk, opened_seq: u64::MAX })[0] < 0xff, "{risk}");
        }
    }

    #[test]
    fn a_place_is_read_back_from_its_key() {
        for (order, risk) in [(Order::Risk, 9), (Order::Oldest, 0), (Order::Newest, 0)] {
            let place = ItemPlace { risk, opened_seq: 7 };
            let key = in_queue(vec![1, 2], order, place);
            assert_eq!(place_in(&key, 2, order), Some(place));
            assert_eq!(place_in(&key, 3, order), None);
        }
    }

    #[test]
    fn later_events_sort_behind_earlier_ones() {
        let key = |seq| by_article(&SiteId::new("s"), &ArticleId::new("a"), seq);
        assert!(key(255) < key(256) && key(1) < key(u64::MAX));
    }
}
