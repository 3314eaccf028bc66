//! Labels as wire messages.

use super::{convert, pb, status, telling};
use crate::domain::{ArticleId, AuthorId, Circumstances, LabelSource, ModeratorId};
use crate::moderation::labels::{ExportRequest, Exported, Exports};
use futures_util::{Stream, StreamExt, stream};
use std::pin::Pin;
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// The labels of an export.
pub(super) type Told = Pin<Box<dyn Stream<Item = Result<pb::ExportLabelsResponse, Status>> + Send>>;

/// Tells labels as they are asked for. Where `closing` is cancelled it ends with an error: the labels so far are not all.
pub(super) fn told(exports: Exports, closing: CancellationToken) -> Told {
    Box::pin(stream::unfold(Some((exports, closing)), async |state| {
        let (mut exports, closing) = state?;
        let some = tokio::select! {
            some = exports.next() => some?,
            () = closing.cancelled() => return Some((Err(telling::stopping()), None)),
        };
        match some {
            Ok(some) => {
                let labels = some.into_iter().map(label).collect();
                Some((Ok(pb::ExportLabelsResponse { labels }), Some((exports, closing))))
            }
            Err(error) => Some((Err(status::status(&error)), None)),
        }
    }))
}

pub(super) fn export_request(request: pb::ExportLabelsRequest) -> ExportRequest {
    let pb::ExportLabelsRequest { site_id, since, until } = request;
    ExportRequest { site_id, since: since.map(convert::micros), until: until.map(convert::micros) }
}

pub(super) fn label(Exported { seq, label }: Exported) -> pb::Label {
    let Circumstances { word_hits, published, held, rejected } = label.circumstances;
    let article_id = label.article_id.as_ref();
    pb::Label {
        site_id: label.site_id.as_str().to_owned(),
        comment_id: label.comment_id.as_str().to_owned(),
        revision: label.revision,
        article_id: article_id.map(ArticleId::as_str).unwrap_or_default().to_owned(),
        section: article_id.and_then(ArticleId::section).unwrap_or_default().to_owned(),
        author_id: label.author_id.as_ref().map(AuthorId::as_str).unwrap_or_default().to_owned(),
        text: label.text.as_str().to_owned(),
        source: source(label.source).into(),
        rejected: label.rejected,
        attributes: label.attributes.iter().map(|(attribute, truth)| (attribute.name().to_owned(), *truth)).collect(),
        moderator_id: label.moderator_id.as_ref().map(ModeratorId::as_str).unwrap_or_default().to_owned(),
        labeled_at: label.labeled_at.map(convert::timestamp),
        sampling_probability: label.sampling_probability,
        circumstances: Some(pb::Circumstances { word_hits, published, held, rejected }),
        outcome: label.outcome.map_or(pb::Outcome::Unspecified, convert::outcome).into(),
        model_version: label.model_version,
        seq,
    }
}

const fn source(source: LabelSource) -> pb::LabelSource {
    match source {
        LabelSource::Verdict => pb::LabelSource::Verdict,
        LabelSource::Attribute => pb::LabelSource::Attribute,
        LabelSource::Appeal => pb::LabelSource::Appeal,
        LabelSource::Suggestion => pb::LabelSource::Suggestion,
    }
}
