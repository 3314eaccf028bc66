//! `ombud classify`: scores texts here, without a server.

use super::args::ClassifyArgs;
use super::json;
use super::lines::{BadLine, Lines};
use super::{Ended, explain, output};
use crate::classify::{Detector, Model};
use crate::domain::{Language, Scores};
use anstream::{AutoStream, ColorChoice};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    explanations: Option<Vec<explain::Explained>>,
}

pub(crate) fn run(args: &ClassifyArgs) -> anyhow::Result<Ended> {
    let model = match &args.model {
        Some(dir) => Model::load(dir)?,
        None => Model::embedded()?,
    };
    let detector = Detector::new(model.languages());
    if args.jsonl {
        return score_lines(&model, &detector, args);
    }
    let coloured = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
    let choice = explain::Choice::new(&args.attribute)?;
    let mut out = anstream::stdout().lock();
    for (number, text) in args.texts.iter().enumerate() {
        if args.explain {
            if number > 0 {
                writeln!(out)?;
            }
            let explanation = model.explain(text).ok_or_else(no_score)?;
            print_scores(&mut out, text, &explanation.scores)?;
            explain::print(&mut out, text, &explanation, &choice, coloured)?;
        } else {
            print_scores(&mut out, text, &model.score(text).ok_or_else(no_score)?)?;
        }
        if let Some(language) = detector.detect(text).filter(|language| !detector.knows(*language)) {
            writeln!(out, "  The model was not trained on this language ({language}): these scores mean little.")?;
        }
    }
    Ok(Ended::Done)
}

fn no_score() -> anyhow::Error {
    anyhow::anyhow!("the model gave no usable score")
}

fn print_scores(out: &mut impl Write, text: &str, scores: &Scores) -> io::Result<()> {
    writeln!(out, "{}", output::visible(text))?;
    for (attribute, score) in scores.iter() {
        writeln!(out, "  {attribute:<15} {}", output::bar(score.get()))?;
    }
    Ok(())
}

fn score_lines(model: &Model, detector: &Detector, args: &ClassifyArgs) -> anyhow::Result<Ended> {
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
            let scored: Vec<_> = chunk.par_drain(..).map(|line| score(model, detector, line, args)).collect();
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

fn score(model: &Model, detector: &Detector, line: Line, args: &ClassifyArgs) -> Scored {
    let explanation = if args.explain { model.explain(&line.text) } else { None };
    let scores = explanation.as_ref().map_or_else(|| model.score(&line.text), |explanation| Some(explanation.scores));
    let named = scores.iter().flat_map(Scores::iter);
    Scored {
        id: line.id,
        language: detector.detect(&line.text).as_ref().map(Language::to_string),
        scores: json::Scores(named.map(|(name, score)| (name.name().to_owned(), score.get())).collect()),
        explanations: explanation.map(|explanation| explain::for_programs(&explanation, &args.attribute)),
    }
}

/// Reports a line that can't be read.
pub(crate) fn complain(bad: &BadLine) -> io::Result<()> {
    writeln!(io::stderr().lock(), "error: line {}: {}", bad.number, bad.what)
}
