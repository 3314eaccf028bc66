//! Where review items stand: in the queue that each waits in, and in the defined queues whose conditions it meets.

use super::Edit;
use crate::domain::{
    ModeratorId, QueueId, SiteId,
    appeal::Standing,
    review::{Item, Order, Queue},
    submit::CommentHead,
};
use crate::store::{
    Error,
    sled_engine::{
        COUNTS, ITEMS_BY_AUTHOR, LEASES, QUEUE, WAITING, keys,
        queues::{Counts, beyond},
        value,
    },
};

/// An item as one queue sees it before and after a change; `None` where it isn't there.
pub(in crate::store::sled_engine) type Shift<'a> = (Option<&'a Item>, Option<&'a Item>);

impl Edit<'_> {
    /// Moves a comment's review item to where it stands now.
    pub(super) fn change_item(
        &mut self,
        key: &[u8],
        before: Option<&CommentHead>,
        after: &CommentHead,
    ) -> Result<(), Error> {
        let of_author = |head: &CommentHead| {
            let (comment, item) = (&head.current.comment, head.review.item.as_ref()?);
            let prefix = keys::items_of(&comment.site_id, comment.author.author_id.as_ref()?);
            Some(keys::with_seq(prefix, item.opened_seq))
        };
        self.index(ITEMS_BY_AUTHOR, key, before.and_then(of_author), of_author(after));
        let lease = |head: &CommentHead| {
            let item = head.review.item.as_ref()?;
            item.claim.as_ref().map(|claim| keys::lease(claim.expires_at, item.opened_seq))
        };
        self.index(LEASES, key, before.and_then(lease), lease(after));
        let site_id = &after.current.comment.site_id;
        let changes_hands = changes_hands(before, after);
        for (queue, shift) in self.shifts(before, after)? {
            self.shift_item(site_id, queue.name(), key, shift)?;
            if let (true, Some(item)) = (changes_hands, shift.1.filter(|item| item.claim.is_none())) {
                for order in [Order::Risk, Order::Oldest] {
                    let prefix = keys::waiting(site_id, queue.name(), order);
                    self.waiting.change_hands(keys::in_queue(prefix, order, keys::place_of(item)));
                }
            }
        }
        Ok(())
    }

    /// Says of each queue that an item was in or is in now how it sees the change.
    pub(in crate::store::sled_engine) fn shifts<'h>(
        &mut self,
        before: Option<&'h CommentHead>,
        after: &'h CommentHead,
    ) -> Result<Vec<(QueueId, Shift<'h>)>, Error> {
        let (from, to) = (before.and_then(|head| head.review.item.as_ref()), after.review.item.as_ref());
        let mut shifts: Vec<(QueueId, Shift<'h>)> = match (from, to) {
            (None, None) => return Ok(Vec::new()),
            (Some(from), Some(to)) if from.queue != to.queue => {
                vec![(QueueId::Review(from.queue), (Some(from), None)), (QueueId::Review(to.queue), (None, Some(to)))]
            }
            (from, to) => from.or(to).map(|item| (QueueId::Review(item.queue), (from, to))).into_iter().collect(),
        };
        for defined in self.defined_queues(&after.current.comment.site_id)?.iter() {
            let was_in = before.is_some_and(|head| defined.conditions.are_met_by(head));
            let shift = (from.filter(|_| was_in), to.filter(|_| defined.conditions.are_met_by(after)));
            if shift != (None, None) {
                shifts.push((QueueId::Defined(defined.name.clone()), shift));
            }
        }
        Ok(shifts)
    }

    /// Moves an item to where it stands now in one queue.
    pub(in crate::store::sled_engine) fn shift_item(
        &mut self,
        site_id: &SiteId,
        queue: &str,
        key: &[u8],
        (from, to): Shift<'_>,
    ) -> Result<(), Error> {
        if from == to {
            return Ok(());
        }
        for tree in [QUEUE, WAITING] {
            for order in [Order::Risk, Order::Oldest] {
                let place = |item: &Item| {
                    let is_in = tree == QUEUE || item.claim.is_none();
                    is_in.then(|| keys::in_queue(keys::queue(tree, site_id, queue, order), order, keys::place_of(item)))
                };
                self.index(tree, key, from.and_then(place), to.and_then(place));
            }
        }
        let (mut items, mut claimed) = (0, 0);
        for (item, change) in [(from, -1), (to, 1)] {
            if let Some(item) = item {
                items += change;
                claimed += i64::from(item.claim.is_some()) * change;
            }
        }
        if (items, claimed) == (0, 0) { Ok(()) } else { self.count(keys::counts(site_id, queue), items, claimed) }
    }

    /// Returns how many of a site's items wait in a queue.
    pub(in crate::store) fn waiting(&self, site_id: &SiteId, queue: Queue) -> Result<u64, Error> {
        let key = keys::counts(site_id, queue.name());
        let counts = match self.counts.get(&key) {
            Some(counts) => Some(*counts),
            None => self.state.counts(&key)?,
        };
        Ok(counts.unwrap_or_default().items)
    }

    /// Lists the comments of a site that have waited longest in a queue and that nobody holds, as the state has them.
    pub(in crate::store) fn first_waiting(
        &self,
        site_id: &SiteId,
        queue: Queue,
        max: usize,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let range = beyond(&keys::waiting(site_id, queue.name(), Order::Oldest), Order::Oldest, None);
        self.state.places(range, Order::Oldest).take(max).map(|placed| placed.map(|(_, comment)| comment)).collect()
    }

    /// Changes how many items a queue has, and how many of them are claimed.
    fn count(&mut self, key: Vec<u8>, items: i64, claimed: i64) -> Result<(), Error> {
        let before = match self.counts.get(&key) {
            Some(counts) => Some(*counts),
            None => self.state.counts(&key)?,
        };
        let seal = |counts: &Counts| {
            value::seal(&key, 8, |out| postcard::to_io(counts, out).map(drop).expect("memory takes every plain struct"))
        };
        let Counts { items: items_before, claimed: claimed_before } = before.unwrap_or_default();
        let after = Counts {
            items: items_before.saturating_add_signed(items),
            claimed: claimed_before.saturating_add_signed(claimed),
        };
        let (old, new) = (before.as_ref().map(seal), seal(&after));
        self.counts.insert(key.clone(), after);
        self.put(COUNTS, key, old.as_deref(), Some(new));
        Ok(())
    }
}

/// Returns whether an item may be for somebody whom it was not for before.
fn changes_hands(before: Option<&CommentHead>, after: &CommentHead) -> bool {
    fn against(head: &CommentHead) -> (Option<Standing>, Option<&ModeratorId>) {
        let appeal = head.review.appeal.as_ref();
        (appeal.map(|appeal| appeal.standing), appeal.and_then(|appeal| appeal.against.as_ref()))
    }
    fn skipped(head: &CommentHead) -> Option<&[ModeratorId]> {
        head.review.item.as_ref().map(|item| item.skipped_by.as_slice())
    }
    before.is_none_or(|before| against(before) != against(after) || skipped(before) != skipped(after))
}
