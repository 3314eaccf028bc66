//! Certificates for TLS: read from files, and looked at again while the server runs.

use super::Error;
use crate::config::Tls;
use arc_swap::ArcSwap;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// What is spoken behind the handshake.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Why certificates can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file can't be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file hasn't in it what it must have.
    #[error("{} has no {wanted} in the form of PEM", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What is wanted.
        wanted: &'static str,
    },
    /// Certificate and key don't go together, or are of an unknown kind.
    #[error("the certificate and its key can't be used")]
    Pair(#[source] rustls::Error),
    /// The certificates that sign those of clients can't be used.
    #[error("the certificates in {} can't be used", path.display())]
    ClientCa {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The bytes of all files: where they differ from those before, there is something new.
#[derive(PartialEq, Eq)]
struct Files {
    cert: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

/// What handshakes go by.
pub(super) struct Certificates {
    settings: Tls,
    now: ArcSwap<ServerConfig>,
}

impl Certificates {
    /// Reads the files that the settings name; the second part of what is returned keeps looking at them.
    ///
    /// # Errors
    ///
    /// Says which file can't be used.
    pub(super) fn open(settings: &Tls) -> Result<(Arc<Self>, Watched), Error> {
        let files = Files::read(settings)?;
        let now = ArcSwap::from_pointee(files.config(settings)?);
        let certificates = Arc::new(Self { settings: settings.clone(), now });
        Ok((Arc::clone(&certificates), Watched { certificates, files }))
    }

    /// Returns what the next handshake goes by.
    pub(super) fn now(&self) -> Arc<ServerConfig> {
        self.now.load_full()
    }
}

/// Files that are looked at again.
pub(super) struct Watched {
    certificates: Arc<Certificates>,
    files: Files,
}

impl Watched {
    /// Takes over what is new in the files, until `closing` is cancelled. What can't be used is logged once, and what was used
    /// before stays.
    pub(super) async fn watch(mut self, closing: CancellationToken) {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failed = false;
        while closing.run_until_cancelled(looks.tick()).await.is_some() {
            let taken = self.look();
            match &taken {
                Ok(true) => tracing::info!("certificates were changed; new connections go by them"),
                Err(error) if !failed => {
                    let error: &dyn std::error::Error = error;
                    tracing::error!(error, "changed certificates can't be used; the ones from before stay");
                }
                Ok(false) | Err(_) => {}
            }
            failed = taken.is_err();
        }
    }

    /// Returns whether there was something new.
    fn look(&mut self) -> Result<bool, Unusable> {
        let settings = &self.certificates.settings;
        let files = Files::read(settings)?;
        if files == self.files {
            return Ok(false);
        }
        self.certificates.now.store(Arc::new(files.config(settings)?));
        self.files = files;
        Ok(true)
    }
}

impl Files {
    fn read(settings: &Tls) -> Result<Self, Unusable> {
        let read =
            |path: &Path| fs::read(path).map_err(|source| Unusable::Unreadable { path: path.to_owned(), source });
        Ok(Self {
            cert: read(&settings.cert)?,
            key: read(&settings.key)?,
            client_ca: settings.client_ca.as_deref().map(read).transpose()?,
        })
    }

    fn config(&self, settings: &Tls) -> Result<ServerConfig, Unusable> {
        let chain = certificates(&self.cert, &settings.cert)?;
        let missing = |_: pem::Error| Unusable::Missing { path: settings.key.clone(), wanted: "private key" };
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(missing)?;
        let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(Unusable::Pair)?;
        let builder = match (&self.client_ca, &settings.client_ca) {
            (Some(bytes), Some(path)) => {
                let unusable = |source: Box<dyn std::error::Error + Send + Sync>| Unusable::ClientCa {
                    path: path.clone(),
                    source,
                };
                let mut roots = RootCertStore::empty();
                for root in certificates(bytes, path)? {
                    roots.add(root).map_err(|error| unusable(error.into()))?;
                }
                let provider = Arc::new(rustls::crypto::ring::default_provider());
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                builder.with_client_cert_verifier(verifier.map_err(|error| unusable(error.into()))?)
            }
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder.with_single_cert(chain, key).map_err(Unusable::Pair)?;
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
        Ok(config)
    }
}

/// Reads the certificates in a file.
fn certificates(bytes: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let found = read.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| Unusable::Missing { path: path.to_owned(), wanted: "certificate" })
}
