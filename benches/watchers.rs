//! What those who watch and never read cost: memory of the program with as many of them as may be, beside comments that
//! keep coming, and how long it takes to stop.
//!
//! `cargo bench --bench watchers`; `COMMENTS` says how many come in, 3,000 where it says nothing. Linux alone tells memory
//! by the process.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints its figures or fails")]

#[path = "../tests/support/mod.rs"]
mod support;

use ombud::grpc::{Client, ReviewClient, pb};
use std::{env, fs, process::Command, time::Instant};
use support::{comment, ombud, spawn_server_and_listen};

const WATCHERS: usize = 256;

fn main() {
    let comments = env::var("COMMENTS").ok().and_then(|comments| comments.parse().ok()).unwrap_or(3000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for watchers in [0, WATCHERS] {
        runtime.block_on(measure(watchers, comments));
    }
}

async fn measure(watchers: usize, comments: usize) {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(ombud());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path().join("data"));
    let (mut program, url, said) = spawn_server_and_listen(command);
    let mut client = Client::connect(url.clone()).await.unwrap();
    let mut open = Vec::new();
    for number in 0..watchers {
        // Eight connections, each with a window of its own that fills up.
        if number % (WATCHERS / 8) == 0 {
            open.push((ReviewClient::connect(url.clone()).await.unwrap(), Vec::new()));
        }
        let (review, streams) = open.last_mut().unwrap();
        let watching = review.watch_events(pb::WatchEventsRequest::default()).await.unwrap();
        streams.push(watching.into_inner());
    }
    for number in 0..comments {
        let text = format!("The traffic counts on page twelve do not support what the council says, number {number}.");
        client.submit_comment(comment("garden", &format!("c{number}"), &text)).await.unwrap();
    }
    let resident = resident_kib(program.id());
    let started = Instant::now();
    program.stop();
    let took = started.elapsed().as_secs_f64();
    println!("{watchers} silent watchers, {comments} comments: {resident} KiB resident, stopped in {took:.2} s");
    drop(open);
    drop(said.join());
}

/// Returns how much memory a process has now.
fn resident_kib(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
