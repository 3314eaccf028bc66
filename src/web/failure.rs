//! What failures have in common in every door: a status, and when to come back. Each door says the rest in its own dialect.

use super::body::Unread;
use crate::domain::ErrorKind;
use crate::moderation::Error;
use http::StatusCode;
use std::time::Duration;

/// Says which status a failure has over HTTP.
pub(super) fn status(kind: &ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid(_) => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound { .. } => StatusCode::NOT_FOUND,
        ErrorKind::Unauthenticated { .. } => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden { .. } => StatusCode::FORBIDDEN,
        ErrorKind::Conflict { .. } | ErrorKind::Precondition { .. } => StatusCode::CONFLICT,
        ErrorKind::Overloaded { .. } => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Returns after how many seconds to come back, at least one, where waiting helps.
pub(super) fn retry_after_secs(kind: &ErrorKind) -> Option<u64> {
    match kind {
        ErrorKind::Overloaded { retry_after, .. } | ErrorKind::Unavailable { retry_after, .. } => {
            Some(rounded_up(*retry_after))
        }
        _ => None,
    }
}

fn rounded_up(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}

/// Logs a failure that is not the caller's, and returns what the caller is told of any.
pub(super) fn message(error: &Error, kind: &ErrorKind) -> String {
    match kind {
        ErrorKind::Unavailable { .. } => {
            log(error);
            "nothing can be stored now; try again later".to_owned()
        }
        ErrorKind::Internal => {
            log(error);
            "internal error; the server's log says more".to_owned()
        }
        _ => error.to_string(),
    }
}

fn log(error: &Error) {
    let error: &dyn std::error::Error = error;
    tracing::error!(error, "a request of a foreign client failed");
}

impl Unread {
    /// Says which status a body has that wasn't read.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }

    /// Says what the sender could do.
    pub(super) fn message(self) -> String {
        match self {
            Self::TooLong => format!("The body must be at most {} bytes long.", super::body::BYTES_MAX),
            Self::TooSlow => "The body took too long to come.".to_owned(),
            Self::Broken => "The body broke off.".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_come_back_at_once() {
        let overloaded = |millis| ErrorKind::Overloaded { reason: "R", retry_after: Duration::from_millis(millis) };
        let secs = |millis| retry_after_secs(&overloaded(millis));
        assert_eq!([secs(0), secs(1), secs(1000), secs(1001)], [Some(1), Some(1), Some(1), Some(2)]);
        assert_eq!(retry_after_secs(&ErrorKind::Internal), None);
    }
}
