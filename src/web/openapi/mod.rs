//! The description of all methods in the form of `OpenAPI` 3.1, made from the descriptors.

mod comments;
mod operations;
mod schemas;

use super::connect::Methods;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use std::sync::OnceLock;
use tonic::body::Body;

/// Where it is served.
pub(super) const PATH: &str = "/openapi.json";

/// The document, written when somebody asks for it first.
#[derive(Default)]
pub(super) struct Document(OnceLock<Bytes>);

/// Answers a request for the document; everybody may read it.
pub(super) fn answer(method: &Method, document: &Document, methods: &Methods) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    let written = document.0.get_or_init(|| operations::document(methods).to_string().into());
    let mut answer = Response::new(Body::new(http_body_util::Full::from(written.clone())));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
