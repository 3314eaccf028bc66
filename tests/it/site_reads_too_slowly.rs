//! A site, or a moderator's tool, watches and doesn't read.

use crate::moderator_reviews::reason;
use crate::support::{TestServer, comment, submit_all};
use ombud::grpc::{ReviewClient, pb};
use pb::{Verdict, settle_many_request::Which};
use std::time::Duration;
use tokio::time::{interval, timeout};
use tonic::{
    Code, Streaming,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

/// Bytes that a client takes in without being read, the least that HTTP/2 allows at first.
const WINDOW: u32 = 65_535;
/// Comments that are ruled on together.
const COMMENTS: usize = 30;
/// How often they are, and how often that is taken back: far more is told of it than fits anywhere on the way.
const ROUNDS: usize = 40;
/// With what the writer must be done, whoever reads or doesn't.
const WRITING_MAX: Duration = Duration::from_secs(50);

/// A message of either stream.
trait Message {
    fn seq(&self) -> u64;
    fn comment_id(&self) -> &str;
}

impl Message for pb::WatchEventsResponse {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn comment_id(&self) -> &str {
        &self.comment_id
    }
}

impl Message for pb::WatchQueueResponse {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn comment_id(&self) -> &str {
        &self.comment_id
    }
}

/// Reads until the last comment is told of, and returns `None`; or until the stream is cut off, and returns from where to go on.
async fn read<M: Message>(told: &mut Streaming<M>, seen: &mut Vec<M>) -> Option<u64> {
    loop {
        match told.message().await {
            Ok(message) => {
                let message = message.expect("the server goes on");
                let is_last = message.comment_id() == "last";
                // A stream of a queue begins with a message about no comment.
                if !message.comment_id().is_empty() {
                    seen.push(message);
                }
                if is_last {
                    return None;
                }
            }
            Err(ended) => {
                assert_eq!(reason(&ended), (Code::ResourceExhausted, "READER_TOO_SLOW".to_owned()));
                return Some(ended.get_details_error_info().unwrap().metadata["after_seq"].parse().unwrap());
            }
        }
    }
}

/// Reads from behind an event on to the last comment, however often the stream is cut off meanwhile.
async fn read_on<M: Message>(open: impl AsyncFn(u64) -> Streaming<M>, mut after_seq: u64, seen: &mut Vec<M>) {
    while let Some(seq) = read(&mut open(after_seq).await, seen).await {
        assert!(seq > after_seq, "there is some progress each time");
        after_seq = seq;
    }
}

fn seqs<M: Message>(messages: &[M]) -> Vec<u64> {
    messages.iter().map(Message::seq).collect()
}

struct Site {
    server: TestServer,
    review: ReviewClient<Channel>,
}

impl Site {
    /// Connects somebody who takes in little that they don't read.
    async fn connect(&self) -> ReviewClient<Channel> {
        let endpoint = Endpoint::from_shared(self.server.url.clone()).unwrap();
        let endpoint = endpoint.initial_stream_window_size(WINDOW).initial_connection_window_size(WINDOW);
        ReviewClient::new(endpoint.connect().await.unwrap())
    }

    async fn events(&self, after_seq: u64) -> Streaming<pb::WatchEventsResponse> {
        let request = pb::WatchEventsRequest { after_seq, ..Default::default() };
        self.connect().await.watch_events(request).await.unwrap().into_inner()
    }

    /// Watches the queue `held`; where ada watches, she holds.
    async fn queue(&self, after_seq: u64, ada: bool) -> Streaming<pb::WatchQueueResponse> {
        let request = pb::WatchQueueRequest {
            queue: "held".into(),
            after_seq: Some(after_seq),
            hold: ada,
            moderator_id: if ada { "ada".into() } else { String::new() },
            ..Default::default()
        };
        self.connect().await.watch_queue(request).await.unwrap().into_inner()
    }

    /// Starts a server with comments that are held, one of which ada claims once she watches.
    async fn start(silent_max: Duration) -> Self {
        let server = TestServer::start_with_silent_max(silent_max).await;
        let review = ReviewClient::connect(server.url.clone()).await.unwrap();
        let comments = (0..COMMENTS).map(|number| comment("garden", &format!("{number:x>120}"), "You clown."));
        let decided = submit_all(&mut server.client().await, comments.collect()).await;
        assert!(decided.iter().all(|one| one.decision.as_ref().unwrap().outcome() == pb::Outcome::Hold));
        Self { server, review }
    }

    /// Rules on all comments but ada's, and takes it back, again and again.
    async fn write(&mut self) {
        let (queue, moderator_id) = ("held".to_owned(), "ada".to_owned());
        let claim = pb::ClaimNextRequest { queue, moderator_id, ..Default::default() };
        assert_eq!(self.review.claim_next(claim).await.unwrap().into_inner().items.len(), 1);
        let (author_id, article_id) = ("reader-1".to_owned(), "garden".to_owned());
        let settle = pb::SettleManyRequest {
            which: Some(Which::Author(pb::AuthorOnArticle { author_id, article_id })),
            moderator_id: "bob".into(),
            verdict: Verdict::Reject.into(),
            ..Default::default()
        };
        for _ in 0..ROUNDS {
            let settled = self.review.settle_many(settle.clone()).await.unwrap().into_inner();
            // Ada's own is left to her until her stream ends.
            assert!((COMMENTS - 1..=COMMENTS).contains(&(settled.items as usize)), "{}", settled.items);
            let (action_id, moderator_id) = (settled.action_id, "bob".to_owned());
            let undo = pb::UndoActionRequest { action_id, moderator_id, ..Default::default() };
            assert_eq!(self.review.undo_action(undo).await.unwrap().into_inner().items, settled.items);
        }
    }

    async fn claimed(&mut self) -> u64 {
        let queues = self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
        queues.into_iter().find(|queue| queue.name == "held").unwrap().claimed
    }

    async fn submit_last(&self) {
        self.server.client().await.submit_comment(comment("garden", "last", "You clown.")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_read_is_cut_off_and_goes_on_without_a_gap_from_where_they_are_told() {
    let mut site = Site::start(Duration::from_millis(200)).await;
    let (mut events, mut queue) = (site.events(0).await, site.queue(0, true).await);
    timeout(WRITING_MAX, site.write()).await.expect("no writer waits for who doesn't read");
    // What ada held is given back as her stream ends. More is told of events than of the queue, and earlier: that stream has
    // ended by then too.
    let mut again = interval(Duration::from_millis(20));
    while site.claimed().await > 0 {
        again.tick().await;
    }
    site.submit_last().await;

    let mut seen = Vec::new();
    let after_seq = read(&mut events, &mut seen).await.expect("it was cut off");
    assert_eq!(seqs(&seen).last(), Some(&after_seq), "what was told can be read, and nothing else");
    read_on(async |seq| site.events(seq).await, after_seq, &mut seen).await;
    let mut all = Vec::new();
    read_on(async |seq| site.events(seq).await, 0, &mut all).await;
    assert!(seqs(&seen) == seqs(&all) && seen == all, "nothing is lost or doubled");
    assert!(seqs(&all).is_sorted_by(|a, b| a < b));

    let mut seen = Vec::new();
    let after_seq = read(&mut queue, &mut seen).await.expect("it was cut off");
    assert_eq!(seqs(&seen).last(), Some(&after_seq), "what was told can be read, and nothing else");
    read_on(async |seq| site.queue(seq, false).await, after_seq, &mut seen).await;
    let mut all = Vec::new();
    read_on(async |seq| site.queue(seq, false).await, 0, &mut all).await;
    assert!(seqs(&seen) == seqs(&all) && seen == all, "nothing is lost or doubled");
    assert!(seqs(&all).is_sorted_by(|a, b| a < b));
    site.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_late_but_in_time_misses_nothing_and_holds_nobody_up() {
    let mut site = Site::start(ombud::grpc::SILENT_MAX).await;
    let (mut events, mut queue) = (site.events(0).await, site.queue(0, true).await);
    timeout(WRITING_MAX, site.write()).await.expect("no writer waits for who doesn't read");
    site.submit_last().await;
    let (mut happened, mut moved) = (Vec::new(), Vec::new());
    assert_eq!(read(&mut events, &mut happened).await, None, "it was not cut off");
    assert_eq!(read(&mut queue, &mut moved).await, None, "it was not cut off");
    assert_eq!(site.claimed().await, 1, "nor was what ada holds given back");
    let rulings = 2 * ROUNDS * (COMMENTS - 1);
    // Each comment comes with its decision, and all but the first join a campaign; ada claims one; each ruling and its undoing
    // is told with the decision that follows; the last comment is read up to its first event.
    assert_eq!(happened.len(), 3 * COMMENTS - 1 + 1 + 2 * rulings + 1);
    assert_eq!(moved.len(), COMMENTS + 1 + rulings + 1);
    drop((events, queue));
    site.server.stop().await;
}
