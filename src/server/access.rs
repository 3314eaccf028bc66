//! Who may reach the server, and with what.

use super::Error;
use crate::auth::{Caller, Doors, Secret, Tokens};
use crate::config::Settings;
use crate::domain::Token;
use crate::moderation::{self, Admin, NewToken, SystemClock, TokenRequest};
use crate::store::{EmbeddedStore, Options, Progress, Store};
use std::{net::SocketAddr, sync::Arc};

/// Reads the tokens that a store keeps, and checks that the server may listen where it is to: where other machines reach it,
/// only once an admin has a token, or where the settings allow it all the same.
///
/// # Errors
///
/// [`Error::NoToken`] where it may not; says that the store failed.
pub async fn tokens(store: &dyn Store, settings: &Settings, listen: SocketAddr) -> Result<Tokens, Error> {
    let doors = if settings.server.allow_remote { Doors::Everybody } else { Doors::ThisMachine };
    let tokens = Tokens::new(doors, store.tokens().await?);
    if listen.ip().is_loopback() || tokens.are_needed() || doors == Doors::Everybody {
        Ok(tokens)
    } else {
        Err(Error::NoToken { listen })
    }
}

/// The tokens of a stopped server.
pub struct Offline {
    store: Arc<dyn Store>,
    admin: Admin,
}

impl Offline {
    /// Opens the data directory that the settings name; `progress` hears of a rebuild.
    ///
    /// # Errors
    ///
    /// Says which file can't be used and what to do.
    pub async fn open(settings: &Settings, progress: &dyn Fn(Progress)) -> Result<Self, Error> {
        let store = EmbeddedStore::open(&settings.store.data_dir, Options::default(), progress)?;
        let store: Arc<dyn Store> = Arc::new(store);
        let tokens = Arc::new(Tokens::new(Doors::ThisMachine, store.tokens().await?));
        let admin = Admin::new(Arc::clone(&store), tokens, Arc::new(SystemClock), settings.moderation.limits);
        Ok(Self { store, admin })
    }

    /// Makes a token: what is kept of it, and the token itself.
    ///
    /// # Errors
    ///
    /// As [`Admin::create`].
    pub async fn create(&self, request: TokenRequest) -> Result<(Token, Secret), moderation::Error> {
        let NewToken { token, secret } = self.admin.create(&Caller::operator(), request).await?;
        Ok((token, secret))
    }

    /// Lists the tokens that were not revoked, the oldest first.
    pub fn list(&self) -> Vec<Token> {
        self.admin.list(&Caller::operator())
    }

    /// Makes a token good no longer, even the last one of an admin.
    ///
    /// # Errors
    ///
    /// As [`Admin::revoke_even_the_last`].
    pub async fn revoke(&self, token_id: &str) -> Result<(), moderation::Error> {
        self.admin.revoke_even_the_last(token_id).await
    }

    /// Flushes and closes the data directory.
    ///
    /// # Errors
    ///
    /// Says that closing failed.
    pub async fn close(self) -> Result<(), Error> {
        Ok(self.store.close().await?)
    }
}
