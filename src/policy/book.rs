//! Which policy holds where: what the operator configured, with a site's and an article's own documents over it.

use super::{Document, Policy, Rules, check};
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
    document: Document,
}

/// The policies of a site.
#[derive(Debug, Clone)]
struct Site {
    own: Option<Own>,
    policy: Arc<Policy>,
    articles: BTreeMap<ArticleId, (Own, Arc<Policy>)>,
}

/// All policies in force. Changing it makes another book, so that whoever decides with one sees one policy throughout.
#[derive(Clone)]
pub struct PolicyBook {
    below: Arc<Below>,
    normalise: fn(&str) -> String,
    common: Arc<Policy>,
    sites: HashMap<SiteId, Site>,
}

impl PolicyBook {
    /// Makes the book of what the operator configured; `normalise` is what comments are normalised with.
    ///
    /// # Errors
    ///
    /// Names every list and rule that can't be used and thresholds that make no sense, behind `policy` or `sites.<site_id>`.
    pub fn new(below: Below, normalise: fn(&str) -> String) -> Result<Self, Vec<Violation>> {
        let prefixed = |prefix: String| {
            move |violations: Vec<Violation>| {
                let named = |one: Violation| Violation::new(format!("{prefix}.{}", one.field), one.description);
                violations.into_iter().map(named).collect::<Vec<_>>()
            }
        };
        let common = Policy::compile(below.common.clone(), "config", normalise).map_err(prefixed("policy".into()))?;
        let mut book = Self { below: Arc::new(below), normalise, common: Arc::new(common), sites: HashMap::new() };
        for (site_id, _) in &Arc::clone(&book.below).sites {
            let site = book.compile_site(site_id, None).map_err(prefixed(format!("sites.{site_id}")))?;
            book.sites.insert(site_id.clone(), site);
        }
        Ok(book)
    }

    /// Returns the policy that holds on an article of a site.
    pub fn get(&self, site_id: &SiteId, article_id: &ArticleId) -> &Arc<Policy> {
        let Some(site) = self.sites.get(site_id) else { return &self.common };
        site.articles.get(article_id).map_or(&site.policy, |(_, policy)| policy)
    }

    /// Returns the policy that holds on a site, or on an article of it that may have none of its own.
    pub fn of(&self, scope: &Scope) -> &Arc<Policy> {
        match (&scope.article_id, self.sites.get(&scope.site_id)) {
            (Some(article_id), _) => self.get(&scope.site_id, article_id),
            (None, Some(site)) => &site.policy,
            (None, None) => &self.common,
        }
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

    fn own(&self, scope: &Scope) -> Option<&Own> {
        let site = self.sites.get(&scope.site_id)?;
        match &scope.article_id {
            Some(article_id) => site.articles.get(article_id).map(|(own, _)| own),
            None => site.own.as_ref(),
        }
    }

    /// Returns the policy that would hold on a scope with this document as its own.
    ///
    /// # Errors
    ///
    /// Names everything of the document that can't stand.
    pub fn proposed(&self, scope: &Scope, document: &Document) -> Result<Policy, Vec<Violation>> {
        let mut rules = match &scope.article_id {
            Some(_) => self.of(&Scope { article_id: None, ..scope.clone() }).rules().clone(),
            None => self.configured(&scope.site_id),
        };
        let violations = check::document(document);
        if !violations.is_empty() {
            return Err(violations);
        }
        // Lists and rules are checked as they stand in the document, so that the places named are its own.
        let own = check::words(&document.words, &self.normalise).err().into_iter();
        let own: Vec<Violation> = own.chain(check::rules(&document.rules).err()).flatten().collect();
        if !own.is_empty() {
            return Err(own);
        }
        rules.lay_over(document);
        Policy::compile(rules, "proposed", self.normalise)
    }

    /// Returns the book in which a scope has this document as its own, or none.
    ///
    /// # Errors
    ///
    /// Names everything of the document that can't stand, and the article whose own policy would no longer make sense.
    pub fn with(&self, scope: &Scope, version: u64, document: Document) -> Result<Self, Vec<Violation>> {
        self.proposed(scope, &document)?;
        let mut book = self.clone();
        let own = Own { version, document };
        let before = book.sites.remove(&scope.site_id);
        let (mut of_site, mut articles) = before.map_or((None, BTreeMap::new()), |site| {
            let articles: BTreeMap<ArticleId, Own> =
                site.articles.into_iter().map(|(id, (own, _))| (id, own)).collect();
            (site.own, articles)
        });
        match &scope.article_id {
            Some(article_id) => drop(articles.insert(article_id.clone(), own)),
            None => of_site = Some(own),
        }
        let mut site = self.compile_site(&scope.site_id, of_site)?;
        for (article_id, own) in articles {
            let policy = self.compile_article(&site, &own);
            let policy = policy.map_err(|violations| {
                let named = |one: Violation| {
                    let sentence = format!("with the own policy of article {article_id}, it {}", one.description);
                    Violation::new(one.field, sentence)
                };
                if scope.article_id.is_some() { violations } else { violations.into_iter().map(named).collect() }
            })?;
            site.articles.insert(article_id, (own, Arc::new(policy)));
        }
        book.sites.insert(scope.site_id.clone(), site);
        Ok(book)
    }

    fn configured(&self, site_id: &SiteId) -> Rules {
        let mut rules = self.below.common.clone();
        for (_, document) in self.below.sites.iter().filter(|(id, _)| id == site_id) {
            rules.lay_over(document);
        }
        rules
    }

    fn compile_site(&self, site_id: &SiteId, own: Option<Own>) -> Result<Site, Vec<Violation>> {
        let mut rules = self.configured(site_id);
        let origin = match &own {
            None => "config".to_owned(),
            Some(own) => {
                rules.lay_over(&own.document);
                format!("site-{}", own.version)
            }
        };
        let policy = Policy::compile(rules, &origin, self.normalise)?;
        Ok(Site { own, policy: Arc::new(policy), articles: BTreeMap::new() })
    }

    fn compile_article(&self, site: &Site, own: &Own) -> Result<Policy, Vec<Violation>> {
        let mut rules = site.policy.rules().clone();
        rules.lay_over(&own.document);
        let of_site = site.own.as_ref().map_or_else(|| "config".to_owned(), |own| format!("site-{}", own.version));
        Policy::compile(rules, &format!("{of_site}-article-{}", own.version), self.normalise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Attribute, Score};
    use crate::policy::{Threshold, Thresholds};

    fn scope(site: &str, article: Option<&str>) -> Scope {
        Scope { site_id: SiteId::new(site), article_id: article.map(ArticleId::new) }
    }

    fn book() -> PolicyBook {
        let mut common = Thresholds::none();
        common.set(Attribute::Insult, Threshold { hold: Score::new(0.3), reject: Score::new(0.9) });
        let strict = Document::from_toml("insult = { hold = 0.1 }").unwrap();
        let below = Below { common: common.into(), sites: vec![(SiteId::new("strict"), strict)] };
        PolicyBook::new(below, str::to_lowercase).unwrap()
    }

    fn hold(book: &PolicyBook, site: &str, article: &str) -> Option<f32> {
        let policy = book.get(&SiteId::new(site), &ArticleId::new(article));
        policy.rules().thresholds.get(Attribute::Insult).hold.map(Score::get)
    }

    fn document(toml: &str) -> Document {
        Document::from_toml(toml).unwrap()
    }

    #[test]
    fn an_article_has_its_own_policy_over_the_sites_over_what_is_configured() {
        let book = book();
        assert_eq!((hold(&book, "other", "a"), hold(&book, "strict", "a")), (Some(0.3), Some(0.1)));
        let book = book.with(&scope("strict", None), 1, document("insult = { hold = 0.2 }")).unwrap();
        let book = book.with(&scope("strict", Some("a")), 1, document("insult = { hold = \"never\" }")).unwrap();
        assert_eq!((hold(&book, "strict", "a"), hold(&book, "strict", "b")), (None, Some(0.2)));
        // The article keeps its own where the site's changes.
        let book = book.with(&scope("strict", None), 2, document("insult = { hold = 0.25 }")).unwrap();
        assert_eq!((hold(&book, "strict", "a"), hold(&book, "strict", "b")), (None, Some(0.25)));
        assert_eq!((book.version(&scope("strict", None)), book.version(&scope("strict", Some("a")))), (2, 1));
        let version = |article| book.get(&SiteId::new("strict"), &ArticleId::new(article)).version().to_owned();
        assert!(version("b").starts_with("site-2-") && version("a").starts_with("site-2-article-1-"));
    }

    #[test]
    fn what_makes_no_sense_together_is_refused_and_changes_nothing() {
        let book = book();
        let refused = |scope: &Scope, toml| book.with(scope, 1, document(toml)).err().unwrap();
        let violations = refused(&scope("s", None), "insult = { hold = 0.9 }");
        assert_eq!(violations[0].field, "insult.hold");
        let rule = "[[rules]]\nname = \"r\"\nwhen = \"scores.insul > 0.5\"\naction = \"hold\"";
        let violations = refused(&scope("s", None), rule);
        assert_eq!(violations[0].field, "rules[0].when");
        assert!(violations[0].description.starts_with("column 8: "), "{violations:?}");
        let with_article = book.with(&scope("s", Some("a")), 1, document("insult = { reject = 0.5 }")).unwrap();
        let violations = with_article.with(&scope("s", None), 1, document("insult = { hold = 0.6 }")).err().unwrap();
        assert!(violations[0].description.contains("article a"), "{violations:?}");
    }

    #[test]
    fn names_and_numbers_are_checked() {
        for (toml, field) in [
            ("flood = { comments = 33, seconds = 1, action = \"hold\" }", "flood.comments"),
            ("flood = { comments = 1, seconds = 0, action = \"hold\" }", "flood.seconds"),
            ("first_time = { published = 0, action = \"hold\" }", "first_time.published"),
            ("links = { action = \"hold\", allowed_domains = [\"http://example.org\"] }", "links.allowed_domains[0]"),
            ("[[rules]]\nname = \"A b\"\nwhen = \"true\"\naction = \"hold\"", "rules[0].name"),
            ("[[words]]\nname = \"w\"\nkind = \"exact\"\naction = \"hold\"\nentries = [\"a b\"]", "words[0].entries"),
        ] {
            let violations = book().proposed(&scope("s", None), &document(toml)).unwrap_err();
            assert_eq!(violations[0].field, field, "{toml}");
        }
    }
}
