//! A moderator asks for what can't be: each call is refused with its reason, and nothing has changed.

use crate::moderator_reviews::{Newsroom, aborted, id, reason};
use crate::support::{FakeClock, TestServer};
use ombud::domain::{self, SiteId};
use ombud::grpc::pb;
use ombud::store::{EmbeddedStore, Options, Store as _, conformance};
use pb::{Verdict, settle_many_request::Which};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const MINUTE: i64 = 60_000_000;

/// All that a moderator sees of queues and comments.
#[derive(Debug, PartialEq)]
struct Seen {
    queues: Vec<pb::Queue>,
    dossiers: Vec<pb::GetReviewItemResponse>,
}

impl Newsroom {
    async fn queues(&mut self) -> Vec<pb::Queue> {
        self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues
    }

    async fn seen(&mut self) -> Seen {
        let (queues, mut dossiers) = (self.queues().await, Vec::new());
        for comment_id in ["c0", "c1", "c2"] {
            dossiers.push(self.dossier(comment_id).await);
        }
        Seen { queues, dossiers }
    }

    async fn settle_all(&mut self, items: &[(String, u64)]) -> Result<pb::SettleManyResponse, Status> {
        let item = |(comment_id, version): &(String, u64)| pb::ItemVersion {
            comment_id: comment_id.clone(),
            version: *version,
        };
        let request = pb::SettleManyRequest {
            which: Some(Which::Items(pb::ItemVersions { items: items.iter().map(item).collect() })),
            moderator_id: "ada".into(),
            verdict: Verdict::Reject.into(),
            ..Default::default()
        };
        Ok(self.review.settle_many(request).await?.into_inner())
    }

    /// Has Ada ask for something that can't be.
    async fn refused(&mut self, what: &str) -> Status {
        let ada = || "ada".to_owned();
        let of = |comment_id: &str| (comment_id.to_owned(), ada());
        let (item, next) = (self.item("c0").await, self.item("c1").await);
        match what {
            "unknown queue" => {
                let request = pb::ClaimNextRequest { queue: "attic".into(), moderator_id: ada(), ..Default::default() };
                self.review.claim_next(request).await.unwrap_err()
            }
            "foreign claim: settle" => self.settle("ada", &item, Verdict::Approve).await.unwrap_err(),
            "foreign claim: settle many" => {
                let items = [(id(&next), next.version), (id(&item), item.version)];
                self.settle_all(&items).await.unwrap_err()
            }
            "foreign claim: renew" => {
                let (comment_id, moderator_id) = of("c0");
                let request = pb::RenewClaimRequest { comment_id, moderator_id, ..Default::default() };
                self.review.renew_claim(request).await.unwrap_err()
            }
            "foreign claim: release" => {
                let (comment_id, moderator_id) = of("c0");
                let request = pb::ReleaseClaimRequest { comment_id, moderator_id, ..Default::default() };
                self.review.release_claim(request).await.unwrap_err()
            }
            "foreign claim: escalate" => {
                let (comment_id, moderator_id) = of("c0");
                let note = "Ask the lawyers.".to_owned();
                let request = pb::EscalateItemRequest { comment_id, moderator_id, note, ..Default::default() };
                self.review.escalate_item(request).await.unwrap_err()
            }
            "expired claim: renew" => {
                let (comment_id, moderator_id) = of("c1");
                let request = pb::RenewClaimRequest { comment_id, moderator_id, ..Default::default() };
                self.review.renew_claim(request).await.unwrap_err()
            }
            "expired claim: skip" => {
                let (comment_id, moderator_id) = of("c1");
                let request = pb::SkipItemRequest { comment_id, moderator_id, ..Default::default() };
                self.review.skip_item(request).await.unwrap_err()
            }
            "settled item" => {
                let item = self.item("c2").await;
                self.settle("ada", &item, Verdict::Approve).await.unwrap_err()
            }
            "settled item among others" => {
                let settled = self.item("c2").await;
                let items = [(id(&next), next.version), (id(&settled), settled.version)];
                self.settle_all(&items).await.unwrap_err()
            }
            "1,001 items" => {
                let items: Vec<_> = (0..1001).map(|number| (format!("x{number}"), 1)).collect();
                self.settle_all(&items).await.unwrap_err()
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_with_its_reason_and_changes_nothing() {
    let clock = FakeClock::at(0);
    let mut newsroom = Newsroom::with_held(TestServer::start_with_clock(clock.clone()).await).await;
    let settled = newsroom.claim_in("held", "ada", 1).await.remove(0);
    newsroom.settle("ada", &settled, Verdict::Reject).await.unwrap();
    assert_eq!(id(&newsroom.claim_in("held", "ada", 1).await[0]), "c1");
    clock.set(9 * MINUTE);
    assert_eq!(id(&newsroom.claim_in("held", "bob", 1).await[0]), "c0");
    clock.set(10 * MINUTE);
    let invalid = || (Code::InvalidArgument, "INVALID_FIELDS".to_owned());
    let table = [
        ("unknown queue", invalid()),
        ("foreign claim: settle", aborted("CLAIMED_BY_ANOTHER")),
        ("foreign claim: settle many", aborted("CLAIMED_BY_ANOTHER")),
        ("foreign claim: renew", aborted("CLAIMED_BY_ANOTHER")),
        ("foreign claim: release", aborted("CLAIMED_BY_ANOTHER")),
        ("foreign claim: escalate", aborted("CLAIMED_BY_ANOTHER")),
        ("expired claim: renew", aborted("NOT_CLAIMED")),
        ("expired claim: skip", aborted("NOT_CLAIMED")),
        ("settled item", aborted("ITEM_NOT_WAITING")),
        ("settled item among others", aborted("ITEM_NOT_WAITING")),
        ("1,001 items", invalid()),
    ];
    let before = newsroom.seen().await;
    assert_eq!(before.queues.iter().map(|queue| queue.claimed).sum::<u64>(), 1, "Bob's");
    for (what, expected) in table {
        let refused = newsroom.refused(what).await;
        assert_eq!(reason(&refused), expected, "{what}");
        assert_eq!(newsroom.seen().await, before, "{what}");
    }
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_items_are_ruled_on_at_once_and_one_more_is_refused() {
    // Straight into the store: so many comments take long to score.
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&dir.path().join("data"), Options::default(), &|_| {}).unwrap();
    let comments = (0..1001).map(|number| {
        let mut comment = conformance::comment(&format!("k{number}"), "garden", Some("reader-1"), "green grass");
        comment.site_id = SiteId::new("default");
        store.record(conformance::record(comment, domain::Outcome::Hold))
    });
    futures_util::future::join_all(comments).await.into_iter().for_each(|recorded| drop(recorded.unwrap()));
    store.close().await.unwrap();
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    let version = newsroom.item("k1000").await.version;
    let mut items = Vec::new();
    for number in 0..1001 {
        items.push((format!("k{number}"), newsroom.item(&format!("k{number}")).await.version));
    }
    let before = newsroom.queues().await;
    let refused = newsroom.settle_all(&items).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_FIELDS".to_owned()));
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "items");
    assert_eq!(newsroom.queues().await, before);
    let done = newsroom.settle_all(&items[..1000]).await.unwrap();
    assert_eq!((done.items, done.repeated), (1000, false));
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 1)]);
    let left = newsroom.item("k1000").await;
    assert_eq!((left.queue.as_str(), left.version), ("held", version));
    newsroom.undo(done.action_id).await;
    assert_eq!(newsroom.queues().await, before, "all of it is taken back");
    newsroom.server.stop().await;
}
