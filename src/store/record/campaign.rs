//! Campaigns as bytes: their events in the journal, and what the state keeps.

use super::{Malformed, outcome_number, outcome_of, put, take};
use crate::domain::{CommentId, Event, Fingerprint, ModeratorId, Outcome, SiteId, Timestamp, campaign::Rule};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct JoinedV1<'a> {
    site_id: &'a str,
    comment_id: &'a str,
    revision: u32,
    campaign: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RuleSetV1<'a> {
    site_id: &'a str,
    campaign: u64,
    action: Option<u8>,
    expires_at: i64,
}

impl<'a> JoinedV1<'a> {
    pub(super) fn new(place: (&'a SiteId, &'a CommentId), revision: u32, campaign: u64) -> Self {
        Self { site_id: place.0.as_str(), comment_id: place.1.as_str(), revision, campaign }
    }
}

impl From<JoinedV1<'_>> for Event {
    fn from(JoinedV1 { site_id, comment_id, revision, campaign }: JoinedV1<'_>) -> Self {
        let (site_id, comment_id) = (SiteId::new(site_id), CommentId::new(comment_id));
        Self::CampaignJoined { site_id, comment_id, revision, campaign }
    }
}

impl<'a> RuleSetV1<'a> {
    pub(super) fn new(site_id: &'a SiteId, campaign: u64, action: Option<Outcome>, expires_at: Timestamp) -> Self {
        let (site_id, action) = (site_id.as_str(), action.map(outcome_number));
        Self { site_id, campaign, action, expires_at: expires_at.as_micros() }
    }
}

impl TryFrom<RuleSetV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(set: RuleSetV1<'_>) -> Result<Self, Malformed> {
        Ok(Self::CampaignRuleSet {
            site_id: SiteId::new(set.site_id),
            campaign: set.campaign,
            action: set.action.map(outcome_of).transpose()?,
            expires_at: Timestamp::from_micros(set.expires_at),
        })
    }
}

/// What the index of near-copies keeps of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct NearEntry {
    /// The site.
    pub(in crate::store) site_id: SiteId,
    /// The comment.
    pub(in crate::store) comment_id: CommentId,
    /// The fingerprint, unknown where the words were erased; the exact part isn't kept.
    pub(in crate::store) fingerprint: Fingerprint,
    /// The campaign.
    pub(in crate::store) campaign: u64,
}

/// Appends an entry of the index of near-copies to `out`.
pub(in crate::store) fn encode_near(entry: &NearEntry, out: &mut Vec<u8>) {
    put(&(entry.site_id.as_str(), entry.comment_id.as_str(), entry.fingerprint.near, entry.campaign), out);
}

/// Reads an entry of the index of near-copies back.
pub(in crate::store) fn decode_near(bytes: &[u8]) -> Result<NearEntry, Malformed> {
    let (site_id, comment_id, near, campaign): (&str, &str, _, _) = take(bytes)?;
    let (site_id, comment_id) = (SiteId::new(site_id), CommentId::new(comment_id));
    Ok(NearEntry { site_id, comment_id, fingerprint: Fingerprint { exact: 0, near }, campaign })
}

#[derive(Serialize, Deserialize)]
struct RuleV1<'a> {
    action: u8,
    expires_at: i64,
    set_by: &'a str,
}

/// Appends a rule to `out`.
pub(in crate::store) fn encode_rule(rule: &Rule, out: &mut Vec<u8>) {
    let (action, expires_at) = (outcome_number(rule.action), rule.expires_at.as_micros());
    put(&RuleV1 { action, expires_at, set_by: rule.set_by.as_str() }, out);
}

/// Reads a rule back.
pub(in crate::store) fn decode_rule(bytes: &[u8]) -> Result<Rule, Malformed> {
    let RuleV1 { action, expires_at, set_by } = take(bytes)?;
    let (action, expires_at) = (outcome_of(action)?, Timestamp::from_micros(expires_at));
    Ok(Rule { action, expires_at, set_by: ModeratorId::new(set_by) })
}
