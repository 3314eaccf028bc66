//! Prints what a house model costs: a comment scored with one and without, explained, and how long 20,000 labels take to
//! learn from and to be judged by.
//!
//! `cargo bench --bench house`. Comments are those of the simulated newsroom, three put together so that they are about
//! as long as readers' are. Six of ten of those are to be rejected, and there is none without the town's words, so that the gate
//! about people refuses what is learned: it takes sentences of other words for the average comment.

#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use ombud::{
    classify::{
        Model, Scratch,
        house::{Circumstances, HouseModel},
    },
    train::house::{
        Label, Settings,
        gates::Limits,
        newsroom::{Plan, simulate},
        retrain,
    },
};
use std::{hint::black_box, path::Path, sync::Arc, time::Instant};

const LABELS: usize = 20_000;
const SCORED: usize = 2_000;
const ROUNDS: usize = 15;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base = Arc::new(Model::embedded()?);
    let champion = HouseModel::without_house(Arc::clone(&base));
    let labels = comments();
    let bytes: usize = labels.iter().map(|label| label.text.len()).sum();
    println!("{LABELS} labels of {} bytes", bytes / LABELS);
    let texts: Vec<String> = labels.iter().take(SCORED).map(|label| label.text.clone()).collect();

    let begin = Instant::now();
    let retrained = retrain(&base, &champion, labels, &Settings::default(), &Limits::default(), &|_| {})?;
    println!("retrained and judged in {:.2} s", begin.elapsed().as_secs_f64());
    let (artifact, file) = retrained.challenger.ok_or("the labels are too few")?;
    println!("{} weights, {} bytes, passed: {}", artifact.delta.len(), file.len(), retrained.report.passed());
    for refusal in retrained.report.refusals() {
        println!("refused by {}: {}", refusal.gate, refusal.reason);
    }
    let house = HouseModel::from_bytes(base, &file, Path::new("house.bin"))?;

    let mut scratch = Scratch::default();
    let known = Circumstances::default();
    let mut round = |model: &HouseModel, explained: bool| {
        let begin = Instant::now();
        for text in &texts {
            if explained {
                black_box(model.explain(black_box(text), &known));
            } else {
                black_box(model.score_into(&mut scratch, black_box(text), &known));
            }
        }
        begin.elapsed().as_secs_f64() * 1e6 / texts.len() as f64
    };
    // By turns, so that what disturbs one disturbs the other; the fastest round counts.
    let mut best = [f64::INFINITY; 4];
    for _ in 0..ROUNDS {
        for (best, (model, explained)) in
            best.iter_mut().zip([(&champion, false), (&house, false), (&champion, true), (&house, true)])
        {
            *best = best.min(round(model, explained));
        }
    }
    println!(
        "scored without a house model {:.2} µs, with one {:.2} µs, ratio {:.2}",
        best[0],
        best[1],
        best[1] / best[0]
    );
    println!("explained without {:.2} µs, with {:.2} µs, ratio {:.2}", best[2], best[3], best[3] / best[2]);
    Ok(())
}

fn comments() -> Vec<Label> {
    let plan = Plan { comments: LABELS, later: false, noise: 0.05, seed: 1 };
    let more = [2, 3].map(|seed| simulate(Plan { seed, ..plan }));
    let join = |(at, label): (usize, Label)| {
        let text = format!("{} {} {}", label.text, more[0][at].text, more[1][at].text);
        let rejected = Some([&label, &more[0][at], &more[1][at]].iter().any(|one| one.rejected == Some(true)));
        Label { text, rejected, ..label }
    };
    simulate(plan).into_iter().enumerate().map(join).collect()
}
