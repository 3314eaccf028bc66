//! `ombud rescore`: what a model would have said of comments that are stored.

use super::args::ServerArgs;
use super::client::{Refused, block_on, connect_to_models};
use super::models::whole;
use super::numbers;
use super::policy::{args::time, wire_time};
use super::progress::Bar;
use super::{Ended, json as wire, output};
use crate::grpc::pb;
use anyhow::Context as _;
use clap::Args;
use pb::rescore_comments_response::Step;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};

#[derive(Args)]
#[command(
    after_help = "Each comment is scored again as it came in, and the policy in force now decides. Nothing is changed. With \
                        --jsonl, each comment is a line, without its text, and nothing else goes to standard output.\n\n\
                        Examples:\n  ombud rescore --since 2026-11-01 --model champion\n  \
                        ombud rescore --since 2026-11-01 --model 3f2a9c01b7de --jsonl > scores.jsonl"
)]
pub(crate) struct RescoreArgs {
    /// The model: its hash, or how it begins; `base` for the base model alone, `champion` for the one that decides now
    #[arg(long, value_name = "HASH")]
    model: String,
    /// Only comments from then on, as a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: jiff::Timestamp,
    /// Only comments before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<jiff::Timestamp>,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    /// How many examples of each change to show
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = numbers::whole::<i32>(1..=50))]
    examples: i32,
    /// Print one JSON object a comment
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: RescoreArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let RescoreArgs { model, since, until, site: site_id, examples, jsonl, json, server } = args;
        let model = if ["base", "champion"].contains(&model.as_str()) { model } else { whole(&server, &model).await? };
        let (since, until) = (Some(wire_time(since)), until.map(wire_time));
        let request =
            pb::RescoreCommentsRequest { site_id, model, since, until, send_comments: jsonl, examples_max: examples };
        let mut client = connect_to_models(&server).await?;
        let mut steps = client.rescore_comments(request).await.map_err(Refused)?.into_inner();
        let bar = Bar::measured();
        let mut out = BufWriter::new(io::stdout().lock());
        let mut found = None;
        while let Some(step) = steps.message().await.map_err(Refused)? {
            match step.step {
                Some(Step::Progress(progress)) => {
                    bar.start("scoring comments again", progress.events_total);
                    bar.set(progress.events);
                }
                Some(Step::Comments(some)) => {
                    some.comments.iter().try_for_each(|one| output::json_line(&mut out, &comment(one)))?;
                    out.flush()?;
                }
                Some(Step::Result(result)) => found = Some(result),
                None => {}
            }
        }
        bar.finish();
        let found = found.context("the server stopped before all comments were scored again")?;
        if json {
            output::json_line(&mut out, &for_programs(&found))?;
        } else if jsonl {
            writeln!(io::stderr().lock(), "{} comments and edits, by {}", found.comments, found.model_version)?;
        } else {
            show(&mut out, &found)?;
        }
        out.flush()?;
        Ok(Ended::Done)
    })
}

fn show(out: &mut impl Write, found: &pb::Rescoring) -> io::Result<()> {
    let left_out = match found.left_out {
        0 => String::new(),
        left_out => format!(", {left_out} left out, since scoring failed"),
    };
    writeln!(out, "{} comments and edits, by {}{left_out}", found.comments, output::visible(&found.model_version))?;
    if found.comments == 0 {
        return Ok(());
    }
    writeln!(out, "\nby the model and policy of then -> by this model and the policy in force")?;
    for pair in &found.outcomes {
        let [then, now] = [pair.outcome_then(), pair.outcome_now()].map(wire::outcome_name);
        let share = 100.0 * pair.comments as f64 / found.comments as f64;
        writeln!(out, "{then:<8} -> {now:<8} {:>10} {share:>5.1} %", pair.comments)?;
        for one in &pair.examples {
            let score = |score: Option<f32>| score.map_or("-".to_owned(), |score| format!("{score:.2}"));
            let (then, now) = (score(one.likely_to_reject_then), score(one.likely_to_reject_now));
            writeln!(out, "    {}  likely to reject {then} -> {now}", output::visible(&one.comment_id))?;
        }
    }
    writeln!(
        out,
        "\n{:<18} {:>9} {:>9} {:>10} {:>10} {:>10}",
        "mean score", "then", "now", "same", "+0.1 up", "-0.1 down"
    )?;
    for one in &found.moves {
        let pb::ScoreMove { attribute, mean_then, mean_now, same, raised, lowered, .. } = one;
        writeln!(out, "{attribute:<18} {mean_then:>9.3} {mean_now:>9.3} {same:>10} {raised:>10} {lowered:>10}")?;
    }
    let (then, now) = (found.verdicts_then.unwrap_or_default(), found.verdicts_now.unwrap_or_default());
    if then.agreed + then.contradicted + then.held > 0 {
        writeln!(out, "\n{:<38} {:>10} {:>10}", "of what moderators ruled on", "decided", "would be")?;
        for (name, then, now) in [
            ("as the moderator ruled", then.agreed, now.agreed),
            ("against what the moderator ruled", then.contradicted, now.contradicted),
            ("held, so that a moderator ruled", then.held, now.held),
        ] {
            writeln!(out, "{name:<38} {then:>10} {now:>10}")?;
        }
    }
    Ok(())
}

/// A comment, as programs read it.
#[derive(Serialize)]
struct Line<'a> {
    comment_id: &'a str,
    revision: u32,
    outcome_then: &'static str,
    outcome_now: &'static str,
    likely_to_reject_then: Option<f32>,
    likely_to_reject_now: Option<f32>,
}

fn comment(one: &pb::RescoredComment) -> Line<'_> {
    let [outcome_then, outcome_now] = [one.outcome_then(), one.outcome_now()].map(wire::outcome_name);
    Line {
        comment_id: &one.comment_id,
        revision: one.revision,
        outcome_then,
        outcome_now,
        likely_to_reject_then: one.likely_to_reject_then,
        likely_to_reject_now: one.likely_to_reject_now,
    }
}

fn for_programs(found: &pb::Rescoring) -> Value {
    let pair = |pair: &pb::RescoredPair| {
        let [outcome_then, outcome_now] = [pair.outcome_then(), pair.outcome_now()].map(wire::outcome_name);
        let examples: Vec<Line<'_>> = pair.examples.iter().map(comment).collect();
        json!({ "outcome_then": outcome_then, "outcome_now": outcome_now, "comments": pair.comments, "examples": examples })
    };
    let moved = |one: &pb::ScoreMove| {
        json!({
            "attribute": one.attribute, "comments": one.comments, "mean_then": one.mean_then, "mean_now": one.mean_now,
            "same": one.same, "raised": one.raised, "lowered": one.lowered,
        })
    };
    let agreement = |agreement: Option<pb::VerdictAgreement>| {
        let pb::VerdictAgreement { agreed, contradicted, held } = agreement.unwrap_or_default();
        json!({ "agreed": agreed, "contradicted": contradicted, "held": held })
    };
    json!({
        "model_version": found.model_version, "comments": found.comments, "left_out": found.left_out,
        "outcomes": found.outcomes.iter().map(pair).collect::<Vec<_>>(),
        "moves": found.moves.iter().map(moved).collect::<Vec<_>>(),
        "verdicts_then": agreement(found.verdicts_then), "verdicts_now": agreement(found.verdicts_now),
    })
}
