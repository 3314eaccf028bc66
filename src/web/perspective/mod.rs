//! The Perspective API, version `v1alpha1`, as its clients know it.
//!
//! Where to look: `request.rs` reads what clients send, `answer.rs` writes what they read, `failure.rs` has every error with the
//! words that clients look for, `discovery.rs` the document that Google's libraries begin with, `cors.rs` what browsers ask.
//! Paths may have anything before them, since clients put the operation behind whatever address they are given.

mod analyze;
mod answer;
mod cors;
mod discovery;
mod failure;
mod request;
mod suggest;

use super::{Doors, body, json, key, reply};
use crate::auth::{Caller, Error};
use crate::domain::Role;
use crate::moderation::DEFAULT_SITE;
use axum::{body::Body, response::Response};
use failure::Failure;
use http::{Method, Request, header::ALLOW, request::Parts};
use serde_json::Value;
use std::sync::Arc;

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// Scores.
    Analyze,
    /// A score that somebody else gave, to learn from.
    Suggest,
    /// The description of the others.
    Discovery,
}

impl Call {
    /// Reads the end of a path.
    pub(super) fn of(path: &str) -> Option<Self> {
        // Libraries escape what needn't be.
        let path = path.replace("%24", "$").replace("%3A", ":").replace("%3a", ":");
        [
            ("/comments:analyze", Self::Analyze),
            ("/comments:suggestscore", Self::Suggest),
            ("/$discovery/rest", Self::Discovery),
        ]
        .into_iter()
        .find(|(end, _)| path.ends_with(end))
        .map(|(_, call)| call)
    }
}

/// Answers a request.
pub(super) async fn serve(doors: Arc<Doors>, call: Call, request: Request<Body>) -> Response {
    if request.method() == Method::OPTIONS {
        return cors::preflight(&doors, call, &request.into_parts().0);
    }
    let allowed = cors::allowed(&doors, call, request.uri(), request.headers());
    let answered = match (call, request.method()) {
        (Call::Discovery, &Method::GET) => described(&doors, &request.into_parts().0),
        (Call::Analyze | Call::Suggest, &Method::POST) => asked(&doors, call, request).await,
        (Call::Discovery, _) => Err(Failure::method("GET")),
        (Call::Analyze | Call::Suggest, _) => Err(Failure::method("POST")),
    };
    let mut response = match answered {
        Ok(value) => answer::respond(200, &value),
        Err(failure) => {
            let response = answer::respond(failure.code, &failure.body());
            let mut response = reply::retry_after(response, failure.retry_after_secs);
            if let Some(allow) = failure.allow {
                response.headers_mut().insert(ALLOW, http::HeaderValue::from_static(allow));
            }
            response
        }
    };
    cors::allow(&mut response, allowed);
    response
}

/// Describes the service to everybody, but for those whose key is none: they learn it before their first comment.
fn described(doors: &Doors, parts: &Parts) -> Result<Value, Failure> {
    if key::presented(&parts.uri, &parts.headers).is_some()
        && let Err(error @ (Error::Unknown | Error::Expired)) = doors.admit(parts, None, Role::Submitter)
    {
        return Err(Failure::refused(&error));
    }
    Ok(discovery::document(doors, parts))
}

async fn asked(doors: &Doors, call: Call, request: Request<Body>) -> Result<Value, Failure> {
    let (parts, body) = request.into_parts();
    // What teaches the model takes more than what asks it.
    let needed = if call == Call::Suggest { Role::Moderator } else { Role::Submitter };
    let caller = doors.admit(&parts, None, needed).map_err(|error| Failure::refused(&error))?;
    let body = body::read(body).await.map_err(Failure::unread)?;
    let value = json::read(&body).map_err(Failure::no_json)?;
    match call {
        Call::Suggest => suggest::suggest(doors, &caller, &value).await,
        _ => analyze::analyze(doors, &caller, &value).await,
    }
}

/// Returns the site that a caller asks about: the one of their key.
fn site_of(caller: &Caller) -> &str {
    caller.site_id().map_or(DEFAULT_SITE, |site_id| site_id.as_str())
}
