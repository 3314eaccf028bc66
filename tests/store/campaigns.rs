//! Near-copies are grouped as they come, within a batch and across restarts, and erasing and rebuilding leave the groups.

use crate::support::{TempPlace, open, open_again};
use ombud::domain::{CommentId, Fingerprint, ModeratorId, Outcome, SiteId, Timestamp, review::Verdict};
use ombud::store::{
    CampaignQuery, CampaignSummary, EmbeddedStore, Erase, Error, MembersQuery, SetCampaignRule, SettleMany, Store,
    Together, Undo, conformance, verify,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{collections::BTreeMap, fs, sync::Arc};

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
    let query = CampaignQuery { site_id: SiteId::new("s"), after: None, limit: 100, bytes_max: usize::MAX };
    store.campaigns(query).await.unwrap().campaigns
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
        note: None,
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

/// Compares what is asked about each campaign with what the comments themselves say.
async fn check_by_comments(store: &EmbeddedStore, ids: u64) {
    let site_id = SiteId::new("s");
    let mut expected: BTreeMap<u64, (Vec<String>, u64)> = BTreeMap::new();
    for number in 0..ids {
        let id = CommentId::new(format!("c{number}"));
        let Some(head) = store.head(&site_id, &id).await.unwrap().filter(|head| head.campaign != 0) else { continue };
        let (members, waiting) = expected.entry(head.campaign).or_default();
        members.push(id.to_string());
        *waiting += u64::from(head.review.item.is_some());
    }
    let mut listed: Vec<u64> = campaigns(store).await.iter().map(|one| one.campaign).collect();
    listed.sort_unstable();
    let of_several = expected.iter().filter(|(_, (members, waiting))| members.len() > 1 && *waiting > 0);
    assert_eq!(listed, of_several.map(|(campaign, _)| *campaign).collect::<Vec<_>>());
    for (campaign, (mut ids, waiting)) in expected {
        let found = store.campaign(&site_id, campaign).await.unwrap().unwrap();
        assert_eq!((found.members, found.waiting), (ids.len() as u64, waiting), "campaign {campaign}");
        ids.sort_unstable();
        assert_eq!(members(store, campaign).await, ids, "campaign {campaign}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_alone_and_in_campaigns_are_counted_whatever_happens_to_them() {
    const IDS: u64 = 14;
    for seed in 0..12 {
        let place = TempPlace::new();
        let mut store = open(place.path()).unwrap();
        let mut random = StdRng::seed_from_u64(seed);
        for step in 0..60_u64 {
            let id = format!("c{}", random.gen_range(0..IDS));
            match random.gen_range(0..20) {
                0..=10 => {
                    let comment = conformance::comment(&id, "a", Some("u"), &format!("text {step}"));
                    let outcome = if random.gen_bool(0.7) { Outcome::Hold } else { Outcome::Publish };
                    let mut submitted = conformance::record(comment, outcome);
                    let kind = random.gen_range(1..8_u64);
                    let near = (kind * 0x0101_0101_0101_0100) | random.gen_range(1..5);
                    submitted.fingerprint = Fingerprint { exact: step + 1, near };
                    match store.record(submitted).await {
                        Ok(_) | Err(Error::Erased) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                11..=13 => {
                    let (site_id, comments) = (SiteId::new("s"), vec![CommentId::new(id)]);
                    let (moderator_id, now) = (ModeratorId::new("m"), Timestamp::from_micros(1));
                    store.erase(Erase { site_id, comments, moderator_id, now }).await.unwrap();
                }
                14..=17 => {
                    let head = store.head(&SiteId::new("s"), &CommentId::new(id)).await.unwrap();
                    let Some(head) = head.filter(|head| head.campaign != 0) else { continue };
                    let waiting = store.campaign(&SiteId::new("s"), head.campaign).await.unwrap().unwrap().waiting;
                    let settle = SettleMany {
                        note: None,
                        site_id: SiteId::new("s"),
                        together: Together::Campaign(head.campaign),
                        items_max: 10,
                        moderator_id: ModeratorId::new("m"),
                        request_id: None,
                        verdict: Verdict { approved: true, labels: Vec::new(), reason: String::new() },
                        now: Timestamp::from_micros(1),
                    };
                    assert_eq!(store.settle_many(settle).await.unwrap().items as u64, waiting);
                }
                _ => {
                    store.finish_erasures().await.unwrap();
                    store.close().await.unwrap();
                    drop(store);
                    store = open_again(place.path());
                }
            }
            check_by_comments(&store, IDS).await;
        }
        store.finish_erasures().await.unwrap();
        let before = campaigns(&store).await;
        store.close().await.unwrap();
        drop(store);
        check_sound(place.path());
        fs::remove_dir_all(place.path().join("state")).unwrap();
        let store = open_again(place.path());
        assert_eq!(campaigns(&store).await, before, "the journal gives the same groups");
        check_by_comments(&store, IDS).await;
        store.close().await.unwrap();
        check_sound(place.path());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_on_a_text_alone_holds_for_its_copies() {
    let place = TempPlace::new();
    let store = open(place.path()).unwrap();
    submit(&store, "c0", 7, 0).await;
    let site_id = SiteId::new("s");
    let campaign = store.head(&site_id, &CommentId::new("c0")).await.unwrap().unwrap().campaign;
    let summary = store.campaign(&site_id, campaign).await.unwrap().unwrap();
    assert_eq!((summary.members, summary.waiting), (1, 1));
    let rule = |campaign| SetCampaignRule {
        site_id: SiteId::new("s"),
        campaign,
        action: Some(Outcome::Reject),
        expires_at: Timestamp::from_micros(i64::MAX),
        moderator_id: ModeratorId::new("m"),
        now: Timestamp::from_micros(1),
    };
    store.set_campaign_rule(rule(campaign)).await.unwrap();
    assert!(matches!(store.set_campaign_rule(rule(campaign + 1)).await, Err(Error::NoCampaign { .. })));
    submit(&store, "c1", 7, 1).await;
    let copy = store.head(&site_id, &CommentId::new("c1")).await.unwrap().unwrap();
    assert_eq!((copy.campaign, copy.current.decision.outcome), (campaign, Outcome::Reject));
    assert_eq!(members(&store, campaign).await, ["c0", "c1"]);
    store.close().await.unwrap();
    check_sound(place.path());
}
