//! Which policy holds where.

use super::{Policy, Rules};
use crate::domain::SiteId;
use std::collections::HashMap;

/// The policy of every site: its own, or the common one.
#[derive(Debug, Clone)]
pub struct PolicySet {
    common: Policy,
    sites: HashMap<SiteId, Policy>,
}

impl PolicySet {
    /// Makes a set from the common rules and those of the sites that have their own.
    pub fn new(common: Rules, sites: impl IntoIterator<Item = (SiteId, Rules)>) -> Self {
        let sites = sites.into_iter().map(|(site, rules)| (site, Policy::new(rules))).collect();
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
    use crate::policy::{Threshold, Thresholds};

    #[test]
    fn a_site_has_its_own_policy_or_the_common_one() {
        let mut strict = Thresholds::none();
        strict.set(Attribute::Insult, Threshold { hold: Score::new(0.1), reject: None });
        let set = PolicySet::new(Thresholds::none().into(), [(SiteId::new("strict"), strict.into())]);
        assert_eq!(set.get(&SiteId::new("strict")).rules().thresholds, strict);
        assert_eq!(set.get(&SiteId::new("other")).rules().thresholds, Thresholds::none());
    }
}
