//! `ombud report` and `ombud appeal`: what a site sends for its readers about comments that are there.

use super::args::{AppealArgs, ReportArgs};
use super::client::{Refused, block_on, connect_to_review};
use super::{Ended, json_review, output};
use crate::grpc::pb;
use std::io::{self, Write as _};
use uuid::Uuid;

pub(crate) fn report(args: ReportArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let ReportArgs { comment_id, site: site_id, reporter: reporter_id, reason, text, server, json } = args;
        let request = pb::ReportCommentRequest { site_id, comment_id, reporter_id, reason, text };
        let reported = connect_to_review(&server).await?.report_comment(request).await.map_err(Refused)?;
        let reported = reported.into_inner();
        if json {
            output::json_line(&mut io::stdout().lock(), &json_review::reported(reported))?;
        } else {
            writeln!(io::stdout().lock(), "{}", said(reported))?;
        }
        Ok(Ended::Done)
    })
}

/// Says what a report did.
fn said(reported: pb::ReportCommentResponse) -> &'static str {
    match (reported.effect(), reported.waiting) {
        (pb::ReportEffect::Counted, true) => "reported; the comment waits for a moderator",
        (pb::ReportEffect::Counted, false) => "reported; more reports will have the comment wait for a moderator",
        (pb::ReportEffect::Silenced, _) => "noted; a moderator has looked at this text, or nobody can read it",
        (pb::ReportEffect::Repeated, _) => "this reader has reported the comment before",
        (pb::ReportEffect::Enough | pb::ReportEffect::Unspecified, _) => "the comment has as many reports as are kept",
    }
}

pub(crate) fn appeal(args: AppealArgs) -> anyhow::Result<Ended> {
    block_on(async move {
        let AppealArgs { comment_id, site: site_id, author_id, text, server, json } = args;
        let request_id = Uuid::now_v7().to_string();
        let request = pb::AppealDecisionRequest { site_id, comment_id, author_id, text, request_id };
        let appealed = connect_to_review(&server).await?.appeal_decision(request).await.map_err(Refused)?;
        if json {
            output::json_line(&mut io::stdout().lock(), &json_review::appealed(&appealed.into_inner()))?;
        } else {
            writeln!(io::stdout().lock(), "appealed; another moderator than the one who ruled will look")?;
        }
        Ok(Ended::Done)
    })
}
