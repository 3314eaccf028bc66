//! What the reviewer asks of the server, and what the server answers.

use crate::domain::Attribute;
use crate::grpc::pb;

/// A verdict as the moderator gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) approved: bool,
    /// Whether the comment carries these attributes, in the order of attributes.
    pub(crate) labels: Vec<(Attribute, bool)>,
}

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// How much waits.
    Queues,
    /// Hold what is claimed in this queue by a stream of its own, until it is another queue's turn.
    Hold {
        queue: String,
    },
    /// So many items.
    Claim {
        queue: String,
        items_max: usize,
    },
    /// An item as it is now, with all that stands around it.
    Look {
        id: String,
    },
    Renew {
        id: String,
    },
    Release {
        id: String,
    },
    Skip {
        id: String,
    },
    Settle {
        id: String,
        version: u64,
        ruling: Ruling,
    },
    SettleMany {
        items: Vec<(String, u64)>,
        ruling: Ruling,
    },
    Undo {
        action_id: u64,
    },
}

impl Ask {
    /// Returns whether it does something that mustn't be left in doubt.
    pub(crate) fn is_act(&self) -> bool {
        matches!(self, Self::Skip { .. } | Self::Settle { .. } | Self::SettleMany { .. } | Self::Undo { .. })
    }

    /// Returns the items that it is about.
    pub(crate) fn ids(&self) -> Vec<&str> {
        match self {
            Self::Queues | Self::Hold { .. } | Self::Claim { .. } | Self::Undo { .. } => Vec::new(),
            Self::Look { id }
            | Self::Renew { id }
            | Self::Release { id }
            | Self::Skip { id }
            | Self::Settle { id, .. } => vec![id],
            Self::SettleMany { items, .. } => items.iter().map(|(id, _)| id.as_str()).collect(),
        }
    }
}

/// The reason of a refusal that comes of a server that doesn't answer.
pub(crate) const UNREACHABLE: &str = "UNREACHABLE";

/// What the server answers.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Queues(Vec<pb::Queue>),
    /// Items of a queue, held until a time.
    Claimed {
        queue: String,
        items: Vec<pb::ReviewItem>,
        until: i64,
    },
    /// An item as it is now, with all that stands around it.
    Dossier(Box<pb::GetReviewItemResponse>),
    Renewed {
        id: String,
        until: i64,
    },
    Released {
        id: String,
    },
    Skipped {
        id: String,
    },
    Settled {
        ids: Vec<String>,
        action_id: u64,
        ruling: Ruling,
    },
    Undone {
        action_id: u64,
        items: u32,
        left: u32,
    },
    /// Something happened in a queue to an item that somebody may look at.
    Changed {
        queue: String,
        id: String,
    },
    /// Something came to wait in a queue.
    Entered {
        queue: String,
    },
    /// Nobody knows whether a verdict was taken in; it is being sent again.
    Unanswered,
    /// Something else happened in a queue, after which its counts are others.
    Counted,
    /// The server refused, or didn't answer.
    Refused {
        ask: Ask,
        reason: String,
        message: String,
    },
}
