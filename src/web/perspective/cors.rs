//! What browsers ask before a page may call.

use super::{Call, answer};
use crate::web::{Doors, key};
use axum::response::Response;
use http::{
    HeaderMap, HeaderValue, Uri,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
    },
    request::Parts,
};
use serde_json::json;

/// For how many seconds a browser need not ask again.
const SECONDS: HeaderValue = HeaderValue::from_static("3600");

/// Returns the origin that may read the answer: the page's, where its key is for that page. The description is for everybody.
pub(super) fn allowed(doors: &Doors, call: Call, uri: &Uri, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    if call == Call::Discovery {
        return Some(HeaderValue::from_static("*"));
    }
    let key = key::presented(uri, headers);
    doors.tokens.is_allowed_origin(key.as_deref(), origin.to_str().ok()?).then(|| origin.clone())
}

/// Lets a page read an answer.
pub(super) fn allow(response: &mut Response, allowed: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
}

/// Answers what a browser asks before it sends a request.
pub(super) fn preflight(doors: &Doors, call: Call, parts: &Parts) -> Response {
    let origin = allowed(doors, call, &parts.uri, &parts.headers);
    let mut response = answer::respond(200, &json!({}));
    if origin.is_some() {
        let headers = response.headers_mut();
        let methods = if call == Call::Discovery { "GET, OPTIONS" } else { "POST, OPTIONS" };
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods));
        headers.insert(ACCESS_CONTROL_MAX_AGE, SECONDS);
        if let Some(asked) = parts.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
    }
    allow(&mut response, origin);
    response
}
