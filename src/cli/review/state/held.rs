//! One comment that is held.

use crate::cli::output::{shorten, visible};
use crate::domain::Attribute;
use crate::grpc::pb;

/// Characters of a name and of a text that the status line quotes.
const NAME_CHARS: usize = 16;
const TEXT_CHARS: usize = 24;

/// One item that is held.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) item: pb::ReviewItem,
    /// What stands around it, once the server has told.
    pub(crate) dossier: Option<Box<pb::GetReviewItemResponse>>,
    /// What the next verdict on it says of attributes, in their order.
    pub(crate) labels: Vec<(Attribute, bool)>,
    /// Until when.
    pub(crate) until: i64,
    /// Whether something was asked about it that isn't answered yet.
    pub(crate) busy: bool,
    /// Whether a renewal was asked for that isn't answered yet.
    pub(super) renewing: bool,
    /// When to ask again what stands around it; nothing where it is known, or asked for.
    pub(super) look_at: Option<i64>,
}

impl Held {
    pub(super) fn new(item: pb::ReviewItem, until: i64) -> Self {
        let comment = item.revision.as_ref().and_then(|revision| revision.comment.as_ref());
        let id = comment.map(|comment| comment.comment_id.clone()).unwrap_or_default();
        let (version, dossier, labels) = (item.version, None, Vec::new());
        Self { id, version, item, dossier, labels, until, busy: false, renewing: false, look_at: None }
    }

    /// Returns the text that is ruled on, and who wrote it.
    pub(crate) fn comment(&self) -> pb::Comment {
        self.item.revision.as_ref().and_then(|revision| revision.comment.clone()).unwrap_or_default()
    }

    /// Returns the decision in force.
    pub(crate) fn decision(&self) -> pb::Decision {
        self.item.revision.as_ref().and_then(|revision| revision.decision.clone()).unwrap_or_default()
    }

    /// Says in few words which comment it is.
    pub(super) fn called(&self) -> String {
        let comment = self.comment();
        let name = comment.author.unwrap_or_default().name;
        let name = if name.is_empty() { "no name".to_owned() } else { shorten(&visible(&name), NAME_CHARS) };
        format!("{name}, “{}”", shorten(&visible(&comment.text), TEXT_CHARS))
    }

    /// Says of an attribute that the comment carries it, then that it doesn't, then nothing.
    pub(super) fn label(&mut self, attribute: Attribute) {
        match self.labels.binary_search_by_key(&attribute, |(labelled, _)| *labelled) {
            Ok(at) if self.labels[at].1 => self.labels[at].1 = false,
            Ok(at) => drop(self.labels.remove(at)),
            Err(at) => self.labels.insert(at, (attribute, true)),
        }
    }
}

/// Says which labels were given, such as `INSULT yes, SPAM no`; nothing where none were.
pub(crate) fn told_labels(labels: &[(Attribute, bool)]) -> String {
    let told = |(attribute, truth): &(Attribute, bool)| format!("{attribute} {}", if *truth { "yes" } else { "no" });
    labels.iter().map(told).collect::<Vec<_>>().join(", ")
}
