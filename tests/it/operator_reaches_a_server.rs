//! Whoever types a command reaches the server that they mean, gives nothing away on the way, or learns why not.

use crate::support::TestServer;
use crate::support::terminal::{command, output, ran};
use std::{io::Write as _, net::TcpListener, thread};

#[test]
fn a_token_is_not_sent_to_another_machine_in_clear() {
    for (url, part) in [
        ("http://192.0.2.1:8787", "the token would go there in clear"),
        ("ombud.example:8787", "the token would go there in clear"),
    ] {
        for args in [&["queue", "list"][..], &["submit", "Hello."], &["policy", "show"], &["token", "list"]] {
            let mut command = command(&[args, &["--server", url]].concat());
            command.env("OMBUD_TOKEN", "ombud_secret");
            let (out, err) = ran(command, 2);
            assert!(out.is_empty() && err.contains(part) && err.contains("nothing was sent"), "{err}");
            assert!(
                err.contains(
                    "hint: name an address that begins with https, or put a tunnel in front, such as `ssh -N -L "
                ) && !err.contains("secret"),
                "{err}"
            );
        }
    }
}

#[test]
fn who_trusts_the_network_may_send_a_token_in_clear() {
    // Nobody listens there; that it was tried shows by what is said.
    let trusting = |name: &str, value: &str, flags: &[&str], code: i32| {
        let mut command = command(&[&["queue", "list", "--server", "http://0.0.0.0:1"], flags].concat());
        command.env("OMBUD_TOKEN", "ombud_secret").env(name, value);
        ran(command, code).1
    };
    assert!(trusting("OTHER", "", &["--insecure-token"], 2).contains("no server answers at"));
    assert!(trusting("OMBUD_INSECURE_TOKEN", "1", &[], 2).contains("no server answers at"));
    for off in ["0", "false", ""] {
        assert!(trusting("OMBUD_INSECURE_TOKEN", off, &[], 2).contains("in clear"), "{off:?}");
    }
}

/// Answers each connection with some bytes, and closes it.
fn stranger(says: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            // Whoever connects may be gone already.
            drop(stream.write_all(says));
        }
    });
    url
}

#[test]
fn a_connection_that_breaks_is_no_refusal() {
    for says in [&b""[..], b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"] {
        let url = stranger(says);
        let (_, err) = output(&["queue", "list", "--server", &url], "", 2);
        assert!(!err.contains("refused") && !err.contains("h2 protocol"), "{err}");
        assert!(err.contains("the connection to the server broke before it answered\n\nhint: see whether"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_has_a_hint_of_its_own() {
    let server = TestServer::start().await;
    for (args, hint) in [
        ("get c1", "hint: `ombud list --article A`"),
        ("report c1 --reporter r --reason rude", "hint: `ombud list --article A`"),
        ("token revoke 0123", "hint: `ombud token list`"),
        ("queue delete council --as ada", "hint: `ombud queue list`"),
        ("policy restore 7 --as ada", "hint: `ombud policy history`"),
        ("queue settle-campaign 7 reject --as ada --hold-copies 1", "hint: `ombud queue campaigns`"),
    ] {
        let args: Vec<&str> = args.split(' ').chain(["--server", &server.url]).collect();
        let (_, err) = tokio::task::block_in_place(|| output(&args, "", 1));
        assert!(err.contains(hint) && err.matches("hint:").count() == 1, "{args:?}: {err}");
    }
    server.stop().await;
}
