//! Labels that came in from outside, as the store keeps them: one for each comment, revision, source and moderator.

use super::batch::{Answer, Batch};
use super::sled_engine::keys;
use super::writer::Failure;
use super::{EraseLabels, Erased, Error};
use crate::domain::{Actor, Event, Kept, KeptLabel, Label, SiteId, Timestamp};
use std::collections::BTreeSet;

/// A label that is to be kept.
#[derive(Debug, Clone)]
pub struct KeepLabel {
    /// The label. Its text is never empty.
    pub label: Label,
    /// Who brings it.
    pub by: Actor,
    /// The present time.
    pub now: Timestamp,
}

/// A question for one page of labels that came in from outside, by site, comment, revision, source and moderator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelQuery {
    /// The site; `None` asks for all.
    pub site_id: Option<SiteId>,
    /// Where the page before ended; `None` for the first page.
    pub after: Option<LabelPlace>,
    /// How many labels at most, from 1.
    pub limit: usize,
    /// How many bytes their texts and ids may have together; one always fits.
    pub bytes_max: usize,
}

/// Where a page of labels ends; only the store can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelPlace(pub(super) Vec<u8>);

/// One page of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelPage {
    /// The labels.
    pub labels: Vec<KeptLabel>,
    /// Where the next page starts, or `None` where this is the last.
    pub next_after: Option<LabelPlace>,
}

impl Batch<'_, '_> {
    /// Keeps a label, unless the same one is kept or its comment was erased.
    pub(super) fn keep_label(&mut self, keep: KeepLabel) -> Result<Result<Answer, Error>, Failure> {
        let KeepLabel { label, by, now } = keep;
        let key = keys::comment(&label.site_id, &label.comment_id);
        let head = &self.edit.slot(&key).map_err(Failure::State)?.head;
        let mut erased = head.as_ref().is_some_and(|head| head.current.erased_at.is_some());
        let labels = self.edit.labels_of(&key).map_err(Failure::State)?;
        erased |= labels.is_some_and(|labels| labels.erased);
        if erased {
            return Ok(Ok(Answer::LabelKept(Kept::Erased)));
        }
        let before = self.edit.label(&keys::label(&key, &label)).map_err(Failure::State)?;
        if before.is_some_and(|before| before.label == label) {
            return Ok(Ok(Answer::LabelKept(Kept::Repeated)));
        }
        let acted = self.act(vec![Event::LabelKept { label: Box::new(label) }], by, now)?;
        Ok(acted.map(|_| Answer::LabelKept(Kept::New)))
    }

    /// Erases the labels that name an author. Where they are all that is known of a comment, that is erased as one, so that none of
    /// them comes back by an import.
    pub(super) fn erase_labels(&mut self, erase: EraseLabels) -> Result<Result<Answer, Error>, Failure> {
        let EraseLabels { site_id, author_id, comments, moderator_id, now } = erase;
        let mut events = Vec::new();
        for comment_id in comments.into_iter().collect::<BTreeSet<_>>() {
            let key = keys::comment(&site_id, &comment_id);
            let labels = self.edit.labels_beside(&key).map_err(Failure::State)?;
            let names = |label: &Label| label.author_id.as_ref() == Some(&author_id);
            let named = labels.iter().filter(|(_, kept)| names(&kept.label)).count();
            if named == 0 {
                continue;
            }
            let is_here = self.edit.slot(&key).map_err(Failure::State)?.head.is_some();
            let (site_id, author_id) = (site_id.clone(), author_id.clone());
            events.push(if is_here || named < labels.len() {
                Event::LabelsErased { site_id, comment_id, author_id }
            } else {
                Event::CommentErased { site_id, comment_id }
            });
        }
        let erased = Erased { comments: events.len(), ..Erased::default() };
        if events.is_empty() {
            return Ok(Ok(Answer::Erased(erased)));
        }
        Ok(self.act(events, Actor::Moderator(moderator_id), now)?.map(|_| Answer::Erased(erased)))
    }
}
