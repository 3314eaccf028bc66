//! A moderator works off a queue at a terminal. `script` of util-linux is the terminal.

use crate::support::{TestServer, comment, get, ombud};
use ombud::grpc::{Client, ReviewClient, pb};
use pb::Outcome;
use std::{
    io::Write as _,
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};
use tokio::time::{interval, timeout};
use tonic::transport::Channel;

/// The reviewer in a terminal; it ends with the test.
struct Reviewer {
    script: Child,
    keys: ChildStdin,
}

impl Reviewer {
    fn start(url: &str) -> Self {
        let run = format!("stty rows 24 cols 90; exec {} review --as ada --server {url}", ombud().display());
        let mut script = Command::new("script")
            .args(["-qefc", &run, "/dev/null"])
            .env("TERM", "xterm")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("script, of util-linux");
        let keys = script.stdin.take().unwrap();
        Self { script, keys }
    }

    fn press(&mut self, key: &str) {
        self.keys.write_all(key.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }
}

impl Drop for Reviewer {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

struct Newsroom {
    site: Client<Channel>,
    review: ReviewClient<Channel>,
}

impl Newsroom {
    /// Waits until the queue has so many items, so many of them claimed.
    async fn until_queue_is(&mut self, items: u64, claimed: u64) {
        let mut last = None;
        let waited = timeout(Duration::from_mins(1), async {
            let mut again = interval(Duration::from_millis(50));
            loop {
                again.tick().await;
                let queues = self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner();
                let held = queues.queues.into_iter().find(|queue| queue.name == "held").unwrap();
                last = Some((held.items, held.claimed));
                if last == Some((items, claimed)) {
                    break;
                }
            }
        });
        assert!(waited.await.is_ok(), "{last:?}");
    }

    async fn outcome(&mut self, id: &str) -> Outcome {
        get(&mut self.site, id).await.unwrap().decision.unwrap().outcome()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_worked_off_with_keys_and_what_is_left_is_given_back() {
    let server = TestServer::start().await;
    let (site, review) = (server.client().await, ReviewClient::connect(server.url.clone()).await.unwrap());
    let mut newsroom = Newsroom { site, review };
    let texts = ["The minister is a liar.", "Only a fool believes this.", "This is rubbish, you clown."];
    for (number, text) in texts.into_iter().enumerate() {
        newsroom.site.submit_comment(comment("garden", &format!("c{number}"), text)).await.unwrap();
    }
    let mut reviewer = Reviewer::start(&server.url);
    newsroom.until_queue_is(3, 3).await;
    // The highest risk comes first.
    reviewer.press("d");
    newsroom.until_queue_is(2, 2).await;
    assert_eq!(newsroom.outcome("c2").await, Outcome::Reject);
    reviewer.press("u");
    newsroom.until_queue_is(3, 3).await;
    assert_eq!(newsroom.outcome("c2").await, Outcome::Hold);
    reviewer.press("xjxf");
    newsroom.until_queue_is(1, 1).await;
    reviewer.press("e?q");
    newsroom.until_queue_is(1, 0).await;
    assert!(reviewer.script.wait().unwrap().success());

    // A terminal that is gone holds nothing.
    let reviewer = Reviewer::start(&server.url);
    newsroom.until_queue_is(1, 1).await;
    drop(reviewer);
    newsroom.until_queue_is(1, 0).await;
    server.stop().await;
}
