//! Review as bytes: its events in the journal, and where a comment stands in the state.

use super::{DecisionV1, Malformed};
use crate::domain::{
    Attribute, CommentId, Event, ModeratorId, RequestId, SiteId, Timestamp,
    review::{Claim, Item, Queue, Review, Settled, Verdict},
};
use serde::{Deserialize, Serialize};

/// Which comment an event is about, and who asked for it.
#[derive(Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "they are ids, all of them")]
struct PlaceV1<'a> {
    site_id: &'a str,
    comment_id: &'a str,
    request_id: Option<&'a str>,
}

impl<'a> PlaceV1<'a> {
    fn new((site_id, comment_id): (&'a SiteId, &'a CommentId), request_id: Option<&'a RequestId>) -> Self {
        let request_id = request_id.map(RequestId::as_str);
        Self { site_id: site_id.as_str(), comment_id: comment_id.as_str(), request_id }
    }

    fn take(&self) -> (SiteId, CommentId, Option<RequestId>) {
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
    approved: bool,
    labels: Vec<(u8, bool)>,
    reason: &'a str,
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
}

#[derive(Serialize, Deserialize)]
struct LastV1<'a> {
    seq: u64,
    moderator_id: &'a str,
    #[serde(borrow)]
    decision_before: DecisionV1<'a>,
    #[serde(borrow)]
    item_before: ItemV1<'a>,
    undone: bool,
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
        let number = |attribute: Attribute| {
            u8::try_from(attribute.index()).expect("there are fewer attributes than a byte counts")
        };
        Self {
            place: PlaceV1::new(place, request_id),
            revision,
            approved: verdict.approved,
            labels: verdict.labels.iter().map(|&(attribute, truth)| (number(attribute), truth)).collect(),
            reason: &verdict.reason,
        }
    }
}

impl TryFrom<SettledV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(settled: SettledV1<'_>) -> Result<Self, Malformed> {
        let (site_id, comment_id, request_id) = settled.place.take();
        let label = |(number, truth): (u8, bool)| {
            Attribute::ALL.get(usize::from(number)).map(|attribute| (*attribute, truth)).ok_or(Malformed)
        };
        let verdict = Verdict {
            approved: settled.approved,
            labels: settled.labels.into_iter().map(label).collect::<Result<_, _>>()?,
            reason: settled.reason.to_owned(),
        };
        Ok(Self::ItemSettled { site_id, comment_id, revision: settled.revision, verdict, request_id })
    }
}

impl<'a> UndoneV1<'a> {
    pub(super) fn new(place: Place<'a>, settled_seq: u64, request_id: Option<&'a RequestId>) -> Self {
        Self { place: PlaceV1::new(place, request_id), settled_seq }
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

impl<'a> From<&'a Item> for ItemV1<'a> {
    fn from(item: &'a Item) -> Self {
        Self {
            queue: match item.queue {
                Queue::Held => 0,
            },
            opened_seq: item.opened_seq,
            opened_at: item.opened_at.as_micros(),
            risk: item.risk,
            claim: item.claim.as_ref().map(ClaimV1::from),
            skipped_by: item.skipped_by.iter().map(ModeratorId::as_str).collect(),
        }
    }
}

impl TryFrom<ItemV1<'_>> for Item {
    type Error = Malformed;

    fn try_from(item: ItemV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            queue: match item.queue {
                0 => Queue::Held,
                _ => return Err(Malformed),
            },
            opened_seq: item.opened_seq,
            opened_at: Timestamp::from_micros(item.opened_at),
            risk: item.risk,
            claim: item.claim.map(Claim::from),
            skipped_by: item.skipped_by.into_iter().map(ModeratorId::new).collect(),
        })
    }
}

impl<'a> From<&'a Review> for ReviewV1<'a> {
    fn from(review: &'a Review) -> Self {
        Self {
            version: review.version,
            item: review.item.as_ref().map(ItemV1::from),
            settled: review.settled.as_ref().map(|settled| LastV1 {
                seq: settled.seq,
                moderator_id: settled.moderator_id.as_str(),
                decision_before: (&settled.decision_before).into(),
                item_before: (&settled.item_before).into(),
                undone: settled.undone,
            }),
            last_request: review.last_request.as_ref().map(RequestId::as_str),
        }
    }
}

impl TryFrom<ReviewV1<'_>> for Review {
    type Error = Malformed;

    fn try_from(review: ReviewV1<'_>) -> Result<Self, Malformed> {
        let settled = |settled: LastV1<'_>| -> Result<Settled, Malformed> {
            Ok(Settled {
                seq: settled.seq,
                moderator_id: ModeratorId::new(settled.moderator_id),
                decision_before: settled.decision_before.try_into()?,
                item_before: settled.item_before.try_into()?,
                undone: settled.undone,
            })
        };
        Ok(Self {
            version: review.version,
            item: review.item.map(Item::try_from).transpose()?,
            settled: review.settled.map(settled).transpose()?,
            last_request: review.last_request.map(RequestId::new),
        })
    }
}
