//! Sixty-four moderators work off one queue at once.

use crate::moderator_reviews::{Newsroom, id};
use crate::support::{TestServer, comment, submit_all};
use ombud::grpc::{ReviewClient, pb};
use pb::{Outcome, Verdict, watch_events_response::Event as Happened};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    sync::{Arc, Mutex},
};

const CLAIMERS: i32 = 64;
/// How many items wait, where `OMBUD_CLAIM_ITEMS` doesn't say otherwise.
const ITEMS: usize = 2000;

/// Which items are in whose hands, as those who have them know it.
type InHand = Arc<Mutex<BTreeMap<String, String>>>;

/// Claims and settles until nothing is left, but gives the first item back once; returns what was settled.
async fn work(url: String, number: i32, in_hand: InHand) -> Vec<String> {
    let mut review = ReviewClient::connect(url).await.unwrap();
    let (moderator_id, items_max) = (format!("m{number}"), 1 + number % 5);
    let claim = pb::ClaimNextRequest {
        queue: "held".into(),
        moderator_id: moderator_id.clone(),
        items_max,
        ..Default::default()
    };
    let (mut settled, mut gave_back) = (Vec::new(), false);
    loop {
        let claimed = review.claim_next(claim.clone()).await.unwrap().into_inner().items;
        if claimed.is_empty() {
            return settled;
        }
        for item in &claimed {
            let holder = in_hand.lock().unwrap().insert(id(item), moderator_id.clone());
            assert_eq!(holder, None, "nobody else holds it");
        }
        for item in claimed {
            let (comment_id, moderator_id) = (id(&item), moderator_id.clone());
            in_hand.lock().unwrap().remove(&comment_id);
            if !gave_back {
                gave_back = true;
                let release = pb::ReleaseClaimRequest { comment_id, moderator_id, ..Default::default() };
                review.release_claim(release).await.unwrap();
                continue;
            }
            let verdict = if number % 2 == 0 { Verdict::Approve } else { Verdict::Reject };
            let settle = pb::SettleItemRequest {
                comment_id: comment_id.clone(),
                moderator_id,
                version: item.version,
                verdict: verdict.into(),
                ..Default::default()
            };
            review.settle_item(settle).await.unwrap();
            settled.push(comment_id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_claimers_settle_each_item_once_and_lose_none() {
    let items = env::var("OMBUD_CLAIM_ITEMS").map_or(ITEMS, |items| items.parse().expect("a number of items"));
    let mut newsroom = Newsroom::new(TestServer::start_with("[sites.default.toxicity]\nhold = 0.0").await).await;
    let ids: Vec<String> = (0..items).map(|number| format!("c{number:06}")).collect();
    let comments = ids.iter().map(|id| comment("garden", id, &format!("This is opinion {id} of many.")));
    let decided = submit_all(&mut newsroom.site, comments.collect()).await;
    assert!(decided.iter().all(|one| one.decision.as_ref().unwrap().outcome() == Outcome::Hold));
    assert_eq!(newsroom.queue().await.items, items as u64);

    let in_hand = InHand::default();
    let claimers = (0..CLAIMERS).map(|number| {
        let (url, in_hand) = (newsroom.server.url.clone(), Arc::clone(&in_hand));
        tokio::spawn(work(url, number, in_hand))
    });
    let mut settled = Vec::new();
    for claimer in claimers.collect::<Vec<_>>() {
        settled.extend(claimer.await.unwrap());
    }
    settled.sort_unstable();
    assert_eq!(settled.len(), items, "each is settled once");
    assert!(settled == ids, "none is lost");

    let queues = newsroom.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
    let left = queues.iter().filter(|queue| queue.items + queue.claimed > 0 || queue.oldest_at.is_some());
    assert_eq!(left.count(), 0, "{queues:?}");
    // The journal says so too.
    newsroom.submit("last", "This is the last one.", Outcome::Hold).await;
    let mut events = newsroom.review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    let (mut verdicts, mut ruled_on) = (0, BTreeSet::new());
    while let Some(event) = events.message().await.unwrap().filter(|event| event.comment_id != "last") {
        if let Some(Happened::ItemSettled(_)) = event.event {
            verdicts += 1;
            ruled_on.insert(event.comment_id);
        }
    }
    assert_eq!((verdicts, ruled_on.len()), (items, items));
    newsroom.server.stop().await;
}
