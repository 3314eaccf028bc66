//! What a policy would have decided on comments that were stored.
//!
//! In comes a proposed policy and a range of time; out goes how far the reading is, and at last a [`Simulation`]. The events
//! are read from the first one on, since what was known of an author at some time adds up from there; scores are those that
//! were stored. Nothing is changed.
//!
//! Start reading at [`Simulations::run`].

mod budget;
pub(super) mod history;
mod tally;
mod waiting;

pub use budget::Proposed;
pub use tally::{Agreement, Change, Counts, Day, Example, Simulation};

use super::again::{self, Submitted};
use super::policies::{Policies, ScopeRequest, Written};
use super::ruling::Known;
use super::scoring::Scoring;
use super::serving::Serving;
use super::{Error, in_range, refuse};
use crate::domain::{AuthorChecks, Comment, Decision, Event, Fingerprint, Timestamp};
use crate::policy::{Policy, PolicyBook, Scope};
use crate::store::{Numbered, Store};
use budget::Margins;
use futures_util::{Stream, stream};
use history::History;
use std::{pin::Pin, sync::Arc, time::Duration};
use tally::Tally;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Simulations that run at once; each keeps a core busy.
const AT_ONCE_MAX: usize = 2;
/// When to come back where too many run.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// Examples of each change where the question doesn't say, and at most.
const EXAMPLES_DEFAULT: usize = 5;
const EXAMPLES_MAX: usize = 50;
/// How many events are read between two messages of progress; the first one is sent before any is.
const TELL_EVERY: u64 = 10_000;

/// What to simulate, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct SimulationRequest {
    /// Where.
    pub scope: ScopeRequest,
    /// The policy; `None` takes the one in force.
    pub written: Option<Written>,
    /// Only comments from then on.
    pub since: Option<Timestamp>,
    /// Only comments before then.
    pub until: Option<Timestamp>,
    /// How many comments a day moderators can work off; 0 asks for no proposal.
    pub budget_per_day: u32,
    /// Examples of each change; 0 means five.
    pub examples_max: i32,
}

/// How far a simulation is, or what it found.
#[derive(Debug, Clone)]
pub enum Step {
    /// So many events of so many were read.
    Progress {
        /// How many were read.
        events: u64,
        /// How many there are.
        total: u64,
    },
    /// What it found; nothing follows.
    Result(Box<Simulation>),
}

/// The steps of one simulation; it ends where nobody reads them.
pub type Steps = Pin<Box<dyn Stream<Item = Result<Step, Error>> + Send>>;

/// Runs simulations.
pub struct Simulations {
    scoring: Arc<Scoring>,
    policies: Arc<Policies>,
    store: Arc<dyn Store>,
    turns: Arc<Semaphore>,
}

/// One simulation under way.
struct Run {
    events: Box<dyn crate::store::Events>,
    scoring: Arc<Scoring>,
    policies: Arc<PolicyBook>,
    scope: Scope,
    since: Timestamp,
    until: Timestamp,
    budget_per_day: u32,
    last_seq: u64,
    /// How many events the latest message told of; none was sent before the first.
    told: Option<u64>,
    history: History,
    tally: Tally,
    margins: Margins,
    _turn: OwnedSemaphorePermit,
}

impl Simulations {
    /// Joins what a simulation asks.
    pub fn new(serving: Arc<Serving>, policies: Arc<Policies>, store: Arc<dyn Store>, timeout: Duration) -> Self {
        let (scoring, turns) = (Arc::new(Scoring::new(serving, timeout)), Arc::new(Semaphore::new(AT_ONCE_MAX)));
        Self { scoring, policies, store, turns }
    }

    /// Begins a simulation.
    ///
    /// # Errors
    ///
    /// Names every field and every part of the policy that is wrong; says that too many simulations run.
    pub async fn run(&self, request: SimulationRequest) -> Result<Steps, Error> {
        let SimulationRequest { scope, written, since, until, budget_per_day, examples_max } = request;
        let mut violations = Vec::new();
        let examples = in_range("examples_max", examples_max, EXAMPLES_DEFAULT, EXAMPLES_MAX, &mut violations);
        refuse(violations)?;
        // Whoever gets no turn compiles nothing.
        let turn = Arc::clone(&self.turns).try_acquire_owned();
        let turn = turn.map_err(|_| Error::Overloaded { reason: "TOO_MANY_SIMULATIONS", retry_after: RETRY_AFTER })?;
        let (scope, policies) = match written {
            Some(written) => self.policies.proposed(&scope, Some(written)).await?,
            None => self.policies.in_force(&scope)?,
        };
        let asks = |policy: &Policy| policy.asks_author_record() || policy.rules().checks() != AuthorChecks::default();
        let (asks_of_authors, thresholds) = (policies.all_of(&scope).any(asks), policies.of(&scope).rules().thresholds);
        let run = Run {
            events: self.store.events(0),
            scoring: Arc::clone(&self.scoring),
            history: History::new(asks_of_authors),
            margins: Margins::new(&thresholds),
            policies,
            scope,
            since: since.unwrap_or(Timestamp::from_micros(i64::MIN)),
            until: until.unwrap_or(Timestamp::from_micros(i64::MAX)),
            budget_per_day,
            last_seq: self.store.last_seq(),
            told: None,
            tally: Tally::new(examples),
            _turn: turn,
        };
        Ok(Box::pin(stream::unfold(Some(run), async |run| {
            let mut run = run?;
            match run.step().await {
                Ok(step @ Step::Result(_)) => Some((Ok(step), None)),
                Ok(step) => Some((Ok(step), Some(run))),
                Err(error) => Some((Err(error), None)),
            }
        })))
    }
}

impl Run {
    /// Reads on until there is something to tell.
    async fn step(&mut self) -> Result<Step, Error> {
        let Some(told) = self.told else {
            self.told = Some(0);
            return Ok(Step::Progress { events: 0, total: self.last_seq });
        };
        let mut read = told;
        while read < self.last_seq {
            let mut submitted = None;
            for Numbered { seq, at, event, .. } in self.events.next().await? {
                if seq > self.last_seq {
                    break;
                }
                read = seq;
                match event {
                    Event::CommentSubmitted { comment, fingerprint, .. } => submitted = Some((comment, fingerprint)),
                    event if event.site_id() == Some(&self.scope.site_id) => self.take(at, event, submitted.take()),
                    _ => submitted = None,
                }
            }
            if read - told >= TELL_EVERY {
                self.told = Some(read);
                return Ok(Step::Progress { events: read, total: self.last_seq });
            }
        }
        let proposed = (self.budget_per_day > 0).then(|| {
            let days = self.tally.days();
            self.margins.proposed(f64::from(self.budget_per_day) * days, days)
        });
        Ok(Step::Result(Box::new(std::mem::take(&mut self.tally).finish(proposed))))
    }

    fn take(&mut self, at: Timestamp, event: Event, submitted: Option<(Comment, Fingerprint)>) {
        match (event, submitted) {
            (Event::CommentDecided { decision, .. }, Some((comment, fingerprint))) => {
                let of_scope =
                    self.scope.article_id.as_ref().is_none_or(|article_id| *article_id == comment.article_id);
                if of_scope && (self.since..self.until).contains(&at) && !comment.text.is_empty() {
                    let policy = Arc::clone(self.policies.get(&comment.site_id, &comment.article_id));
                    let ruled = self.decide(&policy, &comment, fingerprint, &decision, at);
                    // An article's own policy has thresholds of its own.
                    let moves = Arc::ptr_eq(&policy, self.policies.of(&self.scope));
                    self.margins.add(&ruled, decision.scores.as_ref(), moves);
                    self.tally.add(at, comment.clone(), decision.outcome, ruled);
                }
                self.history.submitted(&comment, fingerprint, decision.outcome, at);
            }
            (Event::CommentDecided { comment_id, decision, .. }, None) => {
                self.history.decided_again(&comment_id, decision.outcome);
            }
            (Event::ItemSettled { comment_id, verdict, .. }, _) => {
                self.tally.settled(&comment_id, verdict.approved, at);
            }
            (Event::VerdictUndone { comment_id, .. }, _) => self.tally.undone(&comment_id, at),
            (Event::CommentErased { comment_id, .. }, _) => self.tally.erased(&comment_id, at),
            _ => {}
        }
    }

    /// Decides as it would have been decided then.
    fn decide(
        &self,
        policy: &Policy,
        comment: &Comment,
        fingerprint: Fingerprint,
        before: &Decision,
        at: Timestamp,
    ) -> Decision {
        let author = self.history.author(comment);
        let language = self.scoring.language(&comment.text);
        let known = Known { scores: again::rested_on(before), language, author: author.cloned() };
        let is_edit = self.history.is_known(comment);
        again::decide(policy, &Submitted { comment, fingerprint, is_edit, at }, &known, before)
    }
}
