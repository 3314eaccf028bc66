//! A change of the state: the actions of one batch, decided and applied in memory, then committed at once.

mod erase;
pub(super) mod items;
mod walk;

use super::campaigns;
use super::near;
use super::queues::Counts;
use super::reports;
use super::value::{Summary, Total};
use super::{
    AUTHORS, BY_ARTICLE, BY_AUTHOR, COMMENTS, POLICIES, SUMMARY_KEY, State, VERDICTS, VERDICTS_BY_AUTHOR, WAITING,
    keys, value,
};
use crate::domain::{
    Action, Actor, ArticleId, AuthorId, AuthorRecord, DefinedQueue, Event, Revision, SiteId, Timestamp, Token, TokenId,
    author::Recent,
    submit::{self, CommentHead},
};
use crate::store::{Error, PolicyVersion, bulk::Remembered, journal::frame::Hash, record};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, PoisonError},
};
use walk::Waiting;
pub(in crate::store) use walk::Walk;

/// What is known of one comment within an edit.
#[derive(Default)]
pub(in crate::store) struct Slot {
    /// The comment's head, with this edit's own actions in it; `None` where there is no such comment.
    pub(in crate::store) head: Option<CommentHead>,
    /// Whether the head comes from this edit, so that it is not committed yet.
    pub(in crate::store) pending: bool,
}

/// Changes that are not committed yet.
pub(in crate::store) struct Edit<'a> {
    pub(super) state: &'a State,
    slots: HashMap<Vec<u8>, Slot>,
    batch: sled::Batch,
    summary: Summary,
    /// What this edit changes in the tree of waiting items.
    waiting: Waiting,
    /// Up to where claims that have ended were looked for.
    expired: Option<Vec<u8>>,
    /// The counts that this edit has changed, as they are now.
    counts: HashMap<Vec<u8>, Counts>,
    /// The authors that this edit has changed, as they are now.
    authors: HashMap<Vec<u8>, AuthorRecord>,
    /// The superseded revisions that this edit has added or changed.
    revisions: HashMap<Vec<u8>, Revision>,
    /// The policies that this edit has set, by what their keys begin with.
    policies: HashMap<Vec<u8>, PolicyVersion>,
    /// The first events of comments that this edit has written into histories.
    pub(super) told: HashSet<Vec<u8>>,
    /// What this edit has changed about reports.
    pub(super) reported: reports::Changed,
    /// What this edit has changed about near-copies.
    pub(super) near: near::Changed,
    /// What this edit has changed about campaigns.
    pub(super) campaigns: campaigns::Changed,
    /// The last step of each queue that this edit has let go of.
    pub(super) moves_gone: HashMap<Vec<u8>, Vec<u8>>,
    /// The queues that editors have defined, by site, as far as this edit has asked, its own changes in them.
    pub(super) defined: HashMap<SiteId, Arc<Vec<DefinedQueue>>>,
    /// What this edit has changed about models.
    pub(super) models: super::models::Changed,
    /// What this edit has changed about labels.
    pub(super) labels: super::labels::Changed,
    /// The tokens that this edit has made, or none where it has revoked one.
    pub(super) tokens: HashMap<TokenId, Option<Token>>,
    /// What this edit remembers of moderators' requests, by their keys.
    pub(super) bulk_done: HashMap<Vec<u8>, Vec<Remembered>>,
}

impl<'a> Edit<'a> {
    /// Begins an edit of what is committed now. Only one edit at a time may be committed.
    pub(in crate::store) fn new(state: &'a State) -> Self {
        Self {
            state,
            slots: HashMap::new(),
            batch: sled::Batch::default(),
            summary: state.summary(),
            waiting: Waiting::default(),
            expired: None,
            counts: HashMap::new(),
            authors: HashMap::new(),
            revisions: HashMap::new(),
            policies: HashMap::new(),
            told: HashSet::new(),
            reported: reports::Changed::default(),
            near: near::Changed::default(),
            campaigns: campaigns::Changed::default(),
            moves_gone: HashMap::new(),
            defined: HashMap::new(),
            models: super::models::Changed::default(),
            labels: super::labels::Changed::default(),
            tokens: HashMap::new(),
            bulk_done: HashMap::new(),
        }
    }

    /// Finds a comment by its key.
    pub(in crate::store) fn slot(&mut self, key: &[u8]) -> Result<&Slot, Error> {
        if !self.slots.contains_key(key) {
            let head = self.state.head(key)?;
            self.slots.insert(key.to_vec(), Slot { head, pending: false });
        }
        Ok(&self.slots[key])
    }

    /// Returns whether a comment was changed by this edit.
    pub(super) fn is_pending(&self, key: &[u8]) -> bool {
        self.slots.get(key).is_some_and(|slot| slot.pending)
    }

    /// Returns the comments of a site that this edit has changed, by their keys.
    pub(super) fn pending_heads(&self, site_id: &SiteId) -> Vec<(Vec<u8>, CommentHead)> {
        let pending = self.slots.iter().filter(|(_, slot)| slot.pending);
        let heads = pending.filter_map(|(key, slot)| Some((key.clone(), slot.head.clone()?)));
        heads.filter(|(_, head)| head.current.comment.site_id == *site_id).collect()
    }

    /// Applies an action that has the journal hash `hash` and must follow the last one. Returns the head of the comment
    /// that its first event is about.
    pub(in crate::store) fn apply(&mut self, action: &Action, hash: Hash) -> Result<Option<&CommentHead>, Error> {
        if action.first_seq != self.summary.applied_seq + 1 {
            return Err(value::damaged("an action does not follow the last one"));
        }
        let key = |event: &Event| event.comment().map(|(site_id, comment_id)| keys::comment(site_id, comment_id));
        self.summary.applied_seq = action.last_seq();
        self.summary.applied_hash = hash;
        let of: BTreeSet<Vec<u8>> = action.events.iter().filter_map(key).collect();
        for key in of {
            self.slot(&key)?;
            let before = self.slots.get_mut(&key).and_then(|slot| slot.head.take());
            let after = submit::apply(before.clone(), action);
            if let Some(after) = &after {
                self.change(&key, before.as_ref(), after)?;
                self.change_authors(before.as_ref(), after)?;
                self.change_near(before.as_ref(), after);
                self.change_campaign(&key, before.as_ref(), after)?;
                self.change_reports(&key, before.as_ref(), after, action)?;
                self.tell_comment(before.as_ref(), after, action)?;
                self.keep_moves(before.as_ref(), after, action)?;
                let was_erased = before.as_ref().is_some_and(|head| head.current.erased_at.is_some());
                if after.current.erased_at.is_some() && !was_erased {
                    self.erase(action.last_seq(), &key, after)?;
                }
            }
            self.slots.insert(key, Slot { head: after, pending: true });
        }
        for (seq, event) in (action.first_seq..).zip(&action.events) {
            self.set_policy(seq, event, action);
            self.add_note(seq, event, action);
            self.change_tokens(event)?;
            self.set_rule(event, action)?;
            self.change_queues(seq, event, action)?;
            self.change_labels(seq, event, action)?;
        }
        self.change_models(action)?;
        self.tell_moderator(action);
        self.remember_bulk(action)?;
        Ok(key(&action.events[0]).and_then(|key| self.slots.get(&key)).and_then(|slot| slot.head.as_ref()))
    }

    fn change(&mut self, key: &[u8], before: Option<&CommentHead>, after: &CommentHead) -> Result<(), Error> {
        let old = before.map(|head| seal_head(key, head));
        self.put(COMMENTS, key.to_vec(), old.as_deref(), Some(seal_head(key, after)));
        if let Some(before) = before
            && before.current.number != after.current.number
        {
            self.supersede(key, &before.current);
        }
        let article = |head: &CommentHead| {
            let comment = &head.current.comment;
            Some(keys::by_article(&comment.site_id, &comment.article_id, head.first_seq))
        };
        let author = |head: &CommentHead| {
            let comment = &head.current.comment;
            let author_id = comment.author.author_id.as_ref()?;
            Some(keys::by_author(&comment.site_id, author_id, head.first_seq))
        };
        self.index(BY_ARTICLE, key, before.and_then(article), article(after));
        self.index(BY_AUTHOR, key, before.and_then(author), author(after));
        let actions = |head: &CommentHead| head.review.actions().collect::<BTreeSet<u64>>();
        let (were, are) = (before.map(actions).unwrap_or_default(), actions(after));
        for gone in were.difference(&are) {
            self.index(VERDICTS, key, Some(keys::verdict(*gone, key)), None);
        }
        for come in are.difference(&were) {
            self.index(VERDICTS, key, None, Some(keys::verdict(*come, key)));
        }
        let verdict_on_author = |head: &CommentHead| {
            let comment = &head.current.comment;
            let settled = head.review.last_ruling()?;
            Some(keys::verdict_on(&comment.site_id, comment.author.author_id.as_ref()?, settled.seq, key))
        };
        self.index(VERDICTS_BY_AUTHOR, key, before.and_then(verdict_on_author), verdict_on_author(after));
        self.change_item(key, before, after)
    }

    /// Counts a comment among its author's, and remembers a text that came in.
    fn change_authors(&mut self, before: Option<&CommentHead>, after: &CommentHead) -> Result<(), Error> {
        let author = |head: &CommentHead| head.current.comment.author.author_id.clone();
        let is_new = before.is_none_or(|before| before.current.number != after.current.number);
        let outcome = |head: &CommentHead| (head.current.decision.outcome, author(head));
        if !is_new && before.map(outcome) == Some(outcome(after)) {
            return Ok(());
        }
        let site_id = &after.current.comment.site_id;
        if let Some(before) = before
            && let Some(author_id) = author(before)
        {
            self.change_author(site_id, &author_id, |record| record.take_away(before))?;
        }
        if let Some(author_id) = author(after) {
            self.change_author(site_id, &author_id, |record| {
                record.add(after);
                if is_new {
                    record.remember(Recent { at: after.current.received_at, exact: after.fingerprint.exact });
                }
            })?;
        }
        Ok(())
    }

    fn change_author(
        &mut self,
        site_id: &SiteId,
        author_id: &AuthorId,
        change: impl FnOnce(&mut AuthorRecord),
    ) -> Result<(), Error> {
        let key = keys::author(site_id, author_id);
        let before = self.author(site_id, author_id)?;
        let mut after = before.clone().unwrap_or_default();
        change(&mut after);
        let seal = |record: &AuthorRecord| value::seal(&key, 200, |out| record::encode_author(record, out));
        let (old, new) = (before.as_ref().map(seal), seal(&after));
        self.authors.insert(key.clone(), after);
        self.put(AUTHORS, key, old.as_deref(), Some(new));
        Ok(())
    }

    /// Returns what is known of an author, this edit's own changes in it.
    pub(in crate::store) fn author(
        &self,
        site_id: &SiteId,
        author_id: &AuthorId,
    ) -> Result<Option<AuthorRecord>, Error> {
        match self.authors.get(&keys::author(site_id, author_id)) {
            Some(author) => Ok(Some(author.clone())),
            None => self.state.author(site_id, author_id),
        }
    }

    /// Returns the newest version of a policy, this edit's own among them.
    pub(in crate::store) fn policy(
        &self,
        site_id: &SiteId,
        article_id: Option<&ArticleId>,
    ) -> Result<Option<PolicyVersion>, Error> {
        match self.policies.get(&keys::policies(site_id, article_id)) {
            Some(policy) => Ok(Some(policy.clone())),
            None => Ok(self.state.policy_versions(site_id, article_id, u64::MAX, 1)?.pop()),
        }
    }

    fn set_policy(&mut self, seq: u64, event: &Event, action: &Action) {
        let Event::PolicySet { site_id, article_id, version, document, note } = event else { return };
        let policy = PolicyVersion {
            site_id: site_id.clone(),
            article_id: article_id.clone(),
            version: *version,
            document: document.clone(),
            note: note.clone(),
            seq,
            set_at: action.at,
            set_by: match &action.actor {
                Actor::Moderator(id) => Some(id.clone()),
                Actor::Submitter | Actor::System => None,
            },
        };
        let prefix = keys::policies(site_id, article_id.as_ref());
        let key = keys::with_seq(prefix.clone(), *version);
        let sealed = value::seal(&key, document.len() + 100, |out| record::encode_policy(&policy, out));
        self.put(POLICIES, key, None, Some(sealed));
        self.policies.insert(prefix, policy);
    }

    /// Lists the keys of comments that an action ruled on or passed on, this edit's own actions among them.
    pub(in crate::store) fn ruled_on(&self, settled_seq: u64) -> Result<Vec<Vec<u8>>, Error> {
        let mut comments: BTreeSet<Vec<u8>> = self.state.ruled_on(settled_seq)?.into_iter().collect();
        let by_this = |slot: &Slot| {
            slot.head.as_ref().is_some_and(|head| head.review.actions().any(|action| action == settled_seq))
        };
        comments.extend(self.slots.iter().filter(|(_, slot)| by_this(slot)).map(|(key, _)| key.clone()));
        Ok(comments.into_iter().collect())
    }

    /// Lists the keys of an author's comments that may wait, this edit's own among them: no more than `max` of those that
    /// were there before.
    pub(in crate::store) fn items_of(
        &self,
        site_id: &SiteId,
        author_id: &AuthorId,
        max: usize,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut comments: BTreeSet<Vec<u8>> = self.state.items_of(site_id, author_id, max)?.into_iter().collect();
        comments.extend(self.slots.iter().filter(|(_, slot)| slot.pending).map(|(key, _)| key.clone()));
        Ok(comments.into_iter().collect())
    }

    /// Lists the keys of comments whose claim has ended at `now`, at most `max`; this edit's own changes aren't in it, and
    /// none is listed twice.
    pub(in crate::store) fn expired(&mut self, now: Timestamp, max: usize) -> Result<Vec<Vec<u8>>, Error> {
        let expired = self.state.expired(self.expired.as_deref(), now, max)?;
        if let Some((place, _)) = expired.last() {
            self.expired = Some(place.clone());
        }
        Ok(expired.into_iter().map(|(_, comment)| comment).collect())
    }

    /// Moves a comment from one place in a list to another.
    pub(super) fn index(&mut self, tree: u8, comment_key: &[u8], from: Option<Vec<u8>>, to: Option<Vec<u8>>) {
        if from == to {
            return;
        }
        let seal = |place: &[u8]| value::seal(place, comment_key.len(), |out| out.extend_from_slice(comment_key));
        if let Some(from) = from {
            let old = seal(&from);
            if tree == WAITING {
                self.waiting.leave(&from);
            }
            self.put(tree, from, Some(&old), None);
        }
        if let Some(to) = to {
            let new = seal(&to);
            if tree == WAITING {
                self.waiting.fill(&to, comment_key);
            }
            self.put(tree, to, None, Some(new));
        }
    }

    pub(super) fn put(&mut self, tree: u8, key: Vec<u8>, old: Option<&[u8]>, new: Option<Vec<u8>>) {
        let total: &mut Total = &mut self.summary.totals[usize::from(tree)];
        if let Some(old) = old {
            total.take_away(&key, old);
        }
        match new {
            Some(new) => {
                total.add(&key, &new);
                self.batch.insert(key, new);
            }
            None => self.batch.remove(key),
        }
    }

    /// Returns whether there is an entry of this key, this edit's own among them.
    pub(super) fn has(&self, key: &[u8]) -> Result<bool, Error> {
        Ok(self.told.contains(key) || self.state.tree.contains_key(key).map_err(|error| self.state.error(error))?)
    }

    /// Makes all changes visible at once. They are on disk after the next flush; until then the journal has them.
    pub(in crate::store) fn commit(self) -> Result<(), Error> {
        let Self { state, mut batch, summary, waiting, near, .. } = self;
        let sealed = value::seal(SUMMARY_KEY, 200, |out| {
            postcard::to_io(&summary, out).expect("memory takes every plain struct");
        });
        batch.insert(SUMMARY_KEY, sealed);
        state.tree.apply_batch(batch).map_err(|error| state.error(error))?;
        *state.summary.lock().unwrap_or_else(PoisonError::into_inner) = summary;
        state.change_near(near);
        let mut passed = state.passed.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.filled().for_each(|place| passed.filled(place));
        Ok(())
    }
}

fn seal_head(key: &[u8], head: &CommentHead) -> Vec<u8> {
    value::seal(key, 700, |out| record::encode_head(head, out))
}
