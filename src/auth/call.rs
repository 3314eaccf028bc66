//! A call before it is let in, and after.

use super::{Caller, Error, Pace};
use crate::domain::Timestamp;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What a call comes with.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The metadata `authorization`, if it has any.
    pub authorization: Option<&'a str>,
    /// The page that a browser asks for, as it says so; `None` where no browser does.
    pub origin: Option<&'a str>,
    /// Whether it comes from the machine itself.
    pub is_from_here: bool,
}

/// A caller who was let in.
#[derive(Debug)]
pub struct Admitted {
    /// Who it is.
    pub caller: Caller,
    /// For how long.
    pub until: Until,
    /// What further uses in the same call count for.
    pub pace: Option<Arc<Pace>>,
}

/// For how long a caller is let in.
#[derive(Debug, Clone)]
pub struct Until {
    /// Cancelled when what they were let in for is no longer so.
    pub revoked: CancellationToken,
    /// When the token expires, if it does.
    pub expires_at: Option<Timestamp>,
    /// What they are told when it is revoked.
    pub then: Error,
}
