//! What is kept beside comments: authors and policies.

use super::value::{damaged, unseal};
use super::{POLICIES, State, keys};
use crate::domain::{ArticleId, AuthorId, AuthorRecord, SiteId};
use crate::store::{Error, PolicyVersion, record};

impl State {
    /// Returns what is known of an author, `None` where nobody of that id has sent anything.
    pub(in crate::store) fn author(
        &self,
        site_id: &SiteId,
        author_id: &AuthorId,
    ) -> Result<Option<AuthorRecord>, Error> {
        let key = keys::author(site_id, author_id);
        let Some(value) = self.tree.get(&key).map_err(|error| self.error(error))? else { return Ok(None) };
        let author = record::decode_author(unseal(&key, &value)?);
        author.map(Some).map_err(|_| damaged("what is known of an author cannot be read"))
    }

    /// Returns versions of a policy below `before`, the newest first.
    pub(in crate::store) fn policy_versions(
        &self,
        site_id: &SiteId,
        article_id: Option<&ArticleId>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<PolicyVersion>, Error> {
        let prefix = keys::policies(site_id, article_id);
        let range = keys::with_seq(prefix.clone(), 0)..keys::with_seq(prefix, before);
        self.tree.range(range).rev().take(limit).map(|entry| self.policy_of(entry)).collect()
    }

    /// Returns the newest version of every policy.
    pub(in crate::store) fn policies(&self) -> Result<Vec<PolicyVersion>, Error> {
        let mut newest: Vec<PolicyVersion> = Vec::new();
        for entry in self.tree.scan_prefix([POLICIES]) {
            let policy = self.policy_of(entry)?;
            // Versions of one policy follow each other.
            match newest.last_mut() {
                Some(last) if (&last.site_id, &last.article_id) == (&policy.site_id, &policy.article_id) => {
                    *last = policy;
                }
                _ => newest.push(policy),
            }
        }
        Ok(newest)
    }

    fn policy_of(&self, entry: Result<(sled::IVec, sled::IVec), sled::Error>) -> Result<PolicyVersion, Error> {
        let (key, value) = entry.map_err(|error| self.error(error))?;
        let policy = record::decode_policy(unseal(&key, &value)?);
        policy.map_err(|_| damaged("a policy cannot be read"))
    }
}
