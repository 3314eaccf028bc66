//! A site sends numbers that no enum has, times that are none, and no campaign where one must be.

use crate::moderator_reviews::{Newsroom, reason};
use crate::support::{TestServer, comment};
use ombud::grpc::{AdminClient, PolicyClient, pb};
use pb::{settle_many_request::Which, submit_comments_response::Result as Answer};
use prost_types::Timestamp;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Times that are none: each part at its limit and one past it.
const NO_TIMES: [Timestamp; 5] = [
    Timestamp { seconds: 0, nanos: -1 },
    Timestamp { seconds: 0, nanos: 1_000_000_000 },
    Timestamp { seconds: -62_135_596_801, nanos: 0 },
    Timestamp { seconds: 253_402_300_800, nanos: 0 },
    Timestamp { seconds: i64::MAX, nanos: i32::MIN },
];

fn check(refused: &Status, field: &str) {
    assert_eq!(reason(refused), (Code::InvalidArgument, "INVALID_FIELDS".to_owned()), "{field}");
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, [field]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_means_nothing_is_refused_by_its_field_and_changes_nothing() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let before = newsroom.item("c0").await;
    let (comment_id, moderator_id, queue) = ("c0".to_owned(), "ada".to_owned(), "held".to_owned());
    let Newsroom { server, site, review } = &mut newsroom;
    let mut policies = PolicyClient::connect(server.url.clone()).await.unwrap();
    let mut admin = AdminClient::connect(server.url.clone()).await.unwrap();

    for number in [99, -1] {
        let list = pb::ListReviewItemsRequest { queue: queue.clone(), order: number, ..Default::default() };
        check(&review.list_review_items(list).await.unwrap_err(), "order");
        let (queue, moderator_id) = (queue.clone(), moderator_id.clone());
        let claim = pb::ClaimNextRequest { queue, moderator_id, order: number, ..Default::default() };
        check(&review.claim_next(claim).await.unwrap_err(), "order");
        let (comment_id, moderator_id) = (comment_id.clone(), "ada".to_owned());
        let settle = pb::SettleItemRequest {
            comment_id,
            moderator_id: moderator_id.clone(),
            version: before.version,
            verdict: number,
            ..Default::default()
        };
        check(&review.settle_item(settle).await.unwrap_err(), "verdict");
        let rule = pb::SetCampaignRuleRequest {
            campaign_id: 1,
            moderator_id: moderator_id.clone(),
            measure: number,
            ..Default::default()
        };
        check(&review.set_campaign_rule(rule).await.unwrap_err(), "measure");
        let token = pb::CreateTokenRequest { role: number, name: "ada".into(), ..Default::default() };
        check(&admin.create_token(token).await.unwrap_err(), "role");
        for (policy, field) in [
            (pb::Policy { mode: number, ..Default::default() }, "policy.mode"),
            (pb::Policy { unsupported_language: number, ..Default::default() }, "policy.unsupported_language"),
            (
                pb::Policy {
                    links: Some(pb::LinkPolicy { action: number, ..Default::default() }),
                    ..Default::default()
                },
                "policy.links.action",
            ),
        ] {
            let form = Some(pb::set_policy_request::Form::Policy(policy));
            let set = pb::SetPolicyRequest { form, editor_id: "ada".into(), ..Default::default() };
            check(&policies.set_policy(set).await.unwrap_err(), field);
        }
    }

    for time in NO_TIMES.map(Some) {
        let submission = pb::SubmitCommentRequest { submitted_at: time, ..comment("garden", "new", "Nice.") };
        check(&site.submit_comment(submission.clone()).await.unwrap_err(), "submitted_at");
        let both = [submission, comment("garden", "other", "Nice.")];
        let both = both.map(|one| pb::SubmitCommentsRequest { submission: Some(one) });
        let mut answers = site.submit_comments(tokio_stream::iter(both)).await.unwrap().into_inner();
        let (mut refused, mut taken) = (Vec::new(), 0);
        while let Some(answer) = answers.message().await.unwrap() {
            match answer.result.unwrap() {
                Answer::Failure(failure) => refused.push(failure.reason),
                Answer::Response(_) => taken += 1,
            }
        }
        assert_eq!((refused, taken), (vec!["INVALID_FIELDS".to_owned()], 1), "the stream goes on");
        let since = pb::GetQualityReportRequest { since: time, ..Default::default() };
        check(&review.get_quality_report(since).await.unwrap_err(), "since");
        let until = pb::GetQualityReportRequest { until: time, ..Default::default() };
        check(&review.get_quality_report(until).await.unwrap_err(), "until");
        let until = pb::SimulatePolicyRequest { until: time, ..Default::default() };
        check(&policies.simulate_policy(until).await.unwrap_err(), "until");
    }

    let settle = pb::SettleManyRequest {
        which: Some(Which::CampaignId(0)),
        moderator_id: moderator_id.clone(),
        verdict: pb::Verdict::Reject.into(),
        ..Default::default()
    };
    check(&review.settle_many(settle).await.unwrap_err(), "campaign_id");
    let rule = pb::SetCampaignRuleRequest { moderator_id, dry_run: true, ..Default::default() };
    check(&review.set_campaign_rule(rule).await.unwrap_err(), "campaign_id");
    let list = pb::ListCampaignCommentsRequest::default();
    check(&review.list_campaign_comments(list).await.unwrap_err(), "campaign_id");

    assert_eq!(newsroom.item("c0").await, before);
    let shown = policies.get_policy(pb::GetPolicyRequest::default()).await.unwrap().into_inner();
    assert_eq!(shown.own, None);
    newsroom.server.stop().await;
}
