//! `ombud demo`: the whole path, with nothing to set up.

use super::args::{DemoArgs, ServerArgs};
use super::client::{Connection, Refused, connect};
use super::{Ended, config, json, output, serve};
use crate::grpc::{Client, pb};
use crate::server;
use crate::telemetry;
use std::{
    fmt::Write as _,
    io::{self, Write as _},
    net::SocketAddr,
    path::Path,
    time::Instant,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The comments: a name, a tab, a text.
const COMMENTS: &str = include_str!("demo_comments.tsv");
/// The article that they hang on.
const ARTICLE: &str = "mill-street-closed-to-cars";
const HEADLINE: &str = "Council closes Mill Street to cars on Saturdays";
/// Characters of a text that are shown on one line.
const TEXT_CHARS: usize = 76;

pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<Ended> {
    telemetry::init("warn", false);
    let folder = tempfile::Builder::new().prefix("ombud-demo-").tempdir()?;
    let settings = config::settings(&super::args::SettingsArgs {
        config: None,
        listen: Some(args.listen.to_string()),
        data_dir: Some(folder.path().to_owned()),
    })?
    .settings;
    let parts = serve::open(&settings)?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = bind(args.listen).await?;
        let address = listener.local_addr()?;
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let serving = tokio::spawn(async move { server::run(parts, &settings, listener, stop).await });
        let url = format!("http://{address}");
        submit_all(connect(&ServerArgs { server: url.clone(), token: None }).await?).await?;
        if !args.exit {
            let signals = serve::StopSignals::install()?;
            tell_how_to_go_on(&url, folder.path())?;
            signals.stop(shutdown.clone()).await;
        }
        shutdown.cancel();
        serving.await??;
        Ok(Ended::Done)
    })
}

/// Takes the usual port, or a free one where another program has it.
async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(listen).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            writeln!(io::stderr().lock(), "port {} is taken; using a free one", listen.port())?;
            serve::bind(SocketAddr::new(listen.ip(), 0)).await
        }
        bound => Ok(bound?),
    }
}

async fn submit_all(mut client: Client<Connection>) -> anyhow::Result<()> {
    say(&format!("Readers comment on “{HEADLINE}”.\n"))?;
    let mut counts = [0_usize; 4];
    let mut total = 0;
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
        total += 1;
        say(&show(name, text, &decision))?;
    }
    let [_, published, held, rejected] = counts;
    let took = begun.elapsed().as_millis();
    say(&format!(
        "\n{total} comments in {took} ms, one after the other, each on disk before its answer: \
         {published} published, {held} held for a moderator, {rejected} rejected.\n"
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
    let server = if url.ends_with(":8787") { String::new() } else { format!(" --server {url}") };
    say(&format!(
        "
The server stays up at {url} until Ctrl-C; then its folder {} is removed.
In another terminal, try:

  {ombud} submit{server} --article {ARTICLE} 'Your own comment.'
  {ombud} list{server} --article {ARTICLE}
  {ombud} get{server} ID
  {ombud} queue next{server} --as ada
  {ombud} queue settle{server} --as ada ID approve
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
