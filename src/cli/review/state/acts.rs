//! What a moderator has done to comments.

use super::{Ask, Held, Ruling, State};

impl State {
    /// Rules on what is selected, or on what is looked at.
    pub(super) fn settle(&mut self, approved: bool) -> Vec<Ask> {
        let chosen = |held: &&Held| self.selected.contains(&held.id) && !held.busy;
        let chosen: Vec<&Held> = self.held.iter().filter(chosen).collect();
        let mut asks = if let Some(first) = chosen.first() {
            // One action has one set of labels.
            if chosen.iter().any(|held| held.labels != first.labels) {
                self.say("the selected comments have different labels; give them the same, or rule one by one");
                return Vec::new();
            }
            let ruling = Ruling { approved, labels: first.labels.clone() };
            let items: Vec<(String, u64)> = chosen.into_iter().map(|held| (held.id.clone(), held.version)).collect();
            for (id, _) in &items {
                if let Some(held) = self.find(id) {
                    held.busy = true;
                }
            }
            self.selected.clear();
            vec![Ask::SettleMany { items, ruling }]
        } else {
            let Some(held) = self.held.get_mut(self.at).filter(|held| !held.busy) else { return Vec::new() };
            held.busy = true;
            let ruling = Ruling { approved, labels: held.labels.clone() };
            vec![Ask::Settle { id: held.id.clone(), version: held.version, ruling }]
        };
        self.go_on();
        asks.extend(self.claim());
        asks
    }

    pub(super) fn skip(&mut self) -> Vec<Ask> {
        let Some(held) = self.held.get_mut(self.at).filter(|held| !held.busy) else { return Vec::new() };
        held.busy = true;
        let mut asks = vec![Ask::Skip { id: held.id.clone() }];
        self.go_on();
        asks.extend(self.claim());
        asks
    }

    pub(super) fn undo(&mut self) -> Vec<Ask> {
        let Some(done) = self.done.pop() else {
            self.say("nothing to take back");
            return Vec::new();
        };
        let action_id = done.action_id;
        self.undoing.push(done);
        vec![Ask::Undo { action_id }]
    }

    /// Gives back what is held and turns to the next queue.
    pub(super) fn next_queue(&mut self) -> Vec<Ask> {
        let here = self.queues.iter().position(|queue| queue.name == self.queue);
        let next = here.map_or(0, |here| here + 1) % self.queues.len().max(1);
        let Some(next) = self.queues.get(next).map(|queue| queue.name.clone()).filter(|name| *name != self.queue)
        else {
            self.say("there is no other queue");
            return Vec::new();
        };
        let mut asks = self.release_all();
        self.held.clear();
        self.selected.clear();
        (self.queue, self.at, self.claiming, self.ask_again_at) = (next.clone(), 0, false, self.now);
        asks.push(Ask::Hold { queue: next });
        asks.extend(self.claim());
        asks
    }

    pub(super) fn release_all(&mut self) -> Vec<Ask> {
        let mut asks = Vec::new();
        for held in self.held.iter_mut().filter(|held| !held.busy) {
            held.busy = true;
            asks.push(Ask::Release { id: held.id.clone() });
        }
        asks
    }
}
