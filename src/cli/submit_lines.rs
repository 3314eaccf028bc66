//! `ombud submit --jsonl`: a line on standard output for each line of standard input, in the same order.

use super::args::SubmitArgs;
use super::classify::complain;
use super::client::{Connection, Refused};
use super::lines::{BadLine, Lines};
use super::progress::Bar;
use super::submit::{Line, request};
use super::{Ended, json, output};
use crate::grpc::{Client, pb};
use anyhow::Context as _;
use pb::submit_comments_response::Result as Answer;
use prost::Message as _;
use std::{
    collections::BTreeMap,
    io::{self, BufReader, BufWriter, Write},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

/// Comments that are read ahead of the network.
const AHEAD_MAX: usize = 64;
/// Lines that wait to be answered.
const LINES_MAX: usize = 4096;
/// Bytes that a message may take on the wire with the server's default settings.
const MESSAGE_BYTES_MAX: usize = 256 << 10;

/// What has become of a line of standard input.
enum Noted {
    /// It was sent.
    Sent {
        /// Counts from 1.
        number: u64,
        comment_id: String,
    },
    /// It can't be sent.
    Bad(BadLine),
    /// It, and what follows it, can't be read.
    Failed(io::Error),
}

pub(super) async fn run(mut client: Client<Connection>, args: SubmitArgs) -> anyhow::Result<Ended> {
    let (comments, sent) = mpsc::channel(AHEAD_MAX);
    let (noted, mut lines) = mpsc::channel(LINES_MAX);
    // A thread that nobody waits for: when the server goes away, it may sit in a read of standard input for ever.
    std::thread::spawn(move || read(&args, &comments, noted));
    let answers = client.submit_comments(ReceiverStream::new(sent)).await.map_err(Refused)?.into_inner();
    let mut answers = Answers { stream: answers, early: BTreeMap::new(), taken: 0, ended: false };
    let bar = Bar::counter("comments");
    let mut out = BufWriter::new(io::stdout().lock());
    let mut told = Told::default();
    let ended = tell_all(&mut lines, &mut answers, &bar, &mut out, &mut told).await;
    // What was answered is told, however the stream ended.
    out.flush()?;
    bar.finish();
    ended.with_context(|| {
        format!("the stream ended after {} answers; send the lines after line {} again", answers.taken, told.last_line)
    })?;
    if told.refused > 0 {
        writeln!(io::stderr().lock(), "{} of {} lines were refused", told.refused, told.count)?;
    }
    Ok(Ended::done_if(told.refused == 0))
}

/// How many lines were told of.
#[derive(Default)]
struct Told {
    count: u64,
    refused: u64,
    /// The number of the last one.
    last_line: u64,
}

/// Prints a line for each line, as soon as those before it are known.
async fn tell_all(
    lines: &mut mpsc::Receiver<Noted>,
    answers: &mut Answers,
    bar: &Bar,
    out: &mut impl Write,
    told: &mut Told,
) -> anyhow::Result<()> {
    loop {
        let noted = tokio::select! {
            noted = lines.recv() => noted,
            more = answers.more(), if !answers.ended => {
                more?;
                // The reader lets go of its lines before it lets the stream end, so a stream that ended first was ended by
                // the server.
                if answers.ended && !lines.is_closed() {
                    anyhow::bail!("the server ended it");
                }
                continue;
            }
        };
        let (number, refused) = match noted {
            None => return Ok(()),
            Some(Noted::Failed(error)) => return Err(error).context("cannot read standard input"),
            Some(Noted::Bad(bad)) => {
                complain(&bad)?;
                let number = bad.number;
                output::json_line(out, &json::Numbered::new(number, json::refused_line(bad)))?;
                (number, true)
            }
            Some(Noted::Sent { number, comment_id }) => match answers.next().await? {
                Answer::Response(response) => {
                    output::json_line(out, &json::Numbered::new(number, json::submitted(response)))?;
                    (number, false)
                }
                Answer::Failure(failure) => {
                    output::json_line(out, &json::Numbered::new(number, json::refusal(comment_id, failure)))?;
                    (number, true)
                }
            },
        };
        bar.advance(1);
        told.count += 1;
        told.refused += u64::from(refused);
        told.last_line = number;
        // Whoever writes one line and waits for its answer gets it.
        if lines.is_empty() {
            out.flush()?;
        }
    }
}

/// The server's answers, which come in any order.
struct Answers {
    stream: Streaming<pb::SubmitCommentsResponse>,
    /// What came before its turn, by the comment's place in the stream.
    early: BTreeMap<u64, Answer>,
    /// How many were taken out.
    taken: u64,
    ended: bool,
}

impl Answers {
    /// Waits for one answer, or for the end.
    async fn more(&mut self) -> anyhow::Result<()> {
        match self.stream.message().await.map_err(Refused)? {
            Some(pb::SubmitCommentsResponse { index, result, .. }) => {
                self.early.extend(result.map(|result| (index, result)));
            }
            None => self.ended = true,
        }
        Ok(())
    }

    /// Waits for the answer to the next comment.
    async fn next(&mut self) -> anyhow::Result<Answer> {
        loop {
            if let Some(answer) = self.early.remove(&self.taken) {
                self.taken += 1;
                return Ok(answer);
            }
            if self.ended {
                anyhow::bail!("the server ended it");
            }
            self.more().await?;
        }
    }
}

/// Reads standard input into the stream; stops where the server has ended it.
fn read(args: &SubmitArgs, comments: &mpsc::Sender<pb::SubmitCommentsRequest>, noted: mpsc::Sender<Noted>) {
    let mut lines = Lines::new(BufReader::new(io::stdin().lock()));
    loop {
        let line = match lines.next::<Line>() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => {
                drop(noted.blocking_send(Noted::Failed(error)));
                break;
            }
        };
        let number = lines.number();
        let line = line.and_then(|line| {
            let request = request(line, args);
            let comment_id = request.comment_id.clone();
            let message = pb::SubmitCommentsRequest { submission: Some(request) };
            if message.encoded_len() > MESSAGE_BYTES_MAX {
                // One message over the limit would end the stream for all that follow.
                let what = format!("more than {MESSAGE_BYTES_MAX} bytes in a message");
                return Err(BadLine { number, reason: "LINE_TOO_LONG", what, comment_id: Some(comment_id) });
            }
            Ok((comment_id, message))
        });
        let went = match line {
            Ok((comment_id, message)) => noted
                .blocking_send(Noted::Sent { number, comment_id })
                .is_ok_and(|()| comments.blocking_send(message).is_ok()),
            Err(bad) => noted.blocking_send(Noted::Bad(bad)).is_ok(),
        };
        if !went {
            break;
        }
    }
    // Before the stream ends.
    drop(noted);
}
