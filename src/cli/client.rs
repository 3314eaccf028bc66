//! Talks to a server as any client would.

use crate::grpc::{Client, PolicyClient, ReviewClient};
use std::{fmt, time::Duration};
use tonic::{Code, Status, transport::Channel, transport::Endpoint};
use tonic_types::StatusExt;

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of an answer at most: versions of policies may be long.
const POLICY_BYTES_MAX: usize = 64 << 20;

/// Connects to the server at `url`, to submit and read comments.
pub(crate) async fn connect(url: &str) -> anyhow::Result<Client<Channel>> {
    Ok(Client::new(channel(url).await?))
}

/// Connects to the server at `url`, to review.
pub(crate) async fn connect_to_review(url: &str) -> anyhow::Result<ReviewClient<Channel>> {
    Ok(ReviewClient::new(channel(url).await?))
}

/// Connects to the server at `url`, to see and set policies.
pub(crate) async fn connect_to_policies(url: &str) -> anyhow::Result<PolicyClient<Channel>> {
    Ok(PolicyClient::new(channel(url).await?).max_decoding_message_size(POLICY_BYTES_MAX))
}

async fn channel(url: &str) -> anyhow::Result<Channel> {
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let endpoint = Endpoint::from_shared(full)
        .map_err(|_| anyhow::anyhow!("{url:?} is not the address of a server, such as http://127.0.0.1:8787"))?
        .connect_timeout(CONNECT_TIMEOUT);
    let connected = endpoint.connect().await;
    connected.map_err(|error| anyhow::Error::new(error).context(format!("no server answers at {url}")))
}

/// Runs a command that talks to a server.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// A server's refusal, in words.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) Status);

impl Refused {
    /// Returns whether asking again can't help.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.0.code(), Code::InvalidArgument | Code::NotFound | Code::Aborted)
    }

    pub(crate) fn hint(&self) -> Option<String> {
        if let Some(wait) = self.0.get_details_retry_info().and_then(|info| info.retry_delay) {
            return Some(format!("try again in {} s", wait.as_secs_f32()));
        }
        match self.0.code() {
            Code::NotFound => Some("`ombud list --article A` shows the comments of an article with their ids".into()),
            Code::Unimplemented => {
                Some("the server is of another version: compare `ombud --version` there and here".into())
            }
            _ => None,
        }
    }
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server refused: {}", self.0.message())?;
        for violation in self.0.get_details_bad_request().into_iter().flat_map(|bad| bad.field_violations) {
            write!(f, "\n  {}: {}", violation.field, violation.description)?;
        }
        Ok(())
    }
}
