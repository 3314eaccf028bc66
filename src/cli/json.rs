//! The JSON that commands print for programs; its names are those of the proto.

use super::lines::BadLine;
use crate::domain::{self, Attribute};
use crate::grpc::pb;
use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::collections::HashMap;

/// A submitted comment's answer.
#[derive(Serialize)]
pub(crate) struct Submitted {
    site_id: String,
    comment_id: String,
    revision: u32,
    repeated: bool,
    #[serde(flatten)]
    decision: Decision,
}

/// What became of one line of standard input.
#[derive(Serialize)]
pub(crate) struct Numbered<T> {
    line: u64,
    #[serde(flatten)]
    told: T,
}

impl<T> Numbered<T> {
    /// Says of which line, from 1, something is told.
    pub(crate) fn new(line: u64, told: T) -> Self {
        Self { line, told }
    }
}

/// Why a comment of a stream was refused.
#[derive(Serialize)]
pub(crate) struct Refusal {
    #[serde(skip_serializing_if = "String::is_empty")]
    comment_id: String,
    error: Failure,
}

#[derive(Serialize)]
struct Failure {
    code: &'static str,
    reason: String,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    field_violations: Vec<Violation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

#[derive(Serialize)]
struct Violation {
    field: String,
    description: String,
}

/// What was decided.
#[derive(Serialize)]
pub(crate) struct Decision {
    outcome: &'static str,
    source: &'static str,
    reasons: Vec<Reason>,
    scores: Scores,
    model_version: String,
    policy_version: String,
    decided_at: Option<String>,
}

/// Why a decision is as it is.
#[derive(Serialize)]
pub(crate) struct Reason {
    code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    attribute: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spans: Vec<Span>,
    #[serde(skip_serializing_if = "String::is_empty")]
    language: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
}

/// A part of the text, and what it adds to a logit.
#[derive(Serialize)]
pub(crate) struct Span {
    begin: u32,
    end: u32,
    contribution: f32,
}

/// A stored comment.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the proto")]
pub(crate) struct Comment {
    site_id: String,
    article_id: String,
    comment_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    parent_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    author_id: String,
    author_name: String,
    text: String,
    submitted_at: Option<String>,
    received_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<String>,
    revision: u32,
    #[serde(flatten)]
    decision: Decision,
}

/// A stored comment with all of its revisions.
#[derive(Serialize)]
pub(crate) struct CommentWithRevisions {
    #[serde(flatten)]
    current: Comment,
    revisions: Vec<Comment>,
    #[serde(skip_serializing_if = "is_zero")]
    revisions_omitted: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls")]
pub(crate) fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Scores by name, in the order of the attributes.
pub(crate) struct Scores(pub(crate) HashMap<String, f32>);

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for name in Attribute::ALL.map(Attribute::name) {
            if let Some(score) = self.0.get(name) {
                map.serialize_entry(name, score)?;
            }
        }
        map.end()
    }
}

pub(crate) fn submitted(response: pb::SubmitCommentResponse) -> Submitted {
    Submitted {
        site_id: response.site_id,
        comment_id: response.comment_id,
        revision: response.revision,
        repeated: response.repeated,
        decision: decision(response.decision.unwrap_or_default()),
    }
}

/// Says why the server refused a comment, by the keys of its line.
pub(crate) fn refusal(comment_id: String, failure: pb::Failure) -> Refusal {
    let violation = |v: pb::FieldViolation| {
        let key = match v.field.as_str() {
            "author.author_id" => "author_id".to_owned(),
            "author.name" => "author_name".to_owned(),
            _ => v.field,
        };
        Violation { field: key, description: v.description }
    };
    let wait = failure.retry_after.and_then(|wait| std::time::Duration::try_from(wait).ok());
    Refusal {
        comment_id,
        error: Failure {
            code: code_name(failure.code),
            reason: failure.reason,
            message: failure.message,
            field_violations: failure.field_violations.into_iter().map(violation).collect(),
            retry_after_ms: wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
        },
    }
}

/// Says why a line was not sent.
pub(crate) fn refused_line(bad: BadLine) -> Refusal {
    let error = Failure {
        code: "INVALID_ARGUMENT",
        reason: bad.reason.to_owned(),
        message: bad.what,
        field_violations: Vec::new(),
        retry_after_ms: None,
    };
    Refusal { comment_id: bad.comment_id.unwrap_or_default(), error }
}

fn code_name(code: i32) -> &'static str {
    match tonic::Code::from_i32(code) {
        tonic::Code::InvalidArgument => "INVALID_ARGUMENT",
        tonic::Code::NotFound => "NOT_FOUND",
        tonic::Code::Aborted => "ABORTED",
        tonic::Code::FailedPrecondition => "FAILED_PRECONDITION",
        tonic::Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        tonic::Code::Unavailable => "UNAVAILABLE",
        tonic::Code::Internal => "INTERNAL",
        _ => "UNKNOWN",
    }
}

pub(crate) fn comment(revision: pb::Revision) -> Comment {
    let comment = revision.comment.unwrap_or_default();
    let author = comment.author.unwrap_or_default();
    Comment {
        site_id: comment.site_id,
        article_id: comment.article_id,
        comment_id: comment.comment_id,
        parent_id: comment.parent_id,
        author_id: author.author_id,
        author_name: author.name,
        text: comment.text,
        submitted_at: time(comment.submitted_at),
        received_at: time(revision.received_at),
        erased_at: time(comment.erased_at),
        revision: revision.number,
        decision: decision(revision.decision.unwrap_or_default()),
    }
}

pub(crate) fn comment_with_revisions(stored: pb::GetCommentResponse) -> CommentWithRevisions {
    let current = stored.revisions.last().cloned().unwrap_or_default();
    CommentWithRevisions {
        current: comment(current),
        revisions: stored.revisions.into_iter().map(comment).collect(),
        revisions_omitted: stored.revisions_omitted,
    }
}

pub(crate) fn decision(decision: pb::Decision) -> Decision {
    Decision {
        outcome: outcome_name(decision.outcome()),
        source: match decision.source() {
            pb::DecisionSource::Unspecified => "UNSPECIFIED",
            pb::DecisionSource::Model => "MODEL",
            pb::DecisionSource::Rule => "RULE",
            pb::DecisionSource::Moderator => "MODERATOR",
        },
        reasons: decision.reasons.into_iter().map(reason).collect(),
        scores: Scores(decision.scores),
        model_version: decision.model_version,
        policy_version: decision.policy_version,
        decided_at: time(decision.decided_at),
    }
}

/// Returns an outcome's name as the domain has it.
pub(crate) fn outcome_name(outcome: pb::Outcome) -> &'static str {
    match outcome {
        pb::Outcome::Unspecified => "UNSPECIFIED",
        pb::Outcome::Publish => "PUBLISH",
        pb::Outcome::Hold => "HOLD",
        pb::Outcome::Reject => "REJECT",
    }
}

pub(crate) fn reason(reason: pb::Reason) -> Reason {
    let asked_for = reason.outcome();
    let span = |s: pb::Span| Span { begin: s.begin, end: s.end, contribution: s.contribution };
    Reason {
        code: reason.code,
        attribute: reason.attribute,
        score: reason.score,
        threshold: reason.threshold,
        spans: reason.spans.into_iter().map(span).collect(),
        language: reason.language,
        name: reason.name,
        outcome: (asked_for != pb::Outcome::Unspecified).then(|| outcome_name(asked_for)),
    }
}

pub(crate) fn span(span: domain::Span) -> Span {
    Span { begin: span.begin, end: span.end, contribution: span.contribution }
}

/// Writes a time as RFC 3339 in UTC.
pub(crate) fn time(time: Option<prost_types::Timestamp>) -> Option<String> {
    let time = time?;
    Timestamp::new(time.seconds, time.nanos).ok().map(|time| time.to_string())
}
