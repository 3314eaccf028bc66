//! An operator has a program read metrics.

use crate::moderator_reviews::{HELD, Newsroom};
use crate::support::TestServer;
use ombud::grpc::pb::{Outcome, Verdict};
use std::net::SocketAddr;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Asks for a page as the simplest of programs does.
async fn page(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn drift_is_on_the_page_of_metrics_and_no_word_of_a_comment_is() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.item("c0").await;
    newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    newsroom.submit("n1", "What a lovely garden.", Outcome::Publish).await;
    let (server, address) = TestServer::start_with_metrics(newsroom.server.stop().await).await;
    let answer = loop {
        let answer = page(address, "/metrics").await;
        if answer.contains("ombud_drift_comments{") {
            break answer;
        }
    };
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("openmetrics-text"), "{answer}");
    for line in [
        "ombud_drift_comments{site=\"default\"} 4",
        "ombud_drift_retraining_due{site=\"default\"} 0",
        "ombud_drift_verdicts{site=\"default\",attribute=\"LIKELY_TO_REJECT\"} 1",
        "ombud_drift_agreement_ratios{site=\"default\",attribute=\"INSULT\"} 0.0",
        "# EOF",
    ] {
        assert!(answer.contains(line), "{line}\n{answer}");
    }
    assert!(answer.contains("ombud_drift_unseen_ngrams_ratios{site=\"default\"} 0."), "{answer}");
    assert!(!answer.contains("stability_index{"), "four comments say nothing of where scores lie: {answer}");
    for word in HELD.iter().flat_map(|text| text.split(' ')).filter(|word| word.len() > 4) {
        assert!(!answer.contains(word), "{word}");
    }
    assert!(!answer.contains("ada") && !answer.contains("c0"), "{answer}");
    assert!(page(address, "/").await.starts_with("HTTP/1.1 404"));
    server.stop().await;
}
