//! The use cases of moderators: see what waits, take it, rule on it, take a ruling back.
//!
//! In come requests in plain types; out go comments as review sees them. The rules stand in [`crate::domain::review`].

mod ended;
mod watch;

pub use watch::{Held, QueueMoves, Watched};

use super::campaigns::required_campaign;
use super::page_token::ItemToken;
use super::readers::not_found;
use super::{
    ANSWER_BYTES_MAX, Clock, Error, Limits, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, Serving, draft, in_range, refuse,
};
use crate::classify::is_blank;
use crate::domain::{
    ArticleId, Attribute, AuthorId, CommentId, ModeratorId, QueueId, RequestId, SiteId, Timestamp, Violation, Words,
    review::{Act, Command, Order, Queue, Verdict},
    submit::CommentHead,
};
use crate::store::{
    self, ClaimNext, Done, ItemQuery, Numbered, OnItem, QueueSummary, Reviewed, SettleMany, Store, Together, Undo,
};
use futures_util::{Stream, stream};
use std::{collections::BTreeSet, pin::Pin, sync::Arc};
use tokio::sync::Semaphore;

/// How long a claim lasts where the request doesn't say.
const LEASE_SECS_DEFAULT: i32 = 600;
/// How long a claim lasts at most.
const LEASE_SECS_MAX: i32 = 3600;
/// Items that one claim takes at most.
const CLAIM_ITEMS_MAX: usize = 100;
/// Items that one action takes at most.
const TOGETHER_MAX: usize = 1000;
/// Characters of what a moderator writes.
const NOTE_CHARS_MAX: usize = 2000;
/// Bytes of the newsroom's name for a reason.
const REASON_BYTES_MAX: usize = 64;

/// Which items of which queue, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct QueueRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The queue.
    pub queue: String,
    /// Which items come first.
    pub order: Order,
}

/// Which item, and who wants something of it, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct ItemRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The comment.
    pub comment_id: String,
    /// Who.
    pub moderator_id: String,
    /// The client's name for the request; empty for none.
    pub request_id: String,
}

/// What a moderator wants of an item, as the caller asked.
#[derive(Debug, Clone)]
pub enum Wish {
    /// Hold it for so many seconds from now on; 0 means 600.
    Renew {
        /// The seconds.
        lease_secs: i32,
    },
    /// Give it back.
    Release,
    /// Give it back for others to rule on.
    Skip,
    /// Pass it on to those who look at `escalated`.
    Escalate {
        /// Why.
        note: Words,
    },
    /// Write something beside the comment.
    Note {
        /// What.
        text: Words,
    },
    /// Rule on it.
    Settle {
        /// The version that the moderator saw.
        version: u64,
        /// The ruling.
        ruling: Ruling,
    },
}

/// Which items to rule on together, as the caller asked.
#[derive(Debug, Clone)]
pub enum Which {
    /// These, each at the version that the moderator saw.
    Items(Vec<(String, u64)>),
    /// All of an author's under an article.
    AuthorOnArticle {
        /// The author.
        author_id: String,
        /// The article.
        article_id: String,
    },
    /// All of a campaign.
    Campaign(u64),
}

/// Who acts on several items, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct ActionRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// Who.
    pub moderator_id: String,
    /// The client's name for the request; empty for none.
    pub request_id: String,
}

/// What is ruled, as the caller said it.
#[derive(Debug, Clone, Default)]
pub struct Ruling {
    /// Whether readers may see the comments; `None` where the caller left it out.
    pub approved: Option<bool>,
    /// Attributes by name, confirmed or denied.
    pub labels: Vec<(String, bool)>,
    /// The newsroom's name for the reason; empty for none.
    pub reason: String,
    /// What to write beside each comment; empty for nothing.
    pub note: Words,
}

/// One page of items.
#[derive(Debug, Clone)]
pub struct ReviewPage {
    /// The comments that wait.
    pub items: Vec<CommentHead>,
    /// Where the next page starts; empty where this is the last.
    pub next_page_token: String,
}

/// What happens on a site, some events at a time, in order; it ends with the store, or with the first error.
pub type SiteEvents = Pin<Box<dyn Stream<Item = Result<Vec<Numbered>, Error>> + Send>>;

/// What moderators can do.
pub struct Review {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: Limits,
    pub(super) serving: Arc<Serving>,
    /// Held by whoever makes a report of quality, which reads everything that ever happened.
    pub(super) making_report: Semaphore,
    holding: watch::Holding,
}

impl Review {
    /// Joins a store and a clock.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, serving: Arc<Serving>, limits: Limits) -> Self {
        Self { store, clock, serving, limits, making_report: Semaphore::new(1), holding: watch::Holding::default() }
    }

    /// Returns the present time, by which claims are seen to hold or not.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Says of each queue of a site how much waits in it.
    ///
    /// # Errors
    ///
    /// Names a site that can't be one; passes on what the store says.
    pub async fn queues(&self, site_id: &str) -> Result<Vec<QueueSummary>, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(site_id, &self.limits, &mut violations));
        refuse(violations)?;
        Ok(self.store.queues(&site_id, self.clock.now()).await?)
    }

    /// Returns one page of a queue's items, claimed ones too.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong, a made-up page token included.
    pub async fn items(&self, request: &QueueRequest, page_size: i32, page_token: &str) -> Result<ReviewPage, Error> {
        let mut violations = Vec::new();
        let (site_id, queue) = self.queue(request, &mut violations).await?;
        let limit = in_range("page_size", page_size, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, &mut violations);
        let (order, bytes_max, now) = (request.order, ANSWER_BYTES_MAX, self.clock.now());
        let mut query = ItemQuery { site_id, queue, order, after: None, limit, bytes_max, now };
        if !page_token.is_empty() {
            query.after = ItemToken::parse(page_token, &query);
            if query.after.is_none() {
                violations.push(Violation::new(
                    "page_token",
                    "Not a token of this list. Send next_page_token of the page before, with the same site, queue and \
                     order.",
                ));
            }
        }
        refuse(violations)?;
        let page = self.store.items(query.clone()).await?;
        let next_page_token = page.next_after.map(|place| ItemToken::new(&query, place).to_string());
        Ok(ReviewPage { items: page.items, next_page_token: next_page_token.unwrap_or_default() })
    }

    /// Takes the next items that nobody holds.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; passes on what the store says.
    pub async fn claim_next(
        &self,
        request: &QueueRequest,
        moderator_id: &str,
        items_max: i32,
        lease_secs: i32,
    ) -> Result<Vec<CommentHead>, Error> {
        let mut violations = Vec::new();
        let (site_id, queue) = self.queue(request, &mut violations).await?;
        draft::required_id("moderator_id", moderator_id, &self.limits, &mut violations);
        let limit = in_range("items_max", items_max, 1, CLAIM_ITEMS_MAX, &mut violations);
        let now = self.clock.now();
        let expires_at = lease(lease_secs, now, &mut violations);
        refuse(violations)?;
        let claim = ClaimNext {
            site_id,
            queue,
            order: request.order,
            moderator_id: ModeratorId::new(moderator_id),
            limit,
            bytes_max: ANSWER_BYTES_MAX,
            expires_at,
            now,
        };
        Ok(self.store.claim_next(claim).await?)
    }

    /// Does what a moderator wants of one item.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such comment, or what stands against the wish.
    pub async fn on_item(&self, request: ItemRequest, wish: Wish) -> Result<Reviewed, Error> {
        let ItemRequest { site_id, comment_id, moderator_id, request_id } = request;
        let (mut violations, now) = (Vec::new(), self.clock.now());
        draft::required_id("comment_id", &comment_id, &self.limits, &mut violations);
        let actor = ActionRequest { site_id, moderator_id, request_id };
        let (site_id, moderator_id, request_id) = self.actor(actor, &mut violations);
        let act = match wish {
            Wish::Renew { lease_secs } => Act::Renew { expires_at: lease(lease_secs, now, &mut violations) },
            Wish::Release => Act::Release,
            Wish::Skip => Act::Skip,
            Wish::Escalate { note } => Act::Escalate { note: required_words("note", note, &mut violations) },
            Wish::Note { text } => Act::Note { text: required_words("text", text, &mut violations) },
            Wish::Settle { version, ruling } => {
                let (verdict, note) = verdict(ruling, &mut violations);
                Act::Settle { version, verdict, note }
            }
        };
        refuse(violations)?;
        let command = Command { moderator_id, request_id, act, now };
        let id = CommentId::new(comment_id.as_str());
        let on_item = OnItem { site_id: site_id.clone(), comment_id: id.clone(), command };
        match self.store.on_item(on_item).await {
            Err(error @ store::Error::Review(_)) => Err(self.tell_changes(&site_id, Some(&id), error).await),
            done => done.map_err(|error| not_found(error, comment_id)),
        }
    }

    /// Rules on many items in one action: on all of them, or on none.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says which item can't be ruled on, and why.
    pub async fn settle_many(
        &self,
        request: ActionRequest,
        which: Option<Which>,
        ruling: Ruling,
    ) -> Result<Done, Error> {
        let mut violations = Vec::new();
        let (site_id, moderator_id, request_id) = self.actor(request, &mut violations);
        let together = self.together(which, &mut violations);
        let (verdict, note) = verdict(ruling, &mut violations);
        refuse(violations)?;
        let (items_max, now) = (TOGETHER_MAX, self.clock.now());
        let of = site_id.clone();
        let settle = SettleMany { site_id, together, items_max, moderator_id, request_id, verdict, note, now };
        match self.store.settle_many(settle).await {
            Err(error) => Err(self.tell_changes(&of, None, error).await),
            Ok(done) => Ok(done),
        }
    }

    /// Takes the verdicts of one action back.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is nothing to take back.
    pub async fn undo(&self, request: ActionRequest, action_id: u64) -> Result<Done, Error> {
        let mut violations = Vec::new();
        let (site_id, moderator_id, request_id) = self.actor(request, &mut violations);
        refuse(violations)?;
        let undo = Undo { site_id, settled_seq: action_id, moderator_id, request_id, now: self.clock.now() };
        Ok(self.store.undo(undo).await?)
    }

    /// Returns a reader of what happens on a site, from behind an event on.
    ///
    /// # Errors
    ///
    /// Names a site that can't be one.
    pub fn events(&self, site_id: &str, after_seq: u64) -> Result<SiteEvents, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(site_id, &self.limits, &mut violations));
        refuse(violations)?;
        let state = Some((self.store.events(after_seq), site_id));
        Ok(Box::pin(stream::unfold(state, async |state| {
            let (mut events, site_id) = state?;
            match events.next().await {
                Ok(mut some) => {
                    some.retain(|event| event.event.site_id() == Some(&site_id));
                    Some((Ok(some), Some((events, site_id))))
                }
                Err(error) => Some((Err(error.into()), None)),
            }
        })))
    }

    fn actor(
        &self,
        request: ActionRequest,
        violations: &mut Vec<Violation>,
    ) -> (SiteId, ModeratorId, Option<RequestId>) {
        let ActionRequest { site_id, moderator_id, request_id } = request;
        let site_id = SiteId::new(draft::site(&site_id, &self.limits, violations));
        draft::required_id("moderator_id", &moderator_id, &self.limits, violations);
        draft::optional_id("request_id", &request_id, &self.limits, violations);
        let request_id = (!request_id.is_empty()).then(|| RequestId::new(request_id));
        (site_id, ModeratorId::new(moderator_id), request_id)
    }

    fn together(&self, which: Option<Which>, violations: &mut Vec<Violation>) -> Together {
        match which {
            Some(Which::Items(items)) => {
                let ids: BTreeSet<&str> = items.iter().map(|(id, _)| id.as_str()).collect();
                if ids.is_empty() || ids.len() < items.len() || items.len() > TOGETHER_MAX {
                    let sentence = format!("Must hold from 1 to {TOGETHER_MAX} items, each once.");
                    violations.push(Violation::new("items", sentence));
                }
                for (index, (id, _)) in items.iter().enumerate().take(TOGETHER_MAX) {
                    draft::required_id(&format!("items[{index}].comment_id"), id, &self.limits, violations);
                }
                Together::Items(items.into_iter().map(|(id, version)| (CommentId::new(id), version)).collect())
            }
            Some(Which::AuthorOnArticle { author_id, article_id }) => {
                draft::required_id("author.author_id", &author_id, &self.limits, violations);
                draft::required_id("author.article_id", &article_id, &self.limits, violations);
                Together::AuthorOnArticle(AuthorId::new(author_id), ArticleId::new(article_id))
            }
            Some(Which::Campaign(campaign)) => {
                required_campaign(campaign, violations);
                Together::Campaign(campaign)
            }
            None => {
                violations.push(Violation::new("which", "Name items, an author on an article, or a campaign."));
                Together::Items(Vec::new())
            }
        }
    }

    async fn queue(&self, request: &QueueRequest, violations: &mut Vec<Violation>) -> Result<(SiteId, QueueId), Error> {
        let site_id = SiteId::new(draft::site(&request.site_id, &self.limits, violations));
        let queue = QueueId::from_name(&request.queue);
        if let QueueId::Defined(name) = &queue
            && violations.is_empty()
        {
            let defined = self.store.defined_queues(&site_id).await?;
            if defined.iter().all(|queue| queue.name != *name) {
                let names = Queue::ALL.iter().map(|queue| queue.name());
                let names: Vec<&str> = names.chain(defined.iter().map(|queue| queue.name.as_str())).collect();
                violations.push(Violation::new("queue", format!("Must be one of: {}.", names.join(", "))));
            }
        }
        Ok((site_id, queue))
    }
}

/// Returns when a claim that begins now ends.
fn lease(secs: i32, now: Timestamp, violations: &mut Vec<Violation>) -> Timestamp {
    if !(0..=LEASE_SECS_MAX).contains(&secs) {
        violations.push(Violation::new("lease_secs", format!("Must be from 0 to {LEASE_SECS_MAX}.")));
    }
    let secs = if secs == 0 { LEASE_SECS_DEFAULT } else { secs };
    Timestamp::from_micros(now.as_micros().saturating_add(i64::from(secs) * 1_000_000))
}

fn verdict(
    Ruling { approved, labels, reason, note }: Ruling,
    violations: &mut Vec<Violation>,
) -> (Verdict, Option<Words>) {
    if approved.is_none() {
        violations.push(Violation::new("verdict", "Must be to approve or to reject."));
    }
    plain_name("reason", &reason, violations);
    let mut known: Vec<(Attribute, bool)> = Vec::new();
    for (name, truth) in labels {
        match Attribute::from_name(&name) {
            Some(attribute) if known.iter().all(|(other, _)| *other != attribute) => known.push((attribute, truth)),
            _ => violations.push(Violation::new("labels", "Must have each attribute by its name, and once.")),
        }
    }
    // A map comes in any order, and the same verdict is written the same way.
    known.sort_unstable();
    let note = (!note.is_empty()).then(|| required_words("note", note, violations));
    (Verdict { approved: approved.unwrap_or_default(), labels: known, reason }, note)
}

/// Notes what is wrong with a name that programs compare, such as `off_topic`; it may be empty.
pub(super) fn plain_name(field: &str, name: &str, violations: &mut Vec<Violation>) {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.len() > REASON_BYTES_MAX || !name.chars().all(is_plain) {
        let sentence = format!("Must be at most {REASON_BYTES_MAX} small letters, digits and underscores.");
        violations.push(Violation::new(field, sentence));
    }
}

/// Returns what somebody wrote, and notes where it is too long.
pub(super) fn words(field: &str, text: Words, chars_max: usize, violations: &mut Vec<Violation>) -> Words {
    if text.as_str().chars().nth(chars_max).is_some() {
        violations.push(Violation::new(field, format!("Must be at most {chars_max} characters long.")));
    }
    text
}

/// Returns what a moderator wrote, and notes where it is too long or there is nothing.
fn required_words(field: &str, text: Words, violations: &mut Vec<Violation>) -> Words {
    if is_blank(text.as_str()) {
        violations.push(Violation::new(field, "Must be given."));
    }
    words(field, text, NOTE_CHARS_MAX, violations)
}
