//! stub
use super::{Ended, args::VerifyArgs};
pub(crate) fn run(_: &VerifyArgs) -> anyhow::Result<Ended> {
    Ok(Ended::Done)
}
