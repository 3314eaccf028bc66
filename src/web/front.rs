//! Takes the requests of foreign clients, and hands all others on to the gRPC services.

use super::{Doors, akismet, coral, openai, perspective};
use axum::Router;
use http::{Request, Response};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

/// Puts a [`Front`] before the gRPC services of a server.
#[derive(Clone)]
pub struct FrontLayer {
    doors: Arc<Doors>,
    router: Router,
}

impl FrontLayer {
    /// Opens the doors.
    pub fn new(doors: Doors) -> Self {
        let doors = Arc::new(doors);
        // Each door adds its routes here.
        let router = Router::new()
            .merge(openai::routes())
            .merge(akismet::routes())
            .merge(coral::routes())
            .with_state(Arc::clone(&doors));
        Self { doors, router }
    }

    /// Returns whether a path is one of the router's; all others are methods of gRPC.
    fn is_foreign(path: &str) -> bool {
        openai::has(path) || akismet::has(path) || coral::has(path)
    }
}

impl<S> Layer<S> for FrontLayer {
    type Service = Front<S>;

    fn layer(&self, inner: S) -> Front<S> {
        Front { by: self.clone(), inner }
    }
}

/// Answers foreign clients, and hands everything else on.
#[derive(Clone)]
pub struct Front<S> {
    by: FrontLayer,
    inner: S,
}

impl<S> Service<Request<Body>> for Front<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // A router is always ready.
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Some(call) = perspective::Call::of(request.uri().path()) {
            let answer = perspective::serve(Arc::clone(&self.by.doors), call, request.map(axum::body::Body::new));
            return Box::pin(async move { Ok(answer.await.map(Body::new)) });
        }
        if !FrontLayer::is_foreign(request.uri().path()) {
            return Box::pin(self.inner.call(request));
        }
        let answer = self.by.router.call(request);
        Box::pin(async move {
            let Ok(answer): Result<_, Infallible> = answer.await;
            Ok(answer.map(Body::new))
        })
    }
}
