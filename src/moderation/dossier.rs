//! All that a ruling on a comment needs, within what an answer may hold.

use super::campaigns::{EXAMPLES_BYTES_MAX, EXAMPLES_MAX};
use super::{ANSWER_BYTES_MAX, Error, Review, refuse};
use crate::domain::{AuthorRecord, CommentId, Revision, report::Report, review::Note, submit::CommentHead};
use crate::store::{Beside, CampaignSummary, MembersQuery};

/// Reports that are shown at most, and notes.
const BESIDE_MAX: usize = 50;
/// Verdicts on the author's comments that are shown at most.
const VERDICTS_MAX: usize = 10;
/// What reports, notes and verdicts weigh at most: a thousand characters of four bytes for each report, two thousand for
/// each note, their ids, and the labels of verdicts.
const BESIDE_BYTES_MAX: usize = BESIDE_MAX * (4 << 10) + BESIDE_MAX * (8 << 10) + (BESIDE_MAX + VERDICTS_MAX) * 1024;

/// A comment and what stands around it.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The comment as review sees it, with the newest revision.
    pub head: CommentHead,
    /// Earlier revisions, oldest first.
    pub earlier: Vec<Revision>,
    /// How many of the oldest revisions were left out.
    pub earlier_omitted: u32,
    /// The newest revision of the comment that this one answers, where it is known.
    pub parent: Option<Revision>,
    /// How the author's comments stand; `None` for an author without an account.
    pub author: Option<AuthorRecord>,
    /// Those of the author's comments that were ruled on, the latest verdict first.
    pub ruled_on: Vec<CommentHead>,
    /// The latest reports, the newest first.
    pub reports: Vec<Report>,
    /// The latest notes, the newest first.
    pub notes: Vec<Note>,
    /// The campaign of the newest text; `None` where its words were erased.
    pub campaign: Option<CampaignSummary>,
    /// Other comments of it, the newest first.
    pub similar: Vec<CommentHead>,
}

impl Review {
    /// Returns a comment with all that a ruling on it needs.
    ///
    /// # Errors
    ///
    /// Says that there is no such comment.
    pub async fn item(&self, site_id: &str, comment_id: &str) -> Result<Dossier, Error> {
        let mut violations = Vec::new();
        let site_id = self.place(site_id, comment_id, &mut violations);
        refuse(violations)?;
        let id = CommentId::new(comment_id);
        let not_found = || Error::CommentNotFound { id: comment_id.to_owned() };
        let head = self.store.head(&site_id, &id).await?.ok_or_else(not_found)?;
        let parent = match &head.current.comment.parent_id {
            Some(parent_id) => self.store.head(&site_id, parent_id).await?.map(|parent| parent.current),
            None => None,
        };
        let taken = BESIDE_BYTES_MAX + EXAMPLES_BYTES_MAX + parent.as_ref().map_or(0, Revision::weight) + head.weight()
            - head.current.weight();
        let stored = self.store.comment(&site_id, &id, ANSWER_BYTES_MAX.saturating_sub(taken)).await?;
        let stored = stored.ok_or_else(not_found)?;
        // An edit that came in between is for the next question.
        let earlier = stored.revisions.into_iter().filter(|revision| revision.number < head.current.number).collect();
        let (author, ruled_on) = match &head.current.comment.author.author_id {
            Some(author_id) => (
                Some(self.store.author(&site_id, author_id).await?),
                self.store.ruled_on(&site_id, author_id, VERDICTS_MAX).await?,
            ),
            None => (None, Vec::new()),
        };
        let Beside { reports, notes } = self.store.beside(&site_id, &id, BESIDE_MAX).await?;
        let campaign = self.store.campaign(&site_id, head.campaign).await?;
        let (campaign_id, limit, bytes_max) = (head.campaign, EXAMPLES_MAX + 1, EXAMPLES_BYTES_MAX);
        let query = MembersQuery { site_id, campaign: campaign_id, before_seq: None, limit, bytes_max };
        let mut similar = self.store.members(query).await?.comments;
        similar.retain(|one| one.first_seq != head.first_seq);
        similar.truncate(EXAMPLES_MAX);
        let earlier_omitted = stored.revisions_omitted;
        Ok(Dossier { head, earlier, earlier_omitted, parent, author, ruled_on, reports, notes, campaign, similar })
    }
}
