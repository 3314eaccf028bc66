//! Builds the house, opens it and closes it.
//!
//! In come settings, a listener and a sign to stop; out goes, when everything has stopped, whether it stopped well.
//! All state is made here and handed to the doors; nothing here answers a request.
//!
//! Start reading at [`run`].

mod access;
mod error;
mod incoming;
mod metrics;
mod parts;
mod tls;
mod use_cases;

pub use crate::moderation::TokenRequest;
pub use access::{Offline, host_label, tokens};
pub use error::Error;
pub use parts::{Parts, open};
pub use tls::Unusable;

use crate::config::{self, Settings};
use crate::grpc::{
    AdminServer, AdmissionLayer, ModelServer, ModerationServer, POLICY_BYTES_MAX, PolicyServer, ReviewServer,
    admin_service, model_service, moderation_service, pb, policy_service, review_service,
};

use crate::web::{BridgeConfig, ConnectLayer, FrontLayer, HearOutLayer};
use futures_util::future::Either;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::server::{HealthReporter, health_reporter};
use use_cases::UseCases;

/// How long one request may take until its answer begins; a stream's answer begins at once.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for a call in JSON, which is told so in its own form.
const CALL_TIMEOUT: Duration = Duration::from_secs(29);
/// How often a silent connection is asked whether it is still there.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);

/// Calls that one connection may have open at once; its client waits with further ones.
const CONNECTION_CALLS_MAX: u32 = 1024;

/// How many bytes a client may send on one call before they are read.
const CALL_WINDOW_BYTES: u32 = 256 << 10;

/// How many bytes a client may send on one connection before they are read.
///
/// h2 takes many small unread frames for an attack and closes the connection: it charges 256 bytes less its length for each,
/// up to half of this. A call's window full of comments of 40 bytes is charged 1.4 MB, so several such calls fit.
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;

type Service = pb::moderation_service_server::ModerationServiceServer<ModerationServer>;
type PolicyService = pb::policy_service_server::PolicyServiceServer<PolicyServer>;
type ReviewService = pb::review_service_server::ReviewServiceServer<ReviewServer>;
type ModelService = pb::model_service_server::ModelServiceServer<ModelServer>;
type AdminService = pb::admin_service_server::AdminServiceServer<AdminServer>;

/// Answers requests that come to `listener` until `shutdown` is cancelled; then lets requests finish for as long as
/// the settings say, flushes and closes the store.
///
/// # Errors
///
/// Says that the port, or closing the store, failed; [`Error::NoToken`] as [`tokens`] does.
pub async fn run(
    parts: Parts,
    settings: &Settings,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    run_and_tell(parts, settings, listener, shutdown, || {}).await
}

/// Does as [`run`], and calls `ready` when everything is open, just before the first request is answered.
///
/// # Errors
///
/// As [`run`].
pub async fn run_and_tell(
    parts: Parts,
    settings: &Settings,
    listener: TcpListener,
    shutdown: CancellationToken,
    ready: impl FnOnce() + Send,
) -> Result<(), Error> {
    let Parts { scorer, store, clock, silent_max, metrics, only } = parts;
    let listen = listener.local_addr().map_err(Error::Address)?;
    let all = UseCases::open(scorer, &store, &clock, only.as_ref(), settings, listen).await?;
    let bytes_max = settings.server.message_bytes_max;
    let admission = AdmissionLayer::new(Arc::clone(&all.tokens), Arc::clone(&clock));
    let doors = all.doors(settings, clock);
    let bridge = bridge(&settings.server)?;
    let (health, health_service) = health_reporter();
    say_serving(&health).await;
    let closing = CancellationToken::new();
    let (reviewed, ended) = (Arc::clone(&all.review), closing.clone());
    let releasing = tokio::spawn(async move { reviewed.release_as_claims_end(ended).await });
    let (asked, ended) = (Arc::clone(&all.models), closing.clone());
    let looking = tokio::spawn(async move { asked.have_disagreements_looked_at(ended).await });
    let measuring = metrics.map(|(listener, drift_every)| {
        tokio::spawn(metrics::serve(listener, drift_every, Arc::clone(&all.review), closing.clone()))
    });
    let (connections, watching) = match &settings.server.tls {
        None => (Either::Left(incoming::plain(listener, closing.clone())), None),
        Some(files) => {
            let (certificates, watched) = tls::Certificates::open(files)?;
            let watching = tokio::spawn(watched.watch(closing.clone()));
            (Either::Right(incoming::tls(listener, certificates, closing.clone())), Some(watching))
        }
    };
    let serving = Server::builder()
        .accept_http1(true)
        .timeout(REQUEST_TIMEOUT)
        .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
        .max_concurrent_streams(Some(CONNECTION_CALLS_MAX))
        .initial_stream_window_size(CALL_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        // A front end that gives up on all its open calls at once is no attack.
        .http2_max_pending_accept_reset_streams(Some(CONNECTION_CALLS_MAX as usize))
        .layer(HearOutLayer)
        .layer(FrontLayer::new(doors))
        .layer(bridge)
        .layer(admission)
        .add_service(moderation_service(all.moderation, closing.clone(), bytes_max))
        .add_service(policy_service(all.policies, all.simulations, closing.clone()))
        .add_service(review_service(all.review, all.explanations, closing.clone(), silent_max, bytes_max))
        .add_service(admin_service(all.admin, bytes_max))
        .add_service(model_service(all.models, all.labels, all.rescorings, closing.clone(), bytes_max))
        .add_service(health_service)
        .add_service(reflection().build_v1().map_err(Error::Reflection)?)
        .add_service(reflection_v1alpha().build_v1alpha().map_err(Error::Reflection)?)
        .serve_with_incoming_shutdown(connections, closing.clone().cancelled_owned());
    let mut serving = std::pin::pin!(serving);
    ready();
    let served = tokio::select! {
        served = &mut serving => served,
        () = shutdown.cancelled() => {
            tracing::info!(drain_secs = settings.server.drain.as_secs(), "stopping");
            say_not_serving(&health).await;
            closing.cancel();
            timeout(settings.server.drain, serving).await.unwrap_or_else(|_elapsed| {
                tracing::warn!("requests were still open at the end of the time to drain");
                Ok(())
            })
        }
    };
    closing.cancel();
    // Where it panicked, claims have ended at the next look at a queue.
    drop(releasing.await);
    drop(looking.await);
    for task in [measuring, watching].into_iter().flatten() {
        drop(task.await);
    }
    store.close().await?;
    tracing::info!("stopped");
    served.map_err(Error::Serve)
}

/// Offers JSON and gRPC-Web for all services but reflection, which is for tools.
fn bridge(settings: &config::Server) -> Result<ConnectLayer, Error> {
    let config = BridgeConfig {
        descriptors: &[pb::FILE_DESCRIPTOR_SET, tonic_health::pb::FILE_DESCRIPTOR_SET],
        bytes_max: settings.message_bytes_max,
        bytes_max_of: &[("ombud.v1.PolicyService", POLICY_BYTES_MAX)],
        time_max: CALL_TIMEOUT,
        origins: &settings.origins,
    };
    ConnectLayer::new(&config).map_err(Error::Descriptors)
}

async fn say_serving(health: &HealthReporter) {
    health.set_serving::<Service>().await;
    health.set_serving::<PolicyService>().await;
    health.set_serving::<ReviewService>().await;
    health.set_serving::<AdminService>().await;
    health.set_serving::<ModelService>().await;
}

async fn say_not_serving(health: &HealthReporter) {
    health.set_not_serving::<Service>().await;
    health.set_not_serving::<PolicyService>().await;
    health.set_not_serving::<ReviewService>().await;
    health.set_not_serving::<AdminService>().await;
    health.set_not_serving::<ModelService>().await;
    health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
}

// Two functions that are not inlined: one closure that made both builders corrupted the heap in release builds.
#[inline(never)]
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// Older clients ask this version.
#[inline(never)]
fn reflection_v1alpha() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
