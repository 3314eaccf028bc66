//! Finds out who calls: keys are tokens, presented in the ways of foreign clients.

use super::Doors;
use crate::auth::{Caller, Error};
use crate::domain::Role;
use http::{HeaderMap, Uri, header::AUTHORIZATION, header::ORIGIN, request::Parts};
use std::borrow::Cow;
use tonic::transport::server::TcpConnectInfo;

/// The header in which Google's clients may send a key.
const GOOGLE: &str = "x-goog-api-key";

impl Doors {
    /// Says who calls, and checks that their role is at least `needed`. The key is the first that there is of: the parameter `key`,
    /// the header `X-Goog-Api-Key`, the bearer's token, or what the door found in a place of its own.
    ///
    /// # Errors
    ///
    /// Says why they are not let in.
    pub(super) fn admit(&self, parts: &Parts, own: Option<&str>, needed: Role) -> Result<Caller, Error> {
        let presented = own.map(Cow::Borrowed).or_else(|| presented(&parts.uri, &parts.headers));
        // One that can't be read is nobody's, and not the same as none.
        let origin = parts.headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
        let remote = parts.extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
        let is_from_here = remote.is_some_and(|remote| remote.ip().to_canonical().is_loopback());
        let now = self.clock.now();
        Ok(self.tokens.admit_key(presented.as_deref(), origin, is_from_here, needed, now)?.caller)
    }
}

/// Returns the key that a request came with, if it came with one.
pub(super) fn presented<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<Cow<'a, str>> {
    let query = uri.query().unwrap_or_default().as_bytes();
    let in_query = form_urlencoded::parse(query).find(|(name, value)| name == "key" && !value.is_empty());
    in_query.map(|(_, value)| value).or_else(|| in_headers(headers).map(Cow::Borrowed))
}

fn in_headers(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text(GOOGLE).or_else(|| {
        let (scheme, token) = text(AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    })
}
