//! The program under test, as a person or a script at a terminal starts it.

use super::ombud;
use assert_cmd::Command;
use serde_json::Value;

/// Returns the program with arguments; nothing of the machine that the tests run on shows.
pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(ombud());
    command.env_clear().env("NO_COLOR", "1").env("COLUMNS", "100").args(args);
    command
}

/// Runs the program, checks its exit status, and returns what it wrote to standard output and standard error.
pub fn output(args: &[&str], stdin: &str, code: i32) -> (String, String) {
    let mut command = command(args);
    command.write_stdin(stdin);
    ran(command, code)
}

/// Runs a command, checks its exit status, and returns what it wrote to standard output and standard error.
pub fn ran(mut command: Command, code: i32) -> (String, String) {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{out}\n{err}");
    (out, err)
}

/// Reads lines of JSON.
pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
