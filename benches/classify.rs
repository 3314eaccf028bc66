//! Prints how long a model takes for a comment: one by one, in a batch on one thread and on all, and with explanations;
//! and how far that is from what memory allows.
//!
//! `cargo bench --bench classify`; `OMBUD_BENCH_JSONL` names a file of JSON lines with a `text` to use in the place of
//! the project's own fixture, `OMBUD_BENCH_MODEL` a model's folder to use in the place of the embedded one.

#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use ombud::classify::{Model, Normalised, Scratch};
use rayon::prelude::*;
use std::{
    collections::BTreeSet,
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

const FIXTURE: &str = include_str!("../tests/fixtures/comments.jsonl");
const ROUNDS_MIN: usize = 5;
const TIME_MIN: Duration = Duration::from_secs(2);
/// Of so many comments the fastest round counts: few enough that some round of them was not disturbed.
const CHUNK: usize = 100;
/// As many words as the table of a model of 2^20 buckets has.
const WORDS: usize = 1 << 20;

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
    let model = match std::env::var_os("OMBUD_BENCH_MODEL") {
        Some(dir) => Model::load(Path::new(&dir))?,
        None => Model::embedded()?,
    };
    let bytes = texts.iter().map(String::len).sum::<usize>();
    println!("model {}, {name}: {} comments of {:.0} bytes", model.version(), texts.len(), mean(bytes, texts.len()));

    let (mut scratch, mut normalised) = (Scratch::default(), Normalised::default());
    let normalise = fastest(&texts, |some| {
        for text in some {
            normalised.assign(black_box(text));
            black_box(&normalised);
        }
    });
    let score = fastest(&texts, |some| {
        for text in some {
            black_box(model.score_into(&mut scratch, black_box(text)));
        }
    });
    let explained = fastest(&texts, |some| {
        for text in some {
            black_box(model.explain(black_box(text)));
        }
    });
    say("normalise alone", normalise, score);
    say("score, one by one", score, score);
    say("score and explain every attribute", explained, score);
    let mut alone = None;
    for threads in [1, std::thread::available_parallelism()?.get()] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let batch = pool.install(|| {
            median(|| {
                black_box(texts.par_iter().map(|text| model.score(text)).collect::<Vec<_>>());
            })
        });
        let batch = batch / f64::from(u32::try_from(texts.len())?);
        say(&format!("score, all in one batch, threads: {threads}"), batch, *alone.get_or_insert(batch));
    }
    tell_of_memory(&model, &texts, score);
    Ok(())
}

/// Prints how much of the table a comment touches, and how long memory alone takes for that.
fn tell_of_memory(model: &Model, texts: &[String], score: f64) {
    let (mut scratch, mut row) = (Scratch::default(), Vec::new());
    let (mut features, mut cache_lines) = (0, 0);
    for text in texts {
        scratch.sparse_row(text, model.features(), &mut row);
        features += row.len();
        cache_lines += row.iter().map(|(bucket, _)| bucket / 8).collect::<BTreeSet<u32>>().len();
    }
    let (features, cache_lines) = (mean(features, texts.len()), mean(cache_lines, texts.len()));
    println!(
        "a comment touches {features:.0} words of the table, {:.0} bytes, in {cache_lines:.0} cache lines, {:.0} bytes",
        features * 8.0,
        cache_lines * 64.0
    );
    // One cycle through all words, in an order that no prefetcher guesses (Sattolo's shuffle).
    let mut next: Vec<u32> = (0..).take(WORDS).collect();
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from((state >> 33) % below as u64).unwrap_or(0)
    };
    for at in (1..WORDS).rev() {
        next.swap(at, random(at));
    }
    let table: Vec<[u32; 2]> = next.iter().map(|next| [*next, 0]).collect();
    let words = f64::from(u32::try_from(WORDS).unwrap_or(u32::MAX));
    let dependent = median(|| {
        let mut at = 0;
        for _ in 0..WORDS {
            at = table[at as usize][0];
        }
        black_box(at);
    });
    let independent = median(|| {
        let sum = next.iter().fold(0_u32, |sum, at| sum.wrapping_add(table[*at as usize][0]));
        black_box(sum);
    });
    let (dependent, independent) = (dependent / words, independent / words);
    println!(
        "random reads of 8 bytes in 8 MiB: {:.2} ns one after the other, {:.2} ns side by side",
        dependent * 1e9,
        independent * 1e9
    );
    let bound = features * independent;
    println!("so memory alone takes {:.2} µs a comment; scoring takes {:.1} times that", bound * 1e6, score / bound);
}

fn say(what: &str, seconds: f64, against: f64) {
    println!("{what:<36} {:>8.2} µs a comment, ratio {:.2}", seconds * 1e6, seconds / against);
}

/// Returns the seconds that a text takes, from each chunk's fastest round.
fn fastest(texts: &[String], mut work: impl FnMut(&[String])) -> f64 {
    let mut best = vec![f64::INFINITY; texts.len().div_ceil(CHUNK)];
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS_MIN || begin.elapsed() < TIME_MIN {
        for (best, some) in best.iter_mut().zip(texts.chunks(CHUNK)) {
            let round = Instant::now();
            work(some);
            *best = best.min(round.elapsed().as_secs_f64());
        }
        rounds += 1;
    }
    best.iter().sum::<f64>() / f64::from(u32::try_from(texts.len()).unwrap_or(u32::MAX))
}

/// Returns the median seconds of several rounds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut rounds = Vec::new();
    let begin = Instant::now();
    while rounds.len() < ROUNDS_MIN || begin.elapsed() < TIME_MIN {
        let round = Instant::now();
        work();
        rounds.push(round.elapsed().as_secs_f64());
    }
    rounds.sort_unstable_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs few digits")]
fn mean(sum: usize, count: usize) -> f64 {
    sum as f64 / count.max(1) as f64
}
