//! JSON for every method: the unary form of the Connect protocol, and gRPC-Web beside it.
//!
//! One bridge for all methods: a call is turned into gRPC by the descriptors of its messages, handed on to the services as they
//! stand behind, admission and all, and what they say is turned back. No method is known here by name.

mod asked;
mod call;
mod details;
mod end;
mod frame;
mod json;
mod methods;
mod refusal;
mod wrong;

pub(super) use methods::{Methods, streams};

use self::{methods::Found, refusal::Refusal};
use super::{nowhere, openapi, origins::Origins};
use http::{HeaderMap, Method, Request, Response, StatusCode, Version, header};
use prost_reflect::{DescriptorError, MethodDescriptor};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tonic::{Code, Status, body::Body};
use tonic_web::GrpcWebLayer;
use tower_http::cors::Cors;
use tower_layer::Layer;
use tower_service::Service;

/// What a bridge may do.
pub struct BridgeConfig<'a> {
    /// Encoded sets of descriptors, of all services that can be called.
    pub descriptors: &'a [&'static [u8]],
    /// Bytes of a body at most.
    pub bytes_max: usize,
    /// The same for services that take more, by their full names.
    pub bytes_max_of: &'static [(&'static str, usize)],
    /// How long a call may take at most; shorter than the server's own limit, which is told in gRPC's form.
    pub time_max: Duration,
    /// The origins whose pages may call from browsers, such as `https://www.example.org`.
    pub origins: &'a [String],
}

/// Bounds of a call.
struct Limits {
    bytes_max: usize,
    bytes_max_of: &'static [(&'static str, usize)],
    time_max: Duration,
}

impl Limits {
    fn bytes_max_of(&self, method: &MethodDescriptor) -> usize {
        let service = method.parent_service();
        let own = self.bytes_max_of.iter().find(|(name, _)| *name == service.full_name());
        own.map_or(self.bytes_max, |(_, bytes)| *bytes)
    }
}

/// What all calls share.
struct Shared {
    methods: Methods,
    limits: Limits,
    origins: Origins,
    document: openapi::Document,
}

/// Puts a [`Bridge`] before the gRPC services of a server.
#[derive(Clone)]
pub struct ConnectLayer(Arc<Shared>);

impl ConnectLayer {
    /// Reads the descriptors.
    ///
    /// # Errors
    ///
    /// Says that the descriptors can't be read.
    pub fn new(config: &BridgeConfig<'_>) -> Result<Self, DescriptorError> {
        let BridgeConfig { bytes_max, bytes_max_of, time_max, .. } = *config;
        Ok(Self(Arc::new(Shared {
            methods: Methods::read(config.descriptors)?,
            limits: Limits { bytes_max, bytes_max_of, time_max },
            origins: Origins::new(config.origins),
            document: openapi::Document::default(),
        })))
    }
}

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
enum Speech {
    Grpc,
    GrpcWeb,
    Other,
}

impl Speech {
    fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        match content_type.unwrap_or_default().strip_prefix("application/grpc") {
            Some(rest) if rest.starts_with("-web") => Self::GrpcWeb,
            Some(_) => Self::Grpc,
            None => Self::Other,
        }
    }
}

impl Shared {
    fn knows(&self, path: &str) -> bool {
        !matches!(self.methods.find(path), Found::Nothing)
    }
}

/// A bridge that leaves to others what browsers ask first.
#[derive(Clone)]
pub struct Plain<S> {
    shared: Arc<Shared>,
    inner: S,
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

/// Told to pages that the operator hasn't named.
const OTHER_ORIGIN: &str = "pages of this origin may not call; the setting server.origins names those that may";

impl Shared {
    /// Answers what is neither gRPC nor gRPC-Web.
    async fn answer<S>(&self, inner: S, request: Request<Body>) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
    {
        let path = request.uri().path();
        if path == openapi::PATH {
            return Ok(openapi::answer(request.method(), &self.document, &self.methods));
        }
        let found = self.methods.find(path);
        let (parts, body) = request.into_parts();
        if !matches!(found, Found::Nothing) && !self.origins.allow(&parts) {
            return Ok(Refusal::new(Code::PermissionDenied, OTHER_ORIGIN).answer());
        }
        match found {
            Found::Nothing => Ok(nowhere::answer()),
            Found::Service(service) => {
                let message = format!("{service} has no such method; GET /openapi.json lists those that there are");
                Ok(Refusal::new(Code::Unimplemented, message).with(StatusCode::NOT_FOUND).answer())
            }
            Found::Method(method) => match end::content_type(&parts.headers) {
                Some(content_type) if streams(&method) && parts.method == Method::POST => {
                    let refusal = Refusal::new(Code::Unimplemented, asked::of_streams(&method));
                    Ok(end::answer(&refusal, content_type))
                }
                _ => call::call(inner, &self.limits, method, Request::from_parts(parts, body)).await,
            },
        }
    }
}
