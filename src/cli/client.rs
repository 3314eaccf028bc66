//! Talks to a server as any client would.

use super::address;
use super::args::{ServerArgs, TlsArgs};
use super::output;
use crate::grpc::{AdminClient, Client, ModelClient, PolicyClient, ReviewClient};
use anyhow::Context as _;
use std::{path::Path, time::Duration};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

pub(crate) use super::refused::Refused;

/// How long to wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes of an answer at most: versions of policies may be long.
const POLICY_BYTES_MAX: usize = 64 << 20;

/// A connection that says with each call who calls.
pub(crate) type Connection = InterceptedService<Channel, Bearer>;

/// Connects to a server, to submit and read comments.
pub(crate) async fn connect(server: &ServerArgs) -> anyhow::Result<Client<Connection>> {
    Ok(Client::new(connection(server).await?))
}

/// Connects to a server, to review.
pub(crate) async fn connect_to_review(server: &ServerArgs) -> anyhow::Result<ReviewClient<Connection>> {
    Ok(ReviewClient::new(connection(server).await?))
}

/// Connects to a server, to say who may use it.
pub(crate) async fn connect_to_admin(server: &ServerArgs) -> anyhow::Result<AdminClient<Connection>> {
    Ok(AdminClient::new(connection(server).await?))
}

/// Connects to a server, to say which model decides.
pub(crate) async fn connect_to_models(server: &ServerArgs) -> anyhow::Result<ModelClient<Connection>> {
    Ok(ModelClient::new(connection(server).await?))
}

/// Adds the token to each call, where there is one.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    fn new(token: Option<&str>) -> anyhow::Result<Self> {
        // What is empty, as an unset variable may be, is none.
        let Some(token) = token.map(str::trim).filter(|token| !token.is_empty()) else { return Ok(Self(None)) };
        let value = format!("Bearer {token}").parse();
        let mut value: MetadataValue<Ascii> =
            value.map_err(|_| anyhow::anyhow!("there are characters in the token that no token has"))?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

async fn connection(server: &ServerArgs) -> anyhow::Result<Connection> {
    let bearer = Bearer::new(server.token.as_deref())?;
    Ok(InterceptedService::new(channel(server).await?, bearer))
}

/// Connects to a server, to see and set policies.
pub(crate) async fn connect_to_policies(server: &ServerArgs) -> anyhow::Result<PolicyClient<Connection>> {
    Ok(PolicyClient::new(connection(server).await?).max_decoding_message_size(POLICY_BYTES_MAX))
}

async fn channel(server: &ServerArgs) -> anyhow::Result<Channel> {
    let address = address::of(server)?;
    let is_tls = address.scheme_str() == Some("https");
    let mut endpoint = Endpoint::from(address).connect_timeout(CONNECT_TIMEOUT);
    if is_tls {
        endpoint = endpoint.tls_config(tls(&server.tls)?)?;
    }
    let connected = endpoint.connect().await;
    connected.map_err(|error| anyhow::Error::new(error).context(format!("no server answers at {}", server.server)))
}

/// Says whom to trust, and what to show.
fn tls(args: &TlsArgs) -> anyhow::Result<ClientTlsConfig> {
    let read = |path: &Path| {
        std::fs::read(path).with_context(|| format!("cannot read {}", output::visible(&path.display().to_string())))
    };
    let mut config = match &args.ca {
        Some(ca) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(ca)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    if let (Some(cert), Some(key)) = (&args.client_cert, &args.client_key) {
        config = config.identity(Identity::from_pem(read(cert)?, read(key)?));
    }
    Ok(config)
}

/// Runs a command that talks to a server.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
