//! The commands, their arguments and their help.

use super::doctor::DoctorArgs;
use super::explain_comment::ExplainArgs;
use super::history::HistoryArgs;
use super::labels::LabelsCommand;
use super::models::ModelsCommand;
use super::numbers::whole;
use super::perspective::PerspectiveCommand;
use super::policy::args::PolicyCommand;
use super::quality::QualityArgs;
use super::queue::args::QueueCommand;
use super::rescore::RescoreArgs;
use super::retrain::args::RetrainArgs;
use super::review::args::ReviewArgs;
use super::token_args::TokenCommand;
use crate::classify::Detector;
use crate::domain::{Attribute, Language};
use crate::store::Head;
use clap::{Args, Parser, Subcommand, ValueHint, builder::FalseyValueParser};
use clap_complete::Shell;
use std::path::PathBuf;

/// Where a client looks for a server unless told otherwise.
pub(super) const SERVER_DEFAULT: &str = "http://127.0.0.1:8787";

/// Self-hosted comment moderation: scores readers' comments, decides to publish, hold or reject them, and keeps every
/// decision with its reasons.
#[derive(Parser)]
#[command(
    name = "ombud",
    version,
    arg_required_else_help = true,
    after_help = "Begin with `ombud demo`: it starts a server with nothing to set up and shows what it does.\n\n\
                  Exit status: 0 done, 1 something was refused or found, 2 could not run."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// Show what Ombud does: a server in a temporary folder, fifty comments, their decisions
    Demo(DemoArgs),
    /// Act as a client of another service against a server: say what works, how fast, and what to set
    Doctor(DoctorArgs),
    /// Score texts here, without a server
    Classify(ClassifyArgs),
    /// Send comments to a server and print its decisions
    Submit(SubmitArgs),
    /// Show one comment with its decision and all revisions
    Get(GetArgs),
    /// List the comments on an article or of an author, newest first
    List(ListArgs),
    /// Report a comment for one of its readers
    #[command(after_help = "Example: ombud report c17 --reporter reader-9 --reason harassment")]
    Report(ReportArgs),
    /// Ask for a second look at a rejected comment, for its author
    #[command(after_help = "Example: ombud appeal c17 --text 'I quoted the minister.'")]
    Appeal(AppealArgs),
    /// Work through the comments that wait for a moderator
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Show what happened to a comment, to an author's comments, or by a moderator's hand
    History(HistoryArgs),
    /// Say how good decisions were, as far as moderators' verdicts tell
    Quality(QualityArgs),
    /// Say why a comment was decided on as it was, word by word
    Explain(ExplainArgs),
    /// Say what a model would have said of comments that are stored
    Rescore(RescoreArgs),
    /// Say what happens to comments: thresholds, words, rules, and what they would change
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Bring along what the Perspective API said
    #[command(subcommand)]
    Perspective(PerspectiveCommand),
    /// Work off a queue at this terminal, with a key for each thing to do
    Review(ReviewArgs),
    /// Print and take in what people said of comments, for a model to learn from
    #[command(subcommand)]
    Labels(LabelsCommand),
    /// Say which model decides: the base model alone, or a house model on top
    #[command(subcommand)]
    Models(ModelsCommand),
    /// Say who may use the server
    #[command(subcommand)]
    Token(TokenCommand),
    /// Erase the words of a comment, or of all that an author ever sent, for good
    #[command(subcommand)]
    Erase(EraseCommand),
    /// Learn from moderators' verdicts what this newsroom rejects, and prove it before it decides
    Retrain(RetrainArgs),
    /// Train a model from labelled comments
    Train(TrainArgs),
    /// Measure a model on labelled comments
    Evaluate(EvaluateArgs),
    /// Check that a stopped server's data directory is whole
    #[command(
        after_help = "Exit status: 0 nothing is wrong, also where a kill has left work that the next start finishes; 1 \
                            something is; 2 could not run."
    )]
    Verify(VerifyArgs),
    /// Look after the record of everything that happened
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Show the settings
    Config(ConfigArgs),
    /// Print a completion script for a shell
    #[command(after_help = "Example: ombud completions bash > ~/.local/share/bash-completion/completions/ombud")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example: ombud man | man -l -")]
    Man,
}

#[derive(Args)]
#[command(after_help = "Every setting is also an environment variable: OMBUD_SERVER__LISTEN is server.listen. \
                  `ombud config default` prints them all with their defaults.\n\n\
                  SIGTERM or Ctrl-C lets requests finish, flushes and stops.")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// Where settings come from besides defaults and environment.
#[derive(Args)]
pub(crate) struct SettingsArgs {
    /// Settings to lay over the defaults, as TOML
    #[arg(long, value_name = "FILE", env = "OMBUD_CONFIG", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<String>,
    /// Folder that holds everything [default: ./ombud-data]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// Address and port to listen on; port 0 takes any free one [default: 127.0.0.1:8787, or a free port where that one is
    /// taken]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Stop after the comments instead of leaving the server up
    #[arg(long)]
    pub(crate) exit: bool,
    /// Show how a newsroom's verdicts make a better model: 2,000 of them, by a rule that no model knows, then retrain, promote,
    /// compare and roll back
    #[arg(long)]
    pub(crate) retrain: bool,
}

#[derive(Args)]
#[command(after_help = "Examples:\n  ombud classify 'You are a fool.'\n  \
                  ombud classify --explain 'You are a fool.'\n  \
                  ombud classify --jsonl < comments.jsonl > scores.jsonl")]
pub(crate) struct ClassifyArgs {
    /// Texts to score
    #[arg(value_name = "TEXT", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub(crate) texts: Vec<String>,
    /// Read lines {"id","text"} from standard input, write lines {"id","language","scores"} in the same order
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// Show what each word adds to the score; with --jsonl, add "explanations" to each line
    #[arg(long)]
    pub(crate) explain: bool,
    /// Explain this attribute, such as TOXICITY; may be given several times [default: the one that scores highest and
    /// each that would be held by default; with --jsonl, all]
    #[arg(long, value_name = "NAME", requires = "explain", value_parser = attribute)]
    pub(crate) attribute: Vec<Attribute>,
    /// Folder of the model [default: the model inside the program]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) model: Option<PathBuf>,
}

fn attribute(name: &str) -> Result<Attribute, String> {
    let known = || Attribute::ALL.map(Attribute::name).join(", ");
    Attribute::from_name(name).ok_or_else(|| format!("not one of {}", known()))
}

/// Which server to ask.
#[derive(Args, Clone)]
pub(crate) struct ServerArgs {
    /// The server's address
    #[arg(long, value_name = "URL", env = "OMBUD_URL", default_value = SERVER_DEFAULT)]
    pub(crate) server: String,
    /// The token that says who you are
    #[arg(long, value_name = "TOKEN", env = "OMBUD_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// Send the token even to another machine, in clear: only where nobody can listen
    #[arg(long, env = "OMBUD_INSECURE_TOKEN", value_parser = FalseyValueParser::new())]
    pub(crate) insecure_token: bool,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
}

impl ServerArgs {
    /// Names a server in clear.
    pub(crate) fn of(server: String, token: Option<String>) -> Self {
        Self { server, token, insecure_token: false, tls: TlsArgs::default() }
    }
}

/// Whom to trust, and what to show, where the server's address begins with https
#[derive(Args, Clone, Default)]
pub(crate) struct TlsArgs {
    /// Certificates that sign the server's, instead of those that this machine trusts
    #[arg(long, value_name = "FILE", env = "OMBUD_CA", value_hint = ValueHint::FilePath)]
    pub(crate) ca: Option<PathBuf>,
    /// Certificate to show to a server that asks for one
    #[arg(long, value_name = "FILE", env = "OMBUD_CLIENT_CERT", value_hint = ValueHint::FilePath, requires = "client_key")]
    pub(crate) client_cert: Option<PathBuf>,
    /// Key of --client-cert
    #[arg(long, value_name = "FILE", env = "OMBUD_CLIENT_KEY", value_hint = ValueHint::FilePath, requires = "client_cert")]
    pub(crate) client_key: Option<PathBuf>,
}

#[derive(Args)]
#[command(
    after_help = "With --jsonl, each line of standard input is an object with article_id and text, and optionally \
                  site_id, comment_id, parent_id, author_id and author_name, and no other key; the flags fill what \
                  a line lacks. For each line that isn't blank, one line of JSON goes to standard output, in the same \
                  order, with the line's number: the decision, or an \"error\" with its reason. The exit status is 1 \
                  where any was refused.\n\n\
                  Examples:\n  ombud submit --article council-vote 'Well argued, thank you.'\n  \
                  ombud submit --jsonl < comments.jsonl > decisions.jsonl"
)]
pub(crate) struct SubmitArgs {
    /// The comment
    #[arg(value_name = "TEXT", required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub(crate) text: Option<String>,
    /// Read comments from standard input, one JSON object a line
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The article that the comment hangs on [default: "default"; with --jsonl, none]
    #[arg(long, value_name = "A")]
    pub(crate) article: Option<String>,
    /// The name that other readers see
    #[arg(long, value_name = "N", default_value = "Anonymous")]
    pub(crate) author_name: String,
    /// The reader's account
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) author_id: String,
    /// The site's own id for the comment [default: one that the server makes]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true, conflicts_with = "jsonl")]
    pub(crate) comment_id: String,
    /// The comment that this one answers
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true, conflicts_with = "jsonl")]
    pub(crate) parent_id: String,
    /// Print the answer as JSON
    #[arg(long, conflicts_with = "jsonl")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct GetArgs {
    /// The comment's id
    #[arg(value_name = "ID")]
    pub(crate) comment_id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// Print the comment as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("filter").required(true))]
pub(crate) struct ListArgs {
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The comments on this article
    #[arg(long, value_name = "A", group = "filter")]
    pub(crate) article: Option<String>,
    /// The comments of this author's account
    #[arg(long, value_name = "ID", group = "filter")]
    pub(crate) author_id: Option<String>,
    /// How many comments at most [default: all]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(1..))]
    pub(crate) limit: Option<usize>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
}

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// The comment's id
    #[arg(value_name = "ID")]
    pub(crate) comment_id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The reader who reports, as the site knows them
    #[arg(long, value_name = "READER")]
    pub(crate) reporter: String,
    /// Why, as your site names it, such as harassment
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: String,
    /// The reader's own words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print what the report did as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct AppealArgs {
    /// The comment's id
    #[arg(value_name = "ID")]
    pub(crate) comment_id: String,
    /// The news site
    #[arg(long, value_name = "S", default_value = "default")]
    pub(crate) site: String,
    /// The author who appeals; another than the comment's is refused [default: the site vouches for the author]
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) author_id: String,
    /// Why, in the author's words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    /// Print when the appeal came as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
pub(crate) enum EraseCommand {
    /// Erase text and name of a comment, of all its revisions
    #[command(after_help = "Example: ombud erase comment c17 --as ada")]
    Comment(EraseArgs),
    /// Erase text and name of every comment of which an author wrote any revision
    #[command(after_help = "At a terminal it asks for the author's id again; elsewhere it takes --yes.\n\n\
                      Example: ombud erase author reader-7 --as ada")]
    Author(EraseAuthorArgs),
}

#[derive(Args)]
pub(crate) struct EraseAuthorArgs {
    #[command(flatten)]
    pub(crate) erase: EraseArgs,
    /// Don't ask
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
pub(crate) struct EraseArgs {
    /// The comment's id, or the author's
    #[arg(value_name = "ID")]
    pub(crate) id: String,
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

#[derive(Args)]
pub(crate) struct ModeratorArgs {
    /// Who reviews [default: whose token it is]
    #[arg(
        long = "as",
        value_name = "MODERATOR",
        env = "OMBUD_MODERATOR",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) moderator: String,
}

#[derive(Args)]
#[command(after_help = "Files hold one JSON object a line, plain or gzip: {\"text\": …, \"source\": …, \"labels\": \
                  {\"toxicity\": 1, …}}. A label is 0, 1 or a share in between; a missing one is unknown, not 0.")]
pub(crate) struct TrainArgs {
    /// Labelled comments to learn from; may be given several times
    #[arg(long, value_name = "FILE", required = true, num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) train: Vec<PathBuf>,
    /// Labelled comments to calibrate and measure on, none of which are in the others
    #[arg(long, value_name = "FILE", required = true, num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) dev: Vec<PathBuf>,
    /// Folder to write the model, its manifest and its card into
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, required_unless_present = "leave_one_source_out")]
    pub(crate) out: Option<PathBuf>,
    /// The model's name [default: the folder's]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// What to try, as TOML: features, parameters, sources and their weights [default: as the default model]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) experiment: Option<PathBuf>,
    /// Number that fixes the order of training [default: the experiment's, or 1]
    #[arg(long, value_name = "N", value_parser = whole::<u64>(..))]
    pub(crate) seed: Option<u64>,
    /// Source to measure on instead of learning from it; may be given several times
    #[arg(long, value_name = "SOURCE")]
    pub(crate) leave_out: Vec<String>,
    /// Leave out every source in turn, and only measure: what to expect of a site that nothing was learned from
    #[arg(long, conflicts_with_all = ["out", "leave_out"])]
    pub(crate) leave_one_source_out: bool,
    /// File to add the figures to, one line of JSON for each training
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,
    /// Revision of the program's source, for the manifest
    #[arg(long, value_name = "REVISION")]
    pub(crate) revision: Option<String>,
    /// Language of the comments, as its code in ISO 639-1; may be given several times [default: the experiment's, or en]
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub(crate) language: Vec<Language>,
    /// Threads to train with; the model doesn't depend on it [default: one for each core]
    #[arg(long, value_name = "N", value_parser = whole::<usize>(1..))]
    pub(crate) threads: Option<usize>,
    /// Leave out lines that can't be read, instead of stopping
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

/// Reads the code of a language that comments can be told to be in.
fn language(code: &str) -> Result<Language, String> {
    let language = Language::from_code(code).filter(|language| Detector::can_tell(*language));
    language.ok_or_else(|| format!("not a language that can be told from others; there are {}", Detector::codes()))
}

#[derive(Args)]
pub(crate) struct EvaluateArgs {
    /// Folder of the model [default: the model inside the program]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) model: Option<PathBuf>,
    /// Folder of another model to compare with, on the same comments
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) against: Option<PathBuf>,
    /// Instead of a model, what an experiment's file says is trained and measured, and only the figures are kept
    #[arg(long, value_name = "FILE", requires = "train", conflicts_with = "model", value_hint = ValueHint::FilePath)]
    pub(crate) experiment: Option<PathBuf>,
    /// Labelled comments that the experiment learns from; may be given several times
    #[arg(long, value_name = "FILE", requires = "experiment", num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) train: Vec<PathBuf>,
    /// File to add the experiment's figures to, one line of JSON
    #[arg(long, value_name = "FILE", requires = "experiment", value_hint = ValueHint::FilePath)]
    pub(crate) log: Option<PathBuf>,
    /// Labelled comments that the model has not seen; may be given several times
    #[arg(long, value_name = "FILE", required = true, num_args = 1.., value_hint = ValueHint::FilePath)]
    pub(crate) data: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Leave out lines that can't be read, instead of stopping
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Print where a server's record ends; note it, and `ombud verify --head` tells whether it still holds
    #[command(
        after_help = "Examples:\n  ombud audit head --server http://127.0.0.1:8787   # the server is running\n  \
                            ombud audit head --data-dir ./ombud-data          # the server is stopped"
    )]
    Head(HeadArgs),
}

#[derive(Args)]
pub(crate) struct HeadArgs {
    /// The address of a running server; it takes the token of an admin
    #[arg(long, value_name = "URL", env = "OMBUD_URL")]
    server: Option<String>,
    /// The token that says who you are
    #[arg(long, value_name = "TOKEN", env = "OMBUD_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Send the token even to another machine, in clear: only where nobody can listen
    #[arg(long, env = "OMBUD_INSECURE_TOKEN", value_parser = FalseyValueParser::new())]
    insecure_token: bool,
    #[command(flatten)]
    tls: TlsArgs,
    /// Folder of a stopped server, instead of a running server [default: ./ombud-data, where no server is named]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,
}

impl HeadArgs {
    /// Says where to look: at a server, or in a folder. What names a folder means the folder.
    pub(crate) fn place(self) -> Result<ServerArgs, PathBuf> {
        let Self { server, token, insecure_token, tls, data_dir } = self;
        match (data_dir, server.filter(|url| !url.is_empty())) {
            (None, Some(server)) => Ok(ServerArgs { server, token, insecure_token, tls }),
            (dir, _) => Err(dir.unwrap_or_else(|| "./ombud-data".into())),
        }
    }
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Folder that holds everything
    #[arg(long, value_name = "DIR", default_value = "./ombud-data", value_hint = ValueHint::DirPath)]
    pub(crate) data_dir: PathBuf,
    /// Head that `ombud audit head` printed before; may be given several times
    #[arg(long, value_name = "HEAD")]
    pub(crate) head: Vec<Head>,
    /// Print the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check all settings and print what is in force and from where
    Check {
        #[command(flatten)]
        settings: SettingsArgs,
        /// Print the settings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a commented file of all settings with their defaults
    Default,
}
