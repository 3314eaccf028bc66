//! Says why a comment was decided on as it was, and decides again.
//!
//! In comes a comment's id; out go its scores taken apart by the model that decided, under what was recorded, and whether
//! deciding again gives the same to the bit. Nothing is changed.
//!
//! Start reading at [`Explanations::explain`], then at `replay`.

mod parts;
mod replay;

pub use parts::RejectionSpans;
pub use replay::{NotReplayed, Replay};

use super::scoring::{Scoring, guarded};
use super::serving::Serving;
use super::{AttributeSpans, Error, Limits, Models, Policies, draft, refuse};
use crate::classify::Scorer;
use crate::domain::{Circumstances, CommentId, Decision, DecisionSource, Event, Revision, Scores, SiteId};
use crate::policy::Policy;
use crate::store::{
    self, Numbered, Store,
    history::{HistoryQuery, Subject},
};
use replay::Played;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Comments that are explained at once.
const AT_ONCE_MAX: usize = 8;
/// When to come back where too many are.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// What a comment's revisions may weigh together, where one before the newest is looked for.
const REVISIONS_BYTES_MAX: usize = 32 << 20;
/// Events of a history that are read at once.
const EVENTS_READ: usize = 200;

/// Which comment to explain, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct ExplainRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The comment.
    pub comment_id: String,
    /// Which revision, from 1; 0 is the newest.
    pub revision: u32,
    /// Whether the model that decides now explains.
    pub by_current_model: bool,
}

/// Why a comment was decided on as it was.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The revision, with the decision that holds for it.
    pub revision: Revision,
    /// What was decided when it came in, before any moderator.
    pub decision: Decision,
    /// The model that explains.
    pub model_version: String,
    /// What it says of each attribute.
    pub scores: Scores,
    /// Each attribute's score taken apart.
    pub attributes: Vec<AttributeSpans>,
    /// `LIKELY_TO_REJECT` taken apart.
    pub rejection: RejectionSpans,
    /// What was known besides the text, where a house model decided.
    pub circumstances: Option<Circumstances>,
    /// What deciding again gave.
    pub replay: Replay,
}

/// Explains decisions.
pub struct Explanations {
    scoring: Arc<Scoring>,
    models: Arc<Models>,
    policies: Arc<Policies>,
    store: Arc<dyn Store>,
    limits: Limits,
    turns: Arc<Semaphore>,
}

impl Explanations {
    /// Joins what an explanation asks.
    pub fn new(
        serving: Arc<Serving>,
        models: Arc<Models>,
        policies: Arc<Policies>,
        store: Arc<dyn Store>,
        limits: Limits,
    ) -> Self {
        // Nothing of it is waited for here, so that the timeout is nobody's.
        let scoring = Arc::new(Scoring::new(serving, Duration::MAX));
        Self { scoring, models, policies, store, limits, turns: Arc::new(Semaphore::new(AT_ONCE_MAX)) }
    }

    /// Takes a comment's scores apart, and decides again.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such comment or revision, that it was erased, that the model which
    /// decided is not at hand any more, or that too many are explained; passes on what the store says.
    pub async fn explain(&self, request: ExplainRequest) -> Result<Explained, Error> {
        let mut violations = Vec::new();
        let site_id = SiteId::new(draft::site(&request.site_id, &self.limits, &mut violations));
        draft::required_id("comment_id", &request.comment_id, &self.limits, &mut violations);
        refuse(violations)?;
        let turn = Arc::clone(&self.turns).try_acquire_owned();
        let turn = turn.map_err(|_| Error::Overloaded { reason: "TOO_MANY_EXPLANATIONS", retry_after: RETRY_AFTER })?;
        let comment_id = CommentId::new(request.comment_id);
        let revision = self.revision(&site_id, &comment_id, request.revision).await?;
        if revision.erased_at.is_some() {
            return Err(store::Error::Erased.into());
        }
        let decision = self.first_decision(&revision).await?;
        let scorer = if request.by_current_model {
            self.models.champion()
        } else {
            self.models.of_version(&decision.model_version).await?
        };
        let article_id = &revision.comment.article_id;
        let policy = self.policies.of_version(&site_id, article_id, &decision.policy_version).await?;
        let scoring = Arc::clone(&self.scoring);
        let explained = spawn_blocking(move || {
            let _turn = turn;
            guarded(|| explained(&scoring, &*scorer, policy.as_deref(), revision, decision)).flatten()
        });
        explained.await.ok().flatten().ok_or(Error::ScoringFailed)
    }

    async fn revision(&self, site_id: &SiteId, comment_id: &CommentId, number: u32) -> Result<Revision, Error> {
        let bytes_max = if number == 0 { 0 } else { REVISIONS_BYTES_MAX };
        let found = self.store.comment(site_id, comment_id, bytes_max).await?;
        let found = found.ok_or_else(|| Error::CommentNotFound { id: comment_id.as_str().to_owned() })?;
        let mut newest_first = found.revisions.into_iter().rev();
        let found = newest_first.find(|revision| number == 0 || revision.number == number);
        found.ok_or(Error::RevisionNotFound { number })
    }

    /// Returns what was decided on a revision when it came in: a moderator's verdict takes its place, but history has it still.
    async fn first_decision(&self, revision: &Revision) -> Result<Decision, Error> {
        if revision.decision.source != DecisionSource::Moderator {
            return Ok(revision.decision.clone());
        }
        let (site_id, comment_id) = (&revision.comment.site_id, &revision.comment.comment_id);
        let (mut before_seq, mut found) = (None, revision.decision.clone());
        loop {
            let (site_id, subject) = (site_id.clone(), Subject::Comment(comment_id.clone()));
            let page = self.store.history(HistoryQuery { site_id, subject, before_seq, limit: EVENTS_READ }).await?;
            for Numbered { event, .. } in page.events {
                match event {
                    Event::CommentDecided { revision: number, decision, .. } if number == revision.number => {
                        found = decision;
                    }
                    Event::CommentSubmitted { revision: number, .. } if number == revision.number => return Ok(found),
                    _ => {}
                }
            }
            before_seq = page.next_before_seq;
            if before_seq.is_none() {
                return Ok(found);
            }
        }
    }
}

/// Takes the scores of a revision apart, and decides again.
fn explained(
    scoring: &Scoring,
    scorer: &dyn Scorer,
    policy: Option<&Policy>,
    revision: Revision,
    decision: Decision,
) -> Option<Explained> {
    let circumstances = decision.house.map(|house| house.circumstances);
    let explanation = scorer.explain_house(&revision.comment.text, &circumstances.unwrap_or_default())?;
    let scores = explanation.base.scores;
    let (attributes, rejection) = RejectionSpans::all(explanation, scorer.has_house());
    let decided = (scorer.version() == decision.model_version).then_some(scorer);
    let played = Played { revision: &revision, decision: &decision, scorer: decided, policy, scoring };
    let replay = played.replay();
    let model_version = scorer.version().to_owned();
    Some(Explained { revision, decision, model_version, scores, attributes, rejection, circumstances, replay })
}
