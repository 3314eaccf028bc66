//! Strings the skills together: what a site can ask for, one function each.
//!
//! In come drafts and questions in plain types; out go decisions and comments. Every door calls these functions, so
//! that every door behaves alike. Nothing here knows a wire format.
//!
//! Start reading at [`Moderation::submit`]: it is the path of a comment.

mod again;
pub mod analysis;
pub mod campaigns;
mod clock;
mod dossier;
mod draft;
pub mod erasure;
mod error;
pub mod explanation;
pub mod history;
pub mod labels;
pub mod models;
mod page_token;
pub mod policies;
pub mod quality;
pub mod queues;
mod readers;
pub mod rescoring;
pub mod review;
mod ruling;
mod sampling;
mod scoring;
mod serving;
mod shadow;
pub mod simulation;
mod stale;
mod tokens;

pub use clock::{Clock, SystemClock};
pub use dossier::Dossier;
pub use draft::{DEFAULT_SITE, Draft, Limits};
pub use error::Error;
pub use explanation::Explanations;
pub use labels::Labels;
pub use models::Models;
pub use policies::Policies;
pub use readers::{AppealRequest, ReportRequest};
pub use rescoring::Rescorings;
pub use review::Review;
pub use scoring::{AttributeSpans, TextScores};
pub use serving::Serving;
pub use shadow::{Comparison, Disagreement};
pub use simulation::Simulations;
pub use tokens::{Admin, NewToken, TokenRequest};

pub use crate::store::{
    CampaignSummary, Move, Numbered, QueueSummary, Recorded, Reported, Reviewed, Step, StoredComment,
};

use crate::domain::{
    ArticleId, AuthorId, Circumstances, CommentId, Decision, HouseScore, Revision, SiteId, Violation, submit::Submitted,
};
use crate::store::{ListBy, ListQuery, Store};
use page_token::PageToken;
use ruling::Known;
use scoring::Scoring;
use serving::AtWork;
use shadow::Asked;
use std::{sync::Arc, time::Duration};

/// How moderation behaves.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// How long texts, names and ids may be.
    pub limits: Limits,
    /// How long scoring one comment may take before the comment is held.
    pub scoring_timeout: Duration,
    /// Which share of published comments is drawn for audit, in [0, 1].
    pub audit_rate: f32,
    /// Which share of rejected ones is, in [0, 1].
    pub audit_rejected_rate: f32,
}

/// Comments a page holds where the question doesn't say.
const PAGE_SIZE_DEFAULT: usize = 50;
/// Comments a page holds at most.
const PAGE_SIZE_MAX: usize = 1000;
/// What the comments of one answer weigh at most, so that it fits in the 4 MiB that clients read by default.
const ANSWER_BYTES_MAX: usize = 3 << 20;

/// Which comments to list, as the caller asked.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// The site; empty means [`DEFAULT_SITE`].
    pub site_id: String,
    /// The article, or `None`.
    pub article_id: Option<String>,
    /// The author, or `None`.
    pub author_id: Option<String>,
    /// Comments a page holds at most; 0 means 50.
    pub page_size: i32,
    /// Where the page starts; empty for the first page.
    pub page_token: String,
}

/// One page of comments.
#[derive(Debug, Clone)]
pub struct CommentPage {
    /// Newest revisions, the newest comment first.
    pub comments: Vec<Revision>,
    /// Where the next page starts; empty where this is the last.
    pub next_page_token: String,
}

/// A comment with the decision on it, not yet written down.
#[derive(Debug)]
pub struct Decided {
    submitted: Submitted,
    /// What the challenger is to be asked once the comment is kept.
    asked: Option<Box<Asked>>,
}

impl Decided {
    /// Returns what the policy says of the comment. What hangs on its author's record or on near-copies is added only where it
    /// is written down.
    pub fn decision(&self) -> &Decision {
        &self.submitted.decision
    }
}

/// The use cases of a comment's life before a moderator sees it.
pub struct Moderation {
    scoring: Scoring,
    policies: Arc<Policies>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    config: Config,
}

impl Moderation {
    /// Joins models, policies and a store.
    pub fn new(
        serving: Arc<Serving>,
        policies: Arc<Policies>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Self {
        Self { scoring: Scoring::new(serving, config.scoring_timeout), policies, store, clock, config }
    }

    /// Returns how long texts, names and ids may be.
    pub fn limits(&self) -> Limits {
        self.config.limits
    }

    /// Scores a comment, decides on it and writes both down; when this returns, they are on disk.
    ///
    /// The newest text of a comment again answers with the decision in force. A comment that can't be scored is held.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; passes on what the store says.
    pub async fn submit(&self, draft: Draft) -> Result<Recorded, Error> {
        self.record(self.decide(draft).await?).await
    }

    /// Does the first half of [`Moderation::submit`]: scores a comment and decides on it. Nothing is kept yet, so any
    /// number of comments can be decided on at once.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong.
    pub async fn decide(&self, draft: Draft) -> Result<Decided, Error> {
        let now = self.clock.now();
        let comment = draft.into_comment(&self.config.limits, now).map_err(Error::Invalid)?;
        let policy = Arc::clone(self.policies.book().get(&comment.site_id, &comment.article_id));
        let language = self.scoring.language(&comment.text);
        let unsupported = language.filter(|language| !self.scoring.knows(*language));
        // One model from here to the answer, whatever is promoted meanwhile.
        let AtWork { champion: model, shadow } = self.scoring.at_work();
        let has_house = model.has_house() || shadow.is_some();
        let asks_author = policy.asks_author_record() || has_house;
        let author = match comment.author.author_id.as_ref().filter(|_| asks_author) {
            Some(author_id) => Some(self.store.author(&comment.site_id, author_id).await?),
            None => None,
        };
        let word_hits = if has_house { self.scoring.word_hits(&policy, &comment.text).await } else { 0 };
        let circumstances = Circumstances::new(author.as_ref(), word_hits);
        let scores = match unsupported {
            Some(language) if !policy.scores_unsupported() => Ok(Err(language)),
            _ => self.scoring.judge(&model, &comment.text, &circumstances).await.map(Ok),
        };
        let known = Known { scores, language, author };
        let (mut ruling, fingerprint) = self.scoring.rule_on(&policy, &comment, &known).await;
        self.scoring.explain(&model, &comment.text, &circumstances, &mut ruling.reasons).await;
        let mut asked = None;
        if let (Some(challenger), Ok(Ok(_))) = (shadow, &known.scores) {
            let (policy, comment, known) = (Arc::clone(&policy), comment.clone(), known.clone());
            let (champion, outcome, revision, at) = (Arc::clone(&model), ruling.outcome, 0, now);
            asked = Some(Box::new(Asked {
                champion,
                challenger,
                policy,
                comment,
                known,
                circumstances,
                outcome,
                revision,
                at,
            }));
        }
        let judgement = known.scores.ok().and_then(Result::ok);
        let house = |likely_to_reject| HouseScore { likely_to_reject, circumstances };
        let decision = Decision {
            outcome: ruling.outcome,
            source: ruling.source,
            reasons: ruling.reasons,
            scores: judgement.map(|judgement| judgement.scores),
            house: judgement.filter(|_| model.has_house()).map(|judgement| house(judgement.likely_to_reject)),
            model_version: model.version().to_owned(),
            policy_version: policy.version().to_owned(),
            decided_at: now,
        };
        let checks = policy.rules().checks();
        let Config { audit_rate, audit_rejected_rate, .. } = self.config;
        let submitted = Submitted { comment, fingerprint, decision, checks, audit_rate, audit_rejected_rate, now };
        Ok(Decided { submitted, asked })
    }

    /// Does the second half of [`Moderation::submit`]: writes a decided comment down. Comments are written in the
    /// order in which these calls are first polled.
    ///
    /// # Errors
    ///
    /// Passes on what the store says.
    pub async fn record(&self, Decided { submitted, asked }: Decided) -> Result<Recorded, Error> {
        let recorded = self.store.record(submitted).await?;
        // A text that comes again says nothing new of the two models.
        if let Some(asked) = asked.filter(|_| !recorded.repeated) {
            self.scoring.ask_shadow(Asked { revision: recorded.revision.number, ..*asked });
        }
        Ok(recorded)
    }

    /// Scores texts, in their order, and says by which model; decides nothing and stores nothing.
    ///
    /// # Errors
    ///
    /// Names every text that is too long, and a list that is empty or too long.
    pub async fn score(&self, texts: Vec<String>, explain: bool) -> Result<(Vec<TextScores>, String), Error> {
        draft::check_texts(&texts, &self.config.limits).map_err(Error::Invalid)?;
        let model = self.scoring.at_work().champion;
        let version = model.version().to_owned();
        let scores = self.scoring.score_all(model, texts, explain).await.map_err(|_| Error::ScoringFailed)?;
        Ok((scores, version))
    }

    /// Returns a comment with its revisions: all of them, or the newest where they are very long.
    ///
    /// # Errors
    ///
    /// Says that there is no such comment.
    pub async fn comment(&self, site_id: &str, comment_id: &str) -> Result<StoredComment, Error> {
        let mut violations = Vec::new();
        let limits = &self.config.limits;
        let site_id = SiteId::new(draft::site(site_id, limits, &mut violations));
        draft::required_id("comment_id", comment_id, limits, &mut violations);
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        let comment_id = CommentId::new(comment_id);
        let found = self.store.comment(&site_id, &comment_id, ANSWER_BYTES_MAX).await?;
        found.ok_or_else(|| Error::CommentNotFound { id: comment_id.as_str().to_owned() })
    }

    /// Lists comments, newest first.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong, a made-up page token included.
    pub async fn list(&self, request: ListRequest) -> Result<CommentPage, Error> {
        let query = self.list_query(&request).map_err(Error::Invalid)?;
        let page = self.store.list(query.clone()).await?;
        let next_page_token = page.next_before_seq.map(|seq| PageToken::new(&query, seq).to_string());
        Ok(CommentPage { comments: page.comments, next_page_token: next_page_token.unwrap_or_default() })
    }

    fn list_query(&self, request: &ListRequest) -> Result<ListQuery, Vec<Violation>> {
        let mut violations = Vec::new();
        let limits = &self.config.limits;
        let site_id = SiteId::new(draft::site(&request.site_id, limits, &mut violations));
        let by = match (&request.article_id, &request.author_id) {
            (Some(id), None) => {
                draft::required_id("article_id", id, limits, &mut violations);
                Some(ListBy::Article(ArticleId::new(id.as_str())))
            }
            (None, Some(id)) => {
                draft::required_id("author_id", id, limits, &mut violations);
                Some(ListBy::Author(AuthorId::new(id.as_str())))
            }
            _ => {
                violations.push(Violation::new("filter", "Name either an article_id or an author_id."));
                None
            }
        };
        let limit = match usize::try_from(request.page_size) {
            Ok(0) => PAGE_SIZE_DEFAULT,
            Ok(size) if size <= PAGE_SIZE_MAX => size,
            _ => {
                violations.push(Violation::new("page_size", format!("Must be from 0 to {PAGE_SIZE_MAX}.")));
                PAGE_SIZE_DEFAULT
            }
        };
        let Some(by) = by else { return Err(violations) };
        let mut query = ListQuery { site_id, by, before_seq: None, limit, bytes_max: ANSWER_BYTES_MAX };
        if !request.page_token.is_empty() {
            match PageToken::parse(&request.page_token, &query) {
                Some(token) => query.before_seq = Some(token.before_seq),
                None => violations.push(Violation::new(
                    "page_token",
                    "Not a token of this list. Send next_page_token of the page before, with the same site and filter.",
                )),
            }
        }
        if violations.is_empty() { Ok(query) } else { Err(violations) }
    }
}

fn refuse(violations: Vec<Violation>) -> Result<(), Error> {
    if violations.is_empty() { Ok(()) } else { Err(Error::Invalid(violations)) }
}

/// Does something to its end, also where nobody waits for it any more: a caller who goes away must not leave what this process
/// has in memory behind what the store says.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    tokio::spawn(work).await.unwrap_or(Err(Error::Store(crate::store::Error::Closed)))
}

/// Returns a number of things, where 0 asks for the default.
fn in_range(field: &str, number: i32, default: usize, max: usize, violations: &mut Vec<Violation>) -> usize {
    match usize::try_from(number) {
        Ok(0) => default,
        Ok(number) if number <= max => number,
        _ => {
            violations.push(Violation::new(field, format!("Must be from 0 to {max}.")));
            default
        }
    }
}
