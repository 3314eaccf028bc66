//! A client of the Perspective API is given another address, and finds everything as it was.

use crate::support::{
    TestServer,
    http::{Answer, ask, post},
    model,
};
use ombud::domain::Attribute;
use serde_json::{Value, json};

const ANALYZE: &str = "/v1alpha1/comments:analyze";
const RUDE: &str = "You are a complete idiot and nobody likes you.";
const KIND: &str = "Thank you, that was a helpful explanation of the budget.";

async fn analyze(server: &TestServer, body: &Value) -> Answer {
    post(&server.url, ANALYZE, &body.to_string()).await
}

/// Asks for scores, and expects some.
async fn scored(server: &TestServer, body: &Value) -> Value {
    let answer = analyze(server, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Asks for what can't be had; returns the error.
async fn refused(server: &TestServer, body: &Value) -> Value {
    let answer = analyze(server, body).await;
    let error = answer.json()["error"].clone();
    assert_eq!(error["code"], answer.status, "{error}");
    error
}

fn toxicity(text: &str) -> f32 {
    model().score(text).unwrap().get(Attribute::Toxicity).get()
}

fn asking(text: &str) -> Value {
    json!({ "comment": { "text": text }, "requestedAttributes": { "TOXICITY": {} } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_scored_with_one_span_over_all_of_it() {
    let server = TestServer::start().await;
    let body = json!({
        "comment": { "text": RUDE, "type": "PLAIN_TEXT" },
        "requestedAttributes": { "TOXICITY": { "scoreType": "PROBABILITY" }, "INSULT": {} },
        "languages": ["en"], "doNotStore": true, "clientToken": "t-1", "sessionId": "s", "communityId": "c",
        "context": { "entries": [{ "text": "What was said before." }] },
    });
    let answer = analyze(&server, &body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json; charset=UTF-8")));
    let told = answer.json();
    let score = &told["attributeScores"]["TOXICITY"];
    assert_eq!(score["summaryScore"]["type"], "PROBABILITY");
    let length = RUDE.encode_utf16().count();
    assert_eq!(score["spanScores"], json!([{ "begin": 0, "end": length, "score": score["summaryScore"] }]));
    assert_eq!(told["languages"], json!(["en"]));
    assert_eq!((&told["detectedLanguages"], &told["clientToken"]), (&json!(["en"]), &json!("t-1")));
    let names: Vec<_> = told["attributeScores"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["INSULT", "TOXICITY"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scores_are_numbers_of_32_bits_and_those_of_grpc() {
    let server = TestServer::start().await;
    let told = scored(&server, &asking(RUDE)).await;
    let value = &told["attributeScores"]["TOXICITY"]["summaryScore"]["value"];
    assert!(value.is_number());
    assert_eq!(value.to_string().parse(), Ok(toxicity(RUDE)), "to the bit");
    assert!(!told.as_object().unwrap().contains_key("clientToken"), "none was sent");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentences_have_scores_of_their_own_at_places_in_utf_16() {
    let server = TestServer::start().await;
    let text = format!("Grüße 👋🏽 to all.\r\n{KIND} {RUDE}");
    let body = json!({ "comment": { "text": text }, "requestedAttributes": { "TOXICITY": {} }, "spanAnnotations": true, "languages": ["en"] });
    let told = scored(&server, &body).await;
    let units: Vec<u16> = text.encode_utf16().collect();
    let spans = told["attributeScores"]["TOXICITY"]["spanScores"].as_array().unwrap();
    let cut = |span: &Value| {
        let place = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
        String::from_utf16(&units[place("begin")..place("end")]).unwrap()
    };
    let parts: Vec<String> = spans.iter().map(cut).collect();
    assert_eq!(parts.concat(), text);
    assert_eq!(parts.last().map(String::as_str), Some(RUDE));
    for (part, span) in parts.iter().zip(spans) {
        assert_eq!(span["score"]["value"].to_string().parse(), Ok(toxicity(part)));
    }
    let summary = &told["attributeScores"]["TOXICITY"]["summaryScore"]["value"];
    assert_eq!(summary.to_string().parse(), Ok(toxicity(&text)), "of the whole, not the highest of the parts");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_below_the_threshold_is_left_out_and_so_is_the_map_where_nothing_is_left() {
    let server = TestServer::start().await;
    let mut body = json!({ "comment": { "text": RUDE }, "requestedAttributes": {
        "TOXICITY": { "scoreThreshold": 0.5 }, "SPAM": { "scoreThreshold": "0.99" }, "INSULT": { "score_threshold": null },
    } });
    let told = scored(&server, &body).await;
    let names: Vec<_> = told["attributeScores"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["INSULT", "TOXICITY"]);
    body["requestedAttributes"] = json!({ "SPAM": { "scoreThreshold": 1 } });
    assert_eq!(scored(&server, &body).await, json!({ "languages": ["en"], "detectedLanguages": ["en"] }));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_answered_as_they_were_asked_for() {
    let server = TestServer::start().await;
    let names = [
        "TOXICITY@6",
        "toxicity",
        "TOXICITY_FAST",
        "TOXICITY_EXPERIMENTAL",
        "SEVERE_TOXICITY",
        "IDENTITY_ATTACK",
        "IDENTITY_ATTACK_EXPERIMENTAL",
        "INSULT",
        "PROFANITY",
        "OBSCENE",
        "THREAT",
        "SPAM",
    ];
    let asked: serde_json::Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let told = scored(&server, &json!({ "comment": { "text": RUDE }, "requestedAttributes": asked })).await;
    let value = |name: &str| told["attributeScores"][name]["summaryScore"]["value"].clone();
    for name in names {
        assert!(value(name).is_number(), "{name}");
    }
    assert_eq!(value("OBSCENE"), value("PROFANITY"));
    assert_eq!((value("TOXICITY@6"), value("toxicity")), (value("TOXICITY_FAST"), value("TOXICITY_EXPERIMENTAL")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_says_what_stands_behind_names_and_which_scale_its_thresholds_know() {
    let toml = "[sites.default.perspective]\nattributes = { FLIRTATION = 0, SEXUALLY_EXPLICIT = \"PROFANITY\", SPAM = \"error\" }\n\
                scales = { TOXICITY = [[0.0, 0.5], [1.0, 0.75]] }\n";
    let server = TestServer::start_with(toml).await;
    let body = json!({ "comment": { "text": RUDE }, "requestedAttributes": {
        "TOXICITY": {}, "FLIRTATION": {}, "SEXUALLY_EXPLICIT": {}, "PROFANITY": {} } });
    let told = scored(&server, &body).await;
    let value = |name: &str| told["attributeScores"][name]["summaryScore"]["value"].as_f64().unwrap();
    assert!((value("TOXICITY") - (0.5 + 0.25 * f64::from(toxicity(RUDE)))).abs() < 1e-6);
    assert!(value("FLIRTATION").abs() < f64::EPSILON);
    assert!((value("SEXUALLY_EXPLICIT") - value("PROFANITY")).abs() < f64::EPSILON);
    let error = refused(&server, &json!({ "comment": { "text": RUDE }, "requestedAttributes": { "SPAM": {} } })).await;
    assert_eq!(error["message"], "Unknown requested attribute: SPAM");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_in_the_words_that_clients_look_for() {
    let server = TestServer::start().await;
    let attributes = json!({ "TOXICITY": {} });
    let long = "a".repeat(20_481);
    let dutch = "Dit is een heel gewone zin over het weer en de gemeenteraad van gisteren, en hij gaat nog even door.";
    let both = json!({ "entries": [{ "text": "a" }], "articleAndParentComment": { "article": { "text": "b" } } });
    let cases = [
        (
            json!({ "comment": { "text": "" }, "requestedAttributes": attributes }),
            "Comment must be non-empty.",
            "COMMENT_EMPTY",
        ),
        (json!({ "requestedAttributes": attributes }), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (
            json!({ "comment": { "text": long }, "requestedAttributes": attributes }),
            "Comment text was too many bytes. Value (20481) exceeded limit (20480).",
            "COMMENT_TOO_LONG",
        ),
        (json!({ "comment": { "text": KIND } }), "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (
            json!({ "comment": { "text": KIND }, "requestedAttributes": {} }),
            "Missing requested_attributes",
            "NO_REQUESTED_ATTRIBUTES",
        ),
        (
            json!({ "comment": { "text": KIND }, "requestedAttributes": { "FLIRTATION": {} } }),
            "Unknown requested attribute: FLIRTATION",
            "INVALID_REQUEST",
        ),
        (
            json!({ "comment": { "text": KIND }, "requestedAttributes": { "LIKELY_TO_REJECT": {} } }),
            "Unknown requested attribute: LIKELY_TO_REJECT",
            "INVALID_REQUEST",
        ),
        (
            json!({ "comment": { "text": KIND }, "requestedAttributes": attributes, "languages": ["it"] }),
            "Attribute TOXICITY does not support request languages: it",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ),
        (
            json!({ "comment": { "text": dutch }, "requestedAttributes": attributes }),
            "Attribute TOXICITY does not support request languages: nl",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ),
        (
            json!({ "comment": { "text": KIND, "type": "HTML" }, "requestedAttributes": attributes }),
            "Currently, only 'PLAIN_TEXT' comments are supported",
            "INVALID_REQUEST",
        ),
        (
            json!({ "comment": { "text": KIND, "type": "MARKDOWN" }, "requestedAttributes": attributes }),
            "Unknown text type",
            "INVALID_REQUEST",
        ),
        (
            json!({ "comment": { "text": KIND }, "requestedAttributes": attributes, "context": both }),
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
            "INVALID_REQUEST",
        ),
        (
            json!({ "comment": { "text": KIND }, "requestedAttributes": { "TOXICITY": { "scoreType": "PERCENTILE" } } }),
            "Requested score type PERCENTILE is not supported by attribute TOXICITY",
            "INVALID_REQUEST",
        ),
    ];
    for (body, message, error_type) in cases {
        let error = refused(&server, &body).await;
        assert_eq!(
            (&error["message"], &error["status"], &error["code"]),
            (&json!(message), &json!("INVALID_ARGUMENT"), &json!(400))
        );
        let detail = &error["details"][0];
        assert_eq!(detail["@type"], "type.googleapis.com/google.commentanalyzer.v1alpha1.Error", "{message}");
        assert_eq!(detail["errorType"], error_type);
    }
    let error = refused(&server, &json!({ "comment": { "text": dutch }, "requestedAttributes": attributes })).await;
    let facts = json!({ "detectedLanguages": ["nl"], "attribute": "TOXICITY" });
    assert_eq!(error["details"][0]["languageNotSupportedByAttributeError"], facts);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_tell_no_language_are_answered_and_a_site_may_trust_the_text_more_than_its_client() {
    let server = TestServer::start().await;
    for text in ["yo hamburger", "👍", " ", "123 !!!", "\u{0}"] {
        let told = scored(&server, &asking(text)).await;
        assert_eq!(told["detectedLanguages"], json!(["en"]), "{text:?}");
    }
    server.stop().await;
    let server = TestServer::start_with("[policy]\nunsupported_language = \"score\"\n").await;
    let dutch = "Dit is een heel gewone zin over het weer en de gemeenteraad van gisteren, en hij gaat nog even door.";
    assert_eq!(scored(&server, &asking(dutch)).await["detectedLanguages"], json!(["nl"]));
    server.stop().await;
    let server = TestServer::start_with("[policy.perspective]\ntrust_detection = true\n").await;
    let body = |text: &str, language: &str| json!({ "comment": { "text": text }, "requestedAttributes": { "TOXICITY": {} }, "languages": [language] });
    assert_eq!(scored(&server, &body(KIND, "it")).await["languages"], json!(["en"]));
    let dutch = "Dit is een heel gewone zin over het weer en de gemeenteraad van gisteren, en hij gaat nog even door.";
    let error = refused(&server, &body(dutch, "en")).await;
    assert_eq!(error["message"], "Attribute TOXICITY does not support request languages: nl");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_clients_write_is_read() {
    let server = TestServer::start().await;
    let wanted = scored(&server, &asking(RUDE)).await["attributeScores"].clone();
    let by_hand =
        format!("{{comment: {{text: \"{RUDE}\"}}, languages: ['en'], requestedAttributes: {{TOXICITY:{{}}}} }}");
    let snake = format!(
        r#"{{"comment": {{"text": "{RUDE}"}}, "requested_attributes": {{"TOXICITY": null}}, "session_id": "a", "whatever": 1}}"#
    );
    for body in [by_hand.as_str(), snake.as_str()] {
        for path in [
            ANALYZE,
            "/comments:analyze",
            "/a/b/v1alpha1/comments:analyze?key=x&alt=json&prettyPrint=false&%24.xgafv=2",
            "/v1alpha1/comments%3Aanalyze",
        ] {
            let answer = post(&server.url, path, body).await;
            assert_eq!((answer.status, &answer.json()["attributeScores"]), (200, &wanted), "{path} {body}");
        }
    }
    for kind in [
        "application/json;charset=utf-8",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/grpc-but-not",
    ] {
        let answer = ask(&server.url, "POST", ANALYZE, &[("content-type", kind)], snake.as_bytes()).await;
        assert_eq!(answer.json()["attributeScores"], wanted, "{kind}");
    }
    let http_1_0 = format!("POST {ANALYZE} HTTP/1.0\r\ncontent-length: {}\r\n\r\n{snake}", snake.len());
    let answer = crate::support::http::send(&server.url, http_1_0.as_bytes()).await;
    assert_eq!((answer.status, &answer.json()["attributeScores"]), (200, &wanted));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_told_by_its_place_and_a_strict_site_refuses_what_nobody_knows() {
    let server = TestServer::start().await;
    let answer = post(&server.url, ANALYZE, "{\"comment\":").await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status, &error["status"]), (400, &json!("INVALID_ARGUMENT")));
    assert!(error["message"].as_str().unwrap().ends_with("line 1, column 11."), "{error}");
    let error = refused(&server, &json!({ "comment": { "text": 5 } })).await;
    assert!(error["message"].as_str().unwrap().contains("'comment.text': must be a string"), "{error}");
    let answer = ask(&server.url, "GET", ANALYZE, &[], b"").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    server.stop().await;
    let server = TestServer::start_with("[policy.perspective]\nstrict = true\n").await;
    let error = refused(
        &server,
        &json!({ "comment": { "text": KIND, "lang": "en" }, "requestedAttributes": { "TOXICITY": {} } }),
    )
    .await;
    assert!(error["message"].as_str().unwrap().contains("Unknown name \"lang\""), "{error}");
    scored(
        &server,
        &json!({ "comment": { "text": KIND }, "requested_attributes": { "TOXICITY": {} }, "client_token": "" }),
    )
    .await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn googles_libraries_find_the_calls_where_they_asked() {
    let server = TestServer::start().await;
    let host = server.url.trim_start_matches("http://");
    for (path, headers, root) in [
        ("/$discovery/rest?version=v1alpha1", vec![], format!("http://{host}/")),
        ("/%24discovery/rest?version=v1alpha1&key=k", vec![("x-forwarded-proto", "https")], format!("https://{host}/")),
        ("/score/$discovery/rest", vec![("host", "news.example")], "http://news.example/score/".to_owned()),
    ] {
        let answer = ask(&server.url, "GET", path, &headers, b"").await;
        let document = answer.json();
        assert_eq!((answer.status, &document["rootUrl"]), (200, &json!(root)));
        assert_eq!(document["resources"]["comments"]["methods"]["analyze"]["path"], "v1alpha1/comments:analyze");
        // Everything that is referred to is there.
        let text = document.to_string();
        let named = text.split("\"$ref\":\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        for name in named {
            assert_eq!(document["schemas"][name]["id"], name);
        }
    }
    server.stop().await;
    let server = TestServer::start_with("[server]\npublic_url = \"https://score.news.example\"\n").await;
    let document = ask(&server.url, "GET", "/$discovery/rest", &[], b"").await.json();
    assert_eq!(document["rootUrl"], "https://score.news.example/");
    server.stop().await;
}
