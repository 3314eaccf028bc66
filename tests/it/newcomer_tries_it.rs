//! Somebody who has just built Ombud sees what it does, and checks the settings that they would run it with.

use crate::support::terminal::{Talking, output};
use std::{fs, net::TcpListener, path::Path, process::Command};

#[test]
fn the_demo_runs_by_itself() {
    let (out, err) = output(&["demo", "--listen", "127.0.0.1:0", "--exit"], "", 0);
    assert!(out.contains("50 comments in"), "{out}\n{err}");
    let waiting = out.split_once("Now these wait for a moderator: ").expect("what waits").1;
    for queue in ["appeals 1", "reported 2", "held "] {
        assert!(waiting.contains(queue), "{waiting}");
    }
    for outcome in ["PUBLISH", "HOLD"] {
        assert!(out.contains(outcome), "{outcome}");
    }
    // Whoever laughs is not held.
    assert!(out.contains("PUBLISH  Kaz: Ha, good luck explaining that"), "{out}");
    assert_eq!(err, "");
}

#[test]
fn the_demo_teaches_the_rules_of_a_newsroom_and_takes_them_back() {
    let (out, err) = output(&["demo", "--listen", "127.0.0.1:0", "--retrain", "--exit"], "", 0);
    assert_eq!(err, "");
    let figures = |line: &str| -> Vec<f64> {
        let line =
            out.lines().find(|said| said.trim_start().starts_with(line)).unwrap_or_else(|| panic!("{line}: {out}"));
        line.split_whitespace().rev().take(2).map(|figure| figure.parse().unwrap()).collect()
    };
    let precision = figures("average precision");
    assert!(precision[0] >= precision[1] + 0.15, "{out}");
    let published = figures("of 304 that it approves, published");
    assert!(published[0] >= published[1] && published[0] > 290.0, "{out}");
    assert!(out.contains("PUBLISH 0.") && out.contains(" -> HOLD    0."), "{out}");
    assert!(
        out.ends_with("All 400 later comments are scored and decided as they were at first, to the bit.\n"),
        "{out}"
    );
}

#[test]
fn the_demo_does_not_move_from_the_address_that_it_is_given() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (out, err) = output(&["demo", "--listen", &address, "--exit"], "", 2);
    assert_eq!(out, "");
    assert!(err.contains(&format!("error: cannot listen on {address}: ")), "{err}");
    assert!(err.contains("hint: name another address with --listen"), "{err}");
}

#[cfg(unix)]
#[test]
fn the_demo_says_how_to_go_on_and_leaves_nothing_behind() {
    let mut demo = Talking::start(&["demo", "--listen", "127.0.0.1:0"]);
    let mut said = Vec::new();
    while said.last().is_none_or(|line: &String| !line.starts_with("To keep what you do")) {
        said.push(demo.line().expect("it stays up"));
    }
    // What is printed can be typed as it stands, but for the ids.
    let typed = |words: &str, id: &str| {
        let line = said.iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}: {said:?}"));
        let mut shell = Command::new("sh");
        shell.args(["-c", &line.replace(" ID", &format!(" {id}"))]).env_remove("OMBUD_TOKEN").env("NO_COLOR", "1");
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_ne!(typed(" queue list ", ""), "");
    let claimed = typed(" queue next ", "");
    let id = claimed.split_whitespace().find(|word| word.len() == 36).expect("the id of a comment");
    assert!(typed(" queue show ", id).contains(id));
    assert!(typed(" queue settle ", id).contains("PUBLISH"));
    assert!(said.iter().any(|line| line.contains(" review --server http://127.0.0.1:") && line.contains("--as ada")));

    let folder = said.iter().find_map(|line| Some(line.split_once("its folder ")?.1.split_once(" is removed")?.0));
    let folder = Path::new(folder.expect("where the folder is"));
    assert!(folder.join("journal").is_dir());
    assert!(demo.interrupt().success());
    assert!(!folder.exists());
}

#[test]
fn every_key_that_is_no_setting_is_named_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ombud.toml");
    fs::write(
        &file,
        "[server]\nlisten_on = \"x\"\ndrain_secs = 99999\n[sever]\nlisten = \"x\"\n[policy]\nmod = \"open\"\n\
         [policy.toxicity]\nholdd = 0.5\n[[policy.rules]]\nname = \"a\"\nwhen = \"true\"\naction = \"hold\"\nwhy = 1\n\
         [sites.daily.flood]\ncomments = 1\nseconds = 1\naction = \"hold\"\nsecs = 1\n",
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let (_, err) = output(&["config", "check", "--config", file], "", 2);
    let expected = format!(
        "error: the configuration can't be used:\n  \
         policy.mod is no setting; there are first_time, flood, labels, links, mode, perspective, repeats, rules, unsupported_language, words, and \
         each attribute (set by {file})\n  \
         policy.rules[0].why is no setting; there are action, name, when (set by {file})\n  \
         policy.toxicity.holdd is no setting; there are hold, reject (set by {file})\n  \
         server.listen_on is no setting; there are allow_remote, drain_secs, listen, message_bytes_max, origins, public_url (set by {file})\n  \
         sever is no setting; there are coral, limits, log, metrics, model, policy, review, scoring, server, sites, store, tls (set by {file})\n  \
         sites.daily.flood.secs is no setting; there are action, comments, seconds (set by {file})\n  \
         server.drain_secs must be from 0 to 3600 (set by {file})\n\n\
         hint: `ombud config default` prints every key with its default and meaning\n"
    );
    assert_eq!(err, expected);
    // None of those that there are is among them.
    fs::write(
        file,
        "[policy]\nmode = \"open\"\nunsupported_language = \"hold\"\nlinks = { action = \"hold\", allowed_domains = [] }\n\
         flood = { comments = 1, seconds = 1, action = \"hold\" }\nrepeats = { seconds = 1, action = \"hold\" }\n\
         first_time = { published = 1, action = \"hold\" }\nspam = { hold = 0.5, reject = \"never\" }\n\
         words = [{ name = \"a\", kind = \"exact\", action = \"hold\", entries = [\"b\"] }]\n\
         rules = [{ name = \"a\", when = \"true\", action = \"hold\" }]\n",
    )
    .unwrap();
    output(&["config", "check", "--config", file], "", 0);
}

#[test]
fn settings_that_would_open_the_server_to_everybody_are_refused_as_it_refuses_them() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let check = |more: &[&str], code: i32| {
        output(&[&["config", "check", "--listen", "0.0.0.0:8787", "--data-dir", data], more].concat(), "", code)
    };
    let (shown, refused) = check(&[], 2);
    assert!(shown.contains("server.listen"), "{shown}");
    assert!(refused.contains("error: may not listen on 0.0.0.0:8787: other machines could connect"), "{refused}");
    let open = dir.path().join("open.toml");
    fs::write(&open, "[server]\nallow_remote = true\n").unwrap();
    let (_, warned) = check(&["--config", open.to_str().unwrap()], 0);
    assert!(warned.starts_with("warning: whoever reaches 0.0.0.0:8787 may do everything"), "{warned}");
    output(&["token", "create", "--role", "admin", "--name", "ada", "--data-dir", data], "", 0);
    let (_, warned) = check(&[], 0);
    assert!(warned.starts_with("warning: other machines can connect to 0.0.0.0:8787"), "{warned}");
    assert_eq!(output(&["config", "check", "--data-dir", data], "", 0).1, "");
}
