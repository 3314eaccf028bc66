//! The arguments of `ombud retrain`.

use crate::cli::args::ServerArgs;
use crate::cli::policy::args::time;
use clap::{Args, ValueHint};
use std::path::PathBuf;

#[derive(Args)]
#[command(
    after_help = "The newest fifth of the labels of each kind is held out to judge by; a new model that is worse than the one that decides is \
                  refused, and the report says why. Files written to --out: <hash>.house, report.json and report.html; the reports \
                  hold comments' words. The same labels and settings give the same bytes.\n\n\
                  Exit status: 0 the new model passed; 1 a gate refused it, also where there are too few labels yet; 2 could not \
                  run.\n\n\
                  Examples:\n  ombud retrain                               # asks the server, uploads what passes\n  \
                  ombud retrain --promote                     # and lets it decide\n  \
                  ombud retrain --dry-run --since 2026-09-01  # looks only\n  \
                  ombud retrain --data-dir ./ombud-data       # the server is stopped"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct RetrainArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Folder of a stopped server, instead of a running server
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Learn from a file that `ombud labels export` wrote, instead of from the server's labels
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) labels: Option<PathBuf>,
    /// Only labels of this site [default: all sites]
    #[arg(long, value_name = "S")]
    pub(crate) site: Option<String>,
    /// Only labels given from then on, as a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<jiff::Timestamp>,
    /// Labelled comments as `ombud train` takes them: some are added as older labels, each counting a quarter of a verdict and
    /// at most one for two verdicts, so that what the base model was taught isn't forgotten; may be given several times
    #[arg(long, value_name = "FILE", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) base_data: Vec<PathBuf>,
    /// Leave out lines of --base-data that can't be read, instead of stopping
    #[arg(long, requires = "base_data")]
    pub(crate) skip_bad: bool,
    /// Settings that the stopped server runs with, as `ombud serve --config` takes them
    #[arg(long, value_name = "FILE", requires = "data_dir", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Folder of the base model, as the server's model.dir names it [default: the model inside the program]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) model: Option<PathBuf>,
    /// Judge against this house model's file instead of against what decides on the server; `base` for the base model alone
    #[arg(long, value_name = "FILE", requires = "dry_run", value_hint = ValueHint::FilePath)]
    pub(crate) against: Option<PathBuf>,
    /// Folder to write the new model and the reports to
    #[arg(long, value_name = "DIR", default_value = "retrained", value_hint = ValueHint::DirPath)]
    pub(crate) out: PathBuf,
    /// Write the files, and change nothing on the server
    #[arg(long, conflicts_with = "promote")]
    pub(crate) dry_run: bool,
    /// Let the new model decide, where every gate lets it pass and no other was promoted meanwhile
    #[arg(long)]
    pub(crate) promote: bool,
    /// Print the report as JSON, with what was done
    #[arg(long)]
    pub(crate) json: bool,
}
