//! Writes what clients read.

use crate::domain::Score;
use crate::moderation::analysis::AttributeScores;
use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde_json::{Value, json};

/// What clients are told that an answer is.
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");

/// Writes an answer of JSON.
pub(super) fn respond(code: u16, value: &Value) -> Response {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    // Whose request it was decides what is in it, the address in the description too.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Turns places in bytes into places in code units of UTF-16, which clients count in.
pub(super) struct Utf16<'a> {
    text: &'a str,
    byte: usize,
    units: usize,
}

impl<'a> Utf16<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, byte: 0, units: 0 }
    }

    /// Returns a place; asking in order walks the text once.
    fn of(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.units) = (0, 0);
        }
        let between = self.text.get(self.byte..byte).unwrap_or_default();
        self.units += between.encode_utf16().count();
        self.byte = byte;
        self.units
    }
}

/// Writes the scores of one attribute, with its name.
pub(super) fn attribute(scores: AttributeScores, units: &mut Utf16<'_>) -> (String, Value) {
    let span = |(range, value): (std::ops::Range<usize>, Score)| {
        let begin = units.of(range.start);
        json!({ "begin": begin, "end": units.of(range.end), "score": score(value) })
    };
    let spans: Vec<Value> = scores.parts.into_iter().map(span).collect();
    (scores.name, json!({ "spanScores": spans, "summaryScore": score(scores.summary) }))
}

fn score(score: Score) -> Value {
    json!({ "value": score.get(), "type": "PROBABILITY" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_those_of_any_text_whatever_the_order_of_asking(text in "\\PC{0,60}", asked in prop::collection::vec(0_usize..60, 1..8)) {
            let mut units = Utf16::new(&text);
            for at in asked {
                let byte = text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
                prop_assert_eq!(units.of(byte), text[..byte].encode_utf16().count());
            }
        }
    }
}
