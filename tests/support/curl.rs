//! Calls by the program `curl`, as people make them.

use serde_json::Value;
use std::process::{Command, Stdio};

/// What `curl` was answered.
#[derive(Debug)]
pub struct Said {
    pub status: u16,
    /// The head of the answer, in small letters.
    pub head: String,
    pub bytes: Vec<u8>,
    /// The body, where it is JSON.
    pub body: Value,
}

impl Said {
    /// Returns the code and the message of a failure.
    pub fn failure(&self) -> (u16, &str, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default(), self.body["message"].as_str().unwrap_or_default())
    }

    /// Returns what a detail of a failure says.
    pub fn detail(&self, kind: &str) -> &Value {
        let details = self.body["details"].as_array().expect("details");
        let found = details.iter().find(|detail| detail["type"] == kind);
        &found.unwrap_or_else(|| panic!("{kind}: {self:?}"))["debug"]
    }
}

/// Calls `url` with arguments; `input` is what `--data-binary @-` sends.
pub fn curl(url: &str, args: &[&str], input: &[u8]) -> Said {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "60", "--include", url]).args(args);
    let mut curl = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("curl is installed");
    let mut stdin = curl.stdin.take().unwrap();
    let input = input.to_owned();
    // What isn't read needn't be written.
    let writing = std::thread::spawn(move || drop(std::io::Write::write_all(&mut stdin, &input)));
    let output = curl.wait_with_output().unwrap();
    writing.join().unwrap();
    assert!(output.status.success(), "curl {args:?}: {}", output.status);
    let mut rest = output.stdout.as_slice();
    loop {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n").expect("the end of a head");
        let head = String::from_utf8_lossy(&rest[..end]).to_lowercase();
        rest = &rest[end + 4..];
        let status = head.split(' ').nth(1).unwrap().trim().parse().unwrap();
        // Before it sends much, curl asks whether it may.
        if status != 100 {
            let body = serde_json::from_slice(rest).unwrap_or_default();
            return Said { status, head, bytes: rest.to_owned(), body };
        }
    }
}

/// Calls a method with JSON.
pub fn call(url: &str, method: &str, body: &str, more: &[&str]) -> Said {
    let is_said = more.iter().any(|arg| arg.starts_with("Content-Type:"));
    let json: &[_] = if is_said { &[] } else { &["--header", "Content-Type: application/json"] };
    curl(&format!("{url}/ombud.v1.{method}"), &[json, &["--data-binary", "@-"], more].concat(), body.as_bytes())
}
