//! `ombud doctor`: acts as a client of another service against a server, and says what works.
//!
//! Each client is a module that sends what that client sends and looks at what it reads. Nothing of it leaves a trace on the
//! server: comments are scored and not kept, and what would teach a model is asked in a way that teaches nothing.

mod akismet;
mod coral;
mod http;
mod openai;
mod perspective;

use super::args::TlsArgs;
use super::client::block_on;
use super::{Ended, numbers, output};
use ::http::Request;
use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use http::Server;
use serde::Serialize;
use std::{io::Write as _, time::Duration};

/// A comment of 200 characters.
const COMMENT: &str = "The council has debated the new bridge for three years now, and I still can't see who would use it. Could the \
                       paper print the figures of the traffic count, so that readers can judge for themselves?";

#[derive(Args)]
#[command(
    after_help = "Exit status: 0 all works, 1 something doesn't, 2 no server answered.\n\nExamples:\n  ombud doctor --as coral \
                  https://ombud.news.example --key \"$KEY\"\n  ombud doctor --as perspective http://127.0.0.1:8787"
)]
pub(crate) struct DoctorArgs {
    /// The client to act as
    #[arg(long = "as", value_name = "CLIENT")]
    client: Client,
    /// The server's address, as the client is given it
    #[arg(value_name = "URL")]
    url: String,
    /// The key that the client has: a token of Ombud's
    #[arg(long, value_name = "TOKEN", env = "OMBUD_TOKEN", hide_env_values = true)]
    key: Option<String>,
    /// How often to ask for the latency
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = numbers::whole(1..=10_000_usize))]
    calls: usize,
    #[command(flatten)]
    tls: TlsArgs,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Client {
    /// Coral's moderation phase "toxic comments", and its feedback
    Coral,
    /// Clients of the Perspective API
    Perspective,
    /// Clients of OpenAI's moderation
    Openai,
    /// Clients of Akismet
    Akismet,
}

/// How something looks.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    Works,
    /// It works, but somebody should know.
    Note,
    Fails,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    verdict: Verdict,
    what: &'static str,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    fn works(what: &'static str, found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Works, what, found: found.into(), advice: None }
    }

    fn note(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, what, found: found.into(), advice: Some(advice.into()) }
    }

    fn fails(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fails, what, found: found.into(), advice: Some(advice.into()) }
    }
}

/// What a client needs to be one.
struct Visit {
    server: Server,
    key: Option<String>,
    calls: usize,
    findings: Vec<Finding>,
}

/// What was found.
#[derive(Serialize)]
struct Report {
    client: Client,
    works: bool,
    findings: Vec<Finding>,
}

pub(crate) fn run(args: DoctorArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let server = Server::connect(&args.url, &args.tls).await?;
        let connected = Finding::works("connection", format!("within {}", millis(server.connected)));
        // What is empty, as an unset variable may be, is none.
        let key = args.key.filter(|key| !key.trim().is_empty());
        let mut visit = Visit { server, key, calls: args.calls, findings: vec![connected] };
        match args.client {
            Client::Coral => coral::visit(&mut visit).await?,
            Client::Perspective => perspective::visit(&mut visit).await?,
            Client::Openai => openai::visit(&mut visit).await?,
            Client::Akismet => akismet::visit(&mut visit).await?,
        }
        let works = visit.findings.iter().all(|finding| finding.verdict != Verdict::Fails);
        let report = Report { client: args.client, works, findings: visit.findings };
        if args.json {
            output::json_line(&mut std::io::stdout().lock(), &report)?;
        } else {
            print(&report)?;
        }
        Ok(Ended::done_if(works))
    })
}

fn print(report: &Report) -> std::io::Result<()> {
    let mut out = anstream::stdout().lock();
    for Finding { verdict, what, found, advice } in &report.findings {
        let (mark, colour) = match verdict {
            Verdict::Works => ("works", AnsiColor::Green),
            Verdict::Note => ("note ", AnsiColor::Yellow),
            Verdict::Fails => ("fails", AnsiColor::Red),
        };
        let style = Style::new().fg_color(Some(colour.into()));
        writeln!(out, "{style}{mark}{style:#}  {what}: {}", output::visible(found))?;
        if let Some(advice) = advice {
            writeln!(out, "       {}", output::visible(advice))?;
        }
    }
    Ok(())
}

impl Visit {
    /// Asks often enough to say how long it takes, and holds that against what the client waits.
    async fn latency(
        &mut self,
        request: impl Fn() -> anyhow::Result<Request<Vec<u8>>>,
        waits: Option<(Duration, &str)>,
    ) -> anyhow::Result<()> {
        let mut took = Vec::with_capacity(self.calls);
        for _ in 0..self.calls {
            let answer = self.server.send(request()?).await?;
            if answer.status == 429 {
                let advice = "the key's rate is lower than what was asked here; --calls asks less often";
                self.findings.push(Finding::note("latency", "the server said that the key asks too often", advice));
                return Ok(());
            }
            took.push(answer.took);
        }
        took.sort_unstable();
        let of = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)];
        let found = format!(
            "{} for half of {} calls, {} for 99 of 100, {} at most",
            millis(of(50)),
            took.len(),
            millis(of(99)),
            millis(of(100))
        );
        self.findings.push(match waits {
            None => Finding::works("latency", found),
            Some((most, whose)) if of(100) < most => {
                Finding::works("latency", format!("{found}; {whose} waits {}", millis(most)))
            }
            Some((most, whose)) => Finding::fails(
                "latency",
                format!("{found}; {whose} waits {} and goes on without an answer", millis(most)),
                "put the server closer, or have the client wait longer",
            ),
        });
        Ok(())
    }
}

fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// Joins the path of an address with one behind it.
fn behind(url: &::http::Uri, path: &str) -> String {
    format!("{}{path}", url.path().trim_end_matches('/'))
}
