//! Answers of the doors: a status and a body of a known type.

use axum::body::Body;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde::Serialize;

/// Answers in JSON. What can't be written is a fault of Ombud's own, and has no body.
pub(super) fn json(status: StatusCode, answer: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(answer) {
        Ok(bytes) => of_type(status, "application/json", bytes),
        Err(_) => of_type(StatusCode::INTERNAL_SERVER_ERROR, "application/json", Vec::new()),
    }
}

/// Answers with a line of text.
pub(super) fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    of_type(status, "text/plain; charset=utf-8", text.into())
}

/// Says when to come back, where that is known.
pub(super) fn retry_after(mut response: Response<Body>, secs: Option<u64>) -> Response<Body> {
    if let Some(secs) = secs {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}

fn of_type(status: StatusCode, content_type: &'static str, bytes: Vec<u8>) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
