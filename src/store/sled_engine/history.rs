//! The events of a comment, an author and a moderator, ready to be listed.
//!
//! Most comments come, are decided on, and nothing more happens to them. So the first two events of a comment are only
//! written here once something follows them; until then they are told from the comment itself.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{HISTORY, State, keys};
use crate::domain::{Action, Actor, Comment, Event, submit::CommentHead};
use crate::store::{
    Error, ListBy, Numbered,
    history::{HistoryPage, HistoryQuery, Subject},
    record,
};
use std::collections::BTreeMap;

/// How many events every comment begins with: it was submitted, and it was decided on.
const FIRST_EVENTS: usize = 2;

impl Edit<'_> {
    /// Writes down what an action did to one comment: for the comment, and for its author.
    pub(super) fn tell_comment(
        &mut self,
        before: Option<&CommentHead>,
        after: &CommentHead,
        action: &Action,
    ) -> Result<(), Error> {
        let comment = &after.current.comment;
        let this = Some((&comment.site_id, &comment.comment_id));
        let events = (action.first_seq..).zip(&action.events).filter(|(_, event)| event.comment() == this);
        let events = events.skip(if before.is_some() { 0 } else { FIRST_EVENTS });
        let events: Vec<(u64, &Event)> = events.collect();
        if events.is_empty() {
            return Ok(());
        }
        let before = before.unwrap_or(after);
        let of_comment = keys::history(&comment.site_id, &Subject::Comment(comment.comment_id.clone()));
        let first = keys::with_seq(of_comment.clone(), before.first_seq);
        if !self.has(&first)? {
            self.told.insert(first);
            for event in first_events(before) {
                self.tell(&of_comment, &event);
            }
        }
        let author_id = comment.author.author_id.clone().or_else(|| before.current.comment.author.author_id.clone());
        let of_author = author_id.map(|id| keys::history(&comment.site_id, &Subject::Author(id)));
        for (seq, event) in events {
            let told = Numbered { seq, at: action.at, actor: action.actor.clone(), event: event.clone() };
            self.tell(&of_comment, &told);
            let is_claim = matches!(event, Event::ItemClaimed { .. } | Event::ItemReleased { .. });
            if let Some(of_author) = of_author.as_ref().filter(|_| !is_claim) {
                self.tell(of_author, &told);
            }
        }
        Ok(())
    }

    /// Writes down what a moderator did; the decisions that follow from it go without saying.
    pub(super) fn tell_moderator(&mut self, action: &Action) {
        let Actor::Moderator(moderator_id) = &action.actor else { return };
        // Labels that somebody brought from elsewhere are nothing that they did here.
        let done = |event: &&Event| !matches!(event, Event::CommentDecided { .. } | Event::LabelKept { .. });
        for (seq, event) in (action.first_seq..).zip(&action.events).filter(|(_, event)| done(event)) {
            // Tokens are no site's, and in no history of one.
            let Some(site_id) = event.site_id() else { continue };
            let prefix = keys::history(site_id, &Subject::Moderator(moderator_id.clone()));
            let told = Numbered { seq, at: action.at, actor: action.actor.clone(), event: event.clone() };
            self.tell(&prefix, &told);
        }
    }

    fn tell(&mut self, prefix: &[u8], told: &Numbered) {
        let key = keys::with_seq(prefix.to_vec(), told.seq);
        let sealed = value::seal(&key, 300, |out| record::encode_told(told, out));
        self.put(HISTORY, key, None, Some(sealed));
    }
}

/// Returns the first events of a comment about which nothing else has happened.
fn first_events(head: &CommentHead) -> [Numbered; FIRST_EVENTS] {
    let comment = without_words(&head.current.comment);
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    let decision = head.current.decision.clone();
    let told = |seq, event| Numbered { seq, at: head.current.received_at, actor: Actor::Submitter, event };
    let (revision, fingerprint) = (head.current.number, head.fingerprint);
    [
        told(head.first_seq, Event::CommentSubmitted { comment, revision, fingerprint }),
        told(head.first_seq + 1, Event::CommentDecided { site_id, comment_id, revision, decision }),
    ]
}

fn without_words(comment: &Comment) -> Comment {
    let mut comment = comment.clone();
    comment.text.clear();
    comment.author.name.clear();
    comment
}

impl State {
    /// Returns one page of a history.
    pub(in crate::store) fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, Error> {
        let before = query.before_seq.unwrap_or(u64::MAX);
        // One more than is asked for says whether there is another page.
        let wanted = query.limit.max(1) + 1;
        let mut found = self.told(query, before, wanted)?;
        match &query.subject {
            Subject::Moderator(_) => {}
            Subject::Comment(comment_id) => {
                if let Some(head) = self.head(&keys::comment(&query.site_id, comment_id))? {
                    self.add_first(&head, before, &mut found)?;
                }
            }
            Subject::Author(author_id) => {
                let prefix = keys::list(&query.site_id, &ListBy::Author(author_id.clone()));
                let range = keys::with_seq(prefix.clone(), 0)..keys::with_seq(prefix, before);
                for entry in self.tree.range(range).rev().take(wanted) {
                    let (place, value) = entry.map_err(|error| self.error(error))?;
                    let head = self.head(unseal(&place, &value)?)?.ok_or_else(|| damaged("a comment is missing"))?;
                    self.add_first(&head, before, &mut found)?;
                }
            }
        }
        let mut events: Vec<Numbered> = found.into_values().rev().take(wanted).collect();
        let more = events.len() == wanted;
        events.truncate(wanted - 1);
        let next_before_seq = events.last().filter(|_| more).map(|last| last.seq);
        Ok(HistoryPage { events, next_before_seq })
    }

    /// Reads what was written down, the newest first.
    fn told(&self, query: &HistoryQuery, before: u64, wanted: usize) -> Result<BTreeMap<u64, Numbered>, Error> {
        let prefix = keys::history(&query.site_id, &query.subject);
        let range = keys::with_seq(prefix.clone(), 0)..keys::with_seq(prefix, before);
        self.tree.range(range).rev().take(wanted).map(|entry| self.told_of(entry)).collect()
    }

    fn told_of(&self, entry: Result<(sled::IVec, sled::IVec), sled::Error>) -> Result<(u64, Numbered), Error> {
        let (key, value) = entry.map_err(|error| self.error(error))?;
        let seq = key.last_chunk().map(|seq| u64::from_be_bytes(*seq)).unwrap_or_default();
        let told = record::decode_told(seq, unseal(&key, &value)?);
        told.map(|told| (seq, told)).map_err(|_| damaged("an event of a history cannot be read"))
    }

    /// Adds the first events of a comment: those that were written down, or those that the comment itself tells.
    fn add_first(&self, head: &CommentHead, before: u64, found: &mut BTreeMap<u64, Numbered>) -> Result<(), Error> {
        let comment = &head.current.comment;
        let prefix = keys::history(&comment.site_id, &Subject::Comment(comment.comment_id.clone()));
        let range = keys::with_seq(prefix.clone(), head.first_seq)..=keys::with_seq(prefix, head.first_seq + 1);
        let written: Vec<(u64, Numbered)> =
            self.tree.range(range).map(|entry| self.told_of(entry)).collect::<Result<_, _>>()?;
        let first = if written.is_empty() {
            first_events(head).into_iter().map(|told| (told.seq, told)).collect()
        } else {
            written
        };
        found.extend(first.into_iter().filter(|(seq, _)| *seq < before));
        Ok(())
    }
}
