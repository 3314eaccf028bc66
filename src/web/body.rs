//! Reads bodies, within a size and a time.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of a body at most.
pub(super) const BYTES_MAX: usize = 500_000;
/// How long a body may take to come.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Why a body wasn't read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is longer than [`BYTES_MAX`].
    TooLong,
    /// It took too long to come.
    TooSlow,
    /// Its sender went away, or broke the protocol.
    Broken,
}

/// Reads a body to its end.
pub(super) async fn read(body: Body) -> Result<Bytes, Unread> {
    match timeout(TIME_MAX, Limited::new(body, BYTES_MAX).collect()).await {
        Err(_elapsed) => Err(Unread::TooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLong),
        Ok(Err(_)) => Err(Unread::Broken),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}
