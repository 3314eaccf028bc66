//! Recognises who calls.
//!
//! In comes what a caller presents; out goes who that is and what they may do, or why they may not. It holds the hashes
//! of tokens, never a token, and decides nothing about comments.
//!
//! Start reading at [`Tokens::admit`], then at [`Caller`].

mod caller;
mod error;
mod host_label;
mod secret;
mod tokens;

pub use caller::Caller;
pub use error::Error;
pub use secret::Secret;
pub use tokens::{Admitted, Doors, Tokens, Until};
