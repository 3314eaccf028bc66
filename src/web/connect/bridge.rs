//! Stands before the gRPC services, and sorts out who may be asked by a browser first.

use super::{ConnectLayer, openapi, plain::Plain};
use http::{HeaderMap, Request, Response, header};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tonic::body::Body;
use tower_http::cors::Cors;
use tower_layer::Layer;
use tower_service::Service;

impl<S: Clone> Layer<S> for ConnectLayer {
    type Service = Bridge<S>;

    fn layer(&self, inner: S) -> Bridge<S> {
        let plain = Plain { shared: Arc::clone(&self.0), inner };
        Bridge { for_browsers: self.0.origins.layer().layer(plain.clone()), plain }
    }
}

/// Answers calls in JSON and in gRPC-Web by the gRPC services behind it, hands gRPC on as it is, and tells everybody else
/// where the doors are.
#[derive(Clone)]
pub struct Bridge<S> {
    plain: Plain<S>,
    for_browsers: Cors<Plain<S>>,
}

impl<S> Service<Request<Body>> for Bridge<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // Both hand on to the same services, each to a copy of its own.
        ready!(self.for_browsers.poll_ready(cx))?;
        self.plain.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let is_for_browsers = Speech::of(request.headers()) != Speech::Grpc
            && (request.uri().path() == openapi::PATH || self.plain.shared.knows(request.uri().path()));
        if is_for_browsers { Box::pin(self.for_browsers.call(request)) } else { self.plain.call(request) }
    }
}

/// What a request speaks, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// gRPC.
    Grpc,
    /// gRPC-Web, binary or text.
    GrpcWeb,
    /// JSON, or nothing that is known here.
    Other,
}

impl Speech {
    /// Looks at the content type.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        match content_type.unwrap_or_default().strip_prefix("application/grpc") {
            Some(rest) if rest.starts_with("-web") => Self::GrpcWeb,
            Some(_) => Self::Grpc,
            None => Self::Other,
        }
    }
}
