//! A reader sends a comment and gets a decision.

use crate::support::{FakeClock, TestServer, comment, get};
use ombud::classify::{Explanation, Scorer};
use ombud::domain::{Attribute, Scores};
use ombud::grpc::{Client, pb};
use std::sync::Arc;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

async fn submit(
    client: &mut Client<Channel>,
    request: pb::SubmitCommentRequest,
) -> Result<pb::SubmitCommentResponse, Status> {
    Ok(client.submit_comment(request).await?.into_inner())
}

/// Submits what must be refused, and checks which fields are named.
async fn check_refused(client: &mut Client<Channel>, request: pb::SubmitCommentRequest, fields: &[&str]) {
    let status = submit(client, request).await.expect_err("refused");
    assert_eq!(status.code(), Code::InvalidArgument);
    let named = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(named.iter().map(|violation| violation.field.as_str()).collect::<Vec<_>>(), fields);
    assert!(named.iter().all(|violation| !violation.description.is_empty()));
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INVALID_FIELDS", "ombud"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_comment_is_published_with_all_scores() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let response = submit(&mut client, comment("garden", "c1", "What a lovely garden, thank you.")).await.unwrap();
    assert_eq!((response.comment_id.as_str(), response.revision, response.repeated), ("c1", 1, false));
    let decision = response.decision.unwrap();
    assert_eq!(decision.outcome(), pb::Outcome::Publish);
    assert_eq!(decision.source(), pb::DecisionSource::Model);
    assert_eq!(decision.scores.len(), Attribute::COUNT);
    assert!(decision.scores.values().all(|score| (0.0..=1.0).contains(score)));
    assert!(decision.model_version.starts_with("default-") && decision.policy_version.starts_with("config-"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insult_is_not_published_and_the_reason_names_attribute_score_threshold_and_words() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let text = "You are a stupid idiot, shut up you moron.";
    let decision = submit(&mut client, comment("garden", "c1", text)).await.unwrap().decision.unwrap();
    assert_ne!(decision.outcome(), pb::Outcome::Publish);
    let reason = &decision.reasons[0];
    assert!(decision.scores[&reason.attribute] >= reason.threshold.unwrap());
    assert_eq!(reason.score, Some(decision.scores[&reason.attribute]));
    let words: Vec<_> = reason.spans.iter().map(|span| &text[span.begin as usize..span.end as usize]).collect();
    assert!(words.iter().any(|word| word.contains("idiot")), "{words:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_comment_and_empty_name_are_named_together_and_nothing_is_stored() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    for blank in ["", "  \n", "\u{200B}\u{2060}\u{FEFF}", "\u{202E}\u{3000}"] {
        let mut request = comment("garden", "c1", blank);
        request.author = Some(pb::Author { author_id: String::new(), name: blank.into() });
        check_refused(&mut client, request, &["author.name", "text"]).await;
    }
    assert_eq!(get(&mut client, "c1").await.unwrap_err().code(), Code::NotFound);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_at_the_limit_and_one_past() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let long_id = "i".repeat(128);
    let request = comment(&long_id, &long_id, &"word ".repeat(4096));
    submit(&mut client, request).await.expect("20,480 bytes of text and 128 bytes of id");
    check_refused(&mut client, comment(&"i".repeat(129), "c", &"x".repeat(20_481)), &["article_id", "text"]).await;
    check_refused(&mut client, pb::SubmitCommentRequest::default(), &["article_id", "author.name", "text"]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_made_where_none_is_sent() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let mut request = comment("garden", "", "First.");
    request.request_id = "r-7".into();
    let response = submit(&mut client, request).await.unwrap();
    assert_eq!(response.request_id, "r-7");
    assert_eq!(response.site_id, "default");
    let made = uuid::Uuid::parse_str(&response.comment_id).unwrap();
    assert_eq!(made.get_version_num(), 7);
    assert_eq!(get(&mut client, &response.comment_id).await.unwrap().comment.unwrap().text, "First.");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_comment_again_gets_the_first_decision_and_stores_nothing() {
    let clock = FakeClock::at(1_000_000);
    let server = TestServer::start_with_clock(clock.clone()).await;
    let mut client = server.client().await;
    let first = submit(&mut client, comment("garden", "c1", "Well said.")).await.unwrap();
    clock.set(9_000_000);
    let again = submit(&mut client, comment("garden", "c1", "Well said.")).await.unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!(again.decision, first.decision);
    assert_eq!(get(&mut client, "c1").await.unwrap().revisions.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_text_is_a_new_revision_with_its_own_decision() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    submit(&mut client, comment("garden", "c1", "You are a stupid idiot, you moron.")).await.unwrap();
    let edited = submit(&mut client, comment("garden", "c1", "I see it differently.")).await.unwrap();
    assert_eq!((edited.revision, edited.repeated), (2, false));
    let stored = get(&mut client, "c1").await.unwrap();
    assert_eq!(stored.comment.unwrap().text, "I see it differently.");
    assert_eq!(stored.decision, edited.decision);
    let outcomes: Vec<_> = stored.revisions.iter().map(|r| r.decision.as_ref().unwrap().outcome()).collect();
    assert_ne!(outcomes[0], pb::Outcome::Publish);
    assert_eq!(outcomes[1], pb::Outcome::Publish);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_cannot_move_a_comment_to_another_article() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    submit(&mut client, comment("garden", "c1", "Well said.")).await.unwrap();
    let status = submit(&mut client, comment("kitchen", "c1", "Well cooked.")).await.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert_eq!(status.get_details_error_info().unwrap().reason, "OTHER_ARTICLE");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_texts_are_scored_and_stored_as_sent() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let texts = [
        "nul \0 inside".to_owned(),
        "controls \u{1}\u{7f}\u{85} here".to_owned(),
        "bidi \u{202e}desrever\u{202c} and zero\u{200b}width".to_owned(),
        format!("marks e{}", "\u{301}".repeat(10_000)),
        "😀".to_owned(),
        "e\u{301} is not é".to_owned(),
    ];
    for (number, text) in texts.iter().enumerate() {
        let id = format!("odd-{number}");
        let decision = submit(&mut client, comment("odd", &id, text)).await.unwrap().decision.unwrap();
        assert_eq!(decision.scores.len(), Attribute::COUNT, "{number}");
        assert_eq!(&get(&mut client, &id).await.unwrap().comment.unwrap().text, text);
    }
    server.stop().await;
}

struct Failing;

impl Scorer for Failing {
    fn version(&self) -> &'static str {
        "failing"
    }
    fn score(&self, _: &str) -> Option<Scores> {
        panic!("as the test wants")
    }
    fn explain(&self, _: &str) -> Option<Explanation> {
        panic!("as the test wants")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_cannot_be_scored_is_held_and_kept() {
    let server = TestServer::start_with_scorer(Arc::new(Failing)).await;
    let mut client = server.client().await;
    let decision = submit(&mut client, comment("garden", "c1", "Hello.")).await.unwrap().decision.unwrap();
    assert_eq!(decision.outcome(), pb::Outcome::Hold);
    assert_eq!(decision.source(), pb::DecisionSource::Rule);
    assert_eq!(decision.reasons[0].code, "SCORING_FAILED");
    assert!(decision.scores.is_empty());
    assert_eq!(get(&mut client, "c1").await.unwrap().decision, Some(decision));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_in_another_language_is_held_with_a_reason_that_names_it() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let text = "Ich finde, dass der Bürgermeister das nicht gut gemacht hat und sich schämen sollte.";
    let decision = submit(&mut client, comment("garden", "c1", text)).await.unwrap().decision.unwrap();
    assert_eq!((decision.outcome(), decision.source()), (pb::Outcome::Hold, pb::DecisionSource::Rule));
    let reason = &decision.reasons[0];
    assert_eq!((reason.code.as_str(), reason.language.as_str()), ("UNSUPPORTED_LANGUAGE", "de"));
    assert!(decision.scores.is_empty(), "an English model says nothing of German");
    assert_eq!(get(&mut client, "c1").await.unwrap().decision, Some(decision));
    let hebrew = "מה שלומך היום";
    let decision = submit(&mut client, comment("garden", "c2", hebrew)).await.unwrap().decision.unwrap();
    assert_eq!(decision.reasons[0].language, "he");
    assert_eq!(get(&mut client, "c2").await.unwrap().comment.unwrap().text, hebrew);
    let short = submit(&mut client, comment("garden", "c3", "ok merci")).await.unwrap().decision.unwrap();
    assert_eq!((short.source(), short.scores.len()), (pb::DecisionSource::Model, Attribute::COUNT));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_says_what_happens_to_other_languages() {
    let toml = "[sites.open]\nunsupported_language = \"score\"\n[sites.strict]\nunsupported_language = \"reject\"\n\
                [sites.strict.toxicity]\nhold = 0.2";
    let server = TestServer::start_with(toml).await;
    let mut client = server.client().await;
    let text = "Ich finde den Garten sehr schön und komme gern wieder, vielen Dank.";
    let mut versions = std::collections::HashSet::new();
    for (site, expected, source) in [
        ("open", pb::Outcome::Publish, pb::DecisionSource::Model),
        ("strict", pb::Outcome::Reject, pb::DecisionSource::Rule),
        ("", pb::Outcome::Hold, pb::DecisionSource::Rule),
    ] {
        let mut request = comment("garden", "c1", text);
        request.site_id = site.into();
        let decision = submit(&mut client, request).await.unwrap().decision.unwrap();
        assert_eq!((decision.outcome(), decision.source()), (expected, source), "{site}");
        versions.insert(decision.policy_version);
    }
    assert_eq!(versions.len(), 3, "each of the three policies has a version of its own");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_only_scored_come_back_with_their_language() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let texts = ["What a lovely garden that is.", "Das ist wirklich ein sehr schöner Garten.", "ok merci"];
    let request = pb::ScoreTextRequest { texts: texts.map(str::to_owned).into(), explain: false };
    let results = client.score_text(request).await.unwrap().into_inner().results;
    let told: Vec<_> = results.iter().map(|result| (result.language.as_str(), result.language_supported)).collect();
    assert_eq!(told, [("en", true), ("de", false), ("", true)]);
    assert!(results.iter().all(|result| result.scores.len() == Attribute::COUNT));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_has_thresholds_of_its_own() {
    let server = TestServer::start_with("[sites.strict.toxicity]\nhold = 0.0").await;
    let mut client = server.client().await;
    for (site, expected) in [("strict", pb::Outcome::Hold), ("", pb::Outcome::Publish)] {
        let mut request = comment("garden", "c1", "What a lovely garden.");
        request.site_id = site.into();
        let decision = submit(&mut client, request).await.unwrap().decision.unwrap();
        assert_eq!(decision.outcome(), expected, "{site}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_mebibyte_is_refused_and_the_server_goes_on() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    let status = submit(&mut client, comment("garden", "c1", &"x".repeat(1 << 20))).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
    submit(&mut client, comment("garden", "c2", "Still there?")).await.unwrap();
    server.stop().await;
}

/// A submission whose text is bytes: the wire format is the same.
#[derive(Clone, PartialEq, prost::Message)]
struct RawSubmission {
    #[prost(string, tag = "2")]
    article_id: String,
    #[prost(bytes = "vec", tag = "6")]
    text: Vec<u8>,
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_utf8_on_the_wire_is_refused_and_the_server_goes_on() {
    let server = TestServer::start().await;
    let channel = Channel::from_shared(server.url.clone()).unwrap().connect().await.unwrap();
    let mut raw = tonic::client::Grpc::new(channel);
    raw.ready().await.unwrap();
    let request = RawSubmission { article_id: "garden".into(), text: vec![b'a', 0xff, b'b'] };
    let codec = tonic_prost::ProstCodec::<RawSubmission, pb::SubmitCommentResponse>::default();
    let path = "/ombud.v1.ModerationService/SubmitComment".parse().unwrap();
    let status = raw.unary(tonic::Request::new(request), path, codec).await.unwrap_err();
    assert_eq!(status.code(), Code::Internal);
    let mut client = server.client().await;
    submit(&mut client, comment("garden", "c2", "Still there?")).await.unwrap();
    server.stop().await;
}
