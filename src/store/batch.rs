//! What one batch of writes decides: each request rests on the state and on what the requests before it brought.
//!
//! In come requests; out go answers, and the actions behind them, pushed to the journal and applied to an edit of the
//! state. Nothing is on disk yet: the writer commits both.

use super::bulk::{self, Remembered};
use super::journal::Journal;
use super::sled_engine::{
    edit::{Edit, Walk},
    keys,
};
use super::writer::{Failure, Salts};
use super::{
    AppealDecision, ChangeModels, ClaimNext, CreateToken, DeleteQueue, Disagree, Done, Erase, EraseLabels, Erased,
    Error, KeepLabel, OnItem, PolicyVersion, Recorded, Registry, ReportComment, Reported, Reviewed, RevokeToken,
    SetCampaignRule, SetPolicy, SetQueue, SettleMany, Together, Undo,
};
use crate::domain::{
    Action, Actor, ArticleId, AuthorChecks, AuthorId, CommentId, DefinedQueue, Event, Kept, ModeratorId, SiteId,
    Timestamp, Words,
    audit::Secret,
    disagreement, erase,
    review::{self, Act, Command, Outcomes, Queue},
    submit::{self, CommentHead, Submission, Submitted},
};
use std::collections::BTreeSet;

/// How many claims that have ended one batch clears away; the next batch clears further ones.
pub(super) const EXPIRED_MAX: usize = 512;

/// How many of an author's items, on whatever articles, are looked at; those beyond are left for the next request.
const AUTHOR_ITEMS_MAX: usize = 10_000;

/// How many of those who wait in `disagreement` are looked at for one that gives way.
const GIVE_WAY_MAX: usize = 32;

/// How many queues an editor may define on one site: each is a condition to check when an item of the site changes.
const DEFINED_MAX: usize = 16;

/// What can be asked to be written.
pub(super) enum Request {
    /// A comment with its decision.
    Record(Box<Submitted>),
    /// The next items of a queue.
    ClaimNext(Box<ClaimNext>),
    /// A moderator's command on one item.
    OnItem(Box<OnItem>),
    /// One verdict on many items.
    SettleMany(Box<SettleMany>),
    /// The verdict of one action is to be taken back.
    Undo(Box<Undo>),
    /// A reader's report.
    Report(Box<ReportComment>),
    /// An author's appeal.
    Appeal(Box<AppealDecision>),
    /// The words of comments are to go.
    Erase(Box<Erase>),
    EraseLabels(Box<EraseLabels>),
    /// A document is to be the next version of a policy.
    SetPolicy(Box<SetPolicy>),
    /// What happens to further texts of a campaign is to be set.
    SetCampaignRule(Box<SetCampaignRule>),
    /// A token is to be kept.
    CreateToken(Box<CreateToken>),
    /// A token is to be good no longer.
    RevokeToken(Box<RevokeToken>),
    /// Something about models is to change.
    ChangeModels(Box<ChangeModels>),
    /// The challenger in the shadow would have decided otherwise.
    Disagree(Box<Disagree>),
    /// A label is to be kept.
    KeepLabel(Box<KeepLabel>),
    /// A queue is to be defined.
    SetQueue(Box<SetQueue>),
    /// A queue that was defined is to go.
    DeleteQueue(Box<DeleteQueue>),
    /// Whatever claims have ended by now are to be cleared away.
    Expire(Timestamp),
}

/// What was written, or why nothing needed to be.
pub(super) enum Answer {
    Recorded(Box<Recorded>),
    Claimed(Vec<CommentHead>),
    Reviewed(Box<Reviewed>),
    Reported(Box<Reported>),
    Done(Done),
    PolicySet(Box<PolicyVersion>),
    CampaignRuleSet,
    QueueSet(Box<DefinedQueue>),
    QueueDeleted,
    TokenChanged,
    Models(Box<Registry>),
    Disagreed(bool),
    LabelKept(Kept),
    Erased(Erased),
    Expired,
}

impl Request {
    /// Returns whether it may do so much at once that others should not wait for it.
    pub(super) fn is_heavy(&self) -> bool {
        match self {
            Self::ClaimNext(_)
            | Self::SettleMany(_)
            | Self::Undo(_)
            | Self::Erase(_)
            | Self::EraseLabels(_)
            | Self::SetQueue(_)
            | Self::DeleteQueue(_) => true,
            Self::Record(_)
            | Self::OnItem(_)
            | Self::Report(_)
            | Self::Appeal(_)
            | Self::SetPolicy(_)
            | Self::SetCampaignRule(_)
            | Self::CreateToken(_)
            | Self::RevokeToken(_)
            | Self::ChangeModels(_)
            | Self::Disagree(_)
            | Self::KeepLabel(_)
            | Self::Expire(_) => false,
        }
    }
}

/// An answer, and whether it rests on this batch, so that it holds only once the batch is on disk.
pub(super) struct Answered {
    pub(super) answer: Result<Answer, Error>,
    pub(super) pending: bool,
}

/// A batch in the making.
pub(super) struct Batch<'state, 'writer> {
    pub(super) edit: Edit<'state>,
    pub(super) journal: &'writer mut Journal,
    pub(super) salts: &'writer Salts,
    pub(super) secret: &'writer Secret,
    /// How many claims that have ended may still be cleared away.
    pub(super) expire_left: usize,
}

impl Batch<'_, '_> {
    /// Returns whether a request can be decided in this batch. Whoever claims may be given what somebody held up to now, so
    /// claims that have ended are cleared away first; where there are too many of them, the request waits for the next batch.
    pub(super) fn is_ready_for(&mut self, request: &Request) -> Result<bool, Failure> {
        let Request::ClaimNext(claim) = request else { return Ok(true) };
        // A journal that takes no more says so to the request itself.
        let Ok(_) = self.expire(claim.now)? else { return Ok(true) };
        Ok(self.expire_left > 0 || self.edit.expired(claim.now, 1).map_err(Failure::State)?.is_empty())
    }

    /// Returns how much was done so far: events, and places that walks have looked at.
    pub(super) fn work(&self) -> u64 {
        self.journal.next_seq() + self.edit.steps()
    }

    /// Decides one request.
    pub(super) fn answer(&mut self, request: Request) -> Result<Answered, Failure> {
        let before = self.journal.next_seq();
        let (answer, rests) = match request {
            Request::Record(record) => self.record(*record)?,
            Request::ClaimNext(claim) => (self.claim_next(&claim)?, true),
            Request::OnItem(on_item) => self.on_item(*on_item)?,
            Request::SettleMany(settle) => (self.settle_many(*settle)?, true),
            Request::Undo(undo) => (self.undo(&undo)?, true),
            Request::Report(report) => self.report(*report)?,
            Request::Appeal(appeal) => self.appeal(*appeal)?,
            Request::Erase(erase) => (self.erase(*erase)?, true),
            Request::EraseLabels(erase) => (self.erase_labels(*erase)?, true),
            Request::SetPolicy(set) => (self.set_policy(*set)?, true),
            Request::SetCampaignRule(set) => (self.set_campaign_rule(*set)?, true),
            Request::SetQueue(set) => (self.set_queue(*set)?, true),
            Request::DeleteQueue(delete) => (self.delete_queue(*delete)?, true),
            Request::CreateToken(create) => (self.create_token(*create)?, true),
            Request::RevokeToken(revoke) => (self.revoke_token(*revoke)?, true),
            Request::ChangeModels(change) => (self.change_models(*change)?, true),
            Request::Disagree(disagree) => (self.disagree(*disagree)?, false),
            Request::KeepLabel(keep) => (self.keep_label(*keep)?, true),
            Request::Expire(now) => (self.expire(now)?, false),
        };
        Ok(Answered { answer, pending: rests || self.journal.next_seq() > before })
    }

    fn record(&mut self, submitted: Submitted) -> Result<(Result<Answer, Error>, bool), Failure> {
        let (comment, now) = (&submitted.comment, submitted.now);
        let key = keys::comment(&comment.site_id, &comment.comment_id);
        // Only what a check asks for is looked up.
        let asked = submitted.checks != AuthorChecks::default();
        let author = match comment.author.author_id.as_ref().filter(|_| asked) {
            Some(author_id) => self.edit.author(&comment.site_id, author_id).map_err(Failure::State)?,
            None => None,
        };
        let near = self.edit.near(&comment.site_id, submitted.fingerprint).map_err(Failure::State)?;
        let slot = self.edit.slot(&key).map_err(Failure::State)?;
        let pending = slot.pending;
        let recorded = |revision, repeated| Answer::Recorded(Box::new(Recorded { revision, repeated }));
        let answer = match (
            submit::submit(slot.head.as_ref(), author.as_ref(), near.as_ref(), submitted, self.secret),
            &slot.head,
        ) {
            (Ok(Submission::New(events)), _) => {
                let head = self.act_on(events, Actor::Submitter, now)?;
                head.map(|head| recorded(head.current, false))
            }
            (Ok(Submission::Repeated), Some(head)) => Ok(recorded(head.current.clone(), true)),
            (Ok(Submission::Repeated), None) => unreachable!("only what is there can be repeated"),
            (Err(submit::Refusal::Erased), _) => Err(Error::Erased),
            (Err(submit::Refusal::OtherArticle { .. }), _) => Err(Error::OtherArticle),
        };
        Ok((answer, pending))
    }

    fn on_item(&mut self, on_item: OnItem) -> Result<(Result<Answer, Error>, bool), Failure> {
        let OnItem { site_id, comment_id, command } = on_item;
        let slot = self.edit.slot(&keys::comment(&site_id, &comment_id)).map_err(Failure::State)?;
        let pending = slot.pending;
        let Some(head) = &slot.head else { return Ok((Err(Error::NoComment), pending)) };
        let reviewed = |head, repeated| Answer::Reviewed(Box::new(Reviewed { head, repeated }));
        let answer = match review::rule_on(head, &command) {
            Ok(Outcomes::Events(events)) => {
                let head = self.act_on(events, Actor::Moderator(command.moderator_id), command.now)?;
                head.map(|head| reviewed(head, false))
            }
            Ok(Outcomes::Repeated) => Ok(reviewed(head.clone(), true)),
            Err(refusal) => Err(Error::Review(refusal)),
        };
        Ok((answer, pending))
    }

    fn claim_next(&mut self, claim: &ClaimNext) -> Result<Result<Answer, Error>, Failure> {
        let prefix = keys::waiting(&claim.site_id, claim.queue.name(), claim.order);
        let mut walk = self.edit.walk(prefix, claim.order, &claim.moderator_id);
        let claimed = self.claim_along(claim, &mut walk);
        self.edit.end_walk(walk);
        claimed
    }

    fn claim_along(&mut self, claim: &ClaimNext, walk: &mut Walk) -> Result<Result<Answer, Error>, Failure> {
        let (mut claimed, mut bytes) = (Vec::new(), 0);
        while claimed.len() < claim.limit.max(1) {
            let Some(key) = self.edit.next_on(walk).map_err(Failure::State)? else { break };
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = &slot.head else { continue };
            bytes += head.weight();
            if bytes > claim.bytes_max && !claimed.is_empty() {
                break;
            }
            let command = Command {
                moderator_id: claim.moderator_id.clone(),
                request_id: None,
                act: Act::Claim { expires_at: claim.expires_at },
                now: claim.now,
            };
            // Whatever waits may be claimed, but for the appeal of one's own verdict.
            let Ok(Outcomes::Events(events)) = review::rule_on(head, &command) else { continue };
            bytes += head.weight();
            if bytes > claim.bytes_max && !claimed.is_empty() {
                break;
            }
            match self.act_on(events, Actor::Moderator(command.moderator_id), claim.now)? {
                Ok(head) => claimed.push(head),
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(Answer::Claimed(claimed)))
    }

    fn settle_many(&mut self, settle: SettleMany) -> Result<Result<Answer, Error>, Failure> {
        let SettleMany { site_id, together, items_max, moderator_id, request_id, verdict, note, now } = settle;
        let named = matches!(together, Together::Items(_));
        let bulk = bulk::name(request_id.as_ref(), &moderator_id, &together, &verdict);
        if let Some(name) = &bulk
            && let Some(Remembered { action_seq, items, .. }) =
                self.edit.bulk(&site_id, &moderator_id, name).map_err(Failure::State)?
        {
            let done = Done { action_seq, items: items as usize, left: 0, repeated: true };
            return Ok(Ok(Answer::Done(done)));
        }
        let request_id = request_id.filter(|_| named);
        let mut items = match together {
            Together::Items(items) if items.len() > items_max => return Ok(Err(Error::TooMany { items_max })),
            Together::Items(items) => items,
            Together::AuthorOnArticle(author_id, article_id) => self.waiting_of(&site_id, &author_id, &article_id)?,
            Together::Campaign(campaign) => self.waiting_in_campaign(&site_id, campaign, (&moderator_id, now))?,
        };
        items.truncate(items_max);
        let (mut events, mut changed, mut repeated, mut before, mut already) = (Vec::new(), 0, 0, None, None);
        for (comment_id, version) in items {
            let slot = self.edit.slot(&keys::comment(&site_id, &comment_id)).map_err(Failure::State)?;
            let Some(head) = &slot.head else {
                let refusal = review::Refusal::NotWaiting { settled_by: None };
                return Ok(Err(Error::ReviewOf { comment_id, refusal }));
            };
            let act = Act::Settle { version, verdict: verdict.clone(), note: None };
            let (moderator_id, request_id) = (moderator_id.clone(), request_id.clone());
            match review::rule_on(head, &Command { moderator_id, request_id, act, now }) {
                Ok(Outcomes::Events(more)) => {
                    events.extend(more);
                    changed += 1;
                }
                Ok(Outcomes::Repeated) => {
                    let settled_by = head.review.settled.as_ref().map(|settled| settled.moderator_id.clone());
                    before = head.review.settled.as_ref().map(|settled| settled.seq).or(before);
                    repeated += 1;
                    already = Some((comment_id, review::Refusal::NotWaiting { settled_by }));
                }
                // Of a whole author or campaign, what somebody else holds, or must look at, is left to them.
                Err(review::Refusal::ClaimedByAnother { .. } | review::Refusal::AppealOfOwnVerdict) if !named => {}
                Err(refusal) => return Ok(Err(Error::ReviewOf { comment_id, refusal })),
            }
        }
        if events.is_empty() {
            let action_seq = before.unwrap_or_default();
            let done = Done { action_seq, items: repeated, left: 0, repeated: before.is_some() };
            return Ok(Ok(Answer::Done(done)));
        }
        // All of them or none: what was ruled on before can't be ruled on with the others.
        if let Some((comment_id, refusal)) = already {
            return Ok(Err(Error::ReviewOf { comment_id, refusal }));
        }
        for event in &mut events {
            if let (Some(name), Event::ItemSettled { request_id, .. }) = (&bulk, event) {
                *request_id = Some(name.clone());
            }
        }
        let notes = note.map(|text| notes_beside(&events, &text)).unwrap_or_default();
        let done = self.act_together(events, (changed, 0), moderator_id.clone(), now)?;
        // An action has words of one comment at most, so that they can go with it.
        for note in notes {
            if let Err(error) = self.act(vec![note], Actor::Moderator(moderator_id.clone()), now)? {
                return Ok(Err(error));
            }
        }
        Ok(done)
    }

    /// Lists an author's items under an article with their versions.
    fn waiting_of(
        &mut self,
        site_id: &SiteId,
        author_id: &AuthorId,
        article_id: &ArticleId,
    ) -> Result<Vec<(CommentId, u64)>, Failure> {
        let mut items = Vec::new();
        for key in self.edit.items_of(site_id, author_id, AUTHOR_ITEMS_MAX).map_err(Failure::State)? {
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = slot.head.as_ref().filter(|head| head.review.item.is_some()) else { continue };
            let comment = &head.current.comment;
            let is_theirs = comment.site_id == *site_id && comment.author.author_id.as_ref() == Some(author_id);
            if is_theirs && comment.article_id == *article_id {
                items.push((comment.comment_id.clone(), head.review.version));
            }
        }
        Ok(items)
    }

    fn undo(&mut self, undo: &Undo) -> Result<Result<Answer, Error>, Failure> {
        let (mut events, mut changed, mut left, mut repeated) = (Vec::new(), 0, 0, 0);
        let mut refusal = review::Refusal::NothingToUndo;
        for key in self.edit.ruled_on(undo.settled_seq).map_err(Failure::State)? {
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = slot.head.as_ref().filter(|head| head.current.comment.site_id == undo.site_id) else {
                continue;
            };
            let command = Command {
                moderator_id: undo.moderator_id.clone(),
                request_id: undo.request_id.clone(),
                act: Act::Undo { settled_seq: undo.settled_seq },
                now: undo.now,
            };
            match review::rule_on(head, &command) {
                Ok(Outcomes::Events(more)) => {
                    events.extend(more);
                    changed += 1;
                }
                Ok(Outcomes::Repeated) => repeated += 1,
                Err(why) => {
                    left += 1;
                    if matches!(why, review::Refusal::AppealOfOwnVerdict | review::Refusal::ClaimedByAnother { .. }) {
                        refusal = why;
                    }
                }
            }
        }
        match (events.is_empty(), repeated) {
            (true, 0) => Ok(Err(Error::Review(refusal))),
            (true, items) => Ok(Ok(Answer::Done(Done { action_seq: undo.settled_seq, items, left, repeated: true }))),
            (false, _) => self.act_together(events, (changed, left), undo.moderator_id.clone(), undo.now),
        }
    }

    /// Makes the events of one action on many comments happen.
    fn act_together(
        &mut self,
        events: Vec<Event>,
        (items, left): (usize, usize),
        moderator_id: ModeratorId,
        now: Timestamp,
    ) -> Result<Result<Answer, Error>, Failure> {
        let action_seq = self.journal.next_seq();
        let acted = self.act(events, Actor::Moderator(moderator_id), now)?;
        Ok(acted.map(|_| Answer::Done(Done { action_seq, items, left, repeated: false })))
    }

    fn erase(&mut self, erase: Erase) -> Result<Result<Answer, Error>, Failure> {
        let Erase { site_id, comments, moderator_id, now } = erase;
        let (mut events, mut done) = (Vec::new(), Erased::default());
        for comment_id in comments.into_iter().collect::<BTreeSet<_>>() {
            let key = keys::comment(&site_id, &comment_id);
            let labels = self.edit.labels_of(&key).map_err(Failure::State)?;
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            match (slot.head.as_ref().map(erase::erase), labels) {
                (Some(Some(event)), _) => {
                    events.push(event);
                    done.comments += 1;
                }
                // There may be labels of a comment that isn't here.
                (None, Some(labels)) if !labels.erased => {
                    events.push(Event::CommentErased { site_id: site_id.clone(), comment_id });
                    done.comments += 1;
                }
                (Some(None), _) | (None, Some(_)) => done.before += 1,
                (None, None) => done.unknown += 1,
            }
        }
        if events.is_empty() {
            return Ok(Ok(Answer::Erased(done)));
        }
        Ok(self.act(events, Actor::Moderator(moderator_id), now)?.map(|_| Answer::Erased(done)))
    }

    fn set_policy(&mut self, set: SetPolicy) -> Result<Result<Answer, Error>, Failure> {
        let SetPolicy { site_id, article_id, seen, document, note, editor_id, now } = set;
        let newest = self.edit.policy(&site_id, article_id.as_ref()).map_err(Failure::State)?;
        let version = newest.map_or(0, |newest| newest.version);
        if seen != version {
            return Ok(Err(Error::StalePolicy { version }));
        }
        let (scope, seq) = ((site_id.clone(), article_id.clone()), self.journal.next_seq());
        let event = Event::PolicySet { site_id, article_id, version: version + 1, document, note };
        if let Err(error) = self.act(vec![event], Actor::Moderator(editor_id), now)? {
            return Ok(Err(error));
        }
        let set = self.edit.policy(&scope.0, scope.1.as_ref()).map_err(Failure::State)?;
        let set = set.filter(|set| set.seq == seq).map(|set| Answer::PolicySet(Box::new(set)));
        Ok(set.ok_or(Error::Closed))
    }

    fn set_queue(&mut self, set: SetQueue) -> Result<Result<Answer, Error>, Failure> {
        let SetQueue { site_id, name, conditions, editor_id, now } = set;
        let defined = self.edit.defined_queues(&site_id).map_err(Failure::State)?;
        if defined.len() >= DEFINED_MAX && defined.iter().all(|queue| queue.name != name) {
            return Ok(Err(Error::TooManyQueues { queues_max: DEFINED_MAX }));
        }
        let queue = DefinedQueue { name, conditions, set_by: editor_id.clone(), set_at: now };
        let (name, conditions) = (queue.name.clone(), queue.conditions.clone());
        let acted = self.act(vec![Event::QueueSet { site_id, name, conditions }], Actor::Moderator(editor_id), now)?;
        Ok(acted.map(|_| Answer::QueueSet(Box::new(queue))))
    }

    fn delete_queue(&mut self, delete: DeleteQueue) -> Result<Result<Answer, Error>, Failure> {
        let DeleteQueue { site_id, name, editor_id, now } = delete;
        let defined = self.edit.defined_queues(&site_id).map_err(Failure::State)?;
        if defined.iter().all(|queue| queue.name != name) {
            return Ok(Err(Error::NoQueue { name }));
        }
        let acted = self.act(vec![Event::QueueDeleted { site_id, name }], Actor::Moderator(editor_id), now)?;
        Ok(acted.map(|_| Answer::QueueDeleted))
    }

    fn disagree(&mut self, disagree: Disagree) -> Result<Result<Answer, Error>, Failure> {
        let Disagree { site_id, comment_id, revision, challenged, now } = disagree;
        let mut waiting = self.edit.waiting(&site_id, Queue::Disagreement).map_err(Failure::State)?;
        let mut events = Vec::new();
        if waiting >= disagreement::WAITING_MAX
            && let Some(lapsed) = self.gives_way(&site_id, &challenged.model_version, now)?
        {
            events.push(lapsed);
            waiting -= 1;
        }
        let slot = self.edit.slot(&keys::comment(&site_id, &comment_id)).map_err(Failure::State)?;
        let event = slot.head.as_ref().and_then(|head| disagreement::disagree(head, revision, challenged, waiting));
        let Some(event) = event else { return Ok(Ok(Answer::Disagreed(false))) };
        events.push(event);
        Ok(self.act(events, Actor::System, now)?.map(|_| Answer::Disagreed(true)))
    }

    /// Finds what a former challenger brought and nobody holds, among the first that wait.
    fn gives_way(&mut self, site_id: &SiteId, model_version: &str, now: Timestamp) -> Result<Option<Event>, Failure> {
        for key in self.edit.first_waiting(site_id, Queue::Disagreement, GIVE_WAY_MAX).map_err(Failure::State)? {
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let event = slot.head.as_ref().and_then(|head| disagreement::give_way(head, model_version, now));
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// Gives back what nobody holds any more.
    fn expire(&mut self, now: Timestamp) -> Result<Result<Answer, Error>, Failure> {
        for key in self.edit.expired(now, self.expire_left).map_err(Failure::State)? {
            self.expire_left = self.expire_left.saturating_sub(1);
            let slot = self.edit.slot(&key).map_err(Failure::State)?;
            let Some(head) = &slot.head else { continue };
            let item = head.review.item.as_ref();
            if item.is_none_or(|item| item.claim.is_none() || item.claim_at(now).is_some()) {
                continue;
            }
            let comment = &head.current.comment;
            let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
            let event = Event::ItemReleased { site_id, comment_id, skipped: false, request_id: None };
            if let Err(error) = self.act(vec![event], Actor::System, now)? {
                return Ok(Err(error));
            }
        }
        Ok(Ok(Answer::Expired))
    }

    /// Makes events happen; returns the head of the comment that the first is about, if it is about one.
    pub(super) fn act(
        &mut self,
        events: Vec<Event>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<Option<CommentHead>, Error>, Failure> {
        let first_seq = self.journal.next_seq();
        let action = Action { first_seq, at, actor, events };
        match self.journal.push(&action, self.salts.of(first_seq)) {
            Ok(hash) => Ok(Ok(self.edit.apply(&action, hash).map_err(Failure::State)?.cloned())),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Makes events of one comment happen; returns its head.
    pub(super) fn act_on(
        &mut self,
        events: Vec<Event>,
        actor: Actor,
        at: Timestamp,
    ) -> Result<Result<CommentHead, Error>, Failure> {
        Ok(self.act(events, actor, at)?.and_then(|head| head.ok_or(Error::Closed)))
    }
}

/// Makes a note of each verdict among events, which is of the verdict's request.
fn notes_beside(events: &[Event], text: &Words) -> Vec<Event> {
    let noted = events.iter().filter_map(|event| match event {
        Event::ItemSettled { site_id, comment_id, revision, request_id, .. } => Some(Event::NoteAdded {
            site_id: site_id.clone(),
            comment_id: comment_id.clone(),
            revision: *revision,
            text: text.clone(),
            request_id: request_id.clone(),
        }),
        _ => None,
    });
    noted.collect()
}
