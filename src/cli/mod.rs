//! People at a terminal.
//!
//! In come arguments and standard input; data goes out on standard output and talk on standard error. A command
//! parses, calls, prints and ends with an exit code: 0 done, 1 something was refused or found, 2 could not run.
//!
//! Start reading at [`run`].

mod address;
mod args;
mod classify;
mod client;
mod config;
mod demo;
mod doctor;
mod erase;
mod explain;
mod explain_comment;
mod failure;
mod files;
mod flags;
mod history;
mod json;
mod json_review;
mod labels;
mod lines;
mod list;
mod models;
mod numbers;
mod output;
mod perspective;
mod policy;
mod progress;
mod quality;
mod queue;
mod readers;
mod refused;
mod rescore;
mod retrain;
mod review;
mod serve;
mod submit;
mod submit_lines;
mod token;
mod token_args;
mod train;
mod verify;

use args::{Cli, Command};
use clap::{CommandFactory, FromArgMatches as _};
use failure::{is_refusal, report};
use flags::Flags;
use std::{io, process::ExitCode};

/// How a command ended, where it could run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything was done.
    Done,
    /// Something was refused or found wanting; what was said on the way tells what.
    Wanting,
}

impl Ended {
    /// Returns [`Ended::Done`] where `done`.
    pub(crate) fn done_if(done: bool) -> Self {
        if done { Self::Done } else { Self::Wanting }
    }
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut Cli::command()).exit());
    // Its exit status 1 says that a gate refused, and nothing else.
    let judges = matches!(cli.command, Command::Retrain(_));
    match dispatch(cli.command) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Wanting) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error, &Flags::of(&matches));
            ExitCode::from(if is_refusal(&error) && !judges { 1 } else { 2 })
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<Ended> {
    match command {
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) => demo::run(&args),
        Command::Doctor(args) => doctor::run(args),
        Command::Classify(args) => classify::run(&args),
        Command::Submit(args) => submit::run(args),
        Command::Get(args) => list::get(args),
        Command::List(args) => list::list(args),
        Command::Report(args) => readers::report(args),
        Command::Appeal(args) => readers::appeal(args),
        Command::Queue(command) => queue::run(command),
        Command::History(args) => history::run(args),
        Command::Quality(args) => quality::run(args),
        Command::Explain(args) => explain_comment::run(args),
        Command::Rescore(args) => rescore::run(args),
        Command::Erase(command) => erase::run(command),
        Command::Perspective(command) => perspective::run(command),
        Command::Policy(command) => policy::run(command),
        Command::Review(args) => review::run(args),
        Command::Token(command) => token::run(command),
        Command::Labels(command) => labels::run(command),
        Command::Models(command) => models::run(command),
        Command::Retrain(args) => retrain::run(args),
        Command::Train(args) => train::train(args),
        Command::Evaluate(args) => train::evaluate(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Audit(command) => verify::audit(command),
        Command::Config(args) => config::run(&args),
        Command::Completions { shell } => {
            let mut written = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "ombud", &mut written);
            output::write(&written)
        }
        Command::Man => {
            let mut written = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut written)?;
            output::write(&written)
        }
    }
}

/// Whoever read the output has seen enough, as `head` does.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe))
}
