//! Clients of the Perspective API send back what people ruled, and nothing else of theirs is kept.

use crate::support::{
    TestServer,
    http::{Answer, ask, post},
    ombud,
};
use ombud::grpc::{ModelClient, pb};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

const SUGGEST: &str = "/v1alpha1/comments:suggestscore";
const TEXT: &str = "Grüße from the allotment 👋🏽, where nothing grows.";

async fn suggest(server: &TestServer, body: &Value) -> Answer {
    post(&server.url, SUGGEST, &body.to_string()).await
}

/// Returns the labels that a server tells.
async fn labels(server: &TestServer) -> Vec<pb::Label> {
    let mut models = ModelClient::connect(server.url.clone()).await.unwrap();
    let mut told = models.export_labels(pb::ExportLabelsRequest::default()).await.unwrap().into_inner();
    let mut labels = Vec::new();
    while let Some(some) = told.message().await.unwrap() {
        labels.extend(some.labels);
    }
    labels
}

/// Returns whether any file below a folder has these bytes.
fn is_anywhere(dir: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            is_anywhere(&path, bytes)
        } else {
            fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes)
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggested_score_is_a_label_and_zero_is_a_score() {
    let server = TestServer::start().await;
    let body = json!({
        "comment": { "text": TEXT }, "languages": ["en"], "clientToken": "t",
        "attributeScores": {
            "TOXICITY": { "summaryScore": { "value": 0 } },
            "INSULT": { "spanScores": [{ "begin": 0, "end": 5, "score": { "value": 1, "type": "PROBABILITY" } }] },
            "LIKELY_TO_REJECT": { "summary_score": { "value": 0.9 } },
        },
    });
    let answer = suggest(&server, &body).await;
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({ "clientToken": "t", "detectedLanguages": ["en"], "requestedLanguages": ["en"] }))
    );
    // The same again takes the place of the one before.
    assert_eq!(suggest(&server, &body).await.status, 200);
    let labels = labels(&server).await;
    let [label] = labels.as_slice() else { panic!("{labels:?}") };
    assert_eq!((label.text.as_str(), label.source()), (TEXT, pb::LabelSource::Suggestion));
    assert_eq!(label.rejected, Some(true));
    let mut attributes: Vec<_> = label.attributes.iter().map(|(name, carried)| (name.as_str(), *carried)).collect();
    attributes.sort_unstable();
    assert_eq!(attributes, [("INSULT", true), ("TOXICITY", false)]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn corals_moderators_rule_and_their_rulings_are_labels_of_its_comments() {
    let server = TestServer::start().await;
    let ruling = |id: &str, value: u8| {
        let facts =
            json!({ "url": "https://news.example/a", "reply_to_id_Coral_comment_id": null, "Coral_comment_id": id });
        json!({
            "comment": { "text": TEXT }, "context": { "entries": [{ "text": facts.to_string() }] },
            "attributeScores": { "TOXICITY": { "summaryScore": { "value": value } } },
            "languages": ["en"], "communityId": "Coral:https://news.example", "clientToken": format!("comment:{id}"),
        })
    };
    let mut old = ruling("c-3", 1);
    old["attributeScores"] = json!({ "DELETED": { "summaryScore": { "value": 1 } } });
    assert_eq!(post(&server.url, "/comments:suggestscore", &old.to_string()).await.status, 200);
    for (id, value) in [("c-1", 1), ("c-2", 1), ("c-2", 0)] {
        let answer = post(&server.url, "/comments:suggestscore", &ruling(id, value).to_string()).await;
        assert_eq!((answer.status, &answer.json()["clientToken"]), (200, &json!(format!("comment:{id}"))));
    }
    let mut told: Vec<_> = labels(&server)
        .await
        .into_iter()
        .map(|label| (label.comment_id.clone(), label.rejected, label.attributes.len()))
        .collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(
        told,
        [("c-1".to_owned(), Some(true), 0), ("c-2".to_owned(), Some(false), 0), ("c-3".to_owned(), Some(true), 0)],
        "for whatever it was rejected"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_teaches_nothing_is_refused() {
    let server = TestServer::start().await;
    for (body, message) in [
        (json!({ "comment": { "text": TEXT } }), "Missing attribute_scores"),
        (json!({ "comment": { "text": TEXT }, "attributeScores": {} }), "Missing attribute_scores"),
        (
            json!({ "comment": { "text": TEXT }, "attributeScores": { "TOXICITY": {} } }),
            "Attribute TOXICITY must have a summary_score or span_scores",
        ),
        (
            json!({ "comment": { "text": TEXT }, "attributeScores": { "TOXICITY": { "spanScores": [{ "score": { "value": 1 } }] } } }),
            "Span scores must have begin and end",
        ),
        (
            json!({ "comment": { "text": TEXT }, "attributeScores": { "FLIRTATION": { "summaryScore": { "value": 1 } } } }),
            "Unknown requested attribute: FLIRTATION",
        ),
        (
            json!({ "comment": { "text": "" }, "attributeScores": { "TOXICITY": { "summaryScore": { "value": 1 } } } }),
            "Comment must be non-empty.",
        ),
    ] {
        let answer = suggest(&server, &body).await;
        assert_eq!((answer.status, &answer.json()["error"]["message"]), (400, &json!(message)));
    }
    let null = json!({ "comment": { "text": TEXT }, "attributeScores": { "TOXICITY": { "summaryScore": { "value": null } } } });
    assert_eq!(suggest(&server, &null).await.status, 400);
    let endless = null.to_string().replace("null", "1e999");
    assert_eq!(post(&server.url, SUGGEST, &endless).await.status, 400);
    let high =
        json!({ "comment": { "text": TEXT }, "attributeScores": { "TOXICITY": { "summaryScore": { "value": 7 } } } });
    assert_eq!(suggest(&server, &high).await.status, 400);
    assert!(labels(&server).await.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_analysed_no_byte_is_kept() {
    let server = TestServer::start().await;
    let marked = "quincunx-of-plain-words";
    for store in [json!(true), json!(false), Value::Null] {
        let body = json!({ "comment": { "text": marked }, "requestedAttributes": { "TOXICITY": {} }, "doNotStore": store, "sessionId": marked });
        assert_eq!(post(&server.url, "/v1alpha1/comments:analyze", &body.to_string()).await.status, 200);
    }
    assert!(labels(&server).await.is_empty());
    let kept = "harlequin-of-plain-words";
    let body =
        json!({ "comment": { "text": kept }, "attributeScores": { "TOXICITY": { "summaryScore": { "value": 1 } } } });
    assert_eq!(suggest(&server, &body).await.status, 200);
    let data_dir = server.data_dir();
    let dir = server.stop().await;
    assert!(!is_anywhere(dir.path(), marked.as_bytes()));
    assert!(
        data_dir.exists() && is_anywhere(dir.path(), kept.as_bytes()),
        "what was suggested is looked for in the same way"
    );
}

fn token(dir: &Path, args: &[&str]) -> String {
    let mut command = Command::new(ombud());
    command.args(["token", "create", "--json", "--data-dir"]).arg(dir).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).unwrap()["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_say_who_asks_and_what_they_may() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    token(&data, &["--role", "admin", "--name", "root"]);
    let front = token(&data, &["--role", "submitter", "--name", "front", "--rate-per-minute", "3"]);
    let teacher = token(&data, &["--role", "moderator", "--name", "coral", "--site", "daily"]);
    let server = TestServer::start_in(dir, "").await;
    let body = json!({ "comment": { "text": TEXT }, "requestedAttributes": { "TOXICITY": {} } }).to_string();
    let score =
        json!({ "comment": { "text": TEXT }, "attributeScores": { "TOXICITY": { "summaryScore": { "value": 1 } } } })
            .to_string();
    let analyze = "/v1alpha1/comments:analyze";
    let none = post(&server.url, analyze, &body).await;
    assert_eq!((none.status, &none.json()["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    let wrong = post(&server.url, &format!("{analyze}?key=wrong"), &body).await.json();
    assert_eq!(
        (&wrong["error"]["code"], &wrong["error"]["message"]),
        (&json!(400), &json!("API key not valid. Please pass a valid API key."))
    );
    assert_eq!(wrong["error"]["details"][0]["reason"], "API_KEY_INVALID");
    let bearer = format!("Bearer {front}");
    let described = |key: &str| format!("/$discovery/rest?version=v1alpha1&key={key}");
    assert_eq!(ask(&server.url, "GET", &described("wrong"), &[], b"").await.status, 400);
    assert_eq!(ask(&server.url, "GET", "/$discovery/rest", &[], b"").await.status, 200);
    for (path, headers) in [
        (format!("{analyze}?alt=json&key={front}"), vec![]),
        (analyze.to_owned(), vec![("x-goog-api-key", front.as_str())]),
        (analyze.to_owned(), vec![("authorization", bearer.as_str())]),
    ] {
        assert_eq!(ask(&server.url, "POST", &path, &headers, body.as_bytes()).await.status, 200, "{path}");
    }
    let often = post(&server.url, &format!("{analyze}?key={front}"), &body).await;
    assert_eq!((often.status, &often.json()["error"]["status"]), (429, &json!("RESOURCE_EXHAUSTED")));
    assert_eq!(often.json()["error"]["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    assert!(often.header("retry-after").is_some_and(|after| after.parse::<u64>().is_ok_and(|after| after <= 60)));
    assert_eq!(post(&server.url, &format!("{SUGGEST}?key={teacher}"), &score).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_asks_may_not_teach_and_pages_need_keys_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    token(&data, &["--role", "admin", "--name", "root"]);
    let front = token(&data, &["--role", "submitter", "--name", "front"]);
    let page =
        token(&data, &["--role", "submitter", "--name", "page", "--site", "daily", "--origin", "https://news.example"]);
    let server = TestServer::start_in(dir, "").await;
    let body = json!({ "comment": { "text": TEXT }, "requestedAttributes": { "TOXICITY": {} } }).to_string();
    let score =
        json!({ "comment": { "text": TEXT }, "attributeScores": { "TOXICITY": { "summaryScore": { "value": 1 } } } })
            .to_string();
    let refused = post(&server.url, &format!("{SUGGEST}?key={front}"), &score).await;
    assert_eq!((refused.status, &refused.json()["error"]["status"]), (403, &json!("PERMISSION_DENIED")));
    let path = format!("/v1alpha1/comments:analyze?key={page}");
    let own = [("origin", "https://news.example")];
    let preflight = ask(
        &server.url,
        "OPTIONS",
        &path,
        &[own[0], ("access-control-request-method", "POST"), ("access-control-request-headers", "content-type")],
        b"",
    )
    .await;
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-origin")),
        (200, Some("https://news.example"))
    );
    assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type"));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("POST"));
    let told = ask(&server.url, "POST", &path, &own, body.as_bytes()).await;
    assert_eq!((told.status, told.header("access-control-allow-origin")), (200, Some("https://news.example")));
    for other in [vec![("origin", "https://evil.example")], vec![]] {
        let refused = ask(&server.url, "POST", &path, &other, body.as_bytes()).await;
        assert_eq!((refused.status, refused.header("access-control-allow-origin")), (403, None), "{other:?}");
    }
    let discovery = ask(&server.url, "GET", "/$discovery/rest", &[("origin", "https://evil.example")], b"").await;
    assert_eq!((discovery.status, discovery.header("access-control-allow-origin")), (200, Some("*")));
    server.stop().await;
}
