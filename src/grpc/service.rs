//! The methods of `ModerationService`: convert, call, convert back.

use super::pb::moderation_service_server::{ModerationService, ModerationServiceServer};
use super::{addressed, convert, pb, status, stream};
use crate::moderation::{ListRequest, Moderation};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

/// Answers `ModerationService` with [`Moderation`].
#[derive(Clone)]
pub struct ModerationServer {
    moderation: Arc<Moderation>,
    closing: CancellationToken,
}

/// Makes the service that a router takes.
///
/// Messages over `message_bytes_max` bytes are refused. When `closing` is cancelled, open streams finish what they
/// have taken in and end.
pub fn moderation_service(
    moderation: Arc<Moderation>,
    closing: CancellationToken,
    message_bytes_max: usize,
) -> ModerationServiceServer<ModerationServer> {
    ModerationServiceServer::new(ModerationServer { moderation, closing }).max_decoding_message_size(message_bytes_max)
}

#[tonic::async_trait]
impl ModerationService for ModerationServer {
    async fn submit_comment(
        &self,
        request: Request<pb::SubmitCommentRequest>,
    ) -> Result<Response<pb::SubmitCommentResponse>, Status> {
        let draft = convert::draft(addressed::checked(request)?);
        let request_id = draft.request_id.clone();
        let recorded = self.moderation.submit(draft).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(convert::submitted(recorded, request_id)))
    }

    type SubmitCommentsStream = stream::Answers;

    async fn submit_comments(
        &self,
        request: Request<Streaming<pb::SubmitCommentsRequest>>,
    ) -> Result<Response<Self::SubmitCommentsStream>, Status> {
        let moderation = Arc::clone(&self.moderation);
        let (streamer, requests) = addressed::metered_stream(request)?;
        Ok(Response::new(stream::answers(moderation, streamer, requests, self.closing.clone())))
    }

    async fn score_text(
        &self,
        request: Request<pb::ScoreTextRequest>,
    ) -> Result<Response<pb::ScoreTextResponse>, Status> {
        let pb::ScoreTextRequest { texts, explain } = addressed::checked(request)?;
        let scored = self.moderation.score(texts, explain).await;
        let (scored, model_version) = scored.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::ScoreTextResponse {
            results: scored.into_iter().map(convert::text_scores).collect(),
            model_version,
        }))
    }

    async fn get_comment(
        &self,
        request: Request<pb::GetCommentRequest>,
    ) -> Result<Response<pb::GetCommentResponse>, Status> {
        let pb::GetCommentRequest { site_id, comment_id } = addressed::checked(request)?;
        let found = self.moderation.comment(&site_id, &comment_id).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(convert::found(found)))
    }

    async fn list_comments(
        &self,
        request: Request<pb::ListCommentsRequest>,
    ) -> Result<Response<pb::ListCommentsResponse>, Status> {
        let request = addressed::checked(request)?;
        let (article_id, author_id) = match request.filter {
            Some(pb::list_comments_request::Filter::ArticleId(id)) => (Some(id), None),
            Some(pb::list_comments_request::Filter::AuthorId(id)) => (None, Some(id)),
            None => (None, None),
        };
        let request = ListRequest {
            site_id: request.site_id,
            article_id,
            author_id,
            page_size: request.page_size,
            page_token: request.page_token,
        };
        let page = self.moderation.list(request).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::ListCommentsResponse {
            comments: page.comments.into_iter().map(convert::revision).collect(),
            next_page_token: page.next_page_token,
        }))
    }
}
