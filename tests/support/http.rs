//! HTTP/1.1 by hand: requests as bytes, so that nothing mends what a test sends.

use serde_json::Value;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns a header, by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self
            .head
            .lines()
            .skip(1)
            .find(|line| line.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(name)));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// Sends bytes to a server and reads until it closes the connection, for half a minute at most.
pub async fn send(url: &str, request: &[u8]) -> Answer {
    let mut stream = connect(url).await;
    stream.write_all(request).await.unwrap();
    read(&mut stream).await
}

pub async fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.trim_start_matches("http://")).await.unwrap()
}

/// Reads an answer until the server closes the connection.
pub async fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // Who sends too much may find the connection reset behind the answer.
    let _ = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await.expect("the server ends it");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {bytes:?}"));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

/// Asks with a method, headers and a body, on a connection of its own.
pub async fn ask(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let host = url.trim_start_matches("http://");
    let mut request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.push_str(&format!("host: {host}\r\n"));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut bytes = request.into_bytes();
    bytes.extend_from_slice(body);
    send(url, &bytes).await
}

/// Posts a body without a content type.
pub async fn post(url: &str, path: &str, body: &str) -> Answer {
    ask(url, "POST", path, &[], body.as_bytes()).await
}
