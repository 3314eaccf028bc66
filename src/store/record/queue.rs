//! Queues that editors define, as bytes: their events in the journal, and what the state keeps.

use super::{Malformed, put, review, take};
use crate::domain::{
    ArticleId, Attribute, AuthorId, DefinedQueue, Event, ModeratorId, QueueName, Score, SiteId, Timestamp,
    queue::Conditions,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct QueueSetV1<'a> {
    site_id: &'a str,
    name: &'a str,
    #[serde(borrow)]
    conditions: ConditionsV1<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct QueueDeletedV1<'a> {
    site_id: &'a str,
    name: &'a str,
}

#[derive(Serialize, Deserialize)]
struct ConditionsV1<'a> {
    queues: Vec<u8>,
    #[serde(borrow)]
    article_ids: Vec<&'a str>,
    author_ids: Vec<&'a str>,
    scores: Vec<(u8, f32)>,
    reasons: Vec<&'a str>,
}

impl<'a> From<&'a Conditions> for ConditionsV1<'a> {
    fn from(conditions: &'a Conditions) -> Self {
        let number =
            |attribute: Attribute| u8::try_from(attribute.index()).expect("there are far fewer than 256 attributes");
        Self {
            queues: conditions.queues.iter().map(|queue| review::queue_number(*queue)).collect(),
            article_ids: conditions.article_ids.iter().map(ArticleId::as_str).collect(),
            author_ids: conditions.author_ids.iter().map(AuthorId::as_str).collect(),
            scores: conditions.scores.iter().map(|(attribute, score)| (number(*attribute), score.get())).collect(),
            reasons: conditions.reasons.iter().map(String::as_str).collect(),
        }
    }
}

impl TryFrom<ConditionsV1<'_>> for Conditions {
    type Error = Malformed;

    fn try_from(conditions: ConditionsV1<'_>) -> Result<Self, Malformed> {
        let score = |(number, score): (u8, f32)| {
            let attribute = Attribute::ALL.get(usize::from(number)).ok_or(Malformed)?;
            Ok((*attribute, Score::new(score).ok_or(Malformed)?))
        };
        Ok(Self {
            queues: conditions.queues.into_iter().map(review::queue_of).collect::<Result<_, _>>()?,
            article_ids: conditions.article_ids.into_iter().map(ArticleId::new).collect(),
            author_ids: conditions.author_ids.into_iter().map(AuthorId::new).collect(),
            scores: conditions.scores.into_iter().map(score).collect::<Result<_, Malformed>>()?,
            reasons: conditions.reasons.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl<'a> QueueSetV1<'a> {
    pub(super) fn new(site_id: &'a SiteId, name: &'a QueueName, conditions: &'a Conditions) -> Self {
        Self { site_id: site_id.as_str(), name: name.as_str(), conditions: conditions.into() }
    }
}

impl TryFrom<QueueSetV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(QueueSetV1 { site_id, name, conditions }: QueueSetV1<'_>) -> Result<Self, Malformed> {
        let (site_id, name) = (SiteId::new(site_id), QueueName::new(name));
        Ok(Self::QueueSet { site_id, name, conditions: conditions.try_into()? })
    }
}

impl<'a> QueueDeletedV1<'a> {
    pub(super) fn new(site_id: &'a SiteId, name: &'a QueueName) -> Self {
        Self { site_id: site_id.as_str(), name: name.as_str() }
    }
}

impl From<QueueDeletedV1<'_>> for Event {
    fn from(QueueDeletedV1 { site_id, name }: QueueDeletedV1<'_>) -> Self {
        Self::QueueDeleted { site_id: SiteId::new(site_id), name: QueueName::new(name) }
    }
}

#[derive(Serialize, Deserialize)]
struct DefinedV1<'a> {
    name: &'a str,
    #[serde(borrow)]
    conditions: ConditionsV1<'a>,
    set_by: &'a str,
    set_at: i64,
}

/// Appends a queue's definition to `out`.
pub(in crate::store) fn encode_queue(queue: &DefinedQueue, out: &mut Vec<u8>) {
    let DefinedQueue { name, conditions, set_by, set_at } = queue;
    let (name, set_by) = (name.as_str(), set_by.as_str());
    put(&DefinedV1 { name, conditions: conditions.into(), set_by, set_at: set_at.as_micros() }, out);
}

/// Reads a queue's definition back.
pub(in crate::store) fn decode_queue(bytes: &[u8]) -> Result<DefinedQueue, Malformed> {
    let DefinedV1 { name, conditions, set_by, set_at } = take(bytes)?;
    Ok(DefinedQueue {
        name: QueueName::new(name),
        conditions: conditions.try_into()?,
        set_by: ModeratorId::new(set_by),
        set_at: Timestamp::from_micros(set_at),
    })
}
