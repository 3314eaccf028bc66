//! A newsroom teaches the program its own rules.

use ombud::{
    classify::{
        Model,
        house::{Circumstances, HouseModel},
    },
    domain::Attribute,
    train::{
        house::{
            Label, Settings, fit,
            label::in_force,
            newsroom::{Plan, simulate},
        },
        metrics::{Scored, average_precision, calibration_error},
    },
};
use std::sync::{Arc, LazyLock};

static BASE: LazyLock<Arc<Model>> = LazyLock::new(|| Arc::new(Model::embedded().unwrap()));

const VERDICTS: Plan = Plan { comments: 2000, later: false, noise: 0.05, seed: 1 };
const LATER: Plan = Plan { comments: 1000, later: true, noise: 0.0, seed: 2 };

fn retrained(labels: Vec<Label>) -> HouseModel {
    let fitted = fit(&BASE, &in_force(labels).unwrap(), &Settings::default()).unwrap();
    println!(
        "{:?} {:?} {} weights, {} disagreements",
        fitted.chosen,
        fitted.artifact.head,
        fitted.artifact.delta.len(),
        fitted.disagreements.len()
    );
    println!("{} bytes", fitted.artifact.to_bytes().unwrap().len());
    HouseModel::new(Arc::clone(&BASE), fitted.artifact, &"0".repeat(64)).unwrap()
}

/// Scores labels with the probability of rejection.
fn scored(model: &HouseModel, labels: &[Label]) -> Vec<Scored> {
    let score = |label: &Label| {
        let scored = model.score(&label.text, &label.circumstances).unwrap();
        (scored.likely_to_reject.get(), label.rejected.unwrap())
    };
    labels.iter().map(score).collect()
}

/// Returns the average precision of the base model's attribute that tells best what is rejected.
fn best_attribute(labels: &[Label]) -> (Attribute, f64) {
    let precision = |attribute: Attribute| {
        let score = |label: &Label| (BASE.score(&label.text).unwrap().get(attribute).get(), label.rejected.unwrap());
        (attribute, average_precision(&labels.iter().map(score).collect::<Vec<_>>()).unwrap())
    };
    Attribute::ALL.into_iter().map(precision).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
}

#[test]
fn the_house_learns_what_the_base_does_not_know() {
    let started = std::time::Instant::now();
    let house = retrained(simulate(VERDICTS));
    println!("fit {:?}", started.elapsed());
    for (name, plan) in [
        ("later, other frames", LATER),
        ("later, other frames, noisy verdicts", Plan { noise: 0.05, ..LATER }),
        ("same frames", Plan { later: false, ..LATER }),
    ] {
        let labels = simulate(plan);
        let (attribute, base) = best_attribute(&labels);
        let scored = scored(&house, &labels);
        let (learned, error) = (average_precision(&scored).unwrap(), calibration_error(&scored).unwrap());
        let follow = average_precision(&self::scored(&HouseModel::without_house(Arc::clone(&BASE)), &labels)).unwrap();
        println!(
            "{name}: house {learned:.3} (calibration error {error:.3}), base {base:.3} ({attribute}), follow {follow:.3}"
        );
        assert!(learned >= base + 0.15, "{name}: {learned} against {base}");
    }
    let _ = Circumstances::default();
}
