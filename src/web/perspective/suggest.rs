//! Scores that somebody else gave: labels for the next retraining.

use super::failure::Failure;
use super::request::{self, Fields};
use super::site_of;
use crate::auth::Caller;
use crate::domain::attribute::LIKELY_TO_REJECT;
use crate::moderation::labels::Suggestion;
use crate::web::Doors;
use serde_json::{Value, json};

/// The fields that there are.
const KNOWN: [&str; 7] =
    ["comment", "context", "attributeScores", "languages", "communityId", "clientToken", "sessionId"];
/// What the ids of Coral's communities begin with.
const CORAL: &str = "Coral:";
/// Where Coral says which comment it is.
const CORAL_ID: &str = "Coral_comment_id";

/// Keeps one suggestion; it is on disk when this returns.
pub(super) async fn suggest(doors: &Doors, caller: &Caller, body: &Value) -> Result<Value, Failure> {
    let strict = doors.moderation.perspective(site_of(caller)).strict == Some(true);
    let body = Fields::of_body(body)?;
    body.check(strict, &KNOWN)?;
    let text = request::comment(&body, strict)?;
    let first = request::context(&body, strict)?;
    let (token, community) = (body.text("clientToken")?, body.text("communityId")?);
    body.text("sessionId")?;
    let languages = body.texts("languages")?;
    let mut scores = Vec::new();
    if let Some(given) = body.fields("attributeScores")? {
        for (name, own) in given.entries()? {
            scores.push((name.to_owned(), own.map_or(Ok(None), |own| score(&own, name, strict))?));
        }
    }
    if scores.is_empty() {
        return Err(Failure::invalid("Missing attribute_scores"));
    }
    let missing = scores.iter().find(|(_, score)| score.is_none());
    if let Some((name, _)) = missing {
        return Err(Failure::invalid(format!("Attribute {name} must have a summary_score or span_scores")));
    }
    // Coral tells every ruling of its moderators, whatever it was for, as a score of the attribute that it asks for.
    let is_verdict = community.is_some_and(|community| community.starts_with(CORAL));
    let scores = scores.into_iter().filter_map(|(name, score)| Some((name, score?)));
    let scores = if is_verdict { scores.map(verdict_of_old).collect() } else { scores.collect() };
    let suggestion = Suggestion {
        site_id: site_of(caller).to_owned(),
        comment_id: if is_verdict { coral_id(first, token) } else { None },
        text: text.to_owned(),
        scores,
        is_verdict,
    };
    doors.labels.suggest(caller, &doors.moderation, suggestion).await?;
    let detected = doors.moderation.language_of(site_of(caller), text);
    let mut told = json!({ "detectedLanguages": [detected.code()] });
    if !languages.is_empty() {
        told["requestedLanguages"] = json!(languages);
    }
    if let Some(token) = token {
        told["clientToken"] = Value::from(token);
    }
    Ok(told)
}

/// Reads the score of one attribute: the summary, or the highest of its spans.
fn score(own: &Fields<'_>, name: &str, strict: bool) -> Result<Option<f32>, Failure> {
    own.check(strict, &["summaryScore", "spanScores"])?;
    let value = |score: &Fields<'_>| {
        score.check(strict, &["value", "type"])?;
        request::score_type(score, "type", name)?;
        // That would be a number which was none, and must not teach that nothing is wrong.
        if score.is_null("value") {
            return Err(Failure::invalid(format!("Attribute {name} must have a score whose value is a number")));
        }
        // A score that doesn't say how high it is is zero, as everywhere in Protocol Buffers.
        Ok::<_, Failure>(score.share("value")?.unwrap_or(0.0))
    };
    let summary = own.fields("summaryScore")?.map(|score| value(&score)).transpose()?;
    let mut highest = None;
    for span in own.list("spanScores")? {
        span.check(strict, &["begin", "end", "score"])?;
        let (Some(begin), Some(end)) = (span.number("begin")?, span.number("end")?) else {
            return Err(Failure::invalid("Span scores must have begin and end"));
        };
        if begin > end {
            return Err(Failure::invalid("Span scores must end behind their begin"));
        }
        let score = span.fields("score")?.map(|score| value(&score)).transpose()?.unwrap_or(0.0);
        highest = Some(highest.map_or(score, |highest: f32| highest.max(score)));
    }
    Ok(summary.or(highest))
}

/// Reads what Coral said before it asked for feedback by attribute: what became of the comment.
fn verdict_of_old((name, score): (String, f32)) -> (String, f32) {
    match name.as_str() {
        "APPROVED" => (LIKELY_TO_REJECT.to_owned(), 1.0 - score),
        "DELETED" => (LIKELY_TO_REJECT.to_owned(), score),
        _ => (name, score),
    }
}

/// Finds Coral's id of the comment, in the facts that it writes beside it or in its token.
fn coral_id(facts: Option<&str>, token: Option<&str>) -> Option<String> {
    let facts: Option<Value> = facts.and_then(|facts| serde_json::from_str(facts).ok());
    let id = facts.and_then(|facts| facts.get(CORAL_ID)?.as_str().map(str::to_owned));
    id.or_else(|| token?.strip_prefix("comment:").map(str::to_owned)).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coral_names_its_comment_in_one_of_two_places() {
        let facts = r#"{"url": "https://news.example/a", "Coral_comment_id": "c-1"}"#;
        assert_eq!(coral_id(Some(facts), Some("comment:c-2")).as_deref(), Some("c-1"));
        assert_eq!(coral_id(Some("no json"), Some("comment:c-2")).as_deref(), Some("c-2"));
        assert_eq!((coral_id(None, Some("c-2")), coral_id(None, None)), (None, None));
    }
}
