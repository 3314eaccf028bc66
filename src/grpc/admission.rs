//! Lets callers in: looks at the token of every call, before anything reads the request.

use super::roles::{Door, Method, door};
use super::status;
use crate::auth::{Admitted, Error, Pace, Presented, Tokens, Until};
use crate::moderation::Clock;
use bytes::Bytes;
use http::{
    Request, Response,
    header::{AUTHORIZATION, ORIGIN},
};
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use tonic::{Status, body::Body, transport::server::TcpConnectInfo};
use tower_layer::Layer;
use tower_service::Service;

/// Puts an [`Admission`] before all services of a server.
#[derive(Clone)]
pub struct AdmissionLayer {
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
}

impl AdmissionLayer {
    /// Joins the tokens that are good with a clock that says for how long.
    pub fn new(tokens: Arc<Tokens>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, clock }
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admission<S>;

    fn layer(&self, inner: S) -> Admission<S> {
        Admission { by: self.clone(), inner }
    }
}

/// Answers what is refused, and hands everything else on with a [`crate::auth::Caller`] in its extensions.
#[derive(Clone)]
pub struct Admission<S> {
    by: AdmissionLayer,
    inner: S,
}

impl<S, B> Service<Request<B>> for Admission<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let admitted = match door(request.uri().path()) {
            Door::Open => return Box::pin(self.inner.call(request)),
            Door::Of(method) => self.by.admit(&request, method).map(|admitted| (method, admitted)),
            Door::None => Err(Status::unimplemented("there is no such method; the server may be of another version")),
        };
        let (method, Admitted { caller, until, pace }) = match admitted {
            Ok(admitted) => admitted,
            Err(status) => return Box::pin(std::future::ready(Ok(status.into_http()))),
        };
        // Nothing behind this point has a use for the token, or could tell it to anyone.
        request.headers_mut().remove(AUTHORIZATION);
        request.extensions_mut().insert(caller);
        if let Some(pace) = pace {
            request.extensions_mut().insert(Meter { pace, clock: Arc::clone(&self.by.clock) });
        }
        let answer = self.inner.call(request);
        if !method.streams {
            return Box::pin(answer);
        }
        let ended = self.by.ended(until);
        Box::pin(async move { Ok(answer.await?.map(|inner| Body::new(EndingBody { inner: Some(inner), ended }))) })
    }
}

impl AdmissionLayer {
    fn admit<B>(&self, request: &Request<B>, method: Method) -> Result<Admitted, Status> {
        let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
        let remote = request.extensions().get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr);
        let is_from_here = remote.is_some_and(|remote| remote.ip().to_canonical().is_loopback());
        let call = Presented { authorization: text(AUTHORIZATION), origin: text(ORIGIN), is_from_here };
        let admitted = self.tokens.admit(call, method.needed, self.clock.now()).and_then(|admitted| {
            if method.is_public { Ok(()) } else { admitted.caller.may_what_readers_may_not() }?;
            Ok(admitted)
        });
        admitted.map_err(|error| status::status(&error.into()))
    }

    /// Waits until a caller is no longer let in, and returns what they are told.
    fn ended(&self, until: Until) -> Pin<Box<dyn Future<Output = Status> + Send>> {
        let now = self.clock.now();
        Box::pin(async move {
            let Until { revoked, expires_at, then } = until;
            let revoked = revoked.cancelled_owned();
            let error = match expires_at {
                None => {
                    revoked.await;
                    then
                }
                Some(end) => {
                    let left = end.as_micros().saturating_sub(now.as_micros());
                    let left = Duration::from_micros(u64::try_from(left).unwrap_or_default());
                    timeout(left, revoked).await.map_or(Error::Expired, |()| then)
                }
            };
            status::status(&error.into())
        })
    }
}

/// Counts what a call asks for beyond its first request.
#[derive(Clone)]
pub(super) struct Meter {
    pace: Arc<Pace>,
    clock: Arc<dyn Clock>,
}

impl Meter {
    /// Counts one more request.
    ///
    /// # Errors
    ///
    /// [`Error::TooOften`].
    pub(super) fn count(&self) -> Result<(), Error> {
        self.pace.count(self.clock.now())
    }
}

/// A stream of answers that ends when its caller is no longer let in.
struct EndingBody {
    /// The answers; `None` once they have ended.
    inner: Option<Body>,
    ended: Pin<Box<dyn Future<Output = Status> + Send>>,
}

impl http_body::Body for EndingBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let frame = Pin::new(inner).poll_frame(cx);
        match &frame {
            // An answer that has ended, or ends now, has its own last word.
            Poll::Ready(None) => return frame,
            Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => {}
            _ => {
                if let Poll::Ready(status) = self.ended.as_mut().poll(cx) {
                    self.inner = None;
                    let trailers = status.into_http::<()>().headers().clone();
                    return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                }
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
