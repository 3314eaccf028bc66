//! Who moderates or edits at a terminal says who they are once: by a flag, a variable, or a token.

use crate::support::TestServer;
use crate::support::terminal::{command, json_lines, output, ran};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_who_reviews_and_who_edits() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let args = ["token", "create", "--role", "admin", "--name", "ada", "--data-dir", data.to_str().unwrap()];
    let token = output(&args, "", 0).0;
    let server = TestServer::start_in(dir, "").await;
    let policy = server.dir.path().join("policy.toml");
    std::fs::write(&policy, "mode = \"pre_moderated\"\n").unwrap();
    let policy = policy.to_str().unwrap();
    let run = |line: &str, moderator: &str, code: i32| {
        let args: Vec<&str> = line.split(' ').chain(["--server", &server.url]).collect();
        let mut command = command(&args);
        command.env("OMBUD_TOKEN", token.trim_end()).env("OMBUD_MODERATOR", moderator);
        tokio::task::block_in_place(|| ran(command, code))
    };
    run(&format!("policy set {policy}"), "", 0);
    run(&format!("policy set {policy}"), "ada", 0);
    run("policy restore 1 --as ada", "", 0);
    let set = json_lines(&run("policy history --jsonl", "", 0).0);
    assert!(set.len() == 3 && set.iter().all(|version| version["editor_id"] == "ada"), "{set:?}");
    run("submit --comment-id c1 Hello.", "", 0);
    assert!(run("queue next", "", 0).0.contains("claimed by ada until "));
    run("queue settle c1 approve", "", 0);
    run("queue set gold --in audit", "", 0);
    for line in
        ["queue undo --comment-id c1", "queue next", "policy restore 1", "queue watch --hold", "erase comment c1"]
    {
        let (_, err) = run(line, "bob", 1);
        let said = "error: the token is that of ada, but --as or OMBUD_MODERATOR names somebody else\n\n\
                    hint: leave --as out and unset OMBUD_MODERATOR: the token says who you are\n";
        assert_eq!(err, said, "{line}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_refused_by_the_names_of_flags() {
    let server = TestServer::start().await;
    let refused = |args: &[&str]| {
        let args = [args, &["--server", &server.url]].concat();
        tokio::task::block_in_place(|| output(&args, "", 1).1)
    };
    let mut said = String::new();
    for args in [
        &["queue", "next"][..],
        &["queue", "watch", "--hold"],
        &["policy", "restore", "1"],
        &["queue", "settle-author", " ", "reject", "--article", " "],
        &["submit", " ", "--author-name", " ", "--article", " "],
        &["report", "c1", "--reporter", " ", "--reason", "Not nice"],
        &["queue", "note", " ", "", "--as", "ada"],
        &["queue", "set", "Big", "--article", " ", "--in", "nowhere"],
        &["token", "create", "--role", "admin", "--name", " ", "--site", "\t"],
        &["token", "create", "--role", "moderator", "--name", "page", "--origin", "https://news.example"],
        &["token", "create", "--role", "submitter", "--name", "page", "--site", "s", "--origin", "*.example"],
        &["token", "create", "--role", "submitter", "--name", "page", "--rate-per-minute", "1000001"],
        &["erase", "author", " ", "--as", "ada", "--yes"],
    ] {
        said.push_str(&format!("$ ombud {}\n{}\n", args.join(" ").replace('\t', "TAB"), refused(args)));
    }
    insta::assert_snapshot!(said);
    server.stop().await;
}
