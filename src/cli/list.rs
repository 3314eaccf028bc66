//! `ombud get` and `ombud list`: show what a server keeps.

use super::args::{GetArgs, ListArgs};
use super::client::{Refused, block_on, connect};
use super::{Ended, json, output};
use crate::grpc::pb;
use comfy_table::{Table, presets};
use pb::list_comments_request::Filter;
use std::io::{self, BufWriter, IsTerminal as _, Write};

/// Comments that are asked for at once.
const PAGE_SIZE: i32 = 200;
/// What a list shows of each comment.
const HEADER: [&str; 6] = ["id", "received", "decision", "highest score", "name", "comment"];
/// The last column.
const TEXT_COLUMN: usize = HEADER.len() - 1;
/// Characters of a text that a list shows where it isn't told how wide the terminal is.
const TEXT_CHARS: usize = 60;
/// Characters of a text that are shown however narrow the terminal is.
const TEXT_CHARS_MIN: usize = 16;

pub(crate) fn get(args: GetArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let mut client = connect(&args.server).await?;
        let request = pb::GetCommentRequest { site_id: args.site, comment_id: args.comment_id };
        let stored = client.get_comment(request).await.map_err(Refused)?.into_inner();
        if args.json {
            output::json_line(&mut io::stdout().lock(), &json::comment_with_revisions(stored))?;
        } else {
            let mut out = anstream::stdout().lock();
            for revision in stored.revisions {
                print_revision(&mut out, &revision)?;
            }
        }
        Ok(Ended::Done)
    })
}

/// Writes a revision with its decision for people.
pub(crate) fn print_revision(out: &mut impl Write, revision: &pb::Revision) -> anyhow::Result<()> {
    let comment = revision.comment.clone().unwrap_or_default();
    let decision = revision.decision.clone().unwrap_or_default();
    let style = output::outcome_style(decision.outcome());
    let received = output::time(revision.received_at).unwrap_or_default();
    let erased = comment.erased_at.is_some();
    let name = output::unless_erased(&output::visible(&comment.author.unwrap_or_default().name), erased);
    writeln!(
        out,
        "{style}{}{style:#}  revision {} of {received}, by {name} on {}",
        json::outcome_name(decision.outcome()),
        revision.number,
        output::visible(&comment.article_id),
    )?;
    if let Some(at) = output::time(comment.erased_at) {
        writeln!(out, "  erased at {at}")?;
    }
    for line in output::unless_erased(&comment.text, erased).lines() {
        writeln!(out, "  | {}", output::visible(line))?;
    }
    for reason in output::reasons(&decision, &comment.text) {
        writeln!(out, "  {reason}")?;
    }
    let mut scores: Vec<_> = decision.scores.iter().collect();
    scores.sort_by(|a, b| b.1.total_cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let scores: Vec<String> = scores.into_iter().map(|(name, score)| format!("{name} {score:.2}")).collect();
    writeln!(out, "  scores: {}", scores.join("  "))?;
    writeln!(out, "  model {}, policy {}", decision.model_version, decision.policy_version)?;
    Ok(())
}

pub(crate) fn list(args: ListArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let mut client = connect(&args.server).await?;
        let filter = match (args.article, args.author_id) {
            (Some(id), _) => Some(Filter::ArticleId(id)),
            (None, id) => id.map(Filter::AuthorId),
        };
        let mut left = args.limit.unwrap_or(usize::MAX);
        let mut out = BufWriter::new(io::stdout().lock());
        let mut rows = Vec::new();
        let mut page_token = String::new();
        while left > 0 {
            let page_size = PAGE_SIZE.min(i32::try_from(left).unwrap_or(PAGE_SIZE));
            let request =
                pb::ListCommentsRequest { site_id: args.site.clone(), filter: filter.clone(), page_size, page_token };
            let page = client.list_comments(request).await.map_err(Refused)?.into_inner();
            left -= page.comments.len().min(left);
            for revision in page.comments {
                if args.jsonl {
                    output::json_line(&mut out, &json::comment(revision))?;
                } else {
                    rows.push(row(revision));
                }
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        if !args.jsonl {
            match rows.len() {
                0 => writeln!(io::stderr().lock(), "no comments")?,
                _ => writeln!(out, "{}", table(rows))?,
            }
        }
        out.flush()?;
        Ok(Ended::Done)
    })
}

/// Lays rows out. On a terminal texts are cut so that a row fits, and nothing is ever broken: an id on two lines can't be
/// copied.
fn table(mut rows: Vec<[String; 6]>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(HEADER);
    if let Some(width) = table.width() {
        let widest = |column: usize| {
            let cells = rows.iter().map(|row| row[column].as_str()).chain([HEADER[column]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default() + 2
        };
        let others: usize = (0..TEXT_COLUMN).map(widest).sum();
        let left = usize::from(width).saturating_sub(others + 2).max(TEXT_CHARS_MIN);
        for row in &mut rows {
            row[TEXT_COLUMN] = output::shorten(&row[TEXT_COLUMN], left);
        }
    }
    table.add_rows(rows);
    table
}

fn row(revision: pb::Revision) -> [String; 6] {
    let comment = revision.comment.unwrap_or_default();
    let decision = revision.decision.unwrap_or_default();
    let erased = comment.erased_at.is_some();
    let top = output::top_score(&decision).map(|(attribute, score)| format!("{attribute} {score:.2}"));
    let text = output::unless_erased(&output::visible(&comment.text), erased);
    [
        output::visible(&comment.comment_id),
        output::time(revision.received_at).unwrap_or_default(),
        json::outcome_name(decision.outcome()).to_owned(),
        top.unwrap_or_default(),
        output::shorten(&output::unless_erased(&output::visible(&comment.author.unwrap_or_default().name), erased), 20),
        // On a terminal, its width decides.
        if io::stdout().is_terminal() { text } else { output::shorten(&text, TEXT_CHARS) },
    ]
}
