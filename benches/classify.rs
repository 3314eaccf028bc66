//! Prints how long the embedded model takes for one comment, on one thread: to score it, and to score and explain it.
//!
//! `cargo bench --bench classify`; `OMBUD_BENCH_JSONL` names a file of JSON lines with a `text` to use in the place of
//! the project's own fixture.

#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use ombud::classify::{Model, Scratch};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const FIXTURE: &str = include_str!("../tests/fixtures/comments.jsonl");
const ROUNDS_MIN: usize = 5;
const TIME_MIN: Duration = Duration::from_secs(4);

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
    #[expect(clippy::cast_precision_loss, reason = "a mean needs few digits")]
    let (count, bytes) = (texts.len() as f64, texts.iter().map(String::len).sum::<usize>() as f64);
    let per_comment = |round: Duration| round.as_secs_f64() * 1e6 / count;
    println!("model {}, {name}: {count} comments of {:.0} bytes in the mean", model.version(), bytes / count);
    let report = |what: &str, rounds: &[Duration]| {
        println!(
            "{what:<28} {:.2} µs a comment (median of {} rounds; fastest {:.2}, slowest {:.2})",
            per_comment(rounds[rounds.len() / 2]),
            rounds.len(),
            per_comment(rounds[0]),
            per_comment(rounds[rounds.len() - 1]),
        );
        per_comment(rounds[rounds.len() / 2])
    };
    let [scoring, explaining] = side_by_side(&texts, &model);
    let ratio = report("scores", &scoring).recip() * report("scores and explanations", &explaining);
    println!("explaining takes {ratio:.2} times as long as scoring");
    Ok(())
}

/// Times rounds of scoring and of explaining by turns, so that whatever else the machine does falls on both alike.
fn side_by_side(texts: &[String], model: &Model) -> [Vec<Duration>; 2] {
    let mut scratch = Scratch::default();
    let (mut scoring, mut explaining) = (Vec::new(), Vec::new());
    let begin = Instant::now();
    while scoring.len() < ROUNDS_MIN || begin.elapsed() < TIME_MIN {
        let round = Instant::now();
        for text in texts {
            black_box(model.score_into(&mut scratch, black_box(text)));
        }
        scoring.push(round.elapsed());
        let round = Instant::now();
        for text in texts {
            black_box(model.explain_into(&mut scratch, black_box(text)));
        }
        explaining.push(round.elapsed());
    }
    scoring.sort_unstable();
    explaining.sort_unstable();
    [scoring, explaining]
}
