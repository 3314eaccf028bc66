//! Queues that editors define: what each shows, and what waits when one is defined.

use super::edit::Edit;
use super::value::{self, damaged, unseal};
use super::{DEFINED_QUEUES, QUEUE, State, keys};
use crate::domain::{
    Action, Actor, DefinedQueue, Event, QueueName, SiteId,
    review::{Order, Queue},
    submit::CommentHead,
};
use crate::store::{
    Error,
    moves::{Move, Step},
    record,
};
use std::sync::Arc;

impl State {
    /// Returns the queues that editors have defined on a site, by their names.
    pub(in crate::store) fn defined_queues(&self, site_id: &SiteId) -> Result<Vec<DefinedQueue>, Error> {
        let read = |entry: Result<(sled::IVec, sled::IVec), sled::Error>| {
            let (key, value) = entry.map_err(|error| self.error(error))?;
            record::decode_queue(unseal(&key, &value)?).map_err(|_| damaged("a queue's definition cannot be read"))
        };
        let queues = self.tree.scan_prefix(keys::defined_queues(site_id)).map(read);
        let mut queues: Vec<DefinedQueue> = queues.collect::<Result<_, Error>>()?;
        queues.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(queues)
    }

    /// Returns a queue that an editor has defined.
    pub(super) fn defined_queue(&self, site_id: &SiteId, name: &QueueName) -> Result<Option<DefinedQueue>, Error> {
        Ok(self.defined_queues(site_id)?.into_iter().find(|queue| queue.name == *name))
    }
}

impl Edit<'_> {
    /// Returns the queues that editors have defined on a site, this edit's own among them.
    pub(in crate::store) fn defined_queues(&mut self, site_id: &SiteId) -> Result<Arc<Vec<DefinedQueue>>, Error> {
        if let Some(queues) = self.defined.get(site_id) {
            return Ok(Arc::clone(queues));
        }
        let queues = Arc::new(self.state.defined_queues(site_id)?);
        self.defined.insert(site_id.clone(), Arc::clone(&queues));
        Ok(queues)
    }

    /// Defines a queue, or does away with one, and moves what waits into it or out of it.
    pub(super) fn change_queues(&mut self, seq: u64, event: &Event, action: &Action) -> Result<(), Error> {
        let (site_id, name, conditions) = match event {
            Event::QueueSet { site_id, name, conditions } => (site_id, name, Some(conditions)),
            Event::QueueDeleted { site_id, name } => (site_id, name, None),
            _ => return Ok(()),
        };
        let Actor::Moderator(set_by) = &action.actor else { return Ok(()) };
        let defined = self.defined_queues(site_id)?;
        let before = defined.iter().find(|queue| queue.name == *name);
        let (name, set_by, set_at) = (name.clone(), set_by.clone(), action.at);
        let after = conditions.map(|conditions| DefinedQueue {
            name: name.clone(),
            conditions: conditions.clone(),
            set_by,
            set_at,
        });
        let key = keys::defined_queue(site_id, &name);
        let seal = |queue: &DefinedQueue| value::seal(&key, 100, |out| record::encode_queue(queue, out));
        let (old, new) = (before.map(seal), after.as_ref().map(seal));
        if old.is_some() || new.is_some() {
            self.put(DEFINED_QUEUES, key, old.as_deref(), new);
        }
        self.show_anew(site_id, &name, before, after.as_ref())?;
        let redefined = Move { seq, at: action.at, by: None, comment_id: None, step: Step::Redefined, claim: None };
        self.keep_move(site_id, name.as_str(), &redefined)?;
        let mut queues: Vec<DefinedQueue> = defined.iter().filter(|queue| queue.name != name).cloned().collect();
        queues.extend(after);
        queues.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        self.defined.insert(site_id.clone(), Arc::new(queues));
        Ok(())
    }

    /// Moves each item of a site that waits to where it stands in a queue that shows something else than before.
    fn show_anew(
        &mut self,
        site_id: &SiteId,
        name: &QueueName,
        before: Option<&DefinedQueue>,
        after: Option<&DefinedQueue>,
    ) -> Result<(), Error> {
        let own = self.pending_heads(site_id);
        let state = self.state;
        let committed = Queue::ALL.into_iter().flat_map(|queue| {
            let prefix = keys::queue(QUEUE, site_id, queue.name(), Order::Oldest);
            state.tree.scan_prefix(prefix)
        });
        let show = |edit: &mut Self, key: &[u8], head: &CommentHead| {
            let item_in = |queue: Option<&DefinedQueue>| {
                head.review.item.as_ref().filter(|_| queue.is_some_and(|queue| queue.conditions.are_met_by(head)))
            };
            edit.shift_item(site_id, name.as_str(), key, (item_in(before), item_in(after)))
        };
        for entry in committed {
            let (place, value) = entry.map_err(|error| state.error(error))?;
            let key = unseal(&place, &value)?;
            if self.is_pending(key) {
                continue;
            }
            let head = state.head(key)?.ok_or_else(|| damaged("a comment in a queue is missing"))?;
            show(self, key, &head)?;
        }
        for (key, head) in own {
            show(self, &key, &head)?;
        }
        Ok(())
    }
}
