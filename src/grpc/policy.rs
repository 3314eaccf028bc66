//! The methods of `PolicyService`: convert, call, convert back.

use super::pb::policy_service_server::{PolicyService, PolicyServiceServer};
use super::{addressed, convert, pb, policy_form as form, status};
use crate::moderation::{
    Policies, Simulations,
    policies::{ScopeRequest, SetRequest, Shown, Written},
    simulation::{SimulationRequest, Step},
};
use futures_util::{Stream, StreamExt};
use std::{pin::Pin, sync::Arc};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

/// Answers `PolicyService` with [`Policies`] and [`Simulations`].
#[derive(Clone)]
pub struct PolicyServer {
    policies: Arc<Policies>,
    simulations: Arc<Simulations>,
    closing: CancellationToken,
}

/// Bytes of a policy's message at most: one with all the words that it may have.
pub const POLICY_BYTES_MAX: usize = 4 << 20;

/// Makes the service that a router takes. When `closing` is cancelled, simulations end.
pub fn policy_service(
    policies: Arc<Policies>,
    simulations: Arc<Simulations>,
    closing: CancellationToken,
) -> PolicyServiceServer<PolicyServer> {
    PolicyServiceServer::new(PolicyServer { policies, simulations, closing })
        .max_decoding_message_size(POLICY_BYTES_MAX)
}

/// The steps of a simulation.
type Steps = Pin<Box<dyn Stream<Item = Result<pb::SimulatePolicyResponse, Status>> + Send>>;

#[tonic::async_trait]
impl PolicyService for PolicyServer {
    async fn get_policy(
        &self,
        request: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::GetPolicyResponse>, Status> {
        let pb::GetPolicyRequest { site_id, article_id } = addressed::checked(request)?;
        let shown = self.policies.show(&ScopeRequest { site_id, article_id }).await;
        let Shown { own, document, effective, policy_version } = shown.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::GetPolicyResponse {
            own: own.map(|own| form::version(own, &document)),
            effective_toml: effective.to_toml(),
            effective: Some(form::policy(&effective)),
            policy_version,
        }))
    }

    async fn set_policy(
        &self,
        request: Request<pb::SetPolicyRequest>,
    ) -> Result<Response<pb::SetPolicyResponse>, Status> {
        use pb::set_policy_request::Form;
        let pb::SetPolicyRequest { site_id, article_id, form, editor_id, note, version } = addressed::checked(request)?;
        let written = match form {
            Some(Form::Policy(policy)) => Some(parts(policy)?),
            Some(Form::Toml(text)) => Some(Written::Toml(text)),
            None => None,
        };
        let set = SetRequest { scope: ScopeRequest { site_id, article_id }, editor_id, note, version };
        let shown = self.policies.set(set, written).await.map_err(|error| status::status(&error))?;
        let (own, policy_version) = of_shown(shown);
        Ok(Response::new(pb::SetPolicyResponse { own, policy_version }))
    }

    async fn list_policy_versions(
        &self,
        request: Request<pb::ListPolicyVersionsRequest>,
    ) -> Result<Response<pb::ListPolicyVersionsResponse>, Status> {
        let pb::ListPolicyVersionsRequest { site_id, article_id, page_size, before_version } =
            addressed::checked(request)?;
        let versions = self.policies.versions(&ScopeRequest { site_id, article_id }, page_size, before_version).await;
        let versions = versions.map_err(|error| status::status(&error))?;
        let versions = versions.into_iter().map(|(version, document)| form::version(version, &document)).collect();
        Ok(Response::new(pb::ListPolicyVersionsResponse { versions }))
    }

    async fn restore_policy(
        &self,
        request: Request<pb::RestorePolicyRequest>,
    ) -> Result<Response<pb::RestorePolicyResponse>, Status> {
        let pb::RestorePolicyRequest { site_id, article_id, restored_version, editor_id, note, version } =
            addressed::checked(request)?;
        let set = SetRequest { scope: ScopeRequest { site_id, article_id }, editor_id, note, version };
        let shown = self.policies.restore(set, restored_version).await.map_err(|error| status::status(&error))?;
        let (own, policy_version) = of_shown(shown);
        Ok(Response::new(pb::RestorePolicyResponse { own, policy_version }))
    }

    type SimulatePolicyStream = Steps;

    async fn simulate_policy(
        &self,
        request: Request<pb::SimulatePolicyRequest>,
    ) -> Result<Response<Self::SimulatePolicyStream>, Status> {
        use pb::simulate_policy_request::Form;
        let request = addressed::checked(request)?;
        let written = match request.form {
            Some(Form::Policy(policy)) => Some(parts(policy)?),
            Some(Form::Toml(text)) => Some(Written::Toml(text)),
            None => None,
        };
        let simulation = SimulationRequest {
            scope: ScopeRequest { site_id: request.site_id, article_id: request.article_id },
            written,
            since: request.since.map(convert::micros),
            until: request.until.map(convert::micros),
            budget_per_day: request.budget_per_day,
            examples_max: request.examples_max,
        };
        let steps = self.simulations.run(simulation).await.map_err(|error| status::status(&error))?;
        let told = steps.map(|step| match step {
            Ok(Step::Progress { events, total }) => {
                Ok(pb::simulate_policy_response::Step::Progress(pb::SimulationProgress { events, events_total: total }))
            }
            Ok(Step::Result(found)) => Ok(pb::simulate_policy_response::Step::Result(form::simulation(*found))),
            Err(error) => Err(status::status(&error)),
        });
        let told = told.map(|step| step.map(|step| pb::SimulatePolicyResponse { step: Some(step) }));
        Ok(Response::new(Box::pin(told.take_until(self.closing.clone().cancelled_owned()))))
    }
}

fn parts(policy: pb::Policy) -> Result<Written, Status> {
    let document = form::document(policy).map_err(|error| status::status(&error))?;
    Ok(Written::Parts(Box::new(document)))
}

fn of_shown(shown: Shown) -> (Option<pb::PolicyVersion>, String) {
    let Shown { own, document, policy_version, .. } = shown;
    (own.map(|own| form::version(own, &document)), policy_version)
}
