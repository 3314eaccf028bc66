//! A newsroom trains a model of its own and looks how good it is.

use crate::support::ombud;
use assert_cmd::Command;
use serde_json::{Value, json};
use std::path::Path;

/// Writes labelled comments: rude ones with rude words, kind ones without.
fn write_comments(path: &Path, offset: usize) {
    let (rude, kind) = (["fool", "clown", "twit"], ["garden", "library", "bridge"]);
    let lines: String = (0..200)
        .map(|number| {
            let (number, is_rude) = (number + offset, number % 2);
            let word = if is_rude == 1 { rude[number % 3] } else { kind[number % 3] };
            let text = format!("Comment {number} about the {word} of this town.");
            let labels = json!({ "toxicity": is_rude, "insult": is_rude });
            format!("{}\n", json!({ "text": text, "source": "ours", "labels": labels }))
        })
        .collect();
    std::fs::write(path, lines).unwrap();
}

#[test]
fn a_model_is_trained_measured_and_used() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    write_comments(&at("train.jsonl"), 0);
    write_comments(&at("dev.jsonl"), 1000);
    let train = |out: &str, more: &[&str]| {
        let mut command = Command::new(ombud());
        command.arg("train").arg("--train").arg(at("train.jsonl")).arg("--dev").arg(at("dev.jsonl"));
        command.arg("--out").arg(at(out)).args(more).output().unwrap()
    };
    let trained = train("ours", &[]);
    let said = String::from_utf8_lossy(&trained.stdout).into_owned();
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    assert!(said.contains("TOXICITY"), "{said}");
    for file in ["model.bin", "manifest.json", "MODEL_CARD.md"] {
        assert!(at("ours").join(file).exists(), "{file}");
    }
    assert!(train("again", &["--name", "ours", "--threads", "1"]).status.success());
    let bytes = |name: &str| std::fs::read(at(name).join("model.bin")).unwrap();
    assert!(bytes("ours") == bytes("again"), "the same data and seed give the same bytes, with any number of threads");

    let mut evaluate = Command::new(ombud());
    evaluate.arg("evaluate").arg("--model").arg(at("ours")).arg("--data").arg(at("dev.jsonl")).arg("--json");
    let report: Value = serde_json::from_slice(&evaluate.output().unwrap().stdout).unwrap();
    let toxicity = report["attributes"].as_array().unwrap().iter().find(|a| a["attribute"] == "TOXICITY").unwrap();
    assert_eq!(toxicity["slices"][0]["roc_auc"], json!(1.0));

    // An experiment that changes nothing makes the same model, which is measured and not kept.
    std::fs::write(at("ours.toml"), "seed = 1\n").unwrap();
    let mut evaluate = Command::new(ombud());
    evaluate.arg("evaluate").arg("--experiment").arg(at("ours.toml")).arg("--train").arg(at("train.jsonl"));
    evaluate.arg("--data").arg(at("dev.jsonl")).arg("--json").arg("--log").arg(at("log.jsonl"));
    assert_eq!(serde_json::from_slice::<Value>(&evaluate.output().unwrap().stdout).unwrap(), report);
    let log: Value = serde_json::from_slice(&std::fs::read(at("log.jsonl")).unwrap()).unwrap();
    assert_eq!((&log["name"], &log["settings"]["seed"]), (&json!("ours"), &json!(1)));

    let mut classify = Command::new(ombud());
    classify.arg("classify").arg("--jsonl").arg("--model").arg(at("ours"));
    let scores = classify.write_stdin("{\"text\":\"a clown\"}\n{\"text\":\"a bridge\"}\n").output().unwrap().stdout;
    let scores: Vec<f64> = String::from_utf8(scores)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["scores"]["TOXICITY"].as_f64().unwrap())
        .collect();
    assert!(scores[0] > scores[1], "{scores:?}");
}

#[test]
fn bad_lines_are_all_told_and_can_be_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    write_comments(&at("good.jsonl"), 0);
    let good = std::fs::read_to_string(at("good.jsonl")).unwrap();
    std::fs::write(at("bad.jsonl"), format!("{{\"text\"\n{good}{{\"labels\":{{}}}}\n")).unwrap();
    let evaluate = |more: &[&str]| {
        let mut command = Command::new(ombud());
        command.arg("evaluate").arg("--data").arg(at("bad.jsonl")).args(more).output().unwrap()
    };
    let refused = evaluate(&[]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.starts_with("error: 2 lines are not labelled comments:"), "{said}");
    assert!(said.contains("bad.jsonl:1:") && said.contains("bad.jsonl:202:") && said.contains("--skip-bad"), "{said}");
    let done = evaluate(&["--skip-bad"]);
    assert!(done.status.success());
    assert!(String::from_utf8(done.stderr).unwrap().contains("left out"));
}
