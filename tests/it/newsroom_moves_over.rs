//! A newsroom leaves the Perspective API: its thresholds keep their meaning, and a doctor says whether its clients will be content.

use crate::support::{TestServer, http::post, model, ombud};
use ombud::domain::Attribute;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

const RUDE: [&str; 6] = ["a fool", "an idiot", "quite right", "a liar", "a neighbour", "pathetic"];
const ABOUT: [&str; 10] =
    ["bridge", "budget", "school", "garden", "match", "concert", "mayor's speech", "bus line", "market", "harbour"];
const HOW: [&str; 7] = ["honestly", "as always", "I fear", "of course", "for once", "it seems", "by now"];

fn texts() -> Vec<String> {
    let of = |at: usize| {
        format!("Whoever wrote about the {} is {}, {}.", ABOUT[at % 10], RUDE[at / 10 % 6], HOW[at / 60 % 7])
    };
    (0..420).map(of).collect()
}

fn toxicity(text: &str) -> f32 {
    model().score(text).unwrap().get(Attribute::Toxicity).get()
}

fn run(args: &[&str]) -> Output {
    Command::new(ombud()).args(args).output().unwrap()
}

/// Writes a log of a service that scores the square root of what Ombud does.
fn log(path: &Path) {
    let line = |(at, text): (usize, &String)| {
        let logged = toxicity(text).sqrt();
        if at % 2 == 0 {
            json!({ "text": text, "scores": { "TOXICITY": logged } }).to_string()
        } else {
            let told = json!({ "attributeScores": { "TOXICITY": { "summaryScore": { "value": logged } } } });
            json!({ "request": { "comment": { "text": text } }, "response": told }).to_string()
        }
    };
    let lines: Vec<String> = texts().iter().enumerate().map(line).chain(["no JSON".to_owned()]).collect();
    fs::write(path, lines.join("\n")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_thresholds_catch_what_they_caught_once_the_policy_has_the_fitted_scales() {
    let server = TestServer::start().await;
    let (path, scales) = (server.dir.path().join("log.jsonl"), server.dir.path().join("scales.toml"));
    log(&path);
    let fitted = run(&["perspective", "fit", path.to_str().unwrap()]);
    let said = String::from_utf8(fitted.stderr).unwrap();
    assert!(fitted.status.success() && said.contains("TOXICITY") && said.contains("1 lines have no text"), "{said}");
    let toml = String::from_utf8(fitted.stdout).unwrap();
    assert!(toml.contains("[perspective.scales]") && toml.contains("TOXICITY = ["), "{toml}");
    fs::write(&scales, toml).unwrap();
    let set = run(&["policy", "set", scales.to_str().unwrap(), "--server", &server.url, "--as", "ada"]);
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    for text in texts().iter().step_by(37) {
        let body =
            json!({ "comment": { "text": text }, "requestedAttributes": { "TOXICITY": {} }, "languages": ["en"] });
        let told = post(&server.url, "/v1alpha1/comments:analyze", &body.to_string()).await.json();
        let told = told["attributeScores"]["TOXICITY"]["summaryScore"]["value"].as_f64().unwrap();
        let logged = f64::from(toxicity(text).sqrt());
        assert!((told - logged).abs() < 0.05, "{text}: {told} where {logged} was logged");
    }
    server.stop().await;
}

#[test]
fn a_log_that_says_too_little_is_told_what_it_takes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.jsonl");
    fs::write(&path, "{\"text\": \"Thank you.\", \"scores\": {\"TOXICITY\": 0.1}}\n").unwrap();
    let refused = run(&["perspective", "fit", path.to_str().unwrap()]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said.contains("TOXICITY: 1 scores are too few") && said.contains("it takes 200"), "{said}");
    assert!(refused.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_finds_that_every_client_is_content_with_a_new_server() {
    let server = TestServer::start_with("[coral.default]\nsecrets = [\"a-secret-of-the-test\"]\n").await;
    for client in ["coral", "perspective", "openai", "akismet"] {
        let args = ["doctor", "--as", client, &server.url, "--calls", "3", "--json"];
        let output = Command::new(ombud()).args(args).env_remove("OMBUD_TOKEN").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{client}: {said}"));
        let failing = report["findings"].as_array().unwrap().iter().find(|one| one["verdict"] == "fails");
        // How fast a busy machine is, no test can say.
        let failing = failing.filter(|one| one["what"] != "latency");
        assert!(failing.is_none(), "{client}: {report}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_says_what_is_missing_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let made = run(&["token", "create", "--role", "admin", "--name", "root", "--data-dir", data.to_str().unwrap()]);
    assert!(made.status.success());
    let server = TestServer::start_in(dir, "").await;
    let args = ["doctor", "--as", "coral", &server.url, "--calls", "3"];
    let output = Command::new(ombud()).args(args).env_remove("OMBUD_TOKEN").output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("fails  scores: 400 API key not valid") && told.contains("ombud token create"), "{told}");
    server.stop().await;
    let nowhere = run(&["doctor", "--as", "openai", "http://127.0.0.1:1"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8(nowhere.stderr).unwrap().contains("no server answers at"));
}
