//! Tokens themselves, which nothing prints by accident.

use super::{Error, host_label};
use crate::domain::TokenHash;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::fmt;

/// What every token begins with, so that scanners and people know one when they see it.
const PREFIX: &str = "ombud_";
/// Random bytes of a token.
const RANDOM_BYTES: usize = 32;
/// Characters of a token: the prefix, then four for each three bytes.
const CHARS: usize = PREFIX.len() + (RANDOM_BYTES * 4).div_ceil(3);

/// A token. It prints as its prefix alone; [`Secret::expose`] is for whoever it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Makes a token of 32 random bytes from the system.
    ///
    /// # Errors
    ///
    /// [`Error::NoRandomness`] where the system gives none.
    pub fn generate() -> Result<Self, Error> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random).map_err(|_| Error::NoRandomness)?;
        Ok(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))))
    }

    /// Reads what a caller presents, in either spelling, or returns `None` where no token looks like that.
    pub fn parse(presented: &str) -> Option<Self> {
        if let Some(random) = host_label::read(presented) {
            return Some(Self(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))));
        }
        let looks_right = presented.len() == CHARS && presented.starts_with(PREFIX);
        looks_right.then(|| Self(presented.to_owned()))
    }

    /// Returns the token in the spelling that may stand in a host's name, where upper and lower case are the same: it says
    /// the same 256 bits. `None` where the token has none, which no token that was made here is.
    pub fn to_host_label(&self) -> Option<String> {
        let random: [u8; RANDOM_BYTES] = URL_SAFE_NO_PAD.decode(self.0.strip_prefix(PREFIX)?).ok()?.try_into().ok()?;
        Some(host_label::write(&random))
    }

    /// Returns what the token is recognised by. Its randomness makes a plain hash enough: there is nothing to guess.
    pub fn hash(&self) -> TokenHash {
        TokenHash::new(Sha256::digest(self.0.as_bytes()).into())
    }

    /// Returns the token, to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tokens_are_the_same_and_none_is_printed() {
        let (one, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one, other);
        assert_ne!(one.hash(), other.hash());
        assert_eq!(format!("{one:?}"), "ombud_…");
        assert_eq!(one.expose().len(), CHARS);
        assert_eq!(Secret::parse(one.expose()), Some(one));
    }

    #[test]
    fn a_host_label_is_the_same_token_in_either_case() {
        for _ in 0..50 {
            let secret = Secret::generate().unwrap();
            let label = secret.to_host_label().unwrap();
            assert!(label.len() <= 63 && !label.contains('_') && label == label.to_lowercase(), "{label}");
            assert_eq!(Secret::parse(&label), Some(secret.clone()));
            assert_eq!(Secret::parse(&label.to_uppercase()), Some(secret));
        }
        let made_up = format!("{PREFIX}{}", "!".repeat(CHARS - PREFIX.len()));
        assert_eq!(Secret::parse(&made_up).unwrap().to_host_label(), None, "it is no base64");
    }

    #[test]
    fn what_is_no_token_is_not_even_looked_up() {
        let right = Secret::generate().unwrap();
        for wrong in ["", "ombud_", &right.expose()[1..], &format!("{}a", right.expose()), &"x".repeat(CHARS)] {
            assert_eq!(Secret::parse(wrong), None);
        }
    }
}
