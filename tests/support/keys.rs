//! Tokens of a server, as its clients are given them.

use super::with_token;
use ombud::grpc::{AdminClient, pb};

fn request(role: pb::Role, site_id: &str) -> pb::CreateTokenRequest {
    let (name, bound_site_id) = ("key".to_owned(), site_id.to_owned());
    pb::CreateTokenRequest { role: role.into(), name, bound_site_id, ..pb::CreateTokenRequest::default() }
}

/// Makes the first token, of an admin: from then on nobody is let in without one.
pub async fn close(url: &str) -> String {
    let mut admin = AdminClient::connect(url.to_owned()).await.unwrap();
    admin.create_token(request(pb::Role::Admin, "")).await.unwrap().into_inner().secret
}

/// Makes another token; an empty site is all of them.
pub async fn hand_out(url: &str, root: &str, role: pb::Role, site_id: &str) -> String {
    let mut admin = AdminClient::new(with_token(url, root).await);
    admin.create_token(request(role, site_id)).await.unwrap().into_inner().secret
}

/// Makes a token that is good for so many calls a minute.
pub async fn hand_out_some(url: &str, root: &str, rate_per_minute: u32) -> String {
    let mut admin = AdminClient::new(with_token(url, root).await);
    let rate_per_minute = Some(rate_per_minute);
    let request = pb::CreateTokenRequest { rate_per_minute, ..request(pb::Role::Submitter, "") };
    admin.create_token(request).await.unwrap().into_inner().secret
}
