//! The gRPC door.
//!
//! In come wire messages, out go wire messages; in between, [`crate::moderation`] does the work. Generated types live
//! in [`pb`] and go no further than `convert.rs`; failures take their wire form in `status.rs`. There is no logic
//! here: what a field means is decided behind the door.
//!
//! Start reading at [`ModerationServer`], then at [`ReviewServer`] and [`PolicyServer`]; who may call which method is said in
//! `roles.rs` and checked by [`Admission`].

mod addressed;
mod admin;
mod admission;
mod convert;
mod events;
mod explanation;
mod items;
mod labels;
mod models;
mod policy;
mod policy_form;
mod policy_perspective;
mod quality;
mod readable;
mod rescoring;
mod review;
mod roles;
mod service;
mod status;
mod stream;
mod telling;
mod watch;
mod watchers;

pub use admin::{AdminServer, admin_service};
pub use admission::{Admission, AdmissionLayer};
pub use models::{ModelServer, model_service};
pub use policy::{POLICY_BYTES_MAX, PolicyServer, policy_service};
pub use review::{ReviewServer, review_service};
pub use service::{ModerationServer, moderation_service};
pub use watchers::SILENT_MAX;

/// Messages, client and server generated from `proto/`.
#[allow(missing_docs, clippy::pedantic, clippy::large_enum_variant, unreachable_pub, reason = "generated")]
pub mod pb {
    tonic::include_proto!("ombud.v1");

    /// The compiled descriptors of `proto/`, for reflection.
    pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ombud.fds.bin"));
}

pub use pb::admin_service_client::AdminServiceClient as AdminClient;
pub use pb::model_service_client::ModelServiceClient as ModelClient;
pub use pb::moderation_service_client::ModerationServiceClient as Client;
pub use pb::policy_service_client::PolicyServiceClient as PolicyClient;
pub use pb::review_service_client::ReviewServiceClient as ReviewClient;
