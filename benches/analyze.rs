//! What Perspective's clients wait for: `comments:analyze` over HTTP/1.1 on a connection that is kept, beside `ScoreText` over gRPC with
//! the same text, one call at a time, in turns, against one server in this process. Prints medians and what 99 of 100 stay below.
//!
//! `cargo bench --bench analyze`; `CALLS` of the environment sets how many of each.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures or fails")]

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use ombud::config::{self, Flags};
use ombud::grpc::{Client, pb};
use ombud::server;
use std::{
    env,
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

const SENTENCE: &str =
    "The council has debated the new bridge for three years now, and I still can't see who would use it. ";
const ONE: [&str; 1] = ["TOXICITY"];
const EIGHT: [&str; 8] =
    ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT", "SPAM", "OBSCENE"];

async fn analyze(sender: &mut SendRequest<Full<Bytes>>, body: &Bytes) -> Duration {
    let request = Request::post("/v1alpha1/comments:analyze?key=none").header("host", "localhost");
    let request = request.body(Full::new(body.clone())).unwrap();
    let begun = Instant::now();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap();
    begun.elapsed()
}

async fn score(client: &mut Client<Channel>, text: &str) -> Duration {
    let request = pb::ScoreTextRequest { texts: vec![text.to_owned()], explain: false };
    let begun = Instant::now();
    client.score_text(request).await.unwrap();
    begun.elapsed()
}

fn told(mut latencies: Vec<Duration>) -> [f64; 2] {
    latencies.sort_unstable();
    [50, 99].map(|share| latencies[latencies.len() * share / 100].as_secs_f64() * 1e3)
}

#[tokio::main]
async fn main() {
    let calls: usize = env::var("CALLS").ok().and_then(|calls| calls.parse().ok()).unwrap_or(3000);
    let dir = tempfile::tempdir().unwrap();
    let flags = Flags { listen: Some("127.0.0.1:0".into()), data_dir: Some(dir.path().into()) };
    let settings = config::load(None, [], &flags).unwrap().settings;
    let parts = server::open(&settings, &|_| {}).unwrap();
    let listener = TcpListener::bind(settings.server.listen).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let serving = tokio::spawn(async move { server::run(parts, &settings, listener, stopped).await });
    let mut client = Client::connect(format!("http://{address}")).await.unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    for (what, text, names) in [
        ("200 characters, one attribute", SENTENCE.repeat(2), &ONE[..]),
        ("200 characters, eight attributes", SENTENCE.repeat(2), &EIGHT[..]),
        ("20,480 bytes, one attribute", SENTENCE.repeat(205)[..20_480].to_owned(), &ONE[..]),
    ] {
        let asked: serde_json::Map<String, serde_json::Value> =
            names.iter().map(|name| ((*name).to_owned(), serde_json::json!({}))).collect();
        let body =
            serde_json::json!({ "comment": { "text": text }, "requestedAttributes": asked, "languages": ["en"] });
        let body = Bytes::from(body.to_string());
        let (mut http, mut grpc) = (Vec::new(), Vec::new());
        for call in 0..calls + 100 {
            let (a, b) = (analyze(&mut sender, &body).await, score(&mut client, &text).await);
            // The first ones warm up.
            if call >= 100 {
                http.push(a);
                grpc.push(b);
            }
        }
        let ([half, most], [half_grpc, most_grpc]) = (told(http), told(grpc));
        println!(
            "{what}: analyze {half:.3} ms, p99 {most:.3} ms; ScoreText {half_grpc:.3} ms, p99 {most_grpc:.3} ms; ratio {:.2}",
            half / half_grpc
        );
    }
    stop.cancel();
    drop((client, sender));
    serving.await.unwrap().unwrap();
}
