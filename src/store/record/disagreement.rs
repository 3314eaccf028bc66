//! Disagreements of models as bytes: the event in the journal, and what a head keeps of it.

use super::Malformed;
use super::decision::{outcome_number, outcome_of};
use super::review::PlaceV1;
use crate::domain::{CommentId, Event, Score, SiteId, disagreement::Challenged};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct DisagreedV1<'a> {
    #[serde(borrow)]
    place: PlaceV1<'a>,
    revision: u32,
    #[serde(borrow)]
    challenged: ChallengedV1<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LapsedV1<'a>(#[serde(borrow)] PlaceV1<'a>);

#[derive(Serialize, Deserialize)]
pub(super) struct ChallengedV1<'a> {
    model_version: &'a str,
    outcome: u8,
    likely_to_reject: f32,
}

impl<'a> DisagreedV1<'a> {
    pub(super) fn new(place: (&'a SiteId, &'a CommentId), revision: u32, challenged: &'a Challenged) -> Self {
        Self { place: PlaceV1::new(place, None), revision, challenged: challenged.into() }
    }
}

impl<'a> LapsedV1<'a> {
    pub(super) fn new(place: (&'a SiteId, &'a CommentId)) -> Self {
        Self(PlaceV1::new(place, None))
    }
}

impl From<LapsedV1<'_>> for Event {
    fn from(LapsedV1(place): LapsedV1<'_>) -> Self {
        let (site_id, comment_id, _) = place.take();
        Self::DisagreementLapsed { site_id, comment_id }
    }
}

impl TryFrom<DisagreedV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(disagreed: DisagreedV1<'_>) -> Result<Self, Malformed> {
        let (site_id, comment_id, _) = disagreed.place.take();
        let (revision, challenged) = (disagreed.revision, disagreed.challenged.try_into()?);
        Ok(Self::ModelsDisagreed { site_id, comment_id, revision, challenged })
    }
}

impl<'a> From<&'a Challenged> for ChallengedV1<'a> {
    fn from(challenged: &'a Challenged) -> Self {
        Self {
            model_version: &challenged.model_version,
            outcome: outcome_number(challenged.outcome),
            likely_to_reject: challenged.likely_to_reject.get(),
        }
    }
}

impl TryFrom<ChallengedV1<'_>> for Challenged {
    type Error = Malformed;

    fn try_from(challenged: ChallengedV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            model_version: challenged.model_version.to_owned(),
            outcome: outcome_of(challenged.outcome)?,
            likely_to_reject: Score::new(challenged.likely_to_reject).ok_or(Malformed)?,
        })
    }
}
