//! `ombud history`: what happened to a comment, to an author's comments, or by a moderator's hand.

use super::args::ServerArgs;
use super::client::{Refused, block_on, connect_to_review};
use super::numbers::whole;
use super::{Ended, json, json_review, output};
use crate::grpc::pb;
use clap::{Args, ValueEnum};
use pb::{get_history_request::Of, watch_events_response::Event};
use prost_types::Timestamp;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Events that are asked for at once.
const PAGE_SIZE: i32 = 200;

#[derive(Args)]
#[command(after_help = "Examples:\n  ombud history comment c-1001\n  ombud history moderator ada --limit 20\n  \
                        ombud history author reader-7 --jsonl")]
pub(crate) struct HistoryArgs {
    /// Whose history
    #[arg(value_enum)]
    subject: HistorySubject,
    /// The id of the comment, the author or the moderator
    #[arg(value_name = "ID")]
    id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    /// Stop after this many events
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = whole::<usize>(1..))]
    limit: usize,
    /// Print one line of JSON per event
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum HistorySubject {
    /// Everything about one comment
    Comment,
    /// Everything about the comments of an author, but for claims
    Author,
    /// Everything that a moderator, or an editor, did
    Moderator,
}

pub(crate) fn run(args: HistoryArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let mut client = connect_to_review(&args.server).await?;
        let mut out = io::stdout().lock();
        let (mut left, mut before_seq, mut any) = (args.limit, 0, false);
        while left > 0 {
            let id = args.id.clone();
            let of = match args.subject {
                HistorySubject::Comment => Of::CommentId(id),
                HistorySubject::Author => Of::AuthorId(id),
                HistorySubject::Moderator => Of::OfModeratorId(id),
            };
            let page_size = PAGE_SIZE.min(i32::try_from(left).unwrap_or(PAGE_SIZE));
            let request = pb::GetHistoryRequest { site_id: args.site.clone(), of: Some(of), page_size, before_seq };
            let page = client.get_history(request).await.map_err(Refused)?.into_inner();
            left -= page.events.len().min(left);
            for event in page.events {
                any = true;
                if args.jsonl {
                    output::json_line(&mut out, &as_json(&event))?;
                } else {
                    writeln!(out, "{}", as_line(&event))?;
                }
            }
            before_seq = page.next_before_seq;
            if before_seq == 0 {
                break;
            }
        }
        if !any {
            writeln!(io::stderr().lock(), "nothing is known of it")?;
        }
        Ok(Ended::Done)
    })
}

/// Says an event in one line.
fn as_line(event: &pb::WatchEventsResponse) -> String {
    let at = output::time(event.at).unwrap_or_default();
    let who = if event.moderator_id.is_empty() { "-" } else { &event.moderator_id };
    let (name, details) = said(event, output::time);
    let details = details.into_iter().filter(|(_, value)| !value.is_null());
    let details: Vec<String> = details.map(|(key, value)| format!("{key} {}", in_words(&value))).collect();
    let (who, comment) = (output::visible(who), output::visible(&event.comment_id));
    format!("{:>8}  {at}  {who:<12} {name:<18} {comment:<24} {}", event.seq, details.join(", ")).trim_end().to_owned()
}

/// Says a detail in words.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => output::visible(text),
        // The labels of a verdict.
        Value::Object(labels) => {
            let labels =
                labels.iter().map(|(name, truth)| format!("{name}={}", if *truth == true { "yes" } else { "no" }));
            labels.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// Says an event as programs read it.
fn as_json(event: &pb::WatchEventsResponse) -> Value {
    let (name, details) = said(event, json::time);
    let mut object = serde_json::Map::new();
    object.insert("seq".into(), event.seq.into());
    object.insert("at".into(), json::time(event.at).into());
    object.insert("event".into(), name.into());
    for (key, id) in [("moderator_id", &event.moderator_id), ("comment_id", &event.comment_id)] {
        if !id.is_empty() {
            object.insert(key.into(), id.as_str().into());
        }
    }
    object.extend(details.into_iter().map(|(key, value)| (key.to_owned(), value)));
    Value::Object(object)
}

/// Names what happened, with its details.
fn said(
    event: &pb::WatchEventsResponse,
    time: fn(Option<Timestamp>) -> Option<String>,
) -> (&'static str, Vec<(&'static str, Value)>) {
    let Some(event) = &event.event else { return ("unknown", Vec::new()) };
    match event {
        Event::CommentSubmitted(one) => {
            ("submitted", vec![("article_id", json!(one.article_id)), ("revision", json!(one.revision))])
        }
        Event::CommentDecided(one) => {
            let decision = one.decision.clone().unwrap_or_default();
            let reasons: Vec<&str> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
            let outcome = json::outcome_name(decision.outcome());
            ("decided", vec![("outcome", json!(outcome)), ("reasons", json!(reasons.join(" ")))])
        }
        Event::ItemClaimed(claim) => ("claimed", vec![("until", json!(time(claim.expires_at)))]),
        Event::ItemReleased(released) => (if released.skipped { "skipped" } else { "released" }, Vec::new()),
        Event::ItemSettled(settled) => {
            let mut details = vec![("verdict", json!(json_review::ruling(settled.verdict())))];
            if !settled.reason.is_empty() {
                details.push(("reason", json!(settled.reason)));
            }
            if !settled.labels.is_empty() {
                // In the order of their names.
                details.push(("labels", json!(settled.labels.iter().collect::<BTreeMap<_, _>>())));
            }
            ("settled", details)
        }
        Event::VerdictUndone(undone) => ("undone", vec![("action_id", json!(undone.action_id))]),
        Event::PolicySet(set) => {
            let mut details = vec![("version", json!(set.version))];
            if !set.article_id.is_empty() {
                details.push(("article_id", json!(set.article_id)));
            }
            ("policy set", details)
        }
        Event::CommentSampled(_) => ("drawn for audit", Vec::new()),
        Event::DisagreementLapsed(_) => ("disagreement lapsed", Vec::new()),
        Event::ModelsDisagreed(disagreed) => {
            let challenged = disagreed.challenged.clone().unwrap_or_default();
            let outcome = json::outcome_name(challenged.outcome());
            ("models disagreed", vec![("model", json!(challenged.model_version)), ("outcome", json!(outcome))])
        }
        Event::CommentReported(report) => ("reported", vec![("reason", json!(report.reason))]),
        Event::DecisionAppealed(_) => ("appealed", Vec::new()),
        Event::ItemEscalated(_) => ("escalated", Vec::new()),
        Event::EscalationUndone(undone) => ("escalation undone", vec![("action_id", json!(undone.action_id))]),
        Event::NoteAdded(_) => ("noted", Vec::new()),
        Event::CommentErased(_) => ("erased", Vec::new()),
        Event::QueueSet(set) => ("queue set", vec![("queue", json!(set.name))]),
        Event::QueueDeleted(deleted) => ("queue deleted", vec![("queue", json!(deleted.name))]),
        Event::CampaignJoined(joined) => ("near-copy", vec![("campaign_id", json!(joined.campaign_id))]),
        Event::CampaignRuleSet(set) => {
            let action = json::outcome_name(set.action());
            let details = vec![("campaign_id", json!(set.campaign_id)), ("action", json!(action))];
            ("rule set", [details, vec![("until", json!(time(set.expires_at)))]].concat())
        }
    }
}
