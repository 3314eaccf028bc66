//! Scores.

use super::answer::{self, Utf16};
use super::failure::Failure;
use super::request::{self, Fields};
use super::site_of;
use crate::auth::Caller;
use crate::moderation::analysis::Question;
use crate::web::Doors;
use serde_json::{Map, Value, json};

/// The fields that there are.
const KNOWN: [&str; 9] = [
    "comment",
    "requestedAttributes",
    "languages",
    "context",
    "spanAnnotations",
    "doNotStore",
    "clientToken",
    "sessionId",
    "communityId",
];

/// How many names one question may have, above all that the Perspective API ever had: an answer has every sentence for each.
const NAMES_MAX: usize = 64;

/// Answers one question. Nothing of it is kept, whether the client allows that or not.
pub(super) async fn analyze(doors: &Doors, caller: &Caller, body: &Value) -> Result<Value, Failure> {
    let strict = doors.moderation.perspective(site_of(caller)).strict == Some(true);
    let body = Fields::of_body(body)?;
    body.check(strict, &KNOWN)?;
    let text = request::comment(&body, strict)?;
    request::context(&body, strict)?;
    let token = body.text("clientToken")?;
    body.text("sessionId")?;
    body.text("communityId")?;
    body.flag("doNotStore")?;
    let (mut attributes, mut thresholds) = (Vec::new(), Vec::new());
    if let Some(asked) = body.fields("requestedAttributes")? {
        for (name, own) in asked.entries()? {
            let mut threshold = None;
            if let Some(own) = own {
                own.check(strict, &["scoreType", "scoreThreshold"])?;
                request::score_type(&own, "scoreType", name)?;
                threshold = own.share("scoreThreshold")?;
            }
            attributes.push(name.to_owned());
            thresholds.push(threshold);
        }
    }
    if attributes.len() > NAMES_MAX {
        return Err(Failure::invalid(format!("Too many requested_attributes; at most {NAMES_MAX}.")));
    }
    let (languages, by_sentence) = (body.texts("languages")?, body.flag("spanAnnotations")?);
    let site_id = site_of(caller).to_owned();
    let question = Question { site_id, text: text.to_owned(), attributes, languages, by_sentence };
    let analysis = doors.moderation.analyse(question).await?;
    let mut units = Utf16::new(text);
    let mut scores = Map::new();
    for (attribute, threshold) in analysis.attributes.into_iter().zip(thresholds) {
        if threshold.is_none_or(|threshold| attribute.summary.get() >= threshold) {
            let (name, own) = answer::attribute(attribute, &mut units);
            scores.insert(name, own);
        }
    }
    let mut told = json!({ "languages": analysis.languages, "detectedLanguages": [analysis.detected.code()] });
    if !scores.is_empty() {
        told["attributeScores"] = Value::Object(scores);
    }
    if let Some(token) = token {
        told["clientToken"] = Value::from(token);
    }
    Ok(told)
}
