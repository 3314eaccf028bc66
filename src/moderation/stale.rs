//! What has changed since a moderator saw an item, where their verdict comes too late.

use super::{Error, Review};
use crate::domain::{CommentId, Event, SiteId, review::Refusal};
use crate::store::{
    self,
    history::{HistoryQuery, Subject},
};

/// How many of a comment's events are looked at; with more, the latest are told.
const EVENTS_MAX: usize = 200;

impl Review {
    /// Adds to the refusal of a stale verdict what has come since, by the comment's history.
    pub(super) async fn tell_changes(&self, site_id: &SiteId, of: Option<&CommentId>, error: store::Error) -> Error {
        let ((store::Error::Review(refusal), Some(comment_id)) | (store::Error::ReviewOf { comment_id, refusal }, _)) =
            (&error, of)
        else {
            return error.into();
        };
        let Refusal::StaleVersion { seen, version } = *refusal else { return error.into() };
        // Nothing has come since a version that there never was.
        if seen > version {
            return error.into();
        }
        let subject = Subject::Comment(comment_id.clone());
        let query = HistoryQuery { site_id: site_id.clone(), subject, before_seq: None, limit: EVENTS_MAX };
        // The refusal holds, whether or not its reason can be told.
        let Ok(history) = self.store.history(query).await else { return error.into() };
        let since = history.events.iter().rev().filter(|event| event.seq > seen);
        let mut changes: Vec<&'static str> = since.filter_map(|event| change(&event.event)).collect();
        changes.dedup();
        Error::Stale { source: error, changes }
    }
}

/// Names what an event changes about a ruling; decisions follow from the event before them.
fn change(event: &Event) -> Option<&'static str> {
    match event {
        Event::CommentSubmitted { .. } => Some("edited"),
        Event::ItemSettled { .. } => Some("settled"),
        Event::VerdictUndone { .. } => Some("undone"),
        Event::DecisionAppealed { .. } => Some("appealed"),
        _ => None,
    }
}
