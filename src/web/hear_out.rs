//! Lets whoever speaks HTTP/1 finish before they are answered.
//!
//! There, a body that nobody reads makes the connection break, and clients that are still writing see that instead of the answer:
//! a refusal would look like a fault. HTTP/2 ends a request by itself.

use bytes::Bytes;
use futures_util::future::Either;
use http::{Request, Response, Version, header};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::timeout;
use tonic::{Status, body::Body};
use tower_layer::Layer;
use tower_service::Service;

/// Bytes that are dropped at most.
const BYTES_MAX: usize = 8 << 20;
/// How long the answer may wait for them.
const TIME_MAX: Duration = Duration::from_secs(5);

/// Puts a [`HearOut`] before everything else.
#[derive(Debug, Clone, Copy)]
pub struct HearOutLayer;

impl<S> Layer<S> for HearOutLayer {
    type Service = HearOut<S>;

    fn layer(&self, inner: S) -> HearOut<S> {
        HearOut { inner }
    }
}

/// Reads what is left of bodies, and drops it, before it lets answers go.
#[derive(Debug, Clone)]
pub struct HearOut<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for HearOut<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Either<S::Future, Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if request.version() >= Version::HTTP_2 || request.body().is_end_stream() {
            return Either::Left(self.inner.call(request));
        }
        let asks_first = request.headers().contains_key(header::EXPECT);
        let (parts, body) = request.into_parts();
        let lent = Arc::new(Mutex::new(Lent { body, is_begun: false }));
        let body = Body::new(Borrowed(Arc::clone(&lent)));
        let answer = self.inner.call(Request::from_parts(parts, body));
        Either::Right(Box::pin(async move {
            let answer = answer.await;
            // Whoever is still reading it knows when it ends.
            if let Some(lent) = Arc::into_inner(lent) {
                let Lent { body, is_begun } = lent.into_inner().unwrap_or_else(PoisonError::into_inner);
                // Who asks whether to send anything isn't sending yet.
                if is_begun || !asks_first {
                    drop_rest(body).await;
                }
            }
            answer
        }))
    }
}

async fn drop_rest(mut body: Body) {
    let dropping = timeout(TIME_MAX, async {
        let mut dropped = 0;
        while let Some(Ok(frame)) = body.frame().await {
            dropped += frame.data_ref().map_or(0, Bytes::len);
            if dropped > BYTES_MAX {
                break;
            }
        }
    });
    // The answer goes out in any case.
    let _ = dropping.await;
}

/// A body, and whether anybody has begun to read it.
struct Lent {
    body: Body,
    is_begun: bool,
}

/// A body that comes back once it is dropped.
struct Borrowed(Arc<Mutex<Lent>>);

impl http_body::Body for Borrowed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut lent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lent.is_begun = true;
        Pin::new(&mut lent.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).body.size_hint()
    }
}
