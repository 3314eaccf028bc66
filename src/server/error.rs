//! What keeps the server from starting or stopping well.

use crate::store;
use std::net::SocketAddr;

/// A failure of the server as a whole.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model can't be loaded.
    #[error("cannot load the model")]
    Model(#[source] crate::classify::Error),
    /// The store can't be opened or closed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The policies can't be read.
    #[error("cannot read the policies")]
    Policy(#[source] crate::moderation::Error),
    /// The descriptors inside the program are broken.
    #[error("cannot offer reflection")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The descriptors inside the program are broken.
    #[error("cannot offer JSON")]
    Descriptors(#[source] prost_reflect::DescriptorError),
    /// Other machines would reach the port, and nobody would need a token.
    #[error("may not listen on {listen}: other machines could connect, and there is no token of an admin yet")]
    NoToken {
        /// Where it was to listen.
        listen: SocketAddr,
    },
    /// No token could be made.
    #[error("cannot make a token")]
    Token(#[source] crate::auth::Error),
    /// The port is no port.
    #[error("cannot tell where to listen")]
    Address(#[source] std::io::Error),
    /// The certificates can't be used.
    #[error("cannot use the certificates that tls.cert, tls.key and tls.client_ca name")]
    Tls(#[from] super::Unusable),
    /// The port failed.
    #[error("cannot serve")]
    Serve(#[source] tonic::transport::Error),
}
