//! Holds requests against their callers: the site that they are about, and the moderator in whose name they are.

use super::{admission::Meter, pb, readable::Readable, status};
use crate::auth::{Caller, Error};
use crate::moderation::{self, DEFAULT_SITE};
use tonic::{Request, Status, Streaming};

/// A request, with the fields that a token may bind; `build.rs` says of every one which they are.
pub(super) trait Addressed {
    /// Returns the site that it is about, where it is about one; empty means the default one.
    fn site_id(&mut self) -> Option<&mut String>;

    /// Returns the moderator in whose name it is, where it is in one's.
    fn moderator_id(&mut self) -> Option<&mut String>;
}

include!(concat!(env!("OUT_DIR"), "/addressed.rs"));

/// Checks that a caller may ask this of this site and in this name, and fills the name in where it is missing; then that every
/// field can be read.
pub(super) fn check<T: Addressed + Readable>(caller: &Caller, message: &mut T) -> Result<(), moderation::Error> {
    may_ask(caller, message)?;
    let mut violations = Vec::new();
    message.unreadable("", &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(moderation::Error::Invalid(violations)) }
}

fn may_ask(caller: &Caller, message: &mut impl Addressed) -> Result<(), Error> {
    if let Some(site_id) = message.site_id() {
        caller.may_act_on(if site_id.is_empty() { DEFAULT_SITE } else { site_id })?;
    }
    message.moderator_id().map_or(Ok(()), |moderator_id| caller.act_as(moderator_id))
}

/// Takes a request that its caller may make.
pub(super) fn checked<T: Addressed + Readable>(request: Request<T>) -> Result<T, Status> {
    let (caller, message) = introduced(request)?;
    drop(caller);
    Ok(message)
}

/// Takes a request that its caller may make, with its caller.
pub(super) fn introduced<T: Addressed + Readable>(request: Request<T>) -> Result<(Caller, T), Status> {
    let (_, mut extensions, mut message) = request.into_parts();
    let caller = caller(extensions.remove())?;
    check(&caller, &mut message).map_err(|error| status::status(&error))?;
    Ok((caller, message))
}

/// Whom each request of a stream is held against, and what it counts for.
pub(super) struct Streamer {
    caller: Caller,
    meter: Option<Meter>,
}

impl Streamer {
    /// Checks one request; the stream's first one was counted with the call.
    pub(super) fn check<T: Addressed + Readable>(
        &self,
        index: usize,
        message: &mut T,
    ) -> Result<(), moderation::Error> {
        check(&self.caller, message)?;
        let meter = self.meter.as_ref().filter(|_| index > 0);
        Ok(meter.map_or(Ok(()), Meter::count)?)
    }
}

/// Takes a stream of requests with its caller; each request is to be held against them.
pub(super) fn introduced_stream<T>(request: Request<Streaming<T>>) -> Result<(Caller, Streaming<T>), Status> {
    let (_, mut extensions, messages) = request.into_parts();
    Ok((caller(extensions.remove())?, messages))
}

/// Takes a stream of requests that count one by one.
pub(super) fn metered_stream<T>(request: Request<Streaming<T>>) -> Result<(Streamer, Streaming<T>), Status> {
    let (_, mut extensions, messages) = request.into_parts();
    let (caller, meter) = (caller(extensions.remove())?, extensions.remove());
    Ok((Streamer { caller, meter }, messages))
}

/// A request that nobody has let in is nobody's.
fn caller(caller: Option<Caller>) -> Result<Caller, Status> {
    caller.ok_or_else(|| status::status(&Error::Missing.into()))
}
