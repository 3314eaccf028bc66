//! People read what commands print: times, ids and what is no longer there.

use crate::support::TestServer;
use crate::support::terminal::{json_lines, output};

fn run(server: &TestServer, args: &[&str], code: i32) -> (String, String) {
    let args = [args, &["--server", &server.url]].concat();
    tokio::task::block_in_place(|| output(&args, "", code))
}

/// Returns whether a text has parts of a second in a time.
fn has_fractions(text: &str) -> bool {
    text.as_bytes().windows(5).any(|five| {
        let [colon, tens, ones, dot, digit] = five else { return false };
        (*colon, *dot) == (b':', b'.') && [tens, ones, digit].iter().all(|byte| byte.is_ascii_digit())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_seconds_and_programs_all_of_a_time() {
    let server = TestServer::start().await;
    run(&server, &["submit", "--comment-id", "c1", "Only a fool believes this."], 0);
    run(&server, &["queue", "note", "c1", "Hm.", "--as", "ada"], 0);
    run(&server, &["report", "c1", "--reporter", "r1", "--reason", "rude"], 0);
    run(&server, &["queue", "next", "--as", "ada", "--queue", "reported"], 0);
    let policy = server.dir.path().join("policy.toml");
    std::fs::write(&policy, "mode = \"open\"\n").unwrap();
    run(&server, &["policy", "set", policy.to_str().unwrap(), "--as", "ada"], 0);
    let lists = [
        &["get", "c1"][..],
        &["list", "--article", "default"],
        &["queue", "list", "--queue", "reported"],
        &["queue", "show", "c1"],
        &["history", "comment", "c1"],
        &["policy", "show"],
        &["policy", "history"],
    ];
    for args in lists {
        let (out, err) = run(&server, args, 0);
        assert!(out.contains('Z') && !has_fractions(&out) && !has_fractions(&err), "{args:?}: {out}{err}");
    }
    let (json, _) = run(&server, &["get", "c1", "--json"], 0);
    assert!(has_fractions(&json), "{json}");
    run(&server, &["queue", "settle", "c1", "approve", "--as", "ada"], 0);
    run(&server, &["token", "create", "--role", "submitter", "--name", "web", "--expires", "1d"], 0);
    let (tokens, _) = run(&server, &["token", "list"], 0);
    assert!(tokens.contains("web") && !has_fractions(&tokens), "{tokens}");
    server.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn no_terminal_is_too_narrow_for_an_id() {
    let server = TestServer::start().await;
    let (submitted, _) =
        run(&server, &["submit", "--json", "--author-name", "Annabel of the Garden", &"Good point. ".repeat(20)], 0);
    let id = json_lines(&submitted)[0]["comment_id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 36);
    for columns in [40, 80, 200] {
        let args = ["list", "--article", "default", "--server", &server.url];
        let drawn = tokio::task::block_in_place(|| crate::support::terminal::at_a_terminal(columns, &args, ""));
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines.len(), 2, "{columns}: {drawn}");
        assert!(lines[1].contains(&id) && lines[1].contains("Good point. Go") && lines[1].contains('…'), "{drawn}");
        assert!(columns < 200 || lines[1].trim_end().chars().count() <= 200, "{drawn}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_said_to_be() {
    let server = TestServer::start().await;
    run(&server, &["submit", "--comment-id", "c1", "--author-name", "Ann", "Well argued."], 0);
    run(&server, &["submit", "--comment-id", "c2", "--parent-id", "c1", "It is."], 0);
    run(&server, &["erase", "comment", "c1", "--as", "ada"], 0);
    for (args, part) in [
        (["list", "--article", "default"].as_slice(), "(erased)   (erased)"),
        (&["get", "c1"], "by (erased) on default\n  erased at "),
        (&["get", "c1"], "\n  | (erased)\n"),
        (&["queue", "show", "c1"], "by (erased) on default\n  | (erased)\n"),
        (&["queue", "show", "c2"], "PUBLISH  c1, by (erased)\n  | (erased)\n"),
    ] {
        let (out, _) = run(&server, args, 0);
        assert!(out.contains(part), "{args:?}: {out}");
    }
    let erased = &json_lines(&run(&server, &["get", "c1", "--json"], 0).0)[0];
    assert_eq!((&erased["text"], &erased["author_name"]), (&"".into(), &"".into()));
    server.stop().await;
}

#[test]
fn a_number_that_is_none_is_told_what_is_expected_and_where() {
    for (args, said) in [
        (
            ["list", "--article", "a", "--limit", "x"].as_slice(),
            "'x' for '--limit <N>': must be a whole number, at least 1",
        ),
        (&["queue", "settle-campaign", "x", "reject"], "'x' for '<CAMPAIGN>': must be a whole number, at least 1"),
        (&["queue", "undo", "c1"], "'c1' for '[ACTION]': must be a whole number, at least 1"),
        (
            &["queue", "settle-campaign", "9", "reject", "--hold-copies", "25"],
            "'25' for '--hold-copies <HOURS>': must be a whole number from 1 to 24",
        ),
        (&["policy", "restore", "first"], "'first' for '<VERSION>': must be a whole number, at least 1"),
        (&["queue", "next", "--lease-secs", "10m"], "'10m' for '--lease-secs <SECONDS>': must be a whole number"),
        (&["train", "--train", "a", "--dev", "a", "--out", "a", "--seed=-1"], "'-1' for '--seed <N>': must be a whole"),
    ] {
        let (_, err) = output(args, "", 2);
        assert!(err.contains(said) && !err.contains("invalid digit"), "{args:?}: {err}");
    }
}
