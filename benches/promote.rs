//! What a retraining beside the server and promotions cost those who submit comments: throughput and latency, in turns with
//! nothing of the kind. One process holds the server and its 64 callers on one core; `ombud retrain` runs on another.
//!
//! `cargo build --release && taskset -c 0 cargo bench --bench promote`; `OMBUD` of the environment names the program, `ROUNDS` and `SECONDS`
//! set how long.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures or fails")]

use ombud::{
    classify::{
        Model,
        house::{Circumstances, HouseModel},
    },
    config::{self, Flags},
    grpc::{Client, ModelClient, pb},
    server,
    train::house::{
        Label, Settings,
        gates::Limits,
        newsroom::{Plan, simulate},
        retrain,
    },
};
use pb::upload_model_request::Part;
use sha2::{Digest, Sha256};
use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinSet, time::interval};
use tokio_stream::iter;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

const IN_FLIGHT: usize = 64;
const CONNECTIONS: usize = 4;
const LABELS: usize = 20_000;
/// Promotions in one round.
const PROMOTIONS: u32 = 20;

/// What goes on beside those who submit.
#[derive(Clone, Copy, PartialEq)]
enum Beside {
    Nothing,
    Retraining,
    Promotions,
}

/// What a round showed.
struct Round {
    per_second: f64,
    p99_ms: f64,
    failed: u64,
    /// Models that answered.
    versions: usize,
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Learns a house model from so many labels.
fn house(base: &Arc<Model>, labels: usize) -> Vec<u8> {
    let champion = HouseModel::without_house(Arc::clone(base));
    let labels = simulate(Plan { comments: labels, later: false, noise: 0.05, seed: 1 });
    let retrained = retrain(base, &champion, labels, &Settings::default(), &Limits::default(), &|_| {}).unwrap();
    retrained.challenger.unwrap().1
}

async fn upload(models: &mut ModelClient<Channel>, bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let begin = pb::UploadBegin { hash: hash.clone(), bytes: bytes.len() as u64, note: String::new() };
    let begin = pb::UploadModelRequest { part: Some(Part::Begin(begin)) };
    let chunks = bytes.chunks(64 << 10).map(|chunk| pb::UploadModelRequest { part: Some(Part::Chunk(chunk.to_vec())) });
    let parts: Vec<_> = [begin].into_iter().chain(chunks).collect();
    models.upload_model(iter(parts)).await.unwrap();
    hash
}

fn wire(label: Label) -> pb::ImportLabelsRequest {
    let Circumstances { word_hits, published, held, rejected } = label.circumstances;
    let at = label.at.as_micros();
    let label = pb::Label {
        site_id: label.site,
        comment_id: label.comment,
        text: label.text,
        source: pb::LabelSource::Verdict.into(),
        rejected: label.rejected,
        moderator_id: label.moderator,
        labeled_at: Some(prost_types::Timestamp { seconds: at / 1_000_000, nanos: 0 }),
        circumstances: Some(pb::Circumstances { word_hits, published, held, rejected }),
        ..pb::Label::default()
    };
    pb::ImportLabelsRequest { label: Some(label) }
}

fn submission(number: u64, texts: &[String]) -> pb::SubmitCommentRequest {
    pb::SubmitCommentRequest {
        article_id: format!("article-{}", number % 50),
        author: Some(pb::Author { author_id: format!("reader-{}", number % 5000), name: "A reader".into() }),
        text: format!("{} {number}", texts[usize::try_from(number).unwrap() % texts.len()]),
        ..pb::SubmitCommentRequest::default()
    }
}

/// Has [`IN_FLIGHT`] callers submit for `time`.
async fn submit(
    clients: &[Client<Channel>],
    texts: &Arc<Vec<String>>,
    numbers: &Arc<AtomicU64>,
    time: Duration,
) -> Round {
    let begun = Instant::now();
    let until = begun + time;
    let mut callers = JoinSet::new();
    for caller in 0..IN_FLIGHT {
        let mut client = clients[caller % clients.len()].clone();
        let (numbers, texts) = (Arc::clone(numbers), Arc::clone(texts));
        callers.spawn(async move {
            let (mut latencies, mut failed, mut versions) = (Vec::new(), 0, Vec::<String>::new());
            while Instant::now() < until {
                let (asked, request) = (Instant::now(), submission(numbers.fetch_add(1, Ordering::Relaxed), &texts));
                match client.submit_comment(request).await {
                    Ok(answer) => {
                        let version = answer.into_inner().decision.unwrap().model_version;
                        if !versions.contains(&version) {
                            versions.push(version);
                        }
                    }
                    Err(_) => failed += 1,
                }
                latencies.push(asked.elapsed());
            }
            (latencies, failed, versions)
        });
    }
    let (mut latencies, mut failed, mut versions) = (Vec::new(), 0, std::collections::BTreeSet::new());
    while let Some(caller) = callers.join_next().await {
        let (some, of_caller, seen) = caller.unwrap();
        latencies.extend(some);
        failed += of_caller;
        versions.extend(seen);
    }
    latencies.sort_unstable();
    Round {
        per_second: latencies.len() as f64 / begun.elapsed().as_secs_f64(),
        p99_ms: latencies[latencies.len() * 99 / 100].as_secs_f64() * 1000.0,
        failed,
        versions: versions.len(),
    }
}

/// Begins a retraining on the second core.
fn retraining(url: &str, out: &Path) -> Child {
    let program = env::var("OMBUD").unwrap_or_else(|_| "target/release/ombud".to_owned());
    let mut command = Command::new("taskset");
    command.args(["-c", "1", &program, "retrain", "--dry-run", "--server", url, "--out"]).arg(out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[tokio::main]
async fn main() {
    let (rounds, time) = (setting("ROUNDS", 5), Duration::from_secs(setting("SECONDS", 5)));
    let base = Arc::new(Model::embedded().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let flags = Flags { listen: Some("127.0.0.1:0".into()), data_dir: Some(dir.path().join("data")) };
    let settings = config::load(None, [], &flags).unwrap().settings;
    let parts = server::open(&settings, &|_| {}).unwrap();
    let listener = TcpListener::bind(settings.server.listen).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let serving = tokio::spawn(async move { server::run(parts, &settings, listener, stopped).await });
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(url.clone()).await.unwrap());
    }
    let mut models = ModelClient::connect(url.clone()).await.unwrap();
    let mut hashes = Vec::new();
    for labels in [2_000, 2_100] {
        hashes.push(upload(&mut models, &house(&base, labels)).await);
    }
    let labels = simulate(Plan { comments: LABELS, later: false, noise: 0.05, seed: 1 });
    let texts: Arc<Vec<String>> = Arc::new(labels.iter().map(|label| label.text.clone()).collect());
    let imported = models.import_labels(iter(labels.into_iter().map(wire).collect::<Vec<_>>())).await.unwrap();
    println!("{} labels, {IN_FLIGHT} calls in flight", imported.into_inner().imported);
    let promote = async |hash: &str| {
        let request = pb::PromoteModelRequest { hash: hash.to_owned(), seen_champion: String::new() };
        models.clone().promote_model(request).await.unwrap();
    };
    promote(&hashes[0]).await;

    let (numbers, out) = (Arc::new(AtomicU64::new(0)), dir.path().join("out"));
    let mut found =
        [Beside::Nothing, Beside::Retraining, Beside::Promotions].map(|beside| (beside, Vec::<Round>::new()));
    let mut retrained = 0;
    for round in 0..=rounds {
        for (beside, found) in &mut found {
            let done = match beside {
                Beside::Nothing => submit(&clients, &texts, &numbers, time).await,
                Beside::Retraining => {
                    let mut child = retraining(&url, &out);
                    let mut looks = interval(Duration::from_millis(20));
                    let mut submitting = Box::pin(submit(&clients, &texts, &numbers, time));
                    let done = loop {
                        tokio::select! {
                            done = &mut submitting => break done,
                            _ = looks.tick() => {
                                if child.try_wait().unwrap().is_some() {
                                    retrained += 1;
                                    child = retraining(&url, &out);
                                }
                            }
                        }
                    };
                    child.kill().unwrap();
                    child.wait().unwrap();
                    done
                }
                Beside::Promotions => {
                    let promoting = async {
                        let mut turns = interval(time / (PROMOTIONS + 1));
                        for turn in 0..PROMOTIONS {
                            turns.tick().await;
                            promote(&hashes[usize::from(turn % 2 == 0)]).await;
                        }
                    };
                    tokio::join!(submit(&clients, &texts, &numbers, time), promoting).0
                }
            };
            // The first round warms up.
            if round > 0 {
                found.push(done);
            }
        }
    }
    let base_rates: Vec<f64> = found[0].1.iter().map(|round| round.per_second).collect();
    for (beside, rounds) in &found {
        let name = match beside {
            Beside::Nothing => "nothing beside",
            Beside::Retraining => "a retraining beside",
            Beside::Promotions => "20 promotions",
        };
        let ratios = rounds.iter().zip(&base_rates).map(|(round, base)| round.per_second / base).collect();
        println!(
            "{name}: {:.0}/s, ratio {:.2}, p99 {:.1} ms, {} failed, at most {} models",
            median(rounds.iter().map(|round| round.per_second).collect()),
            median(ratios),
            median(rounds.iter().map(|round| round.p99_ms).collect()),
            rounds.iter().map(|round| round.failed).sum::<u64>(),
            rounds.iter().map(|round| round.versions).max().unwrap()
        );
    }
    println!("{retrained} retrainings came to their end beside the rounds");
    stop.cancel();
    serving.await.unwrap().unwrap();
}
