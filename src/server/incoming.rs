//! Connections, as they come: in clear, or behind a handshake that others don't wait for.

use super::tls::Certificates;
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_stream::{Stream, StreamExt as _, wrappers::ReceiverStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::{Connected, TcpConnectInfo, TcpIncoming};

/// How long a handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// Handshakes that are under way at once; further callers are turned away, so that the silent ones don't keep the others waiting.
const HANDSHAKES: usize = 4096;
/// Connections that are through and wait to be served.
const WAITING: usize = 256;
/// How long to wait where connections can't be accepted, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection.
pub(super) enum Connection {
    /// In clear.
    Plain(TcpStream),
    /// Behind TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Connections in clear.
pub(super) fn plain(
    listener: TcpListener,
    closing: CancellationToken,
) -> impl Stream<Item = io::Result<Connection>> + Send + Unpin {
    let accepted = TcpIncoming::from(listener).with_nodelay(Some(true));
    Box::pin(accepted.then(move |accepted| {
        let closing = closing.clone();
        async move {
            if let Err(error) = &accepted {
                pause(error, &closing).await;
            }
            accepted.map(Connection::Plain)
        }
    }))
}

/// Waits a little where there was no connection to accept: who can't be served now may be soon.
async fn pause(error: &io::Error, closing: &CancellationToken) {
    if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) {
        tracing::warn!(error = error as &dyn std::error::Error, "a connection could not be accepted");
        // Only the time matters.
        let _ = timeout(PAUSE, closing.cancelled()).await;
    }
}

/// Connections behind TLS. Whoever doesn't get through the handshake isn't among them.
pub(super) fn tls(
    listener: TcpListener,
    certificates: Arc<Certificates>,
    closing: CancellationToken,
) -> impl Stream<Item = io::Result<Connection>> + Send + Unpin {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let turns = Arc::new(Semaphore::new(HANDSHAKES));
        let mut incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        while let Some(Some(accepted)) = closing.run_until_cancelled(incoming.next()).await {
            let stream = match accepted {
                Ok(stream) => stream,
                Err(error) => {
                    pause(&error, &closing).await;
                    continue;
                }
            };
            let Ok(turn) = Arc::clone(&turns).try_acquire_owned() else { continue };
            let (acceptor, sender) = (TlsAcceptor::from(certificates.now()), sender.clone());
            tokio::spawn(async move {
                if let Ok(Ok(stream)) = timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await {
                    // Where nobody takes it, the server is closing.
                    drop(sender.send(Ok(Connection::Tls(Box::new(stream)))).await);
                }
                drop(turn);
            });
        }
    });
    ReceiverStream::new(receiver)
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        match self {
            Self::Plain(stream) => stream.connect_info(),
            Self::Tls(stream) => stream.get_ref().0.connect_info(),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
