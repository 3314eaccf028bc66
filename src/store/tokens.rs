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
        Ok(self.act(vec![Event::TokenCreated { token }], actor(by), now)?.map(|_| Answer::TokenChanged))
    }

    pub(super) fn revoke_token(&mut self, revoke: RevokeToken) -> Result<Result<Answer, Error>, Failure> {
        let RevokeToken { token_id, keep_an_admin, by, now } = revoke;
        let tokens = self.edit.tokens().map_err(Failure::State)?;
        let Some(token) = tokens.iter().find(|token| token.token_id == token_id) else {
            return Ok(Err(Error::NoToken { token_id }));
        };
        let admins = tokens.iter().filter(|token| token.role == Role::Admin).count();
        if keep_an_admin && token.role == Role::Admin && admins == 1 {
            return Ok(Err(Error::LastAdmin));
        }
        Ok(self.act(vec![Event::TokenRevoked { token_id }], actor(by), now)?.map(|_| Answer::TokenChanged))
    }
}

fn actor(by: Option<ModeratorId>) -> Actor {
    by.map_or(Actor::System, Actor::Moderator)
}
