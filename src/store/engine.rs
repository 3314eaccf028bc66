//! The embedded engine: journal and state in one data directory, for one process.
//!
//! Start reading at [`EmbeddedStore::open`]; what happens to a write stands in `writer`.

use super::batch::{Answer, Request};
use super::eraser::{self, Eraser, Wish};
use super::events::{Events, JournalEvents};
use super::journal::{Journal, disk::Disk, disk::FileSystem, follow::Follower};
use super::lock::DirLock;
use super::moves::{Moves, StateMoves};
use super::sled_engine::{State, keys, open, value::damaged};
use super::writer::{Command, Shared, Writer, flush_now_and_then};
use super::{
    AppealDecision, Beside, CampaignPage, CampaignQuery, CampaignSummary, Change, ChangeModels, ClaimNext, CreateToken,
    DeleteQueue, Disagree, Done, Erase, EraseLabels, Erased, Error, Head, HistoryPage, HistoryQuery, ItemPage,
    ItemQuery, KeepLabel, LabelPage, LabelQuery, ListQuery, Members, MembersQuery, OnItem, Options, Page,
    PolicyVersion, Progress, QueueSummary, Recorded, Registry, ReportComment, Reported, Reviewed, RevisionPlace,
    RevokeToken, SetCampaignRule, SetPolicy, SetQueue, SettleMany, Store, StoredComment, Undo,
};
use super::{model_files, secret};
use crate::domain::{
    ArticleId, AuthorId, AuthorRecord, CommentId, DefinedQueue, Kept, ModelHash, ModeratorId, QueueId, Revision,
    SiteId, Timestamp, Token,
    submit::{CommentHead, Submitted},
};
use async_trait::async_trait;
use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, atomic::Ordering, mpsc as std_mpsc},
    thread,
};
use tokio::sync::{mpsc, oneshot};

/// How often claims that have ended are cleared away before a question is answered; each time takes thousands.
const EXPIRE_ROUNDS_MAX: usize = 64;

/// Keeps comments in a directory of this machine.
///
/// Dropping it without [`Store::close`] leaves finishing to the writer's thread, which then holds the directory's
/// lock a moment longer.
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    writer: mpsc::Sender<Command>,
    /// Dropped with the engine, which ends the flusher.
    _flusher: std_mpsc::Sender<()>,
    eraser: std_mpsc::Sender<Wish>,
}

impl EmbeddedStore {
    /// Opens a data directory, which is made where it is missing; blocks until it can answer.
    ///
    /// The whole journal is checked, and the state is brought up to its end; `progress` hears how far that is.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`] where another process has the directory open; [`Error::JournalDamaged`] where a record that
    /// was once acknowledged is not as it was written; [`Error::UnknownVersion`] where a later program wrote it.
    pub fn open(dir: &Path, options: Options, progress: &dyn Fn(Progress)) -> Result<Self, Error> {
        Self::open_on(Box::new(FileSystem), dir, options, progress)
    }

    /// Opens a data directory whose journal is written through `disk`.
    pub(super) fn open_on(
        disk: Box<dyn Disk>,
        dir: &Path,
        options: Options,
        progress: &dyn Fn(Progress),
    ) -> Result<Self, Error> {
        make_dir(dir, &*disk).map_err(|source| Error::Io { path: dir.to_owned(), source })?;
        let lock = DirLock::take(dir)?;
        let secret = secret::read_or_make(dir)?;
        let mut journal = Journal::open(&open::journal_path(dir), disk, options.segment_bytes, progress)?;
        let end = open::JournalEnd { seq: journal.synced_seq() };
        open::remove_unfinished(dir)?;
        model_files::remove_unfinished(dir);
        let state = open::bring_up(dir, end, &options, progress)?;
        if let Ok(models) = state.models() {
            model_files::remove_unnamed(dir, &models);
        }
        let cut_seq = eraser::finish_at_opening(dir, &mut journal, &state).unwrap_or_else(|error| {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "the words of what was erased are still in the journal; it is tried again");
            Some(0)
        });
        let (writer, commands) = mpsc::channel(options.queue_max.max(1));
        let shared = Arc::new(Shared::new(dir.to_owned(), options, state, end.seq));
        let threads_error = |source| Error::Io { path: dir.to_owned(), source };
        let worker = Writer::new(journal, Arc::clone(&shared), commands, lock, secret);
        thread::Builder::new().name("ombud-write".into()).spawn(move || worker.run()).map_err(threads_error)?;
        let (flusher, stop) = std_mpsc::channel();
        let (to_flush, ticks) = (Arc::clone(&shared), writer.downgrade());
        let flush = move || flush_now_and_then(&to_flush, &ticks, &stop);
        thread::Builder::new().name("ombud-flush".into()).spawn(flush).map_err(threads_error)?;
        let (eraser, wishes) = std_mpsc::channel();
        let worker = Eraser::new(Arc::clone(&shared), writer.downgrade(), wishes, cut_seq);
        thread::Builder::new().name("ombud-erase".into()).spawn(move || worker.run()).map_err(threads_error)?;
        Ok(Self { shared, writer, _flusher: flusher, eraser })
    }

    /// Has the state built anew now, without what was erased, and waits until it is in place.
    ///
    /// # Errors
    ///
    /// As [`Store::finish_erasures`].
    pub async fn compact(&self) -> Result<(), Error> {
        self.wish(Wish::Compact).await
    }

    async fn wish(&self, wish: impl FnOnce(oneshot::Sender<Result<(), Error>>) -> Wish) -> Result<(), Error> {
        let (told, answer) = oneshot::channel();
        self.eraser.send(wish(told)).map_err(|_gone| Error::Closed)?;
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Has the writer write something, and waits until it is on disk.
    async fn write(&self, request: Request) -> Result<Answer, Error> {
        let (answer_to, answer) = oneshot::channel();
        self.writer.try_send(Command::Write(request, answer_to)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::QueueFull { waiting: self.writer.max_capacity() },
            mpsc::error::TrySendError::Closed(_) => Error::Closed,
        })?;
        answer.await.unwrap_or(Err(Error::Closed))
    }

    /// Does something with files of the data directory, on a thread that may block.
    async fn with_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shared = Arc::clone(&self.shared);
        if shared.closed.load(Ordering::Acquire) {
            return Err(Error::Closed);
        }
        tokio::task::spawn_blocking(move || work(&shared.data)).await.unwrap_or(Err(Error::Closed))
    }

    /// Asks the state on a thread that may block. A panic of sled is an answer too, and makes the writer look.
    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&State) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let shared = Arc::clone(&self.shared);
        let asked = tokio::task::spawn_blocking(move || match shared.state().as_ref() {
            None => Err(shared.no_state()),
            Some(state) => catch_unwind(AssertUnwindSafe(|| question(state)))
                .unwrap_or_else(|_| Err(damaged("sled panicked while reading")))
                .inspect_err(|_| shared.suspect.store(true, Ordering::Release)),
        });
        let answer = asked.await.unwrap_or(Err(Error::Closed));
        if answer.is_err() && self.shared.suspect.load(Ordering::Acquire) {
            // A full queue wakes the writer anyway.
            drop(self.writer.try_send(Command::Tick));
        }
        answer
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn record(&self, submitted: Submitted) -> Result<Recorded, Error> {
        match self.write(Request::Record(Box::new(submitted))).await? {
            Answer::Recorded(recorded) => Ok(*recorded),
            _ => Err(Error::Closed),
        }
    }

    async fn claim_next(&self, claim: ClaimNext) -> Result<Vec<CommentHead>, Error> {
        match self.write(Request::ClaimNext(Box::new(claim))).await? {
            Answer::Claimed(heads) => Ok(heads),
            _ => Err(Error::Closed),
        }
    }

    async fn on_item(&self, on_item: OnItem) -> Result<Reviewed, Error> {
        match self.write(Request::OnItem(Box::new(on_item))).await? {
            Answer::Reviewed(reviewed) => Ok(*reviewed),
            _ => Err(Error::Closed),
        }
    }

    async fn settle_many(&self, settle: SettleMany) -> Result<Done, Error> {
        match self.write(Request::SettleMany(Box::new(settle))).await? {
            Answer::Done(done) => Ok(done),
            _ => Err(Error::Closed),
        }
    }

    async fn undo(&self, undo: Undo) -> Result<Done, Error> {
        match self.write(Request::Undo(Box::new(undo))).await? {
            Answer::Done(done) => Ok(done),
            _ => Err(Error::Closed),
        }
    }

    async fn report(&self, report: ReportComment) -> Result<Reported, Error> {
        match self.write(Request::Report(Box::new(report))).await? {
            Answer::Reported(reported) => Ok(*reported),
            _ => Err(Error::Closed),
        }
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, Error> {
        match self.write(Request::Erase(Box::new(erase))).await? {
            Answer::Erased(erased) => Ok(erased),
            _ => Err(Error::Closed),
        }
    }

    async fn erase_labels(&self, erase: EraseLabels) -> Result<usize, Error> {
        match self.write(Request::EraseLabels(Box::new(erase))).await? {
            Answer::Erased(erased) => Ok(erased.comments),
            _ => Err(Error::Closed),
        }
    }

    async fn appeal(&self, appeal: AppealDecision) -> Result<Reviewed, Error> {
        match self.write(Request::Appeal(Box::new(appeal))).await? {
            Answer::Reviewed(reviewed) => Ok(*reviewed),
            _ => Err(Error::Closed),
        }
    }

    async fn beside(&self, site_id: &SiteId, comment_id: &CommentId, max: usize) -> Result<Beside, Error> {
        let key = keys::comment(site_id, comment_id);
        let beside = move |state: &State| {
            Ok(Beside { reports: state.latest_reports(&key, max)?, notes: state.latest_notes(&key, max)? })
        };
        self.read(beside).await
    }

    async fn ruled_on(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<CommentHead>, Error> {
        let (site_id, author_id) = (site_id.clone(), author_id.clone());
        self.read(move |state| state.ruled_on_of(&site_id, &author_id, max)).await
    }

    async fn release_ended(&self, now: Timestamp) {
        for _ in 0..EXPIRE_ROUNDS_MAX {
            let expired = self.read(move |state| state.expired(None, now, 1)).await;
            if !expired.is_ok_and(|expired| !expired.is_empty()) || self.write(Request::Expire(now)).await.is_err() {
                break;
            }
        }
    }

    async fn finish_erasures(&self) -> Result<(), Error> {
        self.wish(Wish::Finish).await
    }

    async fn comments_of(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<CommentId>, Error> {
        let (site_id, author_id) = (site_id.clone(), author_id.clone());
        self.read(move |state| state.comments_of(&site_id, &author_id, max)).await
    }

    async fn labelled_of(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<CommentId>, Error> {
        let (site_id, author_id) = (site_id.clone(), author_id.clone());
        self.read(move |state| state.labelled_of(&site_id, &author_id, max)).await
    }

    async fn head(&self, site_id: &SiteId, comment_id: &CommentId) -> Result<Option<CommentHead>, Error> {
        let key = keys::comment(site_id, comment_id);
        self.read(move |state| state.head(&key)).await
    }

    async fn queues(&self, site_id: &SiteId, now: Timestamp) -> Result<Vec<QueueSummary>, Error> {
        self.release_ended(now).await;
        let site_id = site_id.clone();
        self.read(move |state| state.queues(&site_id)).await
    }

    async fn items(&self, query: ItemQuery) -> Result<ItemPage, Error> {
        self.release_ended(query.now).await;
        self.read(move |state| state.items(&query)).await
    }

    async fn comment(
        &self,
        site_id: &SiteId,
        comment_id: &CommentId,
        bytes_max: usize,
    ) -> Result<Option<StoredComment>, Error> {
        let (site_id, comment_id) = (site_id.clone(), comment_id.clone());
        self.read(move |state| state.comment(&site_id, &comment_id, bytes_max)).await
    }

    async fn revisions(&self, places: Vec<RevisionPlace>, bytes_max: usize) -> Result<Vec<Option<Revision>>, Error> {
        self.read(move |state| state.revisions(&places, bytes_max)).await
    }

    async fn list(&self, query: ListQuery) -> Result<Page, Error> {
        self.read(move |state| state.list(&query)).await
    }

    async fn author(&self, site_id: &SiteId, author_id: &AuthorId) -> Result<AuthorRecord, Error> {
        let (site_id, author_id) = (site_id.clone(), author_id.clone());
        Ok(self.read(move |state| state.author(&site_id, &author_id)).await?.unwrap_or_default())
    }

    async fn set_policy(&self, set: SetPolicy) -> Result<PolicyVersion, Error> {
        match self.write(Request::SetPolicy(Box::new(set))).await? {
            Answer::PolicySet(policy) => Ok(*policy),
            _ => Err(Error::Closed),
        }
    }

    async fn campaigns(&self, query: CampaignQuery) -> Result<CampaignPage, Error> {
        self.read(move |state| state.campaigns(&query)).await
    }

    async fn campaign(&self, site_id: &SiteId, campaign: u64) -> Result<Option<CampaignSummary>, Error> {
        let site_id = site_id.clone();
        self.read(move |state| state.campaign(&site_id, campaign)).await
    }

    async fn members(&self, query: MembersQuery) -> Result<Members, Error> {
        self.read(move |state| state.members(&query)).await
    }

    async fn set_campaign_rule(&self, set: SetCampaignRule) -> Result<(), Error> {
        match self.write(Request::SetCampaignRule(Box::new(set))).await? {
            Answer::CampaignRuleSet => Ok(()),
            _ => Err(Error::Closed),
        }
    }

    async fn policies(&self) -> Result<Vec<PolicyVersion>, Error> {
        self.read(State::policies).await
    }

    async fn policy_versions(
        &self,
        site_id: &SiteId,
        article_id: Option<&ArticleId>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<PolicyVersion>, Error> {
        let (site_id, article_id) = (site_id.clone(), article_id.cloned());
        self.read(move |state| state.policy_versions(&site_id, article_id.as_ref(), before, limit)).await
    }

    async fn history(&self, query: HistoryQuery) -> Result<HistoryPage, Error> {
        self.read(move |state| state.history(&query)).await
    }

    async fn held_by(
        &self,
        site_id: &SiteId,
        queue: &QueueId,
        moderator_id: &ModeratorId,
    ) -> Result<Vec<CommentId>, Error> {
        let (site_id, queue, moderator_id) = (site_id.clone(), queue.clone(), moderator_id.clone());
        self.read(move |state| state.held_by(&site_id, &queue, &moderator_id)).await
    }

    fn moves(&self, site_id: &SiteId, queue: &QueueId, after_seq: u64) -> Box<dyn Moves> {
        Box::new(StateMoves::new(Arc::clone(&self.shared), site_id.clone(), queue.clone(), after_seq))
    }

    async fn set_queue(&self, set: SetQueue) -> Result<DefinedQueue, Error> {
        match self.write(Request::SetQueue(Box::new(set))).await? {
            Answer::QueueSet(queue) => Ok(*queue),
            _ => Err(Error::Closed),
        }
    }

    async fn delete_queue(&self, delete: DeleteQueue) -> Result<(), Error> {
        match self.write(Request::DeleteQueue(Box::new(delete))).await? {
            Answer::QueueDeleted => Ok(()),
            _ => Err(Error::Closed),
        }
    }

    async fn defined_queues(&self, site_id: &SiteId) -> Result<Vec<DefinedQueue>, Error> {
        let site_id = site_id.clone();
        self.read(move |state| state.defined_queues(&site_id)).await
    }

    fn last_seq(&self) -> u64 {
        *self.shared.synced().borrow()
    }

    async fn journal_head(&self) -> Result<Head, Error> {
        // What the state has applied was synced before.
        let head = |state: &State| {
            let summary = state.summary();
            Ok(Head { seq: summary.applied_seq, hash: summary.applied_hash })
        };
        self.read(head).await
    }

    async fn create_token(&self, create: CreateToken) -> Result<(), Error> {
        match self.write(Request::CreateToken(Box::new(create))).await? {
            Answer::TokenChanged => Ok(()),
            _ => Err(Error::Closed),
        }
    }

    async fn revoke_token(&self, revoke: RevokeToken) -> Result<(), Error> {
        match self.write(Request::RevokeToken(Box::new(revoke))).await? {
            Answer::TokenChanged => Ok(()),
            _ => Err(Error::Closed),
        }
    }

    async fn tokens(&self) -> Result<Vec<Token>, Error> {
        self.read(State::tokens).await
    }

    async fn keep_model_file(&self, bytes: Vec<u8>) -> Result<ModelHash, Error> {
        self.with_files(move |data| model_files::write(data, &bytes)).await
    }

    async fn model_file(&self, hash: ModelHash) -> Result<Vec<u8>, Error> {
        self.with_files(move |data| model_files::read(data, hash)).await
    }

    async fn change_models(&self, change: ChangeModels) -> Result<Registry, Error> {
        let (added, removed) = match &change.change {
            Change::Add(model) => (Some(model.hash), None),
            Change::Remove(hash) => (None, Some(*hash)),
            _ => (None, None),
        };
        let answer = self.write(Request::ChangeModels(Box::new(change))).await;
        let useless = match &answer {
            Ok(_) => removed,
            Err(Error::TooManyModels { .. }) => added,
            Err(_) => None,
        };
        // What is left behind here, the next opening clears away.
        if let Some(hash) = useless {
            let gone = self.with_files(move |data| model_files::remove(data, hash)).await;
            if let Err(error) = gone {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the file of a model that isn't kept is still there");
            }
        }
        match answer? {
            Answer::Models(registry) => Ok(*registry),
            _ => Err(Error::Closed),
        }
    }

    async fn disagree(&self, disagree: Disagree) -> Result<bool, Error> {
        match self.write(Request::Disagree(Box::new(disagree))).await? {
            Answer::Disagreed(waits) => Ok(waits),
            _ => Err(Error::Closed),
        }
    }

    async fn models(&self) -> Result<Registry, Error> {
        self.read(|state| Ok(Registry::new(state.models()?, state.standing()?))).await
    }

    async fn keep_label(&self, keep: KeepLabel) -> Result<Kept, Error> {
        match self.write(Request::KeepLabel(Box::new(keep))).await? {
            Answer::LabelKept(kept) => Ok(kept),
            _ => Err(Error::Closed),
        }
    }

    async fn labels(&self, query: LabelQuery) -> Result<LabelPage, Error> {
        self.read(move |state| state.labels(&query)).await
    }

    fn events(&self, after_seq: u64) -> Box<dyn Events> {
        let follower = Follower::new(&open::journal_path(&self.shared.data), after_seq);
        Box::new(JournalEvents::new(follower, self.shared.synced()))
    }

    fn events_without_words(&self, after_seq: u64) -> Box<dyn Events> {
        let follower = Follower::new(&open::journal_path(&self.shared.data), after_seq).without_words();
        Box::new(JournalEvents::new(follower, self.shared.synced()))
    }

    async fn close(&self) -> Result<(), Error> {
        let (done, closed) = oneshot::channel();
        if self.writer.send(Command::Close(done)).await.is_ok() {
            // Where the writer is gone, it has closed already.
            drop(closed.await);
        } else {
            self.writer.closed().await;
        }
        Ok(())
    }
}

/// Makes a folder that only this user may look into, where it is missing, and makes its name last.
pub(super) fn make_dir(dir: &Path, disk: &dyn Disk) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)?;
    match dir.parent() {
        Some(parent) if parent.as_os_str().is_empty() => disk.sync_dir(Path::new(".")),
        Some(parent) => disk.sync_dir(parent),
        None => Ok(()),
    }
}
