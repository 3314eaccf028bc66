//! Why a caller is not let in, or not let do something.

use crate::domain::{ErrorKind, ModeratorId, Role, SiteId};
use std::time::Duration;

/// A refusal. What was presented is never in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There was no token.
    #[error("this call needs a token; send it as the metadata `authorization: Bearer TOKEN`")]
    Missing,
    /// It is no token, or was revoked.
    #[error("the token is not known here, or was revoked")]
    Unknown,
    /// Its time has passed.
    #[error("the token has expired; ask for another one")]
    Expired,
    /// Its role may not do this.
    #[error("the token's role may not do this; it takes the role {needed}")]
    RoleTooLow {
        /// The lowest role that may.
        needed: Role,
    },
    /// It is good for another site only.
    #[error("the token is good for one site only, and this is another one")]
    OtherSite {
        /// The site that it is good for.
        site_id: SiteId,
    },
    /// It is somebody else's.
    #[error("the token is somebody else's; leave the moderator out, or name its bearer")]
    OtherModerator {
        /// Who bears it.
        name: ModeratorId,
    },
    /// It is bound to web origins, and the request comes from none of them.
    #[error(
        "the token is good only for pages of the web origins that it is bound to, and this request is from none of them"
    )]
    OtherOrigin,
    /// It is bound to web origins, where every reader can see it, and this is not for every reader.
    #[error("the token is bound to web origins, so that every reader can see it; this takes one that nobody sees")]
    PublicToken,
    /// The request comes from a page, which nobody is let in from without a token.
    #[error("pages of this web origin are not let in without a token that is bound to it")]
    OriginNeedsToken,
    /// It was used as often as it may be in a minute.
    #[error("the token was used as often as it may be; try again later")]
    TooOften {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The system gave no random bytes to make a token from.
    #[error("the system gave no random bytes")]
    NoRandomness,
}

impl Error {
    /// Returns what the caller can do about this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing => ErrorKind::Unauthenticated { reason: "TOKEN_MISSING" },
            Self::Unknown => ErrorKind::Unauthenticated { reason: "TOKEN_UNKNOWN" },
            Self::Expired => ErrorKind::Unauthenticated { reason: "TOKEN_EXPIRED" },
            Self::RoleTooLow { needed } => forbidden("ROLE_TOO_LOW", "role", needed.name()),
            Self::OtherSite { site_id } => forbidden("OTHER_SITE", "site_id", site_id.as_str()),
            Self::OtherModerator { name } => forbidden("OTHER_MODERATOR", "moderator_id", name.as_str()),
            Self::OtherOrigin => ErrorKind::Forbidden { reason: "OTHER_ORIGIN", facts: Vec::new() },
            Self::PublicToken => ErrorKind::Forbidden { reason: "PUBLIC_TOKEN", facts: Vec::new() },
            Self::OriginNeedsToken => ErrorKind::Forbidden { reason: "ORIGIN_NEEDS_TOKEN", facts: Vec::new() },
            Self::TooOften { retry_after } => {
                ErrorKind::Overloaded { reason: "RATE_EXCEEDED", retry_after: *retry_after }
            }
            Self::NoRandomness => ErrorKind::Internal,
        }
    }
}

fn forbidden(reason: &'static str, fact: &'static str, value: &str) -> ErrorKind {
    ErrorKind::Forbidden { reason, facts: vec![(fact, value.to_owned())] }
}
