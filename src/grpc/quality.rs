//! Reports of quality as wire messages.

use super::{convert, pb};
use crate::domain::Attribute;
use crate::moderation::quality::{
    Band, Drift, Estimate, ModelQuality,
    drift::{CriterionDrift, Period},
};

pub(super) fn model(quality: ModelQuality) -> pb::ModelQuality {
    let ModelQuality { published, held, rejected, .. } = quality;
    pb::ModelQuality {
        model_version: quality.model_version,
        decided: Some(pb::OutcomeCounts { published, held, rejected }),
        sampled: quality.sampled,
        wrongly_published: Some(estimate(quality.wrongly_published)),
        wrongly_held: Some(estimate(quality.wrongly_held)),
        wrongly_rejected: Some(estimate(quality.wrongly_rejected)),
        sampled_rejected: quality.sampled_rejected,
        overturned: Some(estimate(quality.overturned)),
        attributes: quality.bands.into_iter().map(attribute).collect(),
    }
}

pub(super) fn drift(drift: Drift) -> pb::Drift {
    pb::Drift {
        advice: drift.advice,
        retraining_due: drift.is_due,
        recent: Some(period(drift.recent)),
        days: drift.days.into_iter().map(period).collect(),
        unseen_ngrams_in_training: drift.unseen_ngrams_then,
    }
}

fn period(period: Period) -> pb::DriftPeriod {
    let attribute = |CriterionDrift { criterion, stability_index, agreement }| pb::AttributeDrift {
        attribute: criterion.name().to_owned(),
        stability_index,
        agreement: Some(estimate(agreement)),
    };
    pb::DriftPeriod {
        from: Some(convert::timestamp(period.from)),
        until: Some(convert::timestamp(period.until)),
        comments: period.comments,
        unseen_ngrams: period.unseen_ngrams,
        attributes: period.criteria.into_iter().map(attribute).collect(),
    }
}

fn attribute((attribute, bands): (Attribute, Vec<Band>)) -> pb::AttributeQuality {
    let band = |Band { from, rejected, labelled }| pb::ScoreBand {
        from,
        rejected: Some(estimate(rejected)),
        labelled: Some(estimate(labelled)),
    };
    pb::AttributeQuality { attribute: attribute.name().to_owned(), bands: bands.into_iter().map(band).collect() }
}

fn estimate(Estimate { ruled, stand_for, share, low, high }: Estimate) -> pb::Estimate {
    pb::Estimate { ruled, stand_for, share, low, high }
}
