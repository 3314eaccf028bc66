//! Labels as wire messages.

use super::{addressed, convert, pb, status, telling};
use crate::auth::Caller;
use crate::domain::{ArticleId, AuthorId, Circumstances, LabelSource, ModeratorId, Outcome, Violation, Words};
use crate::moderation::{
    Error, Labels,
    labels::{ExportRequest, Exported, Exports, Imported, NewLabel},
};
use futures_util::{Stream, StreamExt, stream};
use std::pin::Pin;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// Labels of one stream that are kept at once; further ones wait in the transport's flow control.
const IN_FLIGHT_MAX: usize = 64;

/// The labels of an export.
pub(super) type Told = Pin<Box<dyn Stream<Item = Result<pb::ExportLabelsResponse, Status>> + Send>>;

/// Tells labels as they are asked for. Where `closing` is cancelled it ends with an error: the labels so far are not all.
pub(super) fn told(exports: Exports, closing: CancellationToken) -> Told {
    Box::pin(stream::unfold(Some((exports, closing)), async |state| {
        let (mut exports, closing) = state?;
        let some = tokio::select! {
            // What has come to its end is whole.
            biased;
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
    let pb::ExportLabelsRequest { site_id, since, until, include_superseded } = request;
    let (since, until) = (since.map(convert::micros), until.map(convert::micros));
    ExportRequest { site_id, since, until, include_superseded }
}

pub(super) fn label(Exported { seq, label, superseded }: Exported) -> pb::Label {
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
        do_not_store: label.do_not_store,
        seq,
        superseded,
    }
}

/// Keeps the labels of a stream in their order, many at once, up to the first that is wrong.
pub(super) async fn import(
    labels: &Labels,
    caller: &Caller,
    requests: Streaming<pb::ImportLabelsRequest>,
) -> Result<pb::ImportLabelsResponse, Status> {
    let check = |request: Result<pb::ImportLabelsRequest, Status>| {
        let mut request = request.map_err(Stopped::Stream)?;
        addressed::check(caller, &mut request).map_err(Stopped::Label)?;
        let label = new_label(request.label.unwrap_or_default());
        labels.check(caller, label).map_err(|error| Stopped::Label(within_label(error)))
    };
    // Nothing behind a label that is wrong is kept.
    let checked = requests.map(check).scan(false, |is_over, checked| {
        let next = (!*is_over).then_some(checked);
        *is_over = next.as_ref().is_some_and(Result::is_err);
        std::future::ready(next)
    });
    let kept = checked.map(|checked| async move { labels.keep(checked?).await.map_err(Stopped::Label) });
    let mut kept = std::pin::pin!(kept.buffered(IN_FLIGHT_MAX));
    let mut told = pb::ImportLabelsResponse::default();
    while let Some(kept) = kept.next().await {
        match kept {
            Ok(Imported::New) => told.imported += 1,
            Ok(Imported::Repeated) => told.repeated += 1,
            Ok(Imported::LeftOut) => told.left_out += 1,
            Err(Stopped::Stream(status)) => return Err(status),
            Err(Stopped::Label(error)) => {
                let pb::ImportLabelsResponse { imported, repeated, left_out } = told;
                let index = imported + repeated + left_out;
                let facts = [("index", index), ("imported", imported), ("repeated", repeated), ("left_out", left_out)];
                return Err(status::status_with(&error, facts.map(|(name, fact)| (name, fact.to_string()))));
            }
        }
    }
    Ok(told)
}

/// Why an import ends before its stream does.
enum Stopped {
    /// The stream broke.
    Stream(Status),
    /// A label is wrong, or can't be kept.
    Label(Error),
}

/// Names the fields of a label as the request has them.
fn within_label(error: Error) -> Error {
    match error {
        Error::Invalid(violations) => Error::Invalid(
            violations.into_iter().map(|one| Violation::new(format!("label.{}", one.field), one.description)).collect(),
        ),
        error => error,
    }
}

fn new_label(label: pb::Label) -> NewLabel {
    let (kind, decided) = (label.source(), label.outcome());
    let pb::Circumstances { word_hits, published, held, rejected } = label.circumstances.unwrap_or_default();
    NewLabel {
        site_id: label.site_id,
        comment_id: label.comment_id,
        revision: label.revision,
        article_id: label.article_id,
        author_id: label.author_id,
        text: Words::new(label.text),
        source: match kind {
            pb::LabelSource::Verdict => LabelSource::Verdict,
            pb::LabelSource::Attribute => LabelSource::Attribute,
            pb::LabelSource::Appeal => LabelSource::Appeal,
            pb::LabelSource::Suggestion | pb::LabelSource::Unspecified => LabelSource::Suggestion,
        },
        rejected: label.rejected,
        attributes: label.attributes.into_iter().collect(),
        moderator_id: label.moderator_id,
        labeled_at: label.labeled_at.map(convert::micros),
        sampling_probability: label.sampling_probability,
        circumstances: Circumstances { word_hits, published, held, rejected },
        outcome: match decided {
            pb::Outcome::Unspecified => None,
            pb::Outcome::Publish => Some(Outcome::Publish),
            pb::Outcome::Hold => Some(Outcome::Hold),
            pb::Outcome::Reject => Some(Outcome::Reject),
        },
        model_version: label.model_version,
        do_not_store: label.do_not_store,
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
