//! Coral: its phase of toxic comments, which speaks as a client of the Perspective API, and its external phase.

use super::perspective::{feedback, request, scores};
use super::{COMMENT, Finding, Visit, behind};
use http::Request;
use serde_json::json;
use std::time::Duration;

/// How long Coral waits.
const WAITS: Duration = Duration::from_millis(800);

pub(super) async fn visit(visit: &mut Visit) -> anyhow::Result<()> {
    // Coral puts the operation behind whatever address it was given.
    let path = behind(&visit.server.url, "/comments:analyze");
    let body = json!({ "comment": { "text": COMMENT }, "doNotStore": true, "requestedAttributes": { "TOXICITY": {} }, "languages": ["en"] });
    let answer = visit.server.send(request(&path, visit.key.as_deref(), &body)?).await?;
    let is_good = scores(visit, &answer, &["TOXICITY"]);
    if visit.key.is_none() {
        let found = "Coral's form takes no empty key";
        visit.findings.push(Finding::note("key", found, "write any word there while the server needs no token"));
    }
    address(visit);
    feedback(visit, &behind(&visit.server.url, "/comments:suggestscore")).await?;
    external(visit).await?;
    if is_good {
        let key = visit.key.clone();
        visit.latency(|| request(&path, key.as_deref(), &body), Some((WAITS, "Coral"))).await?;
    }
    Ok(())
}

/// Coral's form takes addresses whose host is an IP address, localhost, or has a dot in it.
fn address(visit: &mut Visit) {
    let host = visit.server.url.host().unwrap_or_default();
    visit.findings.push(if host.contains('.') || host.contains(':') || host == "localhost" {
        Finding::works("address", "Coral's form takes it: Configure, Moderation, Custom endpoint")
    } else {
        Finding::fails(
            "address",
            "Coral's form takes no host without a dot, as service names of Compose are",
            "give the container a name with a dot, such as ombud.internal, as a network alias",
        )
    });
}

/// Asks for the external phase without a signature, which is refused before anything is looked at.
async fn external(visit: &mut Visit) -> anyhow::Result<()> {
    let path = behind(&visit.server.url, "/coral/default");
    let answer = visit.server.send(Request::post(path).body(b"{}".to_vec())?).await?;
    visit.findings.push(match answer.status {
        401 => Finding::works("external phase", "is there for the site default, and asks for a signature"),
        _ => Finding::note(
            "external phase",
            "isn't set up for the site default",
            "with it, comments can be reviewed in Ombud: set [coral.default] secrets to the secret that Coral shows",
        ),
    });
    Ok(())
}
