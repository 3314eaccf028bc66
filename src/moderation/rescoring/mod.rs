//! What another model would have said of comments that are stored, and what the policies in force now would make of that.
//!
//! In come a model and a range of time; out go how far the reading is, comments where they are asked for, and at last a
//! [`Rescoring`]. The events are read from the first one on, since what was known of an author at some time adds up from
//! there. Texts are scored on a thread that no request waits for; whoever goes away ends it. Nothing is changed.
//!
//! Start reading at [`Rescorings::run`].

mod tally;

pub use tally::{Moved, Pair, Rescored, Rescoring};

use super::again::{self, Rested, Submitted};
use super::ruling::{Known, word_hits};
use super::scoring::{Scoring, guarded};
use super::serving::Serving;
use super::simulation::history::History;
use super::{Error, Models, Policies, in_range, policies::ScopeRequest, refuse};
use crate::auth::Caller;
use crate::classify::Scorer;
use crate::domain::{
    AuthorChecks, Circumstances, Comment, Decision, Event, Fingerprint, Judgement, Score, SiteId, Timestamp,
};
use crate::policy::{Policy, PolicyBook, ScoringFailure};
use crate::store::{Events, Numbered, Store};
use futures_util::{Stream, stream};
use std::{pin::Pin, sync::Arc, time::Duration};
use tally::Tally;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

/// How many work at once, each on a core; further ones wait for their turn, batch by batch.
const AT_ONCE_MAX: usize = 2;
/// How many are open at once, those among them that nobody reads: each keeps what it has added up so far.
const OPEN_MAX: usize = 16;
/// When to come back where too many run.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// Examples of each change where the question doesn't say, and at most.
const EXAMPLES_DEFAULT: usize = 5;
const EXAMPLES_MAX: usize = 50;
/// How many events are read between two messages of progress; the first one is sent before any is.
const TELL_EVERY: u64 = 2000;
/// How many comments one message holds, or somewhat more.
const COMMENTS_MAX: usize = 1000;

/// Which comments to score again, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct RescoreRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The model: its hash, or the word for the base model or the champion.
    pub model: String,
    /// Only comments from then on.
    pub since: Option<Timestamp>,
    /// Only comments before then.
    pub until: Option<Timestamp>,
    /// Whether to send each comment.
    pub send_comments: bool,
    /// Examples of each change; 0 means five.
    pub examples_max: i32,
}

/// How far it is, or what was found.
#[derive(Debug, Clone)]
pub enum Step {
    /// So many events of so many were read.
    Progress {
        /// How many were read.
        events: u64,
        /// How many there are.
        total: u64,
    },
    /// Comments that were scored again, in the order in which they came in.
    Comments(Vec<Rescored>),
    /// What it found; nothing follows.
    Result(Box<Rescoring>),
}

/// The steps; they end where nobody reads them.
pub type Steps = Pin<Box<dyn Stream<Item = Result<Step, Error>> + Send>>;

/// Scores stored comments again.
pub struct Rescorings {
    scoring: Arc<Scoring>,
    models: Arc<Models>,
    policies: Arc<Policies>,
    store: Arc<dyn Store>,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

impl Rescorings {
    /// Joins what is asked.
    pub fn new(serving: Arc<Serving>, models: Arc<Models>, policies: Arc<Policies>, store: Arc<dyn Store>) -> Self {
        // Nothing of it is waited for here, so that the timeout is nobody's.
        let scoring = Arc::new(Scoring::new(serving, Duration::MAX));
        let [places, turns] = [OPEN_MAX, AT_ONCE_MAX].map(|max| Arc::new(Semaphore::new(max)));
        Self { scoring, models, policies, store, places, turns }
    }

    /// Begins to score comments again.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such model, that its file can't be used any more, or that too many
    /// are open.
    pub async fn run(&self, caller: &Caller, request: RescoreRequest) -> Result<Steps, Error> {
        let RescoreRequest { site_id, model, since, until, send_comments, examples_max } = request;
        caller.may_act_on("")?;
        let mut violations = Vec::new();
        let examples = in_range("examples_max", examples_max, EXAMPLES_DEFAULT, EXAMPLES_MAX, &mut violations);
        refuse(violations)?;
        let (scope, policies) = self.policies.in_force(&ScopeRequest { site_id, ..ScopeRequest::default() })?;
        // Whoever gets no place has no model read.
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| Error::Overloaded { reason: "TOO_MANY_RESCORINGS", retry_after: RETRY_AFTER })?;
        let model = self.models.asked_for("model", &model).await?;
        let asks = |policy: &Policy| policy.asks_author_record() || policy.rules().checks() != AuthorChecks::default();
        let history = History::new(model.has_house() || policies.all_of(&scope).any(asks));
        let work = Work {
            scoring: Arc::clone(&self.scoring),
            model,
            policies,
            site_id: scope.site_id,
            since: since.unwrap_or(Timestamp::from_micros(i64::MIN)),
            until: until.unwrap_or(Timestamp::from_micros(i64::MAX)),
            history,
            tally: Tally::new(examples),
        };
        let (events, last_seq) = (self.store.events(0), self.store.last_seq());
        let turns = Arc::clone(&self.turns);
        let (told, comments) = (None, Vec::new());
        let run = Run { events, work, last_seq, read: 0, told, comments, send_comments, turns, _place: place };
        Ok(Box::pin(stream::unfold(Some(run), async |run| match run?.step().await {
            Ok((step, run)) => Some((Ok(step), run)),
            Err(error) => Some((Err(error), None)),
        })))
    }
}

/// One run under way, between two batches of events.
struct Run {
    events: Box<dyn Events>,
    work: Work,
    last_seq: u64,
    read: u64,
    /// How many events the latest message told of; none was sent before the first.
    told: Option<u64>,
    /// Comments that are to be sent.
    comments: Vec<Rescored>,
    send_comments: bool,
    turns: Arc<Semaphore>,
    _place: OwnedSemaphorePermit,
}

impl Run {
    /// Reads on until there is something to tell; returns what is left of the run.
    async fn step(mut self) -> Result<(Step, Option<Self>), Error> {
        let total = self.last_seq;
        loop {
            let is_done = self.read >= total;
            if self.comments.len() >= COMMENTS_MAX || (is_done && !self.comments.is_empty()) {
                return Ok((Step::Comments(std::mem::take(&mut self.comments)), Some(self)));
            }
            if self.told.is_none_or(|told| self.read - told >= TELL_EVERY) {
                self.told = Some(self.read);
                return Ok((Step::Progress { events: self.read, total }, Some(self)));
            }
            if is_done {
                let Work { tally, model, .. } = self.work;
                return Ok((Step::Result(Box::new(tally.finish(model.version().to_owned()))), None));
            }
            let mut events = self.events.next().await?;
            events.retain(|event| event.seq <= total);
            self.read = events.last().map_or(total, |last| last.seq);
            let mut work = self.work;
            // Held for this batch alone: whoever doesn't read what is told keeps nobody waiting. It is never closed, and the batch
            // keeps it to its end, also where nobody waits for it any more.
            let turn = Arc::clone(&self.turns).acquire_owned().await;
            let done = spawn_blocking(move || {
                let _turn = turn;
                let comments = work.take_all(events);
                (work, comments)
            });
            let (work, comments) = done.await.map_err(|_panicked| Error::ScoringFailed)?;
            self.work = work;
            if self.send_comments {
                self.comments.extend(comments);
            }
        }
    }
}

/// What scores texts; it goes from thread to thread with each batch of events.
struct Work {
    scoring: Arc<Scoring>,
    model: Arc<dyn Scorer>,
    policies: Arc<PolicyBook>,
    site_id: SiteId,
    since: Timestamp,
    until: Timestamp,
    history: History,
    tally: Tally,
}

impl Work {
    /// Takes events in, whole actions; returns the comments that were scored again.
    fn take_all(&mut self, events: Vec<Numbered>) -> Vec<Rescored> {
        let (mut submitted, mut rescored) = (None, Vec::new());
        for Numbered { at, event, .. } in events {
            if event.site_id() != Some(&self.site_id) {
                submitted = None;
                continue;
            }
            match (event, submitted.take()) {
                (Event::CommentSubmitted { comment, revision, fingerprint }, _) => {
                    submitted = Some((comment, revision, fingerprint));
                }
                (Event::CommentDecided { revision, decision, .. }, Some((comment, _, fingerprint))) => {
                    self.tally.forget(&comment.comment_id);
                    if (self.since..self.until).contains(&at) && !comment.text.is_empty() {
                        rescored.extend(self.again(&comment, revision, fingerprint, &decision, at));
                    }
                    self.history.submitted(&comment, fingerprint, decision.outcome, at);
                }
                (Event::CommentDecided { comment_id, decision, .. }, None) => {
                    self.history.decided_again(&comment_id, decision.outcome);
                }
                (Event::ItemSettled { comment_id, verdict, .. }, _) => {
                    self.tally.settled(&comment_id, verdict.approved);
                }
                (Event::VerdictUndone { comment_id, .. }, _) => self.tally.undone(&comment_id),
                _ => {}
            }
        }
        rescored
    }

    /// Scores a text and decides on it, as the model and the policy of now would have when it came in.
    fn again(
        &mut self,
        comment: &Comment,
        revision: u32,
        fingerprint: Fingerprint,
        before: &Decision,
        at: Timestamp,
    ) -> Option<Rescored> {
        let policy = Arc::clone(self.policies.get(&comment.site_id, &comment.article_id));
        let language = self.scoring.language(&comment.text);
        let author = self.history.author(comment).cloned();
        let foreign = language.filter(|language| !self.scoring.knows(*language) && !policy.scores_unsupported());
        let scores: Rested = if let Some(language) = foreign {
            Ok(Err(language))
        } else {
            let hits = || guarded(|| word_hits(&policy, &comment.text)).unwrap_or_default();
            let word_hits = if self.model.has_house() { hits() } else { 0 };
            let circumstances = Circumstances::new(author.as_ref(), word_hits);
            let judged = guarded(|| self.model.judge(&comment.text, &circumstances)).flatten();
            judged.ok_or(ScoringFailure::Failed).map(Ok)
        };
        let Ok(judged) = scores else {
            self.tally.leave_out(&comment.comment_id);
            return None;
        };
        let known = Known { scores, language, author };
        let is_edit = self.history.is_known(comment);
        let decided = again::decide(&policy, &Submitted { comment, fingerprint, is_edit, at }, &known, before);
        let (then, now) = (before.judgement(), judged.ok());
        let likely = |judgement: Option<&Judgement>| -> Option<Score> { Some(judgement?.likely_to_reject) };
        let rescored = Rescored {
            comment_id: comment.comment_id.clone(),
            revision,
            outcome_then: before.outcome,
            outcome_now: decided.outcome,
            likely_then: likely(then.as_ref()),
            likely_now: likely(now.as_ref()),
        };
        self.tally.add(&rescored, then.as_ref(), now.as_ref());
        Some(rescored)
    }
}
