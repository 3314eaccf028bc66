//! Review as bytes: its events in the journal, and where a comment stands in the state.

use super::disagreement::ChallengedV1;
use super::report::ReportsV3;
use super::{DecisionV2, Malformed};
use crate::domain::{
    Attribute, CommentId, Event, ModeratorId, RequestId, SiteId, Timestamp, Words,
    appeal::{self, Appeal},
    disagreement::Challenged,
    review::{Claim, Escalated, Item, Place as Stood, Queue, Review, Settled, Verdict},
};
use serde::{Deserialize, Serialize};

/// Which comment an event is about, and who asked for it.
#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "they are ids, all of them")]
pub(super) struct PlaceV1<'a> {
    site_id: &'a str,
    comment_id: &'a str,
    request_id: Option<&'a str>,
}

impl<'a> PlaceV1<'a> {
    pub(super) fn new((site_id, comment_id): (&'a SiteId, &'a CommentId), request_id: Option<&'a RequestId>) -> Self {
        let request_id = request_id.map(RequestId::as_str);
        Self { site_id: site_id.as_str(), comment_id: comment_id.as_str(), request_id }
    }

    pub(super) fn take(&self) -> (SiteId, CommentId, Option<RequestId>) {
        (SiteId::new(self.site_id), CommentId::new(self.comment_id), self.request_id.map(RequestId::new))
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct ClaimedV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    #[serde(borrow)]
    claim: ClaimV1<'a>,
}

#[derive(Serialize, Deserialize)]
struct ClaimV1<'a> {
    moderator_id: &'a str,
    expires_at: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReleasedV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    skipped: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SettledV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    revision: u32,
    #[serde(borrow)]
    verdict: VerdictV1<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct UndoneV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    settled_seq: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReviewV1<'a> {
    version: u64,
    #[serde(borrow)]
    item: Option<ItemV1<'a>>,
    #[serde(borrow)]
    settled: Option<LastV1<'a>>,
    last_request: Option<&'a str>,
    reports: ReportsV3,
    #[serde(borrow)]
    appeal: Option<AppealV3<'a>>,
    sampled: Option<f32>,
    #[serde(borrow)]
    challenged: Option<ChallengedV1<'a>>,
    notes: u32,
    last_escalation: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct AppealV3<'a> {
    text: &'a str,
    appealed_at: i64,
    against: Option<&'a str>,
    standing: u8,
}

#[derive(Serialize, Deserialize)]
struct EscalatedV3<'a> {
    moderator_id: &'a str,
    escalated_at: i64,
    note: &'a str,
    from: (u8, u64, i64),
}

#[derive(Serialize, Deserialize)]
struct VerdictV1<'a> {
    approved: bool,
    labels: Vec<(u8, bool)>,
    reason: &'a str,
}

#[derive(Serialize, Deserialize)]
struct ItemV1<'a> {
    queue: u8,
    opened_seq: u64,
    opened_at: i64,
    risk: f32,
    #[serde(borrow)]
    claim: Option<ClaimV1<'a>>,
    #[serde(borrow)]
    skipped_by: Vec<&'a str>,
    #[serde(borrow)]
    escalated: Option<EscalatedV3<'a>>,
}

#[derive(Serialize, Deserialize)]
struct LastV1<'a> {
    seq: u64,
    moderator_id: &'a str,
    settled_at: i64,
    #[serde(borrow)]
    verdict: VerdictV1<'a>,
    #[serde(borrow)]
    decision_before: DecisionV2<'a>,
    #[serde(borrow)]
    item_before: ItemV1<'a>,
    reports_before: ReportsV3,
    appeal_before: Option<u8>,
    undone: bool,
    taken_back: bool,
    #[serde(borrow)]
    before: Option<Box<LastV1<'a>>>,
}

type Place<'a> = (&'a SiteId, &'a CommentId);

impl<'a> ClaimedV1<'a> {
    pub(super) fn new(place: Place<'a>, claim: &'a Claim, request_id: Option<&'a RequestId>) -> Self {
        Self { place: PlaceV1::new(place, request_id), claim: claim.into() }
    }
}

impl From<ClaimedV1<'_>> for Event {
    fn from(claimed: ClaimedV1<'_>) -> Self {
        let (site_id, comment_id, request_id) = claimed.place.take();
        Self::ItemClaimed { site_id, comment_id, claim: claimed.claim.into(), request_id }
    }
}

impl<'a> ReleasedV1<'a> {
    pub(super) fn new(place: Place<'a>, skipped: bool, request_id: Option<&'a RequestId>) -> Self {
        Self { place: PlaceV1::new(place, request_id), skipped }
    }
}

impl From<ReleasedV1<'_>> for Event {
    fn from(released: ReleasedV1<'_>) -> Self {
        let (site_id, comment_id, request_id) = released.place.take();
        Self::ItemReleased { site_id, comment_id, skipped: released.skipped, request_id }
    }
}

impl<'a> SettledV1<'a> {
    pub(super) fn new(
        place: Place<'a>,
        revision: u32,
        verdict: &'a Verdict,
        request_id: Option<&'a RequestId>,
    ) -> Self {
        Self { place: PlaceV1::new(place, request_id), revision, verdict: verdict.into() }
    }
}

impl TryFrom<SettledV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(settled: SettledV1<'_>) -> Result<Self, Malformed> {
        let (site_id, comment_id, request_id) = settled.place.take();
        let (revision, verdict) = (settled.revision, settled.verdict.try_into()?);
        Ok(Self::ItemSettled { site_id, comment_id, revision, verdict, request_id })
    }
}

impl<'a> From<&'a Verdict> for VerdictV1<'a> {
    fn from(verdict: &'a Verdict) -> Self {
        let number = |attribute: Attribute| {
            u8::try_from(attribute.index()).expect("there are fewer attributes than a byte counts")
        };
        Self {
            approved: verdict.approved,
            labels: verdict.labels.iter().map(|&(attribute, truth)| (number(attribute), truth)).collect(),
            reason: &verdict.reason,
        }
    }
}

impl TryFrom<VerdictV1<'_>> for Verdict {
    type Error = Malformed;

    fn try_from(verdict: VerdictV1<'_>) -> Result<Self, Malformed> {
        let label = |(number, truth): (u8, bool)| {
            Attribute::ALL.get(usize::from(number)).map(|attribute| (*attribute, truth)).ok_or(Malformed)
        };
        Ok(Self {
            approved: verdict.approved,
            labels: verdict.labels.into_iter().map(label).collect::<Result<_, _>>()?,
            reason: verdict.reason.to_owned(),
        })
    }
}

impl<'a> UndoneV1<'a> {
    pub(super) fn new(place: Place<'a>, settled_seq: u64, request_id: Option<&'a RequestId>) -> Self {
        Self { place: PlaceV1::new(place, request_id), settled_seq }
    }
}

impl UndoneV1<'_> {
    /// Returns the event of one by which an item was passed on; the number is of that one then.
    pub(super) fn escalation(&self) -> Event {
        let (site_id, comment_id, request_id) = self.place.take();
        Event::EscalationUndone { site_id, comment_id, escalated_seq: self.settled_seq, request_id }
    }
}

impl From<UndoneV1<'_>> for Event {
    fn from(undone: UndoneV1<'_>) -> Self {
        let (site_id, comment_id, request_id) = undone.place.take();
        Self::VerdictUndone { site_id, comment_id, settled_seq: undone.settled_seq, request_id }
    }
}

impl<'a> From<&'a Claim> for ClaimV1<'a> {
    fn from(claim: &'a Claim) -> Self {
        Self { moderator_id: claim.moderator_id.as_str(), expires_at: claim.expires_at.as_micros() }
    }
}

impl From<ClaimV1<'_>> for Claim {
    fn from(claim: ClaimV1<'_>) -> Self {
        let expires_at = Timestamp::from_micros(claim.expires_at);
        Self { moderator_id: ModeratorId::new(claim.moderator_id), expires_at }
    }
}

/// Returns the number that stands for a queue.
pub(super) const fn queue_number(queue: Queue) -> u8 {
    match queue {
        Queue::Held => 0,
        Queue::Reported => 1,
        Queue::Appeals => 2,
        Queue::Audit => 3,
        Queue::Escalated => 4,
        Queue::Disagreement => 5,
    }
}

/// Returns the queue that a number stands for.
pub(super) const fn queue_of(number: u8) -> Result<Queue, Malformed> {
    Ok(match number {
        0 => Queue::Held,
        1 => Queue::Reported,
        2 => Queue::Appeals,
        3 => Queue::Audit,
        4 => Queue::Escalated,
        5 => Queue::Disagreement,
        _ => return Err(Malformed),
    })
}

impl<'a> From<&'a Item> for ItemV1<'a> {
    fn from(item: &'a Item) -> Self {
        Self {
            queue: queue_number(item.queue),
            opened_seq: item.opened_seq,
            opened_at: item.opened_at.as_micros(),
            risk: item.risk,
            claim: item.claim.as_ref().map(ClaimV1::from),
            skipped_by: item.skipped_by.iter().map(ModeratorId::as_str).collect(),
            escalated: item.escalated.as_ref().map(EscalatedV3::from),
        }
    }
}

impl TryFrom<ItemV1<'_>> for Item {
    type Error = Malformed;

    fn try_from(item: ItemV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            queue: queue_of(item.queue)?,
            opened_seq: item.opened_seq,
            opened_at: Timestamp::from_micros(item.opened_at),
            risk: item.risk,
            claim: item.claim.map(Claim::from),
            skipped_by: item.skipped_by.into_iter().map(ModeratorId::new).collect(),
            escalated: item.escalated.map(Escalated::try_from).transpose()?,
        })
    }
}

impl<'a> From<&'a Review> for ReviewV1<'a> {
    fn from(review: &'a Review) -> Self {
        Self {
            version: review.version,
            item: review.item.as_ref().map(ItemV1::from),
            settled: review.settled.as_ref().map(LastV1::from),
            last_request: review.last_request.as_ref().map(RequestId::as_str),
            reports: review.reports.into(),
            appeal: review.appeal.as_ref().map(AppealV3::from),
            sampled: review.sampled,
            challenged: review.challenged.as_ref().map(ChallengedV1::from),
            notes: review.notes,
            last_escalation: review.last_escalation,
        }
    }
}

impl<'a> From<&'a Settled> for LastV1<'a> {
    fn from(settled: &'a Settled) -> Self {
        Self {
            seq: settled.seq,
            moderator_id: settled.moderator_id.as_str(),
            settled_at: settled.settled_at.as_micros(),
            verdict: (&settled.verdict).into(),
            decision_before: (&settled.decision_before).into(),
            item_before: (&settled.item_before).into(),
            reports_before: settled.reports_before.into(),
            appeal_before: settled.appeal_before.map(standing_number),
            undone: settled.undone,
            taken_back: settled.taken_back,
            before: settled.before.as_deref().map(|before| Box::new(before.into())),
        }
    }
}

impl TryFrom<LastV1<'_>> for Settled {
    type Error = Malformed;

    fn try_from(settled: LastV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            seq: settled.seq,
            moderator_id: ModeratorId::new(settled.moderator_id),
            settled_at: Timestamp::from_micros(settled.settled_at),
            verdict: settled.verdict.try_into()?,
            decision_before: settled.decision_before.try_into()?,
            item_before: settled.item_before.try_into()?,
            reports_before: settled.reports_before.into(),
            appeal_before: settled.appeal_before.map(standing_of).transpose()?,
            undone: settled.undone,
            taken_back: settled.taken_back,
            before: settled.before.map(|before| (*before).try_into().map(Box::new)).transpose()?,
        })
    }
}

impl TryFrom<ReviewV1<'_>> for Review {
    type Error = Malformed;

    fn try_from(review: ReviewV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            version: review.version,
            item: review.item.map(Item::try_from).transpose()?,
            settled: review.settled.map(Settled::try_from).transpose()?,
            last_request: review.last_request.map(RequestId::new),
            reports: review.reports.into(),
            appeal: review.appeal.map(Appeal::try_from).transpose()?,
            sampled: review.sampled,
            challenged: review.challenged.map(Challenged::try_from).transpose()?,
            notes: review.notes,
            last_escalation: review.last_escalation,
        })
    }
}

impl<'a> From<&'a Escalated> for EscalatedV3<'a> {
    fn from(escalated: &'a Escalated) -> Self {
        let (moderator_id, note) = (escalated.moderator_id.as_str(), escalated.note.as_str());
        let Stood { queue, opened_seq, opened_at } = escalated.from;
        let from = (queue_number(queue), opened_seq, opened_at.as_micros());
        Self { moderator_id, escalated_at: escalated.escalated_at.as_micros(), note, from }
    }
}

impl TryFrom<EscalatedV3<'_>> for Escalated {
    type Error = Malformed;

    fn try_from(escalated: EscalatedV3<'_>) -> Result<Self, Malformed> {
        let (moderator_id, note) = (ModeratorId::new(escalated.moderator_id), Words::new(escalated.note));
        let (queue, opened_seq, opened_at) = escalated.from;
        let from = Stood { queue: queue_of(queue)?, opened_seq, opened_at: Timestamp::from_micros(opened_at) };
        Ok(Self { moderator_id, escalated_at: Timestamp::from_micros(escalated.escalated_at), note, from })
    }
}

impl<'a> From<&'a Appeal> for AppealV3<'a> {
    fn from(appeal: &'a Appeal) -> Self {
        Self {
            text: appeal.text.as_str(),
            appealed_at: appeal.appealed_at.as_micros(),
            against: appeal.against.as_ref().map(ModeratorId::as_str),
            standing: standing_number(appeal.standing),
        }
    }
}

impl TryFrom<AppealV3<'_>> for Appeal {
    type Error = Malformed;

    fn try_from(appeal: AppealV3<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            text: Words::new(appeal.text),
            appealed_at: Timestamp::from_micros(appeal.appealed_at),
            against: appeal.against.map(ModeratorId::new),
            standing: standing_of(appeal.standing)?,
        })
    }
}

fn standing_number(standing: appeal::Standing) -> u8 {
    match standing {
        appeal::Standing::Waiting => 0,
        appeal::Standing::Upheld => 1,
        appeal::Standing::Overturned => 2,
    }
}

fn standing_of(number: u8) -> Result<appeal::Standing, Malformed> {
    match number {
        0 => Ok(appeal::Standing::Waiting),
        1 => Ok(appeal::Standing::Upheld),
        2 => Ok(appeal::Standing::Overturned),
        _ => Err(Malformed),
    }
}
