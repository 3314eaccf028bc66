//! People at a terminal.

use crate::support::terminal::{command, json_lines, output};
use crate::support::{TestServer, check_whole, ombud};
use assert_cmd::Command;
use serde_json::{Value, json};

#[test]
fn help_teaches() {
    let (mut help, _) = output(&["--help"], "", 0);
    let names = "serve,demo,classify,submit,get,list,report,appeal,history,quality,explain,rescore,policy,policy show,policy set,policy diff,policy history,policy restore,policy simulate,queue,queue list,queue set,queue delete,queue show,queue next,queue settle,queue settle-author,queue campaigns,queue settle-campaign,queue undo,\
                 queue escalate,queue note,queue watch,review,token,token create,token list,token revoke,models,models download,retrain,train,evaluate,\
                 verify,audit,audit head,config";
    for name in names.split(',') {
        help.push_str(&format!("\n===== ombud {name} --help\n"));
        let args: Vec<&str> = name.split(' ').chain(["--help"]).collect();
        help.push_str(&output(&args, "", 0).0);
    }
    insta::assert_snapshot!(help);
}

#[test]
fn failures_say_what_to_do_next() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.toml");
    std::fs::write(
        &broken,
        "[server]\nlisten = \"everywhere\"\n[policy.toxicity]\nhold = 1.5\n[policy.joy]\nhold = 0.5\n\
         [sites.b]\nunsupported_language = \"publish\"\n\
         [sites.a.threat]\nhold = 0.9\nreject = 0.5\n",
    )
    .unwrap();
    let unknown = dir.path().join("unknown.toml");
    std::fs::write(&unknown, "[server]\nlisten_on = \"x\"\n").unwrap();
    let broken = broken.to_str().unwrap();
    let mut said = String::new();
    for (args, code) in [
        (vec!["serve", "--config", broken], 2),
        (vec!["config", "check", "--config", unknown.to_str().unwrap()], 2),
        (vec!["config", "check", "--config", "no-such-file.toml"], 2),
        (vec!["submit", "--server", "http://127.0.0.1:1", "Hello."], 2),
        (vec!["get", "--server", "not a url", "x"], 2),
        (vec!["classify"], 2),
        (vec!["classify", "--model", "no-such-model", "Hello."], 2),
        (vec!["list"], 2),
        (vec!["verify", "--data-dir", "no-such-dir"], 2),
        (vec!["token", "create", "--role", "king", "--name", "ada", "--expires", "1w"], 2),
    ] {
        let (out, err) = output(&args, "", code);
        assert_eq!(out, "");
        let shown = args.join(" ").replace(dir.path().to_str().unwrap(), "DIR");
        said.push_str(&format!("$ ombud {shown}\n{}\n", err.replace(dir.path().to_str().unwrap(), "DIR")));
    }
    insta::assert_snapshot!(said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_works_at_the_terminal() {
    let server = TestServer::start().await;
    let url = server.url.clone();
    let run = |args: &str, code: i32| {
        let args: Vec<&str> = args.split(' ').chain(["--server", &url]).collect();
        tokio::task::block_in_place(|| output(&args, "", code))
    };
    tokio::task::block_in_place(|| {
        for (id, text) in [("c1", "The minister is a liar."), ("c2", "Only a fool believes this.")] {
            output(&["submit", "--server", &url, "--comment-id", id, text], "", 0);
        }
    });
    let (listed, told) = run("queue list", 0);
    assert!(listed.starts_with("HOLD  c2  version 4, by "), "{listed}");
    assert!(listed.contains("| The minister is a liar.") && listed.contains("waiting in held since "), "{listed}");
    assert!(told.starts_with("held: 2 waiting, 0 of them claimed, the oldest since "), "{told}");
    let (claimed, _) = run("queue next --as ada --jsonl", 0);
    let claimed = &json_lines(&claimed)[0];
    assert_eq!((&claimed["comment_id"], &claimed["claim"]["moderator_id"]), (&json!("c2"), &json!("ada")));
    let (_, refused) = run("queue settle c2 approve --as bob", 1);
    assert!(refused.contains("another moderator holds the item"), "{refused}");
    let (_, refused) = run("queue settle c2 approve --as ada --version 1", 1);
    assert!(refused.contains("has changed since you saw it"), "{refused}");
    let (settled, told) = run("queue settle c2 reject --as ada --label insult=yes --reason civility", 0);
    assert!(settled.starts_with("REJECT  c2") && settled.contains("a moderator ruled so"), "{settled}");
    let action = told.split('`').nth(1).unwrap().strip_prefix("ombud ").unwrap();
    let (undone, _) = run(&format!("{action} --as bob"), 0);
    assert_eq!(undone, "1 waits again\n");
    let (_, refused) = run("queue undo --comment-id c2 --as bob", 1);
    assert!(refused.contains("there is no such verdict"), "{refused}");
    let (next, _) = run("queue next --as ada --items 9", 0);
    assert_eq!(next.matches("claimed by ada until ").count(), 2, "{next}");
    assert!(run("queue skip c2 --as ada --json", 0).0.contains("\"skipped_by\":[\"ada\"]"));
    run("queue renew c1 --as ada", 0);
    run("queue release c1 --as ada", 0);
    assert_eq!(run("queue next --as ada --order oldest --jsonl --items 5", 0).0.lines().count(), 1);
    assert!(run("queue next --as ada", 0).1.contains("nothing waits that nobody holds"));
    let (noted, _) = run("queue note c2 --as ada Apologised.", 0);
    assert!(noted.contains("open reports: 0, notes: 1"), "{noted}");
    let (escalated, _) = run("queue escalate c2 --as bob Lawyers!", 0);
    assert!(escalated.contains("waiting in escalated since ") && escalated.contains("| Lawyers!"), "{escalated}");
    let (_, told) = run("queue list", 0);
    assert!(told.contains("escalated: 1 waiting, 0 of them claimed"), "{told}");
    let (reported, _) = run("report c1 --reporter r1 --reason rude --text Unkind.", 0);
    assert_eq!(reported, "reported; the comment waits for a moderator\n");
    let (reported, _) = run("report c1 --reporter r1 --reason rude --json", 0);
    assert_eq!(json_lines(&reported), [json!({"effect": "repeated", "waiting": true})]);
    let (listed, _) = run("queue list --queue reported --jsonl", 0);
    assert_eq!(json_lines(&listed)[0]["open_reports"], json!(1));
    let (_, refused) = run("appeal c1", 1);
    assert!(refused.contains("the comment is not rejected"), "{refused}");
    run("queue settle c1 reject --as ada", 0);
    assert!(run("appeal c1 --text Why?", 0).0.starts_with("appealed; "));
    let (_, refused) = run("queue settle c1 approve --as ada", 1);
    assert!(refused.contains("the appeal is of your own verdict"), "{refused}");
    let (shown, _) = run("queue show c1", 0);
    for part in
        ["REJECT  c1", "appealed against ada: waiting", "| Why?", "by r1 for rude, weighs 1.00, upheld", "| Unkind."]
    {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let shown = &json_lines(&run("queue show c2 --json", 0).0)[0];
    assert_eq!((&shown["escalation"]["note"], &shown["notes"][0]["text"]), (&json!("Lawyers!"), &json!("Apologised.")));
    let (settled, told) = run("queue settle-author nobody reject --article default --as ada", 1);
    assert!(settled == "0 ruled on\n" && told.starts_with("nothing matched: "), "{settled}{told}");
    let (settled, _) = run("queue settle-author nobody reject --article default --as ada --json", 1);
    assert_eq!(json_lines(&settled)[0]["items"], 0);
    let (settled, told) = run("queue settle-campaign 4711 reject --as ada", 1);
    assert!(settled == "0 ruled on\n" && told.starts_with("nothing matched: "), "{settled}{told}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_and_a_moderator_see_to_policies_and_campaigns_at_the_terminal() {
    let server = TestServer::start().await;
    let file = server.dir.path().join("policy.toml");
    let run = |line: &str, code: i32| {
        let mut args: Vec<&str> = line.split(' ').collect();
        args.extend(["--server", &server.url]);
        tokio::task::block_in_place(|| output(&args, "", code))
    };
    assert!(run("policy show", 0).0.starts_with("# version 0: no policy of its own"));
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let path = file.to_str().unwrap();
    write("[[words]]\nname = \"offers\"\nkind = \"phrase\"\naction = \"hold\"\nentries = [\"buy gold\"]\n");
    let (simulated, _) = run(&format!("policy simulate {path} --json"), 0);
    assert_eq!(json_lines(&simulated)[0]["comments"], 0);
    let (set, _) = run(&format!("policy set {path} --as ada --note why"), 0);
    assert!(set.starts_with("version 1 is in force, as site-1-"), "{set}");
    let (shown, _) = run("policy show", 0);
    assert!(shown.starts_with("# version 1, set by ada at ") && shown.contains("# why\n"), "{shown}");
    // What was made from an older version is refused, by the version in its first line.
    write(&shown.replace("hold", "reject"));
    let (compared, _) = run(&format!("policy diff {path}"), 0);
    assert!(compared.contains("-action = \"hold\"") && compared.contains("+action = \"reject\""), "{compared}");
    assert!(!compared.contains('#'), "comments are no difference: {compared}");
    run(&format!("policy set {path} --as ada"), 0);
    let (_, refused) = run(&format!("policy set {path} --as ada"), 1);
    assert!(refused.contains("the policy has been set again since you saw it"), "{refused}");
    assert!(refused.contains("hint: `ombud policy diff FILE` shows what it would change now"), "{refused}");
    run("policy restore 1 --as ada", 0);
    let history: Vec<String> = run("policy history", 0).0.lines().map(str::trim_start).map(str::to_owned).collect();
    assert_eq!(history.iter().map(|line| &line[..1]).collect::<Vec<_>>(), ["3", "2", "1"]);

    let offer = "buy gold from my friend in the north it is cheap and good and comes by night number";
    for number in 0..3 {
        let text = format!("{offer} {number}");
        let args = ["submit", "--json", "--comment-id", &format!("o{number}"), "--server", &server.url, &text];
        let (submitted, _) = tokio::task::block_in_place(|| output(&args, "", 0));
        assert_eq!(json_lines(&submitted)[0]["reasons"][0]["name"], "offers", "{submitted}");
    }
    let campaign = &json_lines(&run("queue campaigns --jsonl", 0).0)[0];
    assert_eq!((&campaign["members"], &campaign["waiting"]), (&json!(3), &json!(3)));
    let id = &campaign["campaign_id"];
    let (settled, told) = run(&format!("queue settle-campaign {id} reject --as ada --hold-copies 12"), 0);
    assert!(settled.starts_with("3 ruled on\n") && settled.contains("would match 3"), "{settled}");
    assert!(told.contains("`ombud queue undo "), "{told}");
    assert!(run("queue campaigns", 0).1.contains("no near-copies wait"));
    assert!(run("queue show o1", 0).0.contains("of 3 alike, 0 of them waiting"));
    let args = ["submit", "--json", "--comment-id", "o9", "--server", &server.url, "Nobody can buy gold here."];
    tokio::task::block_in_place(|| output(&args, "", 0));
    let (queue, _) = run("queue set gold --reason offers --article default --score spam=0 --as ada", 0);
    assert!(queue.starts_with("gold: 1 waiting, 0 of them claimed, the oldest since "), "{queue}");
    assert!(queue.ends_with(" (on default, with SPAM at least 0, because of offers)\n"), "{queue}");
    assert_eq!(json_lines(&run("queue list --queue gold --jsonl", 0).0)[0]["comment_id"], "o9");
    let queue = &json_lines(&run("queue set gold --in audit --as ada --json", 0).0)[0];
    assert_eq!((&queue["items"], &queue["definition"]["conditions"]["queues"]), (&json!(0), &json!(["audit"])));
    assert!(run("queue list", 0).1.contains("gold: 0 waiting, 0 of them claimed (in audit)"));
    run("queue delete gold --as ada", 0);
    assert!(
        run("queue list --queue gold", 1)
            .1
            .contains("Must be one of: escalated, appeals, reported, held, disagreement, audit.")
    );
    let (quality, _) = run("quality --json", 0);
    assert_eq!(json_lines(&quality)[0]["models"][0]["held"], 4);
    assert!(run("history comment o1", 0).0.contains("settled"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_hands_out_tokens_at_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    // Before the server listens where others reach it, an admin has a token.
    let (_, refused) = output(&["serve", "--listen", "0.0.0.0:0", "--data-dir", data], "", 2);
    assert!(refused.contains("error: may not listen on 0.0.0.0:0: other machines could connect"), "{refused}");
    assert!(refused.contains("hint: make one with `ombud token create --role admin"), "{refused}");
    let (_, refused) = output(&["token", "create", "--role", "admin", "--name", "", "--data-dir", data], "", 1);
    assert_eq!(refused, "error: check --name\n  --name: Must be given.\n");
    let (root, told) = output(&["token", "create", "--role", "admin", "--name", "root", "--data-dir", data], "", 0);
    assert!(root.starts_with("ombud_") && root.trim_end().len() == 49, "{root}");
    assert!(!told.contains(root.trim_end()) && told.contains(" of root, admin. It is not shown again"), "{told}");
    let (listed, _) = output(&["token", "list", "--jsonl", "--data-dir", data], "", 0);
    let root_id = json_lines(&listed)[0]["token_id"].as_str().unwrap().to_owned();
    assert!(!listed.contains(root.trim_end()) && told.contains(&root_id), "{listed}");

    let server = TestServer::start_in(dir, "").await;
    let url = server.url.clone();
    let run = |args: &str, token: &str, code: i32| {
        let args: Vec<&str> = args.split(' ').chain(["--server", &url]).collect();
        let run = || command(&args).env("OMBUD_TOKEN", token).output().unwrap();
        let ran = tokio::task::block_in_place(run);
        let (out, err) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
        assert_eq!(ran.status.code(), Some(code), "{args:?}\n{out}\n{err}");
        assert!(token.is_empty() || !err.contains(token.trim_end()), "{err}");
        (out, err)
    };
    let (_, refused) = run("submit Hello.", "", 1);
    assert!(refused.contains("this call needs a token") && refused.contains("hint: set OMBUD_TOKEN"), "{refused}");
    run("submit Hello.", &root, 0);
    let made = run("token create --role moderator --name ada --site default --expires 90d --json", &root, 0).0;
    let made = &json_lines(&made)[0];
    let ada = made["token"].as_str().unwrap();
    assert_eq!(
        (&made["role"], &made["site_id"], &made["name"]),
        (&json!("moderator"), &json!("default"), &json!("ada"))
    );
    assert!(made["expires_at"].is_string());
    run("queue list", made["host_label"].as_str().unwrap(), 0);
    run("queue list", ada, 0);
    let (_, refused) = run("queue next --as bob", ada, 1);
    assert!(refused.contains("the token is that of ada"), "{refused}");
    let (_, refused) = run("token list", ada, 1);
    assert!(refused.contains("it takes the role admin"), "{refused}");
    let (listed, _) = run("token list", &root, 0);
    assert!(listed.contains("ada") && listed.contains("never") && !listed.contains(ada), "{listed}");
    run(&format!("token revoke {}", made["token_id"].as_str().unwrap()), &root, 0);
    let (_, refused) = run("queue list", ada, 1);
    assert!(refused.contains("was revoked"), "{refused}");
    let (_, refused) = run(&format!("token revoke {root_id}"), &root, 1);
    assert!(refused.contains("it is the last token of an admin of all sites"), "{refused}");
    let (_, refused) = run("token revoke 0123", &root, 1);
    assert!(refused.contains("hint: `ombud token list`"), "{refused}");

    // Whoever runs the server can take back even that one.
    let dir = server.stop().await;
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    tokio::task::block_in_place(|| output(&["token", "revoke", &root_id, "--data-dir", data], "", 0));
    let (_, told) = tokio::task::block_in_place(|| output(&["token", "list", "--data-dir", data], "", 0));
    assert_eq!(told, "no tokens\n");
    check_whole(dir.path().join("data").as_path());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_notes_a_head_and_finds_it_again() {
    let server = TestServer::start().await;
    let url = server.url.clone();
    let submit = |url: &str, text: &str| {
        tokio::task::block_in_place(|| output(&["submit", "--server", url, text], "", 0));
    };
    submit(&url, "Well argued.");
    let dir = server.stop().await;
    let path = dir.path().join("data");
    let data = path.to_str().unwrap().to_owned();
    let (noted, _) = output(&["audit", "head", "--data-dir", &data], "", 0);
    let noted = noted.trim_end().to_owned();
    assert!(noted.starts_with("2:") && noted.len() == 2 + 64, "{noted}");
    let server = TestServer::start_in(dir, "").await;
    submit(&server.url, "Another one.");
    let dir = server.stop().await;
    let data = dir.path().join("data").to_str().unwrap().to_owned();
    let (later, _) = output(&["audit", "head", "--data-dir", &data], "", 0);
    let all_is_well = |heads: &[&str]| {
        let mut args = vec!["verify", "--data-dir", data.as_str()];
        args.extend(heads.iter().flat_map(|head| ["--head", head]));
        output(&args, "", 0)
    };
    let held = "head 2: holds; nothing up to event 2 was changed or removed since it was noted\n\
                head 4: holds; nothing up to event 4 was changed or removed since it was noted\nall is well\n";
    let said = all_is_well(&[&noted, later.trim_end()]).0;
    assert!(said.ends_with(held), "{said}");
    let (said, _) = output(&["verify", "--json", "--data-dir", &data, "--head", &noted], "", 0);
    assert_eq!(json_lines(&said)[0]["heads_held"], json!([noted]));
    // Another history, of the same length.
    let (number, hash) = noted.split_once(':').unwrap();
    let other = format!("{number}:{}{}", if hash.starts_with('0') { '1' } else { '0' }, &hash[1..]);
    let (found, _) = output(&["verify", "--data-dir", &data, "--head", &other], "", 1);
    assert!(found.contains("event 2: the head that was noted here is not this journal's"), "{found}");
    assert!(!found.contains("holds"), "{found}");
    let (_, refused) = output(&["verify", "--data-dir", &data, "--head", "2:beef"], "", 2);
    assert!(refused.contains("64 hexadecimal digits"), "{refused}");
}

#[test]
fn texts_are_classified_offline() {
    let (out, _) = output(&["classify", "You stupid idiot.", "Lovely."], "", 0);
    assert!(out.contains("You stupid idiot.\n  TOXICITY") && out.contains("Lovely.\n  TOXICITY"), "{out}");
}

#[test]
fn a_language_that_the_model_does_not_know_is_told() {
    let german = "Das ist wirklich ein sehr schöner Garten.";
    let (out, _) = output(&["classify", german, "That is a very lovely garden."], "", 0);
    assert_eq!(out.matches("was not trained on this language (de)").count(), 1, "{out}");
    let input = format!("{{\"text\":\"{german}\"}}\n{{\"text\":\"ok\"}}\n");
    let lines = json_lines(&output(&["classify", "--jsonl"], &input, 0).0);
    assert_eq!(lines.iter().map(|line| line["language"].clone()).collect::<Vec<_>>(), [json!("de"), Value::Null]);
    let args = ["train", "--train", "x", "--dev", "x", "--out", "x", "--language", "xx"];
    let (_, err) = output(&args, "", 2);
    assert!(err.contains("not a language that can be told from others"), "{err}");
}

#[test]
fn scores_are_explained_word_by_word() {
    let (out, _) = output(&["classify", "--explain", "You stupid idiot,\u{1b}[2J it rains.", "Lovely."], "", 0);
    let first = out.split("\n\n").nth(1).unwrap();
    assert!(first.starts_with("  TOXICITY\n") && !out.contains('\u{1b}'), "{out}");
    let mut numbers: Vec<f64> = Vec::new();
    for line in first.lines().skip(1) {
        numbers.push(line.split_whitespace().next().unwrap().parse().unwrap());
    }
    let logit = numbers.pop().unwrap();
    // Each of at most ten numbers is rounded to a hundredth.
    assert!((numbers.iter().sum::<f64>() - logit).abs() < 0.06, "{first}");
    assert!(first.contains("idiot") && first.contains("bias, the same for every text"), "{first}");

    let (out, _) = output(&["classify", "--explain", "--attribute", "spam", "You stupid idiot."], "", 0);
    assert!(out.contains("\n\n  SPAM\n") && !out.contains("\n\n  TOXICITY\n"), "{out}");

    let coloured = Command::new(ombud())
        .env_clear()
        .env("CLICOLOR_FORCE", "1")
        .args(["classify", "--explain"])
        .arg("You fool, yes.")
        .output();
    let coloured = String::from_utf8(coloured.unwrap().stdout).unwrap();
    assert!(coloured.contains("\u{1b}[1m\u{1b}[31mfool\u{1b}[0m, "), "{coloured:?}");
}

#[test]
fn explanations_for_programs_sum_to_the_logit() {
    let input = "{\"id\":1,\"text\":\"You stupid idiot.\"}\n{\"text\":\"\"}\n";
    let (out, _) = output(&["classify", "--jsonl", "--explain"], input, 0);
    let lines = json_lines(&out);
    for line in &lines {
        assert_eq!(line["explanations"].as_array().unwrap().len(), 8);
        for explained in line["explanations"].as_array().unwrap() {
            let spans = explained["spans"].as_array().unwrap().iter();
            let sum: f64 = spans.map(|span| span["contribution"].as_f64().unwrap()).sum();
            let [bias, style, logit] = ["bias", "style", "logit"].map(|name| explained[name].as_f64().unwrap());
            assert!((bias + style + sum - logit).abs() < 1e-4, "{explained}");
        }
    }
    assert_eq!(lines[0]["explanations"][0]["spans"][2]["begin"], 11);
    let (out, _) = output(&["classify", "--jsonl", "--explain", "--attribute", "SPAM"], input, 0);
    assert_eq!(json_lines(&out)[0]["explanations"][0]["attribute"], "SPAM");
    let (out, _) = output(&["classify", "--jsonl"], input, 0);
    assert_eq!(json_lines(&out)[0]["explanations"], Value::Null);
}

#[test]
fn lines_are_classified_in_order_and_bad_ones_are_numbered() {
    let input = "{\"id\":\"a\",\"text\":\"Lovely.\"}\nnot json\n{\"id\":7,\"text\":\"You idiot.\",\"more\":1}\n\
                 {\"id\":\"c\"}\n{\"text\":\"\"}\n";
    let (out, err) = output(&["classify", "--jsonl"], input, 1);
    let lines = json_lines(&out);
    assert_eq!(lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>(), [json!("a"), json!(7), Value::Null]);
    assert!(lines[1]["scores"]["TOXICITY"].as_f64().unwrap() > lines[0]["scores"]["TOXICITY"].as_f64().unwrap());
    assert_eq!(err, "error: line 2: not JSON, column 2\nerror: line 4: missing field `text`\n");
    let (_, err) = output(&["classify", "--jsonl"], "{\"id\":\"a\",\"text\":\"Lovely.\"}\n", 0);
    assert_eq!(err, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_are_submitted_shown_and_listed() {
    let server = TestServer::start().await;
    let at = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["--server", server.url.as_str()]);
        command(&all)
    };
    let submitted = at(&["submit", "--article", "garden", "--comment-id", "c1", "You stupid idiot."]).output().unwrap();
    let shown = String::from_utf8(submitted.stdout).unwrap();
    assert!(submitted.status.success());
    assert!(shown.contains("TOXICITY") && shown.contains("“idiot") && shown.contains("id c1"), "{shown}");

    let again = at(&["submit", "--article", "garden", "--comment-id", "c1", "--json", "You stupid idiot."]);
    let again: Value = serde_json::from_slice(&{ again }.output().unwrap().stdout).unwrap();
    assert_eq!(again["repeated"], json!(true));

    let got: Value = serde_json::from_slice(&at(&["get", "c1", "--json"]).output().unwrap().stdout).unwrap();
    assert_eq!((&got["text"], &got["author_name"]), (&json!("You stupid idiot."), &json!("Anonymous")));
    assert_eq!(got["revisions"].as_array().unwrap().len(), 1);
    let got = String::from_utf8(at(&["get", "c1"]).output().unwrap().stdout).unwrap();
    assert!(got.contains("| You stupid idiot."), "{got}");

    let listed = at(&["list", "--article", "garden", "--jsonl"]).output().unwrap();
    assert_eq!(json_lines(&String::from_utf8(listed.stdout).unwrap())[0]["comment_id"], json!("c1"));
    let listed = String::from_utf8(at(&["list", "--article", "garden"]).output().unwrap().stdout).unwrap();
    assert!(listed.contains("You stupid idiot.") && listed.contains("received"), "{listed}");

    let missing = at(&["get", "c2"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
    let refused = at(&["submit", " "]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(said, "error: the server refused: check TEXT\n  TEXT: Write a comment.\n");
    server.stop().await;
}

#[test]
fn settings_show_where_they_come_from() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ombud.toml");
    std::fs::write(&file, "[store]\ncache_mib = 7\n[sites.\"News.Example\".spam]\nhold = 0.25\n").unwrap();
    let mut check = command(&["config", "check", "--json", "--listen", "127.0.0.1:9", "--config"]);
    check.arg(&file).env("OMBUD_LIMITS__NAME_CHARS_MAX", "60").env("OMBUD_URL", "http://ignored");
    let shown: Value = serde_json::from_slice(&check.output().unwrap().stdout).unwrap();
    let entry = |value: &str, origin: &str| json!({ "value": value, "origin": origin });
    let path = file.to_str().unwrap();
    assert_eq!(shown["server.listen"], entry("127.0.0.1:9", "flag --listen"));
    assert_eq!(shown["limits.name_chars_max"], entry("60", "environment OMBUD_LIMITS__NAME_CHARS_MAX"));
    assert_eq!(shown["store.cache_mib"], entry("7", path));
    assert_eq!(shown["sites.News.Example.spam.hold"], entry("0.25", path));
    assert_eq!(shown["store.batch_max"]["origin"], json!("default"));
    let (default, _) = output(&["config", "default"], "", 0);
    std::fs::write(&file, default).unwrap();
    command(&["config", "check", "--config"]).arg(&file).assert().success();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_folder_gets_a_sentence() {
    let server = TestServer::start().await;
    let data_dir = server.data_dir();
    let mut second = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let output = second.arg(&data_dir).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error: another process has") && said.contains("hint: stop the process"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_named_by_verify_and_on_opening() {
    let server = TestServer::start().await;
    let url = server.url.clone();
    for text in ["One.", "Two.", "Three."] {
        command(&["submit", "--server", &url, text]).assert().success();
    }
    let dir = server.stop().await;
    let data_dir = dir.path().join("data");
    let data = data_dir.to_str().unwrap();
    let (out, _) = output(&["verify", "--data-dir", data], "", 0);
    assert!(out.contains('6'), "three comments are six events: {out}");
    let segment = std::fs::read_dir(data_dir.join("journal")).unwrap();
    let segment = segment.map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|e| e == "log"));
    let segment = segment.unwrap();
    let whole = std::fs::read(&segment).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 4;
    std::fs::write(&segment, &damaged).unwrap();
    let name = segment.file_name().unwrap().to_str().unwrap();
    let (out, err) = output(&["verify", "--data-dir", data], "", 1);
    assert!(format!("{out}{err}").contains(name), "{out}{err}");
    // The place itself is named, not the beginning of the journal.
    let (_, err) = output(&["audit", "head", "--data-dir", data], "", 2);
    assert!(err.contains(name) && err.contains(": damaged at byte ") && !err.contains("byte 0,"), "{err}");
    let (_, err) = output(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data], "", 2);
    assert!(err.contains(name) && err.contains("byte") && err.contains("event") && err.contains("hint:"), "{err}");
    std::fs::write(&segment, &whole).unwrap();
    check_whole(&data_dir);
}

#[test]
fn completions_and_manual_are_written() {
    assert!(output(&["completions", "bash"], "", 0).0.contains("_ombud"));
    assert!(output(&["man"], "", 0).0.contains(".TH"));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn other_users_cannot_look_into_the_data_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = TestServer::start().await;
    let mode = std::fs::metadata(server.data_dir()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    server.stop().await;
}

/// Changes one byte of the first record's public part; a forger mends its checksum too.
fn change_a_byte(segment: &std::path::Path, mends: bool) {
    let mut bytes = std::fs::read(segment).unwrap();
    let record = 56;
    let length = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let (end, body) = (record + length(record), length(record + 52));
    bytes[record + 56 + body / 2] ^= 1;
    if mends {
        let crc = crc32c::crc32c_append(crc32c::crc32c(&bytes[record..record + 4]), &bytes[record + 8..end]);
        bytes[record + 4..record + 8].copy_from_slice(&crc.to_le_bytes());
    }
    std::fs::write(segment, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_notes_a_head_of_a_running_server_and_a_changed_byte_is_found_out() {
    let server = TestServer::start().await;
    let url = server.url.clone();
    let output = |args: &[&str], code| tokio::task::block_in_place(|| output(args, "", code));
    let head = || output(&["audit", "head", "--server", &url], 0).0.trim_end().to_owned();
    assert_eq!(head(), format!("0:{}", "0".repeat(64)), "nothing has happened yet");
    output(&["submit", "--server", &url, "Well argued."], 0);
    let noted = head();
    assert!(noted.starts_with("2:") && noted.len() == 2 + 64, "{noted}");
    assert_eq!(head(), noted, "asking changes nothing");
    let mut admin = ombud::grpc::AdminClient::connect(url.clone()).await.unwrap();
    let answer = admin.get_journal_head(ombud::grpc::pb::GetJournalHeadRequest {}).await.unwrap().into_inner();
    let hash: String = answer.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((format!("{}:{hash}", answer.seq), answer.head), (noted.clone(), noted.clone()));
    let locked = server.data_dir();
    let (_, refused) = output(&["audit", "head", "--data-dir", locked.to_str().unwrap()], 2);
    assert!(refused.contains("--server URL"), "{refused}");
    output(&["submit", "--server", &url, "Another one."], 0);
    let later = head();
    drop(admin);

    let dir = server.stop().await;
    let data = dir.path().join("data");
    let folder = data.to_str().unwrap();
    let (stopped, _) = output(&["audit", "head", "--data-dir", folder], 0);
    assert_eq!(stopped.trim_end(), later, "a running server and a stopped one say the same");
    let verify = |code| output(&["verify", "--data-dir", folder, "--head", &noted, "--head", &later], code).0;
    assert!(verify(0).ends_with("all is well\n"));
    let segment = data.join("journal/00000000000000000001.log");
    let whole = std::fs::read(&segment).unwrap();
    for mends in [false, true] {
        change_a_byte(&segment, mends);
        let said = verify(1);
        for seq in [2, 4] {
            let found = format!("event {seq}: the head that was noted here is not this journal's");
            assert!(said.contains(&found), "mends {mends}: {said}");
        }
        std::fs::write(&segment, &whole).unwrap();
    }
    verify(0);
}
