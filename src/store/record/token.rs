//! Tokens as bytes: their events in the journal, and what the state keeps. There is only ever the hash of one.

use super::{Malformed, put, take};
use crate::domain::{Event, ModeratorId, Role, SiteId, Timestamp, Token, TokenHash, TokenId};
use serde::{Deserialize, Serialize};

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
        })
    }
}

impl TryFrom<TokenV1<'_>> for Event {
    type Error = Malformed;

    fn try_from(token: TokenV1<'_>) -> Result<Self, Malformed> {
        Ok(Self::TokenCreated { token: token.try_into()? })
    }
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
    put(&TokenV1::from(token), out);
}

/// Reads a token back.
pub(in crate::store) fn decode_token(bytes: &[u8]) -> Result<Token, Malformed> {
    take::<TokenV1<'_>>(bytes)?.try_into()
}
