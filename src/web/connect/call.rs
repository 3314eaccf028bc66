//! One call: its request is handed on as gRPC, and what comes back is told in the form that it was asked in.

use super::asked::{Asked, Form};
use super::refusal::Refusal;
use super::{Limits, frame, json};
use crate::web::body::{Unread, read_up_to};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Version, header, request::Parts};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use prost_reflect::MethodDescriptor;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{task::spawn_blocking, time::timeout};
use tonic::{Code, Status, body::Body};
use tower_service::Service;

/// Headers of HTTP and of Connect that say nothing to a service behind.
const LEFT_OUT: [&str; 8] = [
    "accept-encoding",
    "connect-protocol-version",
    "connect-timeout-ms",
    "content-encoding",
    "content-length",
    "grpc-accept-encoding",
    "grpc-encoding",
    "transfer-encoding",
];

/// Bytes of an answer that are turned into JSON at once; more would keep others waiting.
const AT_ONCE_BYTES_MAX: usize = 64 << 10;

/// Makes a call, and returns the answer to it. An error is the inner service's own.
pub(super) async fn call<S>(
    inner: S,
    limits: &Limits,
    method: MethodDescriptor,
    request: Request<Body>,
) -> Result<Response<Body>, S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let (parts, body) = request.into_parts();
    let asked = match Asked::read(&parts, &method) {
        Ok(asked) => asked,
        Err(refusal) => return Ok(refusal.answer()),
    };
    let within = asked.within.unwrap_or(limits.time_max).min(limits.time_max);
    let bytes_max = limits.bytes_max_of(&method);
    match timeout(within, pass_on(inner, parts, body, asked.form, method, bytes_max)).await {
        Ok(Ok(answer)) => Ok(answer.unwrap_or_else(|refusal| refusal.answer())),
        Ok(Err(error)) => Err(error),
        Err(_elapsed) => Ok(too_slow(within).answer()),
    }
}

fn too_slow(within: Duration) -> Refusal {
    Refusal::new(Code::DeadlineExceeded, format!("there was no answer within {} ms", within.as_millis()))
}

async fn pass_on<S>(
    mut inner: S,
    parts: Parts,
    body: Body,
    form: Form,
    method: MethodDescriptor,
    bytes_max: usize,
) -> Result<Result<Response<Body>, Refusal>, S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    let unread = Arc::new(OnceLock::new());
    let message = message(body, bytes_max, form, method.clone(), Arc::clone(&unread));
    let answer = inner.call(Request::from_parts(as_grpc(parts), message)).await?;
    Ok(match unread.get() {
        // Whatever the service makes of a body that can't be read: this is what is wrong with it.
        Some(refusal) => Err(Refusal::clone(refusal)),
        None => told(answer, form, method).await,
    })
}

/// Turns the head of a call into that of gRPC.
fn as_grpc(mut parts: Parts) -> Parts {
    for name in LEFT_OUT {
        parts.headers.remove(name);
    }
    parts.version = Version::HTTP_2;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    parts.headers.insert(header::TE, HeaderValue::from_static("trailers"));
    parts
}

/// Returns a body that is read, and turned into a message, when somebody asks for it: nothing is read before it is known who
/// sends it. What is wrong with it lands in `unread` too, since the service may tell it otherwise.
fn message(body: Body, bytes_max: usize, form: Form, method: MethodDescriptor, unread: Arc<OnceLock<Refusal>>) -> Body {
    Body::new(StreamBody::new(stream::once(Box::pin(async move {
        let framed = framed(body, bytes_max, form, &method).await;
        framed.map(Frame::data).map_err(|refusal| {
            let status = refusal.status().clone();
            let _ = unread.set(refusal);
            status
        })
    }))))
}

async fn framed(body: Body, bytes_max: usize, form: Form, method: &MethodDescriptor) -> Result<Bytes, Refusal> {
    let body = read_up_to(body, bytes_max).await.map_err(|unread| match unread {
        Unread::TooLong => {
            let message = format!("the body is over {bytes_max} bytes, the most that {} takes", method.name());
            Refusal::new(Code::ResourceExhausted, message).with(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Unread::TooSlow => {
            let message = "the body took too long to come";
            Refusal::new(Code::DeadlineExceeded, message).with(StatusCode::REQUEST_TIMEOUT)
        }
        Unread::Broken => Refusal::invalid("the body broke off"),
    })?;
    let message = match form {
        Form::Json => json::read(&method.input(), &body)?,
        Form::Proto => json::check(method.input(), &body)?,
    };
    frame::frame(&message).ok_or_else(|| Refusal::invalid("the message is too long"))
}

/// Tells what a service has answered.
async fn told(answer: Response<Body>, form: Form, method: MethodDescriptor) -> Result<Response<Body>, Refusal> {
    let (head, body) = answer.into_parts();
    check(&head.headers)?;
    let collected = body.collect().await.map_err(Refusal::from)?;
    if let Some(trailers) = collected.trailers() {
        check(trailers)?;
    }
    let message = frame::unframe(&collected.to_bytes());
    let message = message.ok_or_else(|| Refusal::new(Code::Internal, "the service didn't answer with one message"))?;
    let body = match form {
        Form::Proto => message,
        Form::Json if message.len() <= AT_ONCE_BYTES_MAX => json::write(method.output(), &message)?.into(),
        Form::Json => {
            let written = spawn_blocking(move || json::write(method.output(), &message)).await;
            written.map_err(|_| Refusal::new(Code::Internal, "the answer can't be written as JSON"))??.into()
        }
    };
    let mut answer = Response::new(Body::new(http_body_util::Full::from(body)));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(form.content_type()));
    Ok(answer)
}

/// Fails where headers or trailers say so.
fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    match Status::from_header_map(headers) {
        Some(status) if status.code() != Code::Ok => Err(status.into()),
        _ => Ok(()),
    }
}
