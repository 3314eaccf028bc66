//! Review beside many stored comments: what `ListQueues` and `ClaimNext` cost at 1,000 and at many more, and how many
//! items a second 64 claimers rule on.
//!
//! `cargo bench --bench review`; `COMMENTS` says how many are many, 1,000,000 where it says nothing.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use ombud::domain::{
    CommentId, ModeratorId, Outcome, QueueId, SiteId, Timestamp,
    review::{Act, Command, Order, Queue, Verdict},
    submit::CommentHead,
};
use ombud::store::{ClaimNext, EmbeddedStore, OnItem, Options, Store, conformance};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const FEW: u32 = 1000;
/// One comment in so many is held.
const HELD_ONE_IN: u32 = 50;
const ROUNDS: usize = 9;
const CALLS: usize = 40;
const CLAIMERS: usize = 64;
const ITEMS: u32 = 20_000;

fn main() {
    let many = std::env::var("COMMENTS").ok().and_then(|comments| comments.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        same_cost(many).await;
        claimers().await;
    });
}

/// Opens a store in a new folder with so many comments, every `held_one_in`th of them held.
async fn filled(comments: u32, held_one_in: u32) -> (tempfile::TempDir, Arc<EmbeddedStore>) {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Arc::new(EmbeddedStore::open(dir.path(), Options::default(), &|_| {}).expect("the store opens"));
    let writers = (0..128_u32).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in (writer..comments).step_by(128) {
                let outcome = if number % held_one_in == 0 { Outcome::Hold } else { Outcome::Publish };
                let article = format!("a{}", number / 100);
                let comment = conformance::comment(&format!("c{number}"), &article, None, "a comment like any other");
                store.record(conformance::record(comment, outcome)).await.expect("recorded");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no writer panics");
    }
    (dir, store)
}

async fn claim(store: &EmbeddedStore, moderator: &str) -> Option<CommentHead> {
    let now = Timestamp::from_micros(0);
    let claim = ClaimNext {
        site_id: SiteId::new("s"),
        queue: QueueId::Review(Queue::Held),
        order: Order::Risk,
        moderator_id: ModeratorId::new(moderator),
        limit: 1,
        bytes_max: usize::MAX,
        expires_at: Timestamp::from_micros(1),
        now,
    };
    store.claim_next(claim).await.expect("claimed").pop()
}

async fn act(store: &EmbeddedStore, moderator: &str, comment_id: CommentId, act: Act) {
    let now = Timestamp::from_micros(0);
    let command = Command { moderator_id: ModeratorId::new(moderator), request_id: None, act, now };
    store.on_item(OnItem { site_id: SiteId::new("s"), comment_id, command }).await.expect("done");
}

/// Compares the two stores in turns, so that both meet the same weather.
async fn same_cost(many: u32) {
    let few = filled(FEW, HELD_ONE_IN).await;
    let started = Instant::now();
    let many_stored = filled(many, HELD_ONE_IN).await;
    println!("{many} comments stored in {:.0} s", started.elapsed().as_secs_f64());
    let mut times: [[Vec<Duration>; 2]; 2] = Default::default();
    for _ in 0..ROUNDS {
        for (of, (_, store)) in [&few, &many_stored].into_iter().enumerate() {
            let started = Instant::now();
            for _ in 0..CALLS {
                store.queues(&SiteId::new("s"), Timestamp::from_micros(0)).await.expect("listed");
            }
            times[of][0].push(started.elapsed());
            let mut claiming = Duration::ZERO;
            for _ in 0..CALLS {
                let started = Instant::now();
                let head = claim(store, "m").await.expect("something waits");
                claiming += started.elapsed();
                act(store, "m", head.current.comment.comment_id, Act::Release).await;
            }
            times[of][1].push(claiming);
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e6 / CALLS as f64
    };
    let [few_times, many_times] = &mut times;
    for (call, name) in ["ListQueues", "ClaimNext"].into_iter().enumerate() {
        let (few, many_took) = (median(&mut few_times[call]), median(&mut many_times[call]));
        println!("{name}: {few:.0} µs at {FEW}, {many_took:.0} µs at {many} comments, ratio {:.2}", many_took / few);
    }
}

/// Has 64 claimers rule on 20,000 items, each of them once.
async fn claimers() {
    let (_dir, store) = filled(ITEMS, 1).await;
    let started = Instant::now();
    let all = (0..CLAIMERS).map(|claimer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let moderator = format!("m{claimer}");
            let mut ruled = 0_u32;
            while let Some(head) = claim(&store, &moderator).await {
                let verdict = Verdict { approved: true, labels: Vec::new(), reason: String::new() };
                let version = head.review.version;
                act(&store, &moderator, head.current.comment.comment_id, Act::Settle { version, verdict, note: None })
                    .await;
                ruled += 1;
            }
            ruled
        })
    });
    let mut ruled = 0;
    for claimer in all.collect::<Vec<_>>() {
        ruled += claimer.await.expect("no claimer panics");
    }
    let took = started.elapsed().as_secs_f64();
    assert_eq!(ruled, ITEMS, "each item is settled once");
    println!("{CLAIMERS} claimers: {ITEMS} items in {took:.1} s, {:.0} a second, each once", f64::from(ITEMS) / took);
}
