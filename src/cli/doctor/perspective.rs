//! Clients of the Perspective API: Google's libraries, and those that post by themselves.

use super::http::Answer;
use super::{COMMENT, Finding, Visit, behind};
use http::Request;
use serde_json::{Value, json};

const SIX: [&str; 6] = ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"];

pub(super) async fn visit(visit: &mut Visit) -> anyhow::Result<()> {
    discovery(visit).await?;
    let attributes: serde_json::Map<String, Value> = SIX.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    let body = json!({ "comment": { "text": COMMENT }, "requestedAttributes": attributes, "languages": ["en"], "doNotStore": true });
    let analyze = behind(&visit.server.url, "/v1alpha1/comments:analyze");
    let answer = visit.server.send(request(&analyze, visit.key.as_deref(), &body)?).await?;
    let is_good = scores(visit, &answer, &SIX);
    errors(visit, &analyze).await?;
    feedback(visit, &behind(&visit.server.url, "/v1alpha1/comments:suggestscore")).await?;
    if is_good {
        let key = visit.key.clone();
        visit.latency(|| request(&analyze, key.as_deref(), &body), None).await?;
    }
    Ok(())
}

/// Makes a request as most clients do: without a type of content.
pub(super) fn request(path: &str, key: Option<&str>, body: &Value) -> anyhow::Result<Request<Vec<u8>>> {
    let key: String = form_urlencoded::byte_serialize(key.unwrap_or("none").as_bytes()).collect();
    Ok(Request::post(format!("{path}?key={key}")).body(body.to_string().into_bytes())?)
}

/// Looks at scores; returns whether they are there.
pub(super) fn scores(visit: &mut Visit, answer: &Answer, names: &[&str]) -> bool {
    let told = answer.json();
    let value = |name: &&str| told["attributeScores"][*name]["summaryScore"]["value"].as_f64();
    let missing: Vec<&str> = names.iter().filter(|name| value(name).is_none()).copied().collect();
    let is_good = answer.status == 200 && missing.is_empty();
    visit.findings.push(if is_good {
        let scores: Vec<String> = names.iter().filter_map(|name| Some(format!("{name} {:.3}", value(name)?))).collect();
        Finding::works("scores", scores.join(", "))
    } else {
        Finding::fails("scores", said(answer), advice(answer))
    });
    is_good
}

/// Says what a server told that refused.
pub(super) fn said(answer: &Answer) -> String {
    let told = answer.json();
    let message = told["error"]["message"].as_str().unwrap_or("no answer of the Perspective API");
    format!("{} {message}", answer.status)
}

fn advice(answer: &Answer) -> &'static str {
    let told = answer.json();
    match (answer.status, told["error"]["details"][0]["reason"].as_str()) {
        (403, None) => "name a key with --key; `ombud token create --role submitter --name NAME` makes one",
        (400, Some("API_KEY_INVALID")) => {
            "the key is no token of this server; `ombud token create --role submitter --name NAME` makes one"
        }
        (403, Some(_)) => "the key is for a page in a browser, or may do too little",
        (404 | 405, _) => "at this address no Ombud answers, or something before it takes the request",
        (429, _) => "the key asks too often; `ombud token create --rate-per-minute` makes another one",
        (413, _) => "something before the server takes shorter requests only",
        _ => "look into the server's log",
    }
}

async fn discovery(visit: &mut Visit) -> anyhow::Result<()> {
    let path = behind(&visit.server.url, "/$discovery/rest?version=v1alpha1");
    let answer = visit.server.send(Request::get(path).body(Vec::new())?).await?;
    let root = answer.json()["rootUrl"].as_str().map(str::to_owned);
    let wanted = format!("{}/", visit.server.url.to_string().trim_end_matches('/'));
    visit.findings.push(match root {
        Some(root) if root == wanted => Finding::works("discovery", "names this address"),
        Some(root) => Finding::fails(
            "discovery",
            format!("sends Google's libraries to {root}"),
            "set server.public_url to the address that clients know, or have the proxy send X-Forwarded-Proto and Host",
        ),
        None => Finding::fails(
            "discovery",
            format!("there is no document ({})", answer.status),
            "Google's libraries need it; a proxy may refuse the $ in its path",
        ),
    });
    Ok(())
}

async fn errors(visit: &mut Visit, path: &str) -> anyhow::Result<()> {
    let body = json!({ "comment": { "text": COMMENT }, "requestedAttributes": { "NO_SUCH_ATTRIBUTE": {} } });
    let answer = visit.server.send(request(path, visit.key.as_deref(), &body)?).await?;
    let told = answer.json();
    let is_known = told["error"]["message"] == "Unknown requested attribute: NO_SUCH_ATTRIBUTE";
    visit.findings.push(if is_known {
        Finding::works("errors", "have the words that clients look for")
    } else {
        Finding::fails("errors", said(&answer), advice(&answer))
    });
    Ok(())
}

/// Asks whether the key may teach, in a way that teaches nothing: no scores are suggested.
pub(super) async fn feedback(visit: &mut Visit, path: &str) -> anyhow::Result<()> {
    let body = json!({ "comment": { "text": COMMENT }, "attributeScores": {} });
    let answer = visit.server.send(request(path, visit.key.as_deref(), &body)?).await?;
    visit.findings.push(match answer.status {
        400 if answer.json()["error"]["message"] == "Missing attribute_scores" => {
            Finding::works("feedback", "the key may send scores that people gave, for `ombud retrain`")
        }
        403 => Finding::note(
            "feedback",
            "the key may not send scores that people gave",
            "that takes a token with the role moderator; without feedback nothing else is lost",
        ),
        _ => Finding::fails("feedback", said(&answer), advice(&answer)),
    });
    Ok(())
}
