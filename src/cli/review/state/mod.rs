//! What the reviewer knows and does, without a terminal and without a server: keys, answers and time come in, requests go
//! out.
//!
//! It claims ahead of the moderator, so that the next comment is there when the last one is done, and holds what it has for as
//! long as somebody presses keys. Start reading at [`State::key`].

mod acts;
mod answers;
mod ask;
mod counts;
mod held;
mod key;

use crate::domain::Attribute;
use crate::grpc::pb;
pub(crate) use ask::{Ask, Ruling, Told, UNREACHABLE};
use counts::Counts;
pub(crate) use held::{Held, told_labels};
pub(crate) use key::Key;
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

/// How much of a comment the terminal showed last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Lines that there are.
    pub(crate) lines: usize,
    /// Lines that there is room for.
    pub(crate) rows: usize,
}

/// What keys are for at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    #[default]
    Review,
    /// Numbers choose labels for the comment that is looked at, besides.
    Labels,
    /// The help lies over the comment.
    Help,
}

/// An action that can be taken back.
#[derive(Debug)]
struct Done {
    action_id: u64,
    /// What was done, in few words.
    what: String,
    /// The comment, where it was one.
    id: Option<String>,
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
    pub(crate) mode: Mode,
    /// What was said last.
    pub(crate) said: String,
    /// Whether the server didn't answer when it was asked last.
    pub(crate) is_alone: bool,
    /// Which comment was scrolled, and by how many lines.
    scrolled: Option<(String, usize)>,
    view: View,
    /// What can be taken back, the last at the end.
    done: Vec<Done>,
    /// What is being taken back.
    undoing: Vec<Done>,
    /// The comment that was taken back and is to be claimed again, and then the one that is to be looked at once it comes.
    back: Option<String>,
    coming: Option<String>,
    claiming: bool,
    ask_again_at: i64,
    counts: Counts,
    key_at: i64,
    now: i64,
    /// Since when the moderator has been leaving, if they are.
    leaving_since: Option<i64>,
}

impl State {
    /// Begins with a queue.
    pub(crate) fn new(queue: &str, now: i64) -> (Self, Vec<Ask>) {
        let mut state = Self { queue: queue.to_owned(), now, key_at: now, ..Self::default() };
        let mut asks: Vec<Ask> = state.counts.ask(now).into_iter().collect();
        asks.push(Ask::Hold { queue: queue.to_owned() });
        asks.extend(state.claim());
        (state, asks)
    }

    /// Returns the item that is looked at.
    pub(crate) fn current(&self) -> Option<&Held> {
        self.held.get(self.at)
    }

    /// Returns how many lines of the comment that is looked at lie above what is shown.
    pub(crate) fn scrolled(&self) -> usize {
        let here = self.scrolled.as_ref().filter(|(id, _)| self.current().is_some_and(|held| held.id == *id));
        here.map_or(0, |(_, lines)| *lines)
    }

    /// Takes in how much of the comment there was room for.
    pub(crate) fn drawn(&mut self, view: View) {
        self.view = view;
        self.scroll_to(self.scrolled());
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
        if self.mode == Mode::Help {
            self.mode = Mode::Review;
            if key != Key::Quit {
                return Vec::new();
            }
        }
        let page = self.view.rows.saturating_sub(1).max(1);
        match key {
            Key::LineDown => self.scroll_to(self.scrolled() + 1),
            Key::LineUp => self.scroll_to(self.scrolled().saturating_sub(1)),
            Key::PageDown => self.scroll_to(self.scrolled() + page),
            Key::PageUp => self.scroll_to(self.scrolled().saturating_sub(page)),
            Key::Top => self.scroll_to(0),
            Key::Bottom => self.scroll_to(self.view.lines),
            Key::Help => self.mode = Mode::Help,
            Key::Explain => {
                self.explains = !self.explains;
                self.scrolled = None;
            }
            Key::Label if self.mode == Mode::Review && self.current().is_some() => self.mode = Mode::Labels,
            Key::Label | Key::Leave => self.mode = Mode::Review,
            Key::Number(number) => self.label(number),
            _ => {
                self.mode = Mode::Review;
                return self.act(key);
            }
        }
        self.claim()
    }

    /// Does what a key is for that leaves the comment, or rules on it.
    fn act(&mut self, key: Key) -> Vec<Ask> {
        // Whoever goes on doesn't wait for it any more.
        (self.back, self.coming) = (None, None);
        match key {
            Key::Next => self.at = (self.at + 1).min(self.held.len().saturating_sub(1)),
            Key::Previous => self.at = self.at.saturating_sub(1),
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
                self.leaving_since = Some(self.now);
                "giving back what is held".clone_into(&mut self.said);
                return self.release_all();
            }
            _ => {}
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
        // One question is enough to find out whether a server is back.
        if now - self.key_at < IDLE_MAX && !self.is_alone {
            for held in &mut self.held {
                if !held.renewing && held.until - now < RENEW_AT {
                    held.renewing = true;
                    asks.push(Ask::Renew { id: held.id.clone() });
                }
                if held.look_at.take_if(|at| *at <= now).is_some() {
                    asks.push(Ask::Look { id: held.id.clone() });
                }
            }
            asks.extend(self.claim());
        }
        asks.extend(self.counts.ask_if_old(now));
        asks
    }

    /// Claims ahead, where fewer items are at hand than should be.
    fn claim(&mut self) -> Vec<Ask> {
        let beyond = self.held.iter().skip(self.at).filter(|held| !held.busy).count();
        let wanted = (AHEAD + 1).saturating_sub(beyond).max(usize::from(self.back.is_some()));
        let is_time = self.now >= self.ask_again_at && !self.claiming && !self.is_alone;
        if wanted == 0 || !is_time || self.is_leaving() {
            return Vec::new();
        }
        self.claiming = true;
        self.coming = self.back.take().or_else(|| self.coming.take());
        vec![Ask::Claim { queue: self.queue.clone(), items_max: wanted }]
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
        if gone == self.at {
            self.mode = Mode::Review;
        }
        self.held.remove(gone);
        if gone < self.at {
            self.at -= 1;
        }
        self.at = self.at.min(self.held.len().saturating_sub(1));
    }

    fn find(&mut self, id: &str) -> Option<&mut Held> {
        self.held.iter_mut().find(|held| held.id == id)
    }

    /// Shows the comment from a line on, or from the last one that leaves no room empty.
    fn scroll_to(&mut self, line: usize) {
        let line = line.min(self.view.lines.saturating_sub(self.view.rows));
        self.scrolled = self.current().map(|held| (held.id.clone(), line));
    }

    fn label(&mut self, number: usize) {
        let chosen = number.checked_sub(1).and_then(|index| Attribute::ALL.get(index));
        if let (Mode::Labels, Some(attribute), Some(held)) = (self.mode, chosen, self.held.get_mut(self.at)) {
            held.label(*attribute);
        }
    }

    fn say(&mut self, what: &str) {
        what.clone_into(&mut self.said);
    }
}
