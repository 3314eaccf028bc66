//! A label as a line of JSON, for both ways; its names are those of the proto.

use crate::cli::{json as wire, policy::wire_time};
use crate::grpc::pb;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A label; on the way in, `section` and `seq` are passed over: they follow from the rest.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Line {
    #[serde(default)]
    pub(in crate::cli) site_id: String,
    #[serde(default)]
    pub(in crate::cli) comment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) revision: Option<u32>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(in crate::cli) article_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(in crate::cli) section: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(in crate::cli) author_id: String,
    #[serde(default)]
    pub(in crate::cli) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) rejected: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::cli) attributes: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(in crate::cli) moderator_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) labeled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) sampling_probability: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) circumstances: Option<Circumstances>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) outcome: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) model_version: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) do_not_store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) seq: Option<u64>,
}

/// What was known besides the text.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::cli) struct Circumstances {
    word_hits: u32,
    published: u32,
    held: u32,
    rejected: u32,
}

/// Sources by their names.
const SOURCES: [(&str, pb::LabelSource); 4] = [
    ("VERDICT", pb::LabelSource::Verdict),
    ("ATTRIBUTE", pb::LabelSource::Attribute),
    ("APPEAL", pb::LabelSource::Appeal),
    ("SUGGESTION", pb::LabelSource::Suggestion),
];

/// Returns a source's name.
pub(in crate::cli) fn source_name(source: pb::LabelSource) -> &'static str {
    SOURCES.iter().find(|(_, known)| *known == source).map_or("UNSPECIFIED", |(name, _)| name)
}

impl From<pb::Label> for Line {
    fn from(label: pb::Label) -> Self {
        let outcome = label.outcome();
        let circumstances = label.circumstances.map(|pb::Circumstances { word_hits, published, held, rejected }| {
            Circumstances { word_hits, published, held, rejected }
        });
        Self {
            revision: Some(label.revision),
            source: Some(source_name(label.source()).to_owned()),
            site_id: label.site_id,
            comment_id: label.comment_id,
            article_id: label.article_id,
            section: label.section,
            author_id: label.author_id,
            text: label.text,
            rejected: label.rejected,
            attributes: label.attributes.into_iter().collect(),
            moderator_id: label.moderator_id,
            labeled_at: wire::time(label.labeled_at),
            sampling_probability: Some(label.sampling_probability),
            circumstances,
            outcome: (outcome != pb::Outcome::Unspecified).then(|| wire::outcome_name(outcome).to_owned()),
            model_version: label.model_version,
            do_not_store: label.do_not_store,
            seq: Some(label.seq),
        }
    }
}

/// Reads a line as a label; names the field that can't be read.
pub(in crate::cli) fn label(line: Line) -> Result<pb::Label, (&'static str, &'static str)> {
    let source = match line.source.as_deref() {
        None => pb::LabelSource::Unspecified,
        Some(name) => SOURCES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, source)| *source)
            .ok_or(("source", "Must be VERDICT, ATTRIBUTE, APPEAL or SUGGESTION."))?,
    };
    let outcome = match line.outcome.as_deref() {
        None => pb::Outcome::Unspecified,
        Some("PUBLISH") => pb::Outcome::Publish,
        Some("HOLD") => pb::Outcome::Hold,
        Some("REJECT") => pb::Outcome::Reject,
        Some(_) => return Err(("outcome", "Must be PUBLISH, HOLD or REJECT.")),
    };
    let at = |text: String| text.parse().map_err(|_| ("labeled_at", "Must be a time, such as 2026-11-24T08:00:00Z."));
    let labeled_at = line.labeled_at.map(at).transpose()?.map(wire_time);
    let circumstances = line.circumstances.map(|Circumstances { word_hits, published, held, rejected }| {
        pb::Circumstances { word_hits, published, held, rejected }
    });
    Ok(pb::Label {
        site_id: line.site_id,
        comment_id: line.comment_id,
        revision: line.revision.unwrap_or_default(),
        article_id: line.article_id,
        author_id: line.author_id,
        text: line.text,
        source: source.into(),
        rejected: line.rejected,
        attributes: line.attributes.into_iter().collect(),
        moderator_id: line.moderator_id,
        labeled_at,
        sampling_probability: line.sampling_probability.unwrap_or_default(),
        circumstances,
        outcome: outcome.into(),
        model_version: line.model_version,
        do_not_store: line.do_not_store,
        ..pb::Label::default()
    })
}
