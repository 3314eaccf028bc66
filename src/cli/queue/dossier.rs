//! `ombud queue show`: a comment with all that a ruling needs.

use super::args::ShowArgs;
use super::item::{show as show_item, verb, why};
use crate::cli::client::{Refused, connect_to_review};
use crate::cli::{Ended, json, json_review, output};
use crate::grpc::pb;
use std::io::{self, Write};

pub(crate) async fn show(args: ShowArgs) -> anyhow::Result<Ended> {
    let ShowArgs { comment_id, site: site_id, server, json: as_json } = args;
    let request = pb::GetReviewItemRequest { site_id, comment_id };
    let found = connect_to_review(&server).await?.get_review_item(request).await.map_err(Refused)?.into_inner();
    if as_json {
        output::json_line(&mut io::stdout().lock(), &json_review::dossier(found))?;
        return Ok(Ended::Done);
    }
    let mut out = anstream::stdout().lock();
    let item = found.item.clone().unwrap_or_default();
    if let Some(parent) = &found.parent {
        writeln!(out, "answers")?;
        text(&mut out, parent)?;
        writeln!(out)?;
    }
    show_item(&mut out, item, false)?;
    for earlier in found.earlier_revisions.iter().rev() {
        writeln!(out, "\nrevision {} was", earlier.number)?;
        text(&mut out, earlier)?;
    }
    if let Some(pb::AuthorRecord { published, held, rejected }) = found.author {
        writeln!(out, "\nthe author has {published} published, {held} held, {rejected} rejected")?;
    }
    for ruled in &found.author_verdicts {
        let at = output::time(ruled.settled_at).unwrap_or_default();
        let (verb, why) = (verb(ruled.verdict()), why(&ruled.reason, &ruled.labels));
        let (id, moderator) = (output::visible(&ruled.comment_id), output::visible(&ruled.moderator_id));
        writeln!(out, "  {at}  {id} {verb} by {moderator}{why}")?;
    }
    for report in &found.reports {
        let at = output::time(report.reported_at).unwrap_or_default();
        let (who, standing) = (output::visible(&report.reporter_id), json_review::standing(report.standing()));
        let why = output::visible(&report.reason);
        writeln!(out, "\n{at}  reported by {who} for {why}, weighs {:.2}, {standing}", report.weight)?;
        quote(&mut out, &report.text)?;
    }
    for note in &found.notes {
        let at = output::time(note.noted_at).unwrap_or_default();
        writeln!(out, "\n{at}  note by {}", output::visible(&note.moderator_id))?;
        quote(&mut out, &note.text)?;
    }
    if let Some(campaign) = found.campaign.filter(|campaign| campaign.members > 1) {
        let pb::Campaign { campaign_id, members, waiting, .. } = campaign;
        writeln!(out, "\none of {members} alike, {waiting} of them waiting (campaign {campaign_id})")?;
        for similar in &found.similar {
            text(&mut out, similar)?;
        }
    }
    Ok(Ended::Done)
}

/// Shows a revision's text with its decision.
fn text(out: &mut impl Write, revision: &pb::Revision) -> io::Result<()> {
    let outcome = revision.decision.as_ref().map(pb::Decision::outcome).unwrap_or_default();
    let style = output::outcome_style(outcome);
    let comment = revision.comment.clone().unwrap_or_default();
    let erased = comment.erased_at.is_some();
    let name = output::unless_erased(&output::visible(&comment.author.unwrap_or_default().name), erased);
    writeln!(
        out,
        "{style}{}{style:#}  {}, by {name}",
        json::outcome_name(outcome),
        output::visible(&comment.comment_id)
    )?;
    quote(out, &output::unless_erased(&comment.text, erased))
}

/// Shows what somebody wrote, a line for each of its lines.
pub(crate) fn quote(out: &mut impl Write, text: &str) -> io::Result<()> {
    text.lines().try_for_each(|line| writeln!(out, "  | {}", output::visible(line)))
}
