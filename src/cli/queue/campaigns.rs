//! `ombud queue campaigns` and `settle-campaign`: near-copies, ruled on together.

use super::args::{Ruling, WhyArgs};
use crate::cli::args::{ModeratorArgs, ServerArgs};
use crate::cli::client::{Refused, connect_to_review};
use crate::cli::numbers::whole;
use crate::cli::{Ended, json, output};
use crate::grpc::pb;
use clap::Args;
use pb::settle_many_request::Which;
use serde_json::json;
use std::io::{self, BufWriter, Write};
use uuid::Uuid;

/// Campaigns that are asked for at once.
const PAGE_SIZE: i32 = 100;
/// Characters of a comment that are shown.
const TEXT_CHARS: usize = 80;

#[derive(Args)]
pub(crate) struct CampaignsArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    /// How many campaigns at most [default: all]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(1..))]
    limit: Option<usize>,
    /// Print one line of JSON per campaign
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("rule"))]
pub(crate) struct SettleCampaignArgs {
    /// The campaign's number, as `ombud queue campaigns` shows it
    #[arg(value_name = "CAMPAIGN", value_parser = whole::<u64>(1..))]
    campaign_id: u64,
    /// The ruling
    #[arg(value_enum)]
    ruling: Ruling,
    /// Hold further copies for so many hours, 1 to 24
    #[arg(long, value_name = "HOURS", group = "rule", value_parser = whole(1..=24))]
    hold_copies: Option<i32>,
    /// Reject further copies for so many hours, 1 to 24
    #[arg(long, value_name = "HOURS", group = "rule", value_parser = whole(1..=24))]
    reject_copies: Option<i32>,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    #[command(flatten)]
    moderator: ModeratorArgs,
    #[command(flatten)]
    why: WhyArgs,
    /// Print what was done as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct EndRuleArgs {
    /// The campaign's number, as `ombud queue campaigns` shows it
    #[arg(value_name = "CAMPAIGN", value_parser = whole::<u64>(1..))]
    campaign_id: u64,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    #[command(flatten)]
    moderator: ModeratorArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// Ends the rule on a campaign.
pub(crate) async fn end_rule(args: EndRuleArgs) -> anyhow::Result<Ended> {
    let request = pb::SetCampaignRuleRequest {
        site_id: args.site,
        campaign_id: args.campaign_id,
        measure: pb::CampaignMeasure::None.into(),
        moderator_id: args.moderator.moderator,
        ..pb::SetCampaignRuleRequest::default()
    };
    connect_to_review(&args.server).await?.set_campaign_rule(request).await.map_err(Refused)?;
    writeln!(io::stdout().lock(), "no rule holds for further copies any more; what it held or rejected stays so")?;
    Ok(Ended::Done)
}

pub(crate) async fn list(args: CampaignsArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_review(&args.server).await?;
    let limit = args.limit.unwrap_or(usize::MAX);
    let (mut left, mut page_token) = (limit, String::new());
    let mut out = BufWriter::new(io::stdout().lock());
    while left > 0 {
        let page_size = PAGE_SIZE.min(i32::try_from(left).unwrap_or(PAGE_SIZE));
        let request = pb::ListCampaignsRequest { site_id: args.site.clone(), page_size, page_token };
        let page = client.list_campaigns(request).await.map_err(Refused)?.into_inner();
        if page.campaigns.is_empty() && left == limit {
            writeln!(io::stderr().lock(), "no near-copies wait")?;
        }
        left -= page.campaigns.len().min(left);
        for campaign in page.campaigns {
            show(&mut out, campaign, args.jsonl)?;
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    out.flush()?;
    Ok(Ended::Done)
}

fn show(out: &mut impl Write, campaign: pb::Campaign, jsonl: bool) -> anyhow::Result<()> {
    let pb::Campaign { campaign_id, members, waiting, newest, .. } = campaign;
    let newest = newest.unwrap_or_default();
    let at = json::time(newest.received_at);
    let comment = newest.comment.unwrap_or_default();
    if !jsonl {
        let text = output::shorten(&output::visible(&comment.text), TEXT_CHARS);
        writeln!(out, "{campaign_id:>8}  {members} alike, {waiting} waiting  {text}")?;
        return Ok(());
    }
    let line = json!({
        "campaign_id": campaign_id,
        "members": members,
        "waiting": waiting,
        "newest": { "comment_id": comment.comment_id, "text": comment.text, "received_at": at },
    });
    output::json_line(out, &line)
}

pub(crate) async fn settle(args: SettleCampaignArgs) -> anyhow::Result<Ended> {
    let mut client = connect_to_review(&args.server).await?;
    let verdict = match args.ruling {
        Ruling::Approve => pb::Verdict::Approve,
        Ruling::Reject => pb::Verdict::Reject,
    };
    let request = pb::SettleManyRequest {
        site_id: args.site.clone(),
        which: Some(Which::CampaignId(args.campaign_id)),
        moderator_id: args.moderator.moderator.clone(),
        verdict: verdict.into(),
        labels: args.why.label.into_iter().collect(),
        reason: args.why.reason,
        note: args.why.note,
        request_id: Uuid::now_v7().to_string(),
    };
    let pb::SettleManyResponse { action_id, items, .. } =
        client.settle_many(request).await.map_err(Refused)?.into_inner();
    let rule = args.hold_copies.map(|hours| (pb::CampaignMeasure::Hold, hours));
    let rule = rule.or(args.reject_copies.map(|hours| (pb::CampaignMeasure::Reject, hours)));
    let mut matched = None;
    if let Some((measure, hours)) = rule {
        let request = pb::SetCampaignRuleRequest {
            site_id: args.site,
            campaign_id: args.campaign_id,
            measure: measure.into(),
            hours,
            moderator_id: args.moderator.moderator,
            dry_run: false,
        };
        matched = Some(client.set_campaign_rule(request).await.map_err(Refused)?.into_inner().matched);
    }
    let mut out = io::stdout().lock();
    if args.json {
        output::json_line(&mut out, &json!({ "action_id": action_id, "items": items, "matched": matched }))?;
    } else {
        writeln!(out, "{items} ruled on")?;
        if let Some(matched) = matched {
            writeln!(out, "further copies are caught; of the last 24 hours the rule would match {matched}")?;
        }
    }
    if items == 0 {
        let what = "nothing matched: no comment of this campaign waits that nobody else holds; `ombud queue campaigns` shows \
                    those that wait";
        writeln!(io::stderr().lock(), "{what}")?;
    } else if !args.json {
        writeln!(io::stderr().lock(), "`ombud queue undo {action_id}` takes the verdict back")?;
    }
    if matched.is_some() && !args.json {
        writeln!(io::stderr().lock(), "`ombud queue end-rule {}` ends the rule", args.campaign_id)?;
    }
    // A rule for further copies is something done.
    Ok(Ended::done_if(items > 0 || matched.is_some()))
}
