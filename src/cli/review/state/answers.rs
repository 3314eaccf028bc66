//! What answers of the server change.

use super::{ASK_AGAIN, Ask, Done, Held, Ruling, State, Told, UNREACHABLE, told_labels};
use crate::grpc::pb;

impl State {
    /// Takes an answer in.
    pub(crate) fn told(&mut self, told: Told, now: i64) -> Vec<Ask> {
        self.now = now;
        let is_silent = matches!(&told, Told::Refused { reason, .. } if reason == UNREACHABLE);
        if self.is_alone && !is_silent && !matches!(told, Told::Unanswered) {
            self.is_alone = false;
            self.say("the server answers again");
        }
        let mut asks = Vec::new();
        match told {
            Told::Queues(queues) => {
                self.queues = queues;
                self.counts.answered();
            }
            Told::Claimed { queue, items, until } => return self.claimed(&queue, items, until),
            Told::Dossier(dossier) => self.looked(*dossier),
            Told::Renewed { id, until } => {
                if let Some(held) = self.find(&id) {
                    (held.until, held.renewing) = (until, false);
                }
            }
            Told::Released { id } => self.let_go(&id),
            Told::Skipped { id } => {
                self.let_go(&id);
                self.say("skipped, for others");
                asks.extend(self.counts.ask(now));
            }
            Told::Settled { ids, action_id, ruling } => {
                self.settled(&ids, action_id, &ruling);
                asks.extend(self.counts.ask(now));
            }
            Told::Undone { action_id, items, left } => {
                self.undone(action_id, items, left);
                asks.extend(self.counts.ask(now));
            }
            Told::Changed { queue, id } => {
                self.counts.changed();
                let is_mine = queue == self.queue && self.find(&id).is_some_and(|held| !held.busy);
                return if is_mine { vec![Ask::Look { id }] } else { Vec::new() };
            }
            Told::Entered { queue } => {
                self.counts.changed();
                if queue == self.queue {
                    self.ask_again_at = now;
                }
            }
            Told::Counted => self.counts.changed(),
            Told::Unanswered => {
                self.is_alone = true;
                self.say("the server does not answer; what you did is sent again until it does");
            }
            Told::Refused { ask, reason, message } => return self.refused(&ask, &reason, &message),
        }
        asks.extend(self.claim());
        asks
    }

    fn settled(&mut self, ids: &[String], action_id: u64, ruling: &Ruling) {
        let mut what = String::from(if ruling.approved { "approved" } else { "rejected" });
        if !ruling.labels.is_empty() {
            what.push_str(&format!(" with {}", told_labels(&ruling.labels)));
        }
        let called = ids.first().and_then(|id| self.find(id)).map(|held| held.called());
        match (ids.len(), called) {
            (1, Some(called)) => what.push_str(&format!(": {called}")),
            (1, None) => what.push_str(": a comment that is no longer here"),
            (count, _) => what.push_str(&format!(": {count} comments")),
        }
        for id in ids {
            self.let_go(id);
        }
        self.say(&format!("{what}; u takes it back"));
        let id = ids.first().filter(|_| ids.len() == 1).cloned();
        self.done.push(Done { action_id, what, id });
    }

    fn undone(&mut self, action_id: u64, items: u32, left: u32) {
        let done = self.undoing.iter().position(|done| done.action_id == action_id);
        let Some(done) = done.map(|at| self.undoing.remove(at)) else { return };
        let waits = match (items, left) {
            (1, 0) => "it waits again".to_owned(),
            (items, 0) => format!("all {items} wait again"),
            (items, left) => format!("{items} wait again, {left} left as they are since something came after"),
        };
        self.say(&format!("undone, {waits}: {}", done.what));
        self.ask_again_at = self.now;
        let Some(id) = done.id else { return };
        match self.held.iter().position(|held| held.id == id) {
            // A claim that was under way has brought it before this answer came.
            Some(place) => {
                let held = self.held.remove(place);
                self.held.insert(self.at.min(self.held.len()), held);
            }
            None => self.back = Some(id),
        }
    }

    fn claimed(&mut self, queue: &str, items: Vec<pb::ReviewItem>, until: i64) -> Vec<Ask> {
        self.claiming = false;
        // It took until another queue's turn, or until the moderator left.
        let is_late = self.is_leaving() || queue != self.queue;
        self.ask_again_at = if items.is_empty() { self.now + ASK_AGAIN } else { self.now };
        let mut asks = Vec::new();
        for item in items {
            let held = Held::new(item, until);
            let id = held.id.clone();
            asks.push(if is_late { Ask::Release { id } } else { Ask::Look { id } });
            if !is_late || self.is_leaving() {
                self.held.retain(|other| other.id != held.id);
                // What was taken back is looked at again.
                let is_back =
                    [&mut self.coming, &mut self.back].into_iter().any(|id| id.take_if(|id| *id == held.id).is_some());
                let at = if is_back { self.at.min(self.held.len()) } else { self.held.len() };
                self.held.insert(at, held);
            }
        }
        asks.extend(self.claim());
        asks
    }

    /// Looks at an item with all that stands around it.
    fn looked(&mut self, dossier: pb::GetReviewItemResponse) {
        let new = Held::new(dossier.item.clone().unwrap_or_default(), 0);
        let holder = |held: &Held| held.item.claim.as_ref().map(|claim| claim.moderator_id.clone());
        let now_with = holder(&new);
        let looked_at = self.current().map(|held| held.id.clone());
        // Of what is under way, its own answer will tell.
        let Some(held) = self.find(&new.id).filter(|held| !held.busy) else { return };
        if now_with.is_none() || now_with != holder(held) || new.item.queue.is_empty() {
            let id = new.id;
            self.let_go(&id);
            self.say("the comment is no longer yours: somebody ruled on it, or your claim has ended");
            return;
        }
        let is_other = held.version != new.version;
        let is_looked_at = looked_at.as_ref() == Some(&new.id);
        if is_other {
            held.labels.clear();
        }
        (held.version, held.item, held.dossier) = (new.version, new.item, Some(Box::new(dossier)));
        if is_other && is_looked_at {
            self.scrolled = None;
            self.say("the comment has changed since you saw it; look at it again");
        }
    }

    fn refused(&mut self, ask: &Ask, reason: &str, message: &str) -> Vec<Ask> {
        let ids: Vec<String> = ask.ids().into_iter().map(str::to_owned).collect();
        let again_at = self.now + ASK_AGAIN;
        match ask {
            Ask::Claim { .. } => (self.claiming, self.ask_again_at) = (false, again_at),
            Ask::Queues => self.counts.answered(),
            _ => {}
        }
        for id in &ids {
            let Some(held) = self.find(id) else { continue };
            match ask {
                Ask::Renew { .. } => held.renewing = false,
                Ask::Look { .. } => held.look_at = Some(again_at),
                _ => held.busy = false,
            }
        }
        if let Ask::Undo { action_id } = ask
            && let Some(at) = self.undoing.iter().position(|done| done.action_id == *action_id)
        {
            let done = self.undoing.remove(at);
            if reason != "NOTHING_TO_UNDO" {
                self.done.push(done);
            }
        }
        if self.is_leaving() && !matches!(ask, Ask::Release { .. }) {
            return self.release_all();
        }
        self.say_refusal(ask, ids, reason, message)
    }

    fn say_refusal(&mut self, ask: &Ask, ids: Vec<String>, reason: &str, message: &str) -> Vec<Ask> {
        match (ask, reason) {
            // Whatever stands in the way, they are given back: their claims end by themselves.
            (Ask::Release { id }, _) => self.let_go(id),
            (_, UNREACHABLE) => {
                self.is_alone = true;
                self.say("the server does not answer");
            }
            (Ask::SettleMany { .. }, "STALE_VERSION" | "CLAIMED_BY_ANOTHER" | "ITEM_NOT_WAITING") => {
                self.say("none was ruled on: one of them has changed, or is no longer yours; look again");
                return ids.into_iter().map(|id| Ask::Look { id }).collect();
            }
            (_, "STALE_VERSION") => {
                self.say("the comment has changed since you saw it; look at it again");
                return ids.into_iter().map(|id| Ask::Look { id }).collect();
            }
            (_, "CLAIMED_BY_ANOTHER" | "NOT_CLAIMED" | "ITEM_NOT_WAITING" | "COMMENT_NOT_FOUND") => {
                for id in &ids {
                    self.let_go(id);
                }
                self.say(&format!("no longer yours: {message}"));
            }
            (Ask::Undo { .. }, "NOTHING_TO_UNDO") => self.say("nothing to take back: something has come after"),
            _ => self.say(message),
        }
        self.claim()
    }
}
