//! Tokens as bytes: their events in the journal, and what the state keeps. There is only ever the hash of one.

use super::{Malformed, put, take};
use crate::domain::{Event, ModeratorId, Origin, Role, SiteId, Timestamp, Token, TokenHash, TokenId};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

#[derive(Serialize, Deserialize)]
pub(super) struct TokenV1<'a> {
    token_id: &'a str,
    hash: [u8; 32],
    role: u8,
    site_id: Option<&'a str>,
    name: &'a str,
    created_at: i64,
    expires_at: Option<i64>,
}

/// A token with what came later: the origins that it is bound to, and its rate, 0 for none.
#[derive(Serialize, Deserialize)]
pub(super) struct TokenV2<'a> {
    #[serde(borrow)]
    first: TokenV1<'a>,
    #[serde(borrow)]
    origins: Vec<&'a str>,
    rate_per_minute: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TokenRevokedV1<'a> {
    token_id: &'a str,
}

impl<'a> From<&'a Token> for TokenV1<'a> {
    fn from(token: &'a Token) -> Self {
        Self {
            token_id: token.token_id.as_str(),
            hash: *token.hash.as_bytes(),
            role: match token.role {
                Role::Submitter => 0,
                Role::Moderator => 1,
                Role::Admin => 2,
            },
            site_id: token.site_id.as_ref().map(SiteId::as_str),
            name: token.name.as_str(),
            created_at: token.created_at.as_micros(),
            expires_at: token.expires_at.map(Timestamp::as_micros),
        }
    }
}

impl TryFrom<TokenV1<'_>> for Token {
    type Error = Malformed;

    fn try_from(token: TokenV1<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            token_id: TokenId::new(token.token_id),
            hash: TokenHash::new(token.hash),
            role: *Role::ALL.get(usize::from(token.role)).ok_or(Malformed)?,
            site_id: token.site_id.map(SiteId::new),
            name: ModeratorId::new(token.name),
            created_at: Timestamp::from_micros(token.created_at),
            expires_at: token.expires_at.map(Timestamp::from_micros),
            origins: Vec::new(),
            rate_per_minute: None,
        })
    }
}

impl<'a> From<&'a Token> for TokenV2<'a> {
    fn from(token: &'a Token) -> Self {
        let rate_per_minute = token.rate_per_minute.map_or(0, NonZeroU32::get);
        Self { first: token.into(), origins: token.origins.iter().map(Origin::as_str).collect(), rate_per_minute }
    }
}

impl TryFrom<TokenV2<'_>> for Token {
    type Error = Malformed;

    fn try_from(token: TokenV2<'_>) -> Result<Self, Malformed> {
        let origins: Option<Vec<Origin>> = token.origins.into_iter().map(Origin::parse).collect();
        let rate_per_minute = NonZeroU32::new(token.rate_per_minute);
        Ok(Self { origins: origins.ok_or(Malformed)?, rate_per_minute, ..token.first.try_into()? })
    }
}

impl TryFrom<TokenV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(token: TokenV1<'_>) -> Result<Self, Malformed> {
        Ok(Self::TokenCreated { token: token.try_into()? })
    }
}

impl TryFrom<TokenV2<'_>> for Event {
    type Error = Malformed;

    fn try_from(token: TokenV2<'_>) -> Result<Self, Malformed> {
        Ok(Self::TokenCreated { token: token.try_into()? })
    }
}

/// Returns whether the first version says all of a token.
pub(super) fn is_first_version(token: &Token) -> bool {
    token.origins.is_empty() && token.rate_per_minute.is_none()
}

impl<'a> TokenRevokedV1<'a> {
    pub(super) fn new(token_id: &'a TokenId) -> Self {
        Self { token_id: token_id.as_str() }
    }
}

impl From<TokenRevokedV1<'_>> for Event {
    fn from(revoked: TokenRevokedV1<'_>) -> Self {
        Self::TokenRevoked { token_id: TokenId::new(revoked.token_id) }
    }
}

/// Appends a token to `out`.
pub(in crate::store) fn encode_token(token: &Token, out: &mut Vec<u8>) {
    put(&TokenV2::from(token), out);
}

/// Reads a token back.
pub(in crate::store) fn decode_token(bytes: &[u8]) -> Result<Token, Malformed> {
    take::<TokenV2<'_>>(bytes)?.try_into()
}
