//! The stream of events.

use super::{
    convert, items, pb,
    telling::{self, Told},
    watchers::Place,
};
use crate::domain::{Actor, Event};
use crate::moderation::{Numbered, review::SiteEvents};
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

/// Tells events until the caller goes away, `closing` is cancelled, or there are no more; `place` is kept until then.
pub(super) fn told(
    events: SiteEvents,
    after_seq: u64,
    closing: CancellationToken,
    place: Place,
) -> Told<pb::WatchEventsResponse> {
    let numbered = |event: Numbered| Some((event.seq, wire(event)?));
    let messages = events.map(move |some| Ok(some?.into_iter().filter_map(numbered).collect()));
    telling::told(Box::pin(messages), after_seq, closing, place, ())
}

/// Returns what is told of an event, `None` for those that are no site's.
pub(super) fn wire(Numbered { seq, at, actor, event }: Numbered) -> Option<pb::WatchEventsResponse> {
    use pb::watch_events_response::Event as Wire;
    let comment_id = event.comment().map(|(_, id)| id.as_str().to_owned()).unwrap_or_default();
    let moderator_id = match actor {
        Actor::Moderator(id) => id.as_str().to_owned(),
        Actor::Submitter | Actor::System => String::new(),
    };
    let event = match event {
        Event::CommentSubmitted { comment, revision, .. } => Wire::CommentSubmitted(pb::CommentSubmitted {
            article_id: comment.article_id.as_str().to_owned(),
            revision,
        }),
        Event::CommentDecided { revision, decision, .. } => {
            Wire::CommentDecided(pb::CommentDecided { revision, decision: Some(convert::decision(decision)) })
        }
        Event::ItemClaimed { claim, .. } => Wire::ItemClaimed(pb::Claim {
            moderator_id: claim.moderator_id.as_str().to_owned(),
            expires_at: Some(convert::timestamp(claim.expires_at)),
        }),
        Event::ItemReleased { skipped, .. } => Wire::ItemReleased(pb::ItemReleased { skipped }),
        Event::ItemSettled { revision, verdict, .. } => Wire::ItemSettled(pb::ItemSettled {
            revision,
            verdict: items::verdict(verdict.approved).into(),
            labels: items::labels(&verdict),
            reason: verdict.reason,
        }),
        Event::VerdictUndone { settled_seq, .. } => Wire::VerdictUndone(pb::VerdictUndone { action_id: settled_seq }),
        Event::CommentErased { .. } => Wire::CommentErased(pb::CommentErased {}),
        Event::PolicySet { article_id, version, note, .. } => Wire::PolicySet(pb::PolicySet {
            article_id: article_id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
            version,
            note,
        }),
        Event::CommentSampled { revision, probability, .. } => {
            Wire::CommentSampled(pb::CommentSampled { revision, probability })
        }
        Event::DisagreementLapsed { .. } => Wire::DisagreementLapsed(pb::DisagreementLapsed {}),
        Event::ModelsDisagreed { revision, challenged, .. } => {
            let challenged = Some(items::challenged(&challenged));
            Wire::ModelsDisagreed(pb::ModelsDisagreed { revision, challenged })
        }
        Event::CommentReported { revision, said, weight, standing, .. } => Wire::CommentReported(pb::CommentReported {
            revision,
            reporter_id: said.reporter_id.as_str().to_owned(),
            reason: said.reason,
            weight,
            standing: items::standing(standing).into(),
        }),
        Event::DecisionAppealed { revision, .. } => Wire::DecisionAppealed(pb::DecisionAppealed { revision }),
        Event::ItemEscalated { revision, .. } => Wire::ItemEscalated(pb::ItemEscalated { revision }),
        Event::EscalationUndone { escalated_seq, .. } => {
            Wire::EscalationUndone(pb::EscalationUndone { action_id: escalated_seq })
        }
        Event::NoteAdded { revision, .. } => Wire::NoteAdded(pb::NoteAdded { revision }),
        Event::CampaignJoined { revision, campaign, .. } => {
            Wire::CampaignJoined(pb::CampaignJoined { revision, campaign_id: campaign })
        }
        Event::CampaignRuleSet { campaign, action, expires_at, .. } => Wire::CampaignRuleSet(pb::CampaignRuleSet {
            campaign_id: campaign,
            action: action.map_or(pb::Outcome::Unspecified, convert::outcome).into(),
            expires_at: Some(convert::timestamp(expires_at)),
        }),
        Event::QueueSet { name, .. } => Wire::QueueSet(pb::QueueSet { name: name.as_str().to_owned() }),
        Event::QueueDeleted { name, .. } => Wire::QueueDeleted(pb::QueueDeleted { name: name.as_str().to_owned() }),
        Event::TokenCreated { .. }
        | Event::TokenRevoked { .. }
        | Event::ModelUploaded { .. }
        | Event::ModelPromoted { .. }
        | Event::ShadowSet { .. }
        | Event::ModelRemoved { .. }
        | Event::LabelKept { .. }
        | Event::LabelsErased { .. } => return None,
    };
    let at = Some(convert::timestamp(at));
    Some(pb::WatchEventsResponse { seq, at, moderator_id, comment_id, event: Some(event) })
}
