//! An editor wants to know what is published.

use crate::moderator_reviews::{HELD, Newsroom, ids};
use crate::support::{TestServer, comment, submit_all};
use ombud::domain::{self, SiteId};
use ombud::grpc::pb;
use ombud::store::{EmbeddedStore, Options, Store as _, conformance};
use pb::{DecisionSource, Outcome, Verdict, watch_events_response::Event as Happened};
use std::fs;

/// Reads so many events from the first on.
async fn events(newsroom: &mut Newsroom, count: usize) -> Vec<Happened> {
    let mut events = newsroom.review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    let mut read = Vec::new();
    while read.len() < count {
        read.push(events.message().await.unwrap().unwrap().event.unwrap());
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn published_comments_are_drawn_with_a_known_probability_and_stay_published() {
    let mut newsroom = Newsroom::with_held(TestServer::start_with("[review]\naudit_rate = 1.0\n").await).await;
    for id in ["n2", "n1"] {
        newsroom.submit(id, "What a lovely garden.", Outcome::Publish).await;
    }
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 3), ("audit".to_owned(), 2)], "no held one is drawn");
    assert_eq!(newsroom.decision("n1").await, (Outcome::Publish, DecisionSource::Model));
    assert_eq!(newsroom.item("n1").await.audit_probability, Some(1.0));
    let Some(Happened::CommentSampled(sampled)) = events(&mut newsroom, 9).await.pop() else { panic!("it was drawn") };
    assert_eq!((sampled.revision, sampled.probability), (1, 1.0));
    let audit = newsroom.claim_in("audit", "ada", 5).await;
    assert_eq!(ids(&audit), ["n2", "n1"], "they are worked off as they come, so that a part is a fair sample too");
    newsroom.settle("ada", &audit[0], Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.decision("n2").await, (Outcome::Reject, DecisionSource::Moderator));
    // An edit is another text, for which another lot is drawn.
    newsroom.submit("n1", "What a lovely garden, and such roses.", Outcome::Publish).await;
    let item = newsroom.item("n1").await;
    assert_eq!((item.queue.as_str(), item.claim), ("audit", None));
    newsroom.submit("n1", HELD[0], Outcome::Hold).await;
    assert_eq!(newsroom.item("n1").await.audit_probability, None);
    // What a moderator publishes is not drawn: somebody has looked already.
    let held = newsroom.item("c0").await;
    newsroom.settle("ada", &held, Verdict::Approve).await.unwrap();
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 3)]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn about_the_share_is_drawn_that_the_editor_set_and_none_where_it_is_zero() {
    for (rate, least, most) in [(0.0, 0, 0), (0.5, 25, 75)] {
        let server = TestServer::start_with(&format!("[review]\naudit_rate = {rate:.1}\n")).await;
        let mut newsroom = Newsroom::new(server).await;
        for number in 0..100 {
            newsroom.submit(&format!("n{number}"), "What a lovely garden.", Outcome::Publish).await;
        }
        let drawn: u64 = newsroom.waiting().await.iter().map(|(_, items)| items).sum();
        assert!((least..=most).contains(&drawn), "{rate}: {drawn}");
        newsroom.server.stop().await;
    }
}

/// The line that keeps the default share, where tests draw none otherwise.
const DEFAULT_RATE: &str = "# audit_rate = 0.01\n";
/// What of `n0` to `n599` the secret of sevens draws, one in a hundred; reckoned by another program.
const DRAWN: [&str; 7] = ["n8", "n73", "n247", "n331", "n374", "n561", "n566"];

impl Newsroom {
    async fn publish(&mut self, numbers: impl Iterator<Item = u32>) {
        let comments = numbers.map(|number| comment("garden", &format!("n{number}"), "What a lovely garden."));
        let decided = submit_all(&mut self.site, comments.collect()).await;
        assert!(decided.iter().all(|one| one.decision.as_ref().unwrap().outcome() == Outcome::Publish));
    }

    async fn drawn(&mut self) -> Vec<String> {
        let (queue, page_size) = ("audit".to_owned(), 200);
        let list = pb::ListReviewItemsRequest { queue, page_size, ..Default::default() };
        let mut drawn = ids(&self.review.list_review_items(list).await.unwrap().into_inner().items);
        drawn.sort_unstable_by_key(|id| id[1..].parse::<u32>().unwrap());
        drawn
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lots_are_decided_by_id_and_secret_whatever_the_order_and_over_a_restart() {
    for restarts in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        fs::write(dir.path().join("data/audit-secret"), [7; 32]).unwrap();
        let mut newsroom = Newsroom::new(TestServer::start_in(dir, DEFAULT_RATE).await).await;
        if restarts {
            newsroom.publish(0..300).await;
            let dir = newsroom.server.stop().await;
            newsroom = Newsroom::new(TestServer::start_in(dir, DEFAULT_RATE).await).await;
            newsroom.publish(0..600).await;
        } else {
            newsroom.publish((0..600).rev()).await;
        }
        assert_eq!(newsroom.drawn().await, DRAWN);
        newsroom.server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_comments_are_drawn_too_and_approving_one_publishes_it() {
    let lots = "[review]\naudit_rate = 0.0\naudit_rejected_rate = 1.0\n";
    let strict = "hold = 0.1\nreject = 0.2\n";
    let toml = &format!("{lots}[policy.insult]\n{strict}[policy.toxicity]\n{strict}");
    let mut newsroom = Newsroom::new(TestServer::start_with(toml).await).await;
    newsroom.submit("n1", "What a lovely garden.", Outcome::Publish).await;
    for (id, text) in ["c0", "c1", "c2"].into_iter().zip(HELD) {
        newsroom.submit(id, text, Outcome::Reject).await;
    }
    assert_eq!(newsroom.waiting().await, [("audit".to_owned(), 3)]);
    assert_eq!(newsroom.decision("c0").await, (Outcome::Reject, DecisionSource::Model), "it stays rejected meanwhile");
    assert_eq!(newsroom.item("c0").await.audit_probability, Some(1.0));
    let appeal = pb::AppealDecisionRequest { comment_id: "c2".into(), ..Default::default() };
    newsroom.review.appeal_decision(appeal).await.unwrap();
    assert_eq!(newsroom.waiting().await, [("appeals".to_owned(), 1), ("audit".to_owned(), 2)], "that is more urgent");
    let audit = newsroom.claim_in("audit", "ada", 5).await;
    assert_eq!(ids(&audit), ["c0", "c1"]);
    newsroom.settle("ada", &audit[0], Verdict::Approve).await.unwrap();
    newsroom.settle("ada", &audit[1], Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.decision("c0").await, (Outcome::Publish, DecisionSource::Moderator));
    assert_eq!(newsroom.decision("c1").await, (Outcome::Reject, DecisionSource::Moderator));
    let report = newsroom.review.get_quality_report(pb::GetQualityReportRequest::default()).await.unwrap();
    let quality = model(report.into_inner());
    assert_eq!((quality.sampled, quality.sampled_rejected), (0, 3));
    assert_eq!(told(quality.wrongly_rejected.as_ref()), (2, 0.5));
    assert_eq!(told(quality.overturned.as_ref()), (0, 0.0), "nobody has looked at the appeal yet");
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drawn_comment_that_is_reported_waits_where_it_is_more_urgent() {
    let mut newsroom = Newsroom::new(TestServer::start_with("[review]\naudit_rate = 1.0\n").await).await;
    newsroom.submit("n1", "What a lovely garden.", Outcome::Publish).await;
    let (comment_id, reporter_id, reason) = ("n1".to_owned(), "r1".to_owned(), "rude".to_owned());
    let report = pb::ReportCommentRequest { comment_id, reporter_id, reason, ..Default::default() };
    newsroom.review.report_comment(report).await.unwrap();
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1)]);
    assert_eq!(newsroom.item("n1").await.audit_probability, Some(1.0), "that it was drawn stays known");
    newsroom.server.stop().await;
}

fn model(report: pb::GetQualityReportResponse) -> pb::ModelQuality {
    assert_eq!(report.models.len(), 1, "one model scored");
    report.models.into_iter().next().unwrap()
}

/// Says of an estimate how many were ruled on, and the share.
fn told(estimate: Option<&pb::Estimate>) -> (u64, f64) {
    let estimate = estimate.unwrap();
    assert!(estimate.low <= estimate.share && estimate.share <= estimate.high, "{estimate:?}");
    (estimate.ruled, estimate.share)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_quality_says_what_should_not_have_been_published_or_held() {
    let mut newsroom = Newsroom::with_held(TestServer::start_with("[review]\naudit_rate = 1.0\n").await).await;
    for id in ["n1", "n2", "n3", "n4"] {
        newsroom.submit(id, "What a lovely garden.", Outcome::Publish).await;
    }
    let ask = pb::GetQualityReportRequest::default;
    let nothing = model(newsroom.review.get_quality_report(ask()).await.unwrap().into_inner());
    let decided = nothing.decided.unwrap();
    assert_eq!((decided.published, decided.held, decided.rejected, nothing.sampled), (4, 3, 0, 4));
    assert_eq!((told(nothing.wrongly_published.as_ref()), nothing.wrongly_published.unwrap().high), ((0, 0.0), 1.0));
    let rulings = [
        ("n1", Verdict::Approve),
        ("n2", Verdict::Reject),
        ("n3", Verdict::Approve),
        ("n4", Verdict::Approve),
        ("c0", Verdict::Approve),
        ("c1", Verdict::Reject),
        ("c2", Verdict::Approve),
    ];
    let mut last = 0;
    for (id, verdict) in rulings {
        let item = newsroom.item(id).await;
        last = newsroom.settle("ada", &item, verdict).await.unwrap().action_id;
    }
    // The last one is taken back, and counts for nothing.
    let undo = pb::UndoActionRequest { moderator_id: "ada".into(), action_id: last, ..Default::default() };
    newsroom.review.undo_action(undo).await.unwrap();
    let quality = model(newsroom.review.get_quality_report(ask()).await.unwrap().into_inner());
    assert_eq!(told(quality.wrongly_published.as_ref()), (4, 0.25));
    assert_eq!(told(quality.wrongly_held.as_ref()), (2, 0.5));
    assert_eq!(told(quality.overturned.as_ref()), (0, 0.0));
    let insult = quality.attributes.iter().find(|one| one.attribute == "INSULT").unwrap();
    // Each verdict confirms or denies INSULT, as whoever settles here does.
    let labelled: u64 = insult.bands.iter().map(|band| band.labelled.as_ref().unwrap().ruled).sum();
    let rejected: f64 =
        insult.bands.iter().map(|band| band.rejected.as_ref().unwrap()).map(|one| one.share * one.ruled as f64).sum();
    assert_eq!((labelled, rejected.round()), (6, 2.0));
    let later = prost_types::Timestamp { seconds: 4_000_000_000, nanos: 0 };
    let none = pb::GetQualityReportRequest { since: Some(later), ..Default::default() };
    assert!(newsroom.review.get_quality_report(none).await.unwrap().into_inner().models.is_empty());
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_quality_weighs_lots_and_tells_sites_and_models_apart() {
    // What an older model decided is there when the server starts.
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&dir.path().join("data"), Options::default(), &|_| {}).unwrap();
    for (id, outcome) in
        [("o1", domain::Outcome::Hold), ("o2", domain::Outcome::Hold), ("o3", domain::Outcome::Publish)]
    {
        let mut comment = conformance::comment(id, "garden", Some("reader-1"), "green grass");
        comment.site_id = SiteId::new("default");
        store.record(conformance::record(comment, outcome)).await.unwrap();
    }
    store.close().await.unwrap();
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "[review]\naudit_rate = 0.5\n").await).await;
    for number in 0..60 {
        newsroom.submit(&format!("n{number}"), "What a lovely garden.", Outcome::Publish).await;
    }
    newsroom.submit("c0", HELD[0], Outcome::Hold).await;
    let mut elsewhere = comment("garden", "e0", HELD[0]);
    elsewhere.site_id = "another".into();
    newsroom.site.submit_comment(elsewhere).await.unwrap();
    // One is reported, whether it was drawn or not: it would have been ruled on anyway, and stands for itself.
    let (comment_id, reporter_id, reason) = ("n0".to_owned(), "r1".to_owned(), "rude".to_owned());
    let report = pb::ReportCommentRequest { comment_id, reporter_id, reason, ..Default::default() };
    newsroom.review.report_comment(report).await.unwrap();
    let audit = newsroom.claim_in("audit", "ada", 100).await;
    let drawn = audit.len();
    assert!((10..=50).contains(&drawn), "{drawn} of 59");
    for (at, item) in audit.iter().enumerate() {
        // The first of those that were drawn should not have been published.
        newsroom.settle("ada", item, if at == 0 { Verdict::Reject } else { Verdict::Approve }).await.unwrap();
    }
    for (id, verdict) in [("n0", Verdict::Reject), ("o1", Verdict::Approve), ("c0", Verdict::Reject)] {
        let item = newsroom.item(id).await;
        newsroom.settle("ada", &item, verdict).await.unwrap();
    }
    let ask = |site_id: &str| pb::GetQualityReportRequest { site_id: site_id.into(), ..Default::default() };
    let models = newsroom.review.get_quality_report(ask("")).await.unwrap().into_inner().models;
    let [older, newer] = models.try_into().unwrap();
    assert_eq!(older.model_version, conformance::decision(domain::Outcome::Hold).model_version);
    assert_ne!(older.model_version, newer.model_version);
    let decided = |model: &pb::ModelQuality| model.decided.map(|of| (of.published, of.held, of.rejected)).unwrap();
    assert_eq!((decided(&older), decided(&newer)), ((1, 2, 0), (60, 1, 0)));
    assert_eq!((told(older.wrongly_held.as_ref()), told(newer.wrongly_held.as_ref())), ((1, 1.0), (1, 0.0)));
    assert_eq!(told(older.wrongly_published.as_ref()), (0, 0.0));
    let estimate = newer.wrongly_published.unwrap();
    let stand_for = 2.0 * drawn as f64 + 1.0;
    assert_eq!(
        (estimate.ruled, estimate.stand_for),
        (drawn as u64 + 1, stand_for),
        "each that was drawn stands for two"
    );
    assert!((estimate.share - 3.0 / stand_for).abs() < 1e-9, "{estimate:?}");
    assert!(estimate.low < estimate.share && estimate.share < estimate.high, "{estimate:?}");

    let another = model(newsroom.review.get_quality_report(ask("another")).await.unwrap().into_inner());
    assert_eq!((decided(&another), told(another.wrongly_held.as_ref())), ((0, 1, 0), (0, 0.0)));
    assert_eq!(another.model_version, newer.model_version);
    newsroom.server.stop().await;
}
