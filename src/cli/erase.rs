//! `ombud erase`: what a person or a court wants gone, goes.

use super::args::{EraseArgs, EraseCommand};
use super::client::{Refused, block_on, connect_to_review};
use super::{Ended, output};
use crate::grpc::pb;
use serde::Serialize;
use std::io::{self, Write};

/// What erasing did.
#[derive(Serialize)]
struct Erased {
    comments: u64,
}

pub(crate) fn run(command: EraseCommand) -> anyhow::Result<Ended> {
    block_on(async move {
        match command {
            EraseCommand::Comment(args) => {
                let EraseArgs { id: comment_id, site: site_id, moderator, server, json } = args;
                let moderator_id = moderator.moderator;
                let request = pb::EraseCommentRequest { site_id, comment_id, moderator_id };
                let mut client = connect_to_review(&server).await?;
                let erased = client.erase_comment(request).await.map_err(Refused)?.into_inner();
                tell(u64::from(!erased.repeated), json)
            }
            EraseCommand::Author(args) => {
                let EraseArgs { id: author_id, site: site_id, moderator, server, json } = args;
                let moderator_id = moderator.moderator;
                let request = pb::EraseAuthorRequest { site_id, author_id, moderator_id };
                let mut client = connect_to_review(&server).await?;
                let erased = client.erase_author(request).await.map_err(Refused)?.into_inner();
                tell(erased.comments, json)
            }
        }
    })
}

fn tell(comments: u64, json: bool) -> anyhow::Result<Ended> {
    let mut out = anstream::stdout().lock();
    if json {
        output::json_line(&mut out, &Erased { comments })?;
        return Ok(Ended::Done);
    }
    let noun = if comments == 1 { "comment" } else { "comments" };
    writeln!(out, "{comments} {noun} erased")?;
    let what =
        "the database's own files follow within store.compact_secs; backups, and journals that were copied, do not";
    writeln!(io::stderr().lock(), "{what}")?;
    Ok(Ended::Done)
}
