//! Prints how long the embedded model takes for one comment, and telling its language before that, on one thread.
//!
//! `cargo bench --bench classify`; `OMBUD_BENCH_JSONL` names a file of JSON lines with a `text` to use in the place of
//! the project's own fixture.

#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use ombud::classify::{Detector, Model, Scratch};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const FIXTURE: &str = include_str!("../tests/fixtures/comments.jsonl");
const ROUNDS_MIN: usize = 5;
const TIME_MIN: Duration = Duration::from_secs(2);

#[derive(serde::Deserialize)]
struct Line {
    text: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (name, lines) = match std::env::var("OMBUD_BENCH_JSONL") {
        Ok(path) => (path.clone(), std::fs::read_to_string(path)?),
        Err(_) => ("tests/fixtures/comments.jsonl".to_owned(), FIXTURE.to_owned()),
    };
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let texts =
        lines.map(|line| serde_json::from_str::<Line>(line).map(|line| line.text)).collect::<Result<Vec<_>, _>>()?;
    let model = Model::embedded()?;
    let mut scratch = Scratch::default();
    #[expect(clippy::cast_precision_loss, reason = "a mean needs few digits")]
    let (count, bytes) = (texts.len() as f64, texts.iter().map(String::len).sum::<usize>() as f64);
    println!("model {}, {name}: {count} comments of {:.0} bytes in the mean", model.version(), bytes / count);
    time("scoring", count, || {
        for text in &texts {
            black_box(model.score_into(&mut scratch, black_box(text)));
        }
    });
    let detector = Detector::new(model.languages());
    time("telling the language", count, || {
        for text in &texts {
            black_box(detector.detect(black_box(text)));
        }
    });
    Ok(())
}

/// Prints how long `round`, which goes over all comments once, takes for each.
fn time(what: &str, count: f64, mut round: impl FnMut()) {
    let mut rounds = Vec::new();
    let begin = Instant::now();
    while rounds.len() < ROUNDS_MIN || begin.elapsed() < TIME_MIN {
        let started = Instant::now();
        round();
        rounds.push(started.elapsed());
    }
    rounds.sort_unstable();
    let per_comment = |round: Duration| round.as_secs_f64() * 1e6 / count;
    println!(
        "{what}: {:.2} µs a comment (median of {} rounds; fastest {:.2}, slowest {:.2})",
        per_comment(rounds[rounds.len() / 2]),
        rounds.len(),
        per_comment(rounds[0]),
        per_comment(rounds[rounds.len() - 1]),
    );
}
