//! Ombud: a self-hosted comment moderation service.
//!
//! A comment walks in at a door, is scored, decided on, stored, and the answer walks out the same way. Start reading
//! at `ARCHITECTURE.md`, then at [`domain`].

pub mod auth;
pub mod classify;
pub mod cli;
pub mod config;
pub mod domain;
pub mod grpc;
pub mod moderation;
pub mod policy;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod train;
pub mod web;
