//! `ombud queue watch`: tells what becomes of a queue's items, as it happens.

use super::args::WatchArgs;
use crate::cli::client::{Refused, connect_to_review};
use crate::cli::{Ended, json, output};
use crate::grpc::pb;
use prost_types::Timestamp;
use serde::Serialize;
use std::io::{self, Write as _};

/// One step of one item, for programs.
#[derive(Serialize)]
struct Step {
    seq: u64,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moderator_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_until: Option<String>,
}

pub(crate) async fn run(args: WatchArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_review(&args.server).await?;
    let request = pb::WatchQueueRequest {
        site_id: args.site,
        queue: args.queue,
        after_seq: args.after_seq,
        hold: args.hold,
        moderator_id: args.moderator.moderator,
    };
    let mut told = client.watch_queue(request).await.map_err(Refused)?.into_inner();
    let mut out = io::stdout();
    while let Some(message) = told.message().await.map_err(Refused)? {
        if args.jsonl {
            output::json_line(&mut out, &step(message, json::time))?;
        } else {
            writeln!(out, "{}", line(step(message, output::time)))?;
        }
        out.flush()?;
    }
    Ok(Ended::Done)
}

fn step(message: pb::WatchQueueResponse, time: fn(Option<Timestamp>) -> Option<String>) -> Step {
    let change = match message.change() {
        pb::QueueChange::Begun => "BEGUN",
        pb::QueueChange::Entered => "ENTERED",
        pb::QueueChange::Left => "LEFT",
        pb::QueueChange::Claimed => "CLAIMED",
        pb::QueueChange::Released => "RELEASED",
        pb::QueueChange::Skipped => "SKIPPED",
        pb::QueueChange::Changed => "CHANGED",
        pb::QueueChange::Redefined => "REDEFINED",
        pb::QueueChange::Unspecified => "UNKNOWN",
    };
    let some = |text: String| (!text.is_empty()).then_some(text);
    let claim = message.claim.unwrap_or_default();
    Step {
        seq: message.seq,
        change,
        at: time(message.at),
        comment_id: some(message.comment_id),
        moderator_id: some(message.moderator_id),
        claimed_by: some(claim.moderator_id),
        claimed_until: time(claim.expires_at),
    }
}

fn line(step: Step) -> String {
    let Step { seq, change, at, comment_id, moderator_id, claimed_until, .. } = step;
    let Some(comment_id) = comment_id else {
        let what = if at.is_none() { "from here on" } else { "list it again" };
        return format!("{seq:>8}  {change:<9}  {what}");
    };
    let by = moderator_id.map(|id| format!("  by {}", output::visible(&id))).unwrap_or_default();
    let until = claimed_until.map(|until| format!("  until {until}")).unwrap_or_default();
    format!("{seq:>8}  {change:<9}  {}  {}{by}{until}", at.unwrap_or_default(), output::visible(&comment_id))
}
