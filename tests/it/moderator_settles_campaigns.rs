//! A moderator rules on near-copies of a text together, and on those that are yet to come.

use crate::moderator_reviews::{Newsroom, id, reason};
use crate::support::terminal::{json_lines, output};
use crate::support::{FakeClock, TestServer, comment};
use ombud::grpc::pb;
use pb::{CampaignMeasure, DecisionSource, Outcome, Verdict, settle_many_request::Which};
use tonic::Code;
use tonic_types::StatusExt as _;

const HOUR: i64 = 3_600_000_000;

/// A text, and copies of it with another number.
fn copy(number: usize) -> String {
    format!(
        "Only a fool believes what the minister says about the new bridge over the river, and only a clown would vote for \
         him again after all that we have read about him in this paper since the spring; read it on page {number} of my book"
    )
}

impl Newsroom {
    async fn campaigns(&mut self) -> Vec<pb::Campaign> {
        let request = pb::ListCampaignsRequest::default();
        self.review.list_campaigns(request).await.unwrap().into_inner().campaigns
    }

    async fn set_rule(
        &mut self,
        campaign_id: u64,
        measure: CampaignMeasure,
        dry_run: bool,
    ) -> pb::SetCampaignRuleResponse {
        let request = pb::SetCampaignRuleRequest {
            campaign_id,
            measure: measure.into(),
            hours: 2,
            moderator_id: "ada".into(),
            dry_run,
            ..Default::default()
        };
        self.review.set_campaign_rule(request).await.unwrap().into_inner()
    }

    /// Submits a text of the campaign; returns its outcome and the codes of its reasons.
    async fn send(&mut self, id: &str, text: &str) -> (Outcome, Vec<String>) {
        let answer = self.site.submit_comment(comment("garden", id, text)).await.unwrap().into_inner();
        let decision = answer.decision.unwrap();
        (decision.outcome(), decision.reasons.into_iter().map(|reason| reason.code).collect())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn campaigns_are_listed_in_pages_of_their_own_site() {
    let settings = "[sites.default.toxicity]\nhold = 0.0\n[sites.sport.toxicity]\nhold = 0.0";
    let mut newsroom = Newsroom::new(TestServer::start_with(settings).await).await;
    // Texts without a word in common are no copies of each other, those of one kind are.
    let text = |kind: usize| {
        let word = |place: usize| char::from(b'a' + u8::try_from(kind).unwrap()).to_string().repeat(place + 2);
        (0..9).map(word).collect::<Vec<_>>().join(" ")
    };
    let mut expected = Vec::new();
    for kind in 0..7 {
        let copies = 2 + kind % 3;
        for number in 0..copies {
            newsroom.submit(&format!("k{kind}-{number}"), &text(kind), Outcome::Hold).await;
        }
        let campaign_id = newsroom.dossier(&format!("k{kind}-0")).await.campaign.unwrap().campaign_id;
        expected.push((std::cmp::Reverse(copies), campaign_id));
    }
    expected.sort_unstable();
    let expected: Vec<u64> = expected.into_iter().map(|(_, campaign_id)| campaign_id).collect();

    let (mut listed, mut page_tokens) = (Vec::new(), vec![String::new()]);
    while let Some(page_token) = page_tokens.last().filter(|token| listed.is_empty() || !token.is_empty()) {
        let request = pb::ListCampaignsRequest { page_size: 2, page_token: page_token.clone(), ..Default::default() };
        let page = newsroom.review.list_campaigns(request).await.unwrap().into_inner();
        assert!((1..=2).contains(&page.campaigns.len()));
        listed.extend(page.campaigns.into_iter().map(|campaign| campaign.campaign_id));
        page_tokens.push(page.next_page_token);
    }
    assert_eq!(listed, expected, "each once, those with the most waiting first, of as many the older ones");
    assert_eq!(page_tokens.len(), 5, "the fourth page is the last");

    let good = page_tokens[1].clone();
    for (site_id, page_token) in
        [("sport", good.as_str()), ("", "x"), ("", "ä"), ("", &good[1..]), ("", &good.to_uppercase())]
    {
        let request =
            pb::ListCampaignsRequest { site_id: site_id.into(), page_token: page_token.into(), ..Default::default() };
        let refused = newsroom.review.list_campaigns(request).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::InvalidArgument, "INVALID_FIELDS".to_owned()));
        let violations = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, "page_token", "{page_token}");
    }
    for page_size in [-1, 101] {
        let request = pb::ListCampaignsRequest { page_size, ..Default::default() };
        assert_eq!(newsroom.review.list_campaigns(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let listed_by = |limit: &[&str]| {
        let args = [&["queue", "campaigns", "--jsonl", "--server", &newsroom.server.url], limit].concat();
        tokio::task::block_in_place(|| json_lines(&output(&args, "", 0).0).len())
    };
    assert_eq!((listed_by(&[]), listed_by(&["--limit", "3"])), (7, 3));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn near_copies_are_grouped_as_they_come_and_ruled_on_together() {
    let mut newsroom = Newsroom::new(TestServer::start_with("[sites.default.toxicity]\nhold = 0.0").await).await;
    for number in 0..7 {
        newsroom.submit(&format!("c{number}"), &copy(number), Outcome::Hold).await;
    }
    newsroom.submit("alone", "This is rubbish, you clown.", Outcome::Hold).await;
    let listed = newsroom.campaigns().await;
    assert_eq!(listed.len(), 1);
    let campaign = &listed[0];
    assert_eq!((campaign.members, campaign.waiting), (7, 7));
    let newest = campaign.newest.as_ref().unwrap().comment.as_ref().unwrap();
    assert_eq!(newest.comment_id, "c6");

    let dossier = newsroom.dossier("c3").await;
    let of = dossier.campaign.unwrap();
    assert_eq!((of.campaign_id, of.members, of.waiting), (campaign.campaign_id, 7, 7));
    let similar: Vec<String> = dossier.similar.into_iter().map(|one| one.comment.unwrap().comment_id).collect();
    assert_eq!(similar, ["c6", "c5", "c4", "c2", "c1"]);

    // What another moderator holds is left.
    let held = newsroom.claim_in("held", "bob", 1).await;
    let held = usize::from(id(&held[0]) != "alone");
    let settle = pb::SettleManyRequest {
        which: Some(Which::CampaignId(campaign.campaign_id)),
        moderator_id: "ada".into(),
        verdict: Verdict::Reject.into(),
        ..Default::default()
    };
    let settled = newsroom.review.settle_many(settle.clone()).await.unwrap().into_inner();
    assert_eq!(settled.items as usize, 7 - held);
    let request = pb::ListCampaignCommentsRequest { campaign_id: campaign.campaign_id, ..Default::default() };
    let found = newsroom.review.list_campaign_comments(request).await.unwrap().into_inner();
    let rejected = |item: &&pb::ReviewItem| {
        item.revision.as_ref().unwrap().decision.as_ref().unwrap().outcome() == Outcome::Reject
    };
    assert_eq!(found.items.iter().filter(rejected).count(), 7 - held);
    assert_eq!((found.items.len(), found.next_before_seq), (7, 0));
    newsroom.undo(settled.action_id).await;
    assert_eq!(newsroom.campaigns().await[0].waiting, 7, "the ruling is taken back as a whole");
    assert_eq!(newsroom.decision("c1").await, (Outcome::Hold, DecisionSource::Model));

    // Sent again, a call rules on no copy that has come in since; another moderator's is another call.
    let named = pb::SettleManyRequest { request_id: "once".into(), ..settle };
    let first = newsroom.review.settle_many(named.clone()).await.unwrap().into_inner();
    newsroom.submit("late", &copy(7), Outcome::Hold).await;
    let again = newsroom.review.settle_many(named.clone()).await.unwrap().into_inner();
    assert_eq!((again.action_id, again.items, again.repeated), (first.action_id, first.items, true));
    assert_eq!(newsroom.item("late").await.queue, "held");
    let other = pb::SettleManyRequest { moderator_id: "cyd".into(), ..named };
    assert_eq!(newsroom.review.settle_many(other).await.unwrap().into_inner().items, 1);
    let request = pb::ListCampaignCommentsRequest { campaign_id: 4711, ..Default::default() };
    let refused = newsroom.review.list_campaign_comments(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "{:?}", reason(&refused));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_on_a_campaign_holds_the_copies_to_come_until_it_ends() {
    let text = |number: usize| {
        format!(
            "What a lovely garden you have there, I like the roses by the wall best and would plant more of them next year, \
             with some lavender between them, as my neighbour did long ago; see page {number} of my book"
        )
    };
    let clock = FakeClock::at(100 * HOUR);
    let mut newsroom = Newsroom::new(TestServer::start_with_clock(clock.clone()).await).await;
    newsroom.submit("old", &text(0), Outcome::Publish).await;
    clock.set(125 * HOUR);
    for number in 1..8 {
        newsroom.submit(&format!("c{number}"), &text(number), Outcome::Publish).await;
    }
    let campaign_id = newsroom.dossier("old").await.campaign.unwrap().campaign_id;
    let shown = newsroom.set_rule(campaign_id, CampaignMeasure::Unspecified, true).await;
    assert_eq!((shown.matched, shown.examples.len()), (7, 5), "what came in the last 24 hours");
    assert_eq!(shown.campaign.unwrap().rule, None, "nothing is set yet");
    assert_eq!(newsroom.send("d1", &text(11)).await, (Outcome::Publish, vec![]));

    let rule = newsroom.set_rule(campaign_id, CampaignMeasure::Hold, false).await.campaign.unwrap().rule.unwrap();
    assert_eq!((rule.action(), rule.moderator_id.as_str()), (Outcome::Hold, "ada"));
    assert_eq!(newsroom.send("d2", &text(12)).await, (Outcome::Hold, vec!["CAMPAIGN".into()]));
    assert_eq!(newsroom.send("other", "Thank you for this article.").await.0, Outcome::Publish);

    // It is renewed, outlives the server, and ends by itself.
    clock.set(126 * HOUR);
    newsroom.set_rule(campaign_id, CampaignMeasure::Reject, false).await;
    clock.set(128 * HOUR - 1);
    assert_eq!(newsroom.send("d3", &text(13)).await, (Outcome::Reject, vec!["CAMPAIGN".into()]));
    clock.set(128 * HOUR);
    assert_eq!(newsroom.send("d4", &text(14)).await, (Outcome::Publish, vec![]));
    newsroom.set_rule(campaign_id, CampaignMeasure::Reject, false).await;
    newsroom.set_rule(campaign_id, CampaignMeasure::None, false).await;
    assert_eq!(newsroom.send("d5", &text(15)).await, (Outcome::Publish, vec![]));

    for (hours, measure) in
        [(25, CampaignMeasure::Hold), (-1, CampaignMeasure::Hold), (1, CampaignMeasure::Unspecified)]
    {
        let measure = measure.into();
        let request = pb::SetCampaignRuleRequest {
            campaign_id,
            measure,
            hours,
            moderator_id: "ada".into(),
            ..Default::default()
        };
        assert_eq!(newsroom.review.set_campaign_rule(request).await.unwrap_err().code(), Code::InvalidArgument);
    }
    newsroom.server.stop().await;
}
