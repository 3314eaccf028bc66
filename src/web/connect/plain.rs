//! Answers each request by what it speaks.

use super::{OTHER_ORIGIN, Shared, bridge::Speech, refusal::Refusal};
use http::{Request, Response, Version, header};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::{Status, body::Body};
use tonic_web::GrpcWebLayer;
use tower_layer::Layer;
use tower_service::Service;

/// A bridge that leaves to others what browsers ask first.
#[derive(Clone)]
pub(super) struct Plain<S> {
    /// What all calls share.
    pub(super) shared: Arc<Shared>,
    /// The gRPC services.
    pub(super) inner: S,
}

impl<S> Service<Request<Body>> for Plain<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // What is ready is this one, and no copy of it.
        let copy = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, copy);
        let shared = Arc::clone(&self.shared);
        match Speech::of(request.headers()) {
            Speech::Grpc => hand_on(inner, request),
            Speech::GrpcWeb => from_web(&shared, inner, request),
            Speech::Other => Box::pin(async move { shared.answer(inner, request).await }),
        }
    }
}

type Answered<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

fn at_once<E: Send + 'static>(answer: Response<Body>) -> Answered<E> {
    Box::pin(std::future::ready(Ok(answer)))
}

fn hand_on<S>(mut inner: S, request: Request<Body>) -> Answered<S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    if request.version() == Version::HTTP_2 {
        return Box::pin(inner.call(request));
    }
    let message = "gRPC needs HTTP/2; over HTTP/1.1, call by gRPC-Web or by JSON";
    at_once(Refusal::invalid(message).answer())
}

fn from_web<S>(shared: &Shared, inner: S, request: Request<Body>) -> Answered<S::Error>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    let (parts, body) = request.into_parts();
    if shared.origins.allow(&parts) {
        return Box::pin(GrpcWebLayer::new().layer(inner).call(Request::from_parts(parts, body)));
    }
    let mut answer: Response<Body> = Status::permission_denied(OTHER_ORIGIN).into_http();
    if let Some(content_type) = parts.headers.get(header::CONTENT_TYPE) {
        answer.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
    }
    at_once(answer)
}
