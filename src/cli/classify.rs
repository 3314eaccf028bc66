//! `ombud classify`: scores texts here, without a server.

use super::args::ClassifyArgs;
use super::json;
use super::lines::{BadLine, Lines};
use super::{Ended, output};
use crate::classify::{Detector, Model, Scorer};
use crate::domain::{Language, Scores};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::io::{self, BufReader, BufWriter, Write};

/// Lines that are scored together, over all cores.
const CHUNK_LINES: usize = 1024;

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: serde_json::Value,
    text: String,
}

#[derive(Serialize)]
struct Scored {
    id: serde_json::Value,
    language: Option<String>,
    scores: json::Scores,
}

pub(crate) fn run(args: &ClassifyArgs) -> anyhow::Result<Ended> {
    let model = match &args.model {
        Some(dir) => Model::load(dir)?,
        None => Model::embedded()?,
    };
    let detector = Detector::new(model.languages());
    if args.jsonl {
        return score_lines(&model, &detector);
    }
    let mut out = anstream::stdout().lock();
    for text in &args.texts {
        print_scores(&mut out, &model, text)?;
        if let Some(language) = detector.detect(text).filter(|language| !detector.knows(*language)) {
            writeln!(out, "  The model was not trained on this language ({language}): these scores mean little.")?;
        }
    }
    Ok(Ended::Done)
}

fn print_scores(out: &mut impl Write, model: &Model, text: &str) -> anyhow::Result<()> {
    let scores = model.score(text).ok_or_else(|| anyhow::anyhow!("the model gave no usable score"))?;
    writeln!(out, "{}", output::visible(text))?;
    for (attribute, score) in scores.iter() {
        writeln!(out, "  {attribute:<15} {}", output::bar(score.get()))?;
    }
    Ok(())
}

fn score_lines(model: &Model, detector: &Detector) -> anyhow::Result<Ended> {
    let mut lines = Lines::new(BufReader::new(io::stdin().lock()));
    let mut out = BufWriter::new(io::stdout().lock());
    let mut all_good = true;
    let mut chunk = Vec::new();
    loop {
        let line = lines.next::<Line>()?;
        let at_end = line.is_none();
        match line {
            Some(Ok(line)) => chunk.push(line),
            Some(Err(bad)) => {
                all_good = false;
                complain(&bad)?;
            }
            None => {}
        }
        // Whoever writes one line and waits for its answer gets it.
        if at_end || chunk.len() == CHUNK_LINES || lines.would_wait() {
            let scored: Vec<_> = chunk.par_drain(..).map(|line| score(model, detector, line)).collect();
            for line in scored {
                output::json_line(&mut out, &line)?;
            }
            out.flush()?;
        }
        if at_end {
            return Ok(Ended::done_if(all_good));
        }
    }
}

fn score(model: &Model, detector: &Detector, line: Line) -> Scored {
    let scores = Scorer::score(model, &line.text);
    let named = scores.iter().flat_map(Scores::iter);
    Scored {
        id: line.id,
        language: detector.detect(&line.text).as_ref().map(Language::to_string),
        scores: json::Scores(named.map(|(name, score)| (name.name().to_owned(), score.get())).collect()),
    }
}

/// Reports a line that can't be read.
pub(crate) fn complain(bad: &BadLine) -> io::Result<()> {
    writeln!(io::stderr().lock(), "error: line {}: {}", bad.number, bad.what)
}
