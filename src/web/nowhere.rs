//! What is said at a path that is no door.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use tonic::body::Body;

/// Names the doors.
const DOORS: &str = "there is nothing here; Ombud speaks gRPC and gRPC-Web, and JSON at POST \
                     /ombud.v1.ModerationService/SubmitComment and all other methods that GET /openapi.json lists";

/// Answers whoever came to no door.
pub(super) fn answer() -> Response<Body> {
    let body = json!({ "code": "not_found", "message": DOORS }).to_string();
    let mut answer = Response::new(Body::new(http_body_util::Full::from(body)));
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
