//! Clients of Akismet. Every check is marked as a test, and is not kept.

use super::{COMMENT, Finding, Visit, behind};
use http::{Request, header::CONTENT_TYPE};

const FORM: &str = "application/x-www-form-urlencoded";

pub(super) async fn visit(visit: &mut Visit) -> anyhow::Result<()> {
    let key = visit.key.clone().unwrap_or_else(|| "none".to_owned());
    let verify = behind(&visit.server.url, "/1.1/verify-key");
    let check = behind(&visit.server.url, "/1.1/comment-check");
    let answer = visit.server.send(form(&verify, &[("key", &key), ("blog", "https://news.example")])?).await?;
    let is_valid = &*answer.body == b"valid";
    visit.findings.push(if is_valid {
        Finding::works("key", "valid")
    } else {
        let found =
            format!("{} {}", answer.status, answer.header("x-akismet-debug-help").unwrap_or("no answer of Akismet"));
        Finding::fails(
            "key",
            found,
            "name a key with --key; `ombud token create --role submitter --name NAME` makes one",
        )
    });
    if !is_valid {
        return Ok(());
    }
    for (what, author, role, wanted) in
        [("spam", "viagra-test-123", "", "true"), ("no spam", "Ann", "administrator", "false")]
    {
        let answer = visit.server.send(comment(&check, &key, author, role)?).await?;
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        visit.findings.push(if told == wanted {
            Finding::works(what, format!("is told as {told}"))
        } else {
            Finding::fails(what, format!("{} where {wanted} was expected", answer.status), "look into the server's log")
        });
    }
    visit.latency(|| comment(&check, &key, "Ann", ""), None).await
}

fn comment(path: &str, key: &str, author: &str, role: &str) -> anyhow::Result<Request<Vec<u8>>> {
    form(
        path,
        &[
            ("api_key", key),
            ("blog", "https://news.example"),
            ("user_ip", "192.0.2.1"),
            ("comment_type", "comment"),
            ("comment_author", author),
            ("user_role", role),
            ("comment_content", COMMENT),
            ("is_test", "1"),
        ],
    )
}

fn form(path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Request<Vec<u8>>> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    Ok(Request::post(path).header(CONTENT_TYPE, FORM).body(body.into_bytes())?)
}
