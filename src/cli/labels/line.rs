//! A label as a line of JSON, for both ways; its names are those of the proto.

use crate::cli::json as wire;
use crate::grpc::pb;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A label; on the way in, `section` and `seq` are passed over: they follow from the rest.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) site_id: String,
    #[serde(default)]
    pub(super) comment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<u32>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) article_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) section: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) author_id: String,
    #[serde(default)]
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rejected: Option<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) attributes: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) moderator_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) labeled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sampling_probability: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) circumstances: Option<Circumstances>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) model_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seq: Option<u64>,
}

/// What was known besides the text.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Circumstances {
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
pub(super) fn source_name(source: pb::LabelSource) -> &'static str {
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
            seq: Some(label.seq),
        }
    }
}
