//! `ombud erase`: what a person or a court wants gone, goes.

use super::args::{EraseArgs, EraseAuthorArgs, EraseCommand};
use super::client::{Refused, block_on, connect_to_review};
use super::failure::Advised;
use super::{Ended, output};
use crate::grpc::pb;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write};

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
                tell(u64::from(!erased.repeated), json)?;
                Ok(Ended::Done)
            }
            EraseCommand::Author(args) => author(args).await,
        }
    })
}

async fn author(args: EraseAuthorArgs) -> anyhow::Result<Ended> {
    let EraseArgs { id: author_id, site: site_id, moderator, server, json } = args.erase;
    let moderator_id = moderator.moderator;
    // A server that can't be reached is told before anything is asked.
    let mut client = connect_to_review(&server).await?;
    if !args.yes && !is_meant(&author_id, &site_id)? {
        writeln!(io::stderr().lock(), "that is another id; nothing was erased")?;
        return Ok(Ended::Wanting);
    }
    let request = pb::EraseAuthorRequest { site_id, author_id, moderator_id };
    let erased = client.erase_author(request).await.map_err(Refused)?.into_inner();
    tell(erased.comments, json)?;
    if erased.comments == 0 {
        let what = "no comment of this author has words: they were erased before, or the id or --site is another";
        writeln!(io::stderr().lock(), "{what}")?;
    }
    Ok(Ended::done_if(erased.comments > 0))
}

/// Has the author's id typed, and returns whether it is the same.
fn is_meant(author_id: &str, site_id: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        let what = "all that an author ever wrote is erased for good, and nobody can be asked here; nothing was erased";
        return Err(Advised::new(what, "say that it is meant with --yes").into());
    }
    let (author, site) = (output::visible(author_id), output::visible(site_id));
    let mut err = io::stderr().lock();
    write!(
        err,
        "The words of every comment that {author} ever sent to the site {site} will be gone; there is no way back.\n\
         Type the author's id to go on: "
    )?;
    err.flush()?;
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    Ok(typed.trim() == author_id.trim())
}

fn tell(comments: u64, json: bool) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    if json {
        return output::json_line(&mut out, &Erased { comments });
    }
    let noun = if comments == 1 { "comment" } else { "comments" };
    writeln!(out, "{comments} {noun} erased")?;
    if comments > 0 {
        let what =
            "the database's own files follow within store.compact_secs; backups, and journals that were copied, do not";
        writeln!(io::stderr().lock(), "{what}")?;
    }
    Ok(())
}
