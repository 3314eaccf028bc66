//! The rules of submitting, as two pure functions that every store engine calls: a command and the state it needs
//! give events or a refusal; state and events give state.

use super::appeal::{self, Appeal};
use super::audit::Secret;
use super::campaign::Near;
use super::disagreement;
use super::event::{Action, Actor, Event};
use super::report;
use super::review::{Escalated, Item, Place, Queue, Review, Settled, Verdict};
use super::{
    ArticleId, AuthorChecks, AuthorRecord, Comment, Decision, DecisionSource, Fingerprint, Outcome, Revision, Timestamp,
};

/// A comment's newest revision, and where the comment stands in lists: all that the next action needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentHead {
    /// The number of the event that brought the first revision: comments are listed in this order.
    pub first_seq: u64,
    /// The newest revision, whose decision is the one in force.
    pub current: Revision,
    /// What tells copies of its newest text.
    pub fingerprint: Fingerprint,
    /// The campaign that its newest text belongs to, alone or with others: the number of the event that brought the first text
    /// of it; 0 where the text isn't known.
    pub campaign: u64,
    /// Where it stands in review.
    pub review: Review,
}

impl CommentHead {
    /// Returns about how many bytes the comment takes in an answer as review sees it; see [`Revision::weight`].
    pub fn weight(&self) -> usize {
        let item = self.review.item.iter();
        let skipped = item.clone().flat_map(|item| &item.skipped_by).map(|id| id.as_str().len() + 4).sum::<usize>();
        let note = item.filter_map(|item| item.escalated.as_ref()).map(|escalated| escalated.note.as_str().len());
        let appeal = self.review.appeal.as_ref().map_or(0, |appeal| appeal.text.as_str().len());
        let before = self.review.verdict().map_or(0, |settled| settled.decision_before.weight());
        self.current.weight() + REVIEW_BYTES + skipped + note.sum::<usize>() + appeal + before
    }
}

/// What review adds to a comment in an answer besides words, in bytes: times, counts, up to five moderators, and the last
/// verdict's labels and reason.
const REVIEW_BYTES: usize = 1536;

/// Why a submission is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An edit names another article than the one that the comment hangs on.
    OtherArticle {
        /// The article that the comment hangs on.
        article_id: ArticleId,
    },
    /// The words of the comment were erased; what comes under its id would bring them back.
    Erased,
}

/// What an accepted submission does.
#[derive(Debug, Clone, PartialEq)]
pub enum Submission {
    /// The text is new: these events happen.
    New(Vec<Event>),
    /// The newest revision has the same text: its decision stands, and nothing happens.
    Repeated,
}

/// A comment that is to be taken in, and what is made of it so far.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The comment.
    pub comment: Comment,
    /// What tells copies of its text.
    pub fingerprint: Fingerprint,
    /// The decision on its text.
    pub decision: Decision,
    /// What the policy asks of the author's record besides.
    pub checks: AuthorChecks,
    /// Which share of published comments is drawn for audit, in [0, 1].
    pub audit_rate: f32,
    /// Which share of rejected ones is, in [0, 1].
    pub audit_rejected_rate: f32,
    /// The present time.
    pub now: Timestamp,
}

impl Submitted {
    /// Joins a comment with the decision on it; nothing is asked of the author's record, and no comment is drawn for audit.
    pub fn new(comment: Comment, decision: Decision, now: Timestamp) -> Self {
        let (fingerprint, checks) = (Fingerprint::default(), AuthorChecks::default());
        Self { comment, fingerprint, decision, checks, audit_rate: 0.0, audit_rejected_rate: 0.0, now }
    }
}

/// Decides what a submission does to the comment that `head` describes, of an author of whom `author` is known, with a text
/// that is near to those of the campaign `near`, if to any.
///
/// The newest text again changes nothing; any other text is the next revision. Where it is published or rejected, `secret` decides
/// whether it is drawn for audit.
///
/// # Errors
///
/// Refuses an edit that moves the comment to another article, and every edit of one that was erased.
pub fn submit(
    head: Option<&CommentHead>,
    author: Option<&AuthorRecord>,
    near: Option<&Near>,
    submitted: Submitted,
    secret: &Secret,
) -> Result<Submission, Refusal> {
    let Submitted { comment, fingerprint, mut decision, checks, audit_rate, audit_rejected_rate, now } = submitted;
    let revision = match head.map(|head| &head.current) {
        Some(current) if current.erased_at.is_some() => return Err(Refusal::Erased),
        Some(current) if current.comment.text == comment.text => return Ok(Submission::Repeated),
        Some(current) if current.comment.article_id != comment.article_id => {
            return Err(Refusal::OtherArticle { article_id: current.comment.article_id.clone() });
        }
        Some(current) => current.number + 1,
        None => 1,
    };
    checks.tighten(author, head.is_some(), fingerprint, now, &mut decision);
    if let Some(near) = near {
        near.tighten(now, &mut decision);
    }
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    let probability = match decision.outcome {
        Outcome::Publish => audit_rate,
        // What is held is looked at anyway.
        Outcome::Hold => 0.0,
        Outcome::Reject => audit_rejected_rate,
    };
    let drawn = secret.draws(&site_id, &comment_id, revision, probability).then(|| {
        let (site_id, comment_id) = (site_id.clone(), comment_id.clone());
        Event::CommentSampled { site_id, comment_id, revision, probability }
    });
    let joined = near.map(|near| {
        let (site_id, comment_id) = (site_id.clone(), comment_id.clone());
        Event::CampaignJoined { site_id, comment_id, revision, campaign: near.campaign }
    });
    let mut events = vec![
        Event::CommentSubmitted { comment, revision, fingerprint },
        Event::CommentDecided { site_id, comment_id, revision, decision },
    ];
    events.extend(drawn.into_iter().chain(joined));
    Ok(Submission::New(events))
}

/// Returns the comment's head after `action`; `None` where there is no such comment and the action doesn't begin with one.
///
/// What the action does to other comments is left out. One that is new is the one that the action begins with.
pub fn apply(head: Option<CommentHead>, action: &Action) -> Option<CommentHead> {
    let mut submitted = None;
    let mut head = head;
    let known =
        head.as_ref().map(|head| (head.current.comment.site_id.clone(), head.current.comment.comment_id.clone()));
    let of =
        known.as_ref().map_or_else(|| action.events[0].comment(), |(site_id, comment_id)| Some((site_id, comment_id)));
    of?;
    for (seq, event) in (action.first_seq..).zip(&action.events).filter(|(_, event)| event.comment() == of) {
        if let Event::CommentSubmitted { comment, revision, fingerprint } = event {
            submitted = Some((comment, *revision, *fingerprint, seq));
            continue;
        }
        if let (Event::CommentDecided { decision, .. }, Some((comment, number, fingerprint, text_seq))) =
            (event, submitted.take())
        {
            let (comment, made, received_at) = (comment.clone(), decision.clone(), action.at);
            let current = Revision { number, comment, decision: made, received_at, erased_at: None };
            let (first_seq, mut review) =
                head.map_or((action.first_seq, Review::default()), |head| (head.first_seq, head.review));
            review.begin_again(decision, seq, action.at);
            review.version = seq;
            // Where it is a near-copy, an event says so.
            let campaign = if fingerprint.near == 0 { 0 } else { text_seq };
            head = Some(CommentHead { first_seq, current, fingerprint, campaign, review });
        } else if let Some(head) = &mut head {
            apply_to(head, seq, event, action);
            if changes_what_is_ruled_on(event) {
                head.review.version = seq;
            }
        }
    }
    head
}

/// Returns whether a ruling after the event is about something else than one before it. Who holds an item, how many report
/// the comment and what is noted beside it may be good to know, but verdicts would never come to an end if each such event
/// made them stale.
fn changes_what_is_ruled_on(event: &Event) -> bool {
    match event {
        Event::CommentSubmitted { .. }
        | Event::CommentDecided { .. }
        | Event::ItemSettled { .. }
        | Event::VerdictUndone { .. }
        | Event::DecisionAppealed { .. }
        | Event::CommentErased { .. } => true,
        Event::ItemClaimed { .. }
        | Event::ItemReleased { .. }
        | Event::PolicySet { .. }
        | Event::CommentSampled { .. }
        | Event::ModelsDisagreed { .. }
        | Event::DisagreementLapsed { .. }
        | Event::CommentReported { .. }
        | Event::ItemEscalated { .. }
        | Event::EscalationUndone { .. }
        | Event::NoteAdded { .. }
        | Event::TokenCreated { .. }
        | Event::TokenRevoked { .. }
        | Event::ModelUploaded { .. }
        | Event::ModelPromoted { .. }
        | Event::ShadowSet { .. }
        | Event::ModelRemoved { .. }
        | Event::LabelKept { .. }
        | Event::LabelsErased { .. }
        | Event::CampaignJoined { .. }
        | Event::CampaignRuleSet { .. }
        | Event::QueueSet { .. }
        | Event::QueueDeleted { .. } => false,
    }
}

/// Changes the head of a comment that is there, and whose text stays.
fn apply_to(head: &mut CommentHead, seq: u64, event: &Event, action: &Action) {
    let review = &mut head.review;
    match event {
        Event::CommentSubmitted { .. }
        | Event::PolicySet { .. }
        | Event::TokenCreated { .. }
        | Event::TokenRevoked { .. }
        | Event::ModelUploaded { .. }
        | Event::ModelPromoted { .. }
        | Event::ShadowSet { .. }
        | Event::ModelRemoved { .. }
        | Event::LabelKept { .. }
        | Event::LabelsErased { .. }
        | Event::CampaignRuleSet { .. }
        | Event::QueueSet { .. }
        | Event::QueueDeleted { .. } => {}
        // What becomes of the item, the event before it says: a verdict, or the undoing of one.
        Event::CommentDecided { decision, .. } => head.current.decision = decision.clone(),
        Event::ItemClaimed { claim, request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let Some(item) = &mut review.item {
                item.claim = Some(claim.clone());
            }
        }
        Event::ItemReleased { skipped, request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let Some(item) = &mut review.item
                && let Some(claim) = item.claim.take()
                && *skipped
                && !item.skipped_by.contains(&claim.moderator_id)
            {
                item.skipped_by.push(claim.moderator_id);
            }
        }
        Event::ItemSettled { verdict, request_id, .. } => {
            review.last_request.clone_from(request_id);
            settle(head, verdict, action);
        }
        Event::CampaignJoined { campaign, .. } => head.campaign = *campaign,
        Event::CommentErased { .. } => head.erase(action.at),
        Event::VerdictUndone { request_id, .. } => {
            review.last_request.clone_from(request_id);
            undo(head);
        }
        Event::CommentSampled { probability, .. } => {
            review.sampled = Some(*probability);
            review.wait_in(Queue::Audit, seq, action.at);
        }
        Event::ModelsDisagreed { challenged, .. } => {
            review.challenged = Some(challenged.clone());
            review.wait_in(Queue::Disagreement, seq, action.at);
        }
        Event::DisagreementLapsed { .. } => disagreement::lapse(review, seq, action.at),
        Event::CommentReported { weight, standing, .. } => {
            review.reports.add(*standing, *weight);
            if review.reports.weight >= report::OPENS_AT {
                let risk = review.reports.risk();
                let item = review.wait_in(Queue::Reported, seq, action.at);
                item.risk = item.risk.max(risk);
            }
        }
        Event::DecisionAppealed { text, request_id, .. } => {
            review.last_request.clone_from(request_id);
            let settled = review.verdict().filter(|_| head.current.decision.source == DecisionSource::Moderator);
            review.appeal = Some(Appeal {
                text: text.clone(),
                appealed_at: action.at,
                against: settled.map(|settled| settled.moderator_id.clone()),
                standing: appeal::Standing::Waiting,
            });
            review.wait_in(Queue::Appeals, seq, action.at);
        }
        Event::ItemEscalated { note, request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let (Some(_), Actor::Moderator(moderator_id)) = (&review.item, &action.actor) {
                let from = review.item.as_ref().map(Item::place);
                let item = review.wait_in(Queue::Escalated, seq, action.at);
                let from = from.unwrap_or_else(|| item.place());
                let (moderator_id, escalated_at) = (moderator_id.clone(), action.at);
                item.escalated = Some(Escalated { moderator_id, escalated_at, note: note.clone(), from });
                item.claim = None;
                review.last_escalation = Some(seq);
            }
        }
        Event::EscalationUndone { request_id, .. } => {
            review.last_request.clone_from(request_id);
            if let Some(item) = &mut review.item
                && let Some(Escalated { from, .. }) = item.escalated.take()
            {
                Place { queue: item.queue, opened_seq: item.opened_seq, opened_at: item.opened_at } = from;
                item.claim = None;
                // What readers have reported meanwhile is as urgent as it would have been.
                if review.reports.weight >= report::OPENS_AT {
                    review.wait_in(Queue::Reported, seq, action.at);
                }
            }
        }
        Event::NoteAdded { request_id, .. } => {
            review.last_request.clone_from(request_id);
            review.notes = review.notes.saturating_add(1);
        }
    }
}

/// Takes the item out, and keeps what taking the verdict back needs.
fn settle(head: &mut CommentHead, verdict: &Verdict, action: &Action) {
    let review = &mut head.review;
    let (Some(item), Actor::Moderator(moderator_id)) = (review.item.take(), &action.actor) else { return };
    let before = review.verdict().map(|before| Box::new(Settled { before: None, ..before.clone() }));
    review.settled = Some(Settled {
        seq: action.first_seq,
        moderator_id: moderator_id.clone(),
        settled_at: action.at,
        verdict: verdict.clone(),
        decision_before: head.current.decision.clone(),
        item_before: Item { claim: None, ..item },
        reports_before: review.reports,
        appeal_before: review.appeal.as_ref().map(|appeal| appeal.standing),
        undone: false,
        taken_back: false,
        before,
    });
    review.reports.settle(verdict.approved);
    if let Some(appeal) = &mut review.appeal
        && appeal.standing == appeal::Standing::Waiting
    {
        appeal.standing = if verdict.approved { appeal::Standing::Overturned } else { appeal::Standing::Upheld };
    }
}

/// Puts everything back to where it stood before the verdict that holds. What readers have reported since stays reported.
fn undo(head: &mut CommentHead) {
    let review = &mut head.review;
    // Once the last verdict is taken back, the one before it is the last.
    if let Some(last) = review.settled.as_mut().filter(|last| last.undone)
        && let Some(before) = last.before.take()
    {
        review.settled = Some(*before);
    }
    let Some(settled) = &mut review.settled else { return };
    (settled.undone, settled.taken_back) = (true, true);
    head.current.decision = settled.decision_before.clone();
    let before = settled.item_before.clone();
    review.reports.reopen(settled.reports_before);
    // An appeal that came after the verdict has nothing left to ask for.
    review.appeal =
        review.appeal.take().zip(settled.appeal_before).map(|(appeal, standing)| Appeal { standing, ..appeal });
    let now = review.item.take().filter(|item| item.queue != Queue::Appeals);
    review.item = Some(match now {
        Some(now) => now.joined_with(before),
        None => before,
    });
}
