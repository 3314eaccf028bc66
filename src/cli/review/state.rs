//! What the reviewer knows and does, without a terminal and without a server: keys, answers and time come in, requests go
//! out.
//!
//! It claims ahead of the moderator, so that the next comment is there when the last one is done, and holds what it has for as
//! long as somebody presses keys. Start reading at [`State::key`].

use crate::grpc::pb;
use std::collections::BTreeSet;

/// How many items are claimed beyond the one that is looked at.
const AHEAD: usize = 4;
/// How long a claim lasts.
pub(crate) const LEASE_SECS: i32 = 600;
/// A second in microseconds, as all times here are.
pub(crate) const SECOND: i64 = 1_000_000;
/// A claim is renewed when this much of it is left.
const RENEW_AT: i64 = 180 * SECOND;
/// After so long without a key, claims are no longer renewed: whoever left must not keep comments from others.
const IDLE_MAX: i64 = 900 * SECOND;
/// How long to wait before an empty queue is asked again, and how old counts may be.
const ASK_AGAIN: i64 = 5 * SECOND;
/// How long a moderator who leaves waits for answers: what the stream held, the server gives back by itself.
const LEAVING_MAX: i64 = 5 * SECOND;

/// What a moderator presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Next,
    Previous,
    Approve,
    Reject,
    Skip,
    Undo,
    Explain,
    Select,
    NextQueue,
    Help,
    Quit,
}

impl Key {
    /// Returns what a letter is for.
    pub(crate) fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'j' => Self::Next,
            'k' => Self::Previous,
            'f' => Self::Approve,
            'd' => Self::Reject,
            's' => Self::Skip,
            'u' => Self::Undo,
            'e' => Self::Explain,
            'x' => Self::Select,
            't' => Self::NextQueue,
            '?' => Self::Help,
            'q' => Self::Quit,
            _ => return None,
        })
    }
}

/// What is asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// How much waits.
    Queues,
    /// Hold what is claimed in this queue by a stream of its own, until it is another queue's turn.
    Hold {
        queue: String,
    },
    /// So many items.
    Claim {
        queue: String,
        items_max: usize,
    },
    /// An item as it is now.
    Reload {
        id: String,
    },
    Renew {
        id: String,
    },
    Release {
        id: String,
    },
    Skip {
        id: String,
    },
    Settle {
        id: String,
        version: u64,
        approved: bool,
    },
    SettleMany {
        items: Vec<(String, u64)>,
        approved: bool,
    },
    Undo {
        action_id: u64,
    },
}

impl Ask {
    /// Returns the items that it is about.
    fn ids(&self) -> Vec<&str> {
        match self {
            Self::Queues | Self::Hold { .. } | Self::Claim { .. } | Self::Undo { .. } => Vec::new(),
            Self::Reload { id }
            | Self::Renew { id }
            | Self::Release { id }
            | Self::Skip { id }
            | Self::Settle { id, .. } => vec![id],
            Self::SettleMany { items, .. } => items.iter().map(|(id, _)| id.as_str()).collect(),
        }
    }
}

/// What the server answers.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    Queues(Vec<pb::Queue>),
    /// Items of a queue, held until a time.
    Claimed {
        queue: String,
        items: Vec<pb::ReviewItem>,
        until: i64,
    },
    /// An item as it is now.
    Item(Box<pb::ReviewItem>),
    Renewed {
        id: String,
        until: i64,
    },
    Released {
        id: String,
    },
    Skipped {
        id: String,
    },
    Settled {
        ids: Vec<String>,
        action_id: u64,
        approved: bool,
    },
    Undone {
        items: u32,
        left: u32,
    },
    /// Something happened in a queue to an item that somebody may look at.
    Changed {
        queue: String,
        id: String,
    },
    /// Something came to wait in a queue.
    Entered {
        queue: String,
    },
    /// The server refused.
    Refused {
        ask: Ask,
        reason: String,
        message: String,
    },
}

/// One item that is held.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) item: pb::ReviewItem,
    /// Until when.
    pub(crate) until: i64,
    /// Whether something was asked about it that isn't answered yet.
    pub(crate) busy: bool,
    renewing: bool,
}

impl Held {
    fn new(item: pb::ReviewItem, until: i64) -> Self {
        let revision = item.revision.clone().unwrap_or_default();
        let id = revision.comment.unwrap_or_default().comment_id;
        Self { id, version: item.version, item, until, busy: false, renewing: false }
    }
}

/// All that the reviewer knows.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Whose turn it is.
    pub(crate) queue: String,
    pub(crate) queues: Vec<pb::Queue>,
    pub(crate) held: Vec<Held>,
    /// Which of them is looked at.
    pub(crate) at: usize,
    pub(crate) selected: BTreeSet<String>,
    pub(crate) explains: bool,
    pub(crate) helps: bool,
    /// What was said last.
    pub(crate) said: String,
    /// What can be taken back, the last at the end.
    done: Vec<u64>,
    claiming: bool,
    ask_again_at: i64,
    queues_at: i64,
    key_at: i64,
    now: i64,
    /// Since when the moderator has been leaving, if they are.
    leaving_since: Option<i64>,
}

impl State {
    /// Begins with a queue.
    pub(crate) fn new(queue: &str, now: i64) -> (Self, Vec<Ask>) {
        let mut state = Self { queue: queue.to_owned(), now, key_at: now, ..Self::default() };
        let mut asks = vec![Ask::Queues, Ask::Hold { queue: queue.to_owned() }];
        asks.extend(state.claim());
        state.queues_at = now;
        (state, asks)
    }

    /// Returns the item that is looked at.
    pub(crate) fn current(&self) -> Option<&Held> {
        self.held.get(self.at)
    }

    /// Returns whether the moderator has left and nothing is held any more.
    pub(crate) fn is_over(&self) -> bool {
        let is_late = self.leaving_since.is_some_and(|since| self.now - since > LEAVING_MAX);
        is_late || (self.is_leaving() && self.held.is_empty() && !self.claiming)
    }

    fn is_leaving(&self) -> bool {
        self.leaving_since.is_some()
    }

    /// Does what a key is for.
    pub(crate) fn key(&mut self, key: Key, now: i64) -> Vec<Ask> {
        (self.now, self.key_at) = (now, now);
        if self.is_leaving() {
            return Vec::new();
        }
        if self.helps {
            self.helps = false;
            if key != Key::Quit {
                return Vec::new();
            }
        }
        match key {
            Key::Next => self.at = (self.at + 1).min(self.held.len().saturating_sub(1)),
            Key::Previous => self.at = self.at.saturating_sub(1),
            Key::Explain => self.explains = !self.explains,
            Key::Help => self.helps = true,
            Key::Select => {
                if let Some(id) = self.current().map(|held| held.id.clone())
                    && !self.selected.remove(&id)
                {
                    self.selected.insert(id);
                }
            }
            Key::Approve => return self.settle(true),
            Key::Reject => return self.settle(false),
            Key::Skip => return self.skip(),
            Key::Undo => return self.undo(),
            Key::NextQueue => return self.next_queue(),
            Key::Quit => {
                self.leaving_since = Some(now);
                "giving back what is held".clone_into(&mut self.said);
                return self.release_all();
            }
        }
        self.claim()
    }

    /// Looks at the clock: claims that end are renewed, those that have ended are let go.
    pub(crate) fn tick(&mut self, now: i64) -> Vec<Ask> {
        self.now = now;
        let ended: Vec<String> =
            self.held.iter().filter(|held| held.until <= now).map(|held| held.id.clone()).collect();
        for id in ended {
            self.let_go(&id);
            self.say("your claim has ended; the comment is anybody's again");
        }
        let mut asks = Vec::new();
        if self.is_leaving() {
            return asks;
        }
        if now - self.key_at < IDLE_MAX {
            for held in self.held.iter_mut().filter(|held| !held.renewing && held.until - now < RENEW_AT) {
                held.renewing = true;
                asks.push(Ask::Renew { id: held.id.clone() });
            }
            asks.extend(self.claim());
        }
        if now - self.queues_at >= ASK_AGAIN {
            self.queues_at = now;
            asks.push(Ask::Queues);
        }
        asks
    }

    /// Takes an answer in.
    pub(crate) fn told(&mut self, told: Told, now: i64) -> Vec<Ask> {
        self.now = now;
        match told {
            Told::Queues(queues) => self.queues = queues,
            Told::Claimed { queue, items, until } => return self.claimed(&queue, items, until),
            Told::Item(item) => self.reloaded(*item),
            Told::Renewed { id, until } => {
                if let Some(held) = self.find(&id) {
                    (held.until, held.renewing) = (until, false);
                }
            }
            Told::Released { id } => self.let_go(&id),
            Told::Skipped { id } => {
                self.let_go(&id);
                self.say("skipped, for others");
            }
            Told::Settled { ids, action_id, approved } => {
                for id in &ids {
                    self.let_go(id);
                }
                self.done.push(action_id);
                let verb = if approved { "approved" } else { "rejected" };
                match ids.len() {
                    1 => self.say(&format!("{verb}; u takes it back")),
                    count => self.say(&format!("{count} {verb}; u takes them back")),
                }
            }
            Told::Undone { items, left } => {
                let more = if left > 0 { format!(", {left} left: something came after") } else { String::new() };
                self.say(&format!("{items} taken back and waiting again{more}"));
                self.ask_again_at = now;
            }
            Told::Changed { queue, id } => {
                let is_mine = queue == self.queue && self.find(&id).is_some_and(|held| !held.busy);
                return if is_mine { vec![Ask::Reload { id }] } else { Vec::new() };
            }
            Told::Entered { queue } => {
                if queue == self.queue {
                    self.ask_again_at = now;
                }
            }
            Told::Refused { ask, reason, message } => return self.refused(&ask, &reason, &message),
        }
        self.claim()
    }

    fn claimed(&mut self, queue: &str, items: Vec<pb::ReviewItem>, until: i64) -> Vec<Ask> {
        self.claiming = false;
        // It took until another queue's turn, or until the moderator left.
        let is_late = self.is_leaving() || queue != self.queue;
        self.ask_again_at = if items.is_empty() { self.now + ASK_AGAIN } else { self.now };
        let mut asks = Vec::new();
        for item in items {
            let held = Held::new(item, until);
            if is_late {
                asks.push(Ask::Release { id: held.id.clone() });
            }
            if !is_late || self.is_leaving() {
                self.held.retain(|other| other.id != held.id);
                self.held.push(held);
            }
        }
        asks.extend(self.claim());
        asks
    }

    /// Looks at an item again.
    fn reloaded(&mut self, item: pb::ReviewItem) {
        let new = Held::new(item, 0);
        let holder = |held: &Held| held.item.claim.as_ref().map(|claim| claim.moderator_id.clone());
        let now_with = holder(&new);
        let Some(held) = self.find(&new.id) else { return };
        if now_with.is_none() || now_with != holder(held) || new.item.queue.is_empty() {
            let id = new.id;
            self.let_go(&id);
            self.say("the comment is no longer yours: somebody ruled on it, or your claim has ended");
        } else {
            *held = Held { until: held.until, renewing: held.renewing, ..new };
        }
    }

    fn refused(&mut self, ask: &Ask, reason: &str, message: &str) -> Vec<Ask> {
        if matches!(ask, Ask::Claim { .. }) {
            self.claiming = false;
            self.ask_again_at = self.now + ASK_AGAIN;
        }
        let ids: Vec<String> = ask.ids().into_iter().map(str::to_owned).collect();
        for id in &ids {
            if let Some(held) = self.find(id) {
                (held.busy, held.renewing) = (false, false);
            }
        }
        if self.is_leaving() && !matches!(ask, Ask::Release { .. }) {
            return self.release_all();
        }
        match (ask, reason) {
            // Whatever stands in the way, they are given back: their claims end by themselves.
            (Ask::Release { id }, _) => self.let_go(id),
            (Ask::SettleMany { .. }, "STALE_VERSION" | "CLAIMED_BY_ANOTHER" | "ITEM_NOT_WAITING") => {
                self.say("none was ruled on: one of them has changed, or is no longer yours; look again");
                return ids.into_iter().map(|id| Ask::Reload { id }).collect();
            }
            (_, "STALE_VERSION") => {
                self.say("the comment has changed since you saw it; look at it again");
                return ids.into_iter().map(|id| Ask::Reload { id }).collect();
            }
            (_, "CLAIMED_BY_ANOTHER" | "NOT_CLAIMED" | "ITEM_NOT_WAITING" | "COMMENT_NOT_FOUND") => {
                for id in &ids {
                    self.let_go(id);
                }
                self.say(&format!("no longer yours: {message}"));
            }
            (Ask::Undo { .. }, "NOTHING_TO_UNDO") => self.say("nothing to take back: something has come after"),
            (Ask::Undo { action_id }, _) => {
                self.done.push(*action_id);
                self.say(message);
            }
            _ => self.say(message),
        }
        self.claim()
    }

    /// Claims ahead, where fewer items are at hand than should be.
    fn claim(&mut self) -> Vec<Ask> {
        let beyond = self.held.iter().skip(self.at).filter(|held| !held.busy).count();
        let wanted = (AHEAD + 1).saturating_sub(beyond);
        if wanted == 0 || self.claiming || self.is_leaving() || self.now < self.ask_again_at {
            return Vec::new();
        }
        self.claiming = true;
        vec![Ask::Claim { queue: self.queue.clone(), items_max: wanted }]
    }

    /// Rules on what is selected, or on what is looked at.
    fn settle(&mut self, approved: bool) -> Vec<Ask> {
        let chosen = |held: &&mut Held| self.selected.contains(&held.id) && !held.busy;
        let mut items: Vec<(String, u64)> = Vec::new();
        for held in self.held.iter_mut().filter(chosen) {
            held.busy = true;
            items.push((held.id.clone(), held.version));
        }
        let mut asks = if items.is_empty() {
            let Some(held) = self.held.get_mut(self.at).filter(|held| !held.busy) else { return Vec::new() };
            held.busy = true;
            vec![Ask::Settle { id: held.id.clone(), version: held.version, approved }]
        } else {
            self.selected.clear();
            vec![Ask::SettleMany { items, approved }]
        };
        self.go_on();
        asks.extend(self.claim());
        asks
    }

    fn skip(&mut self) -> Vec<Ask> {
        let Some(held) = self.held.get_mut(self.at).filter(|held| !held.busy) else { return Vec::new() };
        held.busy = true;
        let mut asks = vec![Ask::Skip { id: held.id.clone() }];
        self.go_on();
        asks.extend(self.claim());
        asks
    }

    fn undo(&mut self) -> Vec<Ask> {
        let Some(action_id) = self.done.pop() else {
            self.say("nothing to take back");
            return Vec::new();
        };
        vec![Ask::Undo { action_id }]
    }

    /// Gives back what is held and turns to the next queue.
    fn next_queue(&mut self) -> Vec<Ask> {
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

    fn release_all(&mut self) -> Vec<Ask> {
        let mut asks = Vec::new();
        for held in self.held.iter_mut().filter(|held| !held.busy) {
            held.busy = true;
            asks.push(Ask::Release { id: held.id.clone() });
        }
        asks
    }

    /// Looks at the next item that nothing was asked about, or at the last one.
    fn go_on(&mut self) {
        let free = |held: &Held| !held.busy;
        let next = self.held.iter().skip(self.at).position(free).map(|beyond| self.at + beyond);
        self.at = next.or_else(|| self.held.iter().rposition(free)).unwrap_or(self.at);
    }

    fn let_go(&mut self, id: &str) {
        self.selected.remove(id);
        let Some(gone) = self.held.iter().position(|held| held.id == id) else { return };
        self.held.remove(gone);
        if gone < self.at {
            self.at -= 1;
        }
        self.at = self.at.min(self.held.len().saturating_sub(1));
    }

    fn find(&mut self, id: &str) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.id == id)
    }

    fn say(&mut self, what: &str) {
        what.clone_into(&mut self.said);
    }
}
