//! Near-copies are grouped as they come, within a batch and across restarts, and erasing and rebuilding leave the groups.

use crate::support::{TempPlace, open, open_again};
use ombud::domain::{CommentId, Fingerprint, ModeratorId, Outcome, SiteId, Timestamp, review::Verdict};
use ombud::store::{
    CampaignSummary, EmbeddedStore, Erase, MembersQuery, SettleMany, Store, Together, Undo, conformance, verify,
};
use std::{fs, sync::Arc};

const BURST: u64 = 300;

/// Submits a comment whose text differs from those of the same `kind` in one hash of eight.
async fn submit(store: &EmbeddedStore, id: &str, kind: u64, variant: u64) {
    let comment = conformance::comment(id, "a", Some("u"), &format!("text {kind} {variant}"));
    let mut submitted = conformance::record(comment, Outcome::Hold);
    submitted.fingerprint =
        Fingerprint { exact: kind << 32 | variant, near: (kind * 0x0101_0101_0101_0100) | (variant % 255 + 1) };
    store.record(submitted).await.unwrap();
}

async fn campaigns(store: &EmbeddedStore) -> Vec<CampaignSummary> {
    store.campaigns(&SiteId::new("s"), 100, usize::MAX).await.unwrap()
}

async fn members(store: &EmbeddedStore, campaign: u64) -> Vec<String> {
    let (mut ids, mut before_seq) = (Vec::new(), None);
    loop {
        let query = MembersQuery { site_id: SiteId::new("s"), campaign, before_seq, limit: 70, bytes_max: usize::MAX };
        let page = store.members(query).await.unwrap();
        ids.extend(page.comments.iter().map(|head| head.current.comment.comment_id.to_string()));
        before_seq = page.next_before_seq;
        if before_seq.is_none() {
            ids.sort_unstable();
            return ids;
        }
    }
}

fn check_sound(dir: &std::path::Path) {
    let report = verify(dir, &|_| {}).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_near_copies_is_one_campaign_also_after_a_rebuild() {
    let place = TempPlace::new();
    let store = Arc::new(open(place.path()).unwrap());
    let burst = (0..BURST).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { submit(&store, &format!("c{number}"), 7, number).await })
    });
    for one in burst.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    submit(&store, "other", 9, 0).await;
    let listed = campaigns(&store).await;
    assert_eq!(listed.len(), 1, "a comment alone is not listed");
    assert_eq!((listed[0].members, listed[0].waiting), (BURST, BURST));
    let campaign = listed[0].campaign;
    assert_eq!(members(&store, campaign).await.len() as u64, BURST);
    store.close().await.unwrap();
    drop(store);
    check_sound(place.path());

    fs::remove_dir_all(place.path().join("state")).unwrap();
    let store = open_again(place.path());
    assert_eq!(campaigns(&store).await, listed, "the journal gives the same groups");

    // An edit leaves the campaign and may join another.
    submit(&store, "c0", 9, 1).await;
    let listed = campaigns(&store).await;
    assert_eq!(listed.iter().map(|one| one.members).collect::<Vec<_>>(), [BURST - 1, 2]);
    assert_eq!(members(&store, listed[1].campaign).await, ["c0", "other"]);
    store.close().await.unwrap();
    check_sound(place.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_erased_leaves_its_campaign_and_the_others_stay_in_it() {
    let place = TempPlace::new();
    let store = open(place.path()).unwrap();
    for number in 0..3 {
        submit(&store, &format!("c{number}"), 7, number).await;
    }
    let campaign = campaigns(&store).await[0].campaign;
    let (site_id, comments) = (SiteId::new("s"), vec![CommentId::new("c0")]);
    let (moderator_id, now) = (ModeratorId::new("m"), Timestamp::from_micros(1));
    // The campaign keeps the number that the first of it gave it.
    store.erase(Erase { site_id, comments, moderator_id, now }).await.unwrap();
    submit(&store, "c3", 7, 3).await;
    let after = campaigns(&store).await;
    assert_eq!((after[0].campaign, after[0].members, after[0].waiting), (campaign, 3, 3));
    assert_eq!(members(&store, campaign).await, ["c1", "c2", "c3"]);
    store.finish_erasures().await.unwrap();
    store.close().await.unwrap();
    drop(store);
    check_sound(place.path());
    fs::remove_dir_all(place.path().join("state")).unwrap();
    let store = open_again(place.path());
    assert_eq!(campaigns(&store).await, after);
    store.close().await.unwrap();
    check_sound(place.path());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_ruling_settles_a_thousand_and_is_undone_as_one() {
    let place = TempPlace::new();
    let store = open(place.path()).unwrap();
    for number in 0..12 {
        submit(&store, &format!("c{number}"), 7, number).await;
    }
    let campaign = campaigns(&store).await[0].campaign;
    let settle = |items_max| SettleMany {
        site_id: SiteId::new("s"),
        together: Together::Campaign(campaign),
        items_max,
        moderator_id: ModeratorId::new("m"),
        request_id: None,
        verdict: Verdict { approved: false, labels: Vec::new(), reason: String::new() },
        now: Timestamp::from_micros(1),
    };
    assert_eq!(store.settle_many(settle(10)).await.unwrap().items, 10, "as many as may be in one action");
    assert_eq!(campaigns(&store).await[0].waiting, 2);
    let done = store.settle_many(settle(10)).await.unwrap();
    assert_eq!(done.items, 2);
    assert!(campaigns(&store).await.is_empty(), "nothing waits");
    let (site_id, moderator_id, now) = (SiteId::new("s"), ModeratorId::new("n"), Timestamp::from_micros(2));
    let undo = Undo { site_id, settled_seq: done.action_seq, moderator_id, request_id: None, now };
    assert_eq!(store.undo(undo).await.unwrap().items, 2);
    assert_eq!(campaigns(&store).await[0].waiting, 2);
    store.close().await.unwrap();
    check_sound(place.path());
}
