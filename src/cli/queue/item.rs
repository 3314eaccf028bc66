//! A comment as review sees it, at a terminal.

use super::dossier::quote;
use crate::cli::{Ended, json, json_review, output};
use crate::grpc::pb;
use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
};

/// Shows a comment with what a ruling needs.
pub(super) fn show(out: &mut impl Write, item: pb::ReviewItem, as_json: bool) -> anyhow::Result<Ended> {
    if as_json {
        output::json_line(out, &json_review::review_item(item))?;
        return Ok(Ended::Done);
    }
    let pb::ReviewItem { revision, version, queue, claim, waiting_since, .. } = item;
    let revision = revision.unwrap_or_default();
    let comment = revision.comment.unwrap_or_default();
    let decision = revision.decision.unwrap_or_default();
    let style = output::outcome_style(decision.outcome());
    let erased = comment.erased_at.is_some();
    let name = output::unless_erased(&output::visible(&comment.author.unwrap_or_default().name), erased);
    writeln!(
        out,
        "{style}{}{style:#}  {}  version {version}, by {name} on {}",
        json::outcome_name(decision.outcome()),
        output::visible(&comment.comment_id),
        output::visible(&comment.article_id),
    )?;
    quote(out, &output::unless_erased(&comment.text, erased))?;
    for reason in output::reasons(&decision, &comment.text) {
        writeln!(out, "  {reason}")?;
    }
    if let Some(last) = item.last_verdict {
        let at = output::time(last.settled_at).unwrap_or_default();
        let moderator = output::visible(&last.moderator_id);
        writeln!(out, "  {} by {moderator} at {at}{}", verb(last.verdict()), why(&last.reason, &last.labels))?;
        if let Some(before) = last.decision_before {
            writeln!(out, "  before that: {}", json::outcome_name(before.outcome()))?;
            for reason in output::reasons(&before, &comment.text) {
                writeln!(out, "    {reason}")?;
            }
        }
    }
    let waiting = output::time(waiting_since).map(|since| format!("waiting in {queue} since {since}"));
    let claimed = claim.map(|claim| {
        let until = output::time(claim.expires_at).unwrap_or_default();
        format!("claimed by {} until {until}", output::visible(&claim.moderator_id))
    });
    let standing: Vec<String> = waiting.into_iter().chain(claimed).collect();
    if !standing.is_empty() {
        writeln!(out, "  {}", standing.join(", "))?;
    }
    match (item.open_reports, item.notes) {
        (0, 0) => {}
        (reports, notes) => writeln!(out, "  open reports: {reports}, notes: {notes}")?,
    }
    if let Some(challenged) = item.challenged {
        let outcome = json::outcome_name(challenged.outcome());
        let says = challenged.likely_to_reject;
        let model = output::visible(&challenged.model_version);
        writeln!(out, "  the challenger {model} would {outcome} it: likely to be rejected by {says:.2}")?;
    }
    if let Some(appeal) = item.appeal {
        let against = match appeal.against_moderator_id.as_str() {
            "" => String::new(),
            moderator => format!(" against {}", output::visible(moderator)),
        };
        writeln!(out, "  appealed{against}: {}", json_review::appeal_standing(appeal.standing()))?;
        quote(out, &appeal.text)?;
    }
    if let Some(escalation) = item.escalation {
        writeln!(out, "  passed on by {}:", output::visible(&escalation.moderator_id))?;
        quote(out, &escalation.note)?;
    }
    Ok(Ended::Done)
}

/// Says what a moderator did.
pub(super) fn verb(verdict: pb::Verdict) -> &'static str {
    if verdict == pb::Verdict::Approve { "approved" } else { "rejected" }
}

/// Says why a moderator ruled so: the reason, and the labels in the order of their names.
pub(super) fn why(reason: &str, labels: &HashMap<String, bool>) -> String {
    let reason = if reason.is_empty() { String::new() } else { format!(", {}", output::visible(reason)) };
    let labels: BTreeMap<_, _> = labels.iter().collect();
    let labels = labels.into_iter().map(|(name, truth)| format!(", {name} {}", if *truth { "yes" } else { "no" }));
    format!("{reason}{}", labels.collect::<String>())
}
