//! What training and scoring promise, seen from outside.

mod artifacts;
mod data;
mod explanations;
mod features;
mod ftrl;
mod model;
mod support;
mod training;
