//! Which pages may call from browsers: those of the origins that the operator names, and no others.

use http::{HeaderName, HeaderValue, Method, header, request::Parts};
use std::{sync::Arc, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember what it was told.
const REMEMBERED: Duration = Duration::from_hours(2);

/// The origins whose pages may call.
#[derive(Debug, Clone)]
pub(super) struct Origins(Arc<[HeaderValue]>);

impl Origins {
    /// Takes the origins that the operator names; what can be no header is no origin.
    pub(super) fn new(named: &[String]) -> Self {
        Self(named.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// Returns whether a request may be answered. Programs say of no page that they ask for it.
    ///
    /// A browser asks the page's origin first where it is another one than the server's. It doesn't where a name was made to point
    /// to this machine after the page came from it, so that the origin is looked at again when the call comes.
    pub(super) fn allow(&self, parts: &Parts) -> bool {
        parts.headers.get(header::ORIGIN).is_none_or(|origin| self.0.contains(origin))
    }

    /// Returns the layer that answers browsers who ask first.
    pub(super) fn layer(&self) -> CorsLayer {
        let asked = ["authorization", "connect-protocol-version", "connect-timeout-ms", "content-type"];
        let asked_of_web = ["grpc-timeout", "x-grpc-web", "x-user-agent"];
        let told = ["grpc-message", "grpc-status", "grpc-status-details-bin", "retry-after"];
        let names = |names: &[&'static str]| names.iter().map(|name| HeaderName::from_static(name)).collect::<Vec<_>>();
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_methods([Method::POST, Method::GET])
            .allow_headers(names(&[asked.as_slice(), &asked_of_web].concat()))
            .expose_headers(names(&told))
            .max_age(REMEMBERED)
    }
}
