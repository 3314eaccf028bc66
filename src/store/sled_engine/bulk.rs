//! The last requests of each moderator that ruled on whatever waited of an author or a campaign.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{BULK, State, keys};
use crate::domain::{Action, ModeratorId, RequestId, SiteId};
use crate::store::{
    Error,
    bulk::{self, REMEMBERED_MAX, Remembered},
    record,
};

impl Edit<'_> {
    /// Finds the request of this name among the moderator's last ones, this edit's own among them.
    pub(in crate::store) fn bulk(
        &self,
        site_id: &SiteId,
        moderator_id: &ModeratorId,
        name: &RequestId,
    ) -> Result<Option<Remembered>, Error> {
        let (all, name) = (self.bulk_of(&keys::bulk(site_id, moderator_id))?, bulk::hash(name));
        Ok(all.unwrap_or_default().into_iter().find(|one| one.name == name))
    }

    /// Remembers an action's request, and forgets the oldest where there are too many.
    pub(super) fn remember_bulk(&mut self, action: &Action) -> Result<(), Error> {
        let Some((site_id, moderator_id, one)) = bulk::remembered(action) else { return Ok(()) };
        let key = keys::bulk(site_id, moderator_id);
        let before = self.bulk_of(&key)?;
        let mut after = before.clone().unwrap_or_default();
        after.push(one);
        after.drain(..after.len().saturating_sub(REMEMBERED_MAX));
        let seal = |all: &Vec<Remembered>| value::seal(&key, 32 * all.len(), |out| record::encode_bulk(all, out));
        let (old, new) = (before.as_ref().map(seal), seal(&after));
        self.put(BULK, key.clone(), old.as_deref(), Some(new));
        self.bulk_done.insert(key, after);
        Ok(())
    }

    fn bulk_of(&self, key: &[u8]) -> Result<Option<Vec<Remembered>>, Error> {
        match self.bulk_done.get(key) {
            Some(all) => Ok(Some(all.clone())),
            None => self.state.bulk_of(key),
        }
    }
}

impl State {
    fn bulk_of(&self, key: &[u8]) -> Result<Option<Vec<Remembered>>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        let all = record::decode_bulk(unseal(key, &value)?);
        all.map(Some).map_err(|_| damaged("what is remembered of a moderator's requests cannot be read"))
    }
}
