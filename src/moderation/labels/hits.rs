//! Hits of word lists where none were counted when the comment came in: only a house model asks for them, and the first one of all
//! is to learn from them too.

use super::Exported;
use crate::moderation::Error;
use crate::moderation::ruling::word_hits;
use crate::moderation::scoring::guarded;
use crate::policy::PolicyBook;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Counts the hits of the policies in force now in the labels beside which it says that they weren't counted yet. A text over
/// which a policy fails has none.
pub(super) async fn count(book: Arc<PolicyBook>, mut told: Vec<(bool, Exported)>) -> Result<Vec<Exported>, Error> {
    if told.iter().all(|(counted, _)| *counted) {
        return Ok(told.into_iter().map(|(_, exported)| exported).collect());
    }
    let count = move || {
        for (_, Exported { label, .. }) in told.iter_mut().filter(|(counted, _)| !counted) {
            let Some(article_id) = &label.article_id else { continue };
            let policy = book.get(&label.site_id, article_id);
            let hits = guarded(|| word_hits(policy, label.text.as_str()));
            label.circumstances.word_hits = hits.unwrap_or_default();
        }
        told.into_iter().map(|(_, exported)| exported).collect()
    };
    spawn_blocking(count).await.map_err(|_panicked| Error::ScoringFailed)
}
