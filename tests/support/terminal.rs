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

/// Runs the program at a terminal so many columns wide, types something there, and returns all that was drawn. `script` of
/// util-linux is the terminal.
#[cfg(target_os = "linux")]
pub fn at_a_terminal(columns: u32, args: &[&str], typed: &str) -> String {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };
    let quoted: Vec<String> = args.iter().map(|arg| format!("'{arg}'")).collect();
    let run = format!("stty rows 24 cols {columns}; exec {} {}", ombud().display(), quoted.join(" "));
    let mut script = Command::new("script")
        .args(["-qefc", &run, "/dev/null"])
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script, of util-linux");
    // It stays open until the program has ended.
    let mut keys = script.stdin.take().unwrap();
    keys.write_all(typed.as_bytes()).unwrap();
    let drawn = script.wait_with_output().unwrap();
    drop(keys);
    String::from_utf8(drawn.stdout).unwrap()
}
