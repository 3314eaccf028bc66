//! Why a comment waits, in a few rows that stay in their place however long the comment is.

use super::ago;
use super::cells::{cut, width, wrap};
use crate::cli::output::{reasons, visible};
use crate::cli::review::state::{Held, Mode, State, told_labels};
use crate::domain::Attribute;
use crate::grpc::pb;
use ratatui::{style::Stylize as _, text::Line};

/// Why a comment waits, and what else there is to know of it.
pub(super) struct Why {
    pub(super) rows: Vec<Line<'static>>,
    /// The reasons of which there is more to say than these rows do.
    pub(super) more_reasons: Vec<String>,
    /// Whether this is all else that there is to know.
    pub(super) has_facts: bool,
}

/// Returns the reasons, or the labels to choose from, in `reasons_max` rows, and what else there is to know in `facts_max`,
/// each at least 1 and of at most `cells`.
pub(super) fn rows(state: &State, held: &Held, now: i64, cells: usize, [reasons_max, facts_max]: [usize; 2]) -> Why {
    let (of_reasons, more_reasons) = of_reasons(held, cells, reasons_max);
    let mut rows = if state.mode == Mode::Labels { choice(held, cells) } else { of_reasons };
    let facts = facts(held, now);
    let in_full = wrap(&Line::from(facts.as_str()).bold(), cells);
    let has_facts = in_full.len() <= facts_max;
    rows.extend(if has_facts { in_full } else { vec![Line::from(cut(&facts, cells)).bold()] });
    Why { rows, more_reasons, has_facts }
}

/// Shows the labels that numbers choose.
fn choice(held: &Held, cells: usize) -> Vec<Line<'static>> {
    let one = |(number, attribute): (usize, Attribute)| {
        let given = held.labels.iter().find(|(labelled, _)| *labelled == attribute).map(|(_, truth)| *truth);
        let given = given.map_or("", |truth| if truth { "=yes" } else { "=no" });
        format!("{number}\u{a0}{attribute}{given}")
    };
    let all: Vec<String> = (1..).zip(Attribute::ALL).map(one).collect();
    wrap(&Line::from(format!("label: {}  (l goes on)", all.join("  "))), cells)
}

/// Returns the reasons of the decision in force, in full where there is room; otherwise in a row for each, with those of which
/// that leaves out more than words.
fn of_reasons(held: &Held, cells: usize, rows_max: usize) -> (Vec<Line<'static>>, Vec<String>) {
    let decision = held.decision();
    let reasons = reasons(&decision, &held.comment().text);
    let in_full: Vec<Line<'static>> =
        reasons.iter().flat_map(|reason| wrap(&Line::from(reason.as_str()), cells)).collect();
    if in_full.len() <= rows_max {
        return (in_full, Vec::new());
    }
    let shown = if reasons.len() > rows_max { rows_max.saturating_sub(1) } else { reasons.len() };
    let mut rows: Vec<Line<'static>> =
        reasons.iter().take(shown).map(|reason| Line::from(cut(reason, cells))).collect();
    let more = reasons.len() - shown;
    if more > 0 {
        let reasons = if more == 1 { "reason" } else { "reasons" };
        rows.push(Line::from(cut(&format!("… {more} more {reasons}: e"), cells)).dim());
    }
    // What comes last of a score's reason are words, and an explanation has all of them.
    let of_words = decision.reasons.iter().map(|reason| !reason.attribute.is_empty());
    let of_words: Vec<bool> = of_words.collect();
    let is_told = |(at, reason): &(usize, String)| *at < shown && (of_words[*at] || width(reason) <= cells);
    let more = reasons.into_iter().enumerate().filter(|reason| !is_told(reason)).map(|(_, reason)| reason);
    (rows, more.collect())
}

/// Says in few words what else a ruling rests on, the weightiest first.
pub(super) fn facts(held: &Held, now: i64) -> String {
    let item = &held.item;
    let mut facts = Vec::new();
    if !held.labels.is_empty() {
        facts.push(format!("labels: {}", told_labels(&held.labels)));
    }
    if let Some(escalation) = &item.escalation {
        facts.push(format!("passed on by {}", visible(&escalation.moderator_id)));
    }
    if item.appeal.as_ref().is_some_and(|appeal| appeal.standing() == pb::AppealStanding::Waiting) {
        facts.push("appealed".into());
    }
    if item.open_reports > 0 {
        facts.push(count(item.open_reports, "report"));
    }
    if item.notes > 0 {
        facts.push(count(item.notes, "note"));
    }
    match held.dossier.as_deref() {
        Some(dossier) => {
            if let Some(campaign) = dossier.campaign.as_ref().filter(|campaign| campaign.members > 1) {
                facts.push(format!("one of {} alike", campaign.members));
            }
            facts.push(author(dossier.author.as_ref()));
        }
        None => facts.push("asking for the rest".into()),
    }
    if let Some(since) = &item.waiting_since {
        facts.push(format!("waiting {}", ago::long(now, since)));
    }
    facts.join(" · ")
}

/// Says how an author's comments stand.
fn author(record: Option<&pb::AuthorRecord>) -> String {
    match record {
        Some(pb::AuthorRecord { published, held, rejected }) => {
            format!("author: {published} published, {held} held, {rejected} rejected")
        }
        None => "author without an account".into(),
    }
}

fn count(count: u32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
