//! A web developer has `curl`, and no gRPC.

use crate::support::{
    TestServer,
    curl::{Said, call, curl},
    get,
};
use ombud::grpc::{AdminClient, pb};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

const SUBMIT: &str = "ModerationService/SubmitComment";
const KIND: &str =
    r#"{"articleId": "garden", "commentId": "c1", "author": {"name": "Ann"}, "text": "What a lovely garden."}"#;
/// Nothing of it may come back in a refusal.
const PRIVATE: &str = "whispered";

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_submitted_and_read_again() {
    let server = TestServer::start().await;
    let said = call(&server.url, SUBMIT, KIND, &[]);
    assert_eq!((said.status, said.head.contains("\r\ncontent-type: application/json")), (200, true), "{}", said.head);
    let decision = &said.body["decision"];
    assert_eq!((&said.body["commentId"], &said.body["revision"]), (&"c1".into(), &1.into()));
    assert_eq!(
        (&decision["outcome"], &decision["source"]),
        (&"OUTCOME_PUBLISH".into(), &"DECISION_SOURCE_MODEL".into())
    );
    assert!((0.0..=1.0).contains(&decision["scores"]["TOXICITY"].as_f64().unwrap()));
    assert!(decision["decidedAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(said.body.get("repeated"), None, "what has its default is left out");
    // The names of the proto, a time, another charset parameter, and everything that clients of Connect send.
    let snake = r#"{"article_id":"garden","comment_id":"c2","author":{"name":"Ann","author_id":"a1"},"text":"Yes.",
                    "submitted_at":"2026-11-25T20:15:00.5+01:00","parent_id":null}"#;
    let more = ["--header", "Content-Type: application/json; charset=utf-8", "--header", "Connect-Protocol-Version: 1"];
    let said = call(&server.url, SUBMIT, snake, &[&more[..], &["--header", "Connect-Timeout-Ms: 20000"]].concat());
    assert_eq!(said.status, 200, "{said:?}");
    let stored = get(&mut server.client().await, "c2").await.unwrap().comment.unwrap();
    assert_eq!((stored.text.as_str(), stored.author.unwrap().author_id.as_str()), ("Yes.", "a1"));
    let sent = stored.submitted_at.unwrap();
    assert_eq!((sent.seconds, sent.nanos), (1_795_634_100, 500_000_000));
    let listed = call(&server.url, "ModerationService/ListComments", r#"{"articleId": "garden"}"#, &[]);
    assert_eq!(listed.body["comments"].as_array().unwrap().len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_come_back_as_they_do_over_grpc() {
    let server = TestServer::start().await;
    let said = call(&server.url, SUBMIT, r#"{"articleId": "garden", "author": {"name": " "}}"#, &[]);
    assert_eq!((said.status, said.failure().1), (400, "invalid_argument"));
    let mut client = server.client().await;
    let status = client.submit_comment(pb::SubmitCommentRequest {
        article_id: "garden".into(),
        author: Some(pb::Author { name: " ".into(), author_id: String::new() }),
        ..Default::default()
    });
    let status = status.await.unwrap_err();
    assert_eq!(said.failure().2, status.message());
    assert_eq!(said.detail("google.rpc.ErrorInfo")["reason"], "INVALID_FIELDS");
    let violations = said.detail("google.rpc.BadRequest")["fieldViolations"].as_array().unwrap();
    let fields: Vec<_> = violations.iter().map(|violation| violation["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["author.name", "text"]);
    let unknown = call(&server.url, "ModerationService/GetComment", r#"{"commentId": "c9"}"#, &[]);
    assert_eq!(unknown.failure().1, "not_found");
    assert_eq!((unknown.status, &unknown.detail("google.rpc.ResourceInfo")["resourceName"]), (404, &"c9".into()));
    server.stop().await;
}

/// Checks that a body is refused with a sentence, in which nothing of the body stands.
fn check_unread(url: &str, body: &str, sentence: &str) -> Said {
    let said = call(url, SUBMIT, body, &[]);
    let (status, code, message) = said.failure();
    assert_eq!((status, code), (400, "invalid_argument"), "{body}");
    assert!(message.contains(sentence), "{body}: {message}");
    assert!(!said.body.to_string().contains(PRIVATE), "{message}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_mistyped_is_named_and_what_was_written_is_not_repeated() {
    let server = TestServer::start().await;
    let text = format!(r#""text": "{PRIVATE}""#);
    for (body, sentence) in [
        (format!(r#"{{{text}, "artikelId": "g"}}"#), "line 1, column 33: artikelId: There is no such field"),
        (
            format!("{{{text},\n \"author\": {{\"nam\": \"Ann\"}}}}"),
            "line 2, column 17: author.nam: There is no such field",
        ),
        (format!(r#"{{"author": "{PRIVATE}"}}"#), "author: Must be an object"),
        (format!(r#"{{"text": ["{PRIVATE}"]}}"#), "text: Must be a string"),
        (format!(r#"{{"submittedAt": "{PRIVATE}"}}"#), "submittedAt: Must be a time in RFC 3339"),
        (format!(r#"["{PRIVATE}"]"#), "Must be an object"),
    ] {
        let said = check_unread(&server.url, &body, sentence);
        assert_eq!(said.detail("google.rpc.ErrorInfo")["reason"], "INVALID_FIELDS");
    }
    for (body, sentence) in [
        (format!("{{{text}"), "the body is no JSON: line 1, column 20: EOF"),
        (format!("{{{text}}} more"), "line 1, column 23: trailing characters"),
        (format!("text={PRIVATE}"), "line 1, column 2: expected ident"),
        (r#"{"text": "\ud800"}"#.to_owned(), "line 1, column 17"),
        (" ".to_owned(), "a message without fields is {}"),
    ] {
        check_unread(&server.url, &body, sentence);
    }
    let settle = format!(r#"{{"commentId": "c1", "verdict": "{PRIVATE}"}}"#);
    let said = call(&server.url, "ReviewService/SettleItem", &settle, &[]);
    assert!(said.failure().2.contains("verdict: Must be one of VERDICT_UNSPECIFIED, VERDICT_APPROVE"), "{said:?}");
    assert!(!said.body.to_string().contains(PRIVATE));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_wrong_way_to_call_is_told_the_right_one() {
    let server = TestServer::start().await;
    let streams = "ModerationService/SubmitComments";
    for (method, more, status, code, sentence) in [
        (SUBMIT, ["--request", "GET"], 405, "unimplemented", "called by POST"),
        (SUBMIT, ["--header", "Content-Type: text/plain"], 415, "invalid_argument", "content-type: application/json"),
        (SUBMIT, ["--header", "Content-Type: application/json; charset=latin1"], 415, "invalid_argument", "UTF-8"),
        (SUBMIT, ["--header", "Content-Encoding: gzip"], 501, "unimplemented", "identity"),
        (SUBMIT, ["--header", "Connect-Protocol-Version: 2"], 400, "invalid_argument", "must be 1"),
        (SUBMIT, ["--header", "Connect-Timeout-Ms: soon"], 400, "invalid_argument", "whole number"),
        (SUBMIT, ["--header", "Connect-Timeout-Ms: 0"], 504, "deadline_exceeded", "within 0 ms"),
        ("ModerationService/Submit", ["--request", "POST"], 404, "unimplemented", "/openapi.json"),
        (streams, ["--request", "POST"], 501, "unimplemented", "call it by gRPC"),
        ("ReviewService/WatchEvents", ["--request", "POST"], 501, "unimplemented", "gRPC-Web"),
        ("NoService/SubmitComment", ["--request", "POST"], 404, "not_found", "Ombud speaks gRPC"),
        (SUBMIT, ["--header", "Content-Type: application/grpc"], 400, "invalid_argument", "HTTP/2"),
    ] {
        let said = call(&server.url, method, KIND, &more);
        let (found, name, message) = said.failure();
        assert_eq!((found, name), (status, code), "{method} {more:?}: {message}");
        assert!(message.contains(sentence), "{method} {more:?}: {message}");
    }
    // Clients of Connect look for the refusal of a stream in its last frame.
    let said = call(&server.url, streams, KIND, &["--header", "Content-Type: application/connect+json"]);
    assert_eq!((said.status, said.bytes[0]), (200, 2));
    let end: serde_json::Value = serde_json::from_slice(&said.bytes[5..]).unwrap();
    assert_eq!(end["error"]["code"], "unimplemented");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_long_is_refused_and_the_server_goes_on() {
    let server = TestServer::start_with("[server]\nmessage_bytes_max = 65536").await;
    let of = |bytes: usize| {
        let empty = r#"{"articleId":"g","commentId":"long","author":{"name":"Ann"},"text":""}"#;
        empty.replace(r#""text":"""#, &format!(r#""text":"Hello."{}"#, " ".repeat(bytes - empty.len() - 6)))
    };
    assert_eq!(call(&server.url, SUBMIT, &of(65536), &[]).status, 200);
    for bytes in [65537, 1 << 20, 5 << 20] {
        let said = call(&server.url, SUBMIT, &of(bytes), &[]);
        assert_eq!((said.status, said.failure().1), (413, "resource_exhausted"), "{bytes}");
    }
    // Policies have lists of words, and take more.
    let words: Vec<String> = (0..10_000).map(|number| format!("word{number}")).collect();
    let words =
        serde_json::json!([{ "name": "long", "entries": words, "kind": "WORD_KIND_EXACT", "action": "MEASURE_HOLD" }]);
    let set = serde_json::json!({ "editorId": "eve", "policy": { "words": words } }).to_string();
    let said = call(&server.url, "PolicyService/SetPolicy", &set, &[]);
    assert_eq!((set.len() > 65536, said.status), (true, 200), "{}", said.body);
    assert_eq!(call(&server.url, SUBMIT, KIND, &[]).status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_is_asked_before_anything_is_read() {
    let server = TestServer::start().await;
    let mut admin = AdminClient::connect(server.url.clone()).await.unwrap();
    let first = pb::CreateTokenRequest { role: pb::Role::Admin.into(), name: "root".into(), ..Default::default() };
    let first = admin.create_token(first).await.unwrap().into_inner().secret;
    // Who writes much is heard out, and sees the answer instead of a broken connection.
    for body in [KIND, "no JSON", &"x".repeat(900_000), &"x".repeat(3 << 20)] {
        let said = call(&server.url, SUBMIT, body, &[]);
        assert_eq!((said.status, said.failure().1), (401, "unauthenticated"));
        assert!(said.head.contains("www-authenticate: bearer"), "{}", said.head);
        assert_eq!(said.detail("google.rpc.ErrorInfo")["reason"], "TOKEN_MISSING");
    }
    let bearer = |token: &str| format!("Authorization: Bearer {token}");
    assert_eq!(call(&server.url, SUBMIT, KIND, &["--header", &bearer(&first)]).status, 200);
    let create = r#"{"role": "ROLE_SUBMITTER", "name": "site"}"#;
    let created = call(&server.url, "AdminService/CreateToken", create, &["--header", &bearer(&first)]);
    let site = bearer(created.body["secret"].as_str().unwrap());
    assert_eq!(call(&server.url, SUBMIT, KIND, &["--header", &site]).status, 200);
    let denied = call(&server.url, "AdminService/ListTokens", "{}", &["--header", &site]);
    assert_eq!((denied.status, denied.failure().1), (403, "permission_denied"));
    assert_eq!(denied.detail("google.rpc.ErrorInfo")["metadata"]["role"], "admin");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_to_no_door_is_told_where_they_are() {
    let server = TestServer::start().await;
    for args in
        [&["--http1.1"][..], &["--http1.0"], &["--http2-prior-knowledge"], &["--request", "POST", "--data", "x=1"]]
    {
        let said = curl(&server.url, args, b"");
        assert_eq!((said.status, said.failure().1), (404, "not_found"), "{args:?}");
        assert!(said.failure().2.contains("POST /ombud.v1.ModerationService/SubmitComment"), "{said:?}");
    }
    for version in ["--http1.0", "--http2-prior-knowledge"] {
        assert_eq!(call(&server.url, SUBMIT, KIND, &[version]).status, 200, "{version}");
        let health = curl(
            &format!("{}/grpc.health.v1.Health/Check", server.url),
            &["--header", "Content-Type: application/json", "--data", "{}", version],
            b"",
        );
        assert_eq!(health.body["status"], "SERVING");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_doesnt_send_their_body_is_answered_in_their_time() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST /ombud.v1.{SUBMIT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\
         Connect-Timeout-Ms: 50\r\nConnection: close\r\n\r\n{{\"text\""
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 504") && answer.contains("deadline_exceeded"), "{answer}");
    server.stop().await;
}
