//! What review asks of a store, and what it answers.

use crate::domain::{
    ArticleId, AuthorId, CommentId, DefinedQueue, ModeratorId, QueueId, RequestId, SiteId, Timestamp, Words,
    report::Report,
    review::{Command, Note, Order, Verdict},
    submit::CommentHead,
};

/// Who wants how many items of which queue, until when.
#[derive(Debug, Clone)]
pub struct ClaimNext {
    /// The site.
    pub site_id: SiteId,
    /// The queue.
    pub queue: QueueId,
    /// Which items come first.
    pub order: Order,
    /// Who claims.
    pub moderator_id: ModeratorId,
    /// How many items at most, from 1.
    pub limit: usize,
    /// How much the comments may weigh together ([`CommentHead::weight`]); one always fits.
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

/// Which items one verdict is on.
#[derive(Debug, Clone)]
pub enum Together {
    /// These, each as it was at the version that the moderator saw: all of them, or none.
    Items(Vec<(CommentId, u64)>),
    /// All of this author's that wait under this article and nobody else holds.
    AuthorOnArticle(AuthorId, ArticleId),
    /// All of this campaign's that wait and nobody else holds.
    Campaign(u64),
}

/// One verdict on many items, in one action.
#[derive(Debug, Clone)]
pub struct SettleMany {
    /// The site.
    pub site_id: SiteId,
    /// Which items.
    pub together: Together,
    /// How many items at most; where there are more, none is settled.
    pub items_max: usize,
    /// Who rules.
    pub moderator_id: ModeratorId,
    /// The request's name, where it has one.
    pub request_id: Option<RequestId>,
    /// The ruling.
    pub verdict: Verdict,
    /// What the moderator writes beside each comment, if anything: an action of its own for each, in the same batch.
    pub note: Option<Words>,
    /// The present time.
    pub now: Timestamp,
}

/// Whose verdict is to be taken back.
#[derive(Debug, Clone)]
pub struct Undo {
    /// The site.
    pub site_id: SiteId,
    /// The number of the first event of the action that brought the verdict.
    pub settled_seq: u64,
    /// Who takes it back.
    pub moderator_id: ModeratorId,
    /// The request's name, where it has one.
    pub request_id: Option<RequestId>,
    /// The present time.
    pub now: Timestamp,
}

/// What one action on many items did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// The number of its first event; 0 where nothing had to be done.
    pub action_seq: u64,
    /// How many items it changed, now or when the request came first.
    pub items: usize,
    /// How many others it left as they are, because something has come after the verdict.
    pub left: usize,
    /// Whether the same request had been done before, so that nothing was written now.
    pub repeated: bool,
}

/// What a command did.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// The comment as it is now.
    pub head: CommentHead,
    /// Whether the same request had been done before, so that nothing was written now.
    pub repeated: bool,
}

/// What stands beside a comment for review.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beside {
    /// The latest reports, the newest first.
    pub reports: Vec<Report>,
    /// The latest notes, the newest first.
    pub notes: Vec<Note>,
}

/// How much waits in a queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueSummary {
    /// The queue.
    pub queue: QueueId,
    /// What it shows, where an editor defined it.
    pub defined: Option<DefinedQueue>,
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
    pub queue: QueueId,
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
