//! `ombud retrain`: learns a house model from what moderators ruled, and proves that it is better before it decides.
//!
//! Labels are read from a server, and everything is learned and judged here, outside of it. Files are written whole or not at
//! all; then the server is handed the model, and only then may it decide.

pub(crate) mod args;
mod aside;
mod labels;
mod local;
mod place;
mod told;

use super::args::ServerArgs;
use super::client::{Refused, block_on, connect_to_models};
use super::failure::Advised;
use super::files::write_all_whole;
use super::models::{SHORT, USE, transfer};
use super::progress::Bar;
use super::refused::Explained;
use super::{Ended, output, serve};
use crate::classify::{
    Model,
    house::{HouseModel, Learned},
};
use crate::grpc::pb;
use crate::train;
use crate::train::house::{
    self, Account, Label, Retrained, Settings,
    account::{Asked, page},
    data_set::{self, Draw},
    gates::Limits,
    progress::Stage,
};
use args::RetrainArgs;
use aside::{Stopped, aside, until};
use labels::Which;
use place::{Champion, Place};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::PathBuf,
    sync::Arc,
};
use tokio_util::sync::CancellationToken;

/// What was done, as programs read it.
#[derive(Serialize)]
pub(crate) struct Done {
    /// What was found.
    pub(crate) report: Account,
    /// The files that were written.
    files: Vec<String>,
    /// Whether the server keeps the model now.
    uploaded: bool,
    /// Whether it decides.
    promoted: bool,
    /// Whether it decided before: the very same model was learned again.
    is_champion: bool,
}

/// Learns from a server's labels and has what passes decide there; the files go to `out`.
pub(crate) async fn learn_and_promote(
    server: ServerArgs,
    out: PathBuf,
    stop: &CancellationToken,
) -> anyhow::Result<Done> {
    let args = RetrainArgs {
        server,
        data_dir: None,
        labels: None,
        site: None,
        since: None,
        base_data: Vec::new(),
        skip_bad: false,
        config: None,
        model: None,
        against: None,
        out,
        dry_run: false,
        promote: true,
        json: false,
    };
    let (done, handed) = work(&args, &Place::open(&args).await?, stop).await?;
    handed.map(|()| done)
}

pub(crate) fn run(args: RetrainArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let stop = CancellationToken::new();
        tokio::spawn(serve::StopSignals::install()?.stop(stop.clone()));
        let place = until(&stop, Place::open(&args)).await??;
        let ended = retrain(&args, &place, &stop).await;
        // What went wrong before says more than what goes wrong at closing.
        match (ended, place.close().await) {
            (Ok(ended), closed) => closed.map(|()| ended),
            (Err(error), _) => Err(error),
        }
    })
}

async fn retrain(args: &RetrainArgs, place: &Place, stop: &CancellationToken) -> anyhow::Result<Ended> {
    let (done, handed) = work(args, place, stop).await?;
    if args.json {
        output::json_line(&mut io::stdout().lock(), &done)?;
    } else {
        told::tell(&mut anstream::stdout().lock(), &done.report)?;
    }
    say(args, &done)?;
    handed.map(|()| Ended::done_if(done.report.passed))
}

/// Does all of it; what the server made of the model stands beside, since what was found is to be told all the same.
async fn work(
    args: &RetrainArgs,
    place: &Place,
    stop: &CancellationToken,
) -> anyhow::Result<(Done, anyhow::Result<()>)> {
    let base = Arc::new(match place.model_dir(args) {
        Some(dir) => Model::load(dir)?,
        None => Model::embedded()?,
    });
    let champion = until(stop, place.champion(args, &base)).await??;
    let (retrained, asked) = learn(args, place, stop, &base, &champion.model).await?;
    let (settings, limits) = (Settings::default(), Limits::default());
    let account = Account::new(&retrained, asked, &settings, &limits);
    let mut files =
        vec![("report.json".to_owned(), account.to_json()), ("report.html".to_owned(), page(&account).into_bytes())];
    let artifact = retrained.challenger.map(|(_, bytes)| bytes);
    if let (Some(bytes), Some(file)) = (&artifact, &account.file) {
        files.push((format!("{}.house", file.sha256), bytes.clone()));
    }
    if stop.is_cancelled() {
        return Err(Stopped.into());
    }
    write_all_whole(&args.out, &files)?;
    let files = files.iter().map(|(name, _)| args.out.join(name).display().to_string()).collect();
    let mut done = Done { report: account, files, uploaded: false, promoted: false, is_champion: false };
    let handed = match artifact.filter(|_| done.report.passed && !args.dry_run) {
        Some(bytes) => hand_over(args, place, &champion, &bytes, stop, &mut done).await,
        None => Ok(()),
    };
    Ok((done, handed))
}

/// Reads the labels, learns from them and judges what was learned, all of it aside, so that a signal is heard.
async fn learn(
    args: &RetrainArgs,
    place: &Place,
    stop: &CancellationToken,
    base: &Arc<Model>,
    champion: &HouseModel,
) -> anyhow::Result<(Retrained, Asked)> {
    let which = Which { site: args.site.clone(), since: args.since };
    let mut labels = match (&args.labels, place.server()) {
        (Some(file), _) => {
            let file = file.clone();
            until(stop, aside(move || labels::of_file(&file, &which))).await???
        }
        (None, Some(server)) => until(stop, labels::of_server(server, &which)).await??,
        (None, None) => anyhow::bail!("there is no server to ask for labels"),
    };
    let settings = Settings::default();
    let mut asked =
        Asked { since: args.since.map(|since| since.to_string()), site: args.site.clone(), ..Asked::default() };
    if !args.base_data.is_empty() {
        let (paths, draw) = (
            args.base_data.clone(),
            Draw { labels: house::label::ruled(&labels), seed: settings.seed, skip_bad: args.skip_bad },
        );
        let (drawn, files) = until(stop, aside(move || draw_rows(&paths, draw))).await???;
        labels.extend(drawn);
        asked.base_data = files;
    }
    let (base, champion) = (Arc::clone(base), champion.clone());
    let retrained = until(stop, aside(move || learn_and_judge(&base, &champion, labels, &settings))).await???;
    Ok((retrained, asked))
}

fn draw_rows(paths: &[PathBuf], draw: Draw) -> Result<(Vec<Label>, Vec<train::dataset::DataFile>), train::Error> {
    let bar = Bar::measured();
    let drawn = data_set::draw(paths, draw, &|step| {
        if let train::Step::Reading { path, bytes, bytes_total, .. } = step {
            bar.start(&format!("reading {}", path.file_name().unwrap_or_default().display()), bytes_total);
            bar.set(bytes);
        }
    });
    bar.finish();
    drawn
}

fn learn_and_judge(
    base: &Arc<Model>,
    champion: &HouseModel,
    labels: Vec<Label>,
    settings: &Settings,
) -> Result<Retrained, train::Error> {
    let bar = Bar::measured();
    let retrained = house::retrain(base, champion, labels, settings, &Limits::default(), &|step| {
        let work = match step.stage {
            Stage::CrossValidation => "cross-validation",
            Stage::Fitting => "fitting the new model",
            Stage::Gates => "asking the gates",
        };
        bar.start(work, step.total);
        bar.set(step.done);
    });
    bar.finish();
    retrained
}

/// Hands the new model to the server, and has it decide where that is asked for.
async fn hand_over(
    args: &RetrainArgs,
    place: &Place,
    champion: &Champion,
    bytes: &[u8],
    stop: &CancellationToken,
    done: &mut Done,
) -> anyhow::Result<()> {
    let Some(server) = place.server() else { return Ok(()) };
    if done.report.file.as_ref().is_some_and(|file| file.sha256 == champion.hash) {
        done.is_champion = true;
        return Ok(());
    }
    let mut client = connect_to_models(server).await?;
    let labels = done.report.labels.learned.map_or(0, Learned::labels);
    let note = format!("retrained on {labels} labels, judged by {}", done.report.labels.held_out);
    let sent = until(stop, transfer::send(&mut client, bytes, note)).await.map_err(|_| {
        let what = "stopped; the files are written; the server may keep the model, which decides nothing";
        Advised::new(what, "type the command again: a model that is kept isn't kept twice")
    })??;
    done.uploaded = true;
    if args.promote {
        let hash = sent.model.unwrap_or_default().hash;
        let request = pb::PromoteModelRequest { hash, seen_champion: champion.hash.clone() };
        // From here on there is nothing to stop: the server does it or not.
        client.promote_model(request).await.map_err(|status| stale(Refused(status)))?;
        done.promoted = true;
    }
    Ok(())
}

/// Says what to do where another model was promoted while this one was learned.
fn stale(refused: Refused) -> anyhow::Error {
    if refused.is_for("STALE_CHAMPION") {
        let hint =
            "another model was promoted meanwhile: run `ombud retrain` again, so that this one is judged against it";
        return Explained::new(refused, hint.to_owned()).into();
    }
    refused.into()
}

/// Says on standard error where the files are and what became of the model.
fn say(args: &RetrainArgs, done: &Done) -> anyhow::Result<()> {
    let mut err = io::stderr().lock();
    let out = output::visible(&args.out.display().to_string());
    let named = if done.report.file.is_some() {
        "the model, report.json and report.html"
    } else {
        "report.json and report.html"
    };
    writeln!(err, "wrote {named} to {out}; the reports hold comments' words")?;
    let Some(file) = &done.report.file else { return Ok(()) };
    let short: String = file.sha256.chars().take(SHORT).collect();
    if done.promoted {
        writeln!(err, "the model {short} decides from the next comment on; `ombud models rollback` takes that back")?;
        writeln!(err, "{USE}")?;
    } else if done.is_champion {
        writeln!(err, "the model {short} is the champion already: the labels are the same, so there is nothing to do")?;
    } else if done.uploaded {
        writeln!(
            err,
            "the server keeps the model {short}, which decides nothing yet: `ombud models shadow {short}` has it scored beside \
             the champion, `ombud models promote {short}` lets it decide",
        )?;
    } else if args.dry_run {
        writeln!(err, "nothing was changed on the server")?;
    } else {
        writeln!(err, "the server was not handed the model; the champion decides as before")?;
    }
    Ok(())
}
