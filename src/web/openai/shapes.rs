//! Questions and answers in OpenAI's shapes.

use super::categories::ANSWERED;
use super::refusal::Refusal;
use crate::domain::{Criterion, Score, Scores};
use crate::web::json::{self, NoJson};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The texts, each of which gets a result.
    pub(super) texts: Vec<String>,
    /// Whether they came as a list, so that one that is wrong is told by its place.
    pub(super) is_list: bool,
}

impl Asked {
    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body = json::read(body)
            .map_err(|NoJson { line, column }| Refusal::of_body(&format!("Not JSON: line {line}, column {column}.")))?;
        let Value::Object(mut fields) = body else { return Err(Refusal::of_body("Must be an object.")) };
        if !matches!(fields.get("model"), None | Some(Value::Null | Value::String(_))) {
            return Err(Refusal::of_field("model", "Must be a string; Ombud's own model answers, whatever it says."));
        }
        match fields.remove("input") {
            None | Some(Value::Null) => Err(Refusal::of_field("input", "Must be given.")),
            Some(Value::String(text)) => Ok(Self { texts: vec![text], is_list: false }),
            Some(Value::Array(list)) if list.is_empty() => Err(Refusal::of_field("input", "Must not be empty.")),
            Some(Value::Array(list)) if list[0].is_object() => {
                let parts: Result<Vec<&str>, Refusal> =
                    list.iter().enumerate().map(|(place, part)| text_of(place, part)).collect();
                // Parts are one input together.
                Ok(Self { texts: vec![parts?.join("\n")], is_list: false })
            }
            Some(Value::Array(list)) => {
                let text = |(place, text)| match text {
                    Value::String(text) => Ok(text),
                    _ => Err(Refusal::of_field(&format!("input[{place}]"), "Must be a string, as the first one is.")),
                };
                let texts: Result<_, Refusal> = list.into_iter().enumerate().map(text).collect();
                Ok(Self { texts: texts?, is_list: true })
            }
            Some(_) => Err(Refusal::of_field("input", "Must be a string, a list of strings or a list of parts.")),
        }
    }
}

/// Reads a part of an input.
fn text_of(place: usize, part: &Value) -> Result<&str, Refusal> {
    let wrong = |sentence| Err(Refusal::of_field(&format!("input[{place}]"), sentence));
    match (part["type"].as_str(), part["text"].as_str()) {
        (Some("text"), Some(text)) => Ok(text),
        (Some("text"), None) => wrong("Must have a `text`."),
        (Some("image_url"), _) => wrong("Images can't be looked at here; send text alone."),
        _ => wrong("Must be a part of the type `text`."),
    }
}

/// The answer to all inputs.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    id: String,
    model: String,
    results: Vec<Assessed>,
}

impl Answer {
    /// Joins what was said of each input, in their order, with the version of the model that said it.
    pub(super) fn new(model: String, results: Vec<Assessed>) -> Self {
        Self { id: format!("modr-{}", Uuid::new_v4().simple()), model, results }
    }
}

/// What is said of one input.
#[derive(Debug, Serialize)]
pub(super) struct Assessed {
    flagged: bool,
    categories: BTreeMap<&'static str, bool>,
    category_scores: BTreeMap<&'static str, f32>,
    category_applied_input_types: BTreeMap<&'static str, [&'static str; 1]>,
}

impl Assessed {
    /// Says what scores mean; `reaches` says whether one counts on the site, and `unread` that the model can't read the text.
    pub(super) fn new(
        scores: &Scores,
        likely_to_reject: Option<Score>,
        unread: bool,
        reaches: &dyn Fn(Criterion, Score) -> bool,
    ) -> Self {
        let house = likely_to_reject.unwrap_or_else(|| scores.highest());
        let flagged = unread
            || reaches(Criterion::LikelyToReject, house)
            || scores.iter().any(|(attribute, score)| reaches(attribute.into(), score));
        Self {
            flagged,
            categories: ANSWERED.iter().map(|one| (one.name, one.is_true(scores, reaches))).collect(),
            category_scores: ANSWERED.iter().map(|one| (one.name, one.score(scores))).collect(),
            category_applied_input_types: ANSWERED.iter().map(|one| (one.name, ["text"])).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &str) -> Result<Vec<String>, String> {
        Asked::parse(body.as_bytes()).map(|asked| asked.texts).map_err(|refusal| refusal.message().to_owned())
    }

    #[test]
    fn a_text_a_list_and_parts_are_inputs() {
        let texts = |texts: &[&str]| Ok(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(asked(r#"{"input": "a", "model": "omni-moderation-latest", "more": 1}"#), texts(&["a"]));
        assert_eq!(asked(r#"{"input": ["a", "", "b"], "model": null}"#), texts(&["a", "", "b"]));
        let parts = r#"{"input": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}"#;
        assert_eq!(asked(parts), texts(&["a\nb"]), "one input, and one result");
    }

    #[test]
    fn what_is_no_question_is_told_by_its_place_and_never_quoted() {
        let check = |body: &str, expected: &str| assert_eq!(asked(body).unwrap_err(), expected, "{body}");
        check("{secret", "Not JSON: line 1, column 2.");
        check("[\"a\"]", "Must be an object.");
        check("{}", "input: Must be given.");
        check(r#"{"input": []}"#, "input: Must not be empty.");
        check(r#"{"input": 7}"#, "input: Must be a string, a list of strings or a list of parts.");
        check(r#"{"input": ["a", 1]}"#, "input[1]: Must be a string, as the first one is.");
        check(r#"{"input": "a", "model": 4}"#, "model: Must be a string; Ombud's own model answers, whatever it says.");
        let image = r#"{"input": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}]}"#;
        check(image, "input[1]: Images can't be looked at here; send text alone.");
        check(r#"{"input": [{"type": "text"}]}"#, "input[0]: Must have a `text`.");
        check(r#"{"input": [{}, "a"]}"#, "input[0]: Must be a part of the type `text`.");
    }
}
