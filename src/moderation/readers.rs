//! What a site asks for its readers about comments that are there: reports and appeals.

use super::review::{plain_name, words};
use super::{Error, Review, draft, refuse};
use crate::domain::{AuthorId, CommentId, ReporterId, RequestId, SiteId, Violation, Words, appeal::Plea, report::Said};
use crate::store::{self, AppealDecision, ReportComment, Reported, Reviewed};

/// Characters of a reader's words at most.
const TEXT_CHARS_MAX: usize = 1000;

/// A reader's report, as the caller sent it.
#[derive(Debug, Clone, Default)]
pub struct ReportRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The comment.
    pub comment_id: String,
    /// Who reports.
    pub reporter_id: String,
    /// Why, as the site names it.
    pub reason: String,
    /// The reader's own words; empty for none.
    pub text: Words,
}

/// An author's appeal, as the caller sent it.
#[derive(Debug, Clone, Default)]
pub struct AppealRequest {
    /// The site; empty means [`super::DEFAULT_SITE`].
    pub site_id: String,
    /// The comment.
    pub comment_id: String,
    /// The author who appeals; empty where the site vouches for them.
    pub author_id: String,
    /// Why; empty for no reason.
    pub text: Words,
    /// The client's name for the request; empty for none.
    pub request_id: String,
}

impl Review {
    /// Takes a reader's report.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such comment.
    pub async fn report(&self, request: ReportRequest) -> Result<Reported, Error> {
        let ReportRequest { site_id, comment_id, reporter_id, reason, text } = request;
        let mut violations = Vec::new();
        let site_id = self.place(&site_id, &comment_id, &mut violations);
        draft::required_id("reporter_id", &reporter_id, &self.limits, &mut violations);
        if reason.is_empty() {
            violations.push(Violation::new("reason", "Must be given."));
        }
        plain_name("reason", &reason, &mut violations);
        let text = words("text", text, TEXT_CHARS_MAX, &mut violations);
        refuse(violations)?;
        let said = Said { reporter_id: ReporterId::new(reporter_id), reason, text };
        let now = self.clock.now();
        let report = ReportComment { site_id, comment_id: CommentId::new(comment_id.as_str()), said, now };
        self.store.report(report).await.map_err(|error| not_found(error, comment_id))
    }

    /// Takes an author's appeal.
    ///
    /// # Errors
    ///
    /// Names every field that is wrong; says that there is no such comment, or what stands against the appeal.
    pub async fn appeal(&self, request: AppealRequest) -> Result<Reviewed, Error> {
        let AppealRequest { site_id, comment_id, author_id, text, request_id } = request;
        let mut violations = Vec::new();
        let site_id = self.place(&site_id, &comment_id, &mut violations);
        draft::optional_id("author_id", &author_id, &self.limits, &mut violations);
        let text = words("text", text, TEXT_CHARS_MAX, &mut violations);
        draft::optional_id("request_id", &request_id, &self.limits, &mut violations);
        refuse(violations)?;
        let plea = Plea {
            author_id: (!author_id.is_empty()).then(|| AuthorId::new(author_id)),
            text,
            request_id: (!request_id.is_empty()).then(|| RequestId::new(request_id)),
        };
        let now = self.clock.now();
        let appeal = AppealDecision { site_id, comment_id: CommentId::new(comment_id.as_str()), plea, now };
        self.store.appeal(appeal).await.map_err(|error| not_found(error, comment_id))
    }

    /// Returns the site of a comment, and notes what is wrong with either's id.
    pub(super) fn place(&self, site_id: &str, comment_id: &str, violations: &mut Vec<Violation>) -> SiteId {
        let site_id = SiteId::new(draft::site(site_id, &self.limits, violations));
        draft::required_id("comment_id", comment_id, &self.limits, violations);
        site_id
    }
}

/// Says which comment there is none of.
pub(super) fn not_found(error: store::Error, comment_id: String) -> Error {
    match error {
        store::Error::NoComment => Error::CommentNotFound { id: comment_id },
        error => error.into(),
    }
}
