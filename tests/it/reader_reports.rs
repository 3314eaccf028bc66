//! A reader reports a comment.

use crate::moderator_reviews::{Newsroom, id, ids, reason};
use crate::support::TestServer;
use ombud::grpc::pb;
use pb::{DecisionSource, Outcome, ReportEffect, ReportStanding, Verdict};
use tonic::Code;
use tonic_types::StatusExt as _;

const NICE: &str = "What a lovely garden.";

impl Newsroom {
    async fn report(&mut self, comment_id: &str, reporter_id: &str) -> (ReportEffect, bool) {
        let request = pb::ReportCommentRequest {
            comment_id: comment_id.into(),
            reporter_id: reporter_id.into(),
            reason: "harassment".into(),
            text: format!("{reporter_id} finds it unkind."),
            ..Default::default()
        };
        let reported = self.review.report_comment(request).await.unwrap().into_inner();
        (reported.effect(), reported.waiting)
    }

    /// Rules on a reported comment; returns the action.
    async fn rule(&mut self, comment_id: &str, verdict: Verdict) -> u64 {
        let item = self.item(comment_id).await;
        self.settle("ada", &item, verdict).await.unwrap().action_id
    }

    /// Says of each report on a comment, the latest first, who reports and what became of it.
    async fn standings(&mut self, comment_id: &str) -> Vec<(String, ReportStanding)> {
        let reports = self.dossier(comment_id).await.reports;
        let mut standings: Vec<_> =
            reports.iter().map(|report| (report.reporter_id.clone(), report.standing())).collect();
        standings.sort_by(|one, other| one.0.cmp(&other.0));
        standings
    }

    async fn weight(&mut self, comment_id: &str, reporter_id: &str) -> f32 {
        let reports = self.dossier(comment_id).await.reports;
        reports.into_iter().find(|report| report.reporter_id == reporter_id).unwrap().weight
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_comment_stays_published_and_waits_by_the_weight_of_its_reports() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    for id in ["n1", "n2"] {
        newsroom.submit(id, &format!("{NICE} {id}"), Outcome::Publish).await;
    }
    assert_eq!(newsroom.report("n1", "r1").await, (ReportEffect::Counted, true));
    assert_eq!(newsroom.report("n1", "r1").await, (ReportEffect::Repeated, true), "one reader counts once");
    assert_eq!(newsroom.report("n2", "r1").await, (ReportEffect::Counted, true));
    assert_eq!(newsroom.report("n2", "r2").await, (ReportEffect::Counted, true));
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 2)]);
    assert_eq!(newsroom.decision("n1").await, (Outcome::Publish, DecisionSource::Model));
    let found = newsroom.dossier("n1").await;
    let item = found.item.unwrap();
    assert_eq!((item.queue.as_str(), item.open_reports), ("reported", 1));
    assert!((item.risk - 0.632).abs() < 0.001, "{}", item.risk);
    let report = &found.reports[0];
    assert_eq!((report.reason.as_str(), report.text.as_str()), ("harassment", "r1 finds it unkind."));
    assert_eq!((report.revision, report.standing()), (1, ReportStanding::Open));

    let claimed = newsroom.claim_in("reported", "ada", 2).await;
    assert_eq!(ids(&claimed), ["n2", "n1"], "two reports weigh more than one");
    newsroom.settle("ada", &claimed[0], Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.decision("n2").await, (Outcome::Reject, DecisionSource::Moderator));
    let upheld = |reader: &str| (reader.to_owned(), ReportStanding::Upheld);
    assert_eq!(newsroom.standings("n2").await, [upheld("r1"), upheld("r2")]);
    assert_eq!(newsroom.report("n2", "r3").await, (ReportEffect::Silenced, false), "nobody reads it any more");

    // Everything outlives the server.
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1)]);
    assert_eq!(newsroom.report("n1", "r1").await, (ReportEffect::Repeated, true));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_comment_that_is_reported_waits_in_the_higher_queue_alone() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let held = newsroom.claim_in("held", "ada", 1).await.remove(0);
    assert_eq!(newsroom.report(&id(&held), "r1").await, (ReportEffect::Counted, true));
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1), ("held".to_owned(), 2)]);
    let item = newsroom.item(&id(&held)).await;
    assert_eq!(item.claim.as_ref().unwrap().moderator_id, "ada", "whoever holds it goes on holding it");
    assert!(newsroom.claim_in("reported", "bob", 1).await.is_empty());
    // A report leaves the version alone, so that reports can't keep a moderator from ruling.
    newsroom.settle("ada", &held, Verdict::Approve).await.unwrap();
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 2)]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_moderator_approved_unreported_is_cleared_too() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let action = newsroom.rule("c0", Verdict::Approve).await;
    assert_eq!(newsroom.report("c0", "r1").await, (ReportEffect::Silenced, false));
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 2)]);
    newsroom.undo(action).await;
    assert_eq!(newsroom.report("c0", "r2").await, (ReportEffect::Counted, true));
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1), ("held".to_owned(), 2)]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_on_what_a_moderator_cleared_are_silenced_until_it_is_edited() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    newsroom.submit("n1", NICE, Outcome::Publish).await;
    newsroom.report("n1", "r1").await;
    let action = newsroom.rule("n1", Verdict::Approve).await;
    assert_eq!(newsroom.standings("n1").await, [("r1".to_owned(), ReportStanding::Refused)]);
    assert_eq!(newsroom.report("n1", "r2").await, (ReportEffect::Silenced, false));
    assert_eq!(newsroom.waiting().await, []);
    // Taking the verdict back takes all of that back.
    newsroom.undo(action).await;
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1)]);
    let standings = newsroom.standings("n1").await;
    assert_eq!(standings, [("r1".to_owned(), ReportStanding::Open), ("r2".to_owned(), ReportStanding::Silenced)]);
    assert_eq!(newsroom.report("n1", "r3").await, (ReportEffect::Counted, true));
    newsroom.rule("n1", Verdict::Approve).await;

    newsroom.submit("n1", "What a lovely garden, and such roses.", Outcome::Publish).await;
    assert_eq!(newsroom.report("n1", "r1").await, (ReportEffect::Counted, true), "the text is another one");
    // What was reported isn't settled by an edit that the model lets pass.
    newsroom.submit("n1", "What a lovely garden, and such tulips.", Outcome::Publish).await;
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1)]);
    assert_eq!(newsroom.report("n1", "r1").await, (ReportEffect::Repeated, true));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_reports_are_mostly_refused_counts_less() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    let mut last = 0;
    for number in 0..3 {
        let id = format!("n{number}");
        newsroom.submit(&id, &format!("{NICE} {number}"), Outcome::Publish).await;
        newsroom.report(&id, "grumpy").await;
        last = newsroom.rule(&id, Verdict::Approve).await;
    }
    newsroom.submit("n3", NICE, Outcome::Publish).await;
    assert_eq!(newsroom.report("n3", "grumpy").await, (ReportEffect::Counted, false), "alone it opens nothing");
    assert!((newsroom.weight("n3", "grumpy").await - 0.4).abs() < 1e-6);
    assert_eq!(newsroom.report("n3", "kind").await, (ReportEffect::Counted, true));
    assert_eq!(newsroom.item("n3").await.open_reports, 2);
    newsroom.rule("n3", Verdict::Reject).await;
    newsroom.submit("n4", NICE, Outcome::Publish).await;
    newsroom.report("n4", "grumpy").await;
    assert!((newsroom.weight("n4", "grumpy").await - 4.0 / 6.0).abs() < 1e-6, "one of four was right");
    // A verdict that is taken back counts for nobody.
    newsroom.undo(last).await;
    newsroom.submit("n5", NICE, Outcome::Publish).await;
    newsroom.report("n5", "grumpy").await;
    assert!((newsroom.weight("n5", "grumpy").await - 4.0 / 5.0).abs() < 1e-6);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_names_every_field_that_is_wrong() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    newsroom.submit("n1", NICE, Outcome::Publish).await;
    let long = pb::ReportCommentRequest { reason: "Rude!".into(), text: "ä".repeat(1001), ..Default::default() };
    let refused = newsroom.review.report_comment(long).await.unwrap_err();
    let bad = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = bad.iter().map(|bad| bad.field.as_str()).collect();
    assert_eq!(fields, ["comment_id", "reporter_id", "reason", "text"]);
    let mut fitting = pb::ReportCommentRequest {
        comment_id: "n9".into(),
        reporter_id: "r1".into(),
        reason: "rude".into(),
        text: "ä".repeat(1000),
        ..Default::default()
    };
    let refused = newsroom.review.report_comment(fitting.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "COMMENT_NOT_FOUND".to_owned()));
    fitting.comment_id = "n1".into();
    newsroom.review.report_comment(fitting).await.unwrap();
    newsroom.server.stop().await;
}
