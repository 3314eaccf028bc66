//! `ombud quality`: how good decisions were, as far as moderators' verdicts tell.

mod drift;

use super::args::ServerArgs;
use super::client::{Refused, block_on, connect_to_review};
use super::policy::args::time;
use super::policy::wire_time;
use super::{Ended, output};
use crate::grpc::pb;
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write};

#[derive(Args)]
#[command(
    after_help = "Published and rejected comments are drawn for audit by lot; each verdict counts for as many comments as it \
                        stands for. Intervals are of 95 %.\n\nExample: ombud quality --since 2026-11-01"
)]
pub(crate) struct QualityArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    /// Only comments from then on, as a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<jiff::Timestamp>,
    /// Only comments before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<jiff::Timestamp>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: QualityArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let mut client = connect_to_review(&args.server).await?;
        let (since, until) = (args.since.map(wire_time), args.until.map(wire_time));
        let request = pb::GetQualityReportRequest { site_id: args.site, since, until };
        let report = client.get_quality_report(request).await.map_err(Refused)?.into_inner();
        let (models, drift) = (report.models, report.drift.unwrap_or_default());
        let mut out = io::stdout().lock();
        if args.json {
            let models: Vec<Value> = models.into_iter().map(as_json).collect();
            output::json_line(&mut out, &json!({ "models": models, "drift": drift::as_json(drift) }))?;
            return Ok(Ended::Done);
        }
        if models.is_empty() {
            writeln!(io::stderr().lock(), "no comments")?;
            return Ok(Ended::Done);
        }
        for model in models {
            show(&mut out, model)?;
        }
        drift::show(&mut out, &drift)?;
        Ok(Ended::Done)
    })
}

fn show(out: &mut impl Write, model: pb::ModelQuality) -> io::Result<()> {
    let decided = model.decided.unwrap_or_default();
    writeln!(
        out,
        "{}: {} published, {} of them drawn for audit, {} held, {} rejected, {} of them drawn",
        output::visible(&model.model_version),
        decided.published,
        model.sampled,
        decided.held,
        decided.rejected,
        model.sampled_rejected
    )?;
    let waiting = decided.held.saturating_sub(model.wrongly_held.unwrap_or_default().ruled);
    for (what, estimate) in [
        ("published that should not have been", model.wrongly_published),
        ("held that should have been published", model.wrongly_held),
        ("rejected that should have been published", model.wrongly_rejected),
        ("appealed rejections that were overturned", model.overturned),
    ] {
        writeln!(out, "  {what:<42} {}", words(estimate.unwrap_or_default()))?;
    }
    if waiting > 0 {
        writeln!(
            out,
            "  {waiting} held were not ruled on yet: where the riskiest come first, the share of all held is higher"
        )?;
    }
    for attribute in model.attributes {
        writeln!(out, "\n  {:<17} {:<34} share that carry it", attribute.attribute, "share that moderators rejected")?;
        for band in attribute.bands {
            let (rejected, labelled) = (band.rejected.unwrap_or_default(), band.labelled.unwrap_or_default());
            writeln!(
                out,
                "    {:.1} to {:.1}      {:<34} {}",
                band.from,
                band.from + 0.1,
                words(rejected),
                words(labelled)
            )?;
        }
    }
    writeln!(out)
}

fn words(pb::Estimate { ruled, share, low, high, .. }: pb::Estimate) -> String {
    if ruled == 0 {
        return "no verdicts yet".to_owned();
    }
    format!("{:.1} % ({:.1} to {:.1}), of {ruled}", 100.0 * share, 100.0 * low, 100.0 * high)
}

fn estimate(one: Option<pb::Estimate>) -> Value {
    let pb::Estimate { ruled, stand_for, share, low, high } = one.unwrap_or_default();
    json!({ "ruled": ruled, "stand_for": stand_for, "share": share, "low": low, "high": high })
}

fn as_json(model: pb::ModelQuality) -> Value {
    let band = |band: pb::ScoreBand| json!({ "from": band.from, "rejected": estimate(band.rejected), "labelled": estimate(band.labelled) });
    let attribute = |one: pb::AttributeQuality| {
        let bands: Vec<Value> = one.bands.into_iter().map(band).collect();
        json!({ "attribute": one.attribute, "bands": bands })
    };
    let decided = model.decided.unwrap_or_default();
    json!({
        "model_version": model.model_version,
        "published": decided.published,
        "held": decided.held,
        "rejected": decided.rejected,
        "sampled": model.sampled,
        "sampled_rejected": model.sampled_rejected,
        "wrongly_rejected": estimate(model.wrongly_rejected),
        "wrongly_published": estimate(model.wrongly_published),
        "wrongly_held": estimate(model.wrongly_held),
        "overturned": estimate(model.overturned),
        "attributes": model.attributes.into_iter().map(attribute).collect::<Vec<_>>(),
    })
}
