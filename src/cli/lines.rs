//! Lines of JSON from standard input, one at a time, however long a bad one is.

use super::output::{shorten, visible};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, error::Category};
use std::io::{self, BufRead, Read as _};

/// Bytes of one line at most.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Characters of a message about a key that is not known, with those that are.
const KEY_CHARS: usize = 200;

/// Reads JSON objects, one a line; blank lines are passed over.
pub(crate) struct Lines<R> {
    input: R,
    number: u64,
}

/// A line that can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// Counts from 1.
    pub(crate) number: u64,
    /// What is wrong with it, for programs.
    pub(crate) reason: &'static str,
    /// What is wrong with it; no value of the line is quoted.
    pub(crate) what: String,
    /// The comment that it is about, where that can be told.
    pub(crate) comment_id: Option<String>,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// Returns the number of the line that was read last, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Returns whether the next line would have to be waited for.
    pub(crate) fn would_wait(&self) -> bool
    where
        R: HasBuffer,
    {
        !self.input.buffered().contains(&b'\n')
    }

    /// Reads the next line, or `None` at the end of the input.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<Result<T, BadLine>>> {
        loop {
            let mut line = Vec::new();
            if (&mut self.input).take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let number = self.number;
            let bad = |reason, what: String| Ok(Some(Err(BadLine { number, reason, what, comment_id: None })));
            if line.len() as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
                self.input.skip_until(b'\n')?;
                return bad("LINE_TOO_LONG", format!("longer than {LINE_BYTES_MAX} bytes"));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let Ok(line) = str::from_utf8(&line) else { return bad("NOT_UTF8", "not UTF-8".into()) };
            // A list would be taken for the values of an object's keys.
            if !line.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(line).is_ok() {
                return bad("NOT_AN_OBJECT", "not an object".into());
            }
            return match serde_json::from_str(line) {
                Ok(read) => Ok(Some(Ok(read))),
                Err(error) => {
                    let (reason, what) = describe(&error);
                    Ok(Some(Err(BadLine { number, reason, what, comment_id: comment_id(line) })))
                }
            };
        }
    }
}

/// Finds the comment that a line is about, though something else in it is wrong.
fn comment_id(line: &str) -> Option<String> {
    serde_json::from_str::<Value>(line).ok()?.get("comment_id")?.as_str().map(str::to_owned)
}

/// A reader that tells what it has read ahead.
pub(crate) trait HasBuffer {
    /// Returns the bytes that need not be waited for.
    fn buffered(&self) -> &[u8];
}

impl<R: io::Read> HasBuffer for io::BufReader<R> {
    fn buffered(&self) -> &[u8] {
        self.buffer()
    }
}

/// Says what is wrong without quoting a value of the line, which may be a reader's text.
fn describe(error: &serde_json::Error) -> (&'static str, String) {
    let said = error.to_string();
    let (said, column) = (said.split_once(" at line").map_or(said.as_str(), |(said, _)| said), error.column());
    if error.classify() != Category::Data {
        return ("NOT_JSON", format!("not JSON, column {column}"));
    }
    // These messages name keys; the others quote the value.
    if said.starts_with("missing field") {
        ("MISSING_KEY", said.to_owned())
    } else if let Some(rest) = said.strip_prefix("unknown field") {
        ("UNKNOWN_KEY", format!("unknown key{}", shorten(&visible(rest), KEY_CHARS)))
    } else if let Some(rest) = said.strip_prefix("duplicate field") {
        ("DUPLICATE_KEY", format!("the key{rest} twice"))
    } else {
        ("WRONG_KIND", format!("a value is of the wrong kind, column {column}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn check(input: &[u8], expected: &[Result<usize, (u64, &str)>]) {
        let mut lines = Lines::new(io::BufReader::new(input));
        let mut found = Vec::new();
        while let Some(line) = lines.next::<BTreeMap<String, u32>>().unwrap() {
            found.push(line.map(|read| read.len()).map_err(|bad| (bad.number, bad.reason)));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn bad_lines_are_numbered_and_the_rest_go_on() {
        check(
            b"{}\n\n{\"a\":1}\nx\n{\"a\":\"b\"}\n\xff\n{\"a\":1,\"b\":2}\n[1]\n7",
            &[
                Ok(0),
                Ok(1),
                Err((4, "NOT_JSON")),
                Err((5, "WRONG_KIND")),
                Err((6, "NOT_UTF8")),
                Ok(2),
                Err((8, "NOT_AN_OBJECT")),
                Err((9, "NOT_AN_OBJECT")),
            ],
        );
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut input = vec![b' '; 3 << 20];
        input.extend(b"\n{}\n");
        check(&input, &[Err((1, "LINE_TOO_LONG")), Ok(0)]);
    }
}
