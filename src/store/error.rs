//! What goes wrong while remembering.

use crate::domain::{CommentId, ErrorKind, ModelHash, QueueName, TokenId, Violation, model::Need, review::Refusal};
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// A failure of the store. No text, name or key of a comment is ever in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The writer has as many writes waiting as it may.
    #[error("{waiting} writes wait already, as many as may")]
    QueueFull {
        /// How many wait.
        waiting: usize,
    },
    /// The disk refuses to take more, for now.
    #[error("cannot write to {}", path.display())]
    Unavailable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// An edit names another article than the comment's own.
    #[error("the comment hangs on another article")]
    OtherArticle,
    /// The comment was erased, so that nothing new may come under its id.
    #[error("the comment was erased: a new comment needs an id of its own")]
    Erased,
    /// There is no such comment.
    #[error("there is no comment of that id on this site")]
    NoComment,
    /// The rules of review refuse what a moderator wants.
    #[error("{}", refused(.0))]
    Review(Refusal),
    /// The rules of review refuse one of several items, so that nothing was done.
    #[error("of the items, one can't be ruled on, so none was: {}", refused(refusal))]
    ReviewOf {
        /// Which.
        comment_id: CommentId,
        /// Why.
        refusal: Refusal,
    },
    /// More items than one action may have.
    #[error("there are more than {items_max} items, more than one action may have")]
    TooMany {
        /// How many it may have.
        items_max: usize,
    },
    /// The comment does not fit into one record.
    #[error("the record would have {bytes} bytes, at most {bytes_max} are possible")]
    TooLarge {
        /// How many bytes it would have.
        bytes: usize,
        /// How many are possible.
        bytes_max: usize,
    },
    /// The policy has another version than the one that the editor saw.
    #[error("the policy has been set again since you saw it: it has version {version} now; look at it again")]
    StalePolicy {
        /// The version that it has.
        version: u64,
    },
    /// There is no such campaign.
    #[error("there is no campaign of that number on this site; its comments may have been edited or erased")]
    NoCampaign {
        /// The number that was asked for.
        campaign: u64,
    },
    /// Nobody has defined such a queue.
    #[error("nobody has defined a queue of that name on this site")]
    NoQueue {
        /// The name that was asked for.
        name: QueueName,
    },
    /// The site has as many defined queues as may be.
    #[error("the site has {queues_max} queues that were defined, as many as may be; delete those that nobody needs")]
    TooManyQueues {
        /// How many there may be.
        queues_max: usize,
    },
    /// There is no such token.
    #[error("there is no token of that id; it may have been revoked")]
    NoToken {
        /// The id that was asked for.
        token_id: TokenId,
    },
    /// There are as many tokens as may be.
    #[error("there are {tokens_max} tokens, as many as may be; revoke those that nobody needs")]
    TooManyTokens {
        /// How many there may be.
        tokens_max: usize,
    },
    /// The first token of an admin is bound to a site, so that nobody could do anything about the others.
    #[error("the first token of an admin must be good for all sites; make one without a site first")]
    FirstAdminBound,
    /// It is the last token of an admin.
    #[error(
        "it is the last token of an admin of all sites that lasts, without which nobody could make another; make that first"
    )]
    LastAdmin,
    /// There is no such model.
    #[error("there is no model of that hash; list the models that there are")]
    NoModel {
        /// The hash that was asked for.
        hash: ModelHash,
    },
    /// There are as many models as may be.
    #[error(
        "there are {models_max} models, as many as may be; `ombud models remove HASH` (RemoveModel) does away with one that nobody needs"
    )]
    TooManyModels {
        /// How many there may be.
        models_max: usize,
    },
    /// Another model has become the champion since the caller looked.
    #[error("another model has become the champion since you looked; look again before you change it")]
    StaleChampion {
        /// The champion now; `None` is the base model alone.
        champion: Option<ModelHash>,
    },
    /// No promotion is left that could be taken back.
    #[error("there is no promotion to take back: the base model decides, or what came before is no longer remembered")]
    NothingToRollBack,
    /// The champion can't be in its own shadow.
    #[error("the model is the champion already; a shadow is for one that isn't")]
    ShadowOfItself,
    /// The model is at work, or may be again.
    #[error("the model can't be removed: {need}")]
    ModelNeeded {
        /// What for.
        need: Need,
    },
    /// A model's file is not as it was uploaded.
    #[error("{}: the model's file {what}; upload the model again, or roll back", path.display())]
    ModelDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// What became of a queue's items so long ago is no longer kept.
    #[error("steps of a queue behind event {after_seq} are no longer kept: watch from now on, and list the queue")]
    StepsGone {
        /// The event behind which they were asked for.
        after_seq: u64,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Another process has the directory open.
    #[error("another process has {} open", path.display())]
    Locked {
        /// The data directory.
        path: PathBuf,
    },
    /// A journal record is not as it was written.
    #[error("{}: damaged at byte {offset}, event {seq}: {what}", path.display())]
    JournalDamaged {
        /// The segment file.
        path: PathBuf,
        /// Where the damaged record begins, in bytes.
        offset: u64,
        /// The number of the event that should stand there.
        seq: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Something of the journal, or beside it, is not as it should be.
    #[error("{}: the journal is not whole", path.display())]
    JournalNotWhole {
        /// The file or folder.
        path: PathBuf,
    },
    /// A file is of a version that this program does not know.
    #[error("{}: written in format {found}, this program reads formats up to {known}", path.display())]
    UnknownVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest known version.
        known: u32,
    },
    /// The state database is not as it was written; it can be rebuilt from the journal.
    #[error("the state database is damaged: {what}")]
    StateDamaged {
        /// What is wrong.
        what: String,
    },
    /// A file or folder could not be opened, read or made.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// Returns what the caller can do about this failure.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::QueueFull { .. } => {
                ErrorKind::Overloaded { reason: "WRITER_QUEUE_FULL", retry_after: Duration::from_millis(100) }
            }
            Self::Unavailable { .. } => {
                ErrorKind::Unavailable { reason: "STORE_UNAVAILABLE", retry_after: Duration::from_secs(5) }
            }
            Self::Closed => ErrorKind::Unavailable { reason: "SHUTTING_DOWN", retry_after: Duration::from_secs(1) },
            Self::OtherArticle => ErrorKind::Conflict { reason: "OTHER_ARTICLE", facts: Vec::new() },
            Self::Erased => ErrorKind::Conflict { reason: "COMMENT_ERASED", facts: Vec::new() },
            Self::NoComment => ErrorKind::NotFound { resource: "comment", id: String::new() },
            Self::Review(refusal) => conflict(refusal),
            Self::ReviewOf { comment_id, refusal } => match conflict(refusal) {
                ErrorKind::Conflict { reason, mut facts } => {
                    facts.push(("comment_id", comment_id.to_string()));
                    ErrorKind::Conflict { reason, facts }
                }
                kind => kind,
            },
            Self::StalePolicy { version } => {
                let facts = vec![("version", version.to_string())];
                ErrorKind::Conflict { reason: "STALE_POLICY", facts }
            }
            Self::NoCampaign { campaign } => ErrorKind::NotFound { resource: "campaign", id: campaign.to_string() },
            Self::NoQueue { name } => ErrorKind::NotFound { resource: "queue", id: name.to_string() },
            Self::TooManyQueues { .. } => ErrorKind::Conflict { reason: "TOO_MANY_QUEUES", facts: Vec::new() },
            Self::NoToken { token_id } => ErrorKind::NotFound { resource: "token", id: token_id.to_string() },
            Self::TooManyTokens { .. } => ErrorKind::Conflict { reason: "TOO_MANY_TOKENS", facts: Vec::new() },
            Self::NoModel { hash } => ErrorKind::NotFound { resource: "model", id: hash.to_string() },
            Self::TooManyModels { .. } => ErrorKind::Conflict { reason: "TOO_MANY_MODELS", facts: Vec::new() },
            Self::StaleChampion { champion } => {
                let champion = champion.map(|hash| hash.to_string()).unwrap_or_default();
                ErrorKind::Conflict { reason: "STALE_CHAMPION", facts: vec![("champion", champion)] }
            }
            Self::NothingToRollBack => ErrorKind::Conflict { reason: "NOTHING_TO_ROLL_BACK", facts: Vec::new() },
            Self::ShadowOfItself => ErrorKind::Conflict { reason: "MODEL_IS_CHAMPION", facts: Vec::new() },
            Self::ModelNeeded { need } => {
                ErrorKind::Conflict { reason: "MODEL_NEEDED", facts: vec![("needed_as", need.name().to_owned())] }
            }
            Self::ModelDamaged { .. } => ErrorKind::Conflict { reason: "MODEL_DAMAGED", facts: Vec::new() },
            Self::StepsGone { .. } => ErrorKind::Conflict { reason: "STEPS_NOT_KEPT", facts: Vec::new() },
            Self::FirstAdminBound => ErrorKind::Conflict { reason: "FIRST_ADMIN_BOUND", facts: Vec::new() },
            Self::LastAdmin => ErrorKind::Conflict { reason: "LAST_ADMIN_TOKEN", facts: Vec::new() },
            Self::TooMany { items_max } => {
                let sentence = format!("There are more than {items_max} items; rule on fewer at once.");
                ErrorKind::Invalid(vec![Violation::new("which", sentence)])
            }
            Self::TooLarge { .. } => {
                ErrorKind::Invalid(vec![Violation::new("text", "The text is too long to be kept.")])
            }
            Self::Locked { .. }
            | Self::JournalDamaged { .. }
            | Self::JournalNotWhole { .. }
            | Self::UnknownVersion { .. }
            | Self::StateDamaged { .. }
            | Self::Io { .. } => ErrorKind::Internal,
        }
    }
}

/// Names a refusal for programs, with what is so now.
fn conflict(refusal: &Refusal) -> ErrorKind {
    let (reason, facts) = match refusal {
        Refusal::NotWaiting { .. } => ("ITEM_NOT_WAITING", Vec::new()),
        Refusal::ClaimedByAnother { expires_at, .. } => {
            ("CLAIMED_BY_ANOTHER", vec![("expires_at_micros", expires_at.as_micros().to_string())])
        }
        Refusal::NotClaimed => ("NOT_CLAIMED", Vec::new()),
        Refusal::StaleVersion { version, .. } => ("STALE_VERSION", vec![("version", version.to_string())]),
        Refusal::NothingToUndo => ("NOTHING_TO_UNDO", Vec::new()),
        Refusal::AppealOfOwnVerdict => ("APPEAL_OF_OWN_VERDICT", Vec::new()),
        Refusal::AlreadyEscalated => ("ALREADY_ESCALATED", Vec::new()),
        Refusal::NotRejected => ("NOT_REJECTED", Vec::new()),
        Refusal::AlreadyAppealed => ("ALREADY_APPEALED", Vec::new()),
        Refusal::NotTheAuthor => ("NOT_THE_AUTHOR", Vec::new()),
        Refusal::Erased => ("COMMENT_ERASED", Vec::new()),
    };
    ErrorKind::Conflict { reason, facts }
}

/// Says why review refuses, and what to do next.
fn refused(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotWaiting { settled_by: Some(_) } => "the comment no longer waits: a moderator has ruled on it",
        Refusal::NotWaiting { settled_by: None } => "the comment does not wait for a moderator",
        Refusal::ClaimedByAnother { .. } => "another moderator holds the item",
        Refusal::NotClaimed => "you do not hold the item, or no longer: claim it again",
        Refusal::StaleVersion { seen, version } if seen > version => {
            "no such version of the comment was given out yet: look at it again"
        }
        Refusal::StaleVersion { .. } => "the comment has changed since you saw it: look at it again",
        Refusal::Erased => "the comment was erased",
        Refusal::NothingToUndo => "there is no such verdict, or something has come after it",
        Refusal::AppealOfOwnVerdict => "the appeal is of your own verdict: another moderator must look at it",
        Refusal::AlreadyEscalated => "the item has been escalated already",
        Refusal::NotRejected => "the comment is not rejected, so there is nothing to appeal",
        Refusal::AlreadyAppealed => "the rejection has been appealed already",
        Refusal::NotTheAuthor => "the comment is by another author",
    }
}

/// Says that the disk refuses for now.
pub(super) fn unavailable(path: &Path, source: io::Error) -> Error {
    Error::Unavailable { path: path.to_owned(), source }
}

impl Error {
    /// Returns a second error of the same meaning, for everyone who waits on the same write.
    pub(super) fn to_unavailable(&self, path: &Path) -> Self {
        let (path, source) = match self {
            Self::Unavailable { path, source } | Self::Io { path, source } => (path.as_path(), Some(source)),
            _ => (path, None),
        };
        let source = match source {
            Some(source) => match source.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::from(source.kind()),
            },
            None => io::Error::other(self.to_string()),
        };
        unavailable(path, source)
    }
}
