//! Comments as review sees them, on the wire.

use super::{convert, pb};
use crate::domain::{
    ModeratorId, Timestamp,
    appeal::{self, Appeal},
    disagreement::Challenged,
    queue::Conditions,
    report::{Effect, Report, Standing},
    review::{Note, Verdict},
    submit::CommentHead,
};
use crate::moderation::{CampaignSummary, Dossier, QueueSummary};
use std::collections::HashMap;

pub(super) fn queue(summary: &QueueSummary) -> pb::Queue {
    pb::Queue {
        name: summary.queue.name().to_owned(),
        items: summary.items,
        claimed: summary.claimed,
        oldest_at: summary.oldest_at.map(convert::timestamp),
        definition: summary.defined.as_ref().map(|defined| pb::QueueDefinition {
            conditions: Some(conditions(&defined.conditions)),
            set_by: defined.set_by.as_str().to_owned(),
            set_at: Some(convert::timestamp(defined.set_at)),
        }),
    }
}

fn conditions(conditions: &Conditions) -> pb::QueueConditions {
    let Conditions { queues, article_ids, author_ids, scores, reasons } = conditions;
    pb::QueueConditions {
        queues: queues.iter().map(|queue| queue.name().to_owned()).collect(),
        article_ids: article_ids.iter().map(|id| id.as_str().to_owned()).collect(),
        author_ids: author_ids.iter().map(|id| id.as_str().to_owned()).collect(),
        scores: scores.iter().map(|(attribute, score)| (attribute.name().to_owned(), score.get())).collect(),
        reasons: reasons.clone(),
    }
}

/// Shows a comment as review sees it; a claim that has ended is none.
pub(super) fn item(head: CommentHead, now: Timestamp) -> pb::ReviewItem {
    let review = head.review;
    let claim = review.item.as_ref().and_then(|item| item.claim_at(now)).map(|claim| pb::Claim {
        moderator_id: claim.moderator_id.as_str().to_owned(),
        expires_at: Some(convert::timestamp(claim.expires_at)),
    });
    let skipped_by = review.item.iter().flat_map(|item| &item.skipped_by).map(|id| id.as_str().to_owned()).collect();
    pb::ReviewItem {
        revision: Some(convert::revision(head.current)),
        version: review.version,
        queue: review.item.as_ref().map(|item| item.queue.name().to_owned()).unwrap_or_default(),
        waiting_since: review.item.as_ref().map(|item| convert::timestamp(item.opened_at)),
        risk: review.item.as_ref().map(|item| item.risk).unwrap_or_default(),
        claim,
        skipped_by,
        last_verdict: review.verdict().cloned().map(|settled| pb::LastVerdict {
            action_id: settled.seq,
            moderator_id: settled.moderator_id.as_str().to_owned(),
            verdict: verdict(settled.verdict.approved).into(),
            labels: labels(&settled.verdict),
            reason: settled.verdict.reason,
            settled_at: Some(convert::timestamp(settled.settled_at)),
            decision_before: Some(convert::decision(settled.decision_before)),
        }),
        open_reports: review.reports.open,
        appeal: review.appeal.as_ref().map(appeal_of),
        escalation: review.item.as_ref().and_then(|item| item.escalated.as_ref()).map(|escalated| pb::Escalation {
            moderator_id: escalated.moderator_id.as_str().to_owned(),
            escalated_at: Some(convert::timestamp(escalated.escalated_at)),
            note: escalated.note.as_str().to_owned(),
            action_id: review.last_escalation.unwrap_or_default(),
        }),
        audit_probability: review.sampled,
        challenged: review.challenged.as_ref().map(challenged),
        notes: review.notes,
    }
}

/// Shows what the challenger would have done.
pub(super) fn challenged(challenged: &Challenged) -> pb::Challenged {
    pb::Challenged {
        model_version: challenged.model_version.clone(),
        outcome: convert::outcome(challenged.outcome).into(),
        likely_to_reject: challenged.likely_to_reject.get(),
    }
}

fn appeal_of(appeal: &Appeal) -> pb::Appeal {
    pb::Appeal {
        text: appeal.text.as_str().to_owned(),
        appealed_at: Some(convert::timestamp(appeal.appealed_at)),
        against_moderator_id: appeal.against.as_ref().map(ModeratorId::as_str).unwrap_or_default().to_owned(),
        standing: match appeal.standing {
            appeal::Standing::Waiting => pb::AppealStanding::Waiting,
            appeal::Standing::Upheld => pb::AppealStanding::Upheld,
            appeal::Standing::Overturned => pb::AppealStanding::Overturned,
        }
        .into(),
    }
}

/// Shows a comment with all that a ruling needs.
pub(super) fn dossier(dossier: Dossier, now: Timestamp) -> pb::GetReviewItemResponse {
    pb::GetReviewItemResponse {
        item: Some(item(dossier.head, now)),
        earlier_revisions: dossier.earlier.into_iter().map(convert::revision).collect(),
        revisions_omitted: dossier.earlier_omitted,
        parent: dossier.parent.map(convert::revision),
        author: dossier.author.map(|author| pb::AuthorRecord {
            published: author.published,
            held: author.held,
            rejected: author.rejected,
        }),
        author_verdicts: dossier.ruled_on.iter().filter_map(author_verdict).collect(),
        reports: dossier.reports.into_iter().map(report).collect(),
        notes: dossier.notes.iter().map(note).collect(),
        campaign: dossier.campaign.map(|one| campaign(CampaignSummary { newest: None, ..one }, now)),
        similar: dossier.similar.into_iter().map(|head| convert::revision(head.current)).collect(),
    }
}

/// Shows a campaign; a rule that has ended is none.
pub(super) fn campaign(summary: CampaignSummary, now: Timestamp) -> pb::Campaign {
    pb::Campaign {
        campaign_id: summary.campaign,
        members: summary.members,
        waiting: summary.waiting,
        newest: summary.newest.map(|head| convert::revision(head.current)),
        rule: summary.rule.filter(|rule| rule.expires_at > now).map(|rule| pb::CampaignRule {
            action: convert::outcome(rule.action).into(),
            expires_at: Some(convert::timestamp(rule.expires_at)),
            moderator_id: rule.set_by.as_str().to_owned(),
        }),
    }
}

fn author_verdict(head: &CommentHead) -> Option<pb::AuthorVerdict> {
    let settled = head.review.last_ruling()?.clone();
    Some(pb::AuthorVerdict {
        comment_id: head.current.comment.comment_id.as_str().to_owned(),
        verdict: verdict(settled.verdict.approved).into(),
        moderator_id: settled.moderator_id.as_str().to_owned(),
        settled_at: Some(convert::timestamp(settled.settled_at)),
        labels: labels(&settled.verdict),
        reason: settled.verdict.reason,
    })
}

/// Names the attributes that a moderator confirmed or denied.
pub(super) fn labels(verdict: &Verdict) -> HashMap<String, bool> {
    verdict.labels.iter().map(|(attribute, truth)| (attribute.name().to_owned(), *truth)).collect()
}

pub(super) fn verdict(approved: bool) -> pb::Verdict {
    if approved { pb::Verdict::Approve } else { pb::Verdict::Reject }
}

fn report(report: Report) -> pb::Report {
    pb::Report {
        reporter_id: report.said.reporter_id.as_str().to_owned(),
        text: report.said.text.as_str().to_owned(),
        reason: report.said.reason,
        revision: report.revision,
        weight: report.weight,
        reported_at: Some(convert::timestamp(report.reported_at)),
        standing: standing(report.standing).into(),
    }
}

pub(super) fn standing(standing: Standing) -> pb::ReportStanding {
    match standing {
        Standing::Open => pb::ReportStanding::Open,
        Standing::Silenced => pb::ReportStanding::Silenced,
        Standing::Lapsed => pb::ReportStanding::Lapsed,
        Standing::Upheld => pb::ReportStanding::Upheld,
        Standing::Refused => pb::ReportStanding::Refused,
    }
}

pub(super) fn effect(effect: Effect) -> pb::ReportEffect {
    match effect {
        Effect::Counted => pb::ReportEffect::Counted,
        Effect::Silenced => pb::ReportEffect::Silenced,
        Effect::Repeated => pb::ReportEffect::Repeated,
        Effect::Enough => pb::ReportEffect::Enough,
    }
}

fn note(note: &Note) -> pb::Note {
    pb::Note {
        moderator_id: note.moderator_id.as_str().to_owned(),
        noted_at: Some(convert::timestamp(note.noted_at)),
        text: note.text.as_str().to_owned(),
    }
}
