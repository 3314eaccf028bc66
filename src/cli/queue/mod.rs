//! `ombud queue`: what a moderator does at a terminal.

pub(crate) mod args;
mod campaigns;
mod define;
mod dossier;
mod item;
mod not_waiting;
mod watch;

use super::client::{Connection, Refused, block_on, connect_to_review};
use super::{Ended, output};
use crate::grpc::{ReviewClient, pb};
use args::{
    ItemArgs, ListArgs, NextArgs, Order, QueueArgs, QueueCommand, Ruling, SettleArgs, SettleAuthorArgs, UndoArgs,
    WriteArgs,
};
use item::show;
use pb::settle_many_request::Which;
use serde::Serialize;
use std::io::{self, BufWriter, Write as _};
use uuid::Uuid;

/// Comments that are asked for at once.
const PAGE_SIZE: i32 = 200;

pub(crate) fn run(command: QueueCommand) -> anyhow::Result<Ended> {
    block_on(async move {
        match command {
            QueueCommand::Set(args) => define::set(args).await,
            QueueCommand::Delete(args) => define::delete(args).await,
            QueueCommand::Watch(args) => watch::run(args).await,
            QueueCommand::List(args) => list(args).await,
            QueueCommand::Show(args) => dossier::show(args).await,
            QueueCommand::Next(args) => next(args).await,
            QueueCommand::Settle(args) => settle(args).await,
            QueueCommand::SettleAuthor(args) => settle_author(args).await,
            QueueCommand::Campaigns(args) => campaigns::list(args).await,
            QueueCommand::SettleCampaign(args) => campaigns::settle(args).await,
            QueueCommand::EndRule(args) => campaigns::end_rule(args).await,
            QueueCommand::Undo(args) => undo(args).await,
            QueueCommand::Renew(args) => renew(args).await,
            QueueCommand::Release(args) => release(args).await,
            QueueCommand::Skip(args) => skip(args).await,
            QueueCommand::Escalate(args) => escalate(args).await,
            QueueCommand::Note(args) => note(args).await,
        }
    })
}

async fn list(args: ListArgs) -> anyhow::Result<Ended> {
    let QueueArgs { site: site_id, queue, order, server } = args.queue;
    let mut client = connect_to_review(&server).await?;
    let mut left = args.limit.unwrap_or(usize::MAX);
    let mut out = BufWriter::new(anstream::stdout().lock());
    let mut page_token = String::new();
    while left > 0 {
        let request = pb::ListReviewItemsRequest {
            site_id: site_id.clone(),
            queue: queue.clone(),
            order: wire(order).into(),
            page_size: PAGE_SIZE.min(i32::try_from(left).unwrap_or(PAGE_SIZE)),
            page_token,
        };
        let page = client.list_review_items(request).await.map_err(Refused)?.into_inner();
        left -= page.items.len().min(left);
        for item in page.items {
            show(&mut out, item, args.jsonl)?;
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    out.flush()?;
    drop(out);
    let queues = client.list_queues(pb::ListQueuesRequest { site_id }).await.map_err(Refused)?.into_inner().queues;
    // The others only where something waits in them, or where somebody thought of them.
    for one in queues.into_iter().filter(|one| one.name == queue || one.items > 0 || one.definition.is_some()) {
        writeln!(io::stderr().lock(), "{}", describe(one))?;
    }
    Ok(Ended::Done)
}

/// Says how much waits in a queue, and what a defined one shows.
fn describe(queue: pb::Queue) -> String {
    let pb::Queue { name, items, claimed, oldest_at, definition } = queue;
    let oldest = output::time(oldest_at).map(|oldest| format!(", the oldest since {oldest}")).unwrap_or_default();
    let mut said = format!("{name}: {items} waiting, {claimed} of them claimed{oldest}");
    let Some(conditions) = definition.and_then(|definition| definition.conditions) else { return said };
    let pb::QueueConditions { queues, article_ids, author_ids, scores, reasons } = conditions;
    let mut scores: Vec<String> =
        scores.into_iter().map(|(attribute, score)| format!("{attribute} at least {score}")).collect();
    scores.sort_unstable();
    let kinds = [("in", queues), ("on", article_ids), ("by", author_ids), ("with", scores), ("because of", reasons)];
    let kinds = kinds.into_iter().filter(|(_, names)| !names.is_empty());
    let kinds: Vec<String> =
        kinds.map(|(word, names)| format!("{word} {}", output::visible(&names.join(" or ")))).collect();
    said.push_str(&format!(" ({})", kinds.join(", ")));
    said
}

async fn next(args: NextArgs) -> anyhow::Result<Ended> {
    let QueueArgs { site: site_id, queue, order, server } = args.queue;
    let mut client = connect_to_review(&server).await?;
    let request = pb::ClaimNextRequest {
        site_id,
        queue,
        order: wire(order).into(),
        moderator_id: args.moderator.moderator,
        items_max: args.items,
        lease_secs: args.lease_secs,
    };
    let claimed = client.claim_next(request).await.map_err(Refused)?.into_inner().items;
    if claimed.is_empty() {
        writeln!(io::stderr().lock(), "nothing waits that nobody holds")?;
    }
    let mut out = anstream::stdout().lock();
    for item in claimed {
        show(&mut out, item, args.jsonl)?;
    }
    Ok(Ended::Done)
}

async fn settle(args: SettleArgs) -> anyhow::Result<Ended> {
    let ItemArgs { comment_id, site: site_id, moderator, server, json } = args.item;
    let mut client = connect_to_review(&server).await?;
    let version = match args.version {
        Some(version) => version,
        None => item(&mut client, &site_id, &comment_id).await?.version,
    };
    let place = (site_id.clone(), comment_id.clone(), moderator.moderator.clone());
    let request = pb::SettleItemRequest {
        site_id,
        comment_id,
        moderator_id: moderator.moderator,
        version,
        verdict: verdict(args.ruling).into(),
        labels: args.why.label.into_iter().collect(),
        reason: args.why.reason,
        note: args.why.note,
        request_id: request_id(),
    };
    let settled = match client.settle_item(request).await {
        Ok(settled) => settled.into_inner(),
        Err(status) => return Err(not_waiting::explained(&mut client, place, args.ruling, Refused(status)).await),
    };
    show(&mut anstream::stdout().lock(), settled.item.unwrap_or_default(), json)?;
    if !json {
        tell_action(settled.action_id)?;
    }
    Ok(Ended::Done)
}

/// Says how to take an action back.
fn tell_action(action_id: u64) -> io::Result<()> {
    writeln!(io::stderr().lock(), "`ombud queue undo {action_id}` takes it back")
}

/// What an action on several comments did.
#[derive(Serialize)]
struct Done {
    action_id: u64,
    items: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    items_left: Option<u32>,
    repeated: bool,
}

async fn settle_author(args: SettleAuthorArgs) -> anyhow::Result<Ended> {
    let SettleAuthorArgs { author_id, ruling, article: article_id, site, moderator, server, why, json } = args;
    let mut client = connect_to_review(&server).await?;
    let request = pb::SettleManyRequest {
        site_id: site,
        which: Some(Which::Author(pb::AuthorOnArticle { author_id, article_id })),
        moderator_id: moderator.moderator,
        verdict: verdict(ruling).into(),
        labels: why.label.into_iter().collect(),
        reason: why.reason,
        note: why.note,
        request_id: request_id(),
    };
    let pb::SettleManyResponse { action_id, items, repeated } =
        client.settle_many(request).await.map_err(Refused)?.into_inner();
    if json {
        output::json_line(&mut io::stdout().lock(), &Done { action_id, items, items_left: None, repeated })?;
    } else {
        writeln!(anstream::stdout().lock(), "{items} ruled on")?;
    }
    if items == 0 {
        let what = "nothing matched: no comment of this author under this article waits that nobody else holds";
        writeln!(io::stderr().lock(), "{what}")?;
        return Ok(Ended::Wanting);
    }
    if !json {
        tell_action(action_id)?;
    }
    Ok(Ended::Done)
}

async fn undo(args: UndoArgs) -> anyhow::Result<Ended> {
    let UndoArgs { action, comment_id, site: site_id, moderator, server, json } = args;
    let mut client = connect_to_review(&server).await?;
    let action_id = match (action, comment_id) {
        (Some(action), _) => action,
        // The server refuses a number that is none.
        (None, id) => {
            let comment_id = id.unwrap_or_default();
            let found = item(&mut client, &site_id, &comment_id).await?;
            let escalated = found.escalation.map(|escalation| escalation.action_id);
            escalated.or(found.last_verdict.map(|last| last.action_id)).unwrap_or_default()
        }
    };
    let (moderator_id, request_id) = (moderator.moderator, request_id());
    let request = pb::UndoActionRequest { site_id, moderator_id, action_id, request_id };
    let pb::UndoActionResponse { items, items_left, repeated } =
        client.undo_action(request).await.map_err(Refused)?.into_inner();
    if json {
        let done = Done { action_id, items, items_left: Some(items_left), repeated };
        output::json_line(&mut io::stdout().lock(), &done)?;
        return Ok(Ended::Done);
    }
    let mut out = anstream::stdout().lock();
    let verb = if items == 1 { "waits" } else { "wait" };
    writeln!(out, "{items} {verb} again")?;
    if items_left > 0 {
        writeln!(out, "{items_left} left as they are: something has come after the verdict")?;
    }
    Ok(Ended::Done)
}

fn verdict(ruling: Ruling) -> pb::Verdict {
    match ruling {
        Ruling::Approve => pb::Verdict::Approve,
        Ruling::Reject => pb::Verdict::Reject,
    }
}

async fn renew(args: ItemArgs) -> anyhow::Result<Ended> {
    let ItemArgs { comment_id, site: site_id, moderator, server, json } = args;
    let (moderator_id, request_id) = (moderator.moderator, request_id());
    let request = pb::RenewClaimRequest { site_id, comment_id, moderator_id, request_id, lease_secs: 0 };
    let renewed = connect_to_review(&server).await?.renew_claim(request).await.map_err(Refused)?;
    show(&mut anstream::stdout().lock(), renewed.into_inner().item.unwrap_or_default(), json)
}

async fn release(args: ItemArgs) -> anyhow::Result<Ended> {
    let ItemArgs { comment_id, site: site_id, moderator, server, json } = args;
    let (moderator_id, request_id) = (moderator.moderator, request_id());
    let request = pb::ReleaseClaimRequest { site_id, comment_id, moderator_id, request_id };
    let released = connect_to_review(&server).await?.release_claim(request).await.map_err(Refused)?;
    show(&mut anstream::stdout().lock(), released.into_inner().item.unwrap_or_default(), json)
}

async fn skip(args: ItemArgs) -> anyhow::Result<Ended> {
    let ItemArgs { comment_id, site: site_id, moderator, server, json } = args;
    let (moderator_id, request_id) = (moderator.moderator, request_id());
    let request = pb::SkipItemRequest { site_id, comment_id, moderator_id, request_id };
    let skipped = connect_to_review(&server).await?.skip_item(request).await.map_err(Refused)?;
    show(&mut anstream::stdout().lock(), skipped.into_inner().item.unwrap_or_default(), json)
}

async fn escalate(args: WriteArgs) -> anyhow::Result<Ended> {
    let ItemArgs { comment_id, site: site_id, moderator, server, json } = args.item;
    let (moderator_id, request_id, note) = (moderator.moderator, request_id(), args.text);
    let request = pb::EscalateItemRequest { site_id, comment_id, moderator_id, note, request_id };
    let escalated = connect_to_review(&server).await?.escalate_item(request).await.map_err(Refused)?;
    let pb::EscalateItemResponse { item, action_id, .. } = escalated.into_inner();
    show(&mut anstream::stdout().lock(), item.unwrap_or_default(), json)?;
    if !json {
        tell_action(action_id)?;
    }
    Ok(Ended::Done)
}

async fn note(args: WriteArgs) -> anyhow::Result<Ended> {
    let ItemArgs { comment_id, site: site_id, moderator, server, json } = args.item;
    let (moderator_id, request_id, text) = (moderator.moderator, request_id(), args.text);
    let request = pb::AddNoteRequest { site_id, comment_id, moderator_id, text, request_id };
    let noted = connect_to_review(&server).await?.add_note(request).await.map_err(Refused)?;
    show(&mut anstream::stdout().lock(), noted.into_inner().item.unwrap_or_default(), json)
}

async fn item(
    client: &mut ReviewClient<Connection>,
    site_id: &str,
    comment_id: &str,
) -> anyhow::Result<pb::ReviewItem> {
    let request = pb::GetReviewItemRequest { site_id: site_id.to_owned(), comment_id: comment_id.to_owned() };
    Ok(client.get_review_item(request).await.map_err(Refused)?.into_inner().item.unwrap_or_default())
}

/// Makes a name for a request, by which the server would know it again.
fn request_id() -> String {
    Uuid::now_v7().to_string()
}

fn wire(order: Order) -> pb::ReviewOrder {
    match order {
        Order::Risk => pb::ReviewOrder::Risk,
        Order::Oldest => pb::ReviewOrder::Oldest,
        Order::Newest => pb::ReviewOrder::Newest,
    }
}
