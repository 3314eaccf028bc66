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

pub use crate::moderation::TokenRequest;
pub use access::{Offline, tokens};
pub use error::Error;
pub use parts::{Parts, open};
pub use tls::Unusable;

use crate::auth::Tokens;
use crate::config::{self, Settings};
use crate::grpc::{
    AdminServer, AdmissionLayer, ModelServer, ModerationServer, POLICY_BYTES_MAX, PolicyServer, ReviewServer,
    admin_service, model_service, moderation_service, pb, policy_service, review_service,
};
use crate::moderation::{
    Admin, Explanations, Labels, Models, Moderation, Policies, Rescorings, Review, Serving, Simulations,
};
use crate::web::{BridgeConfig, ConnectLayer, Doors, FrontLayer, HearOutLayer, coral};
use futures_util::future::Either;
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::server::{HealthReporter, health_reporter};

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
    let limits = settings.moderation.limits;
    let tokens = match only {
        Some(secret) => Tokens::for_one(&secret),
        None => tokens(&*store, settings, listener.local_addr().map_err(Error::Address)?).await?,
    };
    let tokens = Arc::new(tokens);
    let admission = AdmissionLayer::new(Arc::clone(&tokens), Arc::clone(&clock));
    let admin = Admin::new(Arc::clone(&store), Arc::clone(&tokens), Arc::clone(&clock), limits);
    let policies = Policies::open(settings.below.clone(), Arc::clone(&store), Arc::clone(&clock), limits).await;
    let policies = Arc::new(policies.map_err(Error::Policy)?);
    let timeout_each = settings.moderation.scoring_timeout;
    let serving = Arc::new(Serving::new(scorer));
    let review = Review::new(Arc::clone(&store), Arc::clone(&clock), Arc::clone(&serving), settings.moderation.limits);
    let models = Arc::new(Models::open(Arc::clone(&serving), Arc::clone(&store), Arc::clone(&clock)).await?);
    let explanations = Arc::new(Explanations::new(
        Arc::clone(&serving),
        Arc::clone(&models),
        Arc::clone(&policies),
        Arc::clone(&store),
        limits,
    ));
    let rescorings =
        Arc::new(Rescorings::new(Arc::clone(&serving), Arc::clone(&models), Arc::clone(&policies), Arc::clone(&store)));
    let labels = Arc::new(Labels::new(Arc::clone(&store), Arc::clone(&policies), Arc::clone(&clock), limits));
    let simulations = Simulations::new(Arc::clone(&serving), Arc::clone(&policies), Arc::clone(&store), timeout_each);
    let moderation =
        Moderation::new(serving, Arc::clone(&policies), Arc::clone(&store), Arc::clone(&clock), settings.moderation);
    let moderation = Arc::new(moderation);
    let doors = Doors {
        moderation: Arc::clone(&moderation),
        labels: Arc::clone(&labels),
        policies: Arc::clone(&policies),
        tokens,
        coral: phases(settings),
        clock,
        public_url: settings.server.public_url.clone(),
        is_tls: settings.server.tls.is_some(),
    };
    let bridge = bridge(&settings.server)?;
    let (health, health_service) = health_reporter();
    health.set_serving::<Service>().await;
    health.set_serving::<PolicyService>().await;
    health.set_serving::<ReviewService>().await;
    health.set_serving::<AdminService>().await;
    health.set_serving::<ModelService>().await;
    let closing = CancellationToken::new();
    let review = Arc::new(review);
    let (reviewed, ended) = (Arc::clone(&review), closing.clone());
    let releasing = tokio::spawn(async move { reviewed.release_as_claims_end(ended).await });
    let (asked, ended) = (Arc::clone(&models), closing.clone());
    let looking = tokio::spawn(async move { asked.have_disagreements_looked_at(ended).await });
    let measuring = metrics.map(|(listener, drift_every)| {
        tokio::spawn(metrics::serve(listener, drift_every, Arc::clone(&review), closing.clone()))
    });
    let moderation_service = moderation_service(moderation, closing.clone(), settings.server.message_bytes_max);
    let (connections, watching) = match &settings.server.tls {
        None => (Either::Left(incoming::plain(listener)), None),
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
        .add_service(moderation_service)
        .add_service(policy_service(policies, Arc::new(simulations), closing.clone()))
        .add_service(review_service(
            review,
            explanations,
            closing.clone(),
            silent_max,
            settings.server.message_bytes_max,
        ))
        .add_service(admin_service(Arc::new(admin), settings.server.message_bytes_max))
        .add_service(model_service(models, labels, rescorings, closing.clone(), settings.server.message_bytes_max))
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

/// Returns the sites that Coral may send comments of.
fn phases(settings: &Settings) -> coral::Phases {
    let secrets = settings.coral.secrets.iter().map(|(site_id, secrets)| {
        (site_id.clone(), secrets.iter().map(|secret| secret.expose().as_bytes().into()).collect())
    });
    coral::Phases::new(settings.coral.deadline, secrets)
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
