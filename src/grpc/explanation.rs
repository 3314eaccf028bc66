//! What was explained, as the wire has it.

use super::{convert, pb};
use crate::domain::{Circumstances, DecisionSource, Revision, Score};
use crate::moderation::explanation::{Explained, RejectionSpans, Replay};

pub(super) fn explained(explained: Explained) -> pb::ExplainCommentResponse {
    let Explained { revision, decision, model_version, scores, attributes, rejection, circumstances, replay } =
        explained;
    let Revision { number, decision: in_force, .. } = &revision;
    let likely_to_reject = Score::new(rejection.score).filter(|_| rejection.has_house);
    let ruled = (in_force.source == DecisionSource::Moderator).then(|| convert::decision(in_force.clone()));
    pb::ExplainCommentResponse {
        revision: *number,
        comment: convert::revision(revision).comment,
        decision: Some(convert::decision(decision)),
        ruled,
        model_version,
        scores: convert::scores(Some(&scores), likely_to_reject),
        attributes: attributes.into_iter().map(convert::attribute_spans).collect(),
        likely_to_reject: Some(rejection_spans(rejection)),
        known: circumstances.map(known),
        replay: Some(replayed(replay)),
    }
}

fn rejection_spans(parts: RejectionSpans) -> pb::RejectionSpans {
    let spans = parts.words.into_iter().map(|word| pb::RejectionSpan {
        begin: word.begin,
        end: word.end,
        base: word.base,
        house: word.house,
    });
    let input = |(name, contribution): (&str, f64)| pb::RejectionInput { name: name.to_owned(), contribution };
    pb::RejectionSpans {
        score: parts.score,
        logit: parts.logit,
        has_house: parts.has_house,
        base_bias: parts.base_bias,
        house_bias: parts.house_bias,
        base_style: parts.base_style,
        house_style: parts.house_style,
        spans: spans.collect(),
        inputs: parts.inputs.into_iter().map(input).collect(),
        omitted_spans: parts.omitted_words,
        omitted_base: parts.omitted_base,
        omitted_house: parts.omitted_house,
    }
}

fn known(Circumstances { word_hits, published, held, rejected }: Circumstances) -> pb::Circumstances {
    pb::Circumstances { word_hits, published, held, rejected }
}

fn replayed(replay: Replay) -> pb::Replay {
    pb::Replay {
        scores_equal: replay.scores_equal,
        outcome_equal: replay.outcome_equal,
        reasons_equal: replay.reasons_equal,
        decision: replay.decision.map(convert::decision),
        not_replayed: replay.not_replayed.iter().map(|one| one.name().to_owned()).collect(),
    }
}
