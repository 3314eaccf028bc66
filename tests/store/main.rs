//! The store from outside: what any engine promises, and what the embedded one does when its files are hurt.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]
#![allow(clippy::print_stdout, reason = "seeds are printed, so that a failure can be repeated")]

mod campaigns;
mod claimers;
mod conformance;
mod erase;
mod events;
mod full_disk;
mod journal_damage;
mod model;
mod reports;
mod review;
mod review_model;
mod state_damage;
mod support;
