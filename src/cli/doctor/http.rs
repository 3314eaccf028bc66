//! A connection that is kept, as foreign clients have one: HTTP/1.1, in clear or behind TLS.

use crate::cli::args::TlsArgs;
use crate::cli::output;
use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderMap, Request, Uri, header::HOST};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

/// How long to wait for a connection, and for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER_MAX: usize = 4 << 20;

/// A server at an address.
pub(super) struct Server {
    /// The address as it was given.
    pub(super) url: Uri,
    sender: SendRequest<Full<Bytes>>,
    /// How long it took until there was a connection.
    pub(super) connected: Duration,
}

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// How long it took, from the request's first byte to the answer's last.
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Server {
    /// Connects.
    pub(super) async fn connect(url: &str, tls: &TlsArgs) -> anyhow::Result<Self> {
        let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let no_address = || anyhow::anyhow!("{url:?} is not the address of a server, such as http://127.0.0.1:8787");
        let uri: Uri = full.parse().map_err(|_| no_address())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(no_address)?.to_owned();
        let is_tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(no_address()),
        };
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let begin = Instant::now();
        let none = || format!("no server answers at {url}");
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let stream = timeout(PATIENCE, TcpStream::connect((bare.as_str(), port)))
            .await
            .with_context(none)?
            .with_context(none)?;
        stream.set_nodelay(true)?;
        let sender = if is_tls {
            let name = ServerName::try_from(bare).map_err(|_| no_address())?;
            let connector = TlsConnector::from(Arc::new(config(tls)?));
            let stream = timeout(PATIENCE, connector.connect(name, stream)).await.with_context(none)?;
            spoken(stream.with_context(|| format!("no TLS is agreed on with {url}"))?).await?
        } else {
            spoken(stream).await?
        };
        Ok(Self { url: uri, sender, connected: begin.elapsed() })
    }

    /// Sends a request and reads its answer; the address's host goes with it.
    pub(super) async fn send(&mut self, mut request: Request<Vec<u8>>) -> anyhow::Result<Answer> {
        let host = self.url.authority().map_or("", http::uri::Authority::as_str).to_owned();
        if !request.headers().contains_key(HOST) {
            request.headers_mut().insert(HOST, host.parse()?);
        }
        let begin = Instant::now();
        let answered = async {
            let response = self.sender.send_request(request.map(|body| Full::new(Bytes::from(body)))).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_MAX).collect().await;
            let body = body.map_err(|error| anyhow::anyhow!("the answer can't be read: {error}"))?.to_bytes();
            anyhow::Ok((parts, body))
        };
        let (parts, body) = timeout(PATIENCE, answered).await.context("no answer came within 10 seconds")??;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, took: begin.elapsed() })
    }
}

/// Begins to speak HTTP/1.1 on a connection.
async fn spoken<S>(stream: S) -> anyhow::Result<SendRequest<Full<Bytes>>>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // What goes wrong with it shows in the answer that doesn't come.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// Says whom to trust, and what to show.
fn config(args: &TlsArgs) -> anyhow::Result<ClientConfig> {
    let named = |path: &Path| output::visible(&path.display().to_string());
    let certificates = |path: &Path| -> anyhow::Result<Vec<CertificateDer<'static>>> {
        let read: Result<Vec<_>, _> =
            CertificateDer::pem_file_iter(path).with_context(|| format!("cannot read {}", named(path)))?.collect();
        read.with_context(|| format!("{} has no certificate in the form of PEM", named(path)))
    };
    let mut roots = RootCertStore::empty();
    match &args.ca {
        Some(ca) => certificates(ca)?.into_iter().try_for_each(|one| roots.add(one))?,
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots);
    Ok(match (&args.client_cert, &args.client_key) {
        (Some(cert), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).with_context(|| format!("{} has no key in it", named(key)))?;
            builder.with_client_auth_cert(certificates(cert)?, key)?
        }
        _ => builder.with_no_client_auth(),
    })
}
