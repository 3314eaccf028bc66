//! JSON for every method: the unary form of the Connect protocol, and gRPC-Web beside it.
//!
//! One bridge for all methods: a call is turned into gRPC by the descriptors of its messages, handed on to the services as they
//! stand behind, admission and all, and what they say is turned back. No method is known here by name.

mod asked;
mod bridge;
mod call;
mod details;
mod end;
mod frame;
mod json;
mod methods;
mod plain;
mod refusal;
mod wrong;

pub use bridge::Bridge;
pub(super) use methods::{Methods, streams};

use self::{methods::Found, refusal::Refusal};
use super::{nowhere, openapi, origins::Origins};
use http::{Method, Request, Response, StatusCode};
use prost_reflect::{DescriptorError, MethodDescriptor};
use std::{sync::Arc, time::Duration};
use tonic::{Code, body::Body};
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

/// Told to pages that the operator hasn't named.
const OTHER_ORIGIN: &str = "pages of this origin may not call; the setting server.origins names those that may";

impl Shared {
    /// Returns whether a path is a method's, or could be one.
    fn knows(&self, path: &str) -> bool {
        !matches!(self.methods.find(path), Found::Nothing)
    }

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
