//! How a stream is refused in Connect's form for streams: with success, and the failure in its last frame.

use super::refusal::Refusal;
use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Response, header};
use serde_json::json;
use tonic::body::Body;

/// The flag of a stream's last frame.
const END: u8 = 0b10;

/// Returns the content type of a call that is a stream in Connect's form, where it is one.
pub(super) fn content_type(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(header::CONTENT_TYPE)?;
    value.to_str().ok()?.starts_with("application/connect+").then(|| value.clone())
}

/// Returns the answer that refuses a stream.
pub(super) fn answer(refusal: &Refusal, content_type: HeaderValue) -> Response<Body> {
    let end = json!({ "error": refusal.json() }).to_string();
    let mut framed = BytesMut::with_capacity(end.len() + 5);
    framed.put_u8(END);
    framed.put_u32(u32::try_from(end.len()).unwrap_or(u32::MAX));
    framed.put_slice(end.as_bytes());
    let mut answer = Response::new(Body::new(http_body_util::Full::<Bytes>::from(framed.freeze())));
    answer.headers_mut().insert(header::CONTENT_TYPE, content_type);
    answer
}
