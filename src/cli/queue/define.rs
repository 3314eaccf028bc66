//! `ombud queue set` and `delete`: queues that an editor defines over what waits.

use super::describe;
use crate::cli::args::{ModeratorArgs, ServerArgs};
use crate::cli::client::{Refused, connect_to_review};
use crate::cli::{Ended, json_review, output};
use crate::domain::Attribute;
use crate::grpc::pb;
use clap::Args;
use std::io::Write as _;

#[derive(Args)]
#[command(group = clap::ArgGroup::new("condition").required(true).multiple(true))]
pub(crate) struct SetArgs {
    /// The queue's name: small letters, digits and underscores
    #[arg(value_name = "NAME")]
    name: String,
    /// Show comments on this article; may be given several times, and so may those below
    #[arg(long, value_name = "A", group = "condition")]
    article: Vec<String>,
    /// Show comments of this author
    #[arg(long, value_name = "ID", group = "condition")]
    author: Vec<String>,
    /// Show comments that have at least this score, such as insult=0.8
    #[arg(long, value_name = "ATTRIBUTE=SCORE", value_parser = score, group = "condition")]
    score: Vec<(String, f32)>,
    /// Show comments for which this fired: a rule or a list of words by its name, or a reason's code, such as LINK
    #[arg(long, value_name = "REASON", group = "condition")]
    reason: Vec<String>,
    /// Show only what waits in this queue: escalated, appeals, reported, held, disagreement or audit [default: any of them]
    #[arg(long = "in", value_name = "QUEUE", group = "condition")]
    queue: Vec<String>,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    #[command(flatten)]
    moderator: ModeratorArgs,
    #[command(flatten)]
    server: ServerArgs,
    /// Print the queue as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct DeleteArgs {
    /// The queue's name
    #[arg(value_name = "NAME")]
    name: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    site: String,
    #[command(flatten)]
    moderator: ModeratorArgs,
    #[command(flatten)]
    server: ServerArgs,
}

pub(super) async fn set(args: SetArgs) -> anyhow::Result<Ended> {
    let conditions = pb::QueueConditions {
        queues: args.queue,
        article_ids: args.article,
        author_ids: args.author,
        scores: args.score.into_iter().collect(),
        reasons: args.reason,
    };
    let request = pb::SetQueueRequest {
        site_id: args.site,
        name: args.name,
        conditions: Some(conditions),
        editor_id: args.moderator.moderator,
    };
    let set = connect_to_review(&args.server).await?.set_queue(request).await.map_err(Refused)?;
    let queue = set.into_inner().queue.unwrap_or_default();
    let mut out = anstream::stdout().lock();
    if args.json {
        output::json_line(&mut out, &json_review::queue(queue))?;
    } else {
        writeln!(out, "{}", describe(queue))?;
    }
    Ok(Ended::Done)
}

pub(super) async fn delete(args: DeleteArgs) -> anyhow::Result<Ended> {
    let DeleteArgs { name, site: site_id, moderator, server } = args;
    let request = pb::DeleteQueueRequest { site_id, name: name.clone(), editor_id: moderator.moderator };
    connect_to_review(&server).await?.delete_queue(request).await.map_err(Refused)?;
    writeln!(anstream::stdout().lock(), "{} is gone; its items wait on where they wait", output::visible(&name))?;
    Ok(Ended::Done)
}

/// Reads an attribute with a score, such as `insult=0.8`.
fn score(text: &str) -> Result<(String, f32), String> {
    let read = text.split_once('=').and_then(|(name, score)| {
        let attribute = Attribute::from_name(name).or_else(|| Attribute::from_name(&name.to_uppercase()))?;
        let score = score.parse().ok().filter(|score| (0.0..=1.0).contains(score))?;
        Some((attribute.name().to_owned(), score))
    });
    read.ok_or_else(|| {
        format!("write an attribute and a score from 0 to 1, such as insult=0.8; the attributes are {}", {
            Attribute::ALL.map(Attribute::name).join(", ").to_lowercase()
        })
    })
}
