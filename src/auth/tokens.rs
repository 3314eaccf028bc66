//! The tokens that are good, in memory: looking one up costs a hash and a look into a map.

use super::{Admitted, Caller, Error, Pace, Presented, Secret, Until, key::is_of_this_machine};
use crate::domain::{Role, Timestamp, Token, TokenHash, TokenId};
use std::{
    collections::HashMap,
    hint::black_box,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tokio_util::sync::CancellationToken;

/// The bytes of a hash by which a token is found. What time finding it takes tells of these bytes of a hash at most,
/// and a hash doesn't lead to its token.
type Place = [u8; 8];

/// Who is let in without a token for as long as no token is an admin's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// Whoever calls from the machine itself.
    ThisMachine,
    /// Whoever reaches the port.
    Everybody,
}

/// The tokens that are good, and whether there need be one.
#[derive(Debug)]
pub struct Tokens {
    doors: Doors,
    known: RwLock<Known>,
    /// The one who is let in as the operator, and besides whom nobody is.
    only: Option<TokenHash>,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) tokens: HashMap<Place, Entry>,
    /// How many of them are an admin's.
    admins: usize,
    /// Cancelled when the first of an admin comes: whoever was let in without a token is not any longer.
    open: CancellationToken,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) token: Token,
    revoked: CancellationToken,
    /// How often it was used of late; in memory alone.
    pace: Option<Arc<Pace>>,
}

impl Tokens {
    /// Takes over the tokens that are kept; `doors` says who needs none while none of them is an admin's.
    pub fn new(doors: Doors, tokens: impl IntoIterator<Item = Token>) -> Self {
        let known = Self { doors, known: RwLock::default(), only: None };
        tokens.into_iter().for_each(|token| known.add(token));
        known
    }

    /// Lets in whoever bears `secret`, as the operator, and nobody else: for a server that one process has for itself.
    pub fn for_one(secret: &Secret) -> Self {
        Self { doors: Doors::ThisMachine, known: RwLock::default(), only: Some(secret.hash()) }
    }

    /// Says who calls, and checks that their role is at least `needed`: the bearer of the token in `authorization`, or,
    /// where there is none and no token is an admin's, the operator. A call that is let in counts for its token's rate.
    ///
    /// # Errors
    ///
    /// Says why not.
    pub fn admit(&self, call: Presented<'_>, needed: Role, now: Timestamp) -> Result<Admitted, Error> {
        let Presented { authorization, origin, is_from_here } = call;
        let known = self.read();
        let Some(presented) = authorization.and_then(bearer) else {
            if self.are_needed_by(&known) || !(is_from_here || self.doors == Doors::Everybody) {
                return Err(Error::Missing);
            }
            // Whoever looks at a page from this machine is no operator because of that.
            if origin.is_some_and(|origin| !is_of_this_machine(origin)) {
                return Err(Error::OriginNeedsToken);
            }
            let until = Until { revoked: known.open.clone(), expires_at: None, then: Error::Missing };
            return Ok(Admitted { caller: Caller::operator(), until, pace: None });
        };
        let hash = Secret::parse(presented).ok_or(Error::Unknown)?.hash();
        if self.only.as_ref().is_some_and(|only| is_same(only, &hash)) {
            let until = Until { revoked: CancellationToken::new(), expires_at: None, then: Error::Unknown };
            return Ok(Admitted { caller: Caller::operator(), until, pace: None });
        }
        let Entry { token, revoked, pace } = self.find(&known, &hash).ok_or(Error::Unknown)?;
        if token.has_expired_at(now) {
            return Err(Error::Expired);
        }
        if !token.is_good_from(origin) {
            return Err(Error::OtherOrigin);
        }
        let caller = Caller::bearer(token);
        caller.may(needed)?;
        pace.as_ref().map_or(Ok(()), |pace| pace.count(now))?;
        let until = Until { revoked: revoked.clone(), expires_at: token.expires_at, then: Error::Unknown };
        Ok(Admitted { caller, until, pace: pace.clone() })
    }

    /// Lets the bearers of a token in from now on.
    pub fn add(&self, token: Token) {
        let mut known = self.write();
        if token.role == Role::Admin {
            known.admins += 1;
            known.open.cancel();
        }
        let pace = token.rate_per_minute.map(|rate| Arc::new(Pace::new(rate, token.created_at)));
        let entry = Entry { revoked: CancellationToken::new(), token, pace };
        known.tokens.insert(place(&entry.token.hash), entry);
    }

    /// No longer lets the bearers of a token in, and ends what they are at.
    pub fn remove(&self, token_id: &TokenId) {
        let mut known = self.write();
        let place = known.tokens.iter().find(|(_, entry)| entry.token.token_id == *token_id).map(|(place, _)| *place);
        let Some(entry) = place.and_then(|place| known.tokens.remove(&place)) else { return };
        entry.revoked.cancel();
        if entry.token.role == Role::Admin {
            known.admins -= 1;
            if known.admins == 0 {
                known.open = CancellationToken::new();
            }
        }
    }

    /// Returns all tokens as they are kept, the oldest first.
    pub fn all(&self) -> Vec<Token> {
        let mut all: Vec<Token> = self.read().tokens.values().map(|entry| entry.token.clone()).collect();
        all.sort_by(|a, b| (a.created_at, &a.token_id).cmp(&(b.created_at, &b.token_id)));
        all
    }

    /// Returns whether every call needs a token: one of them is an admin's, whether expired or not.
    pub fn are_needed(&self) -> bool {
        self.are_needed_by(&self.read())
    }

    pub(super) fn are_needed_by(&self, known: &Known) -> bool {
        known.admins > 0 || self.only.is_some()
    }

    /// Finds what is known of a token.
    pub(super) fn find<'a>(&self, known: &'a Known, hash: &TokenHash) -> Option<&'a Entry> {
        let found = known.tokens.get(&place(hash)).filter(|_| self.only.is_none());
        found.filter(|entry| is_same(&entry.token.hash, hash))
    }

    pub(super) fn is_for_one(&self) -> bool {
        self.only.is_some()
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(hash: &TokenHash) -> Place {
    let mut place = Place::default();
    place.copy_from_slice(&hash.as_bytes()[..8]);
    place
}

/// Returns what follows `Bearer` in the metadata `authorization`.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, presented) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| presented.trim())
}

/// Compares hashes in a time that doesn't depend on where they differ.
fn is_same(one: &TokenHash, other: &TokenHash) -> bool {
    let differ = |so_far, (a, b): (&u8, &u8)| black_box(so_far | (a ^ b));
    one.as_bytes().iter().zip(other.as_bytes()).fold(0, differ) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ModeratorId;

    const NOW: Timestamp = Timestamp::from_micros(1_000);

    fn token(role: Role, expires_at: Option<Timestamp>) -> (Token, String) {
        let secret = Secret::generate().unwrap();
        let (hash, name) = (secret.hash(), ModeratorId::new(role.name()));
        let token = Token {
            token_id: hash.token_id(),
            hash,
            role,
            site_id: None,
            name,
            created_at: NOW,
            expires_at,
            origins: Vec::new(),
            rate_per_minute: None,
        };
        (token, format!("Bearer {}", secret.expose()))
    }

    fn call(authorization: Option<&str>, is_from_here: bool) -> Presented<'_> {
        Presented { authorization, origin: None, is_from_here }
    }

    fn admit(tokens: &Tokens, authorization: Option<&str>, needed: Role) -> Result<Caller, Error> {
        tokens.admit(call(authorization, true), needed, NOW).map(|admitted| admitted.caller)
    }

    #[test]
    fn the_doors_close_with_the_first_token_of_an_admin() {
        let tokens = Tokens::new(Doors::ThisMachine, []);
        let open = tokens.admit(call(None, true), Role::Admin, NOW).unwrap();
        assert_eq!(open.caller, Caller::operator());
        assert_eq!(tokens.admit(call(None, false), Role::Submitter, NOW).unwrap_err(), Error::Missing);
        let everybody = Tokens::new(Doors::Everybody, []);
        assert!(everybody.admit(call(None, false), Role::Admin, NOW).is_ok());

        let (moderator, ada) = token(Role::Moderator, None);
        tokens.add(moderator);
        assert!(admit(&tokens, None, Role::Admin).is_ok(), "somebody must be able to make the first one of an admin");
        assert_eq!(admit(&tokens, Some(&ada), Role::Admin), Err(Error::RoleTooLow { needed: Role::Admin }));
        let (admin, root) = token(Role::Admin, None);
        let admin_id = admin.token_id.clone();
        tokens.add(admin);
        assert!(open.until.revoked.is_cancelled());
        assert_eq!(admit(&tokens, None, Role::Submitter), Err(Error::Missing));
        assert_eq!(admit(&tokens, Some(&root), Role::Admin).unwrap().name().unwrap().as_str(), "admin");
        tokens.remove(&admin_id);
        assert_eq!(admit(&tokens, Some(&root), Role::Submitter), Err(Error::Unknown));
        let open = tokens.admit(call(None, true), Role::Admin, NOW).unwrap();
        assert!(!open.until.revoked.is_cancelled());
    }

    #[test]
    fn a_token_that_has_expired_opens_nothing() {
        let (admin, root) = token(Role::Admin, Some(NOW));
        let tokens = Tokens::new(Doors::Everybody, [admin]);
        assert_eq!(admit(&tokens, Some(&root), Role::Submitter), Err(Error::Expired));
        assert_eq!(admit(&tokens, None, Role::Submitter), Err(Error::Missing));
        let before = Timestamp::from_micros(NOW.as_micros() - 1);
        assert!(tokens.admit(call(Some(&root), true), Role::Admin, before).is_ok());
    }

    #[test]
    fn a_server_of_one_process_lets_nobody_else_in() {
        let secret = Secret::generate().unwrap();
        let tokens = Tokens::for_one(&secret);
        let (admin, root) = token(Role::Admin, None);
        tokens.add(admin);
        assert!(tokens.are_needed());
        assert_eq!(admit(&tokens, None, Role::Submitter), Err(Error::Missing));
        assert_eq!(admit(&tokens, Some(&root), Role::Submitter), Err(Error::Unknown));
        let own = format!("Bearer {}", secret.expose());
        assert_eq!(admit(&tokens, Some(&own), Role::Admin), Ok(Caller::operator()));
    }

    #[test]
    fn whatever_else_is_presented_is_unknown_or_missing() {
        let (admin, root) = token(Role::Admin, None);
        let tokens = Tokens::new(Doors::ThisMachine, [admin]);
        let (_, other) = token(Role::Admin, None);
        for unknown in [other.as_str(), "Bearer x", "bearer ombud_", &format!("{root}x")] {
            assert_eq!(admit(&tokens, Some(unknown), Role::Submitter), Err(Error::Unknown), "{unknown}");
        }
        for missing in ["", "Bearer", "Basic eDp5", &root["Bearer ".len()..]] {
            assert_eq!(admit(&tokens, Some(missing), Role::Submitter), Err(Error::Missing), "{missing}");
        }
        assert!(admit(&tokens, Some(&root.replace("Bearer", "bearer ")), Role::Admin).is_ok());
    }

    #[test]
    fn revoking_ends_what_a_bearer_is_at() {
        let (submitter, site) = token(Role::Submitter, None);
        let token_id = submitter.token_id.clone();
        let tokens = Tokens::new(Doors::ThisMachine, [submitter]);
        let admitted = tokens.admit(call(Some(&site), false), Role::Submitter, NOW).unwrap();
        tokens.remove(&token_id);
        assert!(admitted.until.revoked.is_cancelled() && tokens.all().is_empty());
        tokens.remove(&token_id);
    }
}
