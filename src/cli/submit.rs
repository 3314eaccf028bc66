//! `ombud submit`: sends comments to a server.

use super::args::SubmitArgs;
use super::classify::complain;
use super::client::{Refused, block_on, connect};
use super::lines::Lines;
use super::progress::Bar;
use super::{Ended, json, output};
use crate::grpc::{Client, pb};
use pb::submit_comments_response::Result as Answer;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::{self, BufReader, BufWriter, Write as _},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

/// Comments that are read ahead of the network.
const AHEAD_MAX: usize = 64;

#[derive(Deserialize)]
struct Line {
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
        let client = connect(&args.server.server).await?;
        match args.text.take() {
            Some(text) => one(client, &args, text).await,
            None => many(client, args).await,
        }
    })
}

async fn one(mut client: Client<Channel>, args: &SubmitArgs, text: String) -> anyhow::Result<Ended> {
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

fn request(line: Line, args: &SubmitArgs) -> pb::SubmitCommentRequest {
    let or = |given: Option<String>, flag: &str| given.unwrap_or_else(|| flag.to_owned());
    pb::SubmitCommentRequest {
        site_id: or(line.site_id, &args.site),
        article_id: or(line.article_id, &args.article),
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

/// How reading standard input ended.
struct Read {
    sent: u64,
    bad: u64,
}

async fn many(mut client: Client<Channel>, args: SubmitArgs) -> anyhow::Result<Ended> {
    let (sender, receiver) = mpsc::channel(AHEAD_MAX);
    let bar = Bar::counter("comments");
    let reading = tokio::task::spawn_blocking(move || read(&args, &sender));
    let mut answers = client.submit_comments(ReceiverStream::new(receiver)).await.map_err(Refused)?.into_inner();
    let mut out = BufWriter::new(io::stdout().lock());
    let mut early: BTreeMap<u64, Answer> = BTreeMap::new();
    let (mut next, mut refused) = (0, 0_u64);
    while let Some(answer) = answers.message().await.map_err(Refused)? {
        let Some(result) = answer.result else { continue };
        early.insert(answer.index, result);
        while let Some(result) = early.remove(&next) {
            next += 1;
            bar.advance(1);
            match result {
                Answer::Response(response) => output::json_line(&mut out, &json::submitted(response))?,
                Answer::Failure(failure) => {
                    refused += 1;
                    output::json_line(&mut out, &json::refusal(failure))?;
                }
            }
        }
        if early.is_empty() {
            out.flush()?;
        }
    }
    out.flush()?;
    bar.finish();
    let read = reading.await??;
    if next < read.sent {
        anyhow::bail!("the server ended the stream after {next} of {} comments; send the rest again", read.sent);
    }
    if refused > 0 {
        writeln!(io::stderr().lock(), "{refused} of {} comments were refused", read.sent)?;
    }
    Ok(Ended::done_if(refused == 0 && read.bad == 0))
}

/// Reads standard input into the stream; stops where the server has ended it.
fn read(args: &SubmitArgs, sender: &mpsc::Sender<pb::SubmitCommentsRequest>) -> io::Result<Read> {
    let mut lines = Lines::new(BufReader::new(io::stdin().lock()));
    let mut read = Read { sent: 0, bad: 0 };
    while let Some(line) = lines.next::<Line>()? {
        match line {
            Ok(line) => {
                let submission = pb::SubmitCommentsRequest { submission: Some(request(line, args)) };
                if sender.blocking_send(submission).is_err() {
                    break;
                }
                read.sent += 1;
            }
            Err(bad) => {
                read.bad += 1;
                complain(&bad)?;
            }
        }
    }
    Ok(read)
}
