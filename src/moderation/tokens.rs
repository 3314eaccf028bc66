//! The use cases of whoever runs a server or a site: hand tokens out, list them, take them back; say where the journal ends.

use super::{Clock, Error, Limits, draft, to_its_end};
use crate::auth::{self, Caller, Secret, Tokens};
use crate::domain::{ModeratorId, Origin, Role, SiteId, Timestamp, Token, TokenId, Violation};
use crate::store::{CreateToken, Head, RevokeToken, Store};
use std::{num::NonZeroU32, sync::Arc};

/// For how long a token is good at most, in seconds: ten years.
const LIFETIME_SECS_MAX: i64 = 10 * 365 * 24 * 3600;
/// Origins that a token may be bound to at most.
const ORIGINS_MAX: usize = 32;
/// Calls a minute that a token's rate may be at most.
const RATE_PER_MINUTE_MAX: u32 = 1_000_000;
/// Calls a minute of a token that is bound to origins, where nobody says otherwise. All readers of a site share them, and one of
/// them alone shouldn't use them up by writing, and a page of many comments isn't scored one by one.
const PUBLIC_RATE_PER_MINUTE: u32 = 600;

/// What a token is to be good for, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest {
    /// What its bearer may do; `None` where the caller left it out.
    pub role: Option<Role>,
    /// The only site that it is good for; empty for all.
    pub site_id: String,
    /// Who bears it.
    pub name: String,
    /// For how many seconds it is good; 0 for ever.
    pub lifetime_secs: i64,
    /// The web origins whose pages alone may use it; empty for whoever bears it.
    pub origins: Vec<String>,
    /// How many calls a minute it is good for, 0 for as many as come. `None` is 600 where there are origins, else 0.
    pub rate_per_minute: Option<u32>,
}

/// A token as it is kept, and the token itself, to be shown once.
#[derive(Debug)]
pub struct NewToken {
    /// What is kept.
    pub token: Token,
    /// What is not.
    pub secret: Secret,
}

/// What admins can do about tokens. The callers' role has been checked; what their token is bound to is checked here.
pub struct Admin {
    store: Arc<dyn Store>,
    tokens: Arc<Tokens>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl Admin {
    /// Joins a store with the tokens that it keeps and a clock.
    pub fn new(store: Arc<dyn Store>, tokens: Arc<Tokens>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        Self { store, tokens, clock, limits }
    }

    /// Makes a token; it is good from now on.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that the caller's own token is bound to another site, or that there are as many
    /// tokens as may be.
    pub async fn create(&self, caller: &Caller, request: TokenRequest) -> Result<NewToken, Error> {
        let TokenRequest { role, site_id, name, lifetime_secs, origins, rate_per_minute } = request;
        let mut violations = Vec::new();
        if role.is_none() {
            violations.push(Violation::new("role", "Must be submitter, moderator or admin."));
        }
        draft::optional_id("bound_site_id", &site_id, &self.limits, &mut violations);
        draft::required_id("name", &name, &self.limits, &mut violations);
        if !(0..=LIFETIME_SECS_MAX).contains(&lifetime_secs) {
            let sentence = format!("Must be from 0 to {LIFETIME_SECS_MAX}, ten years.");
            violations.push(Violation::new("lifetime_secs", sentence));
        }
        let is_public = !origins.is_empty();
        if is_public && role.is_some_and(|role| role != Role::Submitter) {
            violations.push(Violation::new(
                "role",
                "Must be submitter where there are origins: every reader sees the token.",
            ));
        }
        if is_public && site_id.is_empty() {
            let sentence = "Must be given where there are origins: every reader sees the token.";
            violations.push(Violation::new("bound_site_id", sentence));
        }
        let origins = read_origins(&origins, &mut violations);
        let rate_per_minute = rate_per_minute.unwrap_or(if is_public { PUBLIC_RATE_PER_MINUTE } else { 0 });
        if rate_per_minute > RATE_PER_MINUTE_MAX {
            violations.push(Violation::new("rate_per_minute", format!("Must be from 0 to {RATE_PER_MINUTE_MAX}.")));
        }
        let Some(role) = role.filter(|_| violations.is_empty()) else { return Err(Error::Invalid(violations)) };
        caller.may_act_on(&site_id)?;
        let (secret, created_at) = (Secret::generate()?, self.clock.now());
        let hash = secret.hash();
        let ends = Timestamp::from_micros(created_at.as_micros().saturating_add(lifetime_secs * 1_000_000));
        let token = Token {
            token_id: hash.token_id(),
            hash,
            role,
            site_id: (!site_id.is_empty()).then(|| SiteId::new(site_id)),
            name: ModeratorId::new(name),
            created_at,
            expires_at: (lifetime_secs > 0).then_some(ends),
            origins,
            rate_per_minute: NonZeroU32::new(rate_per_minute),
        };
        let (store, tokens, by) = (Arc::clone(&self.store), Arc::clone(&self.tokens), caller.name().cloned());
        to_its_end(async move {
            store.create_token(CreateToken { token: token.clone(), by }).await?;
            tokens.add(token.clone());
            Ok(NewToken { token, secret })
        })
        .await
    }

    /// Lists the tokens that were not revoked, the oldest first: those that the caller may revoke.
    pub fn list(&self, caller: &Caller) -> Vec<Token> {
        let mut tokens = self.tokens.all();
        tokens.retain(|token| is_theirs(caller, token));
        tokens
    }

    /// Makes a token good no longer; the last one of an admin stays.
    ///
    /// # Errors
    ///
    /// Says that there is no such token among those that the caller may revoke, or that it is the last one of an admin.
    pub async fn revoke(&self, caller: &Caller, token_id: &str) -> Result<(), Error> {
        self.end(caller, token_id, true).await
    }

    /// Makes a token good no longer, even where it is the last one of an admin: for whoever runs the server and can make
    /// another without one.
    ///
    /// # Errors
    ///
    /// Says that there is no such token.
    pub async fn revoke_even_the_last(&self, token_id: &str) -> Result<(), Error> {
        self.end(&Caller::operator(), token_id, false).await
    }

    /// Returns where the journal's chain ends, for an auditor to note.
    ///
    /// # Errors
    ///
    /// Passes on what the store says.
    pub async fn journal_head(&self) -> Result<Head, Error> {
        Ok(self.store.journal_head().await?)
    }

    async fn end(&self, caller: &Caller, token_id: &str, keep_an_admin: bool) -> Result<(), Error> {
        let token_id = TokenId::new(token_id);
        // Of other sites' tokens they learn nothing, not even that they are there.
        if !self.list(caller).iter().any(|token| token.token_id == token_id) {
            return Err(crate::store::Error::NoToken { token_id }.into());
        }
        let (by, now) = (caller.name().cloned(), self.clock.now());
        let (store, tokens) = (Arc::clone(&self.store), Arc::clone(&self.tokens));
        to_its_end(async move {
            store.revoke_token(RevokeToken { token_id: token_id.clone(), keep_an_admin, by, now }).await?;
            tokens.remove(&token_id);
            Ok(())
        })
        .await
    }
}

/// Reads web origins, each once.
fn read_origins(origins: &[String], violations: &mut Vec<Violation>) -> Vec<Origin> {
    if origins.len() > ORIGINS_MAX {
        violations.push(Violation::new("origins", format!("Must hold at most {ORIGINS_MAX} web origins.")));
        return Vec::new();
    }
    let mut read = Vec::new();
    for (index, origin) in origins.iter().enumerate() {
        let Some(origin) = Origin::parse(origin) else {
            let sentence = "Must be a web origin as browsers send it, such as https://news.example: http or https, a host, a \
                            port where it isn't the usual one, and nothing behind.";
            violations.push(Violation::new(format!("origins[{index}]"), sentence));
            continue;
        };
        if !read.contains(&origin) {
            read.push(origin);
        }
    }
    read
}

fn is_theirs(caller: &Caller, token: &Token) -> bool {
    caller.may_act_on(token.site_id.as_ref().map_or("", SiteId::as_str)).is_ok()
}

impl From<auth::Error> for Error {
    fn from(error: auth::Error) -> Self {
        Self::Refused(error)
    }
}
