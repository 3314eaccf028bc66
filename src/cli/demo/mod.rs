//! `ombud demo`: the whole path, with nothing to set up.

mod newsroom;

use super::args::{DemoArgs, SERVER_DEFAULT, ServerArgs};
use super::client::{Connection, Refused, connect, connect_to_review};
use super::{Ended, config, json, output, serve};
use crate::grpc::{Client, ReviewClient, pb};
use crate::server;
use crate::telemetry;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::Instant,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Where it listens unless told otherwise.
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8787);
/// The comments: a name, a tab, a text.
const COMMENTS: &str = include_str!("comments.tsv");
/// The article that they hang on.
const ARTICLE: &str = "mill-street-closed-to-cars";
const HEADLINE: &str = "Council closes Mill Street to cars on Saturdays";
/// Characters of a text that are shown on one line.
const TEXT_CHARS: usize = 76;
/// Which share of published comments is drawn for audit: more than by default, so that fifty comments show it.
const AUDIT_RATE: f32 = 0.1;
/// How many published comments readers report.
const REPORTED: usize = 2;

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Ended> {
    telemetry::init("warn", false);
    let folder = tempfile::Builder::new().prefix("ombud-demo-").tempdir()?;
    let mut settings = config::settings(&super::args::SettingsArgs {
        config: None,
        listen: Some(args.listen.unwrap_or(LISTEN_DEFAULT).to_string()),
        data_dir: Some(folder.path().to_owned()),
    })?
    .settings;
    settings.moderation.audit_rate = AUDIT_RATE;
    let parts = serve::open(&settings)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = bind(args.listen).await?;
        let address = listener.local_addr()?;
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let serving = tokio::spawn(async move { server::run(parts, &settings, listener, stop).await });
        let url = format!("http://{address}");
        let server = ServerArgs::of(url.clone(), None);
        if args.retrain {
            newsroom::show(&server, folder.path()).await?;
        } else {
            let decided = submit_all(connect(&server).await?).await?;
            fill_queues(connect_to_review(&server).await?, &decided).await?;
        }
        if !args.exit {
            let signals = serve::StopSignals::install()?;
            if args.retrain {
                newsroom::tell_how_to_go_on(&url, folder.path())?;
            } else {
                tell_how_to_go_on(&url, folder.path())?;
            }
            signals.stop(shutdown.clone()).await;
        }
        shutdown.cancel();
        serving.await??;
        Ok(Ended::Done)
    })
}

/// Takes the port that is given; where none is, the usual one, or a free one where another program has that.
async fn bind(listen: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    let Some(listen) = listen else {
        return match TcpListener::bind(LISTEN_DEFAULT).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                writeln!(io::stderr().lock(), "port {} is taken; using a free one", LISTEN_DEFAULT.port())?;
                serve::bind(SocketAddr::new(LISTEN_DEFAULT.ip(), 0)).await
            }
            bound => Ok(bound?),
        };
    };
    serve::bind(listen).await
}

/// A comment of the demo, and what became of it.
struct Decided {
    id: String,
    outcome: pb::Outcome,
    /// Its highest score.
    score: f32,
}

async fn submit_all(mut client: Client<Connection>) -> anyhow::Result<Vec<Decided>> {
    say(&format!("Readers comment on “{HEADLINE}”.\n"))?;
    let mut counts = [0_usize; 4];
    let mut decided = Vec::new();
    let begun = Instant::now();
    for (name, text) in COMMENTS.lines().filter_map(|line| line.split_once('\t')) {
        let request = pb::SubmitCommentRequest {
            article_id: ARTICLE.into(),
            author: Some(pb::Author { name: name.into(), ..pb::Author::default() }),
            text: text.into(),
            ..pb::SubmitCommentRequest::default()
        };
        let response = client.submit_comment(request).await.map_err(Refused)?.into_inner();
        let decision = response.decision.unwrap_or_default();
        counts[usize::try_from(decision.outcome).unwrap_or_default().min(3)] += 1;
        say(&show(name, text, &decision))?;
        let score = output::top_score(&decision).map(|(_, score)| score).unwrap_or_default();
        decided.push(Decided { id: response.comment_id, outcome: decision.outcome(), score });
    }
    let [_, published, held, rejected] = counts;
    let (took, total) = (begun.elapsed().as_millis(), decided.len());
    say(&format!(
        "\n{total} comments in {took} ms, one after the other, each on disk before its answer: \
         {published} published, {held} held for a moderator, {rejected} rejected.\n"
    ))?;
    Ok(decided)
}

/// Has readers report what was published with the highest scores, and an author appeal, and says what waits.
async fn fill_queues(mut client: ReviewClient<Connection>, decided: &[Decided]) -> anyhow::Result<()> {
    let of = |outcome| decided.iter().filter(move |one| one.outcome == outcome);
    let mut published: Vec<&Decided> = of(pb::Outcome::Publish).collect();
    published.sort_by(|one, other| other.score.total_cmp(&one.score));
    for (readers, reported) in (1..).zip(published.into_iter().take(REPORTED)) {
        for reader in 0..readers {
            let request = pb::ReportCommentRequest {
                comment_id: reported.id.clone(),
                reporter_id: format!("reader-{reader}"),
                reason: "unkind".into(),
                ..pb::ReportCommentRequest::default()
            };
            client.report_comment(request).await.map_err(Refused)?;
        }
    }
    if let Some(rejected) = of(pb::Outcome::Reject).next() {
        let request = pb::AppealDecisionRequest {
            comment_id: rejected.id.clone(),
            text: "I was joking.".into(),
            ..pb::AppealDecisionRequest::default()
        };
        client.appeal_decision(request).await.map_err(Refused)?;
    }
    let queues = client.list_queues(pb::ListQueuesRequest::default()).await.map_err(Refused)?.into_inner().queues;
    let waiting: Vec<String> =
        queues.iter().filter(|queue| queue.items > 0).map(|queue| format!("{} {}", queue.name, queue.items)).collect();
    say(&format!(
        "\nReaders report {REPORTED} of the published comments, the author of a rejected one appeals, and a lot draws some \
         for audit.\nNow these wait for a moderator: {}.\n",
        waiting.join(", ")
    ))
}

/// Shows one decision: what was written, how it scores, and which words decided.
fn show(name: &str, text: &str, decision: &pb::Decision) -> String {
    let style = output::outcome_style(decision.outcome());
    let mut shown = String::new();
    let outcome = json::outcome_name(decision.outcome());
    let _ = writeln!(shown, "{style}{outcome:<8}{style:#} {name}: {}", output::shorten(text, TEXT_CHARS));
    for reason in output::reasons(decision, text) {
        let _ = writeln!(shown, "         {reason}");
    }
    if let (true, Some((attribute, score))) = (decision.reasons.is_empty(), output::top_score(decision)) {
        let _ = writeln!(shown, "         {:<15} {}", attribute.name(), output::bar(score));
    }
    shown
}

fn tell_how_to_go_on(url: &str, folder: &Path) -> anyhow::Result<()> {
    // As it was started: a newcomer has it under target/release, not on the PATH.
    let ombud = std::env::args().next().unwrap_or_else(|| "ombud".to_owned());
    let server = if url == SERVER_DEFAULT { String::new() } else { format!(" --server {url}") };
    say(&format!(
        "
The server stays up at {url} until Ctrl-C; then its folder {} is removed.
In another terminal, try:

  {ombud} submit{server} --article {ARTICLE} 'Your own comment.'
  {ombud} list{server} --article {ARTICLE}
  {ombud} get{server} ID
  {ombud} queue list{server} --queue reported
  {ombud} queue next{server} --queue held --as ada
  {ombud} queue show{server} ID
  {ombud} queue settle{server} --as ada ID approve
  {ombud} review{server} --as ada        # the same with a key for each thing to do
  grpcurl -plaintext {} list ombud.v1.ModerationService

To keep what you do, run `{ombud} serve`.
",
        folder.display(),
        url.trim_start_matches("http://"),
    ))
}

fn say(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_comment_has_a_name_and_a_text() {
        let comments: Vec<_> = COMMENTS.lines().map(|line| line.split_once('\t')).collect();
        assert!(comments.len() >= 50);
        assert!(
            comments.iter().all(|comment| comment.is_some_and(|(name, text)| !name.is_empty() && !text.is_empty()))
        );
    }
}
