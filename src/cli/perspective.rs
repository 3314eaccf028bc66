//! `ombud perspective`: what a site brings along from the Perspective API.

use super::lines::Lines;
use super::progress::Bar;
use super::{Ended, output};
use crate::classify::{Detector, Model};
use crate::domain::{Attribute, Criterion};
use crate::policy::{Document, Perspective};
use crate::train::scale::{self, AtThreshold, Fitted, PAIRS_MIN, Pair};
use anyhow::Context as _;
use clap::{Args, Subcommand, ValueHint};
use comfy_table::{Table, presets::NOTHING};
use rayon::prelude::*;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Write as _},
    path::PathBuf,
};

/// Lines that are scored together, over all cores.
const CHUNK_LINES: usize = 1024;

#[derive(Subcommand)]
pub(crate) enum PerspectiveCommand {
    /// Fit a scale to logged Perspective scores, so that old thresholds catch as much as before
    #[command(
        after_help = "Each line of LOG is an object with the text and the scores that Perspective gave it, in one of these \
                      forms:\n  {\"text\": \"…\", \"scores\": {\"TOXICITY\": 0.81}}\n  \
                      {\"request\": {\"comment\": {\"text\": \"…\"}}, \"response\": {\"attributeScores\": {\"TOXICITY\": \
                      {\"summaryScore\": {\"value\": 0.81}}}}}\nThe more like the site's ordinary comments they are, the \
                      better; it takes 200 for an attribute.\n\nThe scales go to standard output as a part of a policy; \
                      what they do to thresholds to standard error.\n\nExamples:\n  ombud perspective fit log.jsonl > \
                      scales.toml\n  ombud policy show --site daily > daily.toml; cat scales.toml >> daily.toml; ombud policy set --site \
                      daily daily.toml"
    )]
    Fit(FitArgs),
}

#[derive(Args)]
pub(crate) struct FitArgs {
    /// Texts with the scores that Perspective gave them, one JSON object a line
    #[arg(value_name = "LOG", value_hint = ValueHint::FilePath)]
    log: PathBuf,
    /// The folder of a model; the one inside the program where none is named
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    model: Option<PathBuf>,
    /// Print scales and figures as JSON
    #[arg(long)]
    json: bool,
}

/// A line in any of its forms.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    scores: BTreeMap<String, f32>,
    #[serde(default)]
    request: Option<Asked>,
    #[serde(default)]
    response: Option<Told>,
}

#[derive(Deserialize)]
struct Asked {
    comment: Comment,
}

#[derive(Deserialize)]
struct Comment {
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    #[serde(default)]
    attribute_scores: BTreeMap<String, Scored>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scored {
    summary_score: Summary,
}

#[derive(Deserialize)]
struct Summary {
    value: f32,
}

impl Line {
    /// Returns the text with the scores of attributes that Ombud knows too.
    fn read(self) -> Option<(String, Vec<(Attribute, f32)>)> {
        let text = self.text.or_else(|| self.request.map(|request| request.comment.text))?;
        let told = self.response.into_iter().flat_map(|told| told.attribute_scores);
        let scores = self.scores.into_iter().chain(told.map(|(name, scored)| (name, scored.summary_score.value)));
        let known = Perspective::default();
        let scores = scores.filter_map(|(name, score)| match known.answer(&name) {
            crate::policy::perspective::Answer::As(Criterion::Attribute(attribute)) => Some((attribute, score)),
            _ => None,
        });
        Some((text, scores.filter(|(_, score)| (0.0..=1.0).contains(score)).collect()))
    }
}

pub(crate) fn run(command: PerspectiveCommand) -> anyhow::Result<Ended> {
    match command {
        PerspectiveCommand::Fit(args) => fit(&args),
    }
}

fn fit(args: &FitArgs) -> anyhow::Result<Ended> {
    let model = match &args.model {
        Some(dir) => Model::load(dir)?,
        None => Model::embedded()?,
    };
    let (pairs, skipped) = pairs(args, &model)?;
    let mut perspective = Perspective::default();
    let mut judged: Vec<(Attribute, usize, Fitted)> = Vec::new();
    for (attribute, pairs) in pairs {
        match scale::fit(&pairs) {
            Some(fitted) => {
                perspective.scales.insert(Criterion::Attribute(attribute), fitted.scale.clone());
                judged.push((attribute, pairs.len(), fitted));
            }
            None => anstream::eprintln!(
                "{attribute}: {} scores are too few, or one of the two services always says the same; it takes {PAIRS_MIN}",
                pairs.len()
            ),
        }
    }
    if skipped.foreign > 0 {
        anstream::eprintln!(
            "{} texts are in a language that the model was not trained on, and were left out",
            skipped.foreign
        );
    }
    if skipped.bad > 0 {
        anstream::eprintln!("{} lines have no text, or can't be read, and were left out", skipped.bad);
    }
    if judged.is_empty() {
        anyhow::bail!(
            "there is nothing to fit a scale to: each line needs a text and its scores, such as {{\"text\": \"…\", \
             \"scores\": {{\"TOXICITY\": 0.81}}}}, and an attribute at least {PAIRS_MIN} of them"
        );
    }
    if args.json {
        let figures: BTreeMap<_, _> = judged
            .iter()
            .map(|(attribute, pairs, fitted)| {
                let figures = serde_json::json!({
                    "pairs": pairs, "scale": fitted.scale.knots(), "thresholds": fitted.judged,
                });
                (attribute.name(), figures)
            })
            .collect();
        output::json_line(&mut std::io::stdout().lock(), &figures)?;
        return Ok(Ended::Done);
    }
    tell(&judged)?;
    let document = Document { perspective: Some(perspective), ..Document::default() };
    output::write(document.to_toml().as_bytes())
}

/// Lines that were left out.
#[derive(Default)]
struct Skipped {
    bad: usize,
    foreign: usize,
}

/// Reads the log and scores its texts.
fn pairs(args: &FitArgs, model: &Model) -> anyhow::Result<(BTreeMap<Attribute, Vec<Pair>>, Skipped)> {
    let named = || format!("cannot read {}", output::visible(&args.log.display().to_string()));
    let mut lines = Lines::new(BufReader::new(File::open(&args.log).with_context(named)?));
    let detector = Detector::new(model.languages());
    let bar = Bar::counter("lines");
    let (mut pairs, mut skipped) = (BTreeMap::<Attribute, Vec<Pair>>::new(), Skipped::default());
    loop {
        let mut chunk = Vec::new();
        let mut at_end = false;
        while chunk.len() < CHUNK_LINES && !at_end {
            match lines.next::<Line>().with_context(named)? {
                Some(Ok(line)) => match line.read() {
                    Some(read) => chunk.push(read),
                    None => skipped.bad += 1,
                },
                Some(Err(_)) => skipped.bad += 1,
                None => at_end = true,
            }
        }
        bar.advance(chunk.len() as u64);
        let score = |(text, _): &(String, Vec<(Attribute, f32)>)| {
            let is_foreign = detector.detect(text).is_some_and(|language| !detector.knows(language));
            (is_foreign, model.score(text))
        };
        let scored: Vec<_> = chunk.par_iter().map(score).collect();
        for ((_, logged), (is_foreign, own)) in chunk.into_iter().zip(scored) {
            if is_foreign {
                skipped.foreign += 1;
                continue;
            }
            let Some(own) = own else { continue };
            for (attribute, logged) in logged {
                pairs.entry(attribute).or_default().push(Pair { own: own.get(attribute).get(), logged });
            }
        }
        if at_end {
            bar.finish();
            return Ok((pairs, skipped));
        }
    }
}

/// Says what the scales do to thresholds.
fn tell(judged: &[(Attribute, usize, Fitted)]) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(["", "scores", "threshold", "caught", "without scale", "with it", "same side", "with it"]);
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    for (attribute, pairs, fitted) in judged {
        for (at, one) in fitted.judged.iter().enumerate() {
            let AtThreshold { threshold, logged, own, scaled, same_side_own, same_side_scaled } = *one;
            let named =
                if at == 0 { [attribute.to_string(), pairs.to_string()] } else { [String::new(), String::new()] };
            let shares = [logged, own, scaled, same_side_own, same_side_scaled].map(percent);
            table.add_row(named.into_iter().chain([format!("{threshold:.1}")]).chain(shares));
        }
    }
    let mut out = anstream::stderr().lock();
    writeln!(out, "{table}")?;
    writeln!(
        out,
        "Shares of comments at or over each threshold, by Perspective, by Ombud's own scores, and by a scale that the other half of \
         the log gave; and those that fall on the same side of it as they did."
    )?;
    Ok(())
}
