//! Who calls, once they are let in.

use super::Error;
use crate::domain::{ModeratorId, Role, SiteId, Token};

/// Who calls, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    role: Role,
    site_id: Option<SiteId>,
    name: Option<ModeratorId>,
    is_public: bool,
}

impl Caller {
    /// Returns whoever runs the server: there is no token to go by, and they may do anything.
    pub fn operator() -> Self {
        Self { role: Role::Admin, site_id: None, name: None, is_public: false }
    }

    /// Returns the bearer of a token.
    pub(super) fn bearer(token: &Token) -> Self {
        let (site_id, name) = (token.site_id.clone(), Some(token.name.clone()));
        Self { role: token.role, site_id, name, is_public: token.is_public() }
    }

    /// Returns who that is; `None` without a token.
    pub fn name(&self) -> Option<&ModeratorId> {
        self.name.as_ref()
    }

    /// Returns the only site that they may act on; `None` for all.
    pub fn site_id(&self) -> Option<&SiteId> {
        self.site_id.as_ref()
    }

    /// Checks that their token is theirs alone, and not one that every reader can see.
    ///
    /// # Errors
    ///
    /// [`Error::PublicToken`].
    pub fn may_what_readers_may_not(&self) -> Result<(), Error> {
        if self.is_public { Err(Error::PublicToken) } else { Ok(()) }
    }

    /// Checks that their role may do what takes the role `needed`.
    ///
    /// # Errors
    ///
    /// [`Error::RoleTooLow`].
    pub fn may(&self, needed: Role) -> Result<(), Error> {
        if self.role >= needed { Ok(()) } else { Err(Error::RoleTooLow { needed }) }
    }

    /// Checks that they may act on a site.
    ///
    /// # Errors
    ///
    /// [`Error::OtherSite`].
    pub fn may_act_on(&self, site_id: &str) -> Result<(), Error> {
        match &self.site_id {
            Some(own) if own.as_str() != site_id => Err(Error::OtherSite { site_id: own.clone() }),
            _ => Ok(()),
        }
    }

    /// Checks that they act as themselves; where a request names nobody, it is theirs.
    ///
    /// # Errors
    ///
    /// [`Error::OtherModerator`].
    pub fn act_as(&self, moderator_id: &mut String) -> Result<(), Error> {
        match &self.name {
            Some(name) if moderator_id.is_empty() => name.as_str().clone_into(moderator_id),
            Some(name) if name.as_str() != moderator_id => return Err(Error::OtherModerator { name: name.clone() }),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, site_id: Option<&str>) -> Caller {
        let (site_id, name) = (site_id.map(SiteId::new), Some(ModeratorId::new("ada")));
        Caller { role, site_id, name, is_public: false }
    }

    #[test]
    fn a_role_may_do_what_lower_ones_may() {
        let may = |role| Role::ALL.map(|needed| caller(role, None).may(needed).is_ok());
        assert_eq!(may(Role::Submitter), [true, false, false]);
        assert_eq!(may(Role::Moderator), [true, true, false]);
        assert_eq!(may(Role::Admin), [true, true, true]);
    }

    #[test]
    fn a_token_of_one_site_is_good_for_no_other() {
        assert!(caller(Role::Admin, Some("s")).may_act_on("s").is_ok());
        assert!(caller(Role::Admin, Some("s")).may_act_on("t").is_err());
        assert!(caller(Role::Submitter, None).may_act_on("t").is_ok());
        assert!(Caller::operator().may_act_on("t").is_ok());
    }

    #[test]
    fn a_token_that_readers_see_is_not_for_what_they_may_not_do() {
        let ada = caller(Role::Submitter, Some("s"));
        assert!(ada.may_what_readers_may_not().is_ok() && Caller::operator().may_what_readers_may_not().is_ok());
        let public = Caller { is_public: true, ..ada };
        assert_eq!(public.may_what_readers_may_not(), Err(Error::PublicToken));
    }

    #[test]
    fn nobody_acts_as_somebody_else() {
        let act_as = |caller: &Caller, name: &str| {
            let mut name = name.to_owned();
            caller.act_as(&mut name).map(|()| name)
        };
        let ada = caller(Role::Admin, None);
        assert_eq!(act_as(&ada, "").as_deref(), Ok("ada"));
        assert_eq!(act_as(&ada, "ada").as_deref(), Ok("ada"));
        assert_eq!(act_as(&ada, "bob"), Err(Error::OtherModerator { name: ModeratorId::new("ada") }));
        assert_eq!(act_as(&Caller::operator(), "bob").as_deref(), Ok("bob"));
        assert_eq!(act_as(&Caller::operator(), "").as_deref(), Ok(""), "whoever reads the request refuses that");
    }
}
