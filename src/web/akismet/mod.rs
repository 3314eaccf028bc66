//! The door of clients of Akismet: `verify-key`, `comment-check`, `submit-spam`, `submit-ham`, version 1.1.
//!
//! In come forms; out go words, `true` for spam and `false` for what is none. A check decides as if the comment had been
//! submitted, and records nothing: these clients have no ids to tell comments apart by. So what a policy asks of an author's
//! record, and what it asks of near-copies, says nothing here. What people correct becomes a label.
//!
//! Neither the reader's address nor their e-mail is kept or looked at. A form must be read before it is known who sends it,
//! since that stands in it; it has a size and a time at most.
//!
//! Start reading at [`check()`].

mod check;
mod form;
mod key;
mod refusal;
mod submit;

use super::{Doors, body, reply};
use crate::auth::{self, Caller};
use crate::domain::{ErrorKind, Role};
use crate::moderation::DEFAULT_SITE;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use form::Form;
use http::{StatusCode, request::Parts};
use refusal::Refusal;
use std::sync::Arc;

const VERIFY: &str = "/1.1/verify-key";
const CHECK: &str = "/1.1/comment-check";
const SPAM: &str = "/1.1/submit-spam";
const HAM: &str = "/1.1/submit-ham";

/// Returns whether a path is this door's.
pub(super) fn has(path: &str) -> bool {
    [VERIFY, CHECK, SPAM, HAM].contains(&path)
}

/// Returns the routes of this door.
pub(super) fn routes() -> Router<Arc<Doors>> {
    let other = async || Refusal::method().into_response();
    Router::new()
        .route(VERIFY, post(verify).fallback(other))
        .route(CHECK, post(check).fallback(other))
        .route(SPAM, post(async |state, request| submit(state, request, true).await).fallback(other))
        .route(HAM, post(async |state, request| submit(state, request, false).await).fallback(other))
}

async fn verify(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    match admitted(&doors, request, Role::Submitter).await {
        Ok(_) => reply::text(StatusCode::OK, "valid"),
        Err(refusal) => refusal.into_response(),
    }
}

async fn check(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let checked = async {
        let (caller, form) = admitted(&doors, request, Role::Submitter).await?;
        check::check(&doors, site_of(&caller), &form).await
    };
    checked.await.map_or_else(Refusal::into_response, check::Checked::into_response)
}

async fn submit(State(doors): State<Arc<Doors>>, request: Request, is_spam: bool) -> Response {
    let submitted = async {
        let (caller, form) = admitted(&doors, request, Role::Moderator).await?;
        submit::keep(&doors, &caller, site_of(&caller), &form, is_spam).await
    };
    match submitted.await {
        Ok(()) => reply::text(StatusCode::OK, "Thanks for making the web a better place."),
        Err(refusal) => refusal.into_response(),
    }
}

/// Reads a form, and says whose it is.
async fn admitted(doors: &Doors, request: Request<Body>, needed: Role) -> Result<(Caller, Form), Refusal> {
    let (parts, body) = request.into_parts();
    let form = Form::parse(&body::read(body).await.map_err(Refusal::unread)?);
    let admitted = admit(doors, &parts, &form, needed).and_then(|caller| {
        // Decisions would tell every reader what the policy says.
        caller.may_what_readers_may_not()?;
        Ok(caller)
    });
    Ok((admitted.map_err(|error| Refusal::of_caller(&error))?, form))
}

fn admit(doors: &Doors, parts: &Parts, form: &Form, needed: Role) -> Result<Caller, auth::Error> {
    let presented = form.get("api_key").or_else(|| form.get("key"));
    let admitted = doors.admit(parts, presented.or_else(|| key::in_host(parts)), needed);
    // Some clients name another service's key in the form all the same.
    match admitted {
        Err(error) if presented.is_some() && matches!(error.kind(), ErrorKind::Unauthenticated { .. }) => {
            key::in_host(parts).map_or(Err(error), |key| doors.admit(parts, Some(key), needed))
        }
        admitted => admitted,
    }
}

/// Returns the site of a caller: one key is good for one, or for the default one.
fn site_of(caller: &Caller) -> &str {
    caller.site_id().map_or(DEFAULT_SITE, |site_id| site_id.as_str())
}
