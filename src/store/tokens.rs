//! Tokens as the store keeps them, and the rules that hold whoever asks: there are not too many, and nobody locks
//! everybody out by accident.

use super::Error;
use super::batch::{Answer, Batch};
use super::writer::Failure;
use crate::domain::{Actor, Event, ModeratorId, Role, Timestamp, Token, TokenId};

/// Tokens that are good at once, at most: all fit into one answer, and into memory.
pub(super) const TOKENS_MAX: usize = 1000;

/// A token that is to be kept.
#[derive(Debug, Clone)]
pub struct CreateToken {
    /// The token.
    pub token: Token,
    /// Who makes it; `None` for whoever runs the server.
    pub by: Option<ModeratorId>,
}

/// A token that is to be good no longer.
#[derive(Debug, Clone)]
pub struct RevokeToken {
    /// Which.
    pub token_id: TokenId,
    /// Whether it stays where it is the last one of an admin.
    pub keep_an_admin: bool,
    /// Who revokes it; `None` for whoever runs the server.
    pub by: Option<ModeratorId>,
    /// The present time.
    pub now: Timestamp,
}

impl Batch<'_, '_> {
    pub(super) fn create_token(&mut self, create: CreateToken) -> Result<Result<Answer, Error>, Failure> {
        let CreateToken { token, by } = create;
        let tokens = self.edit.tokens().map_err(Failure::State)?;
        if tokens.len() >= TOKENS_MAX || tokens.iter().any(|known| known.token_id == token.token_id) {
            return Ok(Err(Error::TooManyTokens { tokens_max: TOKENS_MAX }));
        }
        let now = token.created_at;
        if token.role == Role::Admin && token.site_id.is_some() && !tokens.iter().any(|known| rules_all(known, now)) {
            return Ok(Err(Error::FirstAdminBound));
        }
        Ok(self.act(vec![Event::TokenCreated { token }], actor(by), now)?.map(|_| Answer::TokenChanged))
    }

    pub(super) fn revoke_token(&mut self, revoke: RevokeToken) -> Result<Result<Answer, Error>, Failure> {
        let RevokeToken { token_id, keep_an_admin, by, now } = revoke;
        let tokens = self.edit.tokens().map_err(Failure::State)?;
        let Some(token) = tokens.iter().find(|token| token.token_id == token_id) else {
            return Ok(Err(Error::NoToken { token_id }));
        };
        if keep_an_admin && leaves_nobody(token, &tokens, now) {
            return Ok(Err(Error::LastAdmin));
        }
        Ok(self.act(vec![Event::TokenRevoked { token_id }], actor(by), now)?.map(|_| Answer::TokenChanged))
    }
}

/// Returns whether a token is that of an admin of all sites, and good.
fn rules_all(token: &Token, now: Timestamp) -> bool {
    token.role == Role::Admin && token.site_id.is_none() && token.expires_at.is_none_or(|end| now < end)
}

/// Returns whether without one admin's token nobody would be left who can do what its bearer could: for all sites, and for as
/// long.
fn leaves_nobody(token: &Token, tokens: &[Token], now: Timestamp) -> bool {
    let outlives = |other: &Token| other.expires_at.is_none() || token.expires_at.is_some();
    let others = || tokens.iter().filter(|other| other.token_id != token.token_id);
    rules_all(token, now) && !others().any(|other| rules_all(other, now) && outlives(other))
}

fn actor(by: Option<ModeratorId>) -> Actor {
    by.map_or(Actor::System, Actor::Moderator)
}
