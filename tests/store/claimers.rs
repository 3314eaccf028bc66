//! Many claimers at once: no two hold one item, none is lost, and nobody else waits for them.

use crate::review::{ORDERS, at, claim, decision, held, submit};
use crate::review_model::Which;
use crate::support::{TempPlace, open};
use ombud::domain::{
    ModeratorId, SiteId,
    review::{Act, Command, Queue, Verdict},
    submit::Submitted,
};
use ombud::store::{OnItem, Store, conformance, verify};
use std::{collections::BTreeSet, sync::Arc};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claimers_no_two_hold_one_item_and_none_is_lost() {
    const ITEMS: usize = 600;
    let dir = TempPlace::new();
    let store = Arc::new(open(dir.path()).unwrap());
    for start in (0..ITEMS).step_by(50) {
        let some = (start..start + 50).map(|item| {
            let comment = conformance::comment(&format!("c{item}"), "a", None, "text");
            store.record(Submitted::new(comment, decision(1 + u8::try_from(item % 2).unwrap()), at(0)))
        });
        for recorded in futures_util::future::join_all(some).await {
            recorded.unwrap();
        }
    }
    let claimers = (0..64_u8).map(|moderator| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut settled = Vec::new();
            loop {
                let claimed =
                    claim(&store, moderator, 3, (Which::Review(Queue::Held), ORDERS[usize::from(moderator) % 3]), 0)
                        .await;
                if claimed.is_empty() {
                    return settled;
                }
                for head in claimed {
                    let comment = &head.current.comment;
                    let verdict = Verdict { approved: true, labels: Vec::new(), reason: String::new() };
                    let command = Command {
                        moderator_id: ModeratorId::new(format!("m{moderator}")),
                        request_id: None,
                        act: Act::Settle { version: head.review.version, verdict, note: None },
                        now: at(0),
                    };
                    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
                    settled.push(comment_id.clone());
                    store.on_item(OnItem { site_id, comment_id, command }).await.unwrap();
                }
            }
        })
    });
    let mut settled = Vec::new();
    for claimer in futures_util::future::join_all(claimers).await {
        settled.extend(claimer.unwrap());
    }
    assert_eq!(settled.len(), ITEMS);
    assert_eq!(settled.into_iter().collect::<BTreeSet<_>>().len(), ITEMS);
    let summary = held(store.queues(&SiteId::new("s"), at(0)).await.unwrap());
    assert_eq!((summary.items, summary.claimed, summary.oldest_at), (0, 0, None));
    store.close().await.unwrap();
    assert!(verify(dir.path(), &|_| {}).unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_claims_does_not_hold_up_a_submission() {
    const ITEMS: usize = 2000;
    let dir = TempPlace::new();
    let store = Arc::new(open(dir.path()).unwrap());
    let some = (0..ITEMS).map(|item| {
        let comment = conformance::comment(&format!("c{item}"), "a", None, "text");
        store.record(Submitted::new(comment, decision(1 + u8::try_from(item % 2).unwrap()), at(0)))
    });
    futures_util::future::join_all(some).await.into_iter().for_each(|recorded| drop(recorded.unwrap()));
    // All are asked for before anything is answered, the submission last.
    let claims = (0..100)
        .map(|number| claim(&store, number % 64, 20, (Which::Review(Queue::Held), ORDERS[usize::from(number) % 3]), 0));
    let claims = futures_util::future::join_all(claims);
    let submission = async {
        submit(&store, 0, 1, false, 0).await.unwrap();
        held(store.queues(&SiteId::new("s"), at(0)).await.unwrap()).claimed
    };
    let (claimed, claimed_before) = tokio::join!(biased; claims, submission);
    let claimed: BTreeSet<_> = claimed.iter().flatten().map(|head| head.current.comment.comment_id.clone()).collect();
    assert_eq!(claimed.len(), ITEMS);
    assert!(claimed_before < ITEMS as u64, "the submission was answered after all claims");
    store.close().await.unwrap();
}
