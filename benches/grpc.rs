//! gRPC with and without the work behind it: each method against a handler that answers the same messages at once,
//! in one process, in turns, 64 calls in flight. Prints a row for each ratio of BENCHMARKS.md.
//!
//! Comments are all different, as readers' are; `COPIES=1` makes all of them near-copies of one text, as a campaign does.
//!
//! `cargo bench --bench grpc`; `ROUNDS` and `SECONDS` of the environment set how long.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints its figures or fails")]

use ombud::config::{self, Flags};
use ombud::grpc::{Client, pb};
use ombud::server;
use pb::moderation_service_server::{ModerationService, ModerationServiceServer};
use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, task::JoinSet, time::MissedTickBehavior};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Response, Status, Streaming,
    transport::{Channel, Server, server::TcpIncoming},
};

const IN_FLIGHT: usize = 64;
const CONNECTIONS: usize = 4;

/// About 170 characters, as long as news comments are on average.
const TEXT: &str = "I read the whole report, and the traffic counts on page twelve do not support what the council \
                    says about Mill Street. Has anyone asked the shops? Number";

/// What other texts are made of: common words, so that the language is as plain as in comments.
const WORDS: &str = "about after again all also always another any ask back because before better between big both but \
                     buy call came can change child city come could council day did different do down each early even every \
                     fact family far few find first for friend from garden get give go good great had hand hard has have he head \
                     help her here high him his home house how if important in into is it just keep kind know large last late \
                     learn leave let life like line little live long look made make man many may mean might money month more \
                     most much must name near need never new next night no not now number of off office old on once one only open \
                     or other our out over own paper park part pay people person place plan point public put question quite read \
                     real report right road room run said same saw say school see seem she shop should show side small so some \
                     soon still story street such take talk tax tell than that the their them then there these they thing think \
                     this those though time to today together too town traffic train tree true try turn under until up us use \
                     very vote want was water way we week well went were what when where which while who why will with woman word \
                     work world would write year yes yet you young your";

/// Returns a text about as long as [`TEXT`], of words in an order that is each number's own.
fn text(number: u64) -> String {
    if env::var_os("COPIES").is_some() {
        return format!("{TEXT} {number}");
    }
    // Splitmix64, so that each number has words of its own.
    let (mut state, known) = (number, WORDS.split_whitespace().collect::<Vec<_>>());
    let mut words = String::with_capacity(180);
    while words.len() < 165 {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 11;
        words.push_str(known[(mixed % known.len() as u64) as usize]);
        words.push(' ');
    }
    words
}

/// Answers with what the real server answered, and does nothing.
struct Empty {
    submitted: pb::SubmitCommentResponse,
    scored: pb::ScoreTextResponse,
}

#[tonic::async_trait]
impl ModerationService for Empty {
    async fn submit_comment(
        &self,
        _: Request<pb::SubmitCommentRequest>,
    ) -> Result<Response<pb::SubmitCommentResponse>, Status> {
        Ok(Response::new(self.submitted.clone()))
    }

    type SubmitCommentsStream =
        std::pin::Pin<Box<dyn Stream<Item = Result<pb::SubmitCommentsResponse, Status>> + Send>>;

    async fn submit_comments(
        &self,
        _: Request<Streaming<pb::SubmitCommentsRequest>>,
    ) -> Result<Response<Self::SubmitCommentsStream>, Status> {
        Err(Status::unimplemented("not measured"))
    }

    async fn score_text(&self, _: Request<pb::ScoreTextRequest>) -> Result<Response<pb::ScoreTextResponse>, Status> {
        Ok(Response::new(self.scored.clone()))
    }

    async fn get_comment(&self, _: Request<pb::GetCommentRequest>) -> Result<Response<pb::GetCommentResponse>, Status> {
        Err(Status::unimplemented("not measured"))
    }

    async fn list_comments(
        &self,
        _: Request<pb::ListCommentsRequest>,
    ) -> Result<Response<pb::ListCommentsResponse>, Status> {
        Err(Status::unimplemented("not measured"))
    }
}

#[derive(Clone, Copy)]
enum Call {
    Submit,
    Score,
}

fn submission(number: u64) -> pb::SubmitCommentRequest {
    pb::SubmitCommentRequest {
        article_id: format!("article-{}", number % 50),
        author: Some(pb::Author { author_id: format!("reader-{}", number % 5000), name: "A reader".into() }),
        text: text(number),
        ..pb::SubmitCommentRequest::default()
    }
}

async fn call(client: &mut Client<Channel>, call: Call, number: u64) {
    match call {
        Call::Submit => drop(client.submit_comment(submission(number)).await.unwrap()),
        Call::Score => {
            let request = pb::ScoreTextRequest { texts: vec![text(number)], explain: false };
            drop(client.score_text(request).await.unwrap());
        }
    }
}

async fn connect(url: &str) -> Vec<Client<Channel>> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(url.to_owned()).await.unwrap());
    }
    clients
}

/// Returns calls a second with [`IN_FLIGHT`] calls at any time.
async fn rate(clients: &[Client<Channel>], kind: Call, numbers: &Arc<AtomicU64>, time: Duration) -> f64 {
    let begun = Instant::now();
    let until = begun + time;
    let mut callers = JoinSet::new();
    for caller in 0..IN_FLIGHT {
        let (mut client, numbers) = (clients[caller % clients.len()].clone(), Arc::clone(numbers));
        callers.spawn(async move {
            let mut done = 0_u32;
            while Instant::now() < until {
                call(&mut client, kind, numbers.fetch_add(1, Ordering::Relaxed)).await;
                done += 1;
            }
            done
        });
    }
    let mut done = 0.0;
    while let Some(calls) = callers.join_next().await {
        done += f64::from(calls.unwrap());
    }
    done / begun.elapsed().as_secs_f64()
}

/// Returns the latency in ms that 99 of 100 submissions stay below, at a given rate. A call counts from the moment
/// when it was due, so a server that falls behind can't hide it.
async fn p99_ms(clients: &[Client<Channel>], numbers: &Arc<AtomicU64>, per_second: f64, time: Duration) -> f64 {
    let every = Duration::from_secs_f64(IN_FLIGHT as f64 / per_second);
    let begun = tokio::time::Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..IN_FLIGHT {
        let (mut client, numbers) = (clients[caller % clients.len()].clone(), Arc::clone(numbers));
        let first = begun + every.mul_f64(caller as f64 / IN_FLIGHT as f64);
        callers.spawn(async move {
            let mut due = tokio::time::interval_at(first, every);
            due.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut latencies = Vec::new();
            while begun.elapsed() < time {
                let was_due = due.tick().await;
                call(&mut client, Call::Submit, numbers.fetch_add(1, Ordering::Relaxed)).await;
                latencies.push(was_due.elapsed());
            }
            latencies
        });
    }
    let mut latencies = Vec::new();
    while let Some(some) = callers.join_next().await {
        latencies.extend(some.unwrap());
    }
    latencies.sort_unstable();
    latencies[latencies.len() * 99 / 100].as_secs_f64() * 1000.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[tokio::main]
async fn main() {
    let (rounds, time) = (setting("ROUNDS", 5), Duration::from_secs(setting("SECONDS", 3)));
    let dir = tempfile::tempdir().unwrap();
    let flags = Flags { listen: Some("127.0.0.1:0".into()), data_dir: Some(dir.path().into()) };
    let settings = config::load(None, [], &flags).unwrap().settings;
    let parts = server::open(&settings, &|_| {}).unwrap();
    let listener = TcpListener::bind(settings.server.listen).await.unwrap();
    let real = connect_later(&listener);
    let stop = CancellationToken::new();
    let (stopped, settings_of_server) = (stop.clone(), settings.clone());
    let serving = tokio::spawn(async move { server::run(parts, &settings_of_server, listener, stopped).await });
    let real = connect(&real).await;

    let numbers = Arc::new(AtomicU64::new(0));
    let submitted = real[0].clone().submit_comment(submission(0)).await.unwrap().into_inner();
    let scored = pb::ScoreTextRequest { texts: vec![TEXT.into()], explain: false };
    let scored = real[0].clone().score_text(scored).await.unwrap().into_inner();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let empty = connect_later(&listener);
    tokio::spawn(
        Server::builder()
            .add_service(ModerationServiceServer::new(Empty { submitted, scored }))
            .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true))),
    );
    let empty = connect(&empty).await;

    let mut peak = 0.0;
    for (name, kind, target) in [("SubmitComment", Call::Submit, 0.5), ("ScoreText", Call::Score, 0.6)] {
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=rounds {
            let a = rate(&real, kind, &numbers, time).await;
            let b = rate(&empty, kind, &numbers, time).await;
            // The first round warms up.
            if round > 0 {
                ours.push(a);
                theirs.push(b);
                ratios.push(a / b);
            }
        }
        let (ours, theirs, ratio) = (median(ours), median(theirs), median(ratios));
        println!("{name}: {ours:.0}/s, empty handler {theirs:.0}/s, ratio {ratio:.2} (target {target})");
        if matches!(kind, Call::Submit) {
            peak = ours;
        }
    }
    let p99 = p99_ms(&real, &numbers, peak / 2.0, time * 2).await;
    println!("SubmitComment at half the peak rate, {:.0}/s: p99 {p99:.1} ms (target 20)", peak / 2.0);
    stop.cancel();
    serving.await.unwrap().unwrap();
}

fn connect_later(listener: &TcpListener) -> String {
    format!("http://{}", listener.local_addr().unwrap())
}
