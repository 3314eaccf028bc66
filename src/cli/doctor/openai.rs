//! Clients of OpenAI's moderation.

use super::{COMMENT, Finding, Visit, behind};
use http::{
    Request,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::json;

pub(super) async fn visit(visit: &mut Visit) -> anyhow::Result<()> {
    // The libraries put /moderations behind a base address that ends in /v1.
    let base = behind(&visit.server.url, "");
    let path = if base.ends_with("/v1") { format!("{base}/moderations") } else { format!("{base}/v1/moderations") };
    let key = visit.key.clone();
    let request = || {
        let body = json!({ "model": "omni-moderation-latest", "input": [COMMENT, "Thank you."] }).to_string();
        let request = Request::post(&path).header(CONTENT_TYPE, "application/json");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", key.as_deref().unwrap_or("none")));
        anyhow::Ok(request.body(body.into_bytes())?)
    };
    let answer = visit.server.send(request()?).await?;
    let told = answer.json();
    let scores: Vec<String> = told["results"][0]["category_scores"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, score)| format!("{name} {:.3}", score.as_f64().unwrap_or(f64::NAN)))
        .collect();
    let is_good =
        answer.status == 200 && told["results"].as_array().is_some_and(|all| all.len() == 2) && !scores.is_empty();
    if is_good {
        visit.findings.push(Finding::works("scores", scores.join(", ")));
        visit.findings.push(Finding::note(
            "categories",
            "those that aren't named above are missing, not zero",
            "code that reads them must do without: Ombud has no scores for them",
        ));
        visit.latency(request, None).await?;
    } else {
        let message = told["error"]["message"].as_str().unwrap_or("no answer of OpenAI's moderation");
        let advice = if answer.status == 401 {
            "name a key with --key; `ombud token create --role submitter --name NAME` makes one"
        } else {
            "the base address of the client must end in /v1"
        };
        visit.findings.push(Finding::fails("scores", format!("{} {message}", answer.status), advice));
    }
    Ok(())
}
