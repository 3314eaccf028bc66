//! Keys: tokens in the ways of foreign clients, and in web pages, where every reader can see them.

use super::{Admitted, Error, Presented, Secret, Tokens};
use crate::domain::{Origin, Role, Timestamp};

impl Tokens {
    /// Does as [`Tokens::admit`] for a key that came in the way of a foreign client. Where nobody needs a token, what doesn't
    /// look like one is no key: such clients always send something. `origin` is the page that a browser asks for, as it says so.
    ///
    /// # Errors
    ///
    /// Says why not.
    pub fn admit_key(
        &self,
        key: Option<&str>,
        origin: Option<&str>,
        is_from_here: bool,
        needed: Role,
        now: Timestamp,
    ) -> Result<Admitted, Error> {
        let key = key.filter(|key| self.are_needed() || Secret::parse(key).is_some());
        let authorization = key.map(|key| format!("Bearer {key}"));
        self.admit(Presented { authorization: authorization.as_deref(), origin, is_from_here }, needed, now)
    }

    /// Returns whether a browser may hand what is answered to a page of `origin`.
    ///
    /// With a key, that is so for the origins that it is bound to; a key that is bound to none isn't meant for pages. A
    /// browser that asks beforehand leaves out keys that stand in headers: without a key it is so for all origins that any key
    /// is bound to, since the request that follows is held against its own. While nobody needs a token, pages of the
    /// machine itself may ask as well. Whether a caller is let in, [`Tokens::admit_key`] says, and not this.
    pub fn is_allowed_origin(&self, key: Option<&str>, origin: &str) -> bool {
        if self.is_for_one() {
            return false;
        }
        let known = self.read();
        if let Some(secret) = key.and_then(Secret::parse) {
            let found = self.find(&known, &secret.hash());
            return found.is_some_and(|entry| entry.token.is_public() && entry.token.is_good_from(Some(origin)));
        }
        let are_needed = self.are_needed_by(&known);
        let is_anyones = || {
            let mut public = known.tokens.values().filter(|entry| entry.token.is_public());
            public.any(|entry| entry.token.is_good_from(Some(origin)))
        };
        // Where tokens are needed, something that is no token is a key that is wrong.
        (key.is_none() || !are_needed) && (is_anyones() || (!are_needed && is_of_this_machine(origin)))
    }
}

/// Returns whether a page is served by the machine that its browser runs on.
pub(super) fn is_of_this_machine(origin: &str) -> bool {
    Origin::parse(origin).is_some_and(|origin| origin.is_of_this_machine())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Caller, Doors};
    use crate::domain::{ModeratorId, SiteId, Token};
    use std::{num::NonZeroU32, time::Duration};

    const NOW: Timestamp = Timestamp::from_micros(1_000);
    const NEWS: &str = "https://news.example";
    const EVIL: &str = "https://evil.example";
    const HERE: &str = "http://localhost:3000";

    /// Makes a token, bound to origins and with a rate or not.
    fn token(role: Role, origins: &[&str], rate: u32) -> (Token, String) {
        let secret = Secret::generate().unwrap();
        let hash = secret.hash();
        let token = Token {
            token_id: hash.token_id(),
            hash,
            role,
            site_id: (!origins.is_empty()).then(|| SiteId::new("s")),
            name: ModeratorId::new(role.name()),
            created_at: NOW,
            expires_at: None,
            origins: origins.iter().map(|origin| Origin::parse(origin).unwrap()).collect(),
            rate_per_minute: NonZeroU32::new(rate),
        };
        (token, secret.expose().to_owned())
    }

    fn admit(tokens: &Tokens, key: Option<&str>, origin: Option<&str>) -> Result<Caller, Error> {
        tokens.admit_key(key, origin, true, Role::Submitter, NOW).map(|admitted| admitted.caller)
    }

    #[test]
    fn a_key_that_is_bound_to_origins_is_good_for_their_pages_alone() {
        let ((root, _), (web, key)) = (token(Role::Admin, &[], 0), token(Role::Submitter, &[NEWS, HERE], 0));
        for tokens in [Tokens::new(Doors::Everybody, [web.clone()]), Tokens::new(Doors::Everybody, [root, web])] {
            for own in [NEWS, HERE] {
                let caller = admit(&tokens, Some(&key), Some(own)).unwrap();
                assert_eq!(caller.site_id().unwrap().as_str(), "s");
                assert_eq!(caller.may_what_readers_may_not(), Err(Error::PublicToken));
            }
            let similar = ["https://news.example:444", "http://news.example", "https://news.example.evil.example"];
            for other in [EVIL, "null", "", "https://NEWS.example", "https://news.example/"].into_iter().chain(similar)
            {
                assert_eq!(admit(&tokens, Some(&key), Some(other)), Err(Error::OtherOrigin), "{other}");
            }
            assert_eq!(admit(&tokens, Some(&key), None), Err(Error::OtherOrigin), "no browser asks");
        }
    }

    #[test]
    fn other_keys_are_good_wherever_they_come_from() {
        let ((root, _), (site, key)) = (token(Role::Admin, &[], 0), token(Role::Submitter, &[], 0));
        let tokens = Tokens::new(Doors::ThisMachine, [root, site]);
        for origin in [None, Some(NEWS), Some("null")] {
            assert!(admit(&tokens, Some(&key), origin).unwrap().may_what_readers_may_not().is_ok());
        }
        assert_eq!(admit(&tokens, None, None), Err(Error::Missing));
        assert_eq!(admit(&tokens, Some("made up"), None), Err(Error::Unknown));
    }

    #[test]
    fn a_page_is_no_operator_because_somebody_on_this_machine_looks_at_it() {
        for doors in [Doors::ThisMachine, Doors::Everybody] {
            let tokens = Tokens::new(doors, []);
            for key in [None, Some("AIza-made-up")] {
                assert_eq!(admit(&tokens, key, None), Ok(Caller::operator()));
                assert_eq!(admit(&tokens, key, Some(HERE)), Ok(Caller::operator()));
                for page in [EVIL, "null", "", "http://localhost.evil.example"] {
                    assert_eq!(admit(&tokens, key, Some(page)), Err(Error::OriginNeedsToken), "{page}");
                }
            }
        }
        let elsewhere = Tokens::new(Doors::ThisMachine, []).admit_key(None, Some(HERE), false, Role::Submitter, NOW);
        assert_eq!(elsewhere.unwrap_err(), Error::Missing);
    }

    #[test]
    fn a_key_is_good_as_often_a_minute_as_it_says() {
        let ((web, key), (other, other_key)) = (token(Role::Submitter, &[NEWS], 2), token(Role::Submitter, &[NEWS], 2));
        let web_id = web.token_id.clone();
        let tokens = Tokens::new(Doors::ThisMachine, [web.clone(), other]);
        let at = |micros, origin| {
            let now = Timestamp::from_micros(NOW.as_micros() + micros);
            tokens.admit_key(Some(&key), Some(origin), false, Role::Submitter, now).map(drop)
        };
        let wait = |millis| Err(Error::TooOften { retry_after: Duration::from_millis(millis) });
        assert_eq!(at(0, EVIL), Err(Error::OtherOrigin), "what is refused doesn't count");
        let too_low = tokens.admit_key(Some(&key), Some(NEWS), false, Role::Admin, NOW).map(drop);
        assert_eq!(too_low, Err(Error::RoleTooLow { needed: Role::Admin }));
        assert_eq!([at(0, NEWS), at(0, NEWS), at(10_000_000, NEWS)], [Ok(()), Ok(()), wait(20_000)]);
        assert!(admit(&tokens, Some(&other_key), Some(NEWS)).is_ok(), "each key has its own rate");
        assert_eq!([at(30_000_000, NEWS), at(30_000_000, NEWS)], [Ok(()), wait(30_000)]);
        tokens.remove(&web_id);
        assert_eq!(at(30_000_000, NEWS), Err(Error::Unknown));
        tokens.add(web);
        assert_eq!(at(30_000_000, NEWS), Ok(()), "what was counted goes with the token");
    }

    #[test]
    fn refusals_say_what_to_do_and_never_the_key() {
        let (web, key) = token(Role::Submitter, &[NEWS], 1);
        let tokens = Tokens::new(Doors::ThisMachine, [web]);
        admit(&tokens, Some(&key), Some(NEWS)).unwrap();
        let refused = [admit(&tokens, Some(&key), Some(EVIL)), admit(&tokens, Some(&key), Some(NEWS))];
        for refused in refused.map(Result::unwrap_err) {
            let told = format!("{refused} {refused:?} {:?} {tokens:?}", refused.kind());
            assert!(!told.contains(&key["ombud_".len()..]) && !told.contains("evil"), "{told}");
        }
    }

    #[test]
    fn answers_are_handed_to_the_pages_that_a_key_is_bound_to() {
        let ((root, root_key), (site, site_key)) = (token(Role::Admin, &[], 0), token(Role::Submitter, &[], 0));
        let ((web, key), (blog, blog_key)) =
            (token(Role::Submitter, &[NEWS], 0), token(Role::Submitter, &["https://blog.example", HERE], 0));
        let tokens = Tokens::new(Doors::Everybody, [root, site, web, blog]);
        let allowed =
            |key: Option<&str>| [NEWS, HERE, EVIL, "null"].map(|origin| tokens.is_allowed_origin(key, origin));
        assert_eq!(allowed(Some(&key)), [true, false, false, false]);
        assert_eq!(allowed(Some(&blog_key)), [false, true, false, false]);
        let (_, unknown) = token(Role::Submitter, &[NEWS], 0);
        for other in [&root_key, &site_key, &unknown, "AIza-made-up", ""] {
            assert_eq!(allowed(Some(other)), [false; 4]);
        }
        assert_eq!(allowed(None), [true, true, false, false], "the key may come in a header");
    }

    #[test]
    fn while_nobody_needs_a_token_pages_of_this_machine_may_ask() {
        let (web, key) = token(Role::Submitter, &[NEWS], 0);
        for doors in [Doors::ThisMachine, Doors::Everybody] {
            let tokens = Tokens::new(doors, [web.clone()]);
            let allowed = |key: Option<&str>| [NEWS, HERE, EVIL].map(|origin| tokens.is_allowed_origin(key, origin));
            assert_eq!(allowed(None), [true, true, false]);
            assert_eq!(allowed(Some("AIza-made-up")), [true, true, false]);
            assert_eq!(allowed(Some(&key)), [true, false, false]);
        }
        let (root, _) = token(Role::Admin, &[], 0);
        let closed = Tokens::new(Doors::ThisMachine, [root]);
        assert!(!closed.is_allowed_origin(None, HERE));
        let one = Tokens::for_one(&Secret::generate().unwrap());
        assert!(!one.is_allowed_origin(None, HERE));
    }
}
