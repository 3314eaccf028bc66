//! The arguments of `ombud review`.

use crate::cli::args::{ModeratorArgs, ServerArgs};
use clap::Args;

#[derive(Args)]
#[command(
    after_help = "Keys: j k next and previous, f approve, d reject, s skip, u undo, e explain, l label, x select, t next queue, \
                  space and PgUp pages of a long comment, arrows its lines, ? help, q quit.\n\n\
                  It claims comments as you go, holds them for as long as you press keys, and gives back what is left when \
                  you quit or the connection is lost.\n\n\
                  Example: ombud review --as ada"
)]
pub(crate) struct ReviewArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The queue to begin with
    #[arg(long, value_name = "QUEUE", default_value = "held")]
    pub(crate) queue: String,
    #[command(flatten)]
    pub(crate) moderator: ModeratorArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}
