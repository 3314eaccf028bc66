//! A label as a line of JSON, for both ways; its names are those of the proto.

use crate::cli::json as wire;
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
    pub(in crate::cli) model_version: String,
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
            seq: Some(label.seq),
        }
    }
}

impl Line {
    /// Returns the label that a line says, or what is wrong with it.
    pub(in crate::cli) fn into_wire(self) -> Result<pb::Label, String> {
        let source = self.source.as_deref().unwrap_or("VERDICT");
        let source =
            SOURCES.iter().find(|(name, _)| *name == source).ok_or("\"source\" is not one that labels have")?;
        let time = |text: &str| {
            let time: jiff::Timestamp = text.parse().map_err(|_| "\"labeled_at\" is not a time in RFC 3339")?;
            Ok::<_, &str>(prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() })
        };
        let labeled_at = self.labeled_at.as_deref().map(time).transpose()?;
        let Circumstances { word_hits, published, held, rejected } = self.circumstances.unwrap_or_default();
        let site_id = if self.site_id.is_empty() { "default".to_owned() } else { self.site_id };
        Ok(pb::Label {
            site_id,
            comment_id: self.comment_id,
            revision: self.revision.unwrap_or(1),
            article_id: self.article_id,
            section: self.section,
            author_id: self.author_id,
            text: self.text,
            source: source.1.into(),
            rejected: self.rejected,
            attributes: self.attributes.into_iter().collect(),
            moderator_id: self.moderator_id,
            labeled_at,
            sampling_probability: self.sampling_probability.unwrap_or(1.0),
            circumstances: Some(pb::Circumstances { word_hits, published, held, rejected }),
            outcome: pb::Outcome::Unspecified.into(),
            model_version: self.model_version,
            seq: self.seq.unwrap_or_default(),
            do_not_store: false,
        })
    }
}
