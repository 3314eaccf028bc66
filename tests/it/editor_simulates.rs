//! An editor sees what a policy would do: while it is reckoned, for a range of time, and day by day.

use crate::editor_sets_policy::{DAY, Desk, TUESDAY, counts};
use crate::support::{FakeClock, TestServer, comment};
use ombud::grpc::{ReviewClient, pb};
use pb::{Outcome, simulate_policy_request::Form, simulate_policy_response::Step};
use tonic::transport::Channel;

const HOUR: i64 = DAY / 24;

fn time(micros: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: micros / 1_000_000, nanos: 0 }
}

fn proposed(toml: &str) -> pb::SimulatePolicyRequest {
    pb::SimulatePolicyRequest { form: Some(Form::Toml(toml.into())), ..Default::default() }
}

async fn settle(review: &mut ReviewClient<Channel>, comment_id: &str) {
    let item = pb::GetReviewItemRequest { comment_id: comment_id.into(), ..Default::default() };
    let version = review.get_review_item(item).await.unwrap().into_inner().item.unwrap().version;
    let settle = pb::SettleItemRequest {
        comment_id: comment_id.into(),
        moderator_id: "ada".into(),
        version,
        verdict: pb::Verdict::Approve.into(),
        ..Default::default()
    };
    review.settle_item(settle).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_comes_at_once_and_the_result_has_texts_and_reasons_of_the_range() {
    let clock = FakeClock::at(TUESDAY);
    let mut desk = Desk::at(&clock).await;
    desk.check("c1", "u1", "What twaddle.", Outcome::Publish, &[]).await;
    clock.set(TUESDAY + DAY);
    desk.check("c2", "u1", "More twaddle, and a cake.", Outcome::Publish, &[]).await;
    clock.set(TUESDAY + 2 * DAY);
    desk.check("c3", "u1", "Twaddle again.", Outcome::Publish, &[]).await;
    let toml = "[[words]]\nname = \"rude\"\nkind = \"exact\"\naction = \"reject\"\nentries = [\"twaddle\", \"cake\"]";
    let (since, until) = (Some(time(TUESDAY + DAY)), Some(time(TUESDAY + 2 * DAY)));
    let request = pb::SimulatePolicyRequest { since, until, ..proposed(toml) };
    let mut steps = desk.policies.simulate_policy(request).await.unwrap().into_inner();
    let first = steps.message().await.unwrap().unwrap().step.unwrap();
    let Step::Progress(progress) = first else { panic!("progress comes first: {first:?}") };
    assert_eq!(progress.events, 0);
    assert!(progress.events_total >= 6, "{progress:?}");
    let last = steps.message().await.unwrap().unwrap().step.unwrap();
    let Step::Result(found) = last else { panic!("the result comes last: {last:?}") };
    assert!(steps.message().await.unwrap().is_none());
    // The range has its beginning, and not its end.
    assert_eq!((found.comments, found.changes.len(), found.changes[0].comments), (1, 1, 1));
    let example = &found.changes[0].examples[0];
    assert_eq!((example.comment_id.as_str(), example.article_id.as_str()), ("c2", "garden"));
    assert_eq!(example.text, "More twaddle, and a cake.");
    let [reason] = &example.reasons[..] else { panic!("{:?}", example.reasons) };
    let spans: Vec<&str> = reason.spans.iter().map(|one| &example.text[one.begin as usize..one.end as usize]).collect();
    assert_eq!((reason.code.as_str(), reason.name.as_str(), spans), ("LISTED_WORD", "rude", vec!["twaddle", "cake"]));
    let until = pb::SimulatePolicyRequest { until: Some(time(TUESDAY + DAY)), ..proposed(toml) };
    assert_eq!(desk.simulate(until).await.comments, 1);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_told_by_day() {
    // So that the first comment comes at the beginning of a day.
    let start = TUESDAY - TUESDAY % DAY;
    let clock = FakeClock::at(start);
    let mut desk = Desk::at(&clock).await;
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    desk.check("c1", "u1", "The minister is a liar.", Outcome::Hold, &["HOLD_THRESHOLD"]).await;
    desk.check("c2", "u1", "Only a fool believes this.", Outcome::Hold, &["HOLD_THRESHOLD"]).await;
    desk.check("p1", "u1", "Some twaddle.", Outcome::Publish, &[]).await;
    clock.set(start + 30 * HOUR);
    settle(&mut review, "c1").await;
    desk.check("p2", "u1", "More twaddle.", Outcome::Publish, &[]).await;
    clock.set(start + 50 * HOUR);
    desk.check("p3", "u1", "Thank you.", Outcome::Publish, &[]).await;
    let words = "[[words]]\nname = \"w\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"twaddle\"]";
    let found = desk.simulate(proposed(words)).await;
    let day = |day: &pb::SimulatedDay| [day.held_before, day.held_after, day.waiting_before, day.waiting_after];
    // One verdict took 30 hours: so long wait the two that only the policy holds. `c2` still waits.
    assert_eq!(found.days.iter().map(day).collect::<Vec<_>>(), [[2, 3, 2, 3], [0, 1, 1, 2], [0, 0, 1, 1]]);
    // A policy that holds nothing leaves nothing waiting.
    let none = "insult = { hold = \"never\" }\ntoxicity = { hold = \"never\" }\nprofanity = { hold = \"never\" }";
    let found = desk.simulate(proposed(none)).await;
    assert_eq!(found.days.iter().map(day).collect::<Vec<_>>(), [[2, 0, 2, 0], [0, 0, 1, 0], [0, 0, 1, 0]]);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_that_a_campaigns_rule_held_are_held_as_they_were() {
    let mut desk = Desk::new(TestServer::start().await).await;
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    let copy = |number: usize| {
        let text = format!(
            "The new bridge over the river has made the walk from the school to the market a good deal shorter, and the \
             council says that the old one will be open to bicycles from the spring on; there is a map of it on page {number}"
        );
        comment("garden", &format!("c{number}"), &text)
    };
    desk.set(0, "mode = \"pre_moderated\"").await;
    for number in 0..2 {
        assert_eq!(desk.submit(copy(number)).await.outcome(), Outcome::Hold);
    }
    let campaigns = review.list_campaigns(pb::ListCampaignsRequest::default()).await.unwrap().into_inner().campaigns;
    let campaign_id = campaigns[0].campaign_id;
    let rule = pb::SetCampaignRuleRequest {
        campaign_id,
        measure: pb::CampaignMeasure::Hold.into(),
        hours: 2,
        moderator_id: "ada".into(),
        ..Default::default()
    };
    review.set_campaign_rule(rule).await.unwrap();
    desk.set(1, "").await;
    let decision = desk.submit(copy(3)).await;
    assert_eq!((decision.outcome(), decision.reasons[0].code.as_str()), (Outcome::Hold, "CAMPAIGN"));
    // Under the policy in force now, the two that came before would be published, and the copy would be held again.
    let found = desk.simulate(pb::SimulatePolicyRequest::default()).await;
    assert_eq!((counts(found.before), counts(found.after)), ([0, 3, 0], [2, 1, 0]));
    let ids: Vec<_> = found.changes[0].examples.iter().map(|example| example.comment_id.as_str()).collect();
    assert_eq!((found.changes.len(), ids), (1, vec!["c0", "c1"]));
    // The strictest wins, and the rule is among the reasons.
    let found = desk.simulate(proposed("mode = \"closed\"")).await;
    assert_eq!(counts(found.after), [0, 0, 3]);
    let codes = |example: &pb::SimulatedComment| -> Vec<String> {
        example.reasons.iter().map(|reason| reason.code.clone()).collect()
    };
    let codes: Vec<_> = found.changes[0].examples.iter().map(codes).collect();
    assert_eq!(codes, [vec!["ARTICLE_CLOSED"], vec!["ARTICLE_CLOSED"], vec!["ARTICLE_CLOSED", "CAMPAIGN"]]);
    desk.server.stop().await;
}
