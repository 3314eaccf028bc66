//! Makes a house model from what moderators ruled, and says whether it may be used.
//!
//! In come [`Label`]s and a base model; out come a house model's artifact, which moderators contradict each other, and a
//! report with the verdict of every gate. The same labels and settings give the same bytes. Nothing here opens a store
//! or the network, and the base model is left as it is.
//!
//! Start reading at [`retrain`](fn@retrain), then [`fit`](fn@fit), then [`gates`].

pub mod account;
pub mod card;
pub mod data_set;
mod delta;
pub mod disagreements;
mod fit;
mod folds;
pub mod gates;
mod head;
pub mod label;
pub mod newsroom;
pub mod progress;
mod retrain;
mod rows;
pub mod settings;

pub use account::Account;
pub use disagreements::Disagreement;
pub use fit::{Chosen, Fitted, fit};
pub use label::{Label, Source};
pub use retrain::{Retrained, retrain};
pub use settings::{Settings, Strength};
