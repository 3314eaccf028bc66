//! A moderator takes down a comment that readers see, brings one back, and sees afterwards what was ruled and why.

use crate::support::TestServer;
use crate::support::terminal::{json_lines, output};
use serde_json::json;

fn run(server: &TestServer, args: &[&str], code: i32) -> (String, String) {
    let args = [args, &["--server", &server.url]].concat();
    tokio::task::block_in_place(|| output(&args, "", code))
}

/// Types the commands that a hint quotes, one after the other.
fn follow(server: &TestServer, said: &str) {
    let hint = said.split("hint: ").nth(1).unwrap();
    let commands: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
    assert_eq!(commands.len(), 2, "{hint}");
    for command in commands {
        let args: Vec<&str> = command.strip_prefix("ombud ").unwrap().split(' ').collect();
        run(server, &args, 0);
    }
}

fn outcome(server: &TestServer, id: &str) -> serde_json::Value {
    json_lines(&run(server, &["get", id, "--json"], 0).0)[0]["outcome"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_does_not_wait_is_ruled_on_as_the_hint_says() {
    let server = TestServer::start_with("[policy.toxicity]\nreject = 0.5\n").await;
    run(&server, &["submit", "--comment-id", "c1", "Well argued, thank you."], 0);
    let settle =
        |id: &str, ruling: &str, code: i32| run(&server, &["queue", "settle", id, ruling, "--as", "ada"], code).1;
    let refused = settle("c1", "reject", 1);
    assert!(refused.starts_with("error: the server refused: the comment does not wait for a moderator\n"), "{refused}");
    follow(&server, &refused);
    assert_eq!(outcome(&server, "c1"), "REJECT");
    // What was ruled on comes back by undoing.
    follow(&server, &settle("c1", "approve", 1));
    assert_eq!(outcome(&server, "c1"), "PUBLISH");
    assert!(settle("c1", "approve", 1).ends_with("hint: readers see the comment already\n"));
    // What the policy rejected comes back by an appeal.
    run(&server, &["submit", "--comment-id", "c 2", "You stupid idiot."], 0);
    assert_eq!(outcome(&server, "c 2"), "REJECT");
    let refused = settle("c 2", "approve", 1);
    assert!(refused.contains("`ombud appeal 'c 2'`; then `ombud queue settle 'c 2' approve --as ada`"), "{refused}");
    run(&server, &["appeal", "c 2"], 0);
    settle("c 2", "approve", 0);
    assert_eq!(outcome(&server, "c 2"), "PUBLISH");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_and_reason_of_a_verdict_are_shown_wherever_it_is() {
    let server = TestServer::start().await;
    let submit = ["submit", "--author-id", "reader-7", "--comment-id"];
    run(&server, &[&submit[..], &["c1", "Only a fool believes this."]].concat(), 0);
    run(&server, &[&submit[..], &["c2", "The minister is a liar."]].concat(), 0);
    let why = ["--label", "SPAM=no", "--label", "INSULT=yes", "--reason", "civility", "--as", "ada"];
    let (settled, _) = run(&server, &[&["queue", "settle", "c1", "reject"][..], &why].concat(), 0);
    let line = settled.lines().find(|line| line.starts_with("  rejected by ada at ")).unwrap();
    assert!(line.ends_with("Z, civility, INSULT yes, SPAM no") && !line.contains('.'), "{settled}");
    assert!(run(&server, &["queue", "show", "c1"], 0).0.contains(line));
    let labels = json!({ "INSULT": true, "SPAM": false });
    let shown = &json_lines(&run(&server, &["queue", "show", "c1", "--json"], 0).0)[0]["last_verdict"];
    assert_eq!(
        (&shown["labels"], &shown["verdict"], &shown["reason"]),
        (&labels, &json!("reject"), &json!("civility"))
    );
    assert!(shown["settled_at"].is_string(), "{shown}");
    // Beside another comment of the author too.
    let (other, _) = run(&server, &["queue", "show", "c2"], 0);
    assert!(other.contains("  c1 rejected by ada, civility, INSULT yes, SPAM no\n"), "{other}");
    let other = &json_lines(&run(&server, &["queue", "show", "c2", "--json"], 0).0)[0];
    assert_eq!(other["author_verdicts"][0]["labels"], labels);
    let (history, _) = run(&server, &["history", "comment", "c1"], 0);
    assert!(history.contains("verdict reject, reason civility, labels INSULT=yes SPAM=no\n"), "{history}");
    let history = json_lines(&run(&server, &["history", "comment", "c1", "--jsonl"], 0).0);
    assert!(history.iter().any(|event| event["event"] == "settled" && event["labels"] == labels), "{history:?}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_shown_with_what_was_before_it_and_its_note_and_passing_on_is_taken_back() {
    let server = TestServer::start().await;
    run(&server, &["submit", "--comment-id", "c1", "Only a fool believes this."], 0);
    let (_, said) = run(&server, &["queue", "escalate", "c1", "Ask the lawyers.", "--as", "ada"], 0);
    let action =
        said.strip_prefix("`ombud queue undo ").and_then(|rest| rest.strip_suffix("` takes it back\n")).unwrap();
    assert!(action.parse::<u64>().is_ok(), "{said}");
    let (undone, _) = run(&server, &["queue", "undo", "--comment-id", "c1", "--as", "bob"], 0);
    assert_eq!(undone, "1 waits again\n");
    assert!(run(&server, &["queue", "show", "c1"], 0).0.contains("  waiting in held since "));

    let settle = ["queue", "settle", "c1", "reject", "--as", "ada", "--note", "Seen before."];
    let (settled, _) = run(&server, &settle, 0);
    assert!(settled.contains("  before that: HOLD\n    TOXICITY "), "{settled}");
    let (shown, _) = run(&server, &["queue", "show", "c1"], 0);
    assert!(shown.contains("  before that: HOLD\n    TOXICITY ") && shown.contains("“fool”"), "{shown}");
    assert!(shown.contains("note by ada\n  | Seen before.\n"), "{shown}");
    let json = &json_lines(&run(&server, &["queue", "show", "c1", "--json"], 0).0)[0]["last_verdict"];
    assert_eq!(json["decision_before"]["reasons"][0]["code"], "HOLD_THRESHOLD", "{json}");
    server.stop().await;
}
