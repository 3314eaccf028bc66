//! `ombud submit`: sends a comment to a server, or with `--jsonl` those of [`super::submit_lines`].

use super::args::SubmitArgs;
use super::client::{Connection, Refused, block_on, connect};
use super::{Ended, json, output, submit_lines};
use crate::grpc::{Client, pb};
use serde::Deserialize;
use std::io::{self, Write as _};

/// A comment as a line of standard input has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    text: String,
    article_id: Option<String>,
    site_id: Option<String>,
    comment_id: Option<String>,
    parent_id: Option<String>,
    author_id: Option<String>,
    author_name: Option<String>,
}

pub(crate) fn run(mut args: SubmitArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let client = connect(&args.server).await?;
        match args.text.take() {
            Some(text) => one(client, &args, text).await,
            None => submit_lines::run(client, args).await,
        }
    })
}

async fn one(mut client: Client<Connection>, args: &SubmitArgs, text: String) -> anyhow::Result<Ended> {
    let line = Line {
        text: text.clone(),
        article_id: None,
        site_id: None,
        comment_id: Some(args.comment_id.clone()),
        parent_id: Some(args.parent_id.clone()),
        author_id: None,
        author_name: None,
    };
    let response = client.submit_comment(request(line, args)).await.map_err(Refused)?.into_inner();
    if args.json {
        output::json_line(&mut io::stdout().lock(), &json::submitted(response))?;
        return Ok(Ended::Done);
    }
    let decision = response.decision.unwrap_or_default();
    let mut out = anstream::stdout().lock();
    let style = output::outcome_style(decision.outcome());
    let repeated = if response.repeated { "  (decided on before)" } else { "" };
    writeln!(out, "{style}{}{style:#}{repeated}", json::outcome_name(decision.outcome()))?;
    for reason in output::reasons(&decision, &text) {
        writeln!(out, "  {reason}")?;
    }
    if let (true, Some((attribute, score))) = (decision.reasons.is_empty(), output::top_score(&decision)) {
        writeln!(out, "  {:<15} {}  the highest score", attribute.name(), output::bar(score))?;
    }
    writeln!(out, "  id {}", response.comment_id)?;
    Ok(Ended::Done)
}

/// Returns the request that a line makes; the flags fill what it lacks.
pub(super) fn request(line: Line, args: &SubmitArgs) -> pb::SubmitCommentRequest {
    let or = |given: Option<String>, flag: &str| given.unwrap_or_else(|| flag.to_owned());
    pb::SubmitCommentRequest {
        site_id: or(line.site_id, &args.site),
        article_id: or(line.article_id, args.article.as_deref().unwrap_or(if args.jsonl { "" } else { "default" })),
        comment_id: line.comment_id.unwrap_or_default(),
        parent_id: line.parent_id.unwrap_or_default(),
        author: Some(pb::Author {
            author_id: or(line.author_id, &args.author_id),
            name: or(line.author_name, &args.author_name),
        }),
        text: line.text,
        submitted_at: None,
        request_id: String::new(),
    }
}
