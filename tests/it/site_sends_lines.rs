//! A site sends many comments from a file, and finds again what became of each.

use crate::support::terminal::{json_lines, output};
use crate::support::{TestServer, ombud};
use serde_json::{Value, json};

fn submit(server: &TestServer, more: &[&str], input: &str, code: i32) -> (Vec<Value>, String) {
    let args = [&["submit", "--jsonl", "--server", &server.url], more].concat();
    let (out, err) = tokio::task::block_in_place(|| output(&args, input, code));
    (json_lines(&out), err)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_line_is_answered_by_a_line_in_the_same_order() {
    let server = TestServer::start().await;
    let mut input = String::new();
    for number in 0..500 {
        let text = if number == 250 { "" } else { "Good point." };
        let line = json!({ "comment_id": format!("c{number}"), "text": text });
        input.push_str(&format!("{line}\n"));
        if number == 100 {
            input.push_str("\nnot json\n");
        }
    }
    let (answers, said) = submit(&server, &["--article", "garden"], &input, 1);
    assert_eq!(answers.len(), 501);
    for (at, answer) in answers.iter().enumerate() {
        // A blank line stands before the one that is no JSON.
        let blanks = usize::from(at > 100);
        assert_eq!(answer["line"], json!(at + 1 + blanks), "{answer}");
        let number = if at > 101 { at - 1 } else { at };
        match at {
            101 => assert_eq!((&answer["error"]["reason"], &answer["comment_id"]), (&json!("NOT_JSON"), &Value::Null)),
            251 => {
                assert_eq!(answer["error"]["field_violations"][0]["field"], json!("text"));
                assert_eq!(
                    (&answer["error"]["reason"], &answer["comment_id"]),
                    (&json!("INVALID_FIELDS"), &json!("c250"))
                );
            }
            _ => {
                assert_eq!(answer["comment_id"], json!(format!("c{number}")));
                assert_eq!(answer["outcome"], json!("PUBLISH"));
            }
        }
    }
    assert_eq!(said, "error: line 103: not JSON, column 2\n2 of 501 lines were refused\n");
    let (answers, said) = submit(&server, &["--article", "garden"], "{\"text\": \"Good.\"}\n\n", 0);
    assert_eq!((answers.len(), said.as_str()), (1, ""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_cannot_be_taken_says_why_and_whose_it_is() {
    let server = TestServer::start().await;
    let long = json!({ "comment_id": "c6", "text": "x".repeat(300 << 10) }).to_string();
    let (before, after) = ("{\"text\": \"One.\"}", "{\"text\": \"Last.\", \"comment_id\": \"c9\"}");
    let bad = [
        ("{\"text\": \"a\", \"comment_id\": \"c1\", \"artcle_id\": \"garden\"}", "UNKNOWN_KEY", json!("c1")),
        ("{\"comment_id\": \"c2\"}", "MISSING_KEY", json!("c2")),
        ("{\"comment_id\": 3, \"text\": \"a\"}", "WRONG_KIND", Value::Null),
        ("[\"a\", \"garden\"]", "NOT_AN_OBJECT", Value::Null),
        ("{\"text\": \"a\", \"text\": \"b\", \"comment_id\": \"c5\"}", "DUPLICATE_KEY", json!("c5")),
        (&long, "LINE_TOO_LONG", json!("c6")),
    ];
    let lines: Vec<&str> = [before].into_iter().chain(bad.iter().map(|(line, ..)| *line)).chain([after]).collect();
    let (answers, said) = submit(&server, &["--article", "garden"], &lines.join("\n"), 1);
    assert_eq!(answers.len(), lines.len());
    for ((_, reason, id), answer) in bad.iter().zip(&answers[1..]) {
        assert_eq!((&answer["error"]["reason"], &answer["comment_id"]), (&json!(reason), id), "{answer}");
        assert_eq!(answer["error"]["code"], json!("INVALID_ARGUMENT"));
    }
    // What came after is answered, and nothing of a bad line was kept.
    assert_eq!((&answers[7]["line"], &answers[7]["comment_id"]), (&json!(8), &json!("c9")));
    let unknown = answers[1]["error"]["message"].as_str().unwrap();
    assert!(unknown.starts_with("unknown key `artcle_id`, expected one of `text`, `article_id`"), "{unknown}");
    assert!(said.starts_with("error: line 2: unknown key") && said.ends_with("6 of 8 lines were refused\n"), "{said}");
    let listed = tokio::task::block_in_place(|| {
        output(&["list", "--article", "garden", "--jsonl", "--server", &server.url], "", 0).0
    });
    assert_eq!(json_lines(&listed).len(), 2);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_the_server_refuses_are_named_by_the_keys_of_the_line() {
    let server = TestServer::start().await;
    let (answers, _) = submit(&server, &[], "{\"text\":\"One.\", \"author_name\": \" \"}\n", 1);
    let violations = answers[0]["error"]["field_violations"].as_array().unwrap();
    let keys: Vec<&Value> = violations.iter().map(|one| &one["field"]).collect();
    assert_eq!(keys, ["article_id", "author_name"]);
    server.stop().await;
}

/// Starts `ombud submit --jsonl`, to be sent lines while it runs.
fn spoken_to(server: &TestServer) -> std::process::Child {
    std::process::Command::new(ombud())
        .args(["submit", "--jsonl", "--article", "garden", "--server", &server.url])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_ends_when_its_server_does_though_its_input_stays_open() {
    let server = TestServer::start().await;
    let mut client = spoken_to(&server);
    let mut input = client.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"{\"text\":\"One.\"}\n").unwrap();
    let mut answers = std::io::BufReader::new(client.stdout.take().unwrap());
    let mut answer = String::new();
    std::io::BufRead::read_line(&mut answers, &mut answer).unwrap();
    assert!(answer.contains("PUBLISH"), "{answer}");
    server.stop().await;
    assert!(tokio::task::spawn_blocking(move || client.wait()).await.unwrap().unwrap().code().is_some());
    drop(input);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_told_before_the_next_is_written() {
    let server = TestServer::start().await;
    let mut client = spoken_to(&server);
    let mut input = client.stdin.take().unwrap();
    let mut answers = std::io::BufRead::lines(std::io::BufReader::new(client.stdout.take().unwrap()));
    for (line, part) in [("no", "NOT_JSON"), ("{\"text\":\"One.\"}", "PUBLISH"), ("[]", "NOT_AN_OBJECT")] {
        std::io::Write::write_all(&mut input, format!("{line}\n").as_bytes()).unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert!(answer.contains(part), "{answer}");
    }
    drop(input);
    assert_eq!(tokio::task::spawn_blocking(move || client.wait()).await.unwrap().unwrap().code(), Some(1));
    server.stop().await;
}
