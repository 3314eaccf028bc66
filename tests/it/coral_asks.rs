//! Coral asks what to do with each comment, before readers see it.

use crate::moderator_reviews::{HELD, Newsroom};
use crate::support::{
    TestServer, arbitrary,
    http::{Answer, ask},
    model, ombud,
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ombud::{
    classify::{Explanation, Scorer},
    domain::Scores,
    grpc::{ReviewClient, pb},
};
use pb::{Outcome, Verdict};
use serde_json::{Value, json};
use sha2::Sha256;
use std::{
    process::Command,
    sync::{Arc, Condvar, Mutex},
};
use tokio_stream::StreamExt as _;

const OLD: &str = "ssec_0123456789abcdef";
const NEW: &str = "ssec_fedcba9876543210";
const KIND: &str = "Thank you, that was a helpful explanation of the budget.";

/// No real newsroom waits so long; a test's machine may.
fn settings() -> String {
    format!("[coral]\ntimeout_ms = 10000\n[coral.default]\nsecrets = [\"{OLD}\", \"{NEW}\"]\n")
}

async fn start() -> TestServer {
    TestServer::start_with(&settings()).await
}

fn sign(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

/// What Coral sends of a comment.
fn asked(action: &str, text: &str) -> Value {
    json!({
        "action": action,
        "comment": { "body": text, "parentID": "p1" },
        "author": { "id": "u1", "role": "COMMENTER" },
        "story": { "id": "s1", "url": "https://news.example/budget" },
        "site": { "id": "c1" },
        "tenantID": "t1",
        "tenantDomain": "coral.example",
    })
}

async fn post(url: &str, path: &str, signature: Option<&str>, body: &str) -> Answer {
    let signature = signature.map(|signature| ("x-coral-signature", signature));
    ask(url, "POST", path, signature.as_slice(), body.as_bytes()).await
}

/// Asks as Coral does, and returns what it is told.
async fn told(server: &TestServer, asked: &Value) -> Value {
    // Coral writes its bodies over several lines.
    let body = serde_json::to_string_pretty(asked).unwrap();
    let answer = post(&server.url, "/coral/default", Some(&sign(OLD, &body)), &body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{}", answer.text());
    answer.json()
}

/// Returns the comments of the author, the newest first.
async fn comments(server: &TestServer) -> Vec<pb::Revision> {
    let filter = Some(pb::list_comments_request::Filter::AuthorId("u1".into()));
    let request = pb::ListCommentsRequest { filter, ..pb::ListCommentsRequest::default() };
    server.client().await.list_comments(request).await.unwrap().into_inner().comments
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_judged_and_recorded_with_its_author_its_story_and_what_it_answers() {
    let server = start().await;
    let body = asked("NEW", KIND).to_string();
    let answer = post(&server.url, "/coral/default", Some(&sign(OLD, &body)), &body).await;
    assert_eq!(answer.text(), "{}", "Coral takes that, to the letter, for no opinion");
    let [kept] = &comments(&server).await[..] else { panic!("one comment") };
    let comment = kept.comment.clone().unwrap();
    assert_eq!((comment.text.as_str(), comment.article_id.as_str(), comment.parent_id.as_str()), (KIND, "s1", "p1"));
    assert_eq!(comment.author.unwrap(), pb::Author { author_id: "u1".into(), name: "unknown".into() });
    assert!(comment.comment_id.starts_with("coral-"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_is_withheld_and_waits_in_both() {
    let server = start().await;
    let withheld = json!({
        "status": "SYSTEM_WITHHELD",
        "actions": [{ "actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC" }],
    });
    assert_eq!(told(&server, &asked("NEW", HELD[2])).await, withheld);
    let mut newsroom = Newsroom::new(server).await;
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 1)]);
    // What a moderator says here holds when Coral asks again.
    let [kept] = &comments(&newsroom.server).await[..] else { panic!("one comment") };
    let item = newsroom.item(&kept.comment.clone().unwrap().comment_id).await;
    newsroom.settle("ada", &item, Verdict::Approve).await.unwrap();
    assert_eq!(told(&newsroom.server, &asked("NEW", HELD[2])).await, json!({}));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rejected_has_a_code_and_what_only_waits_is_looked_at_first() {
    let rules = "[[policy.words]]\nname = \"w\"\nkind = \"exact\"\naction = \"reject\"\nentries = [\"twaddle\"]\n\
        [policy.links]\naction = \"hold\"\n[policy.first_time]\naction = \"hold\"\npublished = 1\n";
    let server = TestServer::start_with(&format!("{}{rules}", settings())).await;
    let rejected = json!({
        "status": "REJECTED",
        "moderationAction": { "status": "REJECTED", "rejectionReason": { "code": "BANNED_WORD" } },
    });
    assert_eq!(told(&server, &asked("NEW", "What twaddle.")).await, rejected);
    assert_eq!(told(&server, &asked("NEW", KIND)).await, json!({ "status": "PREMOD" }), "an author whom nobody knows");
    let spam = told(&server, &asked("NEW", "See https://shop.example/x")).await;
    assert_eq!(spam["actions"], json!([{ "actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM" }]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_secret_of_the_site_has_signed_is_read() {
    let server = start().await;
    let body = asked("NEW", KIND).to_string();
    let (old, new, wrong) = (sign(OLD, &body), sign(NEW, &body), sign("another secret of it", &body));
    let status = async |path: &str, signature: Option<&str>, body: &str| {
        let answer = post(&server.url, path, signature, body).await;
        assert!(![OLD, NEW, KIND].iter().any(|secret| answer.text().contains(secret)), "{}", answer.text());
        answer.status
    };
    for wrong in [None, Some(""), Some("sha256="), Some(wrong.as_str()), Some(&old[7..]), Some(&old[..old.len() - 1])] {
        assert_eq!(status("/coral/default", wrong, &body).await, 401, "{wrong:?}");
    }
    assert_eq!(status("/coral/default", Some(&old), &body.replace("u1", "u2")).await, 401);
    assert_eq!(status("/coral/daily", Some(&old), &body).await, 404, "a site without secrets has no door");
    assert_eq!(status("/coral/default/more", Some(&old), &body).await, 404);
    assert_eq!(comments(&server).await, []);
    for good in [&old, &new, &format!("{wrong},{new}"), &format!("{old},{wrong}")] {
        assert_eq!(status("/coral/default", Some(good), &body).await, 200, "{good}");
    }
    assert_eq!(comments(&server).await.len(), 1, "the same comment, asked about again");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_a_revision_of_the_comment_that_it_is_most_like() {
    let server = start().await;
    told(&server, &asked("NEW", "The cake was very good.")).await;
    told(&server, &asked("NEW", "The tea was cold, and nobody came.")).await;
    told(&server, &asked("EDIT", "The cake was very good. Thank you!")).await;
    told(&server, &asked("EDIT", "Something else altogether: buses.")).await;
    let mut elsewhere = asked("EDIT", "The cake was very good. Thank you all!");
    elsewhere["comment"]["parentID"] = Value::Null;
    told(&server, &elsewhere).await;
    let kept = comments(&server).await;
    let kept: Vec<_> = kept.iter().map(|one| (one.comment.as_ref().unwrap().text.as_str(), one.number)).collect();
    let expected = [
        ("The cake was very good. Thank you all!", 1),
        ("Something else altogether: buses.", 1),
        ("The tea was cold, and nobody came.", 1),
        ("The cake was very good. Thank you!", 2),
    ];
    assert_eq!(kept, expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn html_is_judged_and_kept_by_its_words() {
    let server = start().await;
    told(&server, &asked("NEW", "<div>Well <b>said</b> &amp; done</div><a href=\"https://a.example\">more</a>")).await;
    let [kept] = &comments(&server).await[..] else { panic!("one comment") };
    assert_eq!(kept.comment.as_ref().unwrap().text, "Well said & done\nmore (https://a.example)");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_moderates_the_newsroom_and_what_has_no_words_has_no_opinion() {
    let server = start().await;
    for role in ["STAFF", "MODERATOR", "ADMIN"] {
        let mut staff = asked("NEW", HELD[2]);
        staff["author"]["role"] = role.into();
        assert_eq!(told(&server, &staff).await, json!({}));
    }
    for blank in [json!(""), json!(" "), json!("\u{200B}"), json!("<div><br></div>"), Value::Null] {
        let mut wordless = asked("NEW", "");
        wordless["comment"]["body"] = blank;
        assert_eq!(told(&server, &wordless).await, json!({}));
    }
    assert_eq!(told(&server, &asked("NEW", &"x".repeat(20_481))).await, json!({ "status": "PREMOD" }));
    assert_eq!(comments(&server).await, []);
    server.stop().await;
}

/// Scores once it is let.
struct Waiting {
    may: Arc<(Mutex<bool>, Condvar)>,
}

impl Scorer for Waiting {
    fn version(&self) -> &'static str {
        "waiting"
    }
    fn score(&self, text: &str) -> Option<Scores> {
        let (may, changed) = &*self.may;
        drop(changed.wait_while(may.lock().unwrap(), |may| !*may).unwrap());
        model().score(text)
    }
    fn explain(&self, text: &str) -> Option<Explanation> {
        model().explain(text)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn coral_is_not_kept_waiting_and_the_comment_is_recorded_all_the_same() {
    let may = Arc::new((Mutex::new(false), Condvar::new()));
    let settings = settings().replace("10000", "20");
    let server = TestServer::start_with_scorer_and(Arc::new(Waiting { may: Arc::clone(&may) }), &settings).await;
    let mut watching = ReviewClient::connect(server.url.clone()).await.unwrap();
    let mut events = watching.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    assert_eq!(told(&server, &asked("NEW", HELD[2])).await, json!({}), "no opinion yet");
    *may.0.lock().unwrap() = true;
    may.1.notify_all();
    events.next().await.unwrap().unwrap();
    let [kept] = &comments(&server).await[..] else { panic!("one comment") };
    assert_eq!(kept.decision.as_ref().unwrap().outcome(), Outcome::Hold);
    server.stop().await;
}

#[test]
fn secrets_come_from_a_file_or_the_environment_and_are_never_shown() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ombud.toml");
    let check = |toml: &str, environment: &str| {
        std::fs::write(&file, toml).unwrap();
        let mut command = Command::new(ombud());
        command.args(["config", "check", "--config"]).arg(&file).env("OMBUD_CORAL__DAILY__SECRETS", environment);
        let ran = command.output().unwrap();
        let said = [ran.stdout, ran.stderr].map(|said| String::from_utf8(said).unwrap()).concat();
        assert!(![OLD, NEW, "short", "78787878"].iter().any(|secret| said.contains(secret)), "{said}");
        (ran.status.success(), said)
    };
    let both = format!("{OLD},{NEW}");
    let (good, said) = check(&settings(), &both);
    assert!(good, "{said}");
    for key in ["coral.default.secrets", "coral.daily.secrets"] {
        let line = said.lines().find(|line| line.starts_with(key)).unwrap();
        assert!(line.contains("(hidden)"), "{line}");
    }
    for wrong in ["secrets = [\"short\"]", "secrets = 78787878", "secrets = []", "secrets = { a = 78787878 }", ""] {
        let (good, said) = check(&format!("[coral.\"news.example\"]\n{wrong}\n"), NEW);
        assert!(!good && said.contains("coral.news.example.secrets must be a list of 1 to 4 texts"), "{said}");
    }
    let (good, said) = check(&format!("[coral.default]\nsecret = \"{OLD}\"\n"), &both);
    assert!(!good && said.contains("coral.default.secret is no setting; there are secrets"), "{said}");
    let (good, said) = check("[coral]\ntimeout = 3\n", &both);
    assert!(!good && said.contains("coral.timeout is no setting"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_coral_never_sends_is_refused() {
    let server = start().await;
    let signed = async |body: &str| post(&server.url, "/coral/default", Some(&sign(OLD, body)), body).await;
    for body in ["", "[]", "{\"comment\": \"quixotic\"}", "{quixotic"] {
        let answer = signed(body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"].is_string() && !answer.text().contains("quixotic"));
    }
    let mut long = asked("NEW", KIND);
    long["story"]["id"] = "x".repeat(129).into();
    let answer = signed(&long.to_string()).await;
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": "story.id: Must be at most 128 bytes long." })));
    assert_eq!(signed(&" ".repeat(500_001)).await.status, 413);
    let get = ask(&server.url, "GET", "/coral/default", &[], b"").await;
    assert_eq!((get.status, get.header("allow")), (405, Some("POST")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_signed_is_answered_or_refused() {
    let server = start().await;
    let keys = &["action", "comment", "body", "parentID", "author", "id", "role", "story", "tenantID", "EDIT"];
    arbitrary::for_all(&(arbitrary::json(keys), "\\PC{0,30}", 0..4), 128, async |(value, text, part)| {
        let mut body = asked(if part == 0 { "EDIT" } else { "NEW" }, &text);
        match part {
            1 => body["comment"] = value,
            2 => body["author"] = value,
            3 => body = value,
            _ => {}
        }
        let body = body.to_string();
        let answer = post(&server.url, "/coral/default", Some(&sign(NEW, &body)), &body).await;
        if [200, 400].contains(&answer.status) { Ok(()) } else { Err(format!("{}", answer.status)) }
    });
    server.stop().await;
}
