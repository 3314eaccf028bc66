//! Who may do what: tokens and the roles that they carry.

use super::{ModeratorId, Origin, SiteId, Timestamp, TokenId};
use std::{fmt, num::NonZeroU32};

/// What a caller may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Sends in comments and reads what became of them, as a site's front end does.
    Submitter,
    /// Reviews.
    Moderator,
    /// Sets policies and hands out tokens.
    Admin,
}

impl Role {
    /// All roles, the one that may do least first.
    pub const ALL: [Self; 3] = [Self::Submitter, Self::Moderator, Self::Admin];

    /// Returns the role's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitter => "submitter",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }

    /// Finds a role by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The SHA-256 of a token: all that is kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Wraps a hash.
    pub fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// Returns the bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the id of the token: the hash's first twelve digits, so that whoever finds a token can tell which it is.
    pub fn token_id(&self) -> TokenId {
        TokenId::new(self.0[..6].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

/// A token as it is kept: not the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is known by.
    pub token_id: TokenId,
    /// What it is recognised by.
    pub hash: TokenHash,
    /// What its bearer may do.
    pub role: Role,
    /// The only site that it is good for, or `None` for all.
    pub site_id: Option<SiteId>,
    /// Who bears it; where they review, the moderator's id.
    pub name: ModeratorId,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer good, or `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The pages for which browsers may use it, and nobody else may; empty for whoever bears it.
    pub origins: Vec<Origin>,
    /// How many calls a minute it is good for, or `None` for as many as come.
    pub rate_per_minute: Option<NonZeroU32>,
}

impl Token {
    /// Returns whether its time has passed.
    pub fn has_expired_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Returns whether it stands in pages, where every reader can see it.
    pub fn is_public(&self) -> bool {
        !self.origins.is_empty()
    }

    /// Returns whether it is good for a request that comes from a page of `origin`, as its browser says it; `None` where the
    /// request names none.
    pub fn is_good_from(&self, origin: Option<&str>) -> bool {
        !self.is_public() || origin.is_some_and(|origin| self.origins.iter().any(|own| own.as_str() == origin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_includes_the_ones_before_it() {
        assert!(Role::ALL.is_sorted());
        for role in Role::ALL {
            assert_eq!(Role::from_name(role.name()), Some(role));
        }
        assert_eq!(Role::from_name("Admin"), None);
    }

    #[test]
    fn a_token_is_known_by_the_first_digits_of_its_hash() {
        let mut hash = [0; 32];
        hash[..7].copy_from_slice(&[0, 1, 0xAB, 0xFF, 2, 3, 4]);
        assert_eq!(TokenHash::new(hash).token_id().as_str(), "0001abff0203");
    }
}
