//! The rules of review, as pure functions that every store engine calls: a command and a comment's head give events or
//! a refusal. What the events do to the head stands in [`super::submit::apply`].
//!
//! A review item is a comment that waits for a person. It has no number of its own: its id is the comment's. Start
//! reading at [`Item`], then at [`rule_on`].

use super::appeal::{self, Appeal};
use super::disagreement::Challenged;
use super::event::Event;
use super::report::Reports;
use super::submit::CommentHead;
use super::{
    CommentId, Decision, DecisionSource, ModeratorId, Outcome, Reason, ReasonCode, RequestId, SiteId, Timestamp, Words,
};

/// An ordered list of review items. A comment waits in one queue at a time: in the highest of those that want it, in the
/// order from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Published and rejected comments that were drawn by lot, so that somebody knows what these are; see [`super::audit`].
    Audit,
    /// Published and rejected comments on which the challenger in the shadow would have decided otherwise; see
    /// [`super::disagreement`].
    Disagreement,
    /// Comments that were held before readers saw them.
    Held,
    /// Comments that readers reported; see [`super::report`].
    Reported,
    /// Rejected comments whose authors ask for a second look; see [`super::appeal`].
    Appeals,
    /// Comments that a moderator passed on.
    Escalated,
}

impl Queue {
    /// Every queue, the highest first.
    pub const ALL: [Self; 6] =
        [Self::Escalated, Self::Appeals, Self::Reported, Self::Held, Self::Disagreement, Self::Audit];

    /// Returns the name on the wire and in output for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Disagreement => "disagreement",
            Self::Held => "held",
            Self::Reported => "reported",
            Self::Appeals => "appeals",
            Self::Escalated => "escalated",
        }
    }

    /// Finds the queue of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.name() == name)
    }

    /// Returns whether what waits here still does when its text was replaced and the new one is decided on: what was held
    /// or reported isn't settled by an edit that the model lets pass, but what nobody may read need not be looked at.
    const fn outlives_an_edit(self, outcome: Outcome) -> bool {
        match (self, outcome) {
            (_, Outcome::Reject)
            | (Self::Audit | Self::Disagreement | Self::Appeals, _)
            | (Self::Held, Outcome::Publish) => false,
            (Self::Held, Outcome::Hold) | (Self::Reported | Self::Escalated, _) => true,
        }
    }
}

/// The order in which a queue is worked off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The most likely harm first.
    #[default]
    Risk,
    /// Who has waited longest first.
    Oldest,
    /// The latest first.
    Newest,
}

/// A moderator's hold on an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who holds it.
    pub moderator_id: ModeratorId,
    /// From when on the item is anybody's again.
    pub expires_at: Timestamp,
}

/// A comment that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The queue that it waits in.
    pub queue: Queue,
    /// The number of the event since which it has waited.
    pub opened_seq: u64,
    /// When that was.
    pub opened_at: Timestamp,
    /// How likely it is harmful, in [0, 1]: what the decision says ([`risk`]) or what readers' reports do
    /// ([`Reports::risk`]), whichever is more; 0 in `audit`, `disagreement` and `appeals`, which are worked off as they come.
    pub risk: f32,
    /// Who holds it, if anyone; a claim that has expired counts for nothing.
    pub claim: Option<Claim>,
    /// Who would rather not rule on it, in the order of skipping.
    pub skipped_by: Vec<ModeratorId>,
    /// Who passed it on, where somebody did.
    pub escalated: Option<Escalated>,
}

/// Why a moderator passed an item on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalated {
    /// Who.
    pub moderator_id: ModeratorId,
    /// When.
    pub escalated_at: Timestamp,
    /// Why.
    pub note: Words,
    /// Where it waited before, to which taking this back returns it.
    pub from: Place,
}

/// Where an item waits, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The queue.
    pub queue: Queue,
    /// The number of the event since which it has waited there.
    pub opened_seq: u64,
    /// When that was.
    pub opened_at: Timestamp,
}

/// What a moderator wrote beside a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who.
    pub moderator_id: ModeratorId,
    /// When.
    pub noted_at: Timestamp,
    /// What.
    pub text: Words,
}

impl Item {
    /// Returns the one item of a comment that came to wait again, for something else than before, and then for that too: it
    /// waits in the higher queue, and whoever holds it goes on holding it.
    pub(super) fn joined_with(self, before: Self) -> Self {
        let (risk, claim) = (self.risk.max(before.risk), self.claim.clone());
        Self { risk, claim, ..if self.queue < before.queue { before } else { self } }
    }

    /// Returns where it waits.
    pub(super) const fn place(&self) -> Place {
        Place { queue: self.queue, opened_seq: self.opened_seq, opened_at: self.opened_at }
    }

    /// Returns the claim that holds at `now`.
    pub fn claim_at(&self, now: Timestamp) -> Option<&Claim> {
        self.claim.as_ref().filter(|claim| claim.expires_at > now)
    }
}

/// What a moderator ruled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether readers may see the comment.
    pub approved: bool,
    /// The attributes that the moderator confirmed (true) or denied.
    pub labels: Vec<(super::Attribute, bool)>,
    /// Why, as the newsroom names it, such as `off_topic`; may be empty.
    pub reason: String,
}

/// The last verdict on a comment.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The number of the first event of the action that brought it: that of all comments which were ruled on together.
    pub seq: u64,
    /// Who ruled.
    pub moderator_id: ModeratorId,
    /// When.
    pub settled_at: Timestamp,
    /// What they ruled.
    pub verdict: Verdict,
    /// What was in force before.
    pub decision_before: Decision,
    /// The item as it waited.
    pub item_before: Item,
    /// What reports added up to before.
    pub reports_before: Reports,
    /// Where the appeal stood before, if there was one.
    pub appeal_before: Option<appeal::Standing>,
    /// Whether it holds no more: it was taken back, or the comment was edited.
    pub undone: bool,
    /// Whether it was taken back.
    pub taken_back: bool,
    /// The verdict that was in force on the same text, which holds again where this one is taken back. It has none before it here,
    /// so that a head doesn't grow with each ruling.
    pub before: Option<Box<Self>>,
}

/// Where a comment stands in review.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Review {
    /// The number of the last event that changes what a ruling is about: a text, a decision, a verdict or an appeal, but no
    /// claim, report or note. Whoever rules on an item says which version they saw.
    pub version: u64,
    /// What waits, if anything does.
    pub item: Option<Item>,
    /// The last verdict.
    pub settled: Option<Settled>,
    /// The last request that changed the item, so that its repetition changes nothing.
    pub last_request: Option<RequestId>,
    /// What readers' reports add up to.
    pub reports: Reports,
    /// The last appeal of a rejection of the newest text.
    pub appeal: Option<Appeal>,
    /// With which probability the newest text was drawn for audit; `None` where it wasn't.
    pub sampled: Option<f32>,
    /// What the challenger in the shadow would have done with the newest text; `None` where nobody needs to know.
    pub challenged: Option<Challenged>,
    /// How many notes there are.
    pub notes: u32,
    /// The number of the event by which the newest text was last passed on, whether that was taken back or not.
    pub last_escalation: Option<u64>,
}

impl Review {
    /// Returns the verdict that holds: the last one, or the one before it where the last one was taken back.
    pub fn verdict(&self) -> Option<&Settled> {
        let last = self.settled.as_ref()?;
        if last.undone { last.before.as_deref().filter(|before| !before.undone) } else { Some(last) }
    }

    /// Returns the last ruling that wasn't taken back, though the text may have been replaced since.
    pub fn last_ruling(&self) -> Option<&Settled> {
        let last = self.settled.as_ref()?;
        if last.taken_back { last.before.as_deref().filter(|before| !before.taken_back) } else { Some(last) }
    }

    /// Lists the actions that may be taken back here, or were: by the numbers of their first events.
    pub fn actions(&self) -> impl Iterator<Item = u64> + '_ {
        let before = self.settled.iter().filter_map(|last| last.before.as_ref()).map(|before| before.seq);
        self.settled.iter().map(|last| last.seq).chain(before).chain(self.last_escalation)
    }

    /// Has the comment wait in a queue. Where it waits in a lower one, it moves there, to whoever holds it; where it waits
    /// in a higher one, it stays.
    pub(super) fn wait_in(&mut self, queue: Queue, opened_seq: u64, opened_at: Timestamp) -> &mut Item {
        let item = self.item.get_or_insert_with(|| Item {
            queue,
            opened_seq,
            opened_at,
            risk: 0.0,
            claim: None,
            skipped_by: Vec::new(),
            escalated: None,
        });
        if item.queue < queue {
            (item.queue, item.opened_seq, item.opened_at) = (queue, opened_seq, opened_at);
        }
        item
    }

    /// Begins with a new text and the decision on it.
    pub(super) fn begin_again(&mut self, decision: &Decision, seq: u64, at: Timestamp) {
        // What was ruled on, asked for and appealed was another text.
        if let Some(settled) = &mut self.settled {
            settled.undone = true;
            if let Some(before) = &mut settled.before {
                before.undone = true;
            }
        }
        (self.last_request, self.appeal, self.sampled, self.last_escalation) = (None, None, None, None);
        self.challenged = None;
        self.item = self.item.take().filter(|item| item.queue.outlives_an_edit(decision.outcome));
        self.reports.begin_again(self.item.as_ref().is_some_and(|item| item.queue >= Queue::Reported));
        if decision.outcome == Outcome::Hold {
            // An edit of what waits keeps its place, and whoever holds it.
            self.wait_in(Queue::Held, seq, at);
        }
        if let Some(item) = &mut self.item {
            item.risk = risk(decision).max(self.reports.risk());
        }
    }
}

/// What a moderator wants to do to one item.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Hold it until then.
    Claim {
        /// When the claim ends.
        expires_at: Timestamp,
    },
    /// Go on holding it.
    Renew {
        /// When the claim ends now.
        expires_at: Timestamp,
    },
    /// Give it back.
    Release,
    /// Give it back, and don't be offered it again.
    Skip,
    /// Rule on it, as it was at this version.
    Settle {
        /// The version that the moderator saw.
        version: u64,
        /// What they ruled.
        verdict: Verdict,
        /// What they write beside the comment with it, if anything.
        note: Option<Words>,
    },
    /// Pass it on to those who look at `escalated`.
    Escalate {
        /// Why.
        note: Words,
    },
    /// Write something beside the comment, whether it waits or not.
    Note {
        /// What.
        text: Words,
    },
    /// Take back the verdict that this action brought, or the passing on.
    Undo {
        /// The number of the action's first event.
        settled_seq: u64,
    },
}

/// Who wants what, when.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Who.
    pub moderator_id: ModeratorId,
    /// The request's name; doing the last one again does nothing.
    pub request_id: Option<RequestId>,
    /// What.
    pub act: Act,
    /// The present time.
    pub now: Timestamp,
}

impl Command {
    /// Returns the request's name together with all that it asks for, so that only the very same request is taken for its
    /// repetition; `None` where it has no name. What a moderator writes isn't in it: names are no place for words.
    fn name(&self) -> Option<RequestId> {
        let asked = match &self.act {
            Act::Claim { .. } => "claim".to_owned(),
            Act::Renew { .. } => "renew".to_owned(),
            Act::Release => "release".to_owned(),
            Act::Skip => "skip".to_owned(),
            Act::Settle { version, verdict, .. } => {
                let Verdict { approved, labels, reason } = verdict;
                let labels: String = labels.iter().map(|(attribute, truth)| format!(" {attribute}={truth}")).collect();
                format!("settle {version} {approved} {reason}{labels}")
            }
            Act::Escalate { .. } => "escalate".to_owned(),
            Act::Note { .. } => "note".to_owned(),
            Act::Undo { settled_seq } => format!("undo {settled_seq}"),
        };
        let id = self.request_id.as_ref()?;
        Some(RequestId::new(format!("{id} {} {asked}", self.moderator_id)))
    }
}

/// Why a command on an item is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The comment does not wait for anyone: a verdict, or an edit, came first.
    NotWaiting {
        /// Who ruled on it last, if anyone did.
        settled_by: Option<ModeratorId>,
    },
    /// Somebody else holds it.
    ClaimedByAnother {
        /// Who.
        moderator_id: ModeratorId,
        /// For how long.
        expires_at: Timestamp,
    },
    /// The moderator does not hold it, or no longer.
    NotClaimed,
    /// The comment has changed since the version that the moderator saw.
    StaleVersion {
        /// The version that they saw.
        seen: u64,
        /// The version that it has.
        version: u64,
    },
    /// There is no such verdict, or something has come after it.
    NothingToUndo,
    /// The appeal is of the moderator's own verdict: somebody else must look.
    AppealOfOwnVerdict,
    /// Somebody has passed the item on already.
    AlreadyEscalated,
    /// Only a rejected comment can be appealed.
    NotRejected,
    /// The rejection has been appealed already.
    AlreadyAppealed,
    /// Somebody else wrote the comment.
    NotTheAuthor,
    /// The words of the comment were erased: there is nothing to rule on.
    Erased,
}

/// What an accepted command does.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcomes {
    /// These events happen, to this one comment.
    Events(Vec<Event>),
    /// The request has been done before; nothing happens.
    Repeated,
}

/// Decides what a moderator's command does to the item of the comment that `head` describes.
///
/// # Errors
///
/// Refuses what would take an item from somebody, rule on something that the moderator hasn't seen, or undo what is no
/// longer the last word.
pub fn rule_on(head: &CommentHead, command: &Command) -> Result<Outcomes, Refusal> {
    let review = &head.review;
    if head.current.erased_at.is_some() {
        return Err(Refusal::Erased);
    }
    // A name that was used for another call says nothing about this one.
    let command = &Command { request_id: command.name(), ..command.clone() };
    if command.request_id.is_some() && command.request_id == review.last_request {
        return Ok(Outcomes::Repeated);
    }
    let comment = &head.current.comment;
    let place = || (comment.site_id.clone(), comment.comment_id.clone());
    if let Act::Undo { settled_seq } = command.act {
        if review.last_escalation == Some(settled_seq) {
            return recalled(place(), review, settled_seq, command);
        }
        let settled = review.verdict().filter(|settled| settled.seq == settled_seq);
        let settled = settled.ok_or(Refusal::NothingToUndo)?;
        // Whoever may not rule on an appeal may not take the ruling on it back either.
        if settled.appeal_before == Some(appeal::Standing::Waiting)
            && review.appeal.as_ref().is_some_and(|appeal| appeal.is_against(&command.moderator_id))
        {
            return Err(Refusal::AppealOfOwnVerdict);
        }
        return Ok(Outcomes::Events(undone(place(), settled, head.current.number, command)));
    }
    if let Act::Note { text } = &command.act {
        let (site_id, comment_id) = place();
        let (text, request_id) = (text.clone(), command.request_id.clone());
        let revision = head.current.number;
        return Ok(Outcomes::Events(vec![Event::NoteAdded { site_id, comment_id, revision, text, request_id }]));
    }
    let settled_by = || review.settled.as_ref().map(|settled| settled.moderator_id.clone());
    let item = review.item.as_ref().ok_or_else(|| Refusal::NotWaiting { settled_by: settled_by() })?;
    let claim = item.claim_at(command.now);
    let is_own = claim.is_some_and(|claim| claim.moderator_id == command.moderator_id);
    if let Some(claim) = claim.filter(|_| !is_own) {
        let Claim { moderator_id, expires_at } = claim.clone();
        return Err(Refusal::ClaimedByAnother { moderator_id, expires_at });
    }
    let is_barred = review.appeal.as_ref().is_some_and(|appeal| appeal.bars(&command.moderator_id));
    let released = |skipped| {
        let (site_id, comment_id) = place();
        Event::ItemReleased { site_id, comment_id, skipped, request_id: command.request_id.clone() }
    };
    Ok(Outcomes::Events(match &command.act {
        Act::Renew { .. } | Act::Release | Act::Skip if !is_own => return Err(Refusal::NotClaimed),
        Act::Claim { .. } | Act::Settle { .. } if is_barred => return Err(Refusal::AppealOfOwnVerdict),
        Act::Claim { expires_at } | Act::Renew { expires_at } => {
            let (site_id, comment_id) = place();
            let claim = Claim { moderator_id: command.moderator_id.clone(), expires_at: *expires_at };
            vec![Event::ItemClaimed { site_id, comment_id, claim, request_id: command.request_id.clone() }]
        }
        Act::Release => vec![released(false)],
        Act::Skip => vec![released(true)],
        Act::Settle { version, .. } if *version != review.version => {
            return Err(Refusal::StaleVersion { seen: *version, version: review.version });
        }
        Act::Settle { verdict, note, .. } => settled(place(), head, (verdict, note.as_ref()), command),
        Act::Escalate { .. } if item.escalated.is_some() => return Err(Refusal::AlreadyEscalated),
        Act::Escalate { note } => {
            let (site_id, comment_id) = place();
            let (note, request_id) = (note.clone(), command.request_id.clone());
            vec![Event::ItemEscalated { site_id, comment_id, revision: head.current.number, note, request_id }]
        }
        Act::Note { .. } | Act::Undo { .. } => return Err(Refusal::NothingToUndo),
    }))
}

fn settled(
    (site_id, comment_id): (SiteId, CommentId),
    head: &CommentHead,
    (verdict, note): (&Verdict, Option<&Words>),
    command: &Command,
) -> Vec<Event> {
    let before = &head.current.decision;
    let decision = Decision {
        outcome: if verdict.approved { Outcome::Publish } else { Outcome::Reject },
        source: DecisionSource::Moderator,
        reasons: vec![Reason::plain(ReasonCode::ModeratorVerdict)],
        decided_at: command.now,
        ..before.clone()
    };
    let revision = head.current.number;
    let noted = note.map(|text| {
        let (site_id, comment_id, text) = (site_id.clone(), comment_id.clone(), text.clone());
        // It is of the same request, which stays the last one.
        Event::NoteAdded { site_id, comment_id, revision, text, request_id: command.request_id.clone() }
    });
    let mut events = vec![
        Event::ItemSettled {
            site_id: site_id.clone(),
            comment_id: comment_id.clone(),
            revision,
            verdict: verdict.clone(),
            request_id: command.request_id.clone(),
        },
        Event::CommentDecided { site_id, comment_id, revision, decision },
    ];
    events.extend(noted);
    events
}

/// Takes a passing on back, where nothing has come after it: no verdict, text or appeal, and nobody else holds the item.
fn recalled(
    (site_id, comment_id): (SiteId, CommentId),
    review: &Review,
    escalated_seq: u64,
    command: &Command,
) -> Result<Outcomes, Refusal> {
    let item = review.item.as_ref().filter(|item| item.escalated.is_some() && review.version < escalated_seq);
    let item = item.ok_or(Refusal::NothingToUndo)?;
    if let Some(claim) = item.claim_at(command.now).filter(|claim| claim.moderator_id != command.moderator_id) {
        let Claim { moderator_id, expires_at } = claim.clone();
        return Err(Refusal::ClaimedByAnother { moderator_id, expires_at });
    }
    let request_id = command.request_id.clone();
    Ok(Outcomes::Events(vec![Event::EscalationUndone { site_id, comment_id, escalated_seq, request_id }]))
}

fn undone(
    (site_id, comment_id): (SiteId, CommentId),
    settled: &Settled,
    revision: u32,
    command: &Command,
) -> Vec<Event> {
    let request_id = command.request_id.clone();
    let decision = settled.decision_before.clone();
    let undone = Event::VerdictUndone {
        site_id: site_id.clone(),
        comment_id: comment_id.clone(),
        settled_seq: settled.seq,
        request_id,
    };
    // Whoever follows decisions need not know of undoing.
    vec![undone, Event::CommentDecided { site_id, comment_id, revision, decision }]
}

/// Returns how likely a decision's comment is harmful, for the order of a queue: how far the strongest of its reasons is
/// on the way from its threshold to certainty, in [0, 1]; 0 where no score spoke.
pub fn risk(decision: &Decision) -> f32 {
    let far = |reason: &Reason| {
        let (score, threshold) = (reason.score?.get(), reason.threshold?.get());
        (threshold < 1.0).then(|| ((score - threshold) / (1.0 - threshold)).clamp(0.0, 1.0))
    };
    decision.reasons.iter().filter_map(far).fold(0.0, f32::max)
}
