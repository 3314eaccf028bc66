//! A moderator watches a queue, and holds items for as long as they watch.

use crate::support::{FakeClock, TestServer, comment, terminal::Talking};
use ombud::grpc::{Client, ReviewClient, pb};
use pb::{QueueChange, Verdict};
use std::time::Duration;
use tokio::time::timeout;
use tonic::{Code, Streaming, transport::Channel};

type Told = Streaming<pb::WatchQueueResponse>;

struct Newsroom {
    server: TestServer,
    site: Client<Channel>,
    review: ReviewClient<Channel>,
}

impl Newsroom {
    async fn start() -> Self {
        Self::on(TestServer::start().await).await
    }

    async fn on(server: TestServer) -> Self {
        let site = server.client().await;
        let review = ReviewClient::connect(server.url.clone()).await.unwrap();
        Self { server, site, review }
    }

    async fn submit(&mut self, id: &str, text: &str) {
        self.site.submit_comment(comment("garden", id, text)).await.unwrap();
    }

    async fn watch(&mut self, after_seq: Option<u64>, hold_for: Option<&str>) -> Told {
        let request = pb::WatchQueueRequest {
            queue: "held".into(),
            after_seq,
            hold: hold_for.is_some(),
            moderator_id: hold_for.unwrap_or_default().into(),
            ..Default::default()
        };
        let mut told = self.review.watch_queue(request).await.unwrap().into_inner();
        let begun = next(&mut told).await;
        assert_eq!((begun.change(), begun.comment_id.as_str()), (QueueChange::Begun, ""));
        assert!(after_seq.is_none_or(|seq| seq == begun.seq));
        told
    }

    async fn claim(&mut self, moderator_id: &str, items_max: i32) -> Vec<pb::ReviewItem> {
        let (queue, moderator_id) = ("held".to_owned(), moderator_id.to_owned());
        let request = pb::ClaimNextRequest { queue, moderator_id, items_max, ..Default::default() };
        self.review.claim_next(request).await.unwrap().into_inner().items
    }

    async fn settle(&mut self, id: &str) -> u64 {
        let get = pb::GetReviewItemRequest { comment_id: id.into(), ..Default::default() };
        let item = self.review.get_review_item(get).await.unwrap().into_inner().item.unwrap();
        let settle = pb::SettleItemRequest {
            comment_id: id.into(),
            moderator_id: "ada".into(),
            version: item.version,
            verdict: Verdict::Approve.into(),
            ..Default::default()
        };
        self.review.settle_item(settle).await.unwrap().into_inner().action_id
    }

    async fn claimed(&mut self) -> u64 {
        let queues = self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
        queues.into_iter().find(|queue| queue.name == "held").unwrap().claimed
    }
}

async fn next(told: &mut Told) -> pb::WatchQueueResponse {
    timeout(Duration::from_secs(20), told.message()).await.expect("something is told").unwrap().unwrap()
}

async fn some(told: &mut Told, count: usize) -> Vec<pb::WatchQueueResponse> {
    let mut some = Vec::new();
    for _ in 0..count {
        some.push(next(told).await);
    }
    some
}

fn brief(told: &[pb::WatchQueueResponse]) -> Vec<(QueueChange, &str, &str, bool)> {
    fn one(one: &pb::WatchQueueResponse) -> (QueueChange, &str, &str, bool) {
        (one.change(), &one.comment_id, &one.moderator_id, one.claim.is_some())
    }
    told.iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_the_items_of_a_queue_is_told_once_over_any_reconnect() {
    use QueueChange::{Changed, Claimed, Entered, Left, Released, Skipped};
    let mut newsroom = Newsroom::start().await;
    newsroom.submit("before", "The minister is a liar.").await;
    let mut live = newsroom.watch(None, None).await;
    newsroom.submit("nice", "What a lovely garden.").await;
    newsroom.submit("c1", "This is rubbish, you clown.").await;
    newsroom.submit("c1", "Only a fool believes this.").await;
    newsroom.submit("c2", "Only a fool believes this.").await;
    newsroom.submit("c2", "What a lovely garden.").await;
    assert_eq!(newsroom.claim("ada", 1).await.len(), 1);
    let claimed = {
        let told = some(&mut live, 5).await;
        assert_eq!(
            brief(&told)[..4],
            [
                (Entered, "c1", "", false),
                (Changed, "c1", "", false),
                (Entered, "c2", "", false),
                (Left, "c2", "", false)
            ]
        );
        told[4].comment_id.clone()
    };
    let of = |comment_id: &str| pb::RenewClaimRequest {
        comment_id: comment_id.into(),
        moderator_id: "ada".into(),
        ..Default::default()
    };
    newsroom.review.renew_claim(of(&claimed)).await.unwrap();
    let (comment_id, moderator_id) = (claimed.clone(), "ada".to_owned());
    newsroom
        .review
        .release_claim(pb::ReleaseClaimRequest { comment_id, moderator_id, ..Default::default() })
        .await
        .unwrap();
    newsroom.claim("ada", 1).await;
    let (comment_id, moderator_id) = (claimed.clone(), "ada".to_owned());
    newsroom.review.skip_item(pb::SkipItemRequest { comment_id, moderator_id, ..Default::default() }).await.unwrap();
    let action_id = newsroom.settle(&claimed).await;
    let undo = pb::UndoActionRequest { action_id, moderator_id: "bob".into(), ..Default::default() };
    newsroom.review.undo_action(undo).await.unwrap();
    let told = some(&mut live, 6).await;
    let expected = [
        (Claimed, claimed.as_str(), "ada", true),
        (Released, &claimed, "ada", false),
        (Claimed, &claimed, "ada", true),
        (Skipped, &claimed, "ada", false),
        (Left, &claimed, "ada", false),
        (Entered, &claimed, "bob", false),
    ];
    assert_eq!(brief(&told), expected);
    drop(live);

    // From the first event on, and from each one again, also on another server: the same, without gaps.
    let mut all = newsroom.watch(Some(0), None).await;
    let all = some(&mut all, 12).await;
    assert_eq!(all[0].comment_id, "before");
    assert_eq!(all[6..], told);
    assert!(all.is_sorted_by(|a, b| a.seq < b.seq));
    let dir = newsroom.server.stop().await;
    let server = TestServer::start_in(dir, "").await;
    let (site, review) = (server.client().await, ReviewClient::connect(server.url.clone()).await.unwrap());
    let mut newsroom = Newsroom { server, site, review };
    for (index, one) in all.iter().enumerate() {
        let mut rest = newsroom.watch(Some(one.seq), None).await;
        assert_eq!(some(&mut rest, all.len() - index - 1).await, all[index + 1..]);
    }
    let unknown = pb::WatchQueueRequest { queue: "attic".into(), hold: true, ..Default::default() };
    assert_eq!(newsroom.review.watch_queue(unknown).await.unwrap_err().code(), Code::InvalidArgument);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_ends_gives_back_what_it_held() {
    let mut newsroom = Newsroom::start().await;
    for id in ["c1", "c2", "c3"] {
        newsroom.submit(id, "This is rubbish, you clown.").await;
    }
    let mut looking_on = newsroom.watch(None, None).await;
    let (one, other) = (newsroom.watch(None, Some("ada")).await, newsroom.watch(None, Some("ada")).await);
    assert_eq!(newsroom.claim("ada", 2).await.len(), 2);
    assert_eq!(newsroom.claim("bob", 1).await.len(), 1);
    some(&mut looking_on, 3).await;
    drop(one);
    // Ada holds on, on another stream.
    let round_trip = newsroom.watch(None, Some("cyd")).await;
    drop(round_trip);
    assert_eq!(newsroom.claimed().await, 3);
    drop(other);
    let told = some(&mut looking_on, 2).await;
    assert!(brief(&told).iter().all(|(change, _, by, _)| *change == QueueChange::Released && *by == "ada"), "{told:?}");
    assert_eq!(newsroom.claimed().await, 1, "what others hold stays theirs");

    // A server that stops is one to come back to.
    let stays = newsroom.watch(None, Some("bob")).await;
    let dir = newsroom.server.stop().await;
    drop(stays);
    let server = TestServer::start_in(dir, "").await;
    let (site, review) = (server.client().await, ReviewClient::connect(server.url.clone()).await.unwrap());
    let mut newsroom = Newsroom { server, site, review };
    assert_eq!(newsroom.claimed().await, 1);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_watched_at_a_terminal_by_people_and_by_programs() {
    let mut newsroom = Newsroom::start().await;
    let url = newsroom.server.url.clone();
    let mut people = Talking::start(&["queue", "watch", "--server", &url]);
    let mut programs = Talking::start(&["queue", "watch", "--jsonl", "--server", &url]);
    let line = |from: &Talking| tokio::task::block_in_place(|| from.line().expect("it goes on"));
    let step = |from: &Talking| serde_json::from_str::<serde_json::Value>(&line(from)).unwrap();
    assert!(line(&people).contains("BEGUN") && step(&programs)["change"] == "BEGUN");
    newsroom.submit("nice", "What a lovely garden.").await;
    newsroom.submit("c1", "This is rubbish, you clown.").await;
    newsroom.claim("ada", 1).await;
    newsroom.settle("c1").await;
    for (change, by) in [("ENTERED", None), ("CLAIMED", Some("ada")), ("LEFT", Some("ada"))] {
        let said = line(&people);
        let words: Vec<&str> = said.split_whitespace().collect();
        let told = step(&programs);
        assert_eq!((words[0], words[1], words[3]), (told["seq"].to_string().as_str(), change, "c1"), "{said}");
        assert_eq!(words.get(4..6), by.map(|by| ["by", by]).as_ref().map(<[&str; 2]>::as_slice), "{said}");
        assert_eq!((&told["change"], &told["comment_id"]), (&change.into(), &"c1".into()));
        assert_eq!(told["moderator_id"].as_str(), by);
        let is_claimed = change == "CLAIMED";
        assert_eq!((said.contains("  until "), told["claimed_until"].is_string()), (is_claimed, is_claimed), "{said}");
        assert_eq!(told["claimed_by"].as_str(), by.filter(|_| is_claimed));
    }
    #[cfg(unix)]
    for watching in [&mut people, &mut programs] {
        watching.interrupt();
        assert_eq!(watching.line(), None, "nothing else was told");
    }
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_hears_that_a_claim_has_ended_though_nobody_asks() {
    let clock = FakeClock::at(0);
    let mut newsroom = Newsroom::on(TestServer::start_with_clock(clock.clone()).await).await;
    newsroom.submit("c1", "This is rubbish, you clown.").await;
    assert_eq!(newsroom.claim("ada", 1).await.len(), 1);
    let mut told = newsroom.watch(None, None).await;
    clock.set(600_000_000);
    let released = next(&mut told).await;
    assert_eq!((released.change(), released.comment_id.as_str()), (QueueChange::Released, "c1"));
    assert_eq!((released.moderator_id.as_str(), released.claim), ("", None), "nobody did it");
    assert_eq!(newsroom.claim("bob", 1).await.len(), 1);
    newsroom.server.stop().await;
}
