//! The methods of `ReviewService`: convert, call, convert back.

use super::pb::review_service_server::{ReviewService, ReviewServiceServer};
use super::{addressed, convert, events, explanation, items, pb, quality, status, telling::Told, watch, watchers};
use crate::domain::{Outcome, Words, review::Order, submit::CommentHead};
use crate::moderation::{
    AppealRequest, Explanations, ReportRequest, Review,
    campaigns::RuleRequest,
    erasure::ErasureRequest,
    explanation::ExplainRequest,
    history::Of,
    quality::Quality,
    queues::{QueueEdit, Wanted},
    review::{ActionRequest, ItemRequest, QueueRequest, Ruling, Which, Wish},
};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// Answers `ReviewService` with [`Review`].
#[derive(Clone)]
pub struct ReviewServer {
    review: Arc<Review>,
    explanations: Arc<Explanations>,
    closing: CancellationToken,
    watchers: watchers::Watchers,
}

/// Makes the service that a router takes.
///
/// Messages over `message_bytes_max` bytes are refused. Who watches and doesn't read for `silent_max` is cut off; when `closing`
/// is cancelled, streams of events end.
pub fn review_service(
    review: Arc<Review>,
    explanations: Arc<Explanations>,
    closing: CancellationToken,
    silent_max: Duration,
    message_bytes_max: usize,
) -> ReviewServiceServer<ReviewServer> {
    let watchers = watchers::Watchers::new(silent_max);
    ReviewServiceServer::new(ReviewServer { review, explanations, closing, watchers })
        .max_decoding_message_size(message_bytes_max)
}

impl ReviewServer {
    fn shown(&self, head: CommentHead) -> pb::ReviewItem {
        items::item(head, self.review.now())
    }

    /// Does what a moderator wants of one item; returns it and whether the request was a repetition.
    async fn on_item(&self, request: ItemRequest, wish: Wish) -> Result<(pb::ReviewItem, bool), Status> {
        let reviewed = self.review.on_item(request, wish).await.map_err(|error| status::status(&error))?;
        Ok((self.shown(reviewed.head), reviewed.repeated))
    }
}

#[tonic::async_trait]
impl ReviewService for ReviewServer {
    async fn list_queues(
        &self,
        request: Request<pb::ListQueuesRequest>,
    ) -> Result<Response<pb::ListQueuesResponse>, Status> {
        let site_id = addressed::checked(request)?.site_id;
        let queues = self.review.queues(&site_id).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::ListQueuesResponse { queues: queues.iter().map(items::queue).collect() }))
    }

    async fn set_queue(&self, request: Request<pb::SetQueueRequest>) -> Result<Response<pb::SetQueueResponse>, Status> {
        let pb::SetQueueRequest { site_id, name, conditions, editor_id } = addressed::checked(request)?;
        let pb::QueueConditions { queues, article_ids, author_ids, scores, reasons } = conditions.unwrap_or_default();
        let scores = scores.into_iter().collect();
        let wanted = Wanted { queues, article_ids, author_ids, scores, reasons };
        let request = QueueEdit { site_id, name, editor_id };
        let queue = self.review.set_queue(request, wanted).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::SetQueueResponse { queue: Some(items::queue(&queue)) }))
    }

    async fn delete_queue(
        &self,
        request: Request<pb::DeleteQueueRequest>,
    ) -> Result<Response<pb::DeleteQueueResponse>, Status> {
        let pb::DeleteQueueRequest { site_id, name, editor_id } = addressed::checked(request)?;
        let request = QueueEdit { site_id, name, editor_id };
        self.review.delete_queue(request).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::DeleteQueueResponse {}))
    }

    async fn list_review_items(
        &self,
        request: Request<pb::ListReviewItemsRequest>,
    ) -> Result<Response<pb::ListReviewItemsResponse>, Status> {
        let request = addressed::checked(request)?;
        let order = order(request.order());
        let of = QueueRequest { site_id: request.site_id, queue: request.queue, order };
        let page = self.review.items(&of, request.page_size, &request.page_token).await;
        let page = page.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::ListReviewItemsResponse {
            items: page.items.into_iter().map(|head| self.shown(head)).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_review_item(
        &self,
        request: Request<pb::GetReviewItemRequest>,
    ) -> Result<Response<pb::GetReviewItemResponse>, Status> {
        let pb::GetReviewItemRequest { site_id, comment_id } = addressed::checked(request)?;
        let dossier = self.review.item(&site_id, &comment_id).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(items::dossier(dossier, self.review.now())))
    }

    async fn claim_next(
        &self,
        request: Request<pb::ClaimNextRequest>,
    ) -> Result<Response<pb::ClaimNextResponse>, Status> {
        let request = addressed::checked(request)?;
        let order = order(request.order());
        let of = QueueRequest { site_id: request.site_id, queue: request.queue, order };
        let claimed = self.review.claim_next(&of, &request.moderator_id, request.items_max, request.lease_secs).await;
        let claimed = claimed.map_err(|error| status::status(&error))?;
        let items = claimed.into_iter().map(|head| self.shown(head)).collect();
        Ok(Response::new(pb::ClaimNextResponse { items }))
    }

    async fn renew_claim(
        &self,
        request: Request<pb::RenewClaimRequest>,
    ) -> Result<Response<pb::RenewClaimResponse>, Status> {
        let pb::RenewClaimRequest { site_id, comment_id, moderator_id, lease_secs, request_id } =
            addressed::checked(request)?;
        let request = ItemRequest { site_id, comment_id, moderator_id, request_id };
        let (item, _) = self.on_item(request, Wish::Renew { lease_secs }).await?;
        Ok(Response::new(pb::RenewClaimResponse { item: Some(item) }))
    }

    async fn release_claim(
        &self,
        request: Request<pb::ReleaseClaimRequest>,
    ) -> Result<Response<pb::ReleaseClaimResponse>, Status> {
        let pb::ReleaseClaimRequest { site_id, comment_id, moderator_id, request_id } = addressed::checked(request)?;
        let request = ItemRequest { site_id, comment_id, moderator_id, request_id };
        let (item, _) = self.on_item(request, Wish::Release).await?;
        Ok(Response::new(pb::ReleaseClaimResponse { item: Some(item) }))
    }

    async fn skip_item(&self, request: Request<pb::SkipItemRequest>) -> Result<Response<pb::SkipItemResponse>, Status> {
        let pb::SkipItemRequest { site_id, comment_id, moderator_id, request_id } = addressed::checked(request)?;
        let request = ItemRequest { site_id, comment_id, moderator_id, request_id };
        let (item, _) = self.on_item(request, Wish::Skip).await?;
        Ok(Response::new(pb::SkipItemResponse { item: Some(item) }))
    }

    async fn settle_item(
        &self,
        request: Request<pb::SettleItemRequest>,
    ) -> Result<Response<pb::SettleItemResponse>, Status> {
        let request = addressed::checked(request)?;
        let approved = approved(request.verdict());
        let (labels, note) = (request.labels.into_iter().collect(), Words::new(request.note));
        let ruling = Ruling { approved, labels, reason: request.reason, note };
        let wish = Wish::Settle { version: request.version, ruling };
        let request = ItemRequest {
            site_id: request.site_id,
            comment_id: request.comment_id,
            moderator_id: request.moderator_id,
            request_id: request.request_id,
        };
        let (item, repeated) = self.on_item(request, wish).await?;
        let action_id = item.last_verdict.as_ref().map(|verdict| verdict.action_id).unwrap_or_default();
        Ok(Response::new(pb::SettleItemResponse { item: Some(item), action_id, repeated }))
    }

    async fn escalate_item(
        &self,
        request: Request<pb::EscalateItemRequest>,
    ) -> Result<Response<pb::EscalateItemResponse>, Status> {
        let pb::EscalateItemRequest { site_id, comment_id, moderator_id, note, request_id } =
            addressed::checked(request)?;
        let request = ItemRequest { site_id, comment_id, moderator_id, request_id };
        let wish = Wish::Escalate { note: Words::new(note) };
        let reviewed = self.review.on_item(request, wish).await.map_err(|error| status::status(&error))?;
        let (action_id, repeated) = (reviewed.head.review.last_escalation.unwrap_or_default(), reviewed.repeated);
        let item = Some(self.shown(reviewed.head));
        Ok(Response::new(pb::EscalateItemResponse { item, repeated, action_id }))
    }

    async fn add_note(&self, request: Request<pb::AddNoteRequest>) -> Result<Response<pb::AddNoteResponse>, Status> {
        let pb::AddNoteRequest { site_id, comment_id, moderator_id, text, request_id } = addressed::checked(request)?;
        let request = ItemRequest { site_id, comment_id, moderator_id, request_id };
        let (item, repeated) = self.on_item(request, Wish::Note { text: Words::new(text) }).await?;
        Ok(Response::new(pb::AddNoteResponse { item: Some(item), repeated }))
    }

    async fn report_comment(
        &self,
        request: Request<pb::ReportCommentRequest>,
    ) -> Result<Response<pb::ReportCommentResponse>, Status> {
        let pb::ReportCommentRequest { site_id, comment_id, reporter_id, reason, text } = addressed::checked(request)?;
        let text = Words::new(text);
        let request = ReportRequest { site_id, comment_id, reporter_id, reason, text };
        let reported = self.review.report(request).await.map_err(|error| status::status(&error))?;
        let (effect, waiting) = (items::effect(reported.effect).into(), reported.head.review.item.is_some());
        Ok(Response::new(pb::ReportCommentResponse { effect, waiting }))
    }

    async fn appeal_decision(
        &self,
        request: Request<pb::AppealDecisionRequest>,
    ) -> Result<Response<pb::AppealDecisionResponse>, Status> {
        let pb::AppealDecisionRequest { site_id, comment_id, author_id, text, request_id } =
            addressed::checked(request)?;
        let text = Words::new(text);
        let request = AppealRequest { site_id, comment_id, author_id, text, request_id };
        let appealed = self.review.appeal(request).await.map_err(|error| status::status(&error))?;
        let appealed_at = appealed.head.review.appeal.map(|appeal| convert::timestamp(appeal.appealed_at));
        Ok(Response::new(pb::AppealDecisionResponse { appealed_at, repeated: appealed.repeated }))
    }

    async fn undo_action(
        &self,
        request: Request<pb::UndoActionRequest>,
    ) -> Result<Response<pb::UndoActionResponse>, Status> {
        let pb::UndoActionRequest { site_id, moderator_id, action_id, request_id } = addressed::checked(request)?;
        let request = ActionRequest { site_id, moderator_id, request_id };
        let done = self.review.undo(request, action_id).await.map_err(|error| status::status(&error))?;
        let (items, items_left) = (count(done.items), count(done.left));
        Ok(Response::new(pb::UndoActionResponse { items, items_left, repeated: done.repeated }))
    }

    async fn get_quality_report(
        &self,
        request: Request<pb::GetQualityReportRequest>,
    ) -> Result<Response<pb::GetQualityReportResponse>, Status> {
        let pb::GetQualityReportRequest { site_id, since, until } = addressed::checked(request)?;
        let quality = self.review.quality(&site_id, since.map(convert::micros), until.map(convert::micros)).await;
        let Quality { models, drift } = quality.map_err(|error| status::status(&error))?;
        let (models, drift) = (models.into_iter().map(quality::model).collect(), Some(quality::drift(drift)));
        Ok(Response::new(pb::GetQualityReportResponse { models, drift }))
    }

    async fn get_history(
        &self,
        request: Request<pb::GetHistoryRequest>,
    ) -> Result<Response<pb::GetHistoryResponse>, Status> {
        use pb::get_history_request::Of as Wire;
        let pb::GetHistoryRequest { site_id, of, page_size, before_seq } = addressed::checked(request)?;
        let of = of.map(|of| match of {
            Wire::CommentId(id) => Of::Comment(id),
            Wire::AuthorId(id) => Of::Author(id),
            Wire::OfModeratorId(id) => Of::Moderator(id),
        });
        let page = self.review.history(&site_id, of, page_size, before_seq).await;
        let page = page.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::GetHistoryResponse {
            events: page.events.into_iter().filter_map(events::wire).collect(),
            next_before_seq: page.next_before_seq.unwrap_or_default(),
        }))
    }

    async fn erase_comment(
        &self,
        request: Request<pb::EraseCommentRequest>,
    ) -> Result<Response<pb::EraseCommentResponse>, Status> {
        let pb::EraseCommentRequest { site_id, comment_id: id, moderator_id } = addressed::checked(request)?;
        let erased = self.review.erase_comment(ErasureRequest { site_id, id, moderator_id }).await;
        let repeated = erased.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::EraseCommentResponse { repeated }))
    }

    async fn erase_author(
        &self,
        request: Request<pb::EraseAuthorRequest>,
    ) -> Result<Response<pb::EraseAuthorResponse>, Status> {
        let pb::EraseAuthorRequest { site_id, author_id: id, moderator_id } = addressed::checked(request)?;
        let erased = self.review.erase_author(ErasureRequest { site_id, id, moderator_id }).await;
        let comments = erased.map_err(|error| status::status(&error))?.comments as u64;
        Ok(Response::new(pb::EraseAuthorResponse { comments }))
    }

    type WatchEventsStream = Told<pb::WatchEventsResponse>;

    async fn watch_events(
        &self,
        request: Request<pb::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let pb::WatchEventsRequest { site_id, after_seq } = addressed::checked(request)?;
        let events = self.review.events(&site_id, after_seq).map_err(|error| status::status(&error))?;
        let place = self.watchers.enter()?;
        Ok(Response::new(events::told(events, after_seq, self.closing.clone(), place)))
    }

    type WatchQueueStream = Told<pb::WatchQueueResponse>;

    async fn watch_queue(
        &self,
        request: Request<pb::WatchQueueRequest>,
    ) -> Result<Response<Self::WatchQueueStream>, Status> {
        let pb::WatchQueueRequest { site_id, queue, after_seq, hold, moderator_id } = addressed::checked(request)?;
        let of = QueueRequest { site_id, queue, order: Order::default() };
        let place = self.watchers.enter()?;
        let watched = self.review.watch(&of, after_seq, hold, &moderator_id, self.closing.clone()).await;
        let watched = watched.map_err(|error| status::status(&error))?;
        Ok(Response::new(watch::told(watched, self.closing.clone(), place)))
    }

    async fn list_campaigns(
        &self,
        request: Request<pb::ListCampaignsRequest>,
    ) -> Result<Response<pb::ListCampaignsResponse>, Status> {
        let pb::ListCampaignsRequest { site_id, page_size, page_token } = addressed::checked(request)?;
        let page = self.review.campaigns(&site_id, page_size, &page_token).await;
        let (page, now) = (page.map_err(|error| status::status(&error))?, self.review.now());
        Ok(Response::new(pb::ListCampaignsResponse {
            campaigns: page.campaigns.into_iter().map(|campaign| items::campaign(campaign, now)).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn list_campaign_comments(
        &self,
        request: Request<pb::ListCampaignCommentsRequest>,
    ) -> Result<Response<pb::ListCampaignCommentsResponse>, Status> {
        let pb::ListCampaignCommentsRequest { site_id, campaign_id, page_size, before_seq } =
            addressed::checked(request)?;
        let found = self.review.campaign_comments(&site_id, campaign_id, page_size, before_seq).await;
        let (campaign, members) = found.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::ListCampaignCommentsResponse {
            campaign: Some(items::campaign(campaign, self.review.now())),
            items: members.comments.into_iter().map(|head| self.shown(head)).collect(),
            next_before_seq: members.next_before_seq.unwrap_or_default(),
        }))
    }

    async fn set_campaign_rule(
        &self,
        request: Request<pb::SetCampaignRuleRequest>,
    ) -> Result<Response<pb::SetCampaignRuleResponse>, Status> {
        let request = addressed::checked(request)?;
        let measure = match request.measure() {
            pb::CampaignMeasure::Unspecified => None,
            pb::CampaignMeasure::None => Some(None),
            pb::CampaignMeasure::Hold => Some(Some(Outcome::Hold)),
            pb::CampaignMeasure::Reject => Some(Some(Outcome::Reject)),
        };
        let pb::SetCampaignRuleRequest { site_id, campaign_id: campaign, hours, moderator_id, dry_run, .. } = request;
        let request = RuleRequest { site_id, campaign, measure, hours, moderator_id, dry_run };
        let matched = self.review.set_campaign_rule(request).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::SetCampaignRuleResponse {
            campaign: Some(items::campaign(matched.campaign, self.review.now())),
            matched: count(matched.matched),
            examples: matched.examples.into_iter().map(|head| convert::revision(head.current)).collect(),
        }))
    }

    async fn settle_many(
        &self,
        request: Request<pb::SettleManyRequest>,
    ) -> Result<Response<pb::SettleManyResponse>, Status> {
        let request = addressed::checked(request)?;
        let approved = approved(request.verdict());
        let (labels, note) = (request.labels.into_iter().collect(), Words::new(request.note));
        let ruling = Ruling { approved, labels, reason: request.reason, note };
        let which = request.which.map(|which| match which {
            pb::settle_many_request::Which::Items(pb::ItemVersions { items }) => {
                Which::Items(items.into_iter().map(|item| (item.comment_id, item.version)).collect())
            }
            pb::settle_many_request::Which::Author(pb::AuthorOnArticle { author_id, article_id }) => {
                Which::AuthorOnArticle { author_id, article_id }
            }
            pb::settle_many_request::Which::CampaignId(campaign) => Which::Campaign(campaign),
        });
        let request = ActionRequest {
            site_id: request.site_id,
            moderator_id: request.moderator_id,
            request_id: request.request_id,
        };
        let done = self.review.settle_many(request, which, ruling).await.map_err(|error| status::status(&error))?;
        let (action_id, items) = (done.action_seq, count(done.items));
        Ok(Response::new(pb::SettleManyResponse { action_id, items, repeated: done.repeated }))
    }

    async fn explain_comment(
        &self,
        request: Request<pb::ExplainCommentRequest>,
    ) -> Result<Response<pb::ExplainCommentResponse>, Status> {
        let pb::ExplainCommentRequest { site_id, comment_id, revision, by_current_model } =
            addressed::checked(request)?;
        let request = ExplainRequest { site_id, comment_id, revision, by_current_model };
        let explained = self.explanations.explain(request).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(explanation::explained(explained)))
    }
}

fn approved(verdict: pb::Verdict) -> Option<bool> {
    match verdict {
        pb::Verdict::Unspecified => None,
        pb::Verdict::Approve => Some(true),
        pb::Verdict::Reject => Some(false),
    }
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

fn order(order: pb::ReviewOrder) -> Order {
    match order {
        pb::ReviewOrder::Unspecified | pb::ReviewOrder::Risk => Order::Risk,
        pb::ReviewOrder::Oldest => Order::Oldest,
        pb::ReviewOrder::Newest => Order::Newest,
    }
}
