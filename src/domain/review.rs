//! The rules of review, as pure functions that every store engine calls: a command and a comment's head give events or
//! a refusal. What the events do to the head stands in [`super::submit::apply`].
//!
//! A review item is a comment that waits for a person. It has no number of its own: its id is the comment's. Start
//! reading at [`Item`], then at [`rule_on`].

use super::event::Event;
use super::submit::CommentHead;
use super::{
    CommentId, Decision, DecisionSource, ModeratorId, Outcome, Reason, ReasonCode, RequestId, SiteId, Timestamp,
};

/// An ordered list of review items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Comments that were held before readers saw them.
    Held,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 1] = [Self::Held];

    /// Returns the name on the wire and in output for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
        }
    }

    /// Finds the queue of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.name() == name)
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
    /// How likely it is harmful, in [0, 1]; see [`risk`].
    pub risk: f32,
    /// Who holds it, if anyone; a claim that has expired counts for nothing.
    pub claim: Option<Claim>,
    /// Who would rather not rule on it, in the order of skipping.
    pub skipped_by: Vec<ModeratorId>,
}

impl Item {
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
    /// What was in force before.
    pub decision_before: Decision,
    /// The item as it waited.
    pub item_before: Item,
    /// Whether it holds no more: it was taken back, or the comment was edited.
    pub undone: bool,
}

/// Where a comment stands in review.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Review {
    /// The number of the last event about the comment but for claims: whoever rules on an item says which version they saw.
    pub version: u64,
    /// What waits, if anything does.
    pub item: Option<Item>,
    /// The last verdict.
    pub settled: Option<Settled>,
    /// The last request that changed the item, so that its repetition changes nothing.
    pub last_request: Option<RequestId>,
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
    },
    /// Take back the verdict that this action brought.
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
    /// repetition; `None` where it has no name.
    fn name(&self) -> Option<RequestId> {
        let asked = match &self.act {
            Act::Claim { .. } => "claim".to_owned(),
            Act::Renew { .. } => "renew".to_owned(),
            Act::Release => "release".to_owned(),
            Act::Skip => "skip".to_owned(),
            Act::Settle { version, verdict } => {
                let Verdict { approved, labels, reason } = verdict;
                let labels: String = labels.iter().map(|(attribute, truth)| format!(" {attribute}={truth}")).collect();
                format!("settle {version} {approved} {reason}{labels}")
            }
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
        let settled = review.settled.as_ref().filter(|settled| settled.seq == settled_seq && !settled.undone);
        let settled = settled.ok_or(Refusal::NothingToUndo)?;
        return Ok(Outcomes::Events(undone(place(), settled, head.current.number, command)));
    }
    let settled_by = || review.settled.as_ref().map(|settled| settled.moderator_id.clone());
    let item = review.item.as_ref().ok_or_else(|| Refusal::NotWaiting { settled_by: settled_by() })?;
    let claim = item.claim_at(command.now);
    let is_own = claim.is_some_and(|claim| claim.moderator_id == command.moderator_id);
    if let Some(claim) = claim.filter(|_| !is_own) {
        let Claim { moderator_id, expires_at } = claim.clone();
        return Err(Refusal::ClaimedByAnother { moderator_id, expires_at });
    }
    let released = |skipped| {
        let (site_id, comment_id) = place();
        Event::ItemReleased { site_id, comment_id, skipped, request_id: command.request_id.clone() }
    };
    Ok(Outcomes::Events(match &command.act {
        Act::Renew { .. } | Act::Release | Act::Skip if !is_own => return Err(Refusal::NotClaimed),
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
        Act::Settle { verdict, .. } => settled(place(), head, verdict, command),
        Act::Undo { .. } => return Err(Refusal::NothingToUndo),
    }))
}

fn settled(
    (site_id, comment_id): (SiteId, CommentId),
    head: &CommentHead,
    verdict: &Verdict,
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
    vec![
        Event::ItemSettled {
            site_id: site_id.clone(),
            comment_id: comment_id.clone(),
            revision,
            verdict: verdict.clone(),
            request_id: command.request_id.clone(),
        },
        Event::CommentDecided { site_id, comment_id, revision, decision },
    ]
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
