//! The methods of `AdminService`: convert, call, convert back.

use super::pb::admin_service_server::{AdminService, AdminServiceServer};
use super::{addressed, convert, pb, status};
use crate::domain::{Origin, Role, SiteId, Token};
use crate::moderation::{Admin, NewToken, TokenRequest};
use std::{fmt, num::NonZeroU32, sync::Arc};
use tonic::{Request, Response, Status};

/// Answers `AdminService` with [`Admin`].
#[derive(Clone)]
pub struct AdminServer {
    admin: Arc<Admin>,
}

/// Makes the service that a router takes. Messages over `message_bytes_max` bytes are refused.
pub fn admin_service(admin: Arc<Admin>, message_bytes_max: usize) -> AdminServiceServer<AdminServer> {
    AdminServiceServer::new(AdminServer { admin }).max_decoding_message_size(message_bytes_max)
}

#[tonic::async_trait]
impl AdminService for AdminServer {
    async fn create_token(
        &self,
        request: Request<pb::CreateTokenRequest>,
    ) -> Result<Response<pb::CreateTokenResponse>, Status> {
        let (caller, request) = addressed::introduced(request)?;
        let role = match request.role() {
            pb::Role::Unspecified => None,
            pb::Role::Submitter => Some(Role::Submitter),
            pb::Role::Moderator => Some(Role::Moderator),
            pb::Role::Admin => Some(Role::Admin),
        };
        let pb::CreateTokenRequest { bound_site_id: site_id, name, lifetime_secs, origins, rate_per_minute, .. } =
            request;
        let request = TokenRequest { role, site_id, name, lifetime_secs, origins, rate_per_minute };
        let created = self.admin.create(&caller, request).await;
        let NewToken { token: made, secret } = created.map_err(|error| status::status(&error))?;
        let secret = secret.expose().to_owned();
        Ok(Response::new(pb::CreateTokenResponse { token: Some(token(&made)), secret }))
    }

    async fn list_tokens(
        &self,
        request: Request<pb::ListTokensRequest>,
    ) -> Result<Response<pb::ListTokensResponse>, Status> {
        let (caller, pb::ListTokensRequest {}) = addressed::introduced(request)?;
        let tokens = self.admin.list(&caller).iter().map(token).collect();
        Ok(Response::new(pb::ListTokensResponse { tokens }))
    }

    async fn revoke_token(
        &self,
        request: Request<pb::RevokeTokenRequest>,
    ) -> Result<Response<pb::RevokeTokenResponse>, Status> {
        let (caller, request) = addressed::introduced(request)?;
        self.admin.revoke(&caller, &request.token_id).await.map_err(|error| status::status(&error))?;
        Ok(Response::new(pb::RevokeTokenResponse {}))
    }

    async fn get_journal_head(
        &self,
        _: Request<pb::GetJournalHeadRequest>,
    ) -> Result<Response<pb::GetJournalHeadResponse>, Status> {
        let head = self.admin.journal_head().await.map_err(|error| status::status(&error))?;
        let (seq, hash) = (head.seq, head.hash.to_vec());
        Ok(Response::new(pb::GetJournalHeadResponse { seq, hash, head: head.to_string() }))
    }
}

fn token(token: &Token) -> pb::Token {
    pb::Token {
        token_id: token.token_id.as_str().to_owned(),
        role: match token.role {
            Role::Submitter => pb::Role::Submitter,
            Role::Moderator => pb::Role::Moderator,
            Role::Admin => pb::Role::Admin,
        }
        .into(),
        bound_site_id: token.site_id.as_ref().map(SiteId::as_str).unwrap_or_default().to_owned(),
        name: token.name.as_str().to_owned(),
        created_at: Some(convert::timestamp(token.created_at)),
        expires_at: token.expires_at.map(convert::timestamp),
        origins: token.origins.iter().map(Origin::to_string).collect(),
        rate_per_minute: token.rate_per_minute.map_or(0, NonZeroU32::get),
    }
}

/// The token itself is left out.
impl fmt::Debug for pb::CreateTokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateTokenResponse").field("token", &self.token).finish_non_exhaustive()
    }
}
