//! How well scores stand up to those who disguise their words, and how fair they are to words that only look bad.
//!
//! Start reading at [`attack`](mod@attack), then [`measures`].

pub mod attack;
pub mod innocents;
pub mod measures;
mod tables;

pub use attack::{Attack, attack, attack_first};
pub use measures::{AttackReport, Innocent, InnocentsReport, Plan, RobustnessReport, Strategy, Text};
