//! Streams that tell what happens: whoever doesn't read is cut off, with the place to go on from.

use super::{status, watchers::Place};
use crate::moderation::Error;
use futures_util::{Stream, StreamExt, stream};
use std::{collections::HashMap, pin::Pin, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Messages that wait for one caller to read them.
const WAITING_MAX: usize = 64;

/// What one caller gets.
pub(super) type Told<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

/// What there is to tell: numbered, some at a time.
pub(super) type Telling<M> = Pin<Box<dyn Stream<Item = Result<Vec<(u64, M)>, Error>> + Send>>;

/// Tells messages until the caller goes away, `closing` is cancelled, or there are no more; `place` is free then, and
/// `kept` is dropped.
pub(super) fn told<M: Send + 'static>(
    messages: Telling<M>,
    after_seq: u64,
    closing: CancellationToken,
    place: Place,
    kept: impl Send + 'static,
) -> Told<M> {
    let (to_caller, waiting) = mpsc::channel(WAITING_MAX);
    let (end_to, end) = oneshot::channel();
    tokio::spawn(async move {
        // Where nothing is left to say, the caller has gone.
        if let Some(status) = tell(messages, after_seq, &to_caller, closing, place.silent_max).await {
            drop(end_to.send(status));
        }
        drop((kept, place));
    });
    let last = stream::once(async move { end.await.ok() }).filter_map(async |status| status.map(Err));
    Box::pin(ReceiverStream::new(waiting).chain(last))
}

/// Tells messages until something ends it; returns what the caller is to be told at last.
async fn tell<M>(
    mut messages: Telling<M>,
    mut after_seq: u64,
    to_caller: &mpsc::Sender<Result<M, Status>>,
    closing: CancellationToken,
    silent_max: Duration,
) -> Option<Status> {
    loop {
        let next = tokio::select! {
            next = messages.next() => next,
            () = closing.cancelled() => return Some(stopping()),
            () = to_caller.closed() => return None,
        };
        let next = match next? {
            Ok(next) => next,
            Err(error) => return Some(status::status(&error)),
        };
        for (seq, message) in next {
            let sent = tokio::select! {
                sent = timeout(silent_max, to_caller.send(Ok(message))) => sent,
                () = closing.cancelled() => return Some(stopping()),
            };
            match sent {
                Ok(Ok(())) => after_seq = seq,
                Ok(Err(_gone)) => return None,
                Err(_elapsed) => return Some(too_slow(after_seq)),
            }
        }
    }
}

pub(super) fn stopping() -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info("SHUTTING_DOWN", status::DOMAIN, HashMap::<String, String>::new());
    details.set_retry_info(Some(Duration::from_secs(1)));
    Status::with_error_details(Code::Unavailable, "the server is stopping; go on from the last event", details)
}

fn too_slow(after_seq: u64) -> Status {
    let mut details = ErrorDetails::new();
    let facts = HashMap::from([("after_seq".to_owned(), after_seq.to_string())]);
    details.set_error_info("READER_TOO_SLOW", status::DOMAIN, facts);
    Status::with_error_details(Code::ResourceExhausted, "events were not read; go on from the last one", details)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::SILENT_MAX;

    /// Has two messages at once, for ever.
    fn endless() -> Telling<u64> {
        Box::pin(stream::iter((1..).step_by(2).map(move |seq| Ok(vec![(seq, seq), (seq + 1, seq + 1)]))))
    }

    #[tokio::test]
    async fn who_does_not_read_is_cut_off_with_the_place_to_go_on_from() {
        let (to_caller, mut waiting) = mpsc::channel(4);
        let ended = tell(endless(), 0, &to_caller, CancellationToken::new(), Duration::from_millis(1)).await;
        let ended = ended.expect("the caller is told");
        assert_eq!(ended.code(), Code::ResourceExhausted);
        assert_eq!(ended.get_details_error_info().expect("details").metadata["after_seq"], "4");
        drop(to_caller);
        let mut read = Vec::new();
        while let Some(message) = waiting.recv().await {
            read.push(message.expect("a message"));
        }
        assert_eq!(read, [1, 2, 3, 4], "what waited can still be read");
    }

    #[tokio::test]
    async fn a_server_that_stops_says_so_and_without_a_caller_telling_ends() {
        let (to_caller, waiting) = mpsc::channel::<Result<u64, Status>>(4);
        let silent = || Box::pin(stream::pending());
        let closing = CancellationToken::new();
        closing.cancel();
        let ended = tell(silent(), 0, &to_caller, closing, SILENT_MAX).await;
        assert_eq!(ended.map(|status| status.code()), Some(Code::Unavailable));
        drop(waiting);
        assert!(tell(silent(), 0, &to_caller, CancellationToken::new(), SILENT_MAX).await.is_none());
    }
}
