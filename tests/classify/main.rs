//! What training and scoring promise, seen from outside.

#![expect(clippy::unwrap_used, clippy::float_cmp, reason = "helpers fail a test so; equal means equal to the bit")]

mod account;
mod artifacts;
mod data;
mod experiments;
mod explanations;
mod features;
mod ftrl;
mod house;
mod languages;
mod model;
mod newsroom;
mod support;
mod training;
