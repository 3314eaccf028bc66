//! What people said of comments, to learn from: labels on their way out, and in from elsewhere.
//!
//! A label is the verdict in force on one text of a comment. The events are read from the first one on, since verdicts may be
//! taken back, and what was known of an author adds up; texts are looked up in the state when all is read, so that none is
//! told that was erased. Labels from elsewhere are kept beside, and told behind. Start reading at [`Labels::export`], then at
//! [`Labels::import`].

mod fold;
mod hits;
mod import;
mod pace;
mod suggestion;

pub use import::{Checked, Imported, NewLabel};
pub use suggestion::Suggestion;

use super::{ANSWER_BYTES_MAX, Clock, Error, Limits, Policies, draft, refuse};
use crate::auth::Caller;
use crate::domain::{ArticleId, KeptLabel, Label, Revision, SiteId, Timestamp, Words};
use crate::policy::PolicyBook;
use crate::store::{Events, LabelPlace, LabelQuery, Numbered, RevisionPlace, Store};
use fold::{Fold, Found, Given};
use futures_util::{Stream, stream};
use pace::Pace;
use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
    vec,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

/// Exports that are open at once: each holds its verdicts in memory until they are told.
const EXPORTS_MAX: usize = 16;
/// Exports that read events at once, which is everything that ever happened; further ones wait.
const READING_MAX: usize = 2;
/// When to come back where too many run.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// How many labels are told at once.
const TOLD_MAX: usize = 500;

/// Which labels, as the caller asked.
#[derive(Debug, Clone, Default)]
pub struct ExportRequest {
    /// The site; `None` asks for all.
    pub site_id: Option<String>,
    /// Only labels given from then on.
    pub since: Option<Timestamp>,
    /// Only labels given before then.
    pub until: Option<Timestamp>,
    /// Whether to tell, too, the last verdict of every other moderator on a text.
    pub include_superseded: bool,
}

/// A label with the number of its event.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The number of the event that brought it.
    pub seq: u64,
    /// The label.
    pub label: Label,
    /// Whether another moderator's later verdict on the same text is in force.
    pub superseded: bool,
}

/// Labels, some at a time; it ends where nobody reads them.
pub type Exports = Pin<Box<dyn Stream<Item = Result<Vec<Exported>, Error>> + Send>>;

/// The use cases of labels.
pub struct Labels {
    store: Arc<dyn Store>,
    policies: Arc<Policies>,
    clock: Arc<dyn Clock>,
    limits: Limits,
    exports: Arc<Semaphore>,
    reading: Arc<Semaphore>,
}

/// One export under way.
struct Run {
    store: Arc<dyn Store>,
    policies: Arc<Policies>,
    site_id: Option<SiteId>,
    /// From when on, and until when, in microseconds.
    when: std::ops::Range<i64>,
    include_superseded: bool,
    step: Step,
    pace: Pace,
    reading: Arc<Semaphore>,
    _place: OwnedSemaphorePermit,
}

enum Step {
    /// Events are still to be read, up to this one.
    Reading(Box<dyn Events>, u64),
    /// These are still to be told.
    Telling(vec::IntoIter<Found>, Given),
    /// What came in from outside is still to be told, from behind this place.
    TellingKept(Option<LabelPlace>, Given),
    /// Nothing is left.
    Done,
}

impl Labels {
    /// Joins what labels come from, and what says which are kept.
    pub fn new(store: Arc<dyn Store>, policies: Arc<Policies>, clock: Arc<dyn Clock>, limits: Limits) -> Self {
        let [exports, reading] = [EXPORTS_MAX, READING_MAX].map(|max| Arc::new(Semaphore::new(max)));
        Self { store, policies, clock, limits, exports, reading }
    }

    /// Begins to tell the labels in force: verdicts in the order of their events, then what came in from elsewhere. No more is
    /// read than was asked for.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that the caller's token is bound to another site, or to one where all are asked
    /// for, or that too many exports are open.
    pub fn export(&self, caller: &Caller, request: &ExportRequest) -> Result<Exports, Error> {
        let ExportRequest { site_id, since, until, include_superseded } = request;
        let mut violations = Vec::new();
        let site_id = site_id.as_ref().map(|site_id| draft::site(site_id, &self.limits, &mut violations));
        refuse(violations)?;
        caller.may_act_on(site_id.unwrap_or_default())?;
        let place = Arc::clone(&self.exports).try_acquire_owned();
        let place = place.map_err(|_| Error::Overloaded { reason: "TOO_MANY_EXPORTS", retry_after: RETRY_AFTER })?;
        let (since, until) =
            (since.map_or(i64::MIN, Timestamp::as_micros), until.map_or(i64::MAX, Timestamp::as_micros));
        let run = Run {
            store: Arc::clone(&self.store),
            policies: Arc::clone(&self.policies),
            site_id: site_id.map(SiteId::new),
            when: since..until,
            include_superseded: *include_superseded,
            step: Step::Reading(self.store.events_without_words(0), self.store.last_seq()),
            pace: Pace::new(self.store.last_seq(), Instant::now()),
            reading: Arc::clone(&self.reading),
            _place: place,
        };
        Ok(Box::pin(stream::unfold(Some(run), async |run| {
            let mut run = run?;
            match run.next().await {
                Ok(Some(some)) => Some((Ok(some), Some(run))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })))
    }
}

impl Run {
    /// Returns the next labels, or `None` where there are no more.
    async fn next(&mut self) -> Result<Option<Vec<Exported>>, Error> {
        // Since the labels before were told, they were brought on their way: that was work as well, or waiting for the reader.
        loop {
            self.pace.give_way(self.store.last_seq()).await;
            match &mut self.step {
                Step::Reading(events, last_seq) => {
                    // It is never closed.
                    let _turn = self.reading.acquire().await;
                    self.pace.begin(Instant::now());
                    let (when, include_superseded) = (self.when.clone(), self.include_superseded);
                    let fold =
                        read(&mut **events, *last_seq, self.site_id.as_ref(), &mut self.pace, &*self.store).await?;
                    let finish = move || {
                        let (mut found, given) = fold.finish();
                        found.retain(|found| {
                            when.contains(&found.at.as_micros()) && (include_superseded || !found.superseded)
                        });
                        (found, given)
                    };
                    let finished = spawn_blocking(finish).await;
                    let (found, given) = finished.map_err(|_panicked| Error::Store(crate::store::Error::Closed))?;
                    self.step = Step::Telling(found.into_iter(), given);
                }
                Step::Telling(found, given) if found.as_slice().is_empty() => {
                    self.step = Step::TellingKept(None, std::mem::take(given));
                }
                Step::Telling(found, _) => {
                    let places = found.as_slice().iter().take(TOLD_MAX).map(|found| RevisionPlace {
                        site_id: found.site_id.clone(),
                        comment_id: found.comment_id.clone(),
                        number: found.revision,
                    });
                    let texts = self.store.revisions(places.collect(), ANSWER_BYTES_MAX).await?;
                    let told: Vec<(bool, Exported)> = texts
                        .into_iter()
                        .zip(found)
                        .filter_map(|(revision, found)| Some((found.hits_counted, exported(found, revision?))))
                        .filter(|(_, Exported { label, .. })| !label.text.is_empty())
                        .collect();
                    let told = hits::count(self.policies.book(), told).await?;
                    if !told.is_empty() {
                        return Ok(Some(told));
                    }
                }
                Step::TellingKept(after, given) => {
                    let (site_id, after) = (self.site_id.clone(), after.take());
                    let query = LabelQuery { site_id, after, limit: TOLD_MAX, bytes_max: ANSWER_BYTES_MAX };
                    let page = self.store.labels(query).await?;
                    let book = self.policies.book();
                    let told: Vec<Exported> = page
                        .labels
                        .into_iter()
                        .map(|KeptLabel { seq, kept_at, label }| {
                            let labeled_at = Some(label.labeled_at.unwrap_or(kept_at));
                            Exported { seq, label: Label { labeled_at, ..label }, superseded: false }
                        })
                        .filter(|Exported { label, .. }| may_be_kept(&book, label))
                        .filter(|Exported { label, .. }| {
                            label.labeled_at.is_some_and(|at| self.when.contains(&at.as_micros())) && !given.has(label)
                        })
                        .collect();
                    self.step = match page.next_after {
                        Some(after) => Step::TellingKept(Some(after), std::mem::take(given)),
                        None => Step::Done,
                    };
                    if !told.is_empty() {
                        return Ok(Some(told));
                    }
                }
                Step::Done => return Ok(None),
            }
        }
    }
}

/// Reads all events up to `last_seq`, and gives way between any two looks at the journal.
async fn read(
    events: &mut dyn Events,
    last_seq: u64,
    site_id: Option<&SiteId>,
    pace: &mut Pace,
    store: &dyn Store,
) -> Result<Fold, Error> {
    let (mut fold, mut read) = (Fold::default(), 0);
    while read < last_seq {
        for numbered in events.next().await? {
            if numbered.seq > last_seq {
                break;
            }
            read = numbered.seq;
            let Numbered { event, .. } = &numbered;
            if event.site_id().is_some() && (site_id.is_none() || event.site_id() == site_id) {
                fold.take(numbered);
            }
        }
        pace.give_way(store.last_seq()).await;
    }
    Ok(fold)
}

/// Returns whether the policy of a label's site lets it be learned from, as it stands now: what was kept under an earlier policy
/// stays, and is told again once the policy allows it again.
fn may_be_kept(book: &PolicyBook, label: &Label) -> bool {
    // No article has an empty id, so that one finds the site's policy.
    let unknown = ArticleId::new("");
    let article_id = label.article_id.as_ref().unwrap_or(&unknown);
    !label.do_not_store || book.get(&label.site_id, article_id).rules().labels.keep_do_not_store
}

/// Joins a verdict with the text that it is on; an erased one is empty.
fn exported(found: Found, revision: Revision) -> Exported {
    let Revision { comment, decision, .. } = revision;
    let label = Label {
        site_id: found.site_id,
        comment_id: found.comment_id,
        revision: found.revision,
        article_id: Some(comment.article_id),
        author_id: comment.author.author_id,
        text: Words::new(comment.text),
        source: found.source,
        rejected: Some(!found.approved),
        attributes: found.attributes,
        moderator_id: found.moderator_id,
        labeled_at: Some(found.at),
        sampling_probability: found.sampling_probability,
        circumstances: found.circumstances,
        outcome: Some(found.outcome),
        model_version: decision.model_version,
        do_not_store: false,
    };
    Exported { seq: found.seq, label, superseded: found.superseded }
}
