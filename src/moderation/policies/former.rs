//! Policies that held once, found by the version that decisions record.
//!
//! A version says from which documents a policy was made, and has a digest of what they say together: so it is found again
//! where the documents are kept and what lies below them is as it was.

use super::{Policies, elsewhere, lay_all};
use crate::domain::{ArticleId, SiteId};
use crate::moderation::Error;
use crate::policy::Policy;
use std::sync::{Arc, PoisonError};

/// How many former policies are kept ready: making one ready may take a second.
const READY_MAX: usize = 8;

/// A policy that was made ready again, by its site and its version.
pub(super) type Former = (SiteId, String, Arc<Policy>);

impl Policies {
    /// Returns the policy of which decisions on an article record this version; `None` where it is not at hand any more, such as
    /// a configuration that was changed since.
    ///
    /// # Errors
    ///
    /// Passes on what the store says.
    pub(in crate::moderation) async fn of_version(
        &self,
        site_id: &SiteId,
        article_id: &ArticleId,
        version: &str,
    ) -> Result<Option<Arc<Policy>>, Error> {
        let book = self.book();
        let in_force = book.get(site_id, article_id);
        if in_force.version() == version {
            return Ok(Some(Arc::clone(in_force)));
        }
        if let Some(ready) = self.ready(site_id, version) {
            return Ok(Some(ready));
        }
        let Some(origin) = Origin::of(version) else { return Ok(None) };
        let mut documents = Vec::new();
        for (article_id, number) in [(None, origin.site), (Some(article_id), origin.article)] {
            let Some(number) = number else { continue };
            let found = self.store.policy_versions(site_id, article_id, number.saturating_add(1), 1).await?;
            let Some(found) = found.into_iter().find(|found| found.version == number) else { return Ok(None) };
            documents.push(found);
        }
        let (below, site, article) = (book.configured_alone(), site_id.clone(), article_id.clone());
        let policy = elsewhere(move || Ok(Arc::clone(lay_all(below, documents)?.get(&site, &article)))).await?;
        if policy.version() != version {
            return Ok(None);
        }
        let mut former = self.former.lock().unwrap_or_else(PoisonError::into_inner);
        former.truncate(READY_MAX - 1);
        former.insert(0, (site_id.clone(), version.to_owned(), Arc::clone(&policy)));
        Ok(Some(policy))
    }

    fn ready(&self, site_id: &SiteId, version: &str) -> Option<Arc<Policy>> {
        let mut former = self.former.lock().unwrap_or_else(PoisonError::into_inner);
        let place = former.iter().position(|(site, of, _)| site == site_id && of == version)?;
        former[..=place].rotate_right(1);
        former.first().map(|(_, _, policy)| Arc::clone(policy))
    }
}

/// Which documents a policy was made from, by their versions; without any it is what was configured.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    site: Option<u64>,
    article: Option<u64>,
}

impl Origin {
    /// Reads what a policy's version begins with.
    fn of(version: &str) -> Option<Self> {
        let (origin, _digest) = version.rsplit_once('-')?;
        let number = |digits: &str| digits.parse().ok();
        let parts: Vec<&str> = origin.split('-').collect();
        let (site, article) = match parts[..] {
            ["config"] => (None, None),
            ["site", site] => (Some(number(site)?), None),
            ["config", "article", article] => (None, Some(number(article)?)),
            ["site", site, "article", article] => (Some(number(site)?), Some(number(article)?)),
            _ => return None,
        };
        Some(Self { site, article })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_says_from_which_documents_it_was_made() {
        let of = |version| Origin::of(version).map(|origin| (origin.site, origin.article));
        assert_eq!(of("config-0123456789ab"), Some((None, None)));
        assert_eq!(of("site-12-0123456789ab"), Some((Some(12), None)));
        assert_eq!(of("config-article-3-0123456789ab"), Some((None, Some(3))));
        assert_eq!(of("site-2-article-3-0123456789ab"), Some((Some(2), Some(3))));
        for other in ["", "config", "site-x-0123456789ab", "site-1-article-0123456789ab", "test-0123456789ab"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
