//! An editor says what happens to comments, and sees what a change would do before it does it.

use crate::support::{FakeClock, TestServer, comment};
use ombud::grpc::{Client, PolicyClient, ReviewClient, pb};
use pb::{DecisionSource, Outcome, set_policy_request::Form, simulate_policy_response::Step};
use std::sync::Arc;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

const MINUTE: i64 = 60_000_000;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;
/// A Tuesday, some time ago.
pub(crate) const TUESDAY: i64 = 1_700_000_000_000_000;

pub(crate) struct Desk {
    pub(crate) server: TestServer,
    pub(crate) site: Client<Channel>,
    pub(crate) policies: PolicyClient<Channel>,
}

impl Desk {
    pub(crate) async fn new(server: TestServer) -> Self {
        let site = server.client().await;
        let policies = PolicyClient::connect(server.url.clone()).await.unwrap();
        Self { server, site, policies }
    }

    pub(crate) async fn at(clock: &Arc<FakeClock>) -> Self {
        Self::new(TestServer::start_with_clock(clock.clone()).await).await
    }

    pub(crate) async fn try_set(
        &mut self,
        article: &str,
        version: u64,
        toml: &str,
    ) -> Result<pb::SetPolicyResponse, Status> {
        let request = pb::SetPolicyRequest {
            article_id: article.into(),
            form: Some(Form::Toml(toml.into())),
            editor_id: "ada".into(),
            note: format!("after version {version}"),
            version,
            ..Default::default()
        };
        Ok(self.policies.set_policy(request).await?.into_inner())
    }

    pub(crate) async fn set(&mut self, version: u64, toml: &str) -> pb::SetPolicyResponse {
        self.try_set("", version, toml).await.unwrap()
    }

    pub(crate) async fn submit(&mut self, request: pb::SubmitCommentRequest) -> pb::Decision {
        self.site.submit_comment(request).await.unwrap().into_inner().decision.unwrap()
    }

    /// Submits a text of an author, and checks what happens to it and for which reasons.
    pub(crate) async fn check(
        &mut self,
        id: &str,
        author: &str,
        text: &str,
        expected: Outcome,
        reasons: &[&str],
    ) -> pb::Decision {
        let mut request = comment("garden", id, text);
        request.author = Some(pb::Author { author_id: author.into(), name: "Ann".into() });
        let decision = self.submit(request).await;
        let mut found = names(&decision);
        // How many attributes a text scores for is the model's matter.
        found.dedup();
        assert_eq!((decision.outcome(), found), (expected, reasons.iter().map(|one| (*one).into()).collect()));
        decision
    }

    pub(crate) async fn simulate(&mut self, request: pb::SimulatePolicyRequest) -> pb::Simulation {
        let mut steps = self.policies.simulate_policy(request).await.unwrap().into_inner();
        while let Some(step) = steps.message().await.unwrap() {
            if let Some(Step::Result(found)) = step.step {
                assert!(steps.message().await.unwrap().is_none(), "the result comes last");
                return found;
            }
        }
        panic!("no result came")
    }
}

/// Names a decision's reasons by code and the site's name.
fn names(decision: &pb::Decision) -> Vec<String> {
    let name = |reason: &pb::Reason| {
        if reason.name.is_empty() { reason.code.clone() } else { format!("{} {}", reason.code, reason.name) }
    };
    decision.reasons.iter().map(name).collect()
}

/// Returns what a refusal says: its code, its reason, and the fields that are wrong.
pub(crate) fn refusal(status: &Status) -> (Code, String, Vec<String>) {
    let reason = status.get_details_error_info().unwrap().reason;
    let fields = status.get_details_bad_request().into_iter().flat_map(|bad| bad.field_violations);
    (status.code(), reason, fields.map(|violation| violation.field).collect())
}

fn invalid(fields: &[&str]) -> (Code, String, Vec<String>) {
    (Code::InvalidArgument, "INVALID_FIELDS".into(), fields.iter().map(|field| (*field).into()).collect())
}

const SITE: &str = r#"
    links = { action = "hold", allowed_domains = ["example.org"] }

    [[words]]
    name = "rude"
    kind = "stem"
    action = "reject"
    entries = ["twaddl"]

    [[rules]]
    name = "shouting-newcomer"
    when = "author.first_time && text.endsWith('!')"
    action = "hold"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_reaches_the_next_comment_and_every_part_that_fired_is_a_reason() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.check("c1", "u1", "What twaddle.", Outcome::Publish, &[]).await;
    let set = desk.set(0, SITE).await;
    assert_eq!(set.own.as_ref().map(|own| own.version), Some(1));
    assert!(set.policy_version.starts_with("site-1-"), "{}", set.policy_version);
    let rude =
        desk.check("c2", "u1", "What TWADDLE, see example.net", Outcome::Reject, &["LISTED_WORD rude", "LINK"]).await;
    assert_eq!((rude.source(), rude.policy_version), (DecisionSource::Rule, set.policy_version));
    // The second word, and the link.
    let spans: Vec<_> = rude.reasons.iter().flat_map(|reason| &reason.spans).map(|one| (one.begin, one.end)).collect();
    assert_eq!(spans, [(5, 12), (18, 29)]);
    assert_eq!(rude.reasons[1].outcome(), Outcome::Hold);
    desk.check("c3", "u1", "See www.example.org!", Outcome::Publish, &[]).await;
    desk.check("c4", "u2", "Hello!", Outcome::Hold, &["RULE shouting-newcomer"]).await;
    desk.check("c5", "u2", "Hello again!", Outcome::Publish, &[]).await;
    // Another site has a policy of its own.
    let mut elsewhere = comment("garden", "c6", "What twaddle.");
    elsewhere.site_id = "another".into();
    assert_eq!(desk.submit(elsewhere).await.outcome(), Outcome::Publish);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thresholds_are_laid_over_what_is_configured_one_by_one() {
    let server =
        TestServer::start_with("[policy.insult]\nhold = 0.2\nreject = 0.9\n[sites.b.insult]\nhold = 0.15").await;
    let mut desk = Desk::new(server).await;
    desk.set(0, "insult = { hold = \"never\" }\nthreat = { hold = 0.01 }").await;
    let shown = desk.policies.get_policy(pb::GetPolicyRequest::default()).await.unwrap().into_inner();
    let effective = shown.effective.unwrap();
    let limit = |name: &str, hold: bool| {
        let own = &effective.thresholds[name];
        let limit = if hold { &own.hold } else { &own.reject };
        limit.as_ref().unwrap().limit.unwrap()
    };
    assert_eq!(limit("INSULT", true), pb::limit::Limit::Never(true));
    assert_eq!(limit("INSULT", false), pb::limit::Limit::Score(0.9));
    assert_eq!(limit("THREAT", true), pb::limit::Limit::Score(0.01));
    let own = shown.own.unwrap();
    assert_eq!((own.version, own.editor_id.as_str(), own.note.as_str()), (1, "ada", "after version 0"));
    assert_eq!(own.policy.unwrap().thresholds.len(), 2);
    let other = pb::GetPolicyRequest { site_id: "b".into(), ..Default::default() };
    let other = desk.policies.get_policy(other).await.unwrap().into_inner();
    assert!(other.own.is_none() && other.effective_toml.contains("[insult]\nhold = 0.15\nreject = 0.9\n"));
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_closed_or_pre_moderated_without_touching_the_others() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.set(0, SITE).await;
    desk.try_set("garden", 0, "mode = \"closed\"").await.unwrap();
    desk.check("c1", "u1", "Well said.", Outcome::Reject, &["ARTICLE_CLOSED"]).await;
    let elsewhere = desk.submit(comment("roses", "c2", "Well said.")).await;
    assert_eq!(elsewhere.outcome(), Outcome::Publish);
    desk.try_set("garden", 1, "mode = \"pre_moderated\"").await.unwrap();
    let held = desk.check("c3", "u1", "Twaddle", Outcome::Reject, &["LISTED_WORD rude", "ARTICLE_PRE_MODERATED"]).await;
    assert!(held.policy_version.starts_with("site-1-article-2-"), "{}", held.policy_version);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_who_sends_too_much_or_the_same_is_held_and_counted_across_a_restart() {
    let clock = FakeClock::at(TUESDAY);
    let mut desk = Desk::at(&clock).await;
    let toml = "flood = { comments = 2, seconds = 60, action = \"hold\" }\n\
                repeats = { seconds = 3600, action = \"reject\" }\n\
                first_time = { published = 1, action = \"hold\" }";
    desk.set(0, toml).await;
    desk.check("c1", "u1", "One.", Outcome::Hold, &["NEW_AUTHOR"]).await;
    desk.check("c2", "u1", "Two.", Outcome::Hold, &["NEW_AUTHOR"]).await;
    desk.check("c3", "u1", "Three.", Outcome::Hold, &["FLOOD", "NEW_AUTHOR"]).await;
    desk.check("c4", "u2", "One.", Outcome::Hold, &["NEW_AUTHOR"]).await;
    desk.check("c5", "", "One.", Outcome::Hold, &["NEW_AUTHOR"]).await;
    // One of them is approved, so that the author is known from then on.
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    let item = pb::GetReviewItemRequest { comment_id: "c1".into(), ..Default::default() };
    let version = review.get_review_item(item).await.unwrap().into_inner().item.unwrap().version;
    let settle = pb::SettleItemRequest {
        comment_id: "c1".into(),
        moderator_id: "ada".into(),
        version,
        verdict: pb::Verdict::Approve.into(),
        ..Default::default()
    };
    review.settle_item(settle).await.unwrap();
    clock.set(TUESDAY + 2 * MINUTE);
    desk.check("c6", "u1", "ONE!!", Outcome::Reject, &["REPEATED_TEXT"]).await;
    desk.check("c7", "u1", "Four.", Outcome::Publish, &[]).await;
    let dir = desk.server.stop().await;
    // The server's own clock is years later: what was sent then is no flood now, and the policy still holds.
    let mut desk = Desk::new(TestServer::start_in(dir, "").await).await;
    desk.check("c8", "u1", "One.", Outcome::Publish, &[]).await;
    desk.check("c9", "u1", "one", Outcome::Reject, &["REPEATED_TEXT"]).await;
    desk.check("d1", "u1", "Five.", Outcome::Hold, &["FLOOD"]).await;
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_comments_at_once_no_more_than_the_flood_limit_gets_through() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.set(0, "flood = { comments = 5, seconds = 3600, action = \"hold\" }").await;
    let sent = (0..40).map(|number| {
        let mut site = desk.site.clone();
        tokio::spawn(async move {
            let request = comment("garden", &format!("c{number}"), &format!("Thank you, that is {number}."));
            site.submit_comment(request).await.unwrap().into_inner().decision.unwrap().outcome()
        })
    });
    let mut published = 0;
    for outcome in sent.collect::<Vec<_>>() {
        published += usize::from(outcome.await.unwrap() == Outcome::Publish);
    }
    assert_eq!(published, 5);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_stand_is_refused_with_its_place_and_changes_nothing() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.set(0, SITE).await;
    let rule = |when: &str| format!("[[rules]]\nname = \"r\"\nwhen = \"{when}\"\naction = \"hold\"");
    for (toml, fields) in [
        ("toxicity = { hold = 0.9, reject = 0.5 }", vec!["toxicity.hold"]),
        ("toxicity = { hold = 0.95 }", vec!["toxicity.hold"]),
        ("toxicity = { hold = 2 }\nmode = \"shut\"", vec!["mode", "toxicity.hold"]),
        ("flood = { comments = 100, seconds = 0, action = \"hold\" }", vec!["flood.comments", "flood.seconds"]),
        (&rule("scores.toxicty > 0.9"), vec!["rules[0].when"]),
        (&rule("scores.toxicity > 'much'"), vec!["rules[0].when"]),
        (&rule("text.matches('(a{1,50}){1,50}')"), vec!["rules[0].when"]),
        ("mode = ", vec!["toml"]),
    ] {
        let refused = desk.try_set("", 1, toml).await.unwrap_err();
        assert_eq!(refusal(&refused), invalid(&fields), "{toml}");
    }
    let refused = desk.try_set("", 1, &rule("scores.toxicty > 0.9")).await.unwrap_err();
    let violation = refused.get_details_bad_request().unwrap().field_violations.remove(0);
    assert!(violation.description.starts_with("column 8: "), "{}", violation.description);
    assert!(violation.description.contains("scores.toxicity"), "{}", violation.description);
    let nothing = pb::SetPolicyRequest { version: 1, ..Default::default() };
    let refused = desk.policies.set_policy(nothing).await.unwrap_err();
    assert_eq!(refusal(&refused), invalid(&["editor_id"]));
    let shown = desk.policies.get_policy(pb::GetPolicyRequest::default()).await.unwrap().into_inner();
    assert_eq!(shown.own.unwrap().version, 1);
    desk.check("c1", "u1", "Twaddle.", Outcome::Reject, &["LISTED_WORD rude"]).await;
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_refused_and_an_earlier_one_comes_back() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.set(0, SITE).await;
    desk.set(1, "mode = \"closed\"").await;
    let stale = desk.try_set("", 1, "mode = \"open\"").await.unwrap_err();
    let info = stale.get_details_error_info().unwrap();
    assert_eq!(
        (stale.code(), info.reason.as_str(), info.metadata["version"].as_str()),
        (Code::Aborted, "STALE_POLICY", "2")
    );
    desk.check("c1", "u1", "Well said.", Outcome::Reject, &["ARTICLE_CLOSED"]).await;
    let restore = |restored_version, version| pb::RestorePolicyRequest {
        restored_version,
        version,
        editor_id: "bob".into(),
        ..Default::default()
    };
    let missing = desk.policies.restore_policy(restore(7, 2)).await.unwrap_err();
    assert_eq!(refusal(&missing), (Code::NotFound, "POLICY_NOT_FOUND".into(), Vec::new()));
    let restored = desk.policies.restore_policy(restore(1, 2)).await.unwrap().into_inner().own.unwrap();
    assert_eq!((restored.version, restored.note.as_str()), (3, "Restores version 1."));
    desk.check("c2", "u1", "Twaddle.", Outcome::Reject, &["LISTED_WORD rude"]).await;
    let dir = desk.server.stop().await;
    // All versions are there after a restart, and the newest holds.
    let mut desk = Desk::new(TestServer::start_in(dir, "").await).await;
    let request =
        |page_size, before_version| pb::ListPolicyVersionsRequest { page_size, before_version, ..Default::default() };
    let two = desk.policies.list_policy_versions(request(2, 0)).await.unwrap().into_inner().versions;
    let rest = desk.policies.list_policy_versions(request(2, 2)).await.unwrap().into_inner().versions;
    let versions: Vec<_> = two.iter().chain(&rest).map(|one| (one.version, one.editor_id.as_str())).collect();
    assert_eq!(versions, [(3, "bob"), (2, "ada"), (1, "ada")]);
    assert_eq!(two[0].toml, rest[0].toml);
    desk.check("c3", "u1", "Twaddle.", Outcome::Reject, &["LISTED_WORD rude"]).await;
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_no_longer_fits_the_configuration_holds_everything() {
    let desk = {
        let mut desk = Desk::new(TestServer::start_with("[policy.insult]\nhold = 0.2\nreject = 0.9").await).await;
        desk.set(0, "insult = { hold = 0.8 }").await;
        desk
    };
    let dir = desk.server.stop().await;
    let mut desk = Desk::new(TestServer::start_in(dir, "[policy.insult]\nhold = 0.2\nreject = 0.5").await).await;
    desk.check("c1", "u1", "Well said.", Outcome::Hold, &["ARTICLE_PRE_MODERATED"]).await;
    desk.set(1, "").await;
    desk.check("c2", "u1", "Well said.", Outcome::Publish, &[]).await;
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn toml_and_parts_are_two_forms_of_one_policy() {
    let mut desk = Desk::new(TestServer::start().await).await;
    let own = desk.set(0, SITE).await.own.unwrap();
    let request = pb::SetPolicyRequest {
        form: own.policy.clone().map(Form::Policy),
        editor_id: "ada".into(),
        version: 1,
        ..Default::default()
    };
    let again = desk.policies.set_policy(request).await.unwrap().into_inner().own.unwrap();
    assert_eq!((again.version, &again.toml, &again.policy), (2, &own.toml, &own.policy));
    desk.server.stop().await;
}

/// How many comments were published, held and rejected.
pub(crate) fn counts(counts: Option<pb::OutcomeCounts>) -> [u64; 3] {
    let pb::OutcomeCounts { published, held, rejected } = counts.unwrap();
    [published, held, rejected]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_says_what_would_change_and_changes_nothing() {
    let clock = FakeClock::at(TUESDAY);
    let mut desk = Desk::at(&clock).await;
    desk.check("c1", "u1", "What twaddle.", Outcome::Publish, &[]).await;
    desk.check("c2", "u1", "The minister is a liar.", Outcome::Hold, &["HOLD_THRESHOLD"]).await;
    clock.set(TUESDAY + DAY);
    desk.check("c3", "u2", "Thank you.", Outcome::Publish, &[]).await;
    desk.check("c4", "u1", "Only a fool believes this.", Outcome::Hold, &["HOLD_THRESHOLD"]).await;
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    for (id, verdict) in [("c2", pb::Verdict::Approve), ("c4", pb::Verdict::Reject)] {
        let item = pb::GetReviewItemRequest { comment_id: id.into(), ..Default::default() };
        let version = review.get_review_item(item).await.unwrap().into_inner().item.unwrap().version;
        let (comment_id, moderator_id) = (id.to_owned(), "ada".to_owned());
        let settle =
            pb::SettleItemRequest { comment_id, moderator_id, version, verdict: verdict.into(), ..Default::default() };
        review.settle_item(settle).await.unwrap();
    }
    let toml = "insult = { hold = \"never\" }\ntoxicity = { hold = \"never\" }\n\
                [[words]]\nname = \"rude\"\nkind = \"exact\"\naction = \"reject\"\nentries = [\"twaddle\", \"fool\"]\n\
                [[rules]]\nname = \"first\"\nwhen = \"author.first_time && scores.toxicity < 0.1\"\naction = \"hold\"";
    let form = Some(pb::simulate_policy_request::Form::Toml(toml.into()));
    let found = desk.simulate(pb::SimulatePolicyRequest { form: form.clone(), ..Default::default() }).await;
    assert_eq!((found.comments, counts(found.before), counts(found.after)), (4, [2, 2, 0], [1, 1, 2]));
    let days: Vec<_> = found.days.iter().map(|day| (day.date.as_str(), day.held_before, day.held_after)).collect();
    assert_eq!(days, [("2023-11-14", 1, 0), ("2023-11-15", 1, 1)]);
    let agreement = |one: Option<pb::VerdictAgreement>| {
        let pb::VerdictAgreement { agreed, contradicted, held } = one.unwrap();
        [agreed, contradicted, held]
    };
    assert_eq!(agreement(found.verdicts_before), [0, 0, 2]);
    assert_eq!(agreement(found.verdicts_after), [2, 0, 0]);
    let mut changes: Vec<_> = found
        .changes
        .iter()
        .map(|one| {
            let ids: Vec<_> = one.examples.iter().map(|example| example.comment_id.as_str()).collect();
            (one.from(), one.to(), one.comments, ids)
        })
        .collect();
    changes.sort();
    assert_eq!(
        changes,
        [
            (Outcome::Publish, Outcome::Hold, 1, vec!["c3"]),
            (Outcome::Publish, Outcome::Reject, 1, vec!["c1"]),
            (Outcome::Hold, Outcome::Publish, 1, vec!["c2"]),
            (Outcome::Hold, Outcome::Reject, 1, vec!["c4"]),
        ]
    );
    let later = prost_types::Timestamp { seconds: (TUESDAY + DAY) / 1_000_000, nanos: 0 };
    let since = pb::SimulatePolicyRequest { form, since: Some(later), ..Default::default() };
    assert_eq!(desk.simulate(since).await.comments, 2);
    // Without a policy the one in force is asked: nothing would change.
    let same = desk.simulate(pb::SimulatePolicyRequest::default()).await;
    assert_eq!((counts(same.before), counts(same.after), same.changes.len()), ([2, 2, 0], [2, 2, 0], 0));
    desk.check("c5", "u1", "What twaddle.", Outcome::Publish, &[]).await;
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_leaves_articles_their_own_policies() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.try_set("kitchen", 0, "mode = \"closed\"").await.unwrap();
    desk.check("c1", "u1", "Thank you.", Outcome::Publish, &[]).await;
    assert_eq!(desk.submit(comment("kitchen", "c2", "Thank you.")).await.outcome(), Outcome::Reject);
    let same = desk.simulate(pb::SimulatePolicyRequest::default()).await;
    assert_eq!((counts(same.before), counts(same.after), same.changes.len()), ([1, 0, 1], [1, 0, 1], 0));
    // What the site proposes holds below what the article says.
    let form = Some(pb::simulate_policy_request::Form::Toml("mode = \"pre_moderated\"".into()));
    let found = desk.simulate(pb::SimulatePolicyRequest { form: form.clone(), ..Default::default() }).await;
    assert_eq!(counts(found.after), [0, 1, 1]);
    let of_article = pb::SimulatePolicyRequest { article_id: "kitchen".into(), form, ..Default::default() };
    let found = desk.simulate(of_article).await;
    assert_eq!((counts(found.before), counts(found.after)), ([0, 0, 1], [0, 1, 0]));
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_gives_thresholds_that_moderators_can_work_off() {
    let mut desk = Desk::new(TestServer::start().await).await;
    let held = ["The minister is a liar.", "Only a fool believes this.", "This is rubbish, you clown."];
    for (number, text) in held.into_iter().enumerate() {
        desk.submit(comment("garden", &format!("c{number}"), text)).await;
    }
    let request = |budget_per_day| pb::SimulatePolicyRequest { budget_per_day, ..Default::default() };
    let proposed = desk.simulate(request(1)).await.proposed.unwrap();
    assert!(proposed.fits && proposed.held_per_day <= 1.0, "{proposed:?}");
    // Set, they hold no more than that.
    let thresholds = proposed.hold.iter().map(|(name, hold)| format!("{}.hold = {hold}\n", name.to_lowercase()));
    let never = ombud::domain::Attribute::ALL.into_iter().filter(|one| !proposed.hold.contains_key(one.name()));
    let never = never.map(|one| format!("{}.hold = \"never\"\n", one.key()));
    let toml: String = thresholds.chain(never).collect();
    desk.set(0, &toml).await;
    assert!(desk.simulate(pb::SimulatePolicyRequest::default()).await.after.unwrap().held <= 1);
    let plenty = desk.simulate(request(1000)).await.proposed.unwrap();
    assert!(plenty.fits);
    desk.server.stop().await;
}
