//! Labels that came in from outside, in the state: each under its comment, which need not be here.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{LABELS, State, keys};
use crate::domain::{Action, AuthorId, CommentId, Event, KeptLabel, SiteId};
use crate::store::{
    Error,
    labels::{LabelPage, LabelPlace, LabelQuery},
    record::{self, LabelsOf},
};
use std::{collections::BTreeMap, ops::Bound};

/// What a label takes in an answer besides its text and ids, in bytes, at most.
const FIXED_BYTES: usize = 512;

impl State {
    /// Returns what is known of a comment's labels.
    pub(in crate::store) fn labels_of(&self, comment_key: &[u8]) -> Result<Option<LabelsOf>, Error> {
        let key = keys::labels(comment_key);
        let Some(value) = self.tree.get(&key).map_err(|error| self.error(error))? else { return Ok(None) };
        let labels = record::decode_labels_of(unseal(&key, &value)?);
        labels.map(Some).map_err(|_| damaged("what is known of a comment's labels cannot be read"))
    }

    fn label(&self, key: &[u8]) -> Result<Option<KeptLabel>, Error> {
        let Some(value) = self.tree.get(key).map_err(|error| self.error(error))? else { return Ok(None) };
        decode(key, &value).map(Some)
    }

    /// Lists the labels of a comment with their keys.
    fn labels_beside(&self, comment_key: &[u8]) -> Result<Vec<(Vec<u8>, KeptLabel)>, Error> {
        let prefix = keys::labels(comment_key);
        let mut found = Vec::new();
        for entry in self.tree.scan_prefix(&prefix) {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            if key.len() > prefix.len() {
                found.push((key.to_vec(), decode(&key, &value)?));
            }
        }
        Ok(found)
    }

    /// Returns one page of labels.
    pub(in crate::store) fn labels(&self, query: &LabelQuery) -> Result<LabelPage, Error> {
        let prefix = keys::labels_of_site(query.site_id.as_ref());
        let begin = match &query.after {
            Some(LabelPlace(after)) if after.starts_with(&prefix) => Bound::Excluded(after.clone()),
            _ => Bound::Included(prefix.clone()),
        };
        let (mut labels, mut bytes, mut last) = (Vec::new(), 0, None);
        for entry in self.tree.range((begin, Bound::Unbounded)) {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            if !key.starts_with(&prefix) {
                break;
            }
            if keys::is_labels_of(&key) {
                continue;
            }
            bytes += value.len() + FIXED_BYTES;
            if labels.len() >= query.limit || (bytes > query.bytes_max && !labels.is_empty()) {
                return Ok(LabelPage { labels, next_after: last.map(LabelPlace) });
            }
            labels.push(decode(&key, &value)?);
            last = Some(key.to_vec());
        }
        Ok(LabelPage { labels, next_after: None })
    }

    /// Lists the comments of which a label names an author, at most `max`. It reads all labels of the site.
    pub(in crate::store) fn labelled_of(
        &self,
        site_id: &SiteId,
        author_id: &AuthorId,
        max: usize,
    ) -> Result<Vec<CommentId>, Error> {
        let mut comments: Vec<CommentId> = Vec::new();
        for entry in self.tree.scan_prefix(keys::labels_of_site(Some(site_id))) {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            if keys::is_labels_of(&key) {
                continue;
            }
            let label = decode(&key, &value)?.label;
            // Labels of a comment lie side by side.
            if label.author_id.as_ref() == Some(author_id) && comments.last() != Some(&label.comment_id) {
                comments.push(label.comment_id);
            }
            if comments.len() >= max {
                break;
            }
        }
        Ok(comments)
    }
}

fn decode(key: &[u8], value: &[u8]) -> Result<KeptLabel, Error> {
    record::decode_label(unseal(key, value)?).map_err(|_| damaged("a label cannot be read"))
}

/// What an edit changes about labels, by their keys; `None` for one that is gone.
#[derive(Default)]
pub(super) struct Changed {
    labels: BTreeMap<Vec<u8>, Option<KeptLabel>>,
    of: BTreeMap<Vec<u8>, LabelsOf>,
}

impl Edit<'_> {
    /// Returns what is known of a comment's labels, with this edit's own changes in it.
    pub(in crate::store) fn labels_of(&self, comment_key: &[u8]) -> Result<Option<LabelsOf>, Error> {
        match self.labels.of.get(comment_key) {
            Some(of) => Ok(Some(*of)),
            None => self.state.labels_of(comment_key),
        }
    }

    /// Returns a label by its key, this edit's own among them.
    pub(in crate::store) fn label(&self, key: &[u8]) -> Result<Option<KeptLabel>, Error> {
        match self.labels.labels.get(key) {
            Some(label) => Ok(label.clone()),
            None => self.state.label(key),
        }
    }

    /// Lists the labels of a comment with their keys, with this edit's own changes in them.
    pub(in crate::store) fn labels_beside(&self, comment_key: &[u8]) -> Result<Vec<(Vec<u8>, KeptLabel)>, Error> {
        let mut found: BTreeMap<Vec<u8>, KeptLabel> = self.state.labels_beside(comment_key)?.into_iter().collect();
        let prefix = keys::labels(comment_key);
        let own = self.labels.labels.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        for (key, label) in own {
            match label {
                Some(label) => drop(found.insert(key.clone(), label.clone())),
                None => drop(found.remove(key)),
            }
        }
        Ok(found.into_iter().collect())
    }

    /// Keeps a label, or lets go of those of a comment that was erased.
    pub(super) fn change_labels(&mut self, seq: u64, event: &Event, action: &Action) -> Result<(), Error> {
        match event {
            Event::LabelKept { label } => {
                let comment_key = keys::comment(&label.site_id, &label.comment_id);
                let of = self.labels_of(&comment_key)?;
                if of.is_none() {
                    self.note_labels(&comment_key, None, LabelsOf { first_seq: seq, erased: false });
                }
                let key = keys::label(&comment_key, label);
                let before = self.label(&key)?;
                // Where the journal has lost the text to an erasure that is still to come, nothing is kept, nor what it replaced.
                let kept = (!label.text.is_empty()).then(|| KeptLabel {
                    seq,
                    kept_at: action.at,
                    label: Box::clone(label).as_ref().clone(),
                });
                if before.is_some() || kept.is_some() {
                    self.put_label(key, before.as_ref(), kept);
                }
            }
            Event::CommentErased { site_id, comment_id } => {
                let comment_key = keys::comment(site_id, comment_id);
                let Some(of) = self.labels_of(&comment_key)? else { return Ok(()) };
                for (key, before) in self.labels_beside(&comment_key)? {
                    self.put_label(key, Some(&before), None);
                }
                self.note_labels(&comment_key, Some(of), LabelsOf { erased: true, ..of });
                self.note_erasure(action.last_seq(), &comment_key, None);
            }
            Event::LabelsErased { site_id, comment_id, author_id } => {
                let comment_key = keys::comment(site_id, comment_id);
                for (key, before) in self.labels_beside(&comment_key)? {
                    if before.label.author_id.as_ref() == Some(author_id) {
                        self.put_label(key, Some(&before), None);
                    }
                }
                self.note_erasure(action.last_seq(), &comment_key, Some(author_id));
            }
            _ => {}
        }
        Ok(())
    }

    fn put_label(&mut self, key: Vec<u8>, before: Option<&KeptLabel>, after: Option<KeptLabel>) {
        let seal = |kept: &KeptLabel| value::seal(&key, 300, |out| record::encode_label(kept, out));
        let (old, new) = (before.map(seal), after.as_ref().map(seal));
        self.put(LABELS, key.clone(), old.as_deref(), new);
        self.labels.labels.insert(key, after);
    }

    fn note_labels(&mut self, comment_key: &[u8], before: Option<LabelsOf>, after: LabelsOf) {
        let key = keys::labels(comment_key);
        let seal = |of| value::seal(&key, 16, |out| record::encode_labels_of(of, out));
        let (old, new) = (before.map(seal), seal(after));
        self.put(LABELS, key.clone(), old.as_deref(), Some(new));
        self.labels.of.insert(comment_key.to_vec(), after);
    }
}
