//! The nouns of comment moderation and the rules that join them.
//!
//! In come plain values and commands; out go events, refusals and new states. Nothing here reads a clock, a file
//! or a random number, is async, or knows a wire or storage format: the present time is always an argument.
//!
//! Start reading at [`comment`], then [`decision`], then [`submit`] and [`review`], which hold the pure functions that
//! every store engine obeys; [`report`], [`appeal`] and [`audit`] say how else a comment comes to wait for a person,
//! [`queue`] how editors look at what waits.

pub mod appeal;
pub mod attribute;
pub mod audit;
pub mod author;
pub mod campaign;
pub mod comment;
pub mod decision;
pub mod disagreement;
pub mod erase;
pub mod error;
pub mod event;
pub mod fingerprint;
pub mod id;
pub mod interval;
pub mod judgement;
pub mod label;
pub mod language;
pub mod model;
pub mod origin;
pub mod queue;
pub mod report;
pub mod review;
pub mod score;
pub mod submit;
pub mod time;
pub mod token;
pub mod words;

pub use attribute::{Attribute, LIKELY_TO_REJECT, LIKELY_TO_REJECT_KEY};
pub use author::{AuthorChecks, AuthorRecord};
pub use comment::{Author, Comment, Revision};
pub use decision::{Decision, DecisionSource, Outcome, Reason, ReasonCode, Span};
pub use error::{ErrorKind, Violation};
pub use event::{Action, Actor, Event};
pub use fingerprint::Fingerprint;
pub use id::{ArticleId, AuthorId, CommentId, ModeratorId, QueueName, ReporterId, RequestId, SiteId, TokenId};
pub use judgement::{Circumstances, Criterion, HouseScore, Judgement};
pub use label::{Kept, KeptLabel, Label, LabelSource};
pub use language::Language;
pub use model::ModelHash;
pub use origin::Origin;
pub use queue::{DefinedQueue, QueueId};
pub use score::{Score, Scores};
pub use time::Timestamp;
pub use token::{Role, Token, TokenHash};
pub use words::Words;
