//! Reports of quality as wire messages.

use super::pb;
use crate::domain::Attribute;
use crate::moderation::quality::{Band, Estimate, ModelQuality};

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
