//! Remembers every decision.
//!
//! In come comments with their decisions, and questions; out go what was recorded and what is known. What was
//! acknowledged is on disk. This is the only room that opens a database; it knows nothing of models or doors.
//!
//! Start reading at [`Store`], the trait that every engine implements, then at [`EmbeddedStore`].

mod batch;
mod bulk;
pub mod campaigns;
#[cfg(test)]
mod claim_tests;
#[doc(hidden)]
pub mod conformance;
mod engine;
pub mod erase;
mod eraser;
pub mod error;
pub mod events;
pub mod head;
pub mod history;
mod journal;
pub mod labels;
mod lock;
mod model_files;
pub mod models;
pub mod moves;
mod options;
pub mod policies;
pub mod queues;
pub mod readers;
mod record;
#[cfg(test)]
mod record_tests;
#[cfg(test)]
mod refusal_tests;
pub mod review;
mod secret;
mod sled_engine;
pub mod tokens;
pub mod verify;
mod writer;

pub use campaigns::{
    CampaignPage, CampaignPlace, CampaignQuery, CampaignSummary, Members, MembersQuery, SetCampaignRule,
};
pub use engine::EmbeddedStore;
pub use erase::{Erase, EraseLabels, Erased};
pub use error::Error;
pub use events::{Events, Numbered};
pub use head::Head;
pub use history::{HistoryPage, HistoryQuery, Subject};
pub use labels::{KeepLabel, LabelPage, LabelPlace, LabelQuery};
pub use models::{Change, ChangeModels, Disagree, Registry, Seen};
pub use moves::{Move, Moves, Step};
pub use options::{Options, Progress, Stage};
pub use policies::{PolicyVersion, SetPolicy};
pub use queues::{DeleteQueue, SetQueue};
pub use readers::{AppealDecision, ReportComment, Reported};
pub use review::{
    Beside, ClaimNext, Done, ItemPage, ItemPlace, ItemQuery, OnItem, QueueSummary, Reviewed, SettleMany, Together, Undo,
};
pub use tokens::{CreateToken, RevokeToken};
pub use verify::{Finding, VerifyReport, head_of, verify, verify_against};

use crate::domain::{
    ArticleId, AuthorId, AuthorRecord, CommentId, DefinedQueue, Kept, ModelHash, ModeratorId, QueueId, Revision,
    SiteId, Timestamp, Token,
    submit::{CommentHead, Submitted},
};
use async_trait::async_trait;

/// What was written down, or had been before.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The revision in force, with the decision on it.
    pub revision: Revision,
    /// Whether the same text had been recorded before, so that nothing was written now.
    pub repeated: bool,
}

/// A comment with its revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredComment {
    /// The revisions, oldest first; never empty. The last one's decision is in force.
    pub revisions: Vec<Revision>,
    /// How many of the oldest revisions were left out.
    pub revisions_omitted: u32,
}

/// One text of a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionPlace {
    /// The site.
    pub site_id: SiteId,
    /// The comment.
    pub comment_id: CommentId,
    /// The revision's number, from 1.
    pub number: u32,
}

/// Which comments of a site to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListBy {
    /// Those on one article.
    Article(ArticleId),
    /// Those of one author.
    Author(AuthorId),
}

/// A question for one page of comments, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The site.
    pub site_id: SiteId,
    /// Which of its comments.
    pub by: ListBy,
    /// Only comments whose first event comes before this number; `None` starts at the newest.
    pub before_seq: Option<u64>,
    /// How many comments at most, from 1.
    pub limit: usize,
    /// How much the comments of a page may weigh together ([`Revision::weight`]); one always fits.
    pub bytes_max: usize,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Newest revisions of the comments, the newest comment first.
    pub comments: Vec<Revision>,
    /// Where the next page starts, or `None` where this is the last.
    pub next_before_seq: Option<u64>,
}

/// Keeps comments and decisions. Each operation is atomic, in the domain's terms, and obeys the rules of
/// [`crate::domain::submit`].
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Writes a comment with its decision down, or finds that the same text is there already. What the policy asks of the
    /// author's record may make the decision stricter.
    ///
    /// When this returns, the answer is on disk.
    ///
    /// # Errors
    ///
    /// [`Error::QueueFull`] at once where too many writes wait; [`Error::Unavailable`] where the disk refuses, with
    /// nothing acknowledged; [`Error::OtherArticle`] where an edit would move the comment.
    async fn record(&self, submitted: Submitted) -> Result<Recorded, Error>;

    /// Returns a comment, or `None` where there is none of that id: with the newest revision, and with as many before
    /// it as weigh at most `bytes_max` together ([`Revision::weight`]).
    async fn comment(
        &self,
        site_id: &SiteId,
        comment_id: &CommentId,
        bytes_max: usize,
    ) -> Result<Option<StoredComment>, Error>;

    /// Returns texts by their numbers, in that order, `None` for those that aren't there: the first ones, as many as weigh at
    /// most `bytes_max` together ([`Revision::weight`]), at least one.
    async fn revisions(&self, places: Vec<RevisionPlace>, bytes_max: usize) -> Result<Vec<Option<Revision>>, Error>;

    /// Returns one page of comments.
    async fn list(&self, query: ListQuery) -> Result<Page, Error>;

    /// Takes the next items of a queue that nobody holds, for one moderator: none where there are none. Items whose claim
    /// has expired count among them.
    ///
    /// # Errors
    ///
    /// As [`Store::record`].
    async fn claim_next(&self, claim: ClaimNext) -> Result<Vec<CommentHead>, Error>;

    /// Does to one item what a moderator asks for.
    ///
    /// # Errors
    ///
    /// [`Error::NoComment`] where there is no such comment; [`Error::Review`] where the rules of
    /// [`crate::domain::review`] refuse it; else as [`Store::record`].
    async fn on_item(&self, on_item: OnItem) -> Result<Reviewed, Error>;

    /// Rules on many items in one action: all of them, or none.
    ///
    /// # Errors
    ///
    /// [`Error::ReviewOf`] where the rules refuse one of them, [`Error::TooMany`] where there are more than may be; else as
    /// [`Store::on_item`].
    async fn settle_many(&self, settle: SettleMany) -> Result<Done, Error>;

    /// Takes back the verdict of one action, on all of its comments about which nothing has come after it.
    ///
    /// # Errors
    ///
    /// [`Error::Review`] where there is nothing to take back; else as [`Store::record`].
    async fn undo(&self, undo: Undo) -> Result<Done, Error>;

    /// Writes a reader's report down, unless it changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NoComment`] where there is no such comment; else as [`Store::record`].
    async fn report(&self, report: ReportComment) -> Result<Reported, Error>;

    /// Writes an author's appeal down.
    ///
    /// # Errors
    ///
    /// As [`Store::on_item`].
    async fn appeal(&self, appeal: AppealDecision) -> Result<Reviewed, Error>;

    /// Returns what stands beside a comment for review: nothing where there is no such comment.
    async fn beside(&self, site_id: &SiteId, comment_id: &CommentId, max: usize) -> Result<Beside, Error>;

    /// Returns the heads of those of an author's comments that were ruled on, the latest verdict first, at most `max`;
    /// verdicts that were taken back don't count.
    async fn ruled_on(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<CommentHead>, Error>;

    /// Takes the words of comments out of every answer and every index; what was decided stays. When this returns, that it
    /// happened is on disk, and sooner or later the words will be in no file.
    ///
    /// # Errors
    ///
    /// As [`Store::record`].
    async fn erase(&self, erase: Erase) -> Result<Erased, Error>;

    /// Releases the items whose claims have ended at `now`, so that whoever watches hears of it. Claims that have ended count for
    /// nothing even before that; where it can't be done now, it is done later.
    async fn release_ended(&self, now: Timestamp);

    /// Waits until the words of everything that was erased are in no record of the journal. A database's own files may keep
    /// them until they are compacted.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the disk refuses; it is tried again without being asked.
    async fn finish_erasures(&self) -> Result<(), Error>;

    /// Takes the texts of the labels from outside that name an author, and no words of the comments that they are on. When this
    /// returns, that it happened is on disk, and sooner or later the texts will be in no file. Returns on how many comments they were.
    ///
    /// # Errors
    ///
    /// As [`Store::record`].
    async fn erase_labels(&self, erase: EraseLabels) -> Result<usize, Error>;

    /// Lists comments on which a label from outside names an author, at most `max`; they need not be here.
    async fn labelled_of(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<CommentId>, Error>;

    /// Lists comments of which any revision is an author's and that have words, at most `max`.
    async fn comments_of(&self, site_id: &SiteId, author_id: &AuthorId, max: usize) -> Result<Vec<CommentId>, Error>;

    /// Returns a comment's head, or `None` where there is none of that id.
    async fn head(&self, site_id: &SiteId, comment_id: &CommentId) -> Result<Option<CommentHead>, Error>;

    /// Says of each queue of a site how much waits in it; costs the same however many comments there are.
    async fn queues(&self, site_id: &SiteId, now: Timestamp) -> Result<Vec<QueueSummary>, Error>;

    /// Returns one page of a queue's items, claimed ones too.
    async fn items(&self, query: ItemQuery) -> Result<ItemPage, Error>;

    /// Returns what is known of an author on a site; all zero where nobody of that id has sent anything.
    async fn author(&self, site_id: &SiteId, author_id: &AuthorId) -> Result<AuthorRecord, Error>;

    /// Makes a document the next version of the policy of a site or of an article.
    ///
    /// # Errors
    ///
    /// [`Error::StalePolicy`] where the editor saw another version than the newest; else as [`Store::record`].
    async fn set_policy(&self, set: SetPolicy) -> Result<PolicyVersion, Error>;

    /// Returns the newest version of every policy, of sites and of articles.
    async fn policies(&self) -> Result<Vec<PolicyVersion>, Error>;

    /// Returns versions of one policy, the newest first: at most `limit` of those below `before`.
    async fn policy_versions(
        &self,
        site_id: &SiteId,
        article_id: Option<&ArticleId>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<PolicyVersion>, Error>;

    /// Returns one page of a site's campaigns of several comments of which some wait, with their newest comments.
    async fn campaigns(&self, query: CampaignQuery) -> Result<CampaignPage, Error>;

    /// Says how large a campaign is; `None` where it has no comments.
    async fn campaign(&self, site_id: &SiteId, campaign: u64) -> Result<Option<CampaignSummary>, Error>;

    /// Returns one page of a campaign's comments.
    async fn members(&self, query: MembersQuery) -> Result<Members, Error>;

    /// Sets what happens to further texts of a campaign.
    ///
    /// # Errors
    ///
    /// [`Error::NoCampaign`] where there is no such campaign; else as [`Store::record`].
    async fn set_campaign_rule(&self, set: SetCampaignRule) -> Result<(), Error>;

    /// Returns one page of the history of a comment, an author or a moderator.
    async fn history(&self, query: HistoryQuery) -> Result<HistoryPage, Error>;

    /// Lists the comments of a queue that a moderator holds.
    async fn held_by(
        &self,
        site_id: &SiteId,
        queue: &QueueId,
        moderator_id: &ModeratorId,
    ) -> Result<Vec<CommentId>, Error>;

    /// Returns a reader of what becomes of a queue's items behind `after_seq`, the steps to come included.
    fn moves(&self, site_id: &SiteId, queue: &QueueId, after_seq: u64) -> Box<dyn Moves>;

    /// Defines a queue, or defines it anew. Whatever waits and meets its conditions is in it when this returns; that takes
    /// time with the number of items that wait on the site.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyQueues`] where the site has as many as may be; else as [`Store::record`].
    async fn set_queue(&self, set: SetQueue) -> Result<DefinedQueue, Error>;

    /// Does away with a queue; its items wait on where they wait.
    ///
    /// # Errors
    ///
    /// [`Error::NoQueue`] where nobody has defined it; else as [`Store::record`].
    async fn delete_queue(&self, delete: DeleteQueue) -> Result<(), Error>;

    /// Returns the queues that editors have defined on a site, by their names.
    async fn defined_queues(&self, site_id: &SiteId) -> Result<Vec<DefinedQueue>, Error>;

    /// Returns the number of the last event that is on disk, or 0.
    fn last_seq(&self) -> u64;

    /// Returns where the chain of the journal ends, on disk; while the state is being brought back, [`Error::Unavailable`].
    async fn journal_head(&self) -> Result<Head, Error>;

    /// Keeps a token.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyTokens`] where there are as many as may be; else as [`Store::record`].
    async fn create_token(&self, create: CreateToken) -> Result<(), Error>;

    /// Keeps a token no longer.
    ///
    /// # Errors
    ///
    /// [`Error::NoToken`] where there is none of that id, [`Error::LastAdmin`] where it is the last one of an admin and one
    /// is to be kept; else as [`Store::record`].
    async fn revoke_token(&self, revoke: RevokeToken) -> Result<(), Error>;

    /// Returns all tokens that were not revoked, expired ones too.
    async fn tokens(&self) -> Result<Vec<Token>, Error>;

    /// Keeps a model's file under its hash. It is on disk when this returns, but no model yet: [`Store::change_models`] makes
    /// it one.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`] where the disk refuses.
    async fn keep_model_file(&self, bytes: Vec<u8>) -> Result<ModelHash, Error>;

    /// Returns a model's file, as it was uploaded.
    ///
    /// # Errors
    ///
    /// [`Error::ModelDamaged`] where it is not there any more, or not as it was.
    async fn model_file(&self, hash: ModelHash) -> Result<Vec<u8>, Error>;

    /// Changes something about models, unless it is so already; returns how they stand then.
    ///
    /// # Errors
    ///
    /// [`Error::NoModel`], [`Error::TooManyModels`], [`Error::StaleChampion`], [`Error::NothingToRollBack`],
    /// [`Error::ShadowOfItself`] and [`Error::ModelNeeded`] as their names say; else as [`Store::record`].
    async fn change_models(&self, change: ChangeModels) -> Result<Registry, Error>;

    /// Has a comment wait for a person where the challenger in the shadow would have decided otherwise, unless nobody needs to
    /// look ([`crate::domain::disagreement::disagree`]); returns whether it does.
    ///
    /// # Errors
    ///
    /// As [`Store::record`].
    async fn disagree(&self, disagree: Disagree) -> Result<bool, Error>;

    /// Returns the models that are kept, and which are at work.
    async fn models(&self) -> Result<Registry, Error>;

    /// Keeps a label that came in from outside. When this returns, it is on disk.
    ///
    /// # Errors
    ///
    /// As [`Store::record`].
    async fn keep_label(&self, keep: KeepLabel) -> Result<Kept, Error>;

    /// Returns one page of the labels that came in from outside and were not erased.
    async fn labels(&self, query: LabelQuery) -> Result<LabelPage, Error>;

    /// Returns a reader of all events behind `after_seq`, those to come included; 0 begins with the first.
    fn events(&self, after_seq: u64) -> Box<dyn Events>;

    /// Returns a reader of events as [`Store::events`] does, for whoever needs nothing of what people wrote: texts, names and
    /// fingerprints may be missing as if they were erased.
    fn events_without_words(&self, after_seq: u64) -> Box<dyn Events> {
        self.events(after_seq)
    }

    /// Waits for every write that was taken on, flushes and closes. Later writes are refused.
    async fn close(&self) -> Result<(), Error>;
}
