//! A client of OpenAI's moderation is given another address, and finds what Ombud can say.

use crate::support::{
    TestServer, arbitrary,
    http::{Answer, ask, post},
    keys::{close, hand_out, hand_out_some},
    model,
};
use ombud::{domain::Attribute, grpc::pb::Role};
use serde_json::{Value, json};

const PATH: &str = "/v1/moderations";
const KIND: &str = "Thank you, that was a helpful explanation of the budget.";
const RUDE: &str = "You are a complete idiot and nobody likes you.";
const ANSWERED: [&str; 5] = ["harassment", "harassment/threatening", "hate", "hate/threatening", "violence"];

async fn moderate(server: &TestServer, body: &Value) -> Answer {
    post(&server.url, PATH, &body.to_string()).await
}

/// Returns the results, where all is well.
async fn results(server: &TestServer, body: &Value) -> Vec<Value> {
    let answer = moderate(server, body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{}", answer.text());
    answer.json()["results"].as_array().unwrap().clone()
}

/// Returns status, type, code and field of an error.
fn refused(answer: &Answer) -> (u16, String, Value, Value) {
    let error = answer.json()["error"].clone();
    assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
    (answer.status, error["type"].as_str().unwrap().to_owned(), error["code"].clone(), error["param"].clone())
}

fn invalid(status: u16, code: Value, param: Value) -> (u16, String, Value, Value) {
    (status, "invalid_request_error".to_owned(), code, param)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_has_a_result_with_the_categories_that_there_are_and_no_others() {
    let server = TestServer::start().await;
    let answer = moderate(&server, &json!({ "model": "omni-moderation-latest", "input": [KIND, RUDE] })).await;
    let told = answer.json();
    assert!(told["id"].as_str().unwrap().starts_with("modr-"));
    assert_eq!(told["model"], model().version(), "whatever was asked for, the model that answered is named");
    let [kind, rude] = &told["results"].as_array().unwrap()[..] else { panic!("{told}") };
    for result in [kind, rude] {
        for part in ["categories", "category_scores", "category_applied_input_types"] {
            assert_eq!(result[part].as_object().unwrap().keys().collect::<Vec<_>>(), ANSWERED, "{part}");
        }
        assert_eq!(result["category_applied_input_types"]["hate"], json!(["text"]));
    }
    assert_eq!((&kind["flagged"], &rude["flagged"]), (&json!(false), &json!(true)));
    assert_eq!((&kind["categories"]["harassment"], &rude["categories"]["harassment"]), (&json!(false), &json!(true)));
    let insult = model().score(RUDE).unwrap().get(Attribute::Insult).get();
    assert_eq!(rude["category_scores"]["harassment"].to_string(), serde_json::to_string(&insult).unwrap());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_alone_and_in_parts_is_the_same_input() {
    let server = TestServer::start().await;
    let alone = results(&server, &json!({ "input": RUDE })).await;
    let in_parts = results(&server, &json!({ "input": [{ "type": "text", "text": RUDE }] })).await;
    assert_eq!((alone.len(), &alone), (1, &in_parts));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_flagged_by_the_policy_of_the_key_s_site() {
    let strict = "[sites.daily.toxicity]\nhold = 0.0\n[sites.lax.insult]\nhold = \"never\"\nreject = \"never\"\n";
    let server = TestServer::start_with(strict).await;
    let root = close(&server.url).await;
    let flagged = async |site: &str, text: &str| {
        let key = format!("Bearer {}", hand_out(&server.url, &root, Role::Submitter, site).await);
        let body = json!({ "input": text }).to_string();
        let answer = ask(&server.url, "POST", PATH, &[("authorization", &key)], body.as_bytes()).await;
        let result = answer.json()["results"][0].clone();
        (result["flagged"].as_bool().unwrap(), result["categories"]["harassment"].as_bool().unwrap())
    };
    assert_eq!(flagged("", KIND).await, (false, false));
    assert_eq!(flagged("daily", KIND).await, (true, false), "toxicity flags, and is no category");
    assert!(flagged("", RUDE).await.1 && !flagged("lax", RUDE).await.1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_cannot_read_is_flagged_unless_the_site_lets_scores_decide() {
    let dutch = "Ik vind dit een heel duidelijk en goed geschreven artikel over de begroting van de stad.";
    for (toml, expected) in [("", true), ("[policy]\nunsupported_language = \"score\"\n", false)] {
        let server = TestServer::start_with(toml).await;
        assert_eq!(results(&server, &json!({ "input": dutch })).await[0]["flagged"], expected);
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_good_is_told_in_openai_s_words() {
    let server = TestServer::start().await;
    let root = close(&server.url).await;
    let body = json!({ "input": KIND }).to_string();
    let with = async |headers: &[(&str, &str)]| ask(&server.url, "POST", PATH, headers, body.as_bytes()).await;
    let unknown = invalid(401, json!("invalid_api_key"), Value::Null);
    assert_eq!(refused(&with(&[]).await), unknown);
    let wrong = with(&[("authorization", "Bearer sk-secret-of-another")]).await;
    assert_eq!(refused(&wrong), unknown);
    assert!(!wrong.text().contains("sk-secret"));
    assert_eq!(with(&[("authorization", &format!("Bearer {root}"))]).await.status, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let server = TestServer::start().await;
    let root = close(&server.url).await;
    let key = format!("Bearer {}", hand_out_some(&server.url, &root, 1).await);
    let body = json!({ "input": KIND }).to_string();
    let again = async || ask(&server.url, "POST", PATH, &[("authorization", &key)], body.as_bytes()).await;
    assert_eq!(again().await.status, 200);
    let answer = again().await;
    assert_eq!(refused(&answer), (429, "requests".to_owned(), json!("rate_limit_exceeded"), Value::Null));
    assert!((1..=60).contains(&answer.header("retry-after").unwrap().parse::<u32>().unwrap()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named_by_its_field_and_never_quoted() {
    let server = TestServer::start().await;
    let long = "x".repeat(20_481);
    for (body, param) in [
        (json!({}), json!("input")),
        (json!({ "input": ["a", &long] }), json!("input[1]")),
        (json!({ "input": &long }), json!("input")),
        (json!({ "input": vec!["a"; 257] }), json!("input")),
        (json!({ "input": [{ "type": "image_url", "image_url": { "url": "u" } }] }), json!("input[0]")),
        (json!({ "input": "a", "model": ["m"] }), json!("model")),
        (json!(["a"]), Value::Null),
    ] {
        assert_eq!(refused(&moderate(&server, &body).await), invalid(400, Value::Null, param), "{body:.80}");
    }
    assert_eq!(results(&server, &json!({ "input": vec!["a"; 256] })).await.len(), 256);
    let told = moderate(&server, &json!({ "input": vec!["a"; 257] })).await.json();
    assert_eq!(told["error"]["message"], "input: Must hold from 1 to 256 texts.");
    let broken = post(&server.url, PATH, "{\"input\": \"quixotic").await;
    assert!(broken.status == 400 && !broken.text().contains("quixotic"), "{}", broken.text());
    let too_much = post(&server.url, PATH, &"x".repeat(500_001)).await;
    assert_eq!(refused(&too_much), invalid(413, Value::Null, Value::Null));
    let get = ask(&server.url, "GET", PATH, &[], b"").await;
    assert_eq!(refused(&get), invalid(405, json!("method_not_supported"), Value::Null));
    assert_eq!(get.header("allow"), Some("POST"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_sent_is_answered_or_refused() {
    let server = TestServer::start().await;
    let bodies = arbitrary::json(&["input", "model", "type", "text", "image_url"]);
    arbitrary::for_all(&bodies, 128, async |body| {
        let answer = post(&server.url, PATH, &body.to_string()).await;
        if [200, 400].contains(&answer.status) { Ok(()) } else { Err(format!("{}", answer.status)) }
    });
    server.stop().await;
}
