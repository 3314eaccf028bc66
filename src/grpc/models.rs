//! The methods of `ModelService`: convert, call, convert back.

use super::pb::model_service_server::{ModelService, ModelServiceServer};
use super::{addressed, convert, labels, pb, rescoring, status};
use crate::domain::{ModeratorId, Violation, model::ModelEntry};
use crate::moderation::{
    Disagreement, Error, Labels, Models, Rescorings,
    models::{Standing, Upload},
};
use futures_util::{Stream, StreamExt as _};
use std::{pin::Pin, sync::Arc};
use tokio_stream::iter;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

/// How many bytes of a file go into one message.
const CHUNK_BYTES: usize = 64 << 10;

/// A model's file on its way out.
type Download = Pin<Box<dyn Stream<Item = Result<pb::DownloadModelResponse, Status>> + Send>>;

/// Answers `ModelService` with [`Models`].
#[derive(Clone)]
pub struct ModelServer {
    models: Arc<Models>,
    labels: Arc<Labels>,
    rescorings: Arc<Rescorings>,
    closing: CancellationToken,
}

/// Makes the service that a router takes. Messages over `message_bytes_max` bytes are refused. When `closing` is cancelled,
/// exports end, and comments are no longer scored again.
pub fn model_service(
    models: Arc<Models>,
    labels: Arc<Labels>,
    rescorings: Arc<Rescorings>,
    closing: CancellationToken,
    message_bytes_max: usize,
) -> ModelServiceServer<ModelServer> {
    let server = ModelServer { models, labels, rescorings, closing };
    ModelServiceServer::new(server).max_decoding_message_size(message_bytes_max)
}

/// The steps of scoring comments again.
type Rescored = Pin<Box<dyn Stream<Item = Result<pb::RescoreCommentsResponse, Status>> + Send>>;

#[tonic::async_trait]
impl ModelService for ModelServer {
    async fn list_models(
        &self,
        request: Request<pb::ListModelsRequest>,
    ) -> Result<Response<pb::ListModelsResponse>, Status> {
        let (caller, pb::ListModelsRequest {}) = addressed::introduced(request)?;
        let standing = told(self.models.list(&caller).await)?;
        let models = standing.registry.models.iter().map(model).collect();
        Ok(Response::new(pb::ListModelsResponse { models, at_work: Some(at_work(&standing)) }))
    }

    async fn get_model(&self, request: Request<pb::GetModelRequest>) -> Result<Response<pb::GetModelResponse>, Status> {
        let (caller, pb::GetModelRequest { hash }) = addressed::introduced(request)?;
        let (entry, standing) = told(self.models.get(&caller, &hash).await)?;
        Ok(Response::new(pb::GetModelResponse { model: Some(model(&entry)), at_work: Some(at_work(&standing)) }))
    }

    async fn upload_model(
        &self,
        request: Request<Streaming<pb::UploadModelRequest>>,
    ) -> Result<Response<pb::UploadModelResponse>, Status> {
        let (caller, mut parts) = addressed::introduced_stream(request)?;
        let mut upload: Option<Upload> = None;
        while let Some(message) = parts.next().await {
            match (message?.part, &mut upload) {
                (Some(pb::upload_model_request::Part::Begin(begin)), None) => {
                    let pb::UploadBegin { hash, bytes, note } = begin;
                    upload = Some(told(self.models.begin_upload(&caller, &hash, bytes, note))?);
                }
                (Some(pb::upload_model_request::Part::Chunk(chunk)), Some(upload)) => told(upload.push(&chunk))?,
                (Some(pb::upload_model_request::Part::Begin(_)), Some(_)) => return Err(out_of_order("begin")),
                (Some(pb::upload_model_request::Part::Chunk(_)), None) => return Err(out_of_order("chunk")),
                (None, _) => return Err(out_of_order("part")),
            }
        }
        let upload = upload.ok_or_else(|| out_of_order("begin"))?;
        let (entry, repeated) = told(self.models.finish_upload(upload).await)?;
        Ok(Response::new(pb::UploadModelResponse { model: Some(model(&entry)), repeated }))
    }

    type DownloadModelStream = Download;

    async fn download_model(
        &self,
        request: Request<pb::DownloadModelRequest>,
    ) -> Result<Response<Self::DownloadModelStream>, Status> {
        use pb::download_model_response::Part;
        let (caller, pb::DownloadModelRequest { hash }) = addressed::introduced(request)?;
        let (entry, bytes) = told(self.models.download(&caller, &hash).await)?;
        let chunks: Vec<Part> = bytes.chunks(CHUNK_BYTES).map(|chunk| Part::Chunk(chunk.to_vec())).collect();
        let parts = [Part::Model(model(&entry))].into_iter().chain(chunks);
        Ok(Response::new(Box::pin(iter(parts.map(|part| Ok(pb::DownloadModelResponse { part: Some(part) }))))))
    }

    async fn promote_model(
        &self,
        request: Request<pb::PromoteModelRequest>,
    ) -> Result<Response<pb::PromoteModelResponse>, Status> {
        let (caller, pb::PromoteModelRequest { hash, seen_champion }) = addressed::introduced(request)?;
        let standing = told(self.models.promote(&caller, &hash, &seen_champion).await)?;
        Ok(Response::new(pb::PromoteModelResponse { at_work: Some(at_work(&standing)) }))
    }

    async fn rollback_model(
        &self,
        request: Request<pb::RollbackModelRequest>,
    ) -> Result<Response<pb::RollbackModelResponse>, Status> {
        let (caller, pb::RollbackModelRequest { seen_champion }) = addressed::introduced(request)?;
        let standing = told(self.models.roll_back(&caller, &seen_champion).await)?;
        Ok(Response::new(pb::RollbackModelResponse { at_work: Some(at_work(&standing)) }))
    }

    async fn compare_models(
        &self,
        request: Request<pb::CompareModelsRequest>,
    ) -> Result<Response<pb::CompareModelsResponse>, Status> {
        let (caller, pb::CompareModelsRequest {}) = addressed::introduced(request)?;
        let (found, standing) = told(self.models.compare(&caller).await)?;
        let pair = |((champion, challenger), comments)| pb::OutcomePair {
            champion: convert::outcome(champion).into(),
            challenger: convert::outcome(challenger).into(),
            comments,
        };
        Ok(Response::new(pb::CompareModelsResponse {
            at_work: Some(at_work(&standing)),
            comments: found.comments,
            left_out: found.left_out,
            outcomes: found.outcomes.into_iter().map(pair).collect(),
            disagreements: found.disagreements.iter().map(disagreement).collect(),
        }))
    }

    async fn set_shadow(
        &self,
        request: Request<pb::SetShadowRequest>,
    ) -> Result<Response<pb::SetShadowResponse>, Status> {
        let (caller, pb::SetShadowRequest { hash }) = addressed::introduced(request)?;
        let standing = told(self.models.set_shadow(&caller, &hash).await)?;
        Ok(Response::new(pb::SetShadowResponse { at_work: Some(at_work(&standing)) }))
    }

    async fn remove_model(
        &self,
        request: Request<pb::RemoveModelRequest>,
    ) -> Result<Response<pb::RemoveModelResponse>, Status> {
        let (caller, pb::RemoveModelRequest { hash }) = addressed::introduced(request)?;
        let standing = told(self.models.remove(&caller, &hash).await)?;
        Ok(Response::new(pb::RemoveModelResponse { at_work: Some(at_work(&standing)) }))
    }

    async fn import_labels(
        &self,
        request: Request<Streaming<pb::ImportLabelsRequest>>,
    ) -> Result<Response<pb::ImportLabelsResponse>, Status> {
        let (caller, requests) = addressed::introduced_stream(request)?;
        Ok(Response::new(labels::import(&self.labels, &caller, requests).await?))
    }

    type RescoreCommentsStream = Rescored;

    async fn rescore_comments(
        &self,
        request: Request<pb::RescoreCommentsRequest>,
    ) -> Result<Response<Self::RescoreCommentsStream>, Status> {
        let (caller, request) = addressed::introduced(request)?;
        let steps = told(self.rescorings.run(&caller, rescoring::request(request)).await)?;
        let steps = steps.map(|step| told(step).map(rescoring::step));
        Ok(Response::new(Box::pin(steps.take_until(self.closing.clone().cancelled_owned()))))
    }

    type ExportLabelsStream = labels::Told;

    async fn export_labels(
        &self,
        request: Request<pb::ExportLabelsRequest>,
    ) -> Result<Response<Self::ExportLabelsStream>, Status> {
        let (caller, request) = addressed::introduced(request)?;
        let exports = told(self.labels.export(&caller, &labels::export_request(request)))?;
        Ok(Response::new(labels::told(exports, self.closing.clone())))
    }
}

fn told<T>(answer: Result<T, Error>) -> Result<T, Status> {
    answer.map_err(|error| status::status(&error))
}

fn out_of_order(field: &str) -> Status {
    let sentence = "The first message must say what comes, in begin; each of the others brings a chunk.";
    status::status(&Error::Invalid(vec![Violation::new(field, sentence)]))
}

fn model(model: &ModelEntry) -> pb::Model {
    pb::Model {
        hash: model.hash.to_string(),
        version: model.version.clone(),
        bytes: model.bytes,
        labels: model.labels,
        uploaded_at: Some(convert::timestamp(model.uploaded_at)),
        uploaded_by: model.uploaded_by.as_ref().map(ModeratorId::as_str).unwrap_or_default().to_owned(),
        note: model.note.clone(),
    }
}

fn disagreement(one: &Disagreement) -> pb::Disagreement {
    pb::Disagreement {
        site_id: one.site_id.as_str().to_owned(),
        comment_id: one.comment_id.as_str().to_owned(),
        champion: convert::outcome(one.champion).into(),
        challenger: convert::outcome(one.challenger).into(),
        champion_likely_to_reject: one.champion_says.get(),
        challenger_likely_to_reject: one.challenger_says.get(),
        decided_at: Some(convert::timestamp(one.at)),
    }
}

fn at_work(standing: &Standing) -> pb::AtWork {
    let kept = &standing.registry.standing;
    let name = |hash: Option<crate::domain::ModelHash>| hash.map(|hash| hash.to_string()).unwrap_or_default();
    pb::AtWork {
        champion: name(kept.champion),
        version: standing.version.clone(),
        shadow: name(kept.shadow),
        rollbacks: u32::try_from(kept.before.len()).unwrap_or(u32::MAX),
        trouble: standing.trouble.clone(),
        base: standing.base.clone(),
    }
}
