//! Lines of JSON from standard input, one at a time, however long a bad one is.

use serde::de::DeserializeOwned;
use std::io::{self, BufRead, Read as _};

/// Bytes of one line at most.
const LINE_BYTES_MAX: u64 = 1 << 20;

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
    /// What is wrong with it; the line itself is not quoted.
    pub(crate) what: String,
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
            let bad = |what: String| Ok(Some(Err(BadLine { number: self.number, what })));
            if line.len() as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
                self.input.skip_until(b'\n')?;
                return bad(format!("longer than {LINE_BYTES_MAX} bytes"));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let Ok(line) = str::from_utf8(&line) else { return bad("not UTF-8".into()) };
            return match serde_json::from_str(line) {
                Ok(read) => Ok(Some(Ok(read))),
                Err(error) => bad(describe(&error)),
            };
        }
    }
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

/// Says what is wrong without quoting the line, which may be a reader's text.
fn describe(error: &serde_json::Error) -> String {
    let said = error.to_string();
    match error.classify() {
        serde_json::error::Category::Data => match said.split_once(" at line") {
            // This message names a key of ours; the others quote the value.
            Some((what, _)) if what.starts_with("missing field") => what.to_owned(),
            _ => format!("a value is of the wrong kind, column {}", error.column()),
        },
        _ => format!("not JSON, column {}", error.column()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn check(input: &[u8], expected: &[Result<usize, u64>]) {
        let mut lines = Lines::new(io::BufReader::new(input));
        let mut found = Vec::new();
        while let Some(line) = lines.next::<BTreeMap<String, u32>>().unwrap() {
            found.push(line.map(|read| read.len()).map_err(|bad| bad.number));
        }
        assert_eq!(found, expected);
    }

    #[test]
    fn bad_lines_are_numbered_and_the_rest_go_on() {
        check(
            b"{}\n\n{\"a\":1}\nx\n{\"a\":\"b\"}\n\xff\n{\"a\":1,\"b\":2}",
            &[Ok(0), Ok(1), Err(4), Err(5), Err(6), Ok(2)],
        );
    }

    #[test]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut input = vec![b' '; 3 << 20];
        input.extend(b"\n{}\n");
        check(&input, &[Err(1), Ok(0)]);
    }
}
