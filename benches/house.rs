//! Prints what a house model costs: a comment scored with one and without, explained, and how long 20,000 labels take to
//! learn from and to be judged by.
//!
//! `cargo bench --bench house`. Comments are those of the simulated newsroom, each between two plain ones so that they are about
//! as long as readers' are.

#![expect(clippy::print_stdout, reason = "a benchmark talks")]

use ombud::{
    classify::{
        Model, Scratch,
        house::{Circumstances, HouseModel},
    },
    train::house::{
        Label, Settings,
        gates::Limits,
        newsroom::{Kind, Plan, simulate, simulate_kinds},
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

/// Comments of the newsroom between two plain ones: as long as readers' are, and rejected as often as the newsroom rejects. Were
/// each of three put together a reason to reject, most would be, and a model that says so flags what is harmless at a score of 0.5.
fn comments() -> Vec<Label> {
    let plan = Plan { comments: LABELS, later: false, noise: 0.05, seed: 1 };
    let plain = [2, 3].map(|seed| -> Vec<Label> {
        let made = simulate_kinds(Plan { seed, noise: 0.0, comments: 3 * LABELS, ..plan }).into_iter();
        made.filter(|one| one.1 == Kind::Plain).map(|one| one.0).collect()
    });
    let join = |(at, label): (usize, Label)| {
        let [before, behind] = [0, 1].map(|part: usize| plain[part][at].text.as_str());
        Label { text: format!("{before} {} {behind}", label.text), ..label }
    };
    simulate(plan).into_iter().enumerate().map(join).collect()
}
