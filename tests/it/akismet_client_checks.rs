//! A client of Akismet is given another address: it checks comments, and people correct it.

use crate::moderator_verdicts_become_labels::{connect, export};
use crate::support::{
    TestServer, arbitrary,
    http::{Answer, ask},
    keys::{close, hand_out, hand_out_some},
    with_token,
};
use form_urlencoded::Serializer;
use ombud::grpc::{ModelClient, pb};
use pb::Role;
use proptest::prelude::*;

const CHECK: &str = "/1.1/comment-check";
const KIND: &str = "Thank you, that was a helpful explanation of the budget.";
/// What is looked at of a form.
const KNOWN: [&str; 6] = ["comment_content", "comment_author", "permalink", "user_role", "is_test", "api_key"];
const PAGE: &str = "https://news.example/budget";

/// Links are looked at, and one word is rejected.
const POLICY: &str = "[policy.links]\naction = \"hold\"\nallowed_domains = [\"news.example\"]\n\
    [[policy.words]]\nname = \"offers\"\nkind = \"exact\"\naction = \"reject\"\nentries = [\"gewgaws\"]\n";

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Sends a comment of an author with some fields more.
async fn send(server: &TestServer, path: &str, text: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [
        ("blog", "https://news.example"),
        ("user_ip", "192.0.2.7"),
        ("permalink", PAGE),
        ("comment_author", "Ann"),
        ("comment_content", text),
    ];
    let fields: Vec<_> = fields.into_iter().chain(more.iter().copied()).collect();
    ask(&server.url, "POST", path, &[], form(&fields).as_bytes()).await
}

/// Checks what a comment is said to be: the word, and whether nobody need look at it.
async fn check(server: &TestServer, text: &str, more: &[(&str, &str)], expected: (&str, Option<&str>)) {
    let answer = send(server, CHECK, text, more).await;
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!((answer.text().as_str(), answer.header("x-akismet-pro-tip")), expected, "{text} {more:?}");
}

/// Returns status, word and help of a refusal.
fn refused(answer: &Answer) -> (u16, String, String) {
    (answer.status, answer.text(), answer.header("x-akismet-debug-help").unwrap().to_owned())
}

async fn labels(server: &TestServer) -> Vec<pb::Label> {
    export(&mut connect(server).await, pb::ExportLabelsRequest::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn spam_is_what_the_policy_says_and_nothing_is_kept() {
    let server = TestServer::start_with(POLICY).await;
    check(&server, KIND, &[], ("false", None)).await;
    check(&server, "See https://shop.example/x", &[], ("true", None)).await;
    check(&server, "See https://news.example/x", &[], ("false", None)).await;
    check(&server, KIND, &[("comment_author_url", "https://shop.example")], ("true", None)).await;
    check(&server, "Fine gewgaws!", &[], ("true", Some("discard"))).await;
    check(&server, KIND, &[("is_test", "1")], ("false", None)).await;
    let filter = Some(pb::list_comments_request::Filter::ArticleId(PAGE.into()));
    let request = pb::ListCommentsRequest { filter, ..pb::ListCommentsRequest::default() };
    assert_eq!(server.client().await.list_comments(request).await.unwrap().into_inner().comments, []);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_score_for_spam_is_held_against_the_site_s_threshold() {
    let server = TestServer::start_with("[sites.daily.spam]\nhold = 0.0\n").await;
    let root = close(&server.url).await;
    for (site, expected) in [("daily", "true"), ("weekly", "false")] {
        let key = hand_out(&server.url, &root, Role::Submitter, site).await;
        check(&server, KIND, &[("api_key", &key)], (expected, None)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_it_out_finds_what_is_always_and_never_spam() {
    let server = TestServer::start_with(POLICY).await;
    check(&server, KIND, &[("comment_author_email", "akismet-guaranteed-spam@example.com")], ("true", None)).await;
    check(&server, "Fine gewgaws!", &[("user_role", "administrator")], ("false", None)).await;
    let always =
        form(&[("comment_author", "viagra-test-123"), ("comment_content", KIND), ("user_role", "administrator")]);
    let answer = ask(&server.url, "POST", CHECK, &[], always.as_bytes()).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "true"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_in_the_form_or_in_the_host_s_name() {
    let server = TestServer::start().await;
    let root = close(&server.url).await;
    let key = hand_out(&server.url, &root, Role::Submitter, "").await;
    let label = ombud::auth::Secret::parse(&key).unwrap().to_host_label().unwrap();
    let verify = async |key: &str| {
        let body = form(&[("key", key), ("blog", "https://news.example")]);
        let answer = ask(&server.url, "POST", "/1.1/verify-key", &[], body.as_bytes()).await;
        (answer.status, answer.text())
    };
    assert_eq!(verify(&key).await, (200, "valid".into()));
    assert_eq!(verify(&label).await, (200, "valid".into()));
    assert_eq!(verify("123YourAPIKey").await, (200, "invalid".into()));

    let body = form(&[("comment_content", KIND)]);
    let at = async |host: &str| ask(&server.url, "POST", CHECK, &[("host", host)], body.as_bytes()).await;
    for host in [format!("{label}.localhost:80"), format!("{}.akismet.example", label.to_uppercase())] {
        assert_eq!(at(&host).await.text(), "false", "{host}");
    }
    assert_eq!(at(&format!("{key}.localhost")).await.text(), "false", "where nothing on the way changes its case");
    for host in ["localhost", &format!("{}.localhost", key.to_lowercase()), "ombud-abc.localhost"] {
        let answer = at(host).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "invalid"), "{host}");
        assert!(answer.header("x-akismet-debug-help").unwrap().starts_with("The key is missing"));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_correct_becomes_a_label() {
    let server = TestServer::start().await;
    for (path, text, is_test) in [
        ("/1.1/submit-spam", "Fine gewgaws!", "0"),
        ("/1.1/submit-ham", KIND, ""),
        ("/1.1/submit-ham", "Only a test.", "1"),
    ] {
        let answer =
            send(&server, path, text, &[("is_test", is_test), ("comment_author_email", "ann@example.com")]).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "Thanks for making the web a better place."));
    }
    // The same words again are the same comment.
    send(&server, "/1.1/submit-spam", "Fine gewgaws!", &[("user_ip", "192.0.2.8")]).await;
    let mut labels = labels(&server).await;
    labels.sort_by_key(|label| label.rejected != Some(true));
    let said: Vec<_> =
        labels.iter().map(|label| (label.text.as_str(), label.rejected, label.attributes["SPAM"])).collect();
    assert_eq!(said, [("Fine gewgaws!", Some(true), true), (KIND, Some(false), false)]);
    assert!(labels.iter().all(|label| label.article_id == PAGE && label.source() == pb::LabelSource::Suggestion));
    let dir = server.stop().await;
    let kept = std::fs::read_dir(dir.path().join("data/journal")).unwrap();
    for file in kept.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()) {
        for never in ["192.0.2", "ann@example"] {
            assert!(!file.windows(never.len()).any(|bytes| bytes == never.as_bytes()), "{never} is kept");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_moderators_correct() {
    let server = TestServer::start().await;
    let root = close(&server.url).await;
    let site = hand_out(&server.url, &root, Role::Submitter, "daily").await;
    let refusal = refused(&send(&server, "/1.1/submit-spam", KIND, &[("api_key", &site)]).await);
    let help = "the token's role may not do this; it takes the role moderator";
    assert_eq!(refusal, (403, "invalid".into(), help.into()));
    let ada = hand_out(&server.url, &root, Role::Moderator, "daily").await;
    assert_eq!(send(&server, "/1.1/submit-spam", KIND, &[("api_key", &ada)]).await.status, 200);
    let mut models = ModelClient::new(with_token(&server.url, &root).await);
    let request = pb::ExportLabelsRequest { site_id: Some("daily".into()), ..Default::default() };
    let mut told = models.export_labels(request).await.unwrap().into_inner();
    let labels = told.message().await.unwrap().unwrap().labels;
    assert_eq!((labels.len(), labels[0].moderator_id.as_str()), (1, "key"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let server = TestServer::start().await;
    let root = close(&server.url).await;
    let key = hand_out_some(&server.url, &root, 1).await;
    check(&server, KIND, &[("api_key", &key)], ("false", None)).await;
    let answer = send(&server, CHECK, KIND, &[("api_key", &key)]).await;
    assert_eq!((answer.status, answer.text().as_str()), (429, "invalid"));
    assert!(answer.header("retry-after").is_some());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_the_header() {
    let server = TestServer::start().await;
    let refusal = refused(&send(&server, CHECK, " ", &[]).await);
    assert_eq!(refusal, (400, "invalid".into(), "comment_content: Write a comment.".into()));
    let refusal = refused(&send(&server, "/1.1/submit-ham", &"x".repeat(20_481), &[]).await);
    assert_eq!(refusal, (400, "invalid".into(), "comment_content: Must be at most 20480 bytes long.".into()));
    let refusal = refused(&ask(&server.url, "GET", CHECK, &[], b"").await);
    assert_eq!(refusal, (405, "invalid".into(), "Only POST is answered here.".into()));
    let refusal = refused(&ask(&server.url, "POST", CHECK, &[], &vec![b'x'; 500_001]).await);
    assert_eq!((refusal.0, refusal.1.as_str()), (413, "invalid"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_or_refused() {
    let server = TestServer::start().await;
    let name = prop_oneof![3 => prop::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => "\\PC{0,5}"];
    let fields = prop::collection::vec((name, any::<String>()), 0..8);
    let fields = fields.prop_map(|fields| Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes());
    let body = prop_oneof![3 => fields, 1 => prop::collection::vec(any::<u8>(), 0..80)];
    let path = prop::sample::select(&["comment-check", "submit-ham", "submit-spam", "verify-key"][..]);
    arbitrary::for_all(&(path, body), 192, async |(path, body)| {
        let answer = ask(&server.url, "POST", &format!("/1.1/{path}"), &[], &body).await;
        if [200, 400].contains(&answer.status) { Ok(()) } else { Err(format!("{path}: {}", answer.status)) }
    });
    server.stop().await;
}
