//! `ombud submit`: sends comments to a server.

use super::args::SubmitArgs;
use super::classify::complain;
use super::client::{Connection, Refused, block_on, connect};
use super::lines::{BadLine, Lines};
use super::progress::Bar;
use super::{Ended, json, output};
use crate::grpc::{Client, pb};
use anyhow::Context as _;
use pb::submit_comments_response::Result as Answer;
use prost::Message as _;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    io::{self, BufReader, BufWriter, Write as _},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

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
        let client = connect(&args.server).await?;
        match args.text.take() {
            Some(text) => one(client, &args, text).await,
            None => many(client, args).await,
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

fn request(line: Line, args: &SubmitArgs) -> pb::SubmitCommentRequest {
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

/// Bytes that a message may take on the wire with the server's default settings.
const MESSAGE_BYTES_MAX: usize = 256 << 10;

/// What has become of standard input so far.
#[derive(Default)]
struct Progress {
    sent: AtomicU64,
    bad: AtomicU64,
}

async fn many(mut client: Client<Connection>, args: SubmitArgs) -> anyhow::Result<Ended> {
    let (sender, receiver) = mpsc::channel(AHEAD_MAX);
    let (finished, mut reading) = oneshot::channel();
    let progress = Arc::new(Progress::default());
    let reader = Arc::clone(&progress);
    // A thread that nobody waits for: when the server goes away, it may sit in a read of standard input for ever.
    std::thread::spawn(move || drop(finished.send(read(&args, &sender, &reader))));
    let bar = Bar::counter("comments");
    let mut out = BufWriter::new(io::stdout().lock());
    let mut answered = Answered::default();
    let ended = print_answers(&mut client, receiver, &bar, &mut out, &mut answered).await;
    // What was answered is told, however the stream ended.
    out.flush()?;
    bar.finish();
    let sent = || progress.sent.load(Ordering::Relaxed);
    ended
        .with_context(|| format!("the stream ended after {} answers; send the other comments again", answered.count))?;
    if answered.count < sent() {
        anyhow::bail!("the server ended the stream after {} answers; send the other comments again", answered.count);
    }
    // The reader reports before it lets go of the stream, so a stream that ended first was ended by the server.
    match reading.try_recv() {
        Ok(read) => read?,
        Err(_) => anyhow::bail!("the server ended the stream after {} answers", answered.count),
    }
    if answered.refused > 0 {
        writeln!(io::stderr().lock(), "{} of {} comments were refused", answered.refused, sent())?;
    }
    Ok(Ended::done_if(answered.refused == 0 && progress.bad.load(Ordering::Relaxed) == 0))
}

/// How many answers were printed.
#[derive(Default)]
struct Answered {
    count: u64,
    refused: u64,
}

/// Prints a line for each answer, in the order of the comments.
async fn print_answers(
    client: &mut Client<Connection>,
    comments: mpsc::Receiver<pb::SubmitCommentsRequest>,
    bar: &Bar,
    out: &mut impl io::Write,
    answered: &mut Answered,
) -> anyhow::Result<()> {
    let mut answers = client.submit_comments(ReceiverStream::new(comments)).await.map_err(Refused)?.into_inner();
    let mut early: BTreeMap<u64, Answer> = BTreeMap::new();
    while let Some(answer) = answers.message().await.map_err(Refused)? {
        let Some(result) = answer.result else { continue };
        early.insert(answer.index, result);
        while let Some(result) = early.remove(&answered.count) {
            answered.count += 1;
            bar.advance(1);
            match result {
                Answer::Response(response) => output::json_line(out, &json::submitted(response))?,
                Answer::Failure(failure) => {
                    answered.refused += 1;
                    output::json_line(out, &json::refusal(failure))?;
                }
            }
        }
        if early.is_empty() {
            out.flush()?;
        }
    }
    Ok(())
}

/// Reads standard input into the stream; stops where the server has ended it.
fn read(args: &SubmitArgs, sender: &mpsc::Sender<pb::SubmitCommentsRequest>, progress: &Progress) -> io::Result<()> {
    let mut lines = Lines::new(BufReader::new(io::stdin().lock()));
    while let Some(line) = lines.next::<Line>()? {
        let number = lines.number();
        let bad = match line {
            Ok(line) => {
                let submission = pb::SubmitCommentsRequest { submission: Some(request(line, args)) };
                if submission.encoded_len() > MESSAGE_BYTES_MAX {
                    // One message over the limit would end the stream for all that follow.
                    BadLine { number, what: format!("more than {MESSAGE_BYTES_MAX} bytes in a message") }
                } else if sender.blocking_send(submission).is_err() {
                    break;
                } else {
                    progress.sent.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
            }
            Err(bad) => bad,
        };
        progress.bad.fetch_add(1, Ordering::Relaxed);
        complain(&bad)?;
    }
    Ok(())
}
