//! Which policy holds where: what the operator configured, with a site's and an article's own documents over it.

use super::{Document, Policy, Rules, ready::Ready};
use crate::domain::{ArticleId, SiteId, Violation};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A site, or an article of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scope {
    /// The site.
    pub site_id: SiteId,
    /// The article, or `None` for the whole site.
    pub article_id: Option<ArticleId>,
}

/// What lies below the documents that editors set: the operator's configuration.
#[derive(Debug, Clone, Default)]
pub struct Below {
    /// What holds for every site.
    pub common: Rules,
    /// What is configured for some sites, over the common rules.
    pub sites: Vec<(SiteId, Document)>,
}

/// A document with its version.
#[derive(Debug, Clone)]
struct Own {
    version: u64,
    ready: Arc<Ready>,
}

/// The policies of a site.
#[derive(Debug, Clone)]
struct Site {
    own: Option<Own>,
    policy: Arc<Policy>,
    articles: BTreeMap<ArticleId, (Own, Arc<Policy>)>,
}

/// All policies in force. Changing it makes another book, so that whoever decides with one sees one policy throughout.
///
/// Each document is compiled once, when it is laid; the policies that it is part of share what came of it.
#[derive(Clone)]
pub struct PolicyBook {
    normalise: fn(&str) -> String,
    common: Arc<Policy>,
    /// Of sites for which something is configured, what holds there below editors' documents.
    configured: Arc<HashMap<SiteId, Arc<Policy>>>,
    sites: HashMap<SiteId, Arc<Site>>,
}

impl PolicyBook {
    /// Makes the book of what the operator configured; `normalise` is what comments are normalised with.
    ///
    /// # Errors
    ///
    /// Names everything that can't stand, behind `policy`, or where all sites' rules stand, behind `sites.<site_id>`.
    pub fn new(below: Below, normalise: fn(&str) -> String) -> Result<Self, Vec<Violation>> {
        let prefixed = |prefix: String| {
            move |violations: Vec<Violation>| {
                let named = |one: Violation| Violation::new(format!("{prefix}.{}", one.field), one.description);
                violations.into_iter().map(named).collect::<Vec<_>>()
            }
        };
        let common = Policy::compile(&below.common, "config", normalise).map_err(prefixed("policy".into()))?;
        let (common, mut configured, mut violations) = (Arc::new(common), HashMap::new(), Vec::new());
        for (site_id, document) in below.sites {
            let below = configured.get(&site_id).unwrap_or(&common);
            let ready = Ready::new(document, normalise, None);
            match ready.and_then(|ready| Policy::over(Some(below), &ready, "config")) {
                Ok(policy) => drop(configured.insert(site_id, Arc::new(policy))),
                Err(found) => violations.extend(prefixed(format!("sites.{site_id}"))(found)),
            }
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        Ok(Self { normalise, common, configured: Arc::new(configured), sites: HashMap::new() })
    }

    /// Returns the policy that holds on an article of a site.
    pub fn get(&self, site_id: &SiteId, article_id: &ArticleId) -> &Arc<Policy> {
        let Some(site) = self.sites.get(site_id) else { return self.configured(site_id) };
        site.articles.get(article_id).map_or(&site.policy, |(_, policy)| policy)
    }

    /// Returns the policy that holds on a site, or on an article of it that may have none of its own.
    pub fn of(&self, scope: &Scope) -> &Arc<Policy> {
        match (&scope.article_id, self.sites.get(&scope.site_id)) {
            (Some(article_id), _) => self.get(&scope.site_id, article_id),
            (None, Some(site)) => &site.policy,
            (None, None) => self.configured(&scope.site_id),
        }
    }

    /// Returns the book of what the operator configured, without any document that editors set.
    #[must_use]
    pub fn configured_alone(&self) -> Self {
        Self { sites: HashMap::new(), ..self.clone() }
    }

    /// Lists the policies that hold anywhere in a scope: a site's with those of its articles, or an article's.
    pub fn all_of<'book>(&'book self, scope: &Scope) -> impl Iterator<Item = &'book Policy> {
        let site = self.sites.get(&scope.site_id).filter(|_| scope.article_id.is_none());
        let articles = site.into_iter().flat_map(|site| site.articles.values().map(|(_, policy)| &**policy));
        std::iter::once(&**self.of(scope)).chain(articles)
    }

    /// Returns the version of a scope's own document, 0 where it has none.
    pub fn version(&self, scope: &Scope) -> u64 {
        self.own(scope).map_or(0, |own| own.version)
    }

    /// Returns the book in which a scope has this document as its own.
    ///
    /// # Errors
    ///
    /// Names everything of the document that can't stand, and the article whose own policy would no longer make sense.
    pub fn with(&self, scope: &Scope, version: u64, document: Document) -> Result<Self, Vec<Violation>> {
        let mut book = self.clone();
        book.lay(scope, version, document)?;
        Ok(book)
    }

    /// Lays a document as a scope's own. Of many, sites' come before those of their articles, so that each is laid once.
    ///
    /// # Errors
    ///
    /// As [`PolicyBook::with`]; the book is as it was.
    pub fn lay(&mut self, scope: &Scope, version: u64, document: Document) -> Result<(), Vec<Violation>> {
        let before = self.own(scope).map(|own| &*own.ready);
        let own = Own { version, ready: Arc::new(Ready::new(document, self.normalise, before)?) };
        let site = match (&scope.article_id, self.sites.get(&scope.site_id)) {
            (None, before) => self.site(&scope.site_id, own, before.map(|site| &site.articles))?,
            (Some(article_id), before) => {
                let mut site = before.map_or_else(|| self.bare(&scope.site_id), |site| Site::clone(site));
                let policy = site.lay(&own)?;
                site.articles.insert(article_id.clone(), (own, policy));
                site
            }
        };
        self.sites.insert(scope.site_id.clone(), Arc::new(site));
        Ok(())
    }

    /// Makes a site whose own document this is, with the articles that it has.
    fn site(
        &self,
        site_id: &SiteId,
        own: Own,
        articles: Option<&BTreeMap<ArticleId, (Own, Arc<Policy>)>>,
    ) -> Result<Site, Vec<Violation>> {
        let origin = format!("site-{}", own.version);
        let policy = Arc::new(Policy::over(Some(self.configured(site_id)), &own.ready, &origin)?);
        let mut site = Site { own: Some(own), policy, articles: BTreeMap::new() };
        for (article_id, (own, _)) in articles.into_iter().flatten() {
            let policy = site.lay(own).map_err(|violations| {
                let named = |one: Violation| {
                    let sentence = format!("with the own policy of article {article_id}, it {}", one.description);
                    Violation::new(one.field, sentence)
                };
                violations.into_iter().map(named).collect::<Vec<_>>()
            })?;
            site.articles.insert(article_id.clone(), (own.clone(), policy));
        }
        Ok(site)
    }

    /// Makes a site that has no document of its own.
    fn bare(&self, site_id: &SiteId) -> Site {
        Site { own: None, policy: Arc::clone(self.configured(site_id)), articles: BTreeMap::new() }
    }

    fn own(&self, scope: &Scope) -> Option<&Own> {
        let site = self.sites.get(&scope.site_id)?;
        match &scope.article_id {
            Some(article_id) => site.articles.get(article_id).map(|(own, _)| own),
            None => site.own.as_ref(),
        }
    }

    /// Returns what holds on a site below the documents that editors set.
    fn configured(&self, site_id: &SiteId) -> &Arc<Policy> {
        self.configured.get(site_id).unwrap_or(&self.common)
    }
}

impl Site {
    /// Lays an article's own document over the site's policy.
    fn lay(&self, own: &Own) -> Result<Arc<Policy>, Vec<Violation>> {
        let of_site = self.own.as_ref().map_or_else(|| "config".to_owned(), |own| format!("site-{}", own.version));
        let origin = format!("{of_site}-article-{}", own.version);
        Policy::over(Some(&self.policy), &own.ready, &origin).map(Arc::new)
    }
}

#[cfg(test)]
mod tests;
