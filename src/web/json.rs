//! Reads JSON as clients write it: strictly where it is JSON, and leniently where it isn't quite.

use serde_json::Value;

/// How many brackets may open in what people write by hand, those in strings too: the parser of it has no bound on depth of its own,
/// and what isn't parsed yet can't be told from a string.
const BRACKETS_MAX: usize = 200;

/// What is no JSON, by where it ends to be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoJson {
    /// The line, from 1.
    pub(super) line: usize,
    /// The column, from 1.
    pub(super) column: usize,
}

/// Reads a body. Half an emoji, which languages with strings of UTF-16 cut off where they shorten a text, stands for a character that
/// can't be read, which takes as much room there; keys without quotes, single quotes, comments and commas too many are passed over.
///
/// # Errors
///
/// Says where it is no JSON even so.
pub(super) fn read(body: &[u8]) -> Result<Value, NoJson> {
    let strict = match serde_json::from_slice(body) {
        Ok(value) => return Ok(value),
        Err(error) => NoJson { line: error.line().max(1), column: error.column().max(1) },
    };
    let text = str::from_utf8(body).map_err(|_| strict)?;
    let text = without_half_characters(text);
    if let Ok(value) = serde_json::from_str(&text) {
        return Ok(value);
    }
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > BRACKETS_MAX {
        return Err(strict);
    }
    json5::from_str(&text).map_err(|_| strict)
}

/// Replaces escapes of surrogates that are no pair.
fn without_half_characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let len = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                out.push_str("\\ufffd");
                rest = &escape[6..];
                continue;
            }
            (Some(_), _) => 6,
            // The backslash and whatever it escapes.
            (None, _) => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        out.push_str(&escape[..len]);
        rest = &escape[len..];
    }
    out.push_str(rest);
    out
}

/// Returns the code unit that a text begins with an escape of.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn json_and_what_is_nearly_json_are_read() {
        let wanted = json!({ "comment": { "text": "It's \"fine\"" }, "list": [1, 2] });
        for body in [
            r#"{"comment": {"text": "It's \"fine\""}, "list": [1, 2]}"#,
            r#"{comment: {text: "It's \"fine\""}, list: [1, 2]}"#,
            r#"{'comment': {"text": 'It\'s "fine"',}, /* two */ "list": [1, 2,],}"#,
        ] {
            assert_eq!(read(body.as_bytes()), Ok(wanted.clone()), "{body}");
        }
    }

    #[test]
    fn what_is_none_is_told_by_its_place() {
        assert_eq!(read(b""), Err(NoJson { line: 1, column: 1 }));
        assert_eq!(read(b"{\n  \"a\": ?\n}"), Err(NoJson { line: 2, column: 8 }));
        assert!(read(b"{\"a\": \"\xff\"}").is_err());
    }

    #[test]
    fn half_an_emoji_takes_the_room_of_one_unit() {
        let read = |body: &str| read(body.as_bytes()).unwrap()["t"].as_str().unwrap().to_owned();
        assert_eq!(read(r#"{"t": "cut \ud83d"}"#), "cut \u{fffd}");
        assert_eq!(read(r#"{"t": "\ude00 \ud83d\ude00 \\ud83d"}"#), "\u{fffd} \u{1f600} \\ud83d");
        assert_eq!(read(r#"{"t": "\ud83d\ud83d\ude00"}"#), "\u{fffd}\u{1f600}");
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        for open in ["[", "{a:", "[{a:", "[\"]\",", "['}',{a:'}',b:", "[\"\\\"]\","] {
            assert!(read(open.repeat(100_000).as_bytes()).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_body_brings_the_reader_down(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }

        #[test]
        fn no_text_of_escapes_does(body in "(\\\\|u|d83d|de00|\"|\\{|\\[|:|a|é|,|\\}|\\])*") {
            let _ = read(body.as_bytes());
        }
    }
}
