//! The use cases of editors: see the policy of a site or an article, set another, go back to an earlier one.
//!
//! In come requests in plain types; out go versions. What was set is on disk, and every comment that is decided on from
//! then on is decided on by it; a comment that is being decided on keeps the policy that it began with.

mod former;

use super::{ANSWER_BYTES_MAX, Clock, Error, Limits, draft, in_range, refuse, to_its_end};
use crate::classify::Normalised;
use crate::domain::{ArticleId, ModeratorId, SiteId, Violation};
use crate::policy::{Below, PolicyBook, Scope};
pub use crate::policy::{
    UnsupportedLanguage,
    document::{
        Document, FloodLimit, LabelRules, Limit, Links, Measure, Mode, NamedRule, NamedWords, NewAuthors, OwnThreshold,
        RepeatLimit,
    },
    perspective::{Answer, Perspective, Scale},
    words::Kind as WordKind,
};
pub use crate::store::PolicyVersion;
use crate::store::{SetPolicy, Store};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::{sync::Mutex, task::spawn_blocking};

/// Bytes of an editor's note.
const NOTE_BYTES_MAX: usize = 1000;
/// Versions of a page where the question doesn't say, and at most.
const VERSIONS_DEFAULT: usize = 20;
const VERSIONS_MAX: usize = 100;
/// How many are read at once, since each may be long.
const VERSIONS_READ: usize = 8;
/// What a version takes in an answer beside its document and its note, at most.
const VERSION_BYTES: usize = 1024;

/// Which site, or which article of it, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct ScopeRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The article; empty for the whole site.
    pub article_id: String,
}

/// A policy as the caller wrote it.
#[derive(Debug, Clone)]
pub enum Written {
    /// In TOML.
    Toml(String),
    /// By its parts.
    Parts(Box<Document>),
}

/// Who sets a policy, and why.
#[derive(Debug, Clone, Default)]
pub struct SetRequest {
    /// Where it is to hold.
    pub scope: ScopeRequest,
    /// Who sets it.
    pub editor_id: String,
    /// Why; may be empty.
    pub note: String,
    /// The version that the editor saw, 0 where there was none.
    pub version: u64,
}

/// A policy of a site or an article.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The newest version of its own document, `None` where it has none.
    pub own: Option<PolicyVersion>,
    /// Its own document, empty where it has none.
    pub document: Document,
    /// All that holds there, with what it leaves to others.
    pub effective: Document,
    /// What decisions under it record.
    pub policy_version: String,
}

/// The policies in force, and what editors can do with them.
pub struct Policies {
    book: RwLock<Arc<PolicyBook>>,
    /// Held by whoever sets a policy, from the check to the book.
    setting: Mutex<()>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    /// Policies of before that were asked for, the latest first.
    former: std::sync::Mutex<Vec<former::Former>>,
}

impl Policies {
    /// Reads the policies that editors have set, over what the operator configured.
    ///
    /// A policy that can't be used any more, since what lies below it has changed, does not keep the server from starting:
    /// on its site or article every comment waits for a person until an editor sets another.
    ///
    /// # Errors
    ///
    /// Says what of the configuration can't be used; passes on what the store says.
    pub async fn open(
        below: Below,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let stored = store.policies().await?;
        let book = elsewhere(move || self::book(below, stored)).await?;
        let (book, setting, former) = (RwLock::new(Arc::new(book)), Mutex::default(), std::sync::Mutex::default());
        Ok(Self { book, setting, store, clock, limits, former })
    }

    /// Returns the policies that hold now.
    pub fn book(&self) -> Arc<PolicyBook> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shows the policy of a site or an article.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; passes on what the store says.
    pub async fn show(&self, scope: &ScopeRequest) -> Result<Shown, Error> {
        let scope = self.scope(scope)?;
        self.shown(&scope).await
    }

    /// Makes a policy the next version.
    ///
    /// # Errors
    ///
    /// Names every field and every part of the policy that is wrong; says that the editor has seen an older version; passes
    /// on what the store says. Nothing has changed then.
    pub async fn set(self: &Arc<Self>, request: SetRequest, written: Option<Written>) -> Result<Shown, Error> {
        let SetRequest { scope, editor_id, note, version } = request;
        let scope = self.scope(&scope)?;
        let mut violations = Vec::new();
        draft::required_id("editor_id", &editor_id, &self.limits, &mut violations);
        if note.len() > NOTE_BYTES_MAX {
            violations.push(Violation::new("note", format!("Must be at most {NOTE_BYTES_MAX} bytes long.")));
        }
        refuse(violations)?;
        let policies = Arc::clone(self);
        to_its_end(async move { policies.set_now(scope, editor_id, note, version, written).await }).await
    }

    async fn set_now(
        &self,
        scope: Scope,
        editor_id: String,
        note: String,
        version: u64,
        written: Option<Written>,
    ) -> Result<Shown, Error> {
        let _setting = self.setting.lock().await;
        let (book, document) = self.laid(&scope, version.saturating_add(1), written).await?;
        let set = SetPolicy {
            site_id: scope.site_id.clone(),
            article_id: scope.article_id.clone(),
            seen: version,
            document,
            note,
            editor_id: ModeratorId::new(editor_id),
            now: self.clock.now(),
        };
        self.store.set_policy(set).await?;
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        self.shown(&scope).await
    }

    /// Makes an earlier version the newest one.
    ///
    /// # Errors
    ///
    /// As [`Policies::set`]; besides, says that there is no such version.
    pub async fn restore(self: &Arc<Self>, mut request: SetRequest, restored: u64) -> Result<Shown, Error> {
        let scope = self.scope(&request.scope)?;
        let before = restored.saturating_add(1);
        let found = self.store.policy_versions(&scope.site_id, scope.article_id.as_ref(), before, 1).await?;
        let found = found.into_iter().find(|found| found.version == restored);
        let found = found.ok_or_else(|| Error::PolicyNotFound { id: restored.to_string() })?;
        if request.note.is_empty() {
            request.note = format!("Restores version {restored}.");
        }
        self.set(request, Some(Written::Toml(found.document))).await
    }

    /// Lists versions of a policy, the newest first: at most `page_size` below `before`, where 0 means the newest, and one at
    /// least, but no more than an answer has room for.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; passes on what the store says.
    pub async fn versions(
        &self,
        scope: &ScopeRequest,
        page_size: i32,
        before: u64,
    ) -> Result<Vec<(PolicyVersion, Document)>, Error> {
        let scope = self.scope(scope)?;
        let mut violations = Vec::new();
        let limit = in_range("page_size", page_size, VERSIONS_DEFAULT, VERSIONS_MAX, &mut violations);
        refuse(violations)?;
        let (mut before, mut room) = (if before == 0 { u64::MAX } else { before }, ANSWER_BYTES_MAX);
        let mut page = Vec::new();
        while page.len() < limit {
            let some = VERSIONS_READ.min(limit - page.len());
            let found = self.store.policy_versions(&scope.site_id, scope.article_id.as_ref(), before, some).await?;
            if found.is_empty() {
                break;
            }
            for version in found {
                let bytes = weight(&version);
                if bytes > room && !page.is_empty() {
                    return Ok(page);
                }
                (before, room) = (version.version, room.saturating_sub(bytes));
                let document = Document::from_toml(&version.document).unwrap_or_default();
                page.push((version, document));
            }
        }
        Ok(page)
    }

    /// Returns the policies as they would be with this one as a site's or an article's own, and its scope.
    ///
    /// # Errors
    ///
    /// As [`Policies::set`].
    pub async fn proposed(
        &self,
        scope: &ScopeRequest,
        written: Option<Written>,
    ) -> Result<(Scope, Arc<PolicyBook>), Error> {
        let scope = self.scope(scope)?;
        let version = self.book().version(&scope).saturating_add(1);
        let (book, _) = self.laid(&scope, version, written).await?;
        Ok((scope, Arc::new(book)))
    }

    /// Lays a document over the policies in force, and returns them with the document in TOML.
    async fn laid(&self, scope: &Scope, version: u64, written: Option<Written>) -> Result<(PolicyBook, String), Error> {
        let (book, scope) = (self.book(), scope.clone());
        let laid = move || {
            let document = read(written)?;
            let toml = document.to_toml();
            Ok((book.with(&scope, version, document).map_err(Error::Invalid)?, toml))
        };
        elsewhere(laid).await
    }

    /// Returns the policies in force, and the scope that is asked for.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong.
    pub fn in_force(&self, scope: &ScopeRequest) -> Result<(Scope, Arc<PolicyBook>), Error> {
        Ok((self.scope(scope)?, self.book()))
    }

    async fn shown(&self, scope: &Scope) -> Result<Shown, Error> {
        let own = self.store.policy_versions(&scope.site_id, scope.article_id.as_ref(), u64::MAX, 1).await?.pop();
        let document = own.as_ref().and_then(|own| Document::from_toml(&own.document).ok()).unwrap_or_default();
        let book = self.book();
        let policy = book.of(scope);
        let (effective, policy_version) = (policy.rules().to_document(), policy.version().to_owned());
        Ok(Shown { own, document, effective, policy_version })
    }

    fn scope(&self, request: &ScopeRequest) -> Result<Scope, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(&request.site_id, &self.limits, &mut violations));
        draft::optional_id("article_id", &request.article_id, &self.limits, &mut violations);
        refuse(violations)?;
        let article_id = (!request.article_id.is_empty()).then(|| ArticleId::new(request.article_id.as_str()));
        Ok(Scope { site_id, article_id })
    }
}

/// Returns about how many bytes a version takes in an answer, which has its document in two forms; never less than it does.
fn weight(version: &PolicyVersion) -> usize {
    VERSION_BYTES + version.note.len() + 2 * version.document.len()
}

/// Lays what editors have set over what is configured.
fn book(below: Below, stored: Vec<PolicyVersion>) -> Result<PolicyBook, Error> {
    lay_all(PolicyBook::new(below, normalise).map_err(Error::Invalid)?, stored)
}

/// Lays documents that editors have set into a book.
fn lay_all(mut book: PolicyBook, stored: Vec<PolicyVersion>) -> Result<PolicyBook, Error> {
    // A site's own comes before those of its articles.
    for PolicyVersion { site_id, article_id, version, document, .. } in stored {
        let scope = Scope { site_id, article_id };
        let laid = Document::from_toml(&document).and_then(|document| book.lay(&scope, version, document));
        if let Err(violations) = laid {
            let fields: Vec<String> = violations.into_iter().map(|one| one.field).collect();
            tracing::error!(
                site.id = %scope.site_id, version, fields = fields.join(", "),
                "a policy can no longer be used; comments are held there until another one is set"
            );
            let held = Document { mode: Some(Mode::PreModerated), ..Document::default() };
            book.lay(&scope, version, held).map_err(Error::Invalid)?;
        }
    }
    Ok(book)
}

/// Runs what keeps a processor busy, up to a second for a policy, where no request waits for it.
async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    spawn_blocking(work).await.unwrap_or(Err(Error::PolicyFailed))
}

fn read(written: Option<Written>) -> Result<Document, Error> {
    match written {
        Some(Written::Toml(text)) => Document::from_toml(&text).map_err(Error::Invalid),
        Some(Written::Parts(document)) => Ok(*document),
        None => Err(Error::Invalid(vec![Violation::new("policy", "Send the policy, by its parts or as TOML.")])),
    }
}

/// Normalises an entry of a list as comments are.
fn normalise(text: &str) -> String {
    let mut normalised = Normalised::default();
    normalised.assign(text);
    normalised.chars().iter().collect()
}
