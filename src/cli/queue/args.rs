//! The arguments of `ombud queue`.

use super::campaigns::{CampaignsArgs, EndRuleArgs, SettleCampaignArgs};
use super::define::{DeleteArgs, SetArgs};
use crate::cli::args::{ModeratorArgs, ServerArgs};
use crate::cli::numbers::whole;
use crate::domain::Attribute;
use clap::{Args, Subcommand, ValueEnum};

#[derive(Subcommand)]
pub(crate) enum QueueCommand {
    /// List what waits in a queue, and how much there is in each
    #[command(after_help = "Example: ombud queue list --queue reported")]
    List(ListArgs),
    /// Show a comment with all that a ruling needs: reports, notes, earlier texts, what is known of the author
    Show(ShowArgs),
    /// Claim the next comments that nobody holds
    #[command(after_help = "Example: ombud queue next --as ada")]
    Next(NextArgs),
    /// Rule on a comment: readers may see it, or never will
    #[command(after_help = "Example: ombud queue settle c17 reject --as ada --label insult=yes --reason civility")]
    Settle(SettleArgs),
    /// Rule on all that waits of one author under one article, in one action
    #[command(
        after_help = "Example: ombud queue settle-author reader-7 reject --article council-vote --as ada --label spam=yes"
    )]
    SettleAuthor(SettleAuthorArgs),
    /// List texts with their near-copies, those with the most waiting first
    Campaigns(CampaignsArgs),
    /// Rule on all that waits of a text and its near-copies, in one action
    #[command(
        after_help = "Example: ombud queue settle-campaign 4711 reject --as ada --label spam=yes --hold-copies 12"
    )]
    SettleCampaign(SettleCampaignArgs),
    /// End the rule that `settle-campaign` left for further copies
    EndRule(EndRuleArgs),
    /// Take the verdicts of one action, or an escalation, back; the comments wait again where they waited
    #[command(
        after_help = "Notes stay, and so does a rule that `settle-campaign` left for further copies: `ombud queue end-rule \
                            CAMPAIGN` ends that.\n\n\
                            Example: ombud queue undo --comment-id c17 --as ada"
    )]
    Undo(UndoArgs),
    /// Hold a claimed comment for longer
    Renew(ItemArgs),
    /// Give a claimed comment back
    Release(ItemArgs),
    /// Give a claimed comment back for others to rule on
    Skip(ItemArgs),
    /// Pass a comment on to those who look at the queue escalated
    #[command(after_help = "Example: ombud queue escalate c17 --as ada 'Ask the lawyers.'")]
    Escalate(WriteArgs),
    /// Write a note beside a comment, for other moderators
    #[command(after_help = "Example: ombud queue note c17 --as ada 'The author apologised.'")]
    Note(WriteArgs),
    /// Define a queue over what waits, by article, author, score and what fired, or define it anew
    #[command(
        after_help = "An item is shown where it meets each kind of condition; of one kind, any will do. It waits on in its own \
                            queue too.\n\n\
                            Examples:\n  ombud queue set council --article council-vote --article budget --as ada\n  \
                            ombud queue set threats --score threat=0.5 --in reported --in held --as ada\n  \
                            ombud queue set spam_rule --reason no_shops --as ada"
    )]
    Set(SetArgs),
    /// Do away with a queue that was defined; its items wait on where they wait
    #[command(after_help = "Example: ombud queue delete council --as ada")]
    Delete(DeleteArgs),
    /// Tell what enters and leaves a queue, and what is claimed there, until Ctrl-C
    Watch(WatchArgs),
}

/// The order of a queue.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Order {
    /// The highest risk first
    Risk,
    /// Who has waited longest first
    Oldest,
    /// The latest first
    Newest,
}

/// What a moderator rules.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Ruling {
    /// Readers may see the comment
    Approve,
    /// Readers must not see the comment
    Reject,
}

#[derive(Args)]
pub(crate) struct QueueArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The queue: escalated, appeals, reported, held, disagreement or audit, or one that `ombud queue set` defined
    #[arg(long, value_name = "QUEUE", default_value = "held")]
    pub(crate) queue: String,
    /// Which comments come first
    #[arg(long, value_enum, default_value = "risk")]
    pub(crate) order: Order,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) queue: QueueArgs,
    /// How many comments at most [default: all]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(1..))]
    pub(crate) limit: Option<usize>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) jsonl: bool,
}

#[derive(Args)]
pub(crate) struct NextArgs {
    #[command(flatten)]
    pub(crate) queue: QueueArgs,
    #[command(flatten)]
    pub(crate) moderator: ModeratorArgs,
    /// How many comments to claim
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = whole::<i32>(1..))]
    pub(crate) items: i32,
    /// For how many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = whole::<i32>(1..))]
    pub(crate) lease_secs: i32,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) jsonl: bool,
}

#[derive(Args)]
pub(crate) struct WatchArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The queue
    #[arg(long, value_name = "QUEUE", default_value = "held")]
    pub(crate) queue: String,
    /// Begin behind the event of this number [default: with what happens from now on]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(..))]
    pub(crate) after_seq: Option<u64>,
    /// Give back what the moderator holds in this queue when this command ends
    #[arg(long)]
    pub(crate) hold: bool,
    #[command(flatten)]
    pub(crate) moderator: ModeratorArgs,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct ItemArgs {
    /// The comment's id
    #[arg(value_name = "ID")]
    pub(crate) comment_id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    #[command(flatten)]
    pub(crate) moderator: ModeratorArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print the comment as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// The comment's id
    #[arg(value_name = "ID")]
    pub(crate) comment_id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print all of it as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct WriteArgs {
    #[command(flatten)]
    pub(crate) item: ItemArgs,
    /// What to write
    #[arg(value_name = "TEXT")]
    pub(crate) text: String,
}

#[derive(Args)]
pub(crate) struct SettleArgs {
    #[command(flatten)]
    pub(crate) item: ItemArgs,
    /// The ruling
    #[arg(value_enum)]
    pub(crate) ruling: Ruling,
    /// The version that you saw; another one is refused [default: the comment as it is now]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(1..))]
    pub(crate) version: Option<u64>,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

#[derive(Args)]
pub(crate) struct SettleAuthorArgs {
    /// The author's account
    #[arg(value_name = "AUTHOR")]
    pub(crate) author_id: String,
    /// The ruling
    #[arg(value_enum)]
    pub(crate) ruling: Ruling,
    /// The article
    #[arg(long, value_name = "A")]
    pub(crate) article: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    #[command(flatten)]
    pub(crate) moderator: ModeratorArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
    /// Print what was done as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct WhyArgs {
    /// Whether the comment carries an attribute, such as insult=yes; may be given several times
    #[arg(long, value_name = "ATTRIBUTE=yes|no", value_parser = label)]
    pub(crate) label: Vec<(String, bool)>,
    /// Why, as your newsroom names it, such as `off_topic`
    #[arg(long, value_name = "REASON", default_value = "")]
    pub(crate) reason: String,
    /// A note to write beside each comment, for other moderators; undoing leaves it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) note: String,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct UndoArgs {
    /// The action's number, as `settle` or `escalate` told it; all that it ruled on waits again
    #[arg(value_name = "ACTION", group = "what", value_parser = whole::<u64>(1..))]
    pub(crate) action: Option<u64>,
    /// The action that passed this comment on, where it waits in escalated, or else that brought its last verdict
    #[arg(long, value_name = "ID", group = "what")]
    pub(crate) comment_id: Option<String>,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    #[command(flatten)]
    pub(crate) moderator: ModeratorArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print what was done as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads a label, such as `insult=yes`.
fn label(text: &str) -> Result<(String, bool), String> {
    let read = text.split_once('=').and_then(|(name, truth)| {
        let attribute = Attribute::from_name(name)?;
        let truth = match truth {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some((attribute.name().to_owned(), truth))
    });
    read.ok_or_else(|| "must be an attribute with yes or no, such as insult=yes".to_owned())
}
