//! Labels that came in from outside, as bytes: their events in the journal, without the text, and what the state keeps.

use super::{Malformed, outcome_number, outcome_of, put, take};
use crate::domain::{
    ArticleId, Attribute, AuthorId, Circumstances, CommentId, KeptLabel, Label, LabelSource, ModeratorId, SiteId,
    Timestamp, Words,
};
use serde::{Deserialize, Serialize};

/// A label; its text stands in the private part of the record.
#[derive(Serialize, Deserialize)]
pub(super) struct LabelV1<'a> {
    site_id: &'a str,
    comment_id: &'a str,
    revision: u32,
    article_id: Option<&'a str>,
    author_id: Option<&'a str>,
    source: u8,
    rejected: Option<bool>,
    attributes: Vec<(u8, bool)>,
    moderator_id: Option<&'a str>,
    labeled_at: Option<i64>,
    sampling_probability: f32,
    word_hits: u32,
    published: u32,
    held: u32,
    author_rejected: u32,
    outcome: Option<u8>,
    model_version: &'a str,
    do_not_store: bool,
}

/// A label in the state.
#[derive(Serialize, Deserialize)]
struct KeptV1<'a> {
    seq: u64,
    kept_at: i64,
    #[serde(borrow)]
    label: LabelV1<'a>,
    text: &'a str,
}

/// What is known of all labels of one comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct LabelsOf {
    /// The number of the event that brought the first one.
    pub(in crate::store) first_seq: u64,
    /// Whether they were erased, so that none is kept any more.
    pub(in crate::store) erased: bool,
}

const SOURCES: [LabelSource; 4] =
    [LabelSource::Verdict, LabelSource::Attribute, LabelSource::Appeal, LabelSource::Suggestion];

/// Returns the number of a source, which its place among keys rests on too.
pub(in crate::store) fn source_number(source: LabelSource) -> u8 {
    match source {
        LabelSource::Verdict => 0,
        LabelSource::Attribute => 1,
        LabelSource::Appeal => 2,
        LabelSource::Suggestion => 3,
    }
}

impl<'a> From<&'a Label> for LabelV1<'a> {
    fn from(label: &'a Label) -> Self {
        let Circumstances { word_hits, published, held, rejected } = label.circumstances;
        #[expect(clippy::cast_possible_truncation, reason = "eight attributes")]
        let number = |attribute: Attribute| attribute.index() as u8;
        Self {
            site_id: label.site_id.as_str(),
            comment_id: label.comment_id.as_str(),
            revision: label.revision,
            article_id: label.article_id.as_ref().map(ArticleId::as_str),
            author_id: label.author_id.as_ref().map(AuthorId::as_str),
            source: source_number(label.source),
            rejected: label.rejected,
            attributes: label.attributes.iter().map(|(attribute, truth)| (number(*attribute), *truth)).collect(),
            moderator_id: label.moderator_id.as_ref().map(ModeratorId::as_str),
            labeled_at: label.labeled_at.map(Timestamp::as_micros),
            sampling_probability: label.sampling_probability,
            word_hits,
            published,
            held,
            author_rejected: rejected,
            outcome: label.outcome.map(outcome_number),
            model_version: &label.model_version,
            do_not_store: label.do_not_store,
        }
    }
}

impl LabelV1<'_> {
    /// Returns the label with its text.
    pub(super) fn with(self, text: Words) -> Result<Label, Malformed> {
        let attribute = |(number, truth): (u8, bool)| {
            Attribute::ALL.get(usize::from(number)).map(|attribute| (*attribute, truth)).ok_or(Malformed)
        };
        let Self { word_hits, published, held, author_rejected: rejected, .. } = self;
        Ok(Label {
            site_id: SiteId::new(self.site_id),
            comment_id: CommentId::new(self.comment_id),
            revision: self.revision,
            article_id: self.article_id.map(ArticleId::new),
            author_id: self.author_id.map(AuthorId::new),
            text,
            source: SOURCES.get(usize::from(self.source)).copied().ok_or(Malformed)?,
            rejected: self.rejected,
            attributes: self.attributes.into_iter().map(attribute).collect::<Result<_, _>>()?,
            moderator_id: self.moderator_id.map(ModeratorId::new),
            labeled_at: self.labeled_at.map(Timestamp::from_micros),
            sampling_probability: self.sampling_probability,
            circumstances: Circumstances { word_hits, published, held, rejected },
            outcome: self.outcome.map(outcome_of).transpose()?,
            model_version: self.model_version.to_owned(),
            do_not_store: self.do_not_store,
        })
    }
}

/// Appends a label that is kept to `out`.
pub(in crate::store) fn encode_label(kept: &KeptLabel, out: &mut Vec<u8>) {
    let (label, text) = (LabelV1::from(&kept.label), kept.label.text.as_str());
    put(&KeptV1 { seq: kept.seq, kept_at: kept.kept_at.as_micros(), label, text }, out);
}

/// Reads a label that is kept back.
pub(in crate::store) fn decode_label(bytes: &[u8]) -> Result<KeptLabel, Malformed> {
    let KeptV1 { seq, kept_at, label, text } = take(bytes)?;
    Ok(KeptLabel { seq, kept_at: Timestamp::from_micros(kept_at), label: label.with(Words::new(text))? })
}

/// Appends what is known of a comment's labels to `out`.
pub(in crate::store) fn encode_labels_of(labels: LabelsOf, out: &mut Vec<u8>) {
    put(&labels, out);
}

/// Reads what is known of a comment's labels back.
pub(in crate::store) fn decode_labels_of(bytes: &[u8]) -> Result<LabelsOf, Malformed> {
    take(bytes)
}
