//! `ombud train` and `ombud evaluate`: makes models and measures them.

use super::args::{EvaluateArgs, TrainArgs};
use super::progress::Bar;
use super::{Ended, output};
use crate::classify::Model;
use crate::domain::Language;
use crate::train::{self, Options, Report, Settings, Step};
use std::{
    io::{self, Write as _},
    sync::atomic::{AtomicU64, Ordering},
};

pub(crate) fn train(args: TrainArgs) -> anyhow::Result<Ended> {
    let name = args.out.file_name().and_then(|name| name.to_str()).unwrap_or("model").to_owned();
    let options = Options {
        train: args.train,
        dev: args.dev,
        out: args.out,
        name: args.name.unwrap_or(name),
        settings: Settings {
            // The project's own sentences are English.
            plain_sentences: args.language.contains(&Language::ENGLISH),
            languages: args.language,
            seed: args.seed,
            ..Settings::default()
        },
        threads: args.threads,
        skip_bad: args.skip_bad,
    };
    let show = Show::new();
    let report = train::train(&options, &|step| show.step(step));
    show.0.finish();
    let report = report?;
    tell_bad_lines(&report)?;
    writeln!(io::stdout().lock(), "{report}")?;
    writeln!(
        io::stderr().lock(),
        "wrote {} to {}; try it with `ombud classify --model {} TEXT`",
        report.model,
        options.out.display(),
        options.out.display(),
    )?;
    Ok(Ended::Done)
}

pub(crate) fn evaluate(args: &EvaluateArgs) -> anyhow::Result<Ended> {
    let model = match &args.model {
        Some(dir) => Model::load(dir)?,
        None => Model::embedded()?,
    };
    let show = Show::new();
    let report = train::evaluate(&model, &args.data, args.skip_bad, &|step| show.step(step));
    show.0.finish();
    let report = report?;
    tell_bad_lines(&report)?;
    let mut out = io::stdout().lock();
    if args.json {
        output::json_line(&mut out, &report)?;
    } else {
        writeln!(out, "{report}")?;
    }
    Ok(Ended::Done)
}

fn tell_bad_lines(report: &Report) -> io::Result<()> {
    let mut err = io::stderr().lock();
    report.bad_lines.iter().try_for_each(|line| writeln!(err, "left out {line}"))
}

/// Shows what training tells, one bar for the step at hand.
struct Show(Bar, AtomicU64);

impl Show {
    fn new() -> Self {
        Self(Bar::measured(), AtomicU64::new(0))
    }

    fn step(&self, step: Step<'_>) {
        let Self(bar, learned) = self;
        match step {
            Step::Reading { path, bytes, bytes_total, .. } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                bar.start(&format!("reading {name}"), bytes_total);
                bar.set(bytes);
            }
            Step::Learning { rows, rows_total, .. } => {
                // Attributes are learned side by side: the bar shows the one that is furthest.
                bar.start("learning", rows_total);
                bar.set(learned.fetch_max(rows, Ordering::Relaxed).max(rows));
            }
            Step::Measuring => bar.start("measuring", 0),
            Step::Writing { .. } => bar.start("writing", 0),
        }
    }
}
