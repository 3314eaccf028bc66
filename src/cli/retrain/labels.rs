//! Labels on their way into training: from a server, or from a file that one wrote.

use crate::cli::args::ServerArgs;
use crate::cli::client::{Refused, connect_to_models};
use crate::cli::labels::line::{self, Line};
use crate::cli::output;
use crate::cli::policy::wire_time;
use crate::cli::progress::Bar;
use crate::domain::{ArticleId, Attribute, Circumstances, Timestamp};
use crate::grpc::pb;
use crate::train::house::{Label, Source};
use anyhow::Context as _;
use rayon::prelude::*;
use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

/// How many lines are read by all threads at once.
const LINES_AT_ONCE: usize = 4096;

/// Which labels.
pub(super) struct Which {
    pub(super) site: Option<String>,
    pub(super) since: Option<jiff::Timestamp>,
}

/// Asks a server for its labels.
pub(super) async fn of_server(server: &ServerArgs, which: &Which) -> anyhow::Result<Vec<Label>> {
    let (site_id, since) = (which.site.clone(), which.since.map(wire_time));
    let request = pb::ExportLabelsRequest { site_id, since, until: None, include_superseded: true };
    let mut told = connect_to_models(server).await?.export_labels(request).await.map_err(Refused)?.into_inner();
    let bar = Bar::counter("labels");
    let mut labels = Vec::new();
    while let Some(pb::ExportLabelsResponse { labels: some }) = told.message().await.map_err(Refused)? {
        bar.advance(some.len() as u64);
        labels.extend(some.into_iter().map(of_wire));
    }
    bar.finish();
    Ok(labels)
}

/// Reads a file of labels, one JSON object a line.
pub(super) fn of_file(path: &Path, which: &Which) -> anyhow::Result<Vec<Label>> {
    let named = || format!("cannot read {}", output::visible(&path.display().to_string()));
    let file = BufReader::new(File::open(path).with_context(named)?);
    let bar = Bar::counter("labels");
    let since = which.since.map(|since| Timestamp::from_micros(since.as_microsecond()));
    let mut labels = Vec::new();
    let mut lines = (1_u64..).zip(file.lines());
    loop {
        let some: Vec<(u64, io::Result<String>)> = lines.by_ref().take(LINES_AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        bar.advance(some.len() as u64);
        let read = |(number, line): (u64, io::Result<String>)| -> anyhow::Result<Option<Label>> {
            let line = line.with_context(named)?;
            if line.trim().is_empty() {
                return Ok(None);
            }
            let label = of_line(&line, number)
                .map_err(|what| anyhow::anyhow!("{}:{number}: {what}", output::visible(&path.display().to_string())))?;
            let is_wanted = which.site.as_ref().is_none_or(|site| *site == label.site)
                && since.is_none_or(|since| label.at >= since);
            Ok(is_wanted.then_some(label))
        };
        let read: Vec<anyhow::Result<Option<Label>>> = some.into_par_iter().map(read).collect();
        // The first line that is wrong is the one that is named.
        for label in read {
            labels.extend(label?);
        }
    }
    bar.finish();
    Ok(labels)
}

/// Reads a line, or says what is wrong with it without repeating any of it. What an export has, the policies allowed: of comments
/// that were to be stored nowhere too, as where a server tells its labels itself.
fn of_line(line: &str, number: u64) -> Result<Label, String> {
    let line: Line = serde_json::from_str(line)
        .map_err(|error| format!("not a label as `ombud labels export` writes it, at column {}", error.column()))?;
    let mut label = line::label(line).map_err(|(field, sentence)| format!("{field}: {sentence}"))?;
    if label.labeled_at.is_none() {
        return Err("labeled_at: Must be given: the newest labels are those that a model is judged by.".to_owned());
    }
    // What an import takes where a field is missing; whoever leaves the id out means a comment of its own.
    let fill = |field: &mut String, value: String| {
        if field.is_empty() {
            *field = value;
        }
    };
    fill(&mut label.site_id, "default".to_owned());
    fill(&mut label.comment_id, format!("line {number}"));
    ArticleId::new(label.article_id.clone()).section().unwrap_or_default().clone_into(&mut label.section);
    label.revision = label.revision.max(1);
    if label.sampling_probability == 0.0 {
        label.sampling_probability = 1.0;
    }
    Ok(of_wire(label))
}

/// Takes a label as it is told.
pub(super) fn of_wire(label: pb::Label) -> Label {
    let source = match label.source() {
        pb::LabelSource::Verdict => Source::Verdict,
        pb::LabelSource::Attribute => Source::Attribute,
        pb::LabelSource::Appeal => Source::Appeal,
        pb::LabelSource::Suggestion | pb::LabelSource::Unspecified => Source::Suggestion,
    };
    let pb::Circumstances { word_hits, published, held, rejected } = label.circumstances.unwrap_or_default();
    let mut attributes = [None; Attribute::COUNT];
    for (name, truth) in &label.attributes {
        if let Some(attribute) = Attribute::from_name(name) {
            attributes[attribute.index()] = Some(*truth);
        }
    }
    let at = label.labeled_at.unwrap_or_default();
    Label {
        comment: format!("{} {}", label.comment_id, label.revision),
        site: label.site_id,
        section: (!label.section.is_empty()).then_some(label.section),
        text: label.text,
        circumstances: Circumstances { word_hits, published, held, rejected },
        at: Timestamp::from_micros(at.seconds.saturating_mul(1_000_000).saturating_add(i64::from(at.nanos) / 1000)),
        moderator: label.moderator_id,
        source,
        rejected: label.rejected,
        attributes,
        sampled: f64::from(label.sampling_probability),
        superseded: label.superseded,
    }
}
