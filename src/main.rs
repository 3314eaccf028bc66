//! The `ombud` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ombud::cli::run()
}
