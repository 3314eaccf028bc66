//! Questions about queues. None of them walks more than it gives out.

use super::value::{damaged, unseal};
use super::{LEASES, QUEUE, State, keys};
use crate::domain::{
    AuthorId, CommentId, DefinedQueue, ModeratorId, QueueId, SiteId, Timestamp,
    review::{Item, Order, Queue},
    submit::CommentHead,
};
use crate::store::{Error, ItemPage, ItemQuery, QueueSummary};
use serde::{Deserialize, Serialize};
use std::{ops::Bound, sync::PoisonError};

/// How many items a queue has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// All that wait.
    pub(super) items: u64,
    /// Those that somebody holds.
    pub(super) claimed: u64,
}

/// A place's key, and the key of the comment that stands there.
pub(in crate::store) type Placed = (Vec<u8>, Vec<u8>);

/// A range of keys.
pub(super) type Keys = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// Returns the keys of an order of a queue that come behind `after`, in the direction in which the order is read.
pub(super) fn beyond(prefix: &[u8], order: Order, after: Option<&[u8]>) -> Keys {
    let end = || {
        // Prefixes end with a byte that says the order, which is 0 or 1.
        let mut end = prefix.to_vec();
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        Bound::Excluded(end)
    };
    match (after, order) {
        (None, _) => (Bound::Included(prefix.to_vec()), end()),
        (Some(after), Order::Newest) => (Bound::Included(prefix.to_vec()), Bound::Excluded(after.to_vec())),
        (Some(after), _) => (Bound::Excluded(after.to_vec()), end()),
    }
}

impl State {
    /// Lists places with the comments that stand there, in the direction of an order.
    pub(super) fn places(&self, range: Keys, order: Order) -> Box<dyn Iterator<Item = Result<Placed, Error>> + '_> {
        let place = |entry: Result<(sled::IVec, sled::IVec), sled::Error>| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            let comment = unseal(&key, &value)?.to_vec();
            Ok((key.to_vec(), comment))
        };
        let entries = self.tree.range(range);
        if order == Order::Newest { Box::new(entries.rev().map(place)) } else { Box::new(entries.map(place)) }
    }

    /// Returns a queue's counts, `None` where it never had an item.
    pub(super) fn counts(&self, key: &[u8]) -> Result<Option<Counts>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        let counts = postcard::from_bytes(unseal(key, &value)?);
        counts.map(Some).map_err(|_| damaged("the counts of a queue cannot be read"))
    }

    /// Lists the keys of the comments that entries of an index lead to.
    pub(super) fn leads_to(
        &self,
        entries: impl Iterator<Item = Result<(sled::IVec, sled::IVec), sled::Error>>,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let comment = |entry: Result<(sled::IVec, sled::IVec), sled::Error>| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            Ok(unseal(&key, &value)?.to_vec())
        };
        entries.map(comment).collect()
    }

    /// Lists claims that have ended at `now`, behind the one at the place `after`, at most `max` of them: their places and the
    /// keys of the comments.
    pub(in crate::store) fn expired(
        &self,
        after: Option<&[u8]>,
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<Placed>, Error> {
        let end = keys::lease(now, u64::MAX);
        let begin = match after {
            Some(after) if after >= end.as_slice() => return Ok(Vec::new()),
            Some(after) => Bound::Excluded(after.to_vec()),
            None => Bound::Included(keys::lease(Timestamp::from_micros(i64::MIN), 0)),
        };
        self.places((begin, Bound::Included(end)), Order::Oldest).take(max).collect()
    }

    /// Returns the key of the comment that stands at a place, if one does.
    pub(super) fn place(&self, place: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let Some(value) = self.tree.get(place).map_err(|error| self.error(error))? else { return Ok(None) };
        Ok(Some(unseal(place, &value)?.to_vec()))
    }

    /// Forgets where walks may begin: a change that they rest on was not committed.
    pub(in crate::store) fn forget_walks(&self) {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lists the comments of a queue that a moderator holds; walks all claims that there are.
    pub(in crate::store) fn held_by(
        &self,
        site_id: &SiteId,
        queue: &QueueId,
        moderator_id: &ModeratorId,
    ) -> Result<Vec<CommentId>, Error> {
        let defined = match queue {
            QueueId::Review(_) => None,
            QueueId::Defined(name) => match self.defined_queue(site_id, name)? {
                None => return Ok(Vec::new()),
                defined => defined,
            },
        };
        let is_in = |head: &CommentHead, item: &Item| match (queue, &defined) {
            (QueueId::Review(queue), _) => item.queue == *queue,
            (_, defined) => defined.as_ref().is_some_and(|defined| defined.conditions.are_met_by(head)),
        };
        let mut held = Vec::new();
        for key in self.leads_to(self.tree.scan_prefix([LEASES]))? {
            let Some(head) = self.head(&key)? else { continue };
            let item = head.review.item.as_ref().filter(|item| is_in(&head, item));
            let holds = item.and_then(|item| item.claim.as_ref());
            if head.current.comment.site_id == *site_id
                && holds.is_some_and(|claim| claim.moderator_id == *moderator_id)
            {
                held.push(head.current.comment.comment_id);
            }
        }
        Ok(held)
    }

    /// Lists the keys of comments that an action ruled on.
    pub(super) fn ruled_on(&self, settled_seq: u64) -> Result<Vec<Vec<u8>>, Error> {
        self.leads_to(self.tree.scan_prefix(keys::verdicts(settled_seq)))
    }

    /// Returns the heads of those of an author's comments that were ruled on, the latest verdict first.
    pub(in crate::store) fn ruled_on_of(
        &self,
        site_id: &SiteId,
        author_id: &AuthorId,
        max: usize,
    ) -> Result<Vec<CommentHead>, Error> {
        let entries = self.tree.scan_prefix(keys::verdicts_on(site_id, author_id)).rev().take(max);
        let heads = self.leads_to(entries)?.into_iter().map(|key| self.head(&key));
        heads.filter_map(Result::transpose).collect()
    }

    /// Lists the keys of an author's comments that wait, at most `max` of them.
    pub(super) fn items_of(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<Vec<u8>>, Error> {
        self.leads_to(self.tree.scan_prefix(keys::items_of(site_id, author_id)).take(max))
    }

    /// Says of each queue of a site how much waits in it: first those that items wait in, then those that were defined.
    pub(in crate::store) fn queues(&self, site_id: &SiteId) -> Result<Vec<QueueSummary>, Error> {
        let summary = |(queue, defined): (QueueId, Option<DefinedQueue>)| {
            let Counts { items, claimed } = self.counts(&keys::counts(site_id, queue.name()))?.unwrap_or_default();
            let order = Order::Oldest;
            let range = beyond(&keys::queue(QUEUE, site_id, queue.name(), order), order, None);
            let oldest = match self.places(range, order).next() {
                Some(place) => self.head(&place?.1)?,
                None => None,
            };
            let oldest_at = oldest.and_then(|head| head.review.item).map(|item| item.opened_at);
            Ok(QueueSummary { queue, defined, items, claimed, oldest_at })
        };
        let review = Queue::ALL.into_iter().map(|queue| (QueueId::Review(queue), None));
        let defined = self.defined_queues(site_id)?;
        let defined = defined.into_iter().map(|queue| (QueueId::Defined(queue.name.clone()), Some(queue)));
        review.chain(defined).map(summary).collect()
    }

    /// Returns one page of a queue.
    pub(in crate::store) fn items(&self, query: &ItemQuery) -> Result<ItemPage, Error> {
        let prefix = keys::queue(QUEUE, &query.site_id, query.queue.name(), query.order);
        let after = query.after.map(|place| keys::in_queue(prefix.clone(), query.order, place));
        let (mut page, mut bytes) = (ItemPage { items: Vec::new(), next_after: None }, 0);
        for place in self.places(beyond(&prefix, query.order, after.as_deref()), query.order) {
            let (place, comment) = place?;
            let head = self.head(&comment)?.ok_or_else(|| damaged("a comment in a queue is missing"))?;
            // A verdict that came in between may have taken it out.
            if head.review.item.is_none() {
                continue;
            }
            // Where it stood on the way, not where a change in between has moved it: the next page goes on from here.
            let place =
                keys::place_in(&place, prefix.len(), query.order).ok_or_else(|| damaged("no place in a queue"))?;
            bytes += head.weight();
            let full = page.items.len() >= query.limit.max(1) || bytes > query.bytes_max;
            if full && !page.items.is_empty() {
                return Ok(page);
            }
            page.next_after = Some(place);
            page.items.push(head);
        }
        page.next_after = None;
        Ok(page)
    }

    /// Writes a head without what goes with it.
    #[cfg(test)]
    pub(in crate::store) fn put_head(&self, head: &crate::domain::submit::CommentHead) {
        let comment = &head.current.comment;
        let key = keys::comment(&comment.site_id, &comment.comment_id);
        let sealed = super::value::seal(&key, 700, |out| crate::store::record::encode_head(head, out));
        self.tree.insert(key, sealed).expect("sled takes it");
    }
}
