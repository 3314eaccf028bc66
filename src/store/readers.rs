//! What a site writes down for its readers besides comments: reports and appeals.

use super::batch::{Answer, Batch};
use super::sled_engine::keys;
use super::writer::Failure;
use super::{Error, Reviewed};
use crate::domain::{
    Actor, CommentId, SiteId, Timestamp,
    appeal::{self, Plea},
    report::{self, Effect, Said},
    review::{self, Outcomes},
    submit::CommentHead,
};

/// A reader's report.
#[derive(Debug, Clone)]
pub struct ReportComment {
    /// The site.
    pub site_id: SiteId,
    /// The comment.
    pub comment_id: CommentId,
    /// Who says what.
    pub said: Said,
    /// The present time.
    pub now: Timestamp,
}

/// What a report did.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// The comment as it is now.
    pub head: CommentHead,
    /// What the report did to it.
    pub effect: Effect,
}

/// An author's appeal.
#[derive(Debug, Clone)]
pub struct AppealDecision {
    /// The site.
    pub site_id: SiteId,
    /// The comment.
    pub comment_id: CommentId,
    /// Who asks, and why.
    pub plea: Plea,
    /// The present time.
    pub now: Timestamp,
}

impl Batch<'_, '_> {
    pub(super) fn report(&mut self, report: ReportComment) -> Result<(Result<Answer, Error>, bool), Failure> {
        let ReportComment { site_id, comment_id, said, now } = report;
        let key = keys::comment(&site_id, &comment_id);
        let last = self.edit.report(&key, &said.reporter_id).map_err(Failure::State)?;
        let reporter = self.edit.reporter(&site_id, &said.reporter_id).map_err(Failure::State)?.unwrap_or_default();
        let slot = self.edit.slot(&key).map_err(Failure::State)?;
        let pending = slot.pending;
        let Some(head) = &slot.head else { return Ok((Err(Error::NoComment), pending)) };
        if head.current.erased_at.is_some() {
            return Ok((Err(Error::Review(review::Refusal::Erased)), pending));
        }
        let reported = |head, effect| Answer::Reported(Box::new(Reported { head, effect }));
        let answer = match report::report(head, last.as_ref(), reporter, said) {
            (effect, None) => Ok(reported(head.clone(), effect)),
            (effect, Some(event)) => {
                let head = self.act_on(vec![event], Actor::Submitter, now)?;
                head.map(|head| reported(head, effect))
            }
        };
        Ok((answer, pending))
    }

    pub(super) fn appeal(&mut self, appeal: AppealDecision) -> Result<(Result<Answer, Error>, bool), Failure> {
        let AppealDecision { site_id, comment_id, plea, now } = appeal;
        let slot = self.edit.slot(&keys::comment(&site_id, &comment_id)).map_err(Failure::State)?;
        let pending = slot.pending;
        let Some(head) = &slot.head else { return Ok((Err(Error::NoComment), pending)) };
        let reviewed = |head, repeated| Answer::Reviewed(Box::new(Reviewed { head, repeated }));
        let answer = match appeal::appeal(head, plea) {
            Ok(Outcomes::Events(events)) => {
                let head = self.act_on(events, Actor::Submitter, now)?;
                head.map(|head| reviewed(head, false))
            }
            Ok(Outcomes::Repeated) => Ok(reviewed(head.clone(), true)),
            Err(refusal) => Err(Error::Review(refusal)),
        };
        Ok((answer, pending))
    }
}
