//! The rules of erasing: what is left of a comment once its words must go, as pure functions that every store engine calls.
//!
//! Text and name go, of every revision, and what tells copies of them; so do words beside the comment, which may quote it:
//! of reports, appeals, escalations and notes. What stays is what was decided, by whom and when,
//! under the comment's ids: a number in a count says nothing about what was said. There is no way back.

use super::event::Event;
use super::submit::CommentHead;
use super::{
    Decision, Fingerprint, Revision, Timestamp, Words,
    report::{Report, Standing},
    review::{Note, Settled},
};

impl Report {
    /// Takes the reader's words out; what waited for a verdict gets none.
    pub fn erase(&mut self) {
        self.said.text = Words::default();
        if self.standing == Standing::Open {
            self.standing = Standing::Lapsed;
        }
    }
}

impl Note {
    /// Takes the words out.
    pub fn erase(&mut self) {
        self.text = Words::default();
    }
}

/// Decides what erasing does to the comment that `head` describes: `None` where it was erased before.
pub fn erase(head: &CommentHead) -> Option<Event> {
    let comment = &head.current.comment;
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    head.current.erased_at.is_none().then_some(Event::CommentErased { site_id, comment_id })
}

impl Revision {
    /// Takes the words out of a revision.
    pub fn erase(&mut self, at: Timestamp) {
        self.comment.text.clear();
        self.comment.author.name.clear();
        self.decision.forget_places();
        self.erased_at = Some(at);
    }
}

impl CommentHead {
    /// Takes the words out of a comment's newest revision, and the comment out of review.
    pub(super) fn erase(&mut self, at: Timestamp) {
        self.current.erase(at);
        // What is like it would tell of the text.
        (self.fingerprint, self.campaign) = (Fingerprint::default(), 0);
        let review = &mut self.review;
        (review.item, review.last_request) = (None, None);
        review.reports.erase();
        if let Some(appeal) = &mut review.appeal {
            appeal.text = Words::default();
        }
        if let Some(settled) = &mut review.settled {
            settled.erase();
        }
    }
}

impl Settled {
    /// Takes the words out of what was in force before, and out of the verdict before.
    fn erase(&mut self) {
        self.decision_before.forget_places();
        if let Some(escalated) = &mut self.item_before.escalated {
            escalated.note = Words::default();
        }
        if let Some(before) = &mut self.before {
            before.erase();
        }
    }
}

impl Decision {
    /// Forgets where in the text something was found: there is no text any more.
    fn forget_places(&mut self) {
        for reason in &mut self.reasons {
            reason.spans = Vec::new();
        }
    }
}
