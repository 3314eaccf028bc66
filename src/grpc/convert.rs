//! Wire messages to domain types and back.

use super::pb;
use crate::domain::{
    Author, Comment, Criterion, Decision, DecisionSource, Language, Outcome, Reason, Revision, Score, Scores, Span,
    Timestamp,
};
use crate::moderation::{AttributeSpans, Draft, Recorded, StoredComment, TextScores};
use std::collections::HashMap;

pub(super) fn draft(request: pb::SubmitCommentRequest) -> Draft {
    let author = request.author.unwrap_or_default();
    Draft {
        site_id: request.site_id,
        article_id: request.article_id,
        comment_id: request.comment_id,
        parent_id: request.parent_id,
        author_id: author.author_id,
        author_name: author.name,
        text: request.text,
        submitted_at: request.submitted_at.map(micros),
        request_id: request.request_id,
    }
}

/// Keeps microseconds; a time beyond what fits becomes the extreme, which validation refuses.
pub(super) fn micros(time: prost_types::Timestamp) -> Timestamp {
    let micros = i128::from(time.seconds) * 1_000_000 + i128::from(time.nanos / 1_000);
    let clamped = micros.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    Timestamp::from_micros(i64::try_from(clamped).expect("clamped to the range"))
}

pub(super) fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    let micros = time.as_micros();
    prost_types::Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: i32::try_from(micros.rem_euclid(1_000_000) * 1_000).expect("below a second"),
    }
}

pub(super) fn submitted(recorded: Recorded, request_id: String) -> pb::SubmitCommentResponse {
    let Revision { number, comment, decision: made, .. } = recorded.revision;
    pb::SubmitCommentResponse {
        site_id: comment.site_id.as_str().to_owned(),
        comment_id: comment.comment_id.as_str().to_owned(),
        revision: number,
        decision: Some(decision(made)),
        repeated: recorded.repeated,
        request_id,
    }
}

pub(super) fn found(found: StoredComment) -> pb::GetCommentResponse {
    let revisions: Vec<pb::Revision> = found.revisions.into_iter().map(revision).collect();
    let current = revisions.last().cloned().unwrap_or_default();
    pb::GetCommentResponse {
        comment: current.comment,
        decision: current.decision,
        revisions,
        revisions_omitted: found.revisions_omitted,
    }
}

pub(super) fn revision(revision: Revision) -> pb::Revision {
    let erased_at = revision.erased_at.map(timestamp);
    pb::Revision {
        number: revision.number,
        comment: Some(pb::Comment { erased_at, ..comment(revision.comment) }),
        decision: Some(decision(revision.decision)),
        received_at: Some(timestamp(revision.received_at)),
    }
}

fn comment(comment: Comment) -> pb::Comment {
    let Author { author_id, name } = comment.author;
    pb::Comment {
        site_id: comment.site_id.as_str().to_owned(),
        article_id: comment.article_id.as_str().to_owned(),
        comment_id: comment.comment_id.as_str().to_owned(),
        parent_id: comment.parent_id.map(|id| id.as_str().to_owned()).unwrap_or_default(),
        author: Some(pb::Author { author_id: author_id.map(|id| id.as_str().to_owned()).unwrap_or_default(), name }),
        text: comment.text,
        submitted_at: Some(timestamp(comment.submitted_at)),
        erased_at: None,
    }
}

pub(super) fn decision(decision: Decision) -> pb::Decision {
    pb::Decision {
        outcome: outcome(decision.outcome).into(),
        source: source(decision.source).into(),
        reasons: decision.reasons.into_iter().map(reason).collect(),
        scores: scores(decision.scores.as_ref(), decision.house.map(|house| house.likely_to_reject)),
        model_version: decision.model_version,
        policy_version: decision.policy_version,
        decided_at: Some(timestamp(decision.decided_at)),
    }
}

pub(super) fn outcome(outcome: Outcome) -> pb::Outcome {
    match outcome {
        Outcome::Publish => pb::Outcome::Publish,
        Outcome::Hold => pb::Outcome::Hold,
        Outcome::Reject => pb::Outcome::Reject,
    }
}

fn source(source: DecisionSource) -> pb::DecisionSource {
    match source {
        DecisionSource::Model => pb::DecisionSource::Model,
        DecisionSource::Rule => pb::DecisionSource::Rule,
        DecisionSource::Moderator => pb::DecisionSource::Moderator,
    }
}

pub(super) fn reason(reason: Reason) -> pb::Reason {
    pb::Reason {
        code: reason.code.name().to_owned(),
        attribute: reason.criterion.map(|criterion| criterion.name().to_owned()).unwrap_or_default(),
        score: reason.score.map(Score::get),
        threshold: reason.threshold.map(Score::get),
        spans: reason.spans.into_iter().map(span).collect(),
        language: code(reason.language),
        name: reason.name.map(String::from).unwrap_or_default(),
        outcome: reason.outcome.map_or(pb::Outcome::Unspecified, outcome).into(),
    }
}

fn code(language: Option<Language>) -> String {
    language.map(|language| language.to_string()).unwrap_or_default()
}

fn span(span: Span) -> pb::Span {
    pb::Span { begin: span.begin, end: span.end, contribution: span.contribution }
}

/// Lists scores by their names; that of a house model is among them where there is one.
pub(super) fn scores(scores: Option<&Scores>, likely_to_reject: Option<Score>) -> HashMap<String, f32> {
    let attributes = scores.into_iter().flat_map(Scores::iter);
    let attributes = attributes.map(|(attribute, score)| (Criterion::from(attribute), score));
    let likely = likely_to_reject.map(|score| (Criterion::LikelyToReject, score));
    attributes.chain(likely).map(|(criterion, score)| (criterion.name().to_owned(), score.get())).collect()
}

pub(super) fn attribute_spans(explained: AttributeSpans) -> pb::AttributeSpans {
    pb::AttributeSpans {
        attribute: explained.attribute.name().to_owned(),
        spans: explained.spans.into_iter().map(span).collect(),
        logit: explained.logit,
        bias: explained.bias,
        omitted_spans: explained.omitted_spans,
        omitted_contribution: explained.omitted_contribution,
        style: explained.style,
    }
}

pub(super) fn text_scores(scored: TextScores) -> pb::TextScores {
    let explanations = scored.explanations.into_iter().map(attribute_spans);
    pb::TextScores {
        scores: scores(Some(&scored.scores), scored.likely_to_reject),
        explanations: explanations.collect(),
        language: code(scored.language),
        language_supported: scored.language_supported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_microseconds_on_both_sides_of_1970() {
        for micros_sent in [0, 1, -1, 1_700_000_000_123_456, -1_700_000_000_123_456] {
            let time = Timestamp::from_micros(micros_sent);
            assert_eq!(micros(timestamp(time)), time);
        }
    }

    #[test]
    fn impossible_times_do_not_wrap() {
        let far = prost_types::Timestamp { seconds: i64::MAX, nanos: i32::MAX };
        assert_eq!(micros(far), Timestamp::from_micros(i64::MAX));
        let long_ago = prost_types::Timestamp { seconds: i64::MIN, nanos: i32::MIN };
        assert_eq!(micros(long_ago), Timestamp::from_micros(i64::MIN));
    }
}
