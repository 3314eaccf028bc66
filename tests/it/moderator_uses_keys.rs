//! A moderator works off a queue at a terminal. `script` of util-linux is the terminal.

use crate::support::{TestServer, comment, get, ombud, spawn_server};
use ombud::grpc::{AdminClient, Client, ReviewClient, pb};
use pb::Outcome;
use std::{
    io::{Read as _, Write as _},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::time::{interval, timeout};
use tonic::transport::Channel;

/// The reviewer in a terminal; it ends with the test.
struct Reviewer {
    script: Child,
    keys: ChildStdin,
    /// All that was drawn so far.
    drawn: Arc<Mutex<String>>,
    /// How much of that was drawn before the last key.
    before: usize,
    reading: Option<JoinHandle<()>>,
}

impl Reviewer {
    fn start(url: &str) -> Self {
        Self::run(&format!("--as ada --server {url}"), "rows 24 cols 90")
    }

    /// Runs `ombud review` with arguments, as a shell reads them, in a terminal of this size.
    fn run(args: &str, size: &str) -> Self {
        let run = format!("stty {size}; exec {} review {args}", ombud().display());
        let mut script = Command::new("script")
            .args(["-qefc", &run, "/dev/null"])
            .env("TERM", "xterm")
            .env_remove("OMBUD_TOKEN")
            .env_remove("OMBUD_MODERATOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script, of util-linux");
        let keys = script.stdin.take().unwrap();
        let (mut screen, drawn) = (script.stdout.take().unwrap(), Arc::new(Mutex::new(String::new())));
        let all = Arc::clone(&drawn);
        // Whoever doesn't read a terminal stops its writer in the end.
        let reading = thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(bytes @ 1..) = screen.read(&mut some) {
                all.lock().unwrap().push_str(&String::from_utf8_lossy(&some[..bytes]));
            }
        });
        Self { script, keys, drawn, before: 0, reading: Some(reading) }
    }

    /// Waits until these words were drawn after the last key and nothing more is, so that the next key meets what a person would see.
    async fn until_drawn(&self, words: &str) {
        let waited = timeout(Duration::from_mins(1), async {
            let (mut again, mut quiet, mut length) = (interval(Duration::from_millis(50)), 0, 0);
            while quiet < 4 {
                again.tick().await;
                let drawn = self.drawn.lock().unwrap();
                quiet = if drawn[self.before..].contains(words) && drawn.len() == length { quiet + 1 } else { 0 };
                length = drawn.len();
            }
        });
        let is_drawn = waited.await.is_ok();
        assert!(is_drawn, "{words}: {:?}", &self.drawn.lock().unwrap()[self.before..]);
    }

    /// Waits until it ends by itself, and returns its exit code with all that it wrote.
    fn ended(mut self) -> (Option<i32>, String) {
        let code = self.script.wait().unwrap().code();
        self.reading.take().unwrap().join().unwrap();
        (code, self.drawn.lock().unwrap().clone())
    }

    fn press(&mut self, key: &str) {
        self.before = self.drawn.lock().unwrap().len();
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
    reviewer.until_drawn("clown").await;
    // The highest risk comes first.
    reviewer.press("d");
    newsroom.until_queue_is(2, 2).await;
    assert_eq!(newsroom.outcome("c2").await, Outcome::Reject);
    reviewer.until_drawn("rejected:").await;
    reviewer.press("u");
    newsroom.until_queue_is(3, 3).await;
    reviewer.until_drawn("undone").await;
    assert_eq!(newsroom.outcome("c2").await, Outcome::Hold);
    // What waits again is looked at again; then those behind it are, and the one before again.
    reviewer.until_drawn("clown").await;
    reviewer.press("j");
    reviewer.until_drawn("fool").await;
    reviewer.press("j");
    reviewer.until_drawn("minister").await;
    reviewer.press("k");
    reviewer.until_drawn("fool").await;
    reviewer.press("e");
    reviewer.until_drawn("SEVERE_TOXICITY").await;
    reviewer.press("xjxf");
    newsroom.until_queue_is(1, 1).await;
    reviewer.until_drawn("approved").await;
    reviewer.press("?");
    reviewer.until_drawn("somebody").await;
    reviewer.press("q");
    newsroom.until_queue_is(1, 0).await;
    assert!(reviewer.script.wait().unwrap().success());

    // A terminal that is gone holds nothing.
    let reviewer = Reviewer::start(&server.url);
    newsroom.until_queue_is(1, 1).await;
    reviewer.until_drawn("clown").await;
    drop(reviewer);
    newsroom.until_queue_is(1, 0).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_the_way_of_a_review_is_told_before_the_screen_is_taken() {
    let server = TestServer::start().await;
    let at = |url: &str, args: &str| Reviewer::run(&format!("--server {url} {args}"), "rows 24 cols 200").ended();
    let nobody_listens = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let mut told = vec![
        (
            1,
            "queue: Must be one of: escalated, appeals, reported, held, disagreement, audit.",
            at(&server.url, "--as ada --queue nope"),
        ),
        (1, "--as: Must not", at(&server.url, r#"--as "$(printf 'a\tb')""#)),
        (2, "no server answers at", at(&nobody_listens, "--as ada")),
    ];
    let mut admin = AdminClient::connect(server.url.clone()).await.unwrap();
    let create = pb::CreateTokenRequest { role: pb::Role::Admin.into(), name: "root".into(), ..Default::default() };
    let token = admin.create_token(create).await.unwrap().into_inner().secret;
    told.push((1, "OMBUD_TOKEN", at(&server.url, "--as ada")));
    told.push((1, "the token is that of root", at(&server.url, &format!("--as bob --token {token}"))));
    for (code, words, (ended, wrote)) in told {
        assert!(
            ended == Some(code) && wrote.contains("error: ") && wrote.contains(words),
            "{words}: {ended:?}: {wrote}"
        );
        assert!(!wrote.contains("\u{1b}[?1049h"), "{words}: {wrote:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_that_meets_no_server_arrives_once_it_is_back_and_can_be_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let serve = |listen: &str| {
        let mut command = Command::new(ombud());
        command.args(["serve", "--listen", listen, "--data-dir"]).arg(dir.path());
        spawn_server(command)
    };
    let (mut program, url) = serve("127.0.0.1:0");
    let review = ReviewClient::connect(url.clone()).await.unwrap();
    let mut newsroom = Newsroom { site: Client::connect(url.clone()).await.unwrap(), review };
    newsroom.site.submit_comment(comment("garden", "c1", "This is rubbish, you clown.")).await.unwrap();
    let mut reviewer = Reviewer::start(&url);
    newsroom.until_queue_is(1, 1).await;
    reviewer.until_drawn("clown").await;
    program.stop();
    reviewer.press("d");
    reviewer.until_drawn("sent again").await;

    let (mut program, url) = serve(url.trim_start_matches("http://"));
    let review = ReviewClient::connect(url.clone()).await.unwrap();
    let mut newsroom = Newsroom { site: Client::connect(url).await.unwrap(), review };
    newsroom.until_queue_is(0, 0).await;
    assert_eq!(newsroom.outcome("c1").await, Outcome::Reject);
    reviewer.until_drawn("rejected:").await;
    reviewer.press("u");
    newsroom.until_queue_is(1, 1).await;
    assert_eq!(newsroom.outcome("c1").await, Outcome::Hold);
    reviewer.press("q");
    newsroom.until_queue_is(1, 0).await;
    assert!(reviewer.ended().0 == Some(0));
    program.stop();
}
