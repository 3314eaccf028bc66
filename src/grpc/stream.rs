//! Many submissions on one stream.

use super::{addressed::Streamer, convert, pb, status};
use crate::moderation::{Error, Moderation, Recorded};
use futures_util::{Stream, StreamExt};
use std::{pin::Pin, sync::Arc};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// Comments of one stream that are decided on at once, and as many more that are written down at once; further ones
/// wait in the transport's flow control.
const IN_FLIGHT_MAX: usize = 64;

/// The answers of one stream.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<pb::SubmitCommentsResponse, Status>> + Send>>;

/// Answers each comment as it is ready; ends with the requests, or once what was taken in when `closing` was
/// cancelled is answered.
///
/// Comments are decided on side by side and written down in the order in which they came: an edit that follows its
/// comment on the stream is never overtaken by it.
pub(super) fn answers(
    moderation: Arc<Moderation>,
    streamer: Streamer,
    requests: Streaming<pb::SubmitCommentsRequest>,
    closing: CancellationToken,
) -> Answers {
    let recorder = Arc::clone(&moderation);
    let answers = requests
        .take_until(closing.cancelled_owned())
        .enumerate()
        .map(move |(index, request)| {
            let moderation = Arc::clone(&moderation);
            let checked = request.map(|request| {
                let mut submission = request.submission.unwrap_or_default();
                (streamer.check(index, &mut submission), submission)
            });
            async move {
                let (allowed, submission) = checked?;
                let draft = convert::draft(submission);
                let request_id = draft.request_id.clone();
                let decided = match allowed {
                    Ok(()) => moderation.decide(draft).await,
                    Err(error) => Err(error),
                };
                Ok::<_, Status>((index as u64, request_id, decided))
            }
        })
        .buffered(IN_FLIGHT_MAX)
        .map(move |decided| {
            let moderation = Arc::clone(&recorder);
            async move {
                let (index, request_id, decided) = decided?;
                let recorded = match decided {
                    Ok(decided) => moderation.record(decided).await,
                    Err(error) => Err(error),
                };
                Ok(answer(index, request_id, recorded))
            }
        })
        .buffer_unordered(IN_FLIGHT_MAX);
    Box::pin(answers)
}

fn answer(index: u64, request_id: String, recorded: Result<Recorded, Error>) -> pb::SubmitCommentsResponse {
    use pb::submit_comments_response::Result::{Failure, Response};
    let result = match recorded {
        Ok(recorded) => Response(convert::submitted(recorded, request_id.clone())),
        Err(error) => Failure(status::failure(&error)),
    };
    pb::SubmitCommentsResponse { index, request_id, result: Some(result) }
}
