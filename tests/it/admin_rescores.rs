//! An admin asks what another model would have said of the comments that are stored.

use crate::editor_sets_policy::Desk;
use crate::support::house::{hash_of, house_model, promote, promote_hash, upload};
use crate::support::terminal::{json_lines, output};
use crate::support::{TestServer, comment, model, settings, with_token};
use ombud::auth::Caller;
use ombud::classify::house::{Artifact, Head, Learned};
use ombud::domain::Attribute;
use ombud::grpc::{AdminClient, ModelClient, ReviewClient, pb};
use ombud::moderation::rescoring::{RescoreRequest, Step as Told};
use ombud::moderation::{Error, Models, Policies, Rescorings, Serving};
use ombud::server::{self, Parts};
use pb::{Outcome, rescore_comments_response::Step};
use std::{collections::BTreeMap, fs, sync::Arc};
use tokio_stream::StreamExt as _;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

/// A house model that says the same of every comment.
fn plain(bias: f32) -> Vec<u8> {
    let head = Head::from_row(bias, &[0.0; Head::WEIGHTS]);
    let (base, learned) = (model().checksum().to_owned(), Learned { approved: 20, rejected: 10 });
    Artifact { name: "house".into(), base, learned, learned_until: None, delta: vec![(7, 0.5)], head }
        .to_bytes()
        .unwrap()
}

fn asked(model: &str) -> pb::RescoreCommentsRequest {
    pb::RescoreCommentsRequest { model: model.into(), send_comments: true, ..Default::default() }
}

async fn rescore(
    models: &mut ModelClient<Channel>,
    request: pb::RescoreCommentsRequest,
) -> Result<(Vec<pb::RescoredComment>, pb::Rescoring), Status> {
    let mut steps = models.rescore_comments(request).await?.into_inner();
    let mut comments = Vec::new();
    let first = steps.message().await?.unwrap().step;
    assert!(matches!(first, Some(Step::Progress(_))), "progress comes first: {first:?}");
    while let Some(step) = steps.message().await? {
        match step.step.unwrap() {
            Step::Progress(progress) => assert!(progress.events <= progress.events_total),
            Step::Comments(some) => comments.extend(some.comments),
            Step::Result(found) => {
                assert!(steps.message().await?.is_none(), "the result comes last");
                return Ok((comments, found));
            }
        }
    }
    panic!("no result came")
}

fn pairs(found: &pb::Rescoring) -> BTreeMap<(Outcome, Outcome), u64> {
    found.outcomes.iter().map(|pair| ((pair.outcome_then(), pair.outcome_now()), pair.comments)).collect()
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

async fn settle(review: &mut ReviewClient<Channel>, id: &str, verdict: pb::Verdict) {
    let item = pb::GetReviewItemRequest { comment_id: id.into(), ..Default::default() };
    let version = review.get_review_item(item).await.unwrap().into_inner().item.unwrap().version;
    let settle = pb::SettleItemRequest {
        comment_id: id.into(),
        moderator_id: "ada".into(),
        version,
        verdict: verdict.into(),
        ..Default::default()
    };
    review.settle_item(settle).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_model_would_have_said_is_counted_and_changes_nothing() {
    let mut desk = Desk::new(TestServer::start_with("[policy.likely_to_reject]\nreject = 0.9\n").await).await;
    let mut models = ModelClient::connect(desk.server.url.clone()).await.unwrap();
    let mut review = ReviewClient::connect(desk.server.url.clone()).await.unwrap();
    let texts =
        ["The tulips are out.", "Only a fool believes this.", "Well argued, thank you.", "You fool, read it again."];
    let mut decided = Vec::new();
    for (number, text) in texts.into_iter().enumerate() {
        decided.push(desk.submit(comment("garden", &format!("c{number}"), text)).await);
    }
    assert_eq!(decided[1].outcome(), Outcome::Hold);
    settle(&mut review, "c1", pb::Verdict::Reject).await;
    settle(&mut review, "c3", pb::Verdict::Approve).await;
    let (base, strict) = (decided[0].model_version.clone(), plain(9.0));
    let hash = upload(&mut models, &strict).await;

    // The model that decided says the same to the bit.
    let (comments, found) = rescore(&mut models, asked("champion")).await.unwrap();
    assert_eq!((found.model_version.as_str(), found.comments, found.left_out), (base.as_str(), 4, 0));
    let same = BTreeMap::from([((Outcome::Publish, Outcome::Publish), 2), ((Outcome::Hold, Outcome::Hold), 2)]);
    assert_eq!(pairs(&found), same);
    assert_eq!(found.moves.len(), Attribute::COUNT + 1);
    for one in &found.moves {
        assert_eq!((one.comments, one.same, one.raised, one.lowered), (4, 4, 0, 0), "{}", one.attribute);
    }
    for (one, decision) in comments.iter().zip(&decided) {
        let highest = decision.scores.values().copied().max_by(f32::total_cmp);
        assert_eq!((one.likely_to_reject_then, one.likely_to_reject_now), (highest, highest));
    }

    let (comments, found) = rescore(&mut models, asked(&hash)).await.unwrap();
    assert!(found.model_version.contains("+house-"));
    let harsh = BTreeMap::from([((Outcome::Publish, Outcome::Reject), 2), ((Outcome::Hold, Outcome::Reject), 2)]);
    assert_eq!(pairs(&found), harsh);
    let (likely, attributes) = found.moves.split_last().unwrap();
    assert!(attributes.iter().all(|one| one.same == 4), "the base model's scores stay what they are");
    assert_eq!((likely.attribute.as_str(), likely.raised, likely.same), ("LIKELY_TO_REJECT", 4, 0));
    assert!(likely.mean_now > 0.99 && likely.mean_then < 0.9);
    let ids = |pair: &pb::RescoredPair| pair.examples.iter().map(|one| one.comment_id.clone()).collect::<Vec<_>>();
    let mut examples: Vec<_> = found.outcomes.iter().map(ids).collect();
    examples.sort();
    assert_eq!(examples, [["c0", "c2"], ["c1", "c3"]]);
    let ids: Vec<_> = comments.iter().map(|one| one.comment_id.as_str()).collect();
    assert_eq!(ids, ["c0", "c1", "c2", "c3"]);
    // Both were held, so that a moderator ruled; the model would have rejected one rightly and one wrongly.
    let agreement = |told: Option<pb::VerdictAgreement>| told.map(|one| [one.agreed, one.contradicted, one.held]);
    assert_eq!(agreement(found.verdicts_then), Some([0, 0, 2]));
    assert_eq!(agreement(found.verdicts_now), Some([1, 1, 0]));

    // Nothing has changed, and what is decided now counts from its own time on.
    assert_eq!(desk.submit(comment("garden", "c4", texts[0])).await.model_version, base);
    let listed = models.list_models(pb::ListModelsRequest {}).await.unwrap().into_inner();
    assert_eq!(listed.at_work.unwrap().champion, "");
    let since =
        pb::RescoreCommentsRequest { since: decided[2].decided_at, until: decided[3].decided_at, ..asked("base") };
    let (comments, found) = rescore(&mut models, since).await.unwrap();
    assert_eq!((comments.len(), found.comments, comments[0].comment_id.as_str()), (1, 1, "c2"));
    let quiet = pb::RescoreCommentsRequest { send_comments: false, ..asked("base") };
    assert_eq!(rescore(&mut models, quiet).await.unwrap().0, []);
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_model_is_asked_what_it_would_have_been_asked_then() {
    let mut desk = Desk::new(TestServer::start().await).await;
    let mut models = ModelClient::connect(desk.server.url.clone()).await.unwrap();
    let looks_at_everything = house_model(2, 0.0);
    promote(&mut models, &looks_at_everything).await;
    let words = "[[words]]\nname = \"w\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"twaddle\", \"cake\"]";
    desk.set(0, words).await;
    let texts = [
        "What twaddle.",
        "Cake, and more twaddle about cake!",
        "Ich habe den Artikel gern gelesen, er war sehr gut.",
        "Tulips.",
    ];
    let mut decided = Vec::new();
    for round in 0..3 {
        for (number, text) in texts.into_iter().enumerate() {
            decided.push(desk.submit(comment("garden", &format!("c{round}-{number}"), text)).await);
        }
    }
    promote_hash(&mut models, "base").await;
    let (comments, found) = rescore(&mut models, asked(&hash_of(&looks_at_everything))).await.unwrap();
    assert_eq!(comments.len(), decided.len());
    for (one, decision) in comments.iter().zip(&decided) {
        let likely = decision.scores.get("LIKELY_TO_REJECT").map(|score| score.to_bits());
        assert_eq!((one.outcome_then, one.outcome_now), (decision.outcome, decision.outcome));
        assert_eq!(
            (one.likely_to_reject_then.map(f32::to_bits), one.likely_to_reject_now.map(f32::to_bits)),
            (likely, likely)
        );
    }
    assert_eq!(found.moves[Attribute::COUNT].same, 9, "three are not scored, because of their language");
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_says_why() {
    let mut desk = Desk::new(TestServer::start().await).await;
    let mut models = ModelClient::connect(desk.server.url.clone()).await.unwrap();
    desk.submit(comment("garden", "c1", "The tulips are out.")).await;
    let refused = |models: &ModelClient<Channel>, request: pb::RescoreCommentsRequest| {
        let mut models = models.clone();
        async move { reason(&models.rescore_comments(request).await.map(drop).unwrap_err()) }
    };
    let invalid = (Code::InvalidArgument, "INVALID_FIELDS".to_owned());
    for wrong in ["", "latest", "3f2a"] {
        assert_eq!(refused(&models, asked(wrong)).await, invalid, "{wrong}");
    }
    assert_eq!(refused(&models, pb::RescoreCommentsRequest { examples_max: 51, ..asked("base") }).await, invalid);
    let unknown = refused(&models, asked(&hash_of(b"unknown"))).await;
    assert_eq!(unknown, (Code::NotFound, "MODEL_NOT_FOUND".into()));
    let hash = upload(&mut models, &plain(1.0)).await;
    fs::write(desk.server.data_dir().join("models").join(format!("{hash}.house")), "damaged").unwrap();
    assert_eq!(refused(&models, asked(&hash)).await, (Code::FailedPrecondition, "MODEL_GONE".into()));
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reads_holds_nobody_up_and_whoever_goes_away_makes_room() {
    let mut desk = Desk::new(TestServer::start().await).await;
    desk.submit(comment("garden", "c1", "The tulips are out.")).await;
    let dir = desk.server.stop().await;
    let settings = settings(dir.path(), "");
    let Parts { store, clock, .. } = server::open(&settings, &|_| {}).unwrap();
    let (serving, limits) = (Arc::new(Serving::new(model())), settings.moderation.limits);
    let models = Models::open(Arc::clone(&serving), Arc::clone(&store), Arc::clone(&clock)).await.unwrap();
    let policies = Policies::open(settings.below.clone(), Arc::clone(&store), clock, limits).await.unwrap();
    let rescorings = Rescorings::new(serving, Arc::new(models), Arc::new(policies), Arc::clone(&store));
    let begin = async || {
        let request = RescoreRequest { model: "base".into(), send_comments: true, ..RescoreRequest::default() };
        rescorings.run(&Caller::operator(), request).await
    };
    let mut open = Vec::new();
    for _ in 0..16 {
        let mut steps = begin().await.unwrap();
        assert!(matches!(steps.next().await, Some(Ok(Told::Progress { events: 0, .. }))));
        open.push(steps);
    }
    let refused = begin().await.map(drop).unwrap_err();
    assert!(matches!(refused, Error::Overloaded { reason: "TOO_MANY_RESCORINGS", .. }), "{refused}");
    drop(open.pop());
    let mut last = begin().await.unwrap();
    assert!(begin().await.is_err(), "there is room for one");
    // More of them than work at once are half read, and hold nobody up.
    for steps in open.iter_mut().take(3) {
        assert!(matches!(steps.next().await, Some(Ok(Told::Comments(_)))));
    }
    assert!(matches!(last.next().await, Some(Ok(Told::Progress { events: 0, .. }))));
    assert!(matches!(last.next().await, Some(Ok(Told::Comments(_)))));
    assert!(matches!(last.next().await, Some(Ok(Told::Result(found))) if found.comments == 1));
    assert!(last.next().await.is_none());
    begin().await.map(drop).expect("what is done makes room, though it was not put away");
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_of_all_sites_scores_again_and_any_moderator_of_the_site_asks_why() {
    let server = TestServer::start().await;
    let mut first = AdminClient::connect(server.url.clone()).await.unwrap();
    let request = |role: pb::Role, site: &str, name: &str| pb::CreateTokenRequest {
        role: role.into(),
        bound_site_id: site.into(),
        name: name.into(),
        ..Default::default()
    };
    let root = first.create_token(request(pb::Role::Admin, "", "root")).await.unwrap().into_inner().secret;
    let mut admin = AdminClient::new(with_token(&server.url, &root).await);
    let mut codes = Vec::new();
    for (role, site) in [
        (pb::Role::Submitter, ""),
        (pb::Role::Moderator, ""),
        (pb::Role::Moderator, "daily"),
        (pb::Role::Admin, "daily"),
        (pb::Role::Admin, ""),
    ] {
        let secret = admin.create_token(request(role, site, "ada")).await.unwrap().into_inner().secret;
        let channel = with_token(&server.url, &secret).await;
        let why = pb::ExplainCommentRequest { comment_id: "c1".into(), ..Default::default() };
        let why = ReviewClient::new(channel.clone()).explain_comment(why).await.unwrap_err().code();
        let again = ModelClient::new(channel).rescore_comments(asked("base")).await;
        codes.push((why, again.err().map(|status| status.code())));
    }
    let denied = Code::PermissionDenied;
    let expected = [
        (denied, Some(denied)),
        (Code::NotFound, Some(denied)),
        // The default site is another one.
        (denied, Some(denied)),
        (denied, Some(denied)),
        (Code::NotFound, None),
    ];
    assert_eq!(codes, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_comments_are_lines_and_a_card_says_what_a_model_is() {
    let mut desk = Desk::new(TestServer::start_with("[policy.likely_to_reject]\nreject = 0.9\n").await).await;
    let mut models = ModelClient::connect(desk.server.url.clone()).await.unwrap();
    desk.submit(comment("garden", "c1", "The tulips are out.")).await;
    desk.submit(comment("garden", "c2", "Only a fool believes this.")).await;
    let hash = upload(&mut models, &plain(9.0)).await;
    let url = desk.server.url.clone();
    let run = |args: &str, code: i32| {
        let args: Vec<&str> = args.split(' ').chain(["--server", &url]).collect();
        tokio::task::block_in_place(|| output(&args, "", code))
    };
    let short = &hash[..12];
    let (said, _) = run(&format!("rescore --since 2020-01-01 --model {short}"), 0);
    assert!(said.starts_with("2 comments and edits, by default-") && said.contains("+house-"), "{said}");
    assert!(said.contains("PUBLISH  -> REJECT            1  50.0 %\n    c1  likely to reject 0."), "{said}");
    assert!(said.contains("HOLD     -> REJECT            1  50.0 %\n    c2  likely to reject 0."), "{said}");
    let (lines, told) = run(&format!("rescore --since 2020-01-01 --model {short} --jsonl"), 0);
    assert!(told.starts_with("2 comments and edits, by default-"), "{told}");
    let lines = json_lines(&lines);
    assert_eq!((lines.len(), &lines[1]["comment_id"], &lines[1]["outcome_then"]), (2, &"c2".into(), &"HOLD".into()));
    assert!(lines[1]["likely_to_reject_now"].as_f64().unwrap() > 0.99 && lines[1].get("text").is_none());
    let (found, _) = run("rescore --since 2020-01-01 --model base --json", 0);
    assert_eq!(json_lines(&found)[0]["moves"][0]["same"], serde_json::json!(2));
    let (nothing, _) = run("rescore --since 2020-01-01 --until 2020-01-02 --model champion", 0);
    assert!(nothing.starts_with("0 comments and edits"), "{nothing}");
    let (_, refused) = run("rescore --since 2020-01-01 --model ffff", 2);
    assert!(refused.contains("no model's hash begins with ffff"), "{refused}");

    let (card, _) = run(&format!("models card {short}"), 0);
    for part in [
        &format!("# Model card: house-{short}\n"),
        "Learned from 30 labels: 20 comments that moderators approved and 10 that they rejected",
        "> for the test\n",
        &format!("SHA-256 `{}` and works on no other", model().checksum()),
        "It decides nothing now.",
        "Every comment begins at +9.00.",
        "Not for another newsroom",
        "ombud models rollback",
    ] {
        assert!(card.contains(part), "{part}: {card}");
    }
    promote_hash(&mut models, &hash).await;
    assert!(run(&format!("models card {short}"), 0).0.contains("It decides now."));
    let (base, _) = tokio::task::block_in_place(|| output(&["models", "card", "base"], "", 0));
    assert!(base.starts_with("# Model card: default\n") && base.contains("## Limits"), "no server is asked");
    desk.server.stop().await;
}
