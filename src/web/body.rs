//! Reads bodies, within a size and a time.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::{error::Error, time::Duration};
use tokio::time::timeout;

/// Bytes of a body at most.
pub(super) const BYTES_MAX: usize = 500_000;
/// How long a body may take to come.
const TIME_MAX: Duration = Duration::from_secs(10);

/// Why a body wasn't read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is longer than it may be.
    TooLong,
    /// It took too long to come.
    TooSlow,
    /// Its sender went away, or broke the protocol.
    Broken,
}

/// Reads a body to its end.
pub(super) async fn read(body: Body) -> Result<Bytes, Unread> {
    read_up_to(body, BYTES_MAX).await
}

/// Reads a body of at most `bytes_max` to its end.
pub(super) async fn read_up_to<B>(body: B, bytes_max: usize) -> Result<Bytes, Unread>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    match timeout(TIME_MAX, Limited::new(body, bytes_max).collect()).await {
        Err(_elapsed) => Err(Unread::TooSlow),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unread::TooLong),
        Ok(Err(_)) => Err(Unread::Broken),
        Ok(Ok(body)) => Ok(body.to_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};
    use std::io;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit_and_no_further() {
        let body = || Full::new(Bytes::from_static(b"12345"));
        assert_eq!(read_up_to(body(), 5).await.unwrap(), "12345");
        assert_eq!(read_up_to(body(), 4).await, Err(Unread::TooLong));
    }

    #[tokio::test]
    async fn a_body_without_end_and_a_broken_one_are_told_apart() {
        let endless = stream::repeat_with(|| Ok::<_, io::Error>(Frame::data(Bytes::from_static(b"x"))));
        assert_eq!(read_up_to(StreamBody::new(endless), 4).await, Err(Unread::TooLong));
        let broken = stream::iter([Ok(Frame::data(Bytes::from_static(b"1"))), Err(io::Error::other("gone"))]);
        assert_eq!(read_up_to(StreamBody::new(broken), 4).await, Err(Unread::Broken));
    }
}
