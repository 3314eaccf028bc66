//! What is known of an author on a site, and what a policy makes of it.
//!
//! The rules are pure functions that every store engine calls where it writes, so that of several comments sent at once
//! each sees the ones before it.

use super::submit::CommentHead;
use super::{Decision, DecisionSource, Fingerprint, Outcome, Reason, ReasonCode, Timestamp};

/// How many of an author's latest submissions are remembered: no flood rule can ask for more.
pub const RECENT_MAX: usize = 32;

/// A text that an author sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// When it came in.
    pub at: Timestamp,
    /// [`Fingerprint::exact`]; 0 where it is not known.
    pub exact: u64,
}

/// An author's comments on a site, by the decision in force, and the latest submissions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorRecord {
    /// How many comments are published.
    pub published: u32,
    /// How many wait.
    pub held: u32,
    /// How many are rejected.
    pub rejected: u32,
    /// The latest submissions, edits among them, oldest first; at most [`RECENT_MAX`].
    pub recent: Vec<Recent>,
}

impl AuthorRecord {
    /// Returns how many comments the author has.
    pub const fn comments(&self) -> u32 {
        self.published.saturating_add(self.held).saturating_add(self.rejected)
    }

    /// Counts a comment that is the author's from now on.
    pub fn add(&mut self, head: &CommentHead) {
        let count = self.count_mut(head.current.decision.outcome);
        *count = count.saturating_add(1);
    }

    /// No longer counts a comment.
    pub fn take_away(&mut self, head: &CommentHead) {
        let count = self.count_mut(head.current.decision.outcome);
        *count = count.saturating_sub(1);
    }

    /// Remembers a submission.
    pub fn remember(&mut self, recent: Recent) {
        if self.recent.len() >= RECENT_MAX {
            self.recent.remove(0);
        }
        self.recent.push(recent);
    }

    /// Forgets what tells copies of the texts that came in at this time. That there was one still counts.
    pub fn forget(&mut self, at: Timestamp) {
        for recent in self.recent.iter_mut().filter(|recent| recent.at == at) {
            recent.exact = 0;
        }
    }

    /// Returns how many comments have this decision in force.
    pub const fn count_mut(&mut self, outcome: Outcome) -> &mut u32 {
        match outcome {
            Outcome::Publish => &mut self.published,
            Outcome::Hold => &mut self.held,
            Outcome::Reject => &mut self.rejected,
        }
    }
}

/// So many comments of one author in so long a time are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// How many an author may send, from 1 to [`RECENT_MAX`]; the next one is too many.
    pub comments: u32,
    /// Within how many seconds, from 1.
    pub seconds: u32,
    /// What happens to the comment: hold or reject.
    pub action: Outcome,
}

/// The same text again, by the same author.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeats {
    /// Within how many seconds, from 1.
    pub seconds: u32,
    /// What happens to the comment: hold or reject.
    pub action: Outcome,
}

/// Comments of authors that nobody knows yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstTime {
    /// From how many published comments on an author is known, from 1.
    pub published: u32,
    /// What happens to the comment: hold or reject.
    pub action: Outcome,
}

/// What a policy asks of an author's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuthorChecks {
    /// Too many comments.
    pub flood: Option<Flood>,
    /// The same text again.
    pub repeats: Option<Repeats>,
    /// Authors that nobody knows.
    pub first_time: Option<FirstTime>,
}

impl AuthorChecks {
    /// Makes a decision stricter where the author's record says so, and adds the reasons; never milder.
    ///
    /// `record` is that of before the submission; `None` stands for an author without an account or without a comment, of
    /// whom nothing is known. `is_edit` leaves out what is about new comments alone.
    pub fn tighten(
        &self,
        record: Option<&AuthorRecord>,
        is_edit: bool,
        fingerprint: Fingerprint,
        now: Timestamp,
        decision: &mut Decision,
    ) {
        let since = |seconds: u32| now.as_micros().saturating_sub(i64::from(seconds) * 1_000_000);
        let recent = record.map(|record| record.recent.as_slice()).unwrap_or_default();
        let mut fired = Vec::new();
        if let Some(Flood { comments, seconds, action }) = self.flood {
            let sent = recent.iter().filter(|one| one.at.as_micros() > since(seconds)).count();
            if sent >= comments as usize {
                fired.push((ReasonCode::Flood, action));
            }
        }
        if let Some(Repeats { seconds, action }) = self.repeats
            && fingerprint.exact != 0
            && recent.iter().any(|one| one.exact == fingerprint.exact && one.at.as_micros() > since(seconds))
        {
            fired.push((ReasonCode::RepeatedText, action));
        }
        if let Some(FirstTime { published, action }) = self.first_time
            && !is_edit
            && record.map_or(0, |record| record.published) < published
        {
            fired.push((ReasonCode::NewAuthor, action));
        }
        for (code, action) in fired {
            if action > decision.outcome {
                (decision.outcome, decision.source) = (action, DecisionSource::Rule);
            }
            decision.reasons.push(Reason { outcome: Some(action), ..Reason::plain(code) });
        }
    }
}
