//! What review asks of a store, and what it answers.

use crate::domain::{
    CommentId, ModeratorId, SiteId, Timestamp,
    review::{Command, Order, Queue},
    submit::CommentHead,
};

/// Who wants how many items of which queue, until when.
#[derive(Debug, Clone)]
pub struct ClaimNext {
    /// The site.
    pub site_id: SiteId,
    /// The queue.
    pub queue: Queue,
    /// Which items come first.
    pub order: Order,
    /// Who claims.
    pub moderator_id: ModeratorId,
    /// How many items at most, from 1.
    pub limit: usize,
    /// How much the comments may weigh together ([`crate::domain::Revision::weight`]); one always fits.
    pub bytes_max: usize,
    /// When the claims end.
    pub expires_at: Timestamp,
    /// The present time.
    pub now: Timestamp,
}

/// A moderator's command on one item.
#[derive(Debug, Clone)]
pub struct OnItem {
    /// The site.
    pub site_id: SiteId,
    /// The comment, which is the item's id too.
    pub comment_id: CommentId,
    /// Who wants what.
    pub command: Command,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// The comment as it is now.
    pub head: CommentHead,
    /// Whether the same request had been done before, so that nothing was written now.
    pub repeated: bool,
}

/// How much waits in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSummary {
    /// The queue.
    pub queue: Queue,
    /// How many items wait in it, claimed ones too.
    pub items: u64,
    /// How many of them somebody holds.
    pub claimed: u64,
    /// Since when the oldest of them has waited.
    pub oldest_at: Option<Timestamp>,
}

/// A question for one page of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemQuery {
    /// The site.
    pub site_id: SiteId,
    /// The queue.
    pub queue: Queue,
    /// Which items come first.
    pub order: Order,
    /// The place of the last item of the page before; `None` starts at the front.
    pub after: Option<ItemPlace>,
    /// How many items at most, from 1.
    pub limit: usize,
    /// How much the comments of a page may weigh together; one always fits.
    pub bytes_max: usize,
    /// The present time.
    pub now: Timestamp,
}

/// Where an item stands in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemPlace {
    /// Its risk, as the order keeps it.
    pub risk: u32,
    /// The number of the event since which it has waited.
    pub opened_seq: u64,
}

/// One page of a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemPage {
    /// The comments that wait, in the order that was asked for.
    pub items: Vec<CommentHead>,
    /// Where the next page starts, or `None` where this is the last.
    pub next_after: Option<ItemPlace>,
}
