//! Durable records per second of 64 callers: the embedded store against bare sled with group commit, in turns.
//!
//! Bare sled is what one would write first: one thread drains a channel, puts each record into two trees in a
//! transaction of its own, flushes once, and answers all. Rounds alternate, so that both sides meet the same weather;
//! the medians are compared. Run it with `cargo bench --bench store`.
//!
//! `OPEN_COMMENTS=1000000 OPEN_DIR=folder` measures opening instead: the first run fills the folder, the next ones open it.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use ombud::domain::{Comment, Decision, Fingerprint, Outcome, submit::Submitted};
use ombud::store::{EmbeddedStore, Options, Store, conformance};
use sled::Transactional;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const RECORD_BYTES: usize = 650;

fn main() {
    let callers = std::env::var("CALLERS").ok().and_then(|callers| callers.parse().ok()).unwrap_or(64);
    let only = std::env::var("ONLY").unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    if let Some(comments) = std::env::var("OPEN_COMMENTS").ok().and_then(|comments| comments.parse().ok()) {
        let dir = std::env::var_os("OPEN_DIR").expect("OPEN_DIR says where the comments are, or shall be");
        return runtime.block_on(opening(Path::new(&dir), comments));
    }
    let mut rates = [Vec::new(), Vec::new()];
    for round in 1..=ROUNDS {
        let dir = tempfile::tempdir().expect("a folder for the round");
        let bare = if only == "ombud" { 1.0 } else { runtime.block_on(bare_sled(&dir.path().join("bare"), callers)) };
        let ombud = runtime.block_on(embedded(&dir.path().join("ombud"), callers));
        println!("round {round}: bare sled {bare:>8.0}/s   ombud {ombud:>8.0}/s   ratio {:.2}", ombud / bare);
        rates[0].push(bare);
        rates[1].push(ombud);
    }
    let [bare, ombud] = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    println!(
        "median of {ROUNDS} rounds, {callers} callers, {} cores: bare sled {bare:.0}/s, ombud {ombud:.0}/s, ratio {:.2}",
        std::thread::available_parallelism().map_or(0, usize::from),
        ombud / bare
    );
}

/// Opens a directory and prints how long that takes and how much memory is then resident. Fills it first where it is
/// not there; a second run then measures a fresh process.
async fn opening(dir: &Path, comments: u32) {
    let is_new = !dir.exists();
    let started = Instant::now();
    let store = Arc::new(EmbeddedStore::open(dir, Options::default(), &|_| {}).expect("the store opens"));
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let memory = memory.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    println!("opened in {:.1} s; {memory}", started.elapsed().as_secs_f64());
    if is_new {
        let callers = 256;
        let tasks: Vec<_> = (0..callers)
            .map(|caller| {
                let (store, decision) = (Arc::clone(&store), conformance::decision(Outcome::Publish));
                tokio::spawn(async move {
                    for number in 0..comments / callers {
                        let comment = comment(caller as usize, number);
                        store.record(submitted(comment, decision.clone())).await.expect("a comment is recorded");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no caller panics");
        }
        println!("{comments} comments recorded in {:.1} s", started.elapsed().as_secs_f64());
    }
    store.close().await.expect("the store closes");
}

/// Lets callers record one comment after the other, each waiting for its answer, and returns the rate.
async fn rate<F, Fut>(callers: usize, record: F) -> f64
where
    F: Fn(usize, u32) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send,
{
    let started = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|caller| {
            let record = record.clone();
            tokio::spawn(async move {
                let mut done = 0_u32;
                while started.elapsed() < ROUND {
                    record(caller, done).await;
                    done += 1;
                }
                done
            })
        })
        .collect();
    let mut done = 0_u32;
    for task in tasks {
        done += task.await.expect("no caller panics");
    }
    f64::from(done) / started.elapsed().as_secs_f64()
}

/// Returns what a caller records: about 650 bytes with its decision.
fn comment(caller: usize, number: u32) -> Comment {
    let text = "It is hardly the fault of the readers that nobody asked them before. ".repeat(6);
    let author = format!("reader-{caller}");
    conformance::comment(&uuid::Uuid::now_v7().to_string(), &format!("article-{}", number % 50), Some(&author), &text)
}

/// Joins a comment with its decision and with a fingerprint like no other's, as readers' comments have.
fn submitted(comment: Comment, decision: Decision) -> Submitted {
    let of = uuid::Uuid::parse_str(comment.comment_id.as_str()).map_or(0, |id| id.as_u64_pair().1);
    let (fingerprint, now) = (Fingerprint { exact: of, near: of }, comment.submitted_at);
    Submitted { fingerprint, ..Submitted::new(comment, decision, now) }
}

async fn embedded(dir: &Path, callers: usize) -> f64 {
    let store = Arc::new(EmbeddedStore::open(dir, Options::default(), &|_| {}).expect("the store opens"));
    let decision = conformance::decision(Outcome::Publish);
    let recording = Arc::clone(&store);
    let rate = rate(callers, move |caller, number| {
        let (store, decision) = (Arc::clone(&recording), decision.clone());
        async move {
            let submitted = submitted(comment(caller, number), decision);
            store.record(submitted).await.expect("a comment is recorded");
        }
    })
    .await;
    store.close().await.expect("the store closes");
    rate
}

type Job = (Vec<u8>, Vec<u8>, oneshot::Sender<()>);

async fn bare_sled(dir: &Path, callers: usize) -> f64 {
    let db = sled::Config::new()
        .path(dir)
        .cache_capacity(128 << 20)
        .flush_every_ms(None)
        .mode(sled::Mode::HighThroughput)
        .open()
        .expect("sled opens");
    let (comments, by_article) =
        (db.open_tree("comments").expect("a tree"), db.open_tree("by_article").expect("a tree"));
    let (jobs, mut waiting) = mpsc::channel::<Job>(4096);
    let writer = std::thread::spawn(move || {
        let mut batch = Vec::new();
        while let Some(job) = waiting.blocking_recv() {
            batch.push(job);
            while batch.len() < 512
                && let Ok(job) = waiting.try_recv()
            {
                batch.push(job);
            }
            for (key, value, _) in &batch {
                let put: sled::transaction::TransactionResult<()> =
                    (&comments, &by_article).transaction(|(comments, by_article)| {
                        comments.insert(key.as_slice(), value.as_slice())?;
                        by_article.insert([b"article/", key.as_slice()].concat(), key.as_slice())?;
                        Ok(())
                    });
                put.expect("sled takes the record");
            }
            db.flush().expect("sled flushes");
            for (_, _, answer_to) in batch.drain(..) {
                answer_to.send(()).expect("the caller waits");
            }
        }
    });
    let rate = rate(callers, move |caller, number| {
        let jobs = jobs.clone();
        async move {
            let comment = comment(caller, number);
            let mut value = comment.text.into_bytes();
            value.resize(RECORD_BYTES, b'.');
            let (answer_to, answer) = oneshot::channel();
            let key = comment.comment_id.as_str().as_bytes().to_vec();
            jobs.send((key, value, answer_to)).await.expect("the writer listens");
            answer.await.expect("the writer answers");
        }
    })
    .await;
    writer.join().expect("the writer ends");
    rate
}
