//! The doors of foreign clients, beside gRPC on the same port, over HTTP/1.1 and HTTP/2.
//!
//! In come requests in the shapes that other services have; out go answers in the same shapes, errors too. Each door is a
//! folder of its own with its shapes; who calls is found out in `key.rs`, bodies are read in `body.rs`. There is no logic
//! here: what is scored and what is kept is decided behind the doors, by [`crate::moderation`].
//!
//! Start reading at [`Front`], which stands before the gRPC services and takes what isn't theirs; behind it stands [`Bridge`],
//! which turns JSON and gRPC-Web into gRPC.

mod akismet;
mod body;
mod connect;
pub mod coral;
mod failure;
mod front;
mod hear_out;
mod json;
mod key;
mod nowhere;
mod openai;
mod openapi;
mod origins;
mod perspective;
mod place;
mod reply;

pub use connect::{Bridge, BridgeConfig, ConnectLayer};
pub use front::{Front, FrontLayer};
pub use hear_out::{HearOut, HearOutLayer};

use crate::auth::Tokens;
use crate::moderation::{Clock, Labels, Moderation, Policies};
use std::sync::Arc;

/// What the doors hand requests on to.
pub struct Doors {
    /// Scores, decides and keeps.
    pub moderation: Arc<Moderation>,
    /// Keeps what people say of comments.
    pub labels: Arc<Labels>,
    /// Says what each site wants.
    pub policies: Arc<Policies>,
    /// Say who calls.
    pub tokens: Arc<Tokens>,
    /// Say for which sites Coral may ask.
    pub coral: coral::Phases,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Under which address clients know the server; `None` where each request says it.
    pub public_url: Option<String>,
    /// Whether the port speaks TLS.
    pub is_tls: bool,
}
