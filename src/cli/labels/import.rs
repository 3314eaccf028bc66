//! `ombud labels import`: labels from a file, some at a time, so that what was kept before a bad line stays kept.

use super::line::{self, Line};
use crate::cli::{
    Ended,
    args::ServerArgs,
    client::{Connection, Refused, connect_to_models},
    failure::RefusedLine,
    lines::{BadLine, Lines},
    progress::Bar,
};
use crate::grpc::{ModelClient, pb};
use anyhow::Context as _;
use clap::{Args, ValueHint};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write as _},
    path::{Path, PathBuf},
};
use tonic_types::StatusExt as _;

/// Labels that go with one call, at most.
const TOGETHER_MAX: usize = 1000;

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// The file, one JSON object a line as `ombud labels export` prints them; `-` for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    server: ServerArgs,
}

/// What became of the lines so far.
#[derive(Default)]
struct Told {
    imported: u64,
    repeated: u64,
    left_out: u64,
}

impl Told {
    fn add(&mut self, more: pb::ImportLabelsResponse) {
        self.imported += more.imported;
        self.repeated += more.repeated;
        self.left_out += more.left_out;
    }

    fn said(&self) -> String {
        let Self { imported, repeated, left_out } = self;
        format!("{imported} labels imported, {repeated} were kept before, {left_out} left out")
    }
}

pub(super) async fn run(args: ImportArgs) -> anyhow::Result<Ended> {
    let ImportArgs { file, server } = args;
    let input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(&file).with_context(|| format!("cannot read {}", file.display()))?))
    };
    let mut client = connect_to_models(&server).await?;
    let (bar, mut told) = (Bar::counter("labels"), Told::default());
    let ended = send_all(&mut client, Lines::new(input), &bar, &mut told).await;
    bar.finish();
    match ended {
        Ok(()) => {
            writeln!(io::stderr().lock(), "{}", told.said())?;
            Ok(Ended::Done)
        }
        Err(error) => Err(error.context(format!("{} before that", told.said()))),
    }
}

async fn send_all<R: BufRead>(
    client: &mut ModelClient<Connection>,
    mut lines: Lines<R>,
    bar: &Bar,
    told: &mut Told,
) -> anyhow::Result<()> {
    loop {
        let (mut labels, mut numbers, mut bad) = (Vec::new(), Vec::new(), None);
        while labels.len() < TOGETHER_MAX && bad.is_none() {
            match lines.next::<Line>().context("cannot read the file")? {
                None => break,
                Some(line) => match line.map_err(|bad| said(&bad)).and_then(|line| read(line, lines.number())) {
                    Ok(label) => {
                        labels.push(pb::ImportLabelsRequest { label: Some(label) });
                        numbers.push(lines.number());
                    }
                    Err(what) => bad = Some(what),
                },
            }
        }
        if !labels.is_empty() {
            send(client, labels, &numbers, told).await?;
            bar.advance(numbers.len() as u64);
        }
        match bad {
            // What stands before it is kept.
            Some(what) => return Err(RefusedLine(what).into()),
            None if numbers.len() < TOGETHER_MAX => return Ok(()),
            None => {}
        }
    }
}

/// Sends labels that stand on these lines.
async fn send(
    client: &mut ModelClient<Connection>,
    labels: Vec<pb::ImportLabelsRequest>,
    numbers: &[u64],
    told: &mut Told,
) -> anyhow::Result<()> {
    let status = match client.import_labels(tokio_stream::iter(labels)).await {
        Ok(response) => {
            told.add(response.into_inner());
            return Ok(());
        }
        Err(status) => status,
    };
    let facts = status.get_details_error_info().map(|info| info.metadata).unwrap_or_default();
    let fact = |name: &str| facts.get(name).and_then(|fact| fact.parse::<u64>().ok());
    let count = |name| fact(name).unwrap_or_default();
    let (imported, repeated, left_out) = (count("imported"), count("repeated"), count("left_out"));
    told.add(pb::ImportLabelsResponse { imported, repeated, left_out });
    let line = fact("index").and_then(|index| numbers.get(usize::try_from(index).ok()?));
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    match line {
        Some(line) if !violations.is_empty() => {
            let wrong = violations.iter().map(|one| {
                let field = one.field.strip_prefix("label.").unwrap_or(&one.field);
                format!("\n  {field}: {}", one.description)
            });
            Err(RefusedLine(format!("line {line} is refused:{}", wrong.collect::<String>())).into())
        }
        Some(line) => Err(anyhow::Error::new(Refused(status)).context(format!("line {line} was not kept"))),
        None => Err(Refused(status).into()),
    }
}

fn read(line: Line, number: u64) -> Result<pb::Label, String> {
    line::label(line).map_err(|(field, sentence)| format!("line {number} can't be read:\n  {field}: {sentence}"))
}

fn said(bad: &BadLine) -> String {
    format!("line {} can't be read: {}", bad.number, bad.what)
}
