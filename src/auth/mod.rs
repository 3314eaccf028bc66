//! Recognises who calls.
//!
//! In comes what a caller presents; out goes who that is and what they may do, or why they may not. It holds the hashes
//! of tokens, never a token, and decides nothing about comments.
//!
//! Start reading at [`Tokens::admit`], then at [`Caller`]; [`Tokens::admit_key`] is for the keys of foreign clients.

mod call;
mod caller;
mod error;
mod host_label;
mod key;
mod pace;
mod secret;
mod tokens;

pub use call::{Admitted, Presented, Until};
pub use caller::Caller;
pub use error::Error;
pub use pace::Pace;
pub use secret::Secret;
pub use tokens::{Doors, Tokens};
