//! A page in a browser calls by gRPC-Web, from where the operator allows it.

use crate::support::{
    TestServer, comment,
    curl::{Said, curl},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ombud::grpc::pb;
use prost::Message as _;

const SUBMIT: &str = "ombud.v1.ModerationService/SubmitComment";

/// Puts a message into a frame, by hand.
fn framed(message: &impl prost::Message) -> Vec<u8> {
    let message = message.encode_to_vec();
    [&[0], &u32::try_from(message.len()).unwrap().to_be_bytes()[..], &message].concat()
}

/// Takes the frames of an answer apart: a message, where there is one, and the trailers.
fn unframed(mut bytes: &[u8]) -> (Option<Vec<u8>>, String) {
    let (mut message, mut trailers) = (None, String::new());
    while let Some((head, rest)) = bytes.split_at_checked(5) {
        let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
        match head[0] {
            0 => message = Some(rest[..length].to_vec()),
            0x80 => trailers = String::from_utf8(rest[..length].to_vec()).unwrap(),
            flag => panic!("a frame with flag {flag}"),
        }
        bytes = &rest[length..];
    }
    (message, trailers)
}

fn post(url: &str, content_type: &str, body: &[u8], more: &[&str]) -> Said {
    let headers = [format!("Content-Type: {content_type}"), format!("Accept: {content_type}")];
    let args = ["--header", &headers[0], "--header", &headers[1], "--data-binary", "@-"];
    curl(&format!("{url}/{SUBMIT}"), &[&args, more].concat(), body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_submitted_in_frames_of_bytes_and_of_text() {
    let server = TestServer::start().await;
    for (content_type, id) in [
        ("application/grpc-web", "b1"),
        ("application/grpc-web+proto", "b2"),
        ("application/grpc-web-text", "t1"),
        ("application/grpc-web-text+proto", "t2"),
    ] {
        let is_text = content_type.contains("text");
        let send = |request: &pb::SubmitCommentRequest| {
            let body = framed(request);
            let body = if is_text { STANDARD.encode(body).into_bytes() } else { body };
            let said = post(&server.url, content_type, &body, &[]);
            // Each frame is padded for itself, so that the text is one of several.
            let bytes = if is_text { decoded(&said.bytes) } else { said.bytes.clone() };
            (said, bytes)
        };
        let (said, bytes) = send(&comment("garden", id, "What a lovely garden."));
        assert_eq!(
            (said.status, said.head.contains(&format!("content-type: {content_type}"))),
            (200, true),
            "{said:?}"
        );
        let (message, trailers) = unframed(&bytes);
        let response = pb::SubmitCommentResponse::decode(message.unwrap().as_slice()).unwrap();
        assert_eq!((response.comment_id.as_str(), trailers.contains("grpc-status:0")), (id, true), "{trailers}");
        let (said, bytes) = send(&pb::SubmitCommentRequest::default());
        let (message, trailers) = unframed(&bytes);
        let told = format!("{}{trailers}", said.head).replace(": ", ":");
        assert!(message.is_none() && told.contains("grpc-status:3"), "{told}");
        assert!(told.contains("grpc-status-details-bin:"), "{told}");
    }
    server.stop().await;
}

/// Decodes texts in base64 that follow each other.
fn decoded(text: &[u8]) -> Vec<u8> {
    text.chunks(4).flat_map(|four| STANDARD.decode(four).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_origins_that_the_operator_names_may_call() {
    let server = TestServer::start_with("[server]\norigins = [\"https://news.example\"]").await;
    let url = format!("{}/{SUBMIT}", server.url);
    let ask = |origin: &str| {
        let args = ["--request", "OPTIONS", "--header", "Access-Control-Request-Method: POST"];
        let headers = ["--header", "Access-Control-Request-Headers: content-type,authorization,x-grpc-web"];
        curl(&url, &[&args[..], &headers, &["--header", &format!("Origin: {origin}")]].concat(), b"")
    };
    let allowed = ask("https://news.example");
    assert!(allowed.head.contains("access-control-allow-origin: https://news.example"), "{}", allowed.head);
    for header in ["authorization", "content-type", "x-grpc-web", "connect-protocol-version"] {
        let line = allowed.head.lines().find(|line| line.starts_with("access-control-allow-headers:")).unwrap();
        assert!(line.contains(header), "{line}");
    }
    let other = ask("https://other.example");
    assert!(!other.head.contains("access-control-allow-origin"), "{}", other.head);
    let body = framed(&comment("garden", "c1", "Yes."));
    let json = br#"{"articleId": "garden", "commentId": "c2", "author": {"name": "Ann"}, "text": "Yes."}"#;
    for (origin, status) in [("https://news.example", 200), ("https://other.example", 403), ("null", 403)] {
        let origin = ["--header", &format!("Origin: {origin}")];
        let said = post(&server.url, "application/json", json, &origin);
        assert_eq!(said.status, status, "{origin:?}");
        let exposed = "access-control-expose-headers: grpc-message,grpc-status,grpc-status-details-bin";
        assert!(said.head.contains(exposed), "{}", said.head);
        let said = post(&server.url, "application/grpc-web+proto", &body, &origin);
        let told = format!("{}{}", said.head, unframed(&said.bytes).1).replace(": ", ":");
        assert!(told.contains(if status == 200 { "grpc-status:0" } else { "grpc-status:7" }), "{told}");
    }
    server.stop().await;
}
