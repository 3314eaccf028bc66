//! Queues that editors define, as the store takes them.

use crate::domain::{ModeratorId, QueueName, SiteId, Timestamp, queue::Conditions};

/// A queue that is to be defined, or defined anew.
#[derive(Debug, Clone)]
pub struct SetQueue {
    /// The site.
    pub site_id: SiteId,
    /// Its name, which must not be that of a queue that items wait in.
    pub name: QueueName,
    /// What it shows.
    pub conditions: Conditions,
    /// Who defines it.
    pub editor_id: ModeratorId,
    /// The present time.
    pub now: Timestamp,
}

/// A queue that an editor does away with.
#[derive(Debug, Clone)]
pub struct DeleteQueue {
    /// The site.
    pub site_id: SiteId,
    /// Its name.
    pub name: QueueName,
    /// Who does away with it.
    pub editor_id: ModeratorId,
    /// The present time.
    pub now: Timestamp,
}
