//! Whoever reaches the port may send anything; they are answered or cut off, within bounds, and nobody else notices.

use crate::support::{
    TestServer,
    http::{connect, post, read, send},
};
use proptest::{prelude::*, strategy::ValueTree as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{io::AsyncWriteExt as _, time::timeout};

const ANALYZE: &str = "/v1alpha1/comments:analyze";
/// Every door that takes bodies.
const DOORS: [&str; 8] = [
    ANALYZE,
    "/v1alpha1/comments:suggestscore",
    "/v1/moderations",
    "/1.1/comment-check",
    "/1.1/submit-spam",
    "/1.1/verify-key",
    "/coral/default",
    "/ombud.v1.ModerationService/ScoreText",
];

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,30}".prop_map(Value::from),
        Just(json!("PLAIN_TEXT")),
        Just(json!("en")),
    ];
    let name = prop_oneof![
        Just("comment".to_owned()),
        Just("text".to_owned()),
        Just("requestedAttributes".to_owned()),
        Just("TOXICITY".to_owned()),
        Just("attributeScores".to_owned()),
        Just("summaryScore".to_owned()),
        Just("value".to_owned()),
        Just("input".to_owned()),
        Just("languages".to_owned()),
        Just("context".to_owned()),
        Just("entries".to_owned()),
        Just("spanAnnotations".to_owned()),
        "[a-zA-Z_]{0,8}",
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6).prop_map(|map| json!(map)),
        ]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_json_brings_a_door_down() {
    let server = TestServer::start().await;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(60)
    });
    let bodies: Vec<Value> = (0..60).map(|_| anything().new_tree(&mut runner).unwrap().current()).collect();
    for body in bodies {
        for door in DOORS {
            let answer = post(&server.url, door, &body.to_string()).await;
            assert!(answer.status < 500, "{door} {body}: {answer:?}");
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_within_the_limit_is_answered() {
    let server = TestServer::start().await;
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(80)
    });
    let texts = ("\\PC{1,200}", "[\\x00-\\x7f]{1,50}", "(👋🏽|é|\\r\\n|ß|a\u{301}|ﷺ|\\. ){1,80}");
    for _ in 0..80 {
        let (a, b, c) = texts.new_tree(&mut runner).unwrap().current();
        for text in [a, b, c, "𝔞. ".repeat(3413)] {
            let body = json!({ "comment": { "text": text }, "requestedAttributes": { "TOXICITY": {} }, "languages": ["en"], "spanAnnotations": true });
            let answer = post(&server.url, ANALYZE, &body.to_string()).await;
            assert_eq!(answer.status, 200, "{:?}", text.chars().take(200).collect::<String>());
            let told = answer.json();
            let spans = told["attributeScores"]["TOXICITY"]["spanScores"].as_array().unwrap().clone();
            assert_eq!(spans.last().unwrap()["end"], text.encode_utf16().count());
            assert!(spans.windows(2).all(|pair| pair[0]["end"] == pair[1]["begin"]) && spans[0]["begin"] == 0);
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_or_cut_off() {
    let server = TestServer::start().await;
    let answer =
        post(&server.url, ANALYZE, &format!("{{\"comment\": {{\"text\": \"{}\"}}}}", "a".repeat(500_001))).await;
    assert_eq!((answer.status, &answer.json()["error"]["code"]), (413, &json!(413)));
    let names: serde_json::Map<String, Value> = (0..65).map(|at| (format!("TOXICITY@{at}"), Value::Null)).collect();
    let many = json!({ "comment": { "text": "Thank you." }, "requestedAttributes": names });
    assert_eq!(post(&server.url, ANALYZE, &many.to_string()).await.status, 400);
    for nested in ["[\"]\",", "['}',{a:'}',b:"] {
        for door in DOORS {
            // An open server finds any key valid, also where the rest is none of a form.
            assert!(post(&server.url, door, &nested.repeat(20_000)).await.status < 500, "{door} {nested}");
        }
    }
    let headers: String = (0..5000).map(|number| format!("x-{number}: a\r\n")).collect();
    let many = send(&server.url, format!("POST {ANALYZE} HTTP/1.1\r\nhost: a\r\n{headers}\r\n").as_bytes()).await;
    assert_eq!(many.status, 431);
    let long = send(&server.url, format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100_000)).as_bytes()).await;
    assert!((400..500).contains(&long.status), "{long:?}");
    assert_eq!(send(&server.url, b"BREW / COFFEE/1.0\r\n\r\n").await.status, 400);
    let answer = post(&server.url, "/nowhere", "{}").await;
    assert_eq!(answer.status, 404);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_not_waited_for_forever_and_nobody_else_waits() {
    let server = TestServer::start().await;
    let mut slow = Vec::new();
    for _ in 0..64 {
        let mut stream = connect(&server.url).await;
        let head = format!("POST {ANALYZE} HTTP/1.1\r\nhost: a\r\ncontent-length: 400000\r\n\r\n{{\"comment\"");
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let body = json!({ "comment": { "text": "Thank you." }, "requestedAttributes": { "TOXICITY": {} } }).to_string();
    let quick = timeout(Duration::from_secs(5), post(&server.url, ANALYZE, &body)).await;
    assert_eq!(quick.expect("it waits for nobody").status, 200);
    for mut stream in slow {
        let answer = timeout(Duration::from_secs(25), read(&mut stream)).await.expect("it is cut off");
        assert_eq!(answer.status, 408);
    }
    server.stop().await;
}
