//! The JSON that commands print about review; its names are those of the proto.

use super::json::{Comment, Decision, comment, decision, is_zero, time};
use crate::grpc::pb;
use serde::Serialize;
use std::collections::BTreeMap;

/// A comment as review sees it.
#[derive(Serialize)]
pub(crate) struct ReviewItem {
    #[serde(flatten)]
    comment: Comment,
    version: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    queue: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_since: Option<String>,
    risk: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<Claim>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skipped_by: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_verdict: Option<LastVerdict>,
    #[serde(skip_serializing_if = "is_zero")]
    open_reports: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal: Option<Appeal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalation: Option<Escalation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_probability: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenged: Option<Challenged>,
    #[serde(rename = "notes_count", skip_serializing_if = "is_zero")]
    notes: u32,
}

#[derive(Serialize)]
struct Appeal {
    text: String,
    appealed_at: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    against_moderator_id: String,
    standing: &'static str,
}

#[derive(Serialize)]
struct Escalation {
    moderator_id: String,
    escalated_at: Option<String>,
    note: String,
    action_id: u64,
}

/// What the challenger in the shadow would have done.
#[derive(Serialize)]
struct Challenged {
    model_version: String,
    outcome: &'static str,
    likely_to_reject: f32,
}

/// A comment with all that a ruling needs.
#[derive(Serialize)]
pub(crate) struct Dossier {
    #[serde(flatten)]
    item: ReviewItem,
    earlier_revisions: Vec<Comment>,
    #[serde(skip_serializing_if = "is_zero")]
    revisions_omitted: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Comment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<AuthorRecord>,
    author_verdicts: Vec<AuthorVerdict>,
    reports: Vec<Report>,
    notes: Vec<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign: Option<Campaign>,
    similar: Vec<Comment>,
}

/// A text and its near-copies.
#[derive(Serialize)]
struct Campaign {
    #[serde(rename = "campaign_id")]
    id: u64,
    members: u64,
    waiting: u64,
}

#[derive(Serialize)]
struct AuthorRecord {
    published: u32,
    held: u32,
    rejected: u32,
}

#[derive(Serialize)]
struct AuthorVerdict {
    comment_id: String,
    verdict: &'static str,
    moderator_id: String,
    settled_at: Option<String>,
    reason: String,
    labels: BTreeMap<String, bool>,
}

#[derive(Serialize)]
struct Report {
    reporter_id: String,
    reason: String,
    text: String,
    revision: u32,
    weight: f32,
    reported_at: Option<String>,
    standing: &'static str,
}

#[derive(Serialize)]
struct Note {
    moderator_id: String,
    noted_at: Option<String>,
    text: String,
}

/// What a report did.
#[derive(Serialize)]
pub(crate) struct Reported {
    effect: &'static str,
    waiting: bool,
}

pub(crate) fn reported(reported: pb::ReportCommentResponse) -> Reported {
    let effect = match reported.effect() {
        pb::ReportEffect::Unspecified => "unspecified",
        pb::ReportEffect::Counted => "counted",
        pb::ReportEffect::Silenced => "silenced",
        pb::ReportEffect::Repeated => "repeated",
        pb::ReportEffect::Enough => "enough",
    };
    Reported { effect, waiting: reported.waiting }
}

/// When an appeal came.
#[derive(Serialize)]
pub(crate) struct Appealed {
    appealed_at: Option<String>,
    repeated: bool,
}

pub(crate) fn appealed(appealed: &pb::AppealDecisionResponse) -> Appealed {
    Appealed { appealed_at: time(appealed.appealed_at), repeated: appealed.repeated }
}

/// Returns the name of what became of a report.
pub(crate) fn standing(standing: pb::ReportStanding) -> &'static str {
    match standing {
        pb::ReportStanding::Unspecified => "unspecified",
        pb::ReportStanding::Open => "open",
        pb::ReportStanding::Silenced => "silenced",
        pb::ReportStanding::Lapsed => "lapsed",
        pb::ReportStanding::Upheld => "upheld",
        pb::ReportStanding::Refused => "refused",
    }
}

/// Returns the name of what became of an appeal.
pub(crate) fn appeal_standing(standing: pb::AppealStanding) -> &'static str {
    match standing {
        pb::AppealStanding::Unspecified => "unspecified",
        pb::AppealStanding::Waiting => "waiting",
        pb::AppealStanding::Upheld => "upheld",
        pb::AppealStanding::Overturned => "overturned",
    }
}

pub(crate) fn dossier(found: pb::GetReviewItemResponse) -> Dossier {
    let verdict = |verdict: pb::AuthorVerdict| AuthorVerdict {
        verdict: ruling(verdict.verdict()),
        comment_id: verdict.comment_id,
        moderator_id: verdict.moderator_id,
        settled_at: time(verdict.settled_at),
        reason: verdict.reason,
        labels: verdict.labels.into_iter().collect(),
    };
    let report = |report: pb::Report| Report {
        standing: standing(report.standing()),
        reporter_id: report.reporter_id,
        reason: report.reason,
        text: report.text,
        revision: report.revision,
        weight: report.weight,
        reported_at: time(report.reported_at),
    };
    let note =
        |note: pb::Note| Note { moderator_id: note.moderator_id, noted_at: time(note.noted_at), text: note.text };
    Dossier {
        item: review_item(found.item.unwrap_or_default()),
        earlier_revisions: found.earlier_revisions.into_iter().map(comment).collect(),
        revisions_omitted: found.revisions_omitted,
        parent: found.parent.map(comment),
        author: found.author.map(|author| AuthorRecord {
            published: author.published,
            held: author.held,
            rejected: author.rejected,
        }),
        author_verdicts: found.author_verdicts.into_iter().map(verdict).collect(),
        reports: found.reports.into_iter().map(report).collect(),
        notes: found.notes.into_iter().map(note).collect(),
        campaign: found.campaign.map(|pb::Campaign { campaign_id, members, waiting, .. }| Campaign {
            id: campaign_id,
            members,
            waiting,
        }),
        similar: found.similar.into_iter().map(comment).collect(),
    }
}

#[derive(Serialize)]
struct Claim {
    moderator_id: String,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct LastVerdict {
    action_id: u64,
    moderator_id: String,
    verdict: &'static str,
    labels: BTreeMap<String, bool>,
    reason: String,
    settled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_before: Option<Decision>,
}

/// Returns the name of a ruling.
pub(crate) fn ruling(verdict: pb::Verdict) -> &'static str {
    match verdict {
        pb::Verdict::Unspecified => "unspecified",
        pb::Verdict::Approve => "approve",
        pb::Verdict::Reject => "reject",
    }
}

pub(crate) fn review_item(item: pb::ReviewItem) -> ReviewItem {
    ReviewItem {
        comment: comment(item.revision.unwrap_or_default()),
        version: item.version,
        queue: item.queue,
        waiting_since: time(item.waiting_since),
        risk: item.risk,
        claim: item.claim.map(|claim| Claim { moderator_id: claim.moderator_id, expires_at: time(claim.expires_at) }),
        skipped_by: item.skipped_by,
        last_verdict: item.last_verdict.map(|last| LastVerdict {
            verdict: ruling(last.verdict()),
            action_id: last.action_id,
            moderator_id: last.moderator_id,
            labels: last.labels.into_iter().collect(),
            reason: last.reason,
            settled_at: time(last.settled_at),
            decision_before: last.decision_before.map(decision),
        }),
        open_reports: item.open_reports,
        appeal: item.appeal.map(|appeal| Appeal {
            standing: appeal_standing(appeal.standing()),
            text: appeal.text,
            appealed_at: time(appeal.appealed_at),
            against_moderator_id: appeal.against_moderator_id,
        }),
        escalation: item.escalation.map(|escalation| Escalation {
            moderator_id: escalation.moderator_id,
            escalated_at: time(escalation.escalated_at),
            note: escalation.note,
            action_id: escalation.action_id,
        }),
        audit_probability: item.audit_probability,
        challenged: item.challenged.map(|challenged| Challenged {
            outcome: super::json::outcome_name(challenged.outcome()),
            model_version: challenged.model_version,
            likely_to_reject: challenged.likely_to_reject,
        }),
        notes: item.notes,
    }
}

/// A queue with what waits in it.
#[derive(Serialize)]
pub(crate) struct Queue {
    name: String,
    items: u64,
    claimed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<QueueDefinition>,
}

#[derive(Serialize)]
struct QueueDefinition {
    conditions: QueueConditions,
    set_by: String,
    set_at: Option<String>,
}

#[derive(Serialize)]
struct QueueConditions {
    queues: Vec<String>,
    article_ids: Vec<String>,
    author_ids: Vec<String>,
    scores: BTreeMap<String, f32>,
    reasons: Vec<String>,
}

/// Shows a queue.
pub(crate) fn queue(queue: pb::Queue) -> Queue {
    let pb::Queue { name, items, claimed, oldest_at, definition } = queue;
    let definition = definition.map(|pb::QueueDefinition { conditions, set_by, set_at }| {
        let conditions = conditions.unwrap_or_default();
        let pb::QueueConditions { queues, article_ids, author_ids, scores, reasons } = conditions;
        let scores = scores.into_iter().collect();
        let conditions = QueueConditions { queues, article_ids, author_ids, scores, reasons };
        QueueDefinition { conditions, set_by, set_at: time(set_at) }
    });
    Queue { name, items, claimed, oldest_at: time(oldest_at), definition }
}
