//! `ombud policy simulate`: what a policy would have decided.

use super::args::SimulateArgs;
use super::read;
use crate::cli::client::{Refused, connect_to_policies};
use crate::cli::progress::Bar;
use crate::cli::{Ended, json, output};
use crate::grpc::pb;
use anyhow::Context as _;
use pb::simulate_policy_response::Step;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Days whose numbers are shown.
const DAYS_SHOWN: usize = 14;

pub(super) async fn run(args: SimulateArgs) -> anyhow::Result<Ended> {
    let form = match &args.file {
        Some(file) => Some(pb::simulate_policy_request::Form::Toml(read(file)?)),
        None => None,
    };
    let mut client = connect_to_policies(&args.scope.server).await?;
    let request = pb::SimulatePolicyRequest {
        site_id: args.scope.site,
        article_id: args.scope.article,
        form,
        since: args.since.map(wire_time),
        until: args.until.map(wire_time),
        budget_per_day: args.budget.unwrap_or_default(),
        examples_max: args.examples,
    };
    let mut steps = client.simulate_policy(request).await.map_err(Refused)?.into_inner();
    let bar = Bar::measured();
    let mut found = None;
    while let Some(step) = steps.message().await.map_err(Refused)? {
        match step.step {
            Some(Step::Progress(progress)) => {
                bar.start("reading what happened", progress.events_total);
                bar.set(progress.events);
            }
            Some(Step::Result(result)) => found = Some(result),
            None => {}
        }
    }
    bar.finish();
    let found = found.context("the server stopped before the simulation was done")?;
    if args.json {
        output::json_line(&mut io::stdout().lock(), &Found::from(found))?;
        return Ok(Ended::Done);
    }
    show(&mut anstream::stdout().lock(), found)?;
    Ok(Ended::Done)
}

/// Returns a time as the wire has it.
pub(crate) fn wire_time(time: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

fn show(out: &mut impl Write, found: pb::Simulation) -> anyhow::Result<()> {
    let (before, after) = (found.before.unwrap_or_default(), found.after.unwrap_or_default());
    writeln!(out, "{} comments and edits", found.comments)?;
    if found.comments == 0 {
        return Ok(());
    }
    let share = |part: u64| 100.0 * part as f64 / found.comments as f64;
    writeln!(out, "\n{:<12} {:>18} {:>18}", "", "decided", "would be")?;
    let rows = [
        ("published", before.published, after.published),
        ("held", before.held, after.held),
        ("rejected", before.rejected, after.rejected),
    ];
    for (name, before, after) in rows {
        writeln!(out, "{name:<12} {before:>10} {:>5.1} % {after:>10} {:>5.1} %", share(before), share(after))?;
    }
    let (before, after) = (found.verdicts_before.unwrap_or_default(), found.verdicts_after.unwrap_or_default());
    if before.agreed + before.contradicted + before.held > 0 {
        writeln!(out, "\n{:<38} {:>10} {:>10}", "of what moderators ruled on", "decided", "would be")?;
        for (name, before, after) in [
            ("as the moderator ruled", before.agreed, after.agreed),
            ("against what the moderator ruled", before.contradicted, after.contradicted),
            ("held, so that a moderator ruled", before.held, after.held),
        ] {
            writeln!(out, "{name:<38} {before:>10} {after:>10}")?;
        }
    }
    let skipped = found.days.len().saturating_sub(DAYS_SHOWN);
    let days = &found.days[skipped..];
    writeln!(out, "\n{:<12} {:>21}   {:>21}", "", "held", "waiting at its end")?;
    writeln!(out, "{:<12} {:>10} {:>10}   {:>10} {:>10}", "", "decided", "would be", "decided", "would be")?;
    for day in days {
        let pb::SimulatedDay { date, held_before, held_after, waiting_before, waiting_after } = day;
        writeln!(out, "{date:<12} {held_before:>10} {held_after:>10}   {waiting_before:>10} {waiting_after:>10}")?;
    }
    for change in found.changes {
        let (from, to) = (json::outcome_name(change.from()), json::outcome_name(change.to()));
        writeln!(out, "\n{} from {from} to {to}", change.comments)?;
        for example in change.examples {
            let text = output::shorten(&output::visible(&example.text), 90);
            writeln!(out, "  {}  {text}", output::visible(&example.comment_id))?;
            let decision = pb::Decision { reasons: example.reasons, ..pb::Decision::default() };
            for reason in output::reasons(&decision, &example.text) {
                writeln!(out, "      {reason}")?;
            }
        }
    }
    if let Some(proposed) = found.proposed {
        let verb =
            if proposed.fits { "fit the budget" } else { "don't fit the budget: rules and words alone hold more" };
        writeln!(out, "\n# these thresholds {verb}: {:.1} held a day", proposed.held_per_day)?;
        for (attribute, hold) in proposed.hold.into_iter().collect::<BTreeMap<_, _>>() {
            writeln!(out, "{}.hold = {hold}", attribute.to_lowercase())?;
        }
    }
    Ok(())
}

/// What was found, as programs read it.
#[derive(Serialize)]
struct Found {
    comments: u64,
    before: Counts,
    after: Counts,
    days: Vec<Day>,
    verdicts_before: Agreement,
    verdicts_after: Agreement,
    changes: Vec<Change>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<Proposed>,
}

#[derive(Serialize)]
struct Counts {
    published: u64,
    held: u64,
    rejected: u64,
}

#[derive(Serialize)]
struct Day {
    date: String,
    held_before: u64,
    held_after: u64,
    waiting_before: u64,
    waiting_after: u64,
}

#[derive(Serialize)]
struct Agreement {
    agreed: u64,
    contradicted: u64,
    held: u64,
}

#[derive(Serialize)]
struct Change {
    from: &'static str,
    to: &'static str,
    comments: u64,
    examples: Vec<Example>,
}

#[derive(Serialize)]
struct Example {
    comment_id: String,
    article_id: String,
    text: String,
    reasons: Vec<json::Reason>,
}

#[derive(Serialize)]
struct Proposed {
    hold: BTreeMap<String, f32>,
    held_per_day: f32,
    fits: bool,
}

impl From<pb::Simulation> for Found {
    fn from(found: pb::Simulation) -> Self {
        let counts = |counts: Option<pb::OutcomeCounts>| {
            let pb::OutcomeCounts { published, held, rejected } = counts.unwrap_or_default();
            Counts { published, held, rejected }
        };
        let agreement = |agreement: Option<pb::VerdictAgreement>| {
            let pb::VerdictAgreement { agreed, contradicted, held } = agreement.unwrap_or_default();
            Agreement { agreed, contradicted, held }
        };
        let example = |example: pb::SimulatedComment| Example {
            comment_id: example.comment_id,
            article_id: example.article_id,
            text: example.text,
            reasons: example.reasons.into_iter().map(json::reason).collect(),
        };
        let day = |day: pb::SimulatedDay| {
            let pb::SimulatedDay { date, held_before, held_after, waiting_before, waiting_after } = day;
            Day { date, held_before, held_after, waiting_before, waiting_after }
        };
        let change = |change: pb::SimulatedChange| Change {
            from: json::outcome_name(change.from()),
            to: json::outcome_name(change.to()),
            comments: change.comments,
            examples: change.examples.into_iter().map(example).collect(),
        };
        Self {
            comments: found.comments,
            before: counts(found.before),
            after: counts(found.after),
            days: found.days.into_iter().map(day).collect(),
            verdicts_before: agreement(found.verdicts_before),
            verdicts_after: agreement(found.verdicts_after),
            changes: found.changes.into_iter().map(change).collect(),
            proposed: found.proposed.map(|proposed| {
                let pb::ProposedThresholds { hold, held_per_day, fits } = proposed;
                Proposed { hold: hold.into_iter().collect(), held_per_day, fits }
            }),
        }
    }
}
