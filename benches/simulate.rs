//! How long a simulation takes over many stored comments, beside reading the same events and doing nothing with them.
//!
//! `cargo bench --bench simulate`; `COMMENTS` says how many are stored, 100,000 where it says nothing.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

use futures_util::StreamExt as _;
use ombud::classify::{Model, Scorer};
use ombud::domain::{Decision, Outcome};
use ombud::moderation::{
    Limits, Policies, Serving, Simulations, SystemClock,
    policies::Written,
    simulation::{Simulation, SimulationRequest, Step},
};
use ombud::policy::Below;
use ombud::store::{EmbeddedStore, Options, Store, conformance};
use std::{
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

const FIXTURE: &str = include_str!("../tests/fixtures/comments.jsonl");
const WRITERS: u32 = 128;
const ROUNDS: usize = 5;
const WORDS: usize = 5000;
/// Rules that a few comments meet, one of which asks for the author's record; more like them are added.
const RULES: [&str; 3] = [
    "author.first_time && scores.toxicity > 0.4",
    "comment.length > 400 && ['http:', 'https:'].exists(w, text.contains(w))",
    "scores.insult > 0.8 && text.matches('(?i)subscribe to channel')",
];

#[derive(serde::Deserialize)]
struct Line {
    text: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let comments = std::env::var("COMMENTS").ok().and_then(|comments| comments.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(simulate(comments))
}

async fn simulate(comments: u32) -> Result<(), Box<dyn std::error::Error>> {
    let scorer = Arc::new(Model::embedded()?);
    let (_dir, store) = filled(comments, &*scorer).await?;
    let store: Arc<dyn Store> = store;
    let limits = Limits { text_bytes_max: 20_480, name_chars_max: 100, id_bytes_max: 128 };
    let below = Below::default();
    let policies = Policies::open(below, Arc::clone(&store), Arc::new(SystemClock), limits).await?;
    let simulations = Simulations::new(
        Arc::new(Serving::new(scorer)),
        Arc::new(policies),
        Arc::clone(&store),
        Duration::from_mins(1),
    );
    let (mut reading, mut simulating) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let read = read_all(&*store).await?;
        let begin = Instant::now();
        let found = run(&simulations).await?;
        let took = begin.elapsed().as_secs_f64();
        if found.comments != u64::from(comments) {
            return Err(format!("{} of {comments} comments were simulated", found.comments).into());
        }
        let after = found.after;
        println!(
            "round {round}: events read in {read:.2} s, simulated in {took:.2} s: {} held, {} rejected",
            after.held, after.rejected
        );
        reading.push(read);
        simulating.push(took);
    }
    let [read, took] = [reading, simulating].map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2]
    });
    println!(
        "median of {ROUNDS}: {comments} comments in {took:.2} s, {:.0} comments/s; reading their events alone {read:.2} s, \
         ratio {:.1}",
        f64::from(comments) / took,
        took / read
    );
    Ok(())
}

/// Stores comments of a thousand authors with the scores of the project's own texts, one in 20 of them held.
async fn filled(
    comments: u32,
    scorer: &dyn Scorer,
) -> Result<(tempfile::TempDir, Arc<EmbeddedStore>), Box<dyn std::error::Error>> {
    let lines = FIXTURE.lines().filter(|line| !line.trim().is_empty());
    let texts =
        lines.map(|line| serde_json::from_str::<Line>(line).map(|line| line.text)).collect::<Result<Vec<_>, _>>()?;
    let scored: Arc<[_]> = texts.into_iter().map(|text| (scorer.score(&text), text)).collect();
    let dir = tempfile::tempdir()?;
    let store = Arc::new(EmbeddedStore::open(dir.path(), Options::default(), &|_| {})?);
    let begin = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let (store, scored) = (Arc::clone(&store), Arc::clone(&scored));
        tokio::spawn(async move {
            for number in (writer..comments).step_by(WRITERS as usize) {
                let (scores, text) = &scored[number as usize % scored.len()];
                let (article, author) = (format!("a{}", number / 100), format!("u{}", number % 1000));
                let text = format!("{text} {number}");
                let comment = conformance::comment(&format!("c{number}"), &article, Some(&author), &text);
                let outcome = if number % 20 == 0 { Outcome::Hold } else { Outcome::Publish };
                let mut submitted = conformance::record(comment, outcome);
                submitted.decision = Decision { scores: *scores, reasons: Vec::new(), ..submitted.decision };
                store.record(submitted).await.expect("recorded");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await?;
    }
    println!("{comments} comments stored in {:.1} s", begin.elapsed().as_secs_f64());
    Ok((dir, store))
}

/// Returns how many seconds reading all events takes.
async fn read_all(store: &dyn Store) -> Result<f64, Box<dyn std::error::Error>> {
    let begin = Instant::now();
    let (last, mut events, mut read) = (store.last_seq(), store.events(0), 0);
    while read < last {
        read = events.next().await?.last().map_or(last, |event| event.seq);
    }
    Ok(begin.elapsed().as_secs_f64())
}

async fn run(simulations: &Simulations) -> Result<Simulation, Box<dyn std::error::Error>> {
    let request = SimulationRequest {
        scope: ombud::moderation::policies::ScopeRequest { site_id: "s".into(), ..Default::default() },
        written: Some(Written::Toml(policy())),
        budget_per_day: 400,
        ..SimulationRequest::default()
    };
    let mut steps = simulations.run(request).await?;
    while let Some(step) = steps.next().await {
        if let Step::Result(found) = step? {
            return Ok(*found);
        }
    }
    Err("the simulation ended without a result".into())
}

/// Writes a policy of 5,000 words, 50 rules, thresholds and checks of authors.
fn policy() -> String {
    let mut toml = "toxicity = { hold = 0.4, reject = 0.9 }\ninsult = { hold = 0.5 }\n\
                    first_time = { published = 1, action = \"hold\" }\n"
        .to_owned();
    let words: Vec<String> = (0..WORDS).map(|number| format!("\"w{number}ing\"")).collect();
    let _ = writeln!(
        toml,
        "[[words]]\nname = \"many\"\nkind = \"exact\"\naction = \"hold\"\nentries = [{}]",
        words.join(",")
    );
    for number in 0..50 {
        let when = RULES[number % RULES.len()];
        let _ = writeln!(
            toml,
            "[[rules]]\nname = \"r{number}\"\nwhen = \"{when} && comment.length > {number}\"\naction = \"hold\""
        );
    }
    toml
}
