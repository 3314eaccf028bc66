//! Many submissions on one stream.

use super::{convert, pb, status};
use crate::moderation::Moderation;
use futures_util::{Stream, StreamExt};
use std::{pin::Pin, sync::Arc};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// Comments of one stream that are worked on at once; further ones wait in the transport's flow control.
const IN_FLIGHT_MAX: usize = 64;

/// The answers of one stream.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<pb::SubmitCommentsResponse, Status>> + Send>>;

/// Answers each comment as it is ready; ends with the requests, or once what was taken in when `closing` was
/// cancelled is answered.
pub(super) fn answers(
    moderation: Arc<Moderation>,
    requests: Streaming<pb::SubmitCommentsRequest>,
    closing: CancellationToken,
) -> Answers {
    let answers = requests
        .take_until(closing.cancelled_owned())
        .enumerate()
        .map(move |(index, request)| {
            let moderation = Arc::clone(&moderation);
            async move { Ok(answer(&moderation, index as u64, request?).await) }
        })
        .buffer_unordered(IN_FLIGHT_MAX);
    Box::pin(answers)
}

async fn answer(moderation: &Moderation, index: u64, request: pb::SubmitCommentsRequest) -> pb::SubmitCommentsResponse {
    use pb::submit_comments_response::Result::{Failure, Response};
    let draft = convert::draft(request.submission.unwrap_or_default());
    let request_id = draft.request_id.clone();
    let result = match moderation.submit(draft).await {
        Ok(recorded) => Response(convert::submitted(recorded, request_id.clone())),
        Err(error) => Failure(status::failure(&error)),
    };
    pb::SubmitCommentsResponse { index, request_id, result: Some(result) }
}
