//! An admin retrains: what moderators ruled becomes a model that is proven before it decides.

use crate::support::{TestServer, ombud};
use ombud::{
    domain::Attribute,
    grpc::{Client, ModelClient, pb},
    train::{
        house::{
            Label, Source,
            newsroom::{Plan, simulate},
        },
        identity,
        metrics::average_precision,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;
use tonic::transport::Channel;

const VERDICTS: Plan = Plan { comments: 2000, later: false, noise: 0.05, seed: 1 };
const FEW: Plan = Plan { comments: 500, ..VERDICTS };
const LATER: Plan = Plan { comments: 400, later: true, noise: 0.05, seed: 2 };

/// Writes labels as `ombud labels export` does.
fn write(path: &Path, labels: &[Label]) {
    let line = |label: &Label| {
        let at = jiff::Timestamp::from_microsecond(label.at.as_micros()).unwrap();
        let known = label.circumstances;
        let line = json!({
            "site_id": label.site, "comment_id": label.comment, "revision": 1, "text": label.text, "source": "VERDICT",
            "article_id": format!("{}/news", label.section.as_deref().unwrap_or("other")), "section": label.section,
            "rejected": label.rejected, "moderator_id": label.moderator, "labeled_at": at.to_string(),
            "sampling_probability": label.sampled, "circumstances": { "word_hits": known.word_hits,
            "published": known.published, "held": known.held, "rejected": known.rejected },
        });
        format!("{line}\n")
    };
    fs::write(path, labels.iter().map(line).collect::<String>()).unwrap();
}

#[test]
fn tmp_write() {
    write(Path::new("/tmp/retrain-2000.jsonl"), &simulate(VERDICTS));
    write(Path::new("/tmp/retrain-500.jsonl"), &simulate(FEW));
}
