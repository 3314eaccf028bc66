//! `ombud train` and `ombud evaluate`: makes models and measures them.

use super::args::{EvaluateArgs, TrainArgs};
use super::progress::Bar;
use super::{Ended, output};
use crate::classify::Model;
use crate::domain::Language;
use crate::train::{self, Manifest, Options, Report, Settings, Step, Trial};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

pub(crate) fn train(args: TrainArgs) -> anyhow::Result<Ended> {
    let TrainArgs {
        train,
        dev,
        out,
        name,
        experiment,
        seed,
        leave_out,
        log,
        revision,
        language,
        threads,
        skip_bad,
        ..
    } = args;
    let mut settings = experiment.as_deref().map_or_else(|| Ok(Settings::default()), Settings::read)?;
    settings.seed = seed.unwrap_or(settings.seed);
    settings.leave_out.extend(leave_out);
    if !language.is_empty() {
        // The project's own sentences are English.
        settings.sentences.learned &= language.contains(&Language::ENGLISH);
        settings.languages = language;
    }
    let named = out.as_deref().or(experiment.as_deref()).and_then(Path::file_stem).and_then(|name| name.to_str());
    let name = name.or_else(|| named.map(str::to_owned)).unwrap_or_else(|| "model".to_owned());
    let out = out.unwrap_or_default();
    let options = Options { train, dev, out, name, settings, revision, threads, skip_bad };
    if args.leave_one_source_out {
        leave_one_source_out(&options, log.as_deref())
    } else {
        train_one(&options, log.as_deref())
    }
}

fn train_one(options: &Options, log: Option<&Path>) -> anyhow::Result<Ended> {
    let show = Show::new();
    let manifest = train::train(options, &|step| show.step(step));
    show.0.finish();
    let manifest = manifest?;
    if let Some(log) = log {
        Trial::new(&manifest).append(log)?;
    }
    tell_bad_lines(&manifest.report)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{}", manifest.report)?;
    if let Some(identity) = &manifest.identity {
        writeln!(out, "{identity}")?;
    }
    writeln!(
        io::stderr().lock(),
        "wrote {} to {}; try it with `ombud classify --model {} TEXT`",
        manifest.version,
        options.out.display(),
        options.out.display(),
    )?;
    let Some(gate) = &manifest.identity_gate else { return Ok(Ended::Done) };
    let mut err = io::stderr().lock();
    for reason in &gate.reasons {
        writeln!(err, "{}: {reason}", if gate.passed { "passed" } else { "not passed" })?;
    }
    Ok(Ended::done_if(gate.passed))
}

fn leave_one_source_out(options: &Options, log: Option<&Path>) -> anyhow::Result<Ended> {
    let show = Show::new();
    let sources = train::source_names(options, &|step| show.step(step))?;
    let mut out = io::stdout().lock();
    for source in sources {
        let trials = train::leave_one_source_out(options, &[source], &|step| show.step(step));
        show.0.finish();
        for trial in trials? {
            for (attribute, sources) in &trial.figures {
                for (source, figure) in sources {
                    let interval = figure.interval.map_or_else(String::new, |interval| {
                        format!("  ({:.3} to {:.3})", interval.low, interval.high)
                    });
                    writeln!(
                        out,
                        "{source:<26} {attribute:<16} {:>6} rows {:>5} true  ROC AUC {:.3}{interval}",
                        figure.rows, figure.positives, figure.roc_auc
                    )?;
                }
            }
            if let Some(log) = log {
                trial.append(log)?;
            }
        }
    }
    Ok(Ended::Done)
}

pub(crate) fn evaluate(args: &EvaluateArgs) -> anyhow::Result<Ended> {
    let (model, report) = match (&args.experiment, &args.model) {
        (Some(experiment), _) => {
            let (model, manifest) = try_out(experiment, args)?;
            (model, Some(manifest.report))
        }
        (None, Some(dir)) => (Model::load(dir)?, None),
        (None, None) => (Model::embedded()?, None),
    };
    if let Some(against) = &args.against {
        return compare(args, [&Model::load(against)?, &model]);
    }
    let report = report.map_or_else(|| measure(&model, args), Ok)?;
    tell_bad_lines(&report)?;
    let mut out = io::stdout().lock();
    if args.json {
        output::json_line(&mut out, &report)?;
    } else {
        writeln!(out, "{report}")?;
    }
    Ok(Ended::Done)
}

/// Trains as an experiment's file says, on one set of comments, and measures on the other.
fn try_out(experiment: &Path, args: &EvaluateArgs) -> anyhow::Result<(Model, Manifest)> {
    let settings = Settings::read(experiment)?;
    let name = experiment.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (train, dev) = (args.train.clone(), args.data.clone());
    let (out, skip_bad) = (PathBuf::new(), args.skip_bad);
    let options = Options { train, dev, out, name, settings, revision: None, threads: None, skip_bad };
    let show = Show::new();
    let tried = train::try_out(&options, &|step| show.step(step));
    show.0.finish();
    let tried = tried?;
    if let Some(log) = &args.log {
        Trial::new(&tried.1).append(log)?;
    }
    Ok(tried)
}

fn measure(model: &Model, args: &EvaluateArgs) -> anyhow::Result<Report> {
    let show = Show::new();
    let report = train::evaluate(model, &args.data, args.skip_bad, &|step| show.step(step));
    show.0.finish();
    Ok(report?)
}

fn compare(args: &EvaluateArgs, models: [&Model; 2]) -> anyhow::Result<Ended> {
    let show = Show::new();
    let comparison = train::compare(models, &args.data, args.skip_bad, &|step| show.step(step));
    show.0.finish();
    let comparison = comparison?;
    let mut out = io::stdout().lock();
    if args.json {
        output::json_line(&mut out, &comparison)?;
    } else {
        write!(out, "{comparison}")?;
    }
    Ok(Ended::Done)
}

fn tell_bad_lines(report: &Report) -> io::Result<()> {
    let mut err = io::stderr().lock();
    report.bad_lines.iter().try_for_each(|line| writeln!(err, "left out {line}"))
}

/// Shows what training tells, one bar for the step at hand.
struct Show(Bar);

impl Show {
    fn new() -> Self {
        Self(Bar::measured())
    }

    fn step(&self, step: Step<'_>) {
        let Self(bar) = self;
        match step {
            Step::Reading { path, bytes, bytes_total, .. } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                bar.start(&format!("reading {name}"), bytes_total);
                bar.set(bytes);
            }
            Step::Learning { rows, rows_total, .. } => {
                bar.start("learning", rows_total);
                bar.set(rows);
            }
            Step::Measuring => bar.start("measuring", 0),
            Step::Writing { .. } => bar.start("writing", 0),
        }
    }
}
