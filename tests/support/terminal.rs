//! The program under test, as a person or a script at a terminal starts it.

use super::ombud;
use assert_cmd::Command;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    process::{self, Child, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

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

/// The program under test while it runs, and what it writes; it ends with the test.
pub struct Talking {
    program: Child,
    lines: Receiver<String>,
}

impl Talking {
    pub fn start(args: &[&str]) -> Self {
        let mut program = process::Command::new(ombud());
        program.args(args).env_remove("OMBUD_TOKEN").env_remove("OMBUD_MODERATOR").env("NO_COLOR", "1");
        let mut program = program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (written, (sender, lines)) = (program.stdout.take().unwrap(), mpsc::channel());
        thread::spawn(move || {
            BufReader::new(written).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        Self { program, lines }
    }

    /// Waits for the next line; `None` where it wrote its last one.
    pub fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(Duration::from_mins(1)) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing was written"),
        }
    }

    /// Sends what Ctrl-C sends, and waits until the program has ended.
    #[cfg(unix)]
    pub fn interrupt(&mut self) -> ExitStatus {
        let sent = process::Command::new("kill").args(["-INT", &self.program.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.program.wait().unwrap()
    }
}

impl Drop for Talking {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
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
