//! Policies as bytes: the event in the journal, and the version that the state keeps of it.

use super::{Malformed, put, take};
use crate::domain::{ArticleId, Event, ModeratorId, SiteId, Timestamp};
use crate::store::policies::PolicyVersion;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct PolicySetV1<'a> {
    site_id: &'a str,
    article_id: Option<&'a str>,
    version: u64,
    document: &'a str,
    note: &'a str,
}

impl<'a> PolicySetV1<'a> {
    pub(super) fn new(
        (site_id, article_id): (&'a SiteId, Option<&'a ArticleId>),
        version: u64,
        document: &'a str,
        note: &'a str,
    ) -> Self {
        Self { site_id: site_id.as_str(), article_id: article_id.map(ArticleId::as_str), version, document, note }
    }
}

impl From<PolicySetV1<'_>> for Event {
    fn from(set: PolicySetV1<'_>) -> Self {
        Self::PolicySet {
            site_id: SiteId::new(set.site_id),
            article_id: set.article_id.map(ArticleId::new),
            version: set.version,
            document: set.document.to_owned(),
            note: set.note.to_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct PolicyV1<'a> {
    #[serde(borrow)]
    set: PolicySetV1<'a>,
    seq: u64,
    set_at: i64,
    set_by: Option<&'a str>,
}

/// Appends a version of a policy to `out`.
pub(in crate::store) fn encode_policy(policy: &PolicyVersion, out: &mut Vec<u8>) {
    let scope = (&policy.site_id, policy.article_id.as_ref());
    let set = PolicySetV1::new(scope, policy.version, &policy.document, &policy.note);
    let set_by = policy.set_by.as_ref().map(ModeratorId::as_str);
    put(&PolicyV1 { set, seq: policy.seq, set_at: policy.set_at.as_micros(), set_by }, out);
}

/// Reads a version of a policy back.
pub(in crate::store) fn decode_policy(bytes: &[u8]) -> Result<PolicyVersion, Malformed> {
    let PolicyV1 { set, seq, set_at, set_by } = take(bytes)?;
    Ok(PolicyVersion {
        site_id: SiteId::new(set.site_id),
        article_id: set.article_id.map(ArticleId::new),
        version: set.version,
        document: set.document.to_owned(),
        note: set.note.to_owned(),
        seq,
        set_at: Timestamp::from_micros(set_at),
        set_by: set_by.map(ModeratorId::new),
    })
}
