//! What scoring again found, as the wire has it.

use super::pb::{self, rescore_comments_response};
use super::{convert, policy_form};
use crate::domain::Score;
use crate::moderation::rescoring::{Moved, Pair, RescoreRequest, Rescored, Rescoring, Step};

pub(super) fn request(request: pb::RescoreCommentsRequest) -> RescoreRequest {
    let pb::RescoreCommentsRequest { site_id, model, since, until, send_comments, examples_max } = request;
    let (since, until) = (since.map(convert::micros), until.map(convert::micros));
    RescoreRequest { site_id, model, since, until, send_comments, examples_max }
}

pub(super) fn step(step: Step) -> pb::RescoreCommentsResponse {
    let step = match step {
        Step::Progress { events, total } => {
            rescore_comments_response::Step::Progress(pb::RescoringProgress { events, events_total: total })
        }
        Step::Comments(comments) => rescore_comments_response::Step::Comments(pb::RescoredComments {
            comments: comments.iter().map(rescored).collect(),
        }),
        Step::Result(found) => rescore_comments_response::Step::Result(result(*found)),
    };
    pb::RescoreCommentsResponse { step: Some(step) }
}

fn rescored(rescored: &Rescored) -> pb::RescoredComment {
    pb::RescoredComment {
        comment_id: rescored.comment_id.as_str().to_owned(),
        revision: rescored.revision,
        outcome_then: convert::outcome(rescored.outcome_then).into(),
        outcome_now: convert::outcome(rescored.outcome_now).into(),
        likely_to_reject_then: rescored.likely_then.map(Score::get),
        likely_to_reject_now: rescored.likely_now.map(Score::get),
    }
}

fn result(found: Rescoring) -> pb::Rescoring {
    pb::Rescoring {
        model_version: found.model_version,
        comments: found.comments,
        left_out: found.left_out,
        outcomes: found.outcomes.iter().map(pair).collect(),
        moves: found.moves.into_iter().map(moved).collect(),
        verdicts_then: Some(policy_form::agreement(found.verdicts_then)),
        verdicts_now: Some(policy_form::agreement(found.verdicts_now)),
    }
}

fn pair(pair: &Pair) -> pb::RescoredPair {
    pb::RescoredPair {
        outcome_then: convert::outcome(pair.then).into(),
        outcome_now: convert::outcome(pair.now).into(),
        comments: pair.comments,
        examples: pair.examples.iter().map(rescored).collect(),
    }
}

fn moved(moved: Moved) -> pb::ScoreMove {
    let Moved { criterion, comments, mean_then, mean_now, same, raised, lowered } = moved;
    pb::ScoreMove { attribute: criterion.name().to_owned(), comments, mean_then, mean_now, same, raised, lowered }
}
