//! The door of Coral's external moderation phase: `POST /coral/{site_id}`.
//!
//! In come comments as their readers send them, signed with a secret of the site; out go statuses, flags and codes that Coral
//! knows. Each comment is recorded, so that it can be reviewed in Ombud too; Coral isn't told of verdicts. What Coral sends has no
//! id of the comment: `comment.rs` says what stands in its place, `edit.rs` how an edit finds the comment that it is of.
//!
//! Coral waits 200 ms by default, so there is a deadline below that: over it the answer is `{}`, no opinion, and the comment is
//! recorded all the same. A body must be read before it is known who sends it, since the signature is over it; it has a size and a
//! time at most.
//!
//! Start reading at `moderate`.

mod comment;
mod edit;
mod opinion;
mod plain;
mod refusal;
mod shapes;
mod signature;

use super::{Doors, body, reply};
use crate::domain::{CommentId, Decision, SiteId};
use crate::moderation::{Error, is_blank};
use axum::{
    Router,
    extract::{Path, Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use opinion::Opinion;
use refusal::Refusal;
use shapes::Asked;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// What paths of this door begin with.
const PREFIX: &str = "/coral/";

/// The sites that Coral may send comments of.
pub struct Phases {
    /// For each the secrets, of which one must have signed.
    secrets: HashMap<SiteId, Vec<Box<[u8]>>>,
    /// How long Coral is kept waiting.
    deadline: Duration,
}

impl Phases {
    /// Takes the secrets of each site, and how long Coral is kept waiting for an answer.
    pub fn new(deadline: Duration, secrets: impl IntoIterator<Item = (SiteId, Vec<Box<[u8]>>)>) -> Self {
        Self { secrets: secrets.into_iter().collect(), deadline }
    }
}

/// Returns whether a path is this door's.
pub(super) fn has(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|site_id| !site_id.is_empty())
}

/// Returns the routes of this door.
pub(super) fn routes() -> Router<Arc<Doors>> {
    // An id of a site may have a slash in it.
    Router::new().route("/coral/{*site_id}", post(answer).fallback(async || Refusal::method().into_response()))
}

async fn answer(State(doors): State<Arc<Doors>>, Path(site_id): Path<String>, request: Request) -> Response {
    match moderate(&doors, SiteId::new(site_id), request).await {
        Ok(opinion) => reply::json(StatusCode::OK, &opinion),
        Err(refusal) => refusal.into_response(),
    }
}

/// Has a comment decided on and recorded, and says what Coral is to do with it.
async fn moderate(doors: &Arc<Doors>, site_id: SiteId, request: Request) -> Result<Opinion, Refusal> {
    let secrets = doors.coral.secrets.get(&site_id).ok_or_else(Refusal::no_phase)?;
    let (parts, body) = request.into_parts();
    if !signature::is_there(&parts.headers) {
        return Err(Refusal::signature());
    }
    let body = body::read(body).await.map_err(Refusal::unread)?;
    if !signature::is_good(&parts.headers, &body, secrets) {
        return Err(Refusal::signature());
    }
    let asked = Asked::parse(&body)?;
    let text = plain::text(&asked.comment.body);
    if asked.author.is_of_the_house() || is_blank(&text) {
        return Ok(Opinion::none());
    }
    if text.len() > doors.moderation.limits().text_bytes_max {
        // It can't be kept, but nobody has read it either.
        return Ok(Opinion::withheld());
    }
    // It goes on where Coral has given up.
    let recording = tokio::spawn(record(Arc::clone(doors), site_id, asked, text));
    match tokio::time::timeout(doors.coral.deadline, recording).await {
        Err(_elapsed) => Ok(Opinion::none()),
        Ok(Err(_panicked)) => Err(Refusal::internal()),
        Ok(Ok(recorded)) => recorded.map(|decision| Opinion::of(&decision)),
    }
}

/// How many other ids a new comment may have.
const IDS_MAX: u8 = 16;

/// Returns the first id of a new comment under which there is none, or this one: another one may have begun with its words.
async fn free_id(doors: &Doors, site_id: &SiteId, asked: &Asked, text: &str) -> Result<CommentId, Error> {
    for nth in 0..IDS_MAX {
        let comment_id = comment::id(asked, text, nth);
        match doors.moderation.comment(site_id.as_str(), comment_id.as_str()).await {
            Err(Error::CommentNotFound { .. }) => return Ok(comment_id),
            Ok(stored) if stored.revisions.last().is_some_and(|newest| &*newest.comment.text == text) => {
                return Ok(comment_id);
            }
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(comment::id(asked, text, IDS_MAX))
}

/// Submits a comment, as a revision of another one where it is an edit.
async fn record(doors: Arc<Doors>, site_id: SiteId, asked: Asked, text: String) -> Result<Decision, Refusal> {
    let edited = if asked.is_edit() { edit::find(&doors, &site_id, &asked, &text).await } else { Ok(None) };
    let edited = edited.map_err(|error| Refusal::of_request(&error))?;
    let comment_id = match edited {
        Some(edited) => edited,
        None => free_id(&doors, &site_id, &asked, &text).await.map_err(|error| Refusal::of_request(&error))?,
    };
    let draft = comment::draft(&site_id, asked, text, &comment_id);
    let recorded = doors.moderation.submit(draft).await.map_err(|error| Refusal::of_request(&error))?;
    Ok(recorded.revision.decision)
}
