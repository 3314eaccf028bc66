//! Tokens in the state.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{State, TOKENS, keys};
use crate::domain::{Event, Token};
use crate::store::{Error, record};

impl State {
    /// Returns all tokens that are good, by their ids.
    pub(in crate::store) fn tokens(&self) -> Result<Vec<Token>, Error> {
        let token = |entry: Result<(sled::IVec, sled::IVec), Error>| {
            let (key, value) = entry?;
            record::decode_token(unseal(&key, &value)?).map_err(|_| damaged("a token cannot be read"))
        };
        self.entries(TOKENS).map(token).collect()
    }
}

impl Edit<'_> {
    /// Returns all tokens that are good, this edit's own changes among them.
    pub(in crate::store) fn tokens(&self) -> Result<Vec<Token>, Error> {
        let mut tokens = self.state.tokens()?;
        for (token_id, changed) in &self.tokens {
            tokens.retain(|token| token.token_id != *token_id);
            tokens.extend(changed.clone());
        }
        Ok(tokens)
    }

    /// Keeps a token that was made, and forgets one that was revoked: the journal remembers it.
    pub(super) fn change_tokens(&mut self, event: &Event) -> Result<(), Error> {
        let (token_id, after) = match event {
            Event::TokenCreated { token } => (&token.token_id, Some(token)),
            Event::TokenRevoked { token_id } => (token_id, None),
            _ => return Ok(()),
        };
        let key = keys::token(token_id);
        let seal = |token: &Token| value::seal(&key, 200, |out| record::encode_token(token, out));
        let before = self.tokens()?.into_iter().find(|token| token.token_id == *token_id);
        let (old, new) = (before.as_ref().map(seal), after.map(seal));
        self.put(TOKENS, key, old.as_deref(), new);
        self.tokens.insert(token_id.clone(), after.cloned());
        Ok(())
    }
}
