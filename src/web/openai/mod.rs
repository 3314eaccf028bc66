//! The door of clients of OpenAI's moderation: `POST /v1/moderations`.
//!
//! In come texts, one or many; out go scores by category, in OpenAI's shapes, errors too. Nothing is kept. What each category
//! means here, and which ones there are, stands in [`categories`]; texts are flagged by the policy of the key's site.
//!
//! Start reading at [`moderate`].

mod categories;
mod refusal;
mod shapes;

use super::{Doors, body, reply};
use crate::domain::{ArticleId, Criterion, Role, Score, SiteId};
use crate::moderation::{DEFAULT_SITE, policies::UnsupportedLanguage};
use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::post,
};
use http::StatusCode;
use refusal::Refusal;
use shapes::{Answer, Asked, Assessed};
use std::sync::Arc;

const PATH: &str = "/v1/moderations";

/// Returns whether a path is this door's.
pub(super) fn has(path: &str) -> bool {
    path == PATH
}

/// Returns the routes of this door.
pub(super) fn routes() -> Router<Arc<Doors>> {
    Router::new().route(PATH, post(answer).fallback(async || Refusal::method().into_response()))
}

async fn answer(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    match moderate(&doors, request).await {
        Ok(answer) => reply::json(StatusCode::OK, &answer),
        Err(refusal) => refusal.into_response(),
    }
}

/// Scores texts and says which of them the site would not publish unseen.
async fn moderate(doors: &Doors, request: Request) -> Result<Answer, Refusal> {
    let (parts, body) = request.into_parts();
    let caller = doors.admit(&parts, None, Role::Submitter).map_err(|error| Refusal::of_caller(&error))?;
    // Flags would tell every reader what the policy says.
    caller.may_what_readers_may_not().map_err(|error| Refusal::of_caller(&error))?;
    let body = body::read(body).await.map_err(Refusal::unread)?;
    let Asked { texts, is_list } = Asked::parse(&body)?;
    let scored = doors.moderation.score(texts, false).await;
    let (scored, model) = scored.map_err(|error| Refusal::of_request(&error, is_list))?;
    let default = SiteId::new(DEFAULT_SITE);
    let site_id = caller.site_id().unwrap_or(&default);
    let book = doors.policies.book();
    // No article has an empty id, so that one finds the site's policy.
    let policy = book.get(site_id, &ArticleId::new(""));
    let rules = policy.rules();
    let decides_unread = rules.unsupported_language == UnsupportedLanguage::Score;
    let reaches = |criterion: Criterion, score: Score| {
        let threshold = rules.thresholds.get(criterion);
        let lowest = [threshold.hold, threshold.reject].into_iter().flatten().reduce(|a, b| if b < a { b } else { a });
        lowest.is_some_and(|lowest| score >= lowest)
    };
    let results = scored.iter().map(|text| {
        // What the model can't read is not published unseen, unless the site says so.
        let unread = !text.language_supported && !decides_unread;
        Assessed::new(&text.scores, text.likely_to_reject, unread, &reaches)
    });
    Ok(Answer::new(model, results.collect()))
}
