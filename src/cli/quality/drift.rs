//! How far comments and moderators have moved from what a model was made for, at a terminal and for programs.

use super::{estimate, words};
use crate::cli::json::time;
use crate::grpc::pb;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Shows the last seven days, and what to do.
pub(super) fn show(out: &mut impl Write, drift: &pb::Drift) -> io::Result<()> {
    let recent = drift.recent.clone().unwrap_or_default();
    writeln!(out, "the last seven days: {} comments", recent.comments)?;
    if let Some(unseen) = recent.unseen_ngrams {
        let then = drift.unseen_ngrams_in_training;
        let then = then.map(|then| format!(", {:.1} % in training", 100.0 * then)).unwrap_or_default();
        writeln!(out, "  {:<42} {:.1} %{then}", "n-grams that the base model has no weight for", 100.0 * unseen)?;
    }
    if !recent.attributes.is_empty() {
        writeln!(out, "\n  {:<17} {:<24} verdicts that agree with it", "", "moved since training by")?;
    }
    for attribute in recent.attributes {
        let moved = attribute.stability_index.map_or_else(|| "-".to_owned(), |index| format!("{index:.2}"));
        let agreement = words(attribute.agreement.unwrap_or_default());
        writeln!(out, "  {:<17} {moved:<24} {agreement}", attribute.attribute)?;
    }
    writeln!(out, "\n{}", drift.advice)
}

pub(super) fn as_json(drift: pb::Drift) -> Value {
    let attribute = |one: pb::AttributeDrift| {
        json!({
            "attribute": one.attribute,
            "stability_index": one.stability_index,
            "agreement": estimate(one.agreement),
        })
    };
    let period = |one: pb::DriftPeriod| {
        json!({
            "from": time(one.from),
            "until": time(one.until),
            "comments": one.comments,
            "unseen_ngrams": one.unseen_ngrams,
            "attributes": one.attributes.into_iter().map(attribute).collect::<Vec<_>>(),
        })
    };
    json!({
        "advice": drift.advice,
        "retraining_due": drift.retraining_due,
        "recent": drift.recent.map(period),
        "days": drift.days.into_iter().map(period).collect::<Vec<_>>(),
        "unseen_ngrams_in_training": drift.unseen_ngrams_in_training,
    })
}
