//! All that a ruling needs, in rows that the moderator scrolls through: the comment, and what stands around it.

use super::ago::ago;
use super::cells::{cut, wrap};
use super::explanation;
use super::why::{self, Why};
use crate::cli::json;
use crate::cli::json_review;
use crate::cli::output::{unless_erased, visible};
use crate::cli::review::state::{Held, State, told_labels};
use crate::domain::Attribute;
use crate::grpc::pb;
use ratatui::{
    style::Stylize as _,
    text::{Line, Span},
};

/// Rows of the comment that this one answers, above it; the whole of it stands below.
const PARENT_ROWS: usize = 2;

/// What is shown, and how wide.
struct Page {
    rows: Vec<Line<'static>>,
    cells: usize,
}

/// Returns everything, in rows of at most `cells`, but for what stands in full above it.
pub(super) fn rows(state: &State, held: &Held, now: i64, cells: usize, above: &Why) -> Vec<Line<'static>> {
    let mut page = Page { rows: Vec::new(), cells };
    let comment = held.comment();
    let dossier = held.dossier.as_deref();
    if state.explains {
        for reason in &above.more_reasons {
            page.line(reason);
        }
        page.rows.extend(explanation::rows(held, cells));
        page.gap();
    }
    let parent = dossier.and_then(|dossier| dossier.parent.as_ref());
    let is_cut = match parent {
        Some(parent) => page.begin_of(parent),
        None if !comment.parent_id.is_empty() && dossier.is_some() => {
            page.line(&format!("answers {}, which is not known here", visible(&comment.parent_id)));
            page.gap();
            false
        }
        None => false,
    };
    let marks = if state.explains { explanation::marks(held) } else { Vec::new() };
    for line in explanation::text(&comment.text, &marks) {
        page.rows.extend(wrap(&line, cells));
    }
    page.item(&held.item, now);
    if let Some(dossier) = dossier {
        page.dossier(dossier, now);
    }
    if !above.has_facts {
        page.heading(&why::facts(held, now));
    }
    if let (true, Some(parent)) = (is_cut, parent) {
        page.heading(&format!("the comment that it answers, by {}", name(parent)));
        page.quote(&text(parent));
    }
    page.rows
}

impl Page {
    fn gap(&mut self) {
        if !self.rows.is_empty() {
            self.rows.push(Line::default());
        }
    }

    fn heading(&mut self, what: &str) {
        self.gap();
        self.rows.extend(wrap(&Line::from(what.to_owned()).bold(), self.cells));
    }

    fn line(&mut self, what: &str) {
        self.rows.extend(wrap(&Line::from(what.to_owned()), self.cells));
    }

    /// Shows what somebody wrote, a line for each of its lines.
    fn quote(&mut self, text: &str) {
        for line in text.lines() {
            for mut row in wrap(&Line::from(visible(line)), self.cells.saturating_sub(2)) {
                row.spans.insert(0, Span::from("> ").dim());
                self.rows.push(row);
            }
        }
    }

    /// Shows how the comment begins that this one answers, and returns whether there is more of it.
    fn begin_of(&mut self, parent: &pb::Revision) -> bool {
        let said = format!("answers {} ({}): {}", name(parent), outcome(parent), visible(&text(parent)));
        let rows = wrap(&Line::from(said).dim(), self.cells);
        let is_cut = rows.len() > PARENT_ROWS;
        let last = rows.get(PARENT_ROWS - 1).map(|row| format!("{row} …")).filter(|_| is_cut);
        self.rows.extend(rows.into_iter().take(if is_cut { PARENT_ROWS - 1 } else { PARENT_ROWS }));
        if let Some(last) = last {
            self.rows.push(Line::from(cut(&last, self.cells)).dim());
        }
        self.gap();
        is_cut
    }

    /// Shows what came with the claim.
    fn item(&mut self, item: &pb::ReviewItem, now: i64) {
        if let Some(escalation) = &item.escalation {
            let at = ago(now, escalation.escalated_at.as_ref());
            self.heading(&format!("passed on by {}, {at}", visible(&escalation.moderator_id)));
            self.quote(&escalation.note);
        }
        if let Some(appeal) = &item.appeal {
            let (at, standing) =
                (ago(now, appeal.appealed_at.as_ref()), json_review::appeal_standing(appeal.standing()));
            let against = visible(&appeal.against_moderator_id);
            let against = if against.is_empty() { String::new() } else { format!(", against {against}'s verdict") };
            self.heading(&format!("the author's appeal, {at}, {standing}{against}"));
            self.quote(if appeal.text.is_empty() { "(without a word)" } else { &appeal.text });
        }
        if let Some(probability) = item.audit_probability {
            self.heading(&format!("drawn for audit, as one of {:.0}", 1.0 / probability.max(f32::EPSILON)));
        }
        if let Some(challenged) = &item.challenged {
            let outcome = json::outcome_name(challenged.outcome());
            let says = challenged.likely_to_reject;
            self.heading(&format!("the challenger would {outcome}, likely to reject {says:.2}"));
        }
    }

    /// Shows what was asked for besides.
    fn dossier(&mut self, dossier: &pb::GetReviewItemResponse, now: i64) {
        if !dossier.reports.is_empty() {
            self.heading(&reported(dossier));
        }
        for report in &dossier.reports {
            let (at, standing) = (ago(now, report.reported_at.as_ref()), json_review::standing(report.standing()));
            let (why, who) = (visible(&report.reason), visible(&report.reporter_id));
            self.line(&format!("{why}, by {who}, {at}, weighs {:.2}, {standing}", report.weight));
            self.quote(&report.text);
        }
        for note in &dossier.notes {
            let at = ago(now, note.noted_at.as_ref());
            self.heading(&format!("note by {}, {at}", visible(&note.moderator_id)));
            self.quote(&note.text);
        }
        if !dossier.author_verdicts.is_empty() {
            self.heading("the last verdicts on the author's comments");
        }
        for ruled in &dossier.author_verdicts {
            let verb = if ruled.verdict() == pb::Verdict::Approve { "approved" } else { "rejected" };
            let why = if ruled.reason.is_empty() { String::new() } else { format!(" for {}", visible(&ruled.reason)) };
            let (at, who) = (ago(now, ruled.settled_at.as_ref()), visible(&ruled.moderator_id));
            let labels = labels(ruled);
            self.line(&format!("{verb}{why}{labels} by {who}, {at}: {}", visible(&ruled.comment_id)));
        }
        if let Some(campaign) = dossier.campaign.as_ref().filter(|campaign| campaign.members > 1) {
            let pb::Campaign { campaign_id, members, waiting, .. } = campaign;
            self.heading(&format!("one of {members} alike, {waiting} of them waiting (campaign {campaign_id})"));
        }
        for similar in &dossier.similar {
            self.line(&format!("{}, by {}", outcome(similar), name(similar)));
            self.quote(&text(similar));
        }
        for earlier in dossier.earlier_revisions.iter().rev() {
            self.heading(&format!("revision {} was, {}", earlier.number, ago(now, earlier.received_at.as_ref())));
            self.quote(&text(earlier));
        }
        if dossier.revisions_omitted > 0 {
            self.line(&format!("{} older revisions are left out", dossier.revisions_omitted));
        }
        let skipped = dossier.item.iter().flat_map(|item| &item.skipped_by).map(|id| visible(id));
        let skipped: Vec<String> = skipped.collect();
        if !skipped.is_empty() {
            self.heading(&format!("skipped by {}", skipped.join(", ")));
        }
    }
}

/// Counts the reports, by what they say.
fn reported(dossier: &pb::GetReviewItemResponse) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for report in &dossier.reports {
        match counts.iter_mut().find(|(reason, _)| *reason == report.reason) {
            Some((_, count)) => *count += 1,
            None => counts.push((&report.reason, 1)),
        }
    }
    let counts: Vec<String> =
        counts.into_iter().map(|(reason, count)| format!("{count} {}", visible(reason))).collect();
    let open = dossier.item.as_ref().map(|item| item.open_reports).unwrap_or_default();
    format!("reported: {}; {open} open", counts.join(", "))
}

/// Says which labels came with a verdict, such as ` with INSULT yes`.
fn labels(ruled: &pb::AuthorVerdict) -> String {
    let given = |name: &str| Attribute::from_name(name);
    let mut labels: Vec<(Attribute, bool)> =
        ruled.labels.iter().filter_map(|(name, truth)| Some((given(name)?, *truth))).collect();
    labels.sort_unstable();
    if labels.is_empty() { String::new() } else { format!(" with {}", told_labels(&labels)) }
}

fn outcome(revision: &pb::Revision) -> &'static str {
    match revision.decision.as_ref().map(pb::Decision::outcome).unwrap_or_default() {
        pb::Outcome::Publish => "published",
        pb::Outcome::Hold => "held",
        pb::Outcome::Reject | pb::Outcome::Unspecified => "rejected",
    }
}

fn name(revision: &pb::Revision) -> String {
    let comment = revision.comment.clone().unwrap_or_default();
    visible(&unless_erased(&comment.author.unwrap_or_default().name, comment.erased_at.is_some()))
}

fn text(revision: &pb::Revision) -> String {
    let comment = revision.comment.clone().unwrap_or_default();
    unless_erased(&comment.text, comment.erased_at.is_some())
}
