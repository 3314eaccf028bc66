//! Which policy holds where.

use super::{Policy, Thresholds};
use crate::domain::SiteId;
use std::collections::HashMap;

/// The policy of every site: its own, or the common one.
#[derive(Debug, Clone)]
pub struct PolicySet {
    common: Policy,
    sites: HashMap<SiteId, Policy>,
}

impl PolicySet {
    /// Makes a set from the common thresholds and those of the sites that have their own.
    pub fn new(common: Thresholds, sites: impl IntoIterator<Item = (SiteId, Thresholds)>) -> Self {
        let sites = sites.into_iter().map(|(site, thresholds)| (site, Policy::new(thresholds))).collect();
        Self { common: Policy::new(common), sites }
    }

    /// Returns the policy that holds for `site_id`.
    pub fn get(&self, site_id: &SiteId) -> &Policy {
        self.sites.get(site_id).unwrap_or(&self.common)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attribute, Score};
    use crate::policy::Threshold;

    #[test]
    fn a_site_has_its_own_policy_or_the_common_one() {
        let mut strict = Thresholds::none();
        strict.set(Attribute::Insult, Threshold { hold: Score::new(0.1), reject: None });
        let set = PolicySet::new(Thresholds::none(), [(SiteId::new("strict"), strict)]);
        assert_eq!(set.get(&SiteId::new("strict")).thresholds(), &strict);
        assert_eq!(set.get(&SiteId::new("other")).thresholds(), &Thresholds::none());
    }
}
