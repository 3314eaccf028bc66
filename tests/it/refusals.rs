//! What clients are told when something is wrong, word for word: the reasons are API.

use crate::support::{Program, TestServer, comment, ombud, spawn_server_and_listen};
use ombud::grpc::{AdminClient, Client, PolicyClient, ReviewClient, pb};
use std::process::Command;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Writes a status down with its details, in a form that can be read in a snapshot.
pub(crate) fn told(what: &str, status: &Status) -> String {
    let mut lines = vec![format!("{what}: {:?}: {}", status.code(), status.message())];
    let details = status.get_error_details();
    if let Some(info) = details.error_info() {
        lines.push(format!("  ErrorInfo {} {} {:?}", info.domain, info.reason, info.metadata));
    }
    for violation in details.bad_request().into_iter().flat_map(|bad| &bad.field_violations) {
        lines.push(format!("  BadRequest {}: {}", violation.field, violation.description));
    }
    if let Some(resource) = details.resource_info() {
        lines.push(format!("  ResourceInfo {} {}", resource.resource_type, resource.resource_name));
    }
    if let Some(retry) = details.retry_info() {
        lines.push(format!("  RetryInfo {:?}", retry.retry_delay));
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_in_these_words() {
    let server = TestServer::start().await;
    let mut client = server.client().await;
    client.submit_comment(comment("garden", "c1", "Nice.")).await.unwrap();
    let mut said = Vec::new();
    let empty = pb::SubmitCommentRequest::default();
    said.push(told("empty submission", &client.submit_comment(empty).await.unwrap_err()));
    let long = "x".repeat(129);
    let mut too_long = comment(&long, &long, &"x".repeat(20_481));
    too_long.author = Some(pb::Author { author_id: long.clone(), name: "x".repeat(101) });
    said.push(told("everything too long", &client.submit_comment(too_long).await.unwrap_err()));
    let control = comment("gar\u{7}den", "c2", "Nice.");
    said.push(told("control character in an id", &client.submit_comment(control).await.unwrap_err()));
    let moved = comment("kitchen", "c1", "Tasty.");
    said.push(told("moved to another article", &client.submit_comment(moved).await.unwrap_err()));
    let unknown = pb::GetCommentRequest { site_id: String::new(), comment_id: "c9".into() };
    said.push(told("unknown comment", &client.get_comment(unknown).await.unwrap_err()));
    let list = pb::ListCommentsRequest { page_token: "made-up".into(), page_size: -1, ..Default::default() };
    said.push(told("wrong list", &client.list_comments(list).await.unwrap_err()));
    let texts = pb::ScoreTextRequest::default();
    said.push(told("no texts", &client.score_text(texts).await.unwrap_err()));
    let huge = comment("garden", "c3", &"x".repeat(1 << 20));
    said.push(told("a mebibyte", &client.submit_comment(huge).await.unwrap_err()));
    insta::assert_snapshot!(said.join("\n"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_there_has_a_reason_of_its_own() {
    let server = TestServer::start().await;
    let (mut site, url) = (server.client().await, server.url.clone());
    let mut review = ReviewClient::connect(url.clone()).await.unwrap();
    let mut policy = PolicyClient::connect(url.clone()).await.unwrap();
    let mut admin = AdminClient::connect(url).await.unwrap();
    let comment = pb::GetCommentRequest { comment_id: "c9".into(), ..Default::default() };
    let queue = pb::DeleteQueueRequest { name: "sports".into(), editor_id: "eve".into(), ..Default::default() };
    let members = pb::ListCampaignCommentsRequest { campaign_id: 7, ..Default::default() };
    let rule = pb::SetCampaignRuleRequest {
        campaign_id: 7,
        moderator_id: "ada".into(),
        measure: pb::CampaignMeasure::Hold.into(),
        hours: 1,
        ..Default::default()
    };
    let version = pb::RestorePolicyRequest { restored_version: 7, editor_id: "eve".into(), ..Default::default() };
    let token = pb::RevokeTokenRequest { token_id: "0123456789ab".into() };
    for (refused, reason, resource) in [
        (site.get_comment(comment).await.unwrap_err(), "COMMENT_NOT_FOUND", "comment"),
        (review.delete_queue(queue).await.unwrap_err(), "QUEUE_NOT_FOUND", "queue"),
        (review.list_campaign_comments(members).await.unwrap_err(), "CAMPAIGN_NOT_FOUND", "campaign"),
        (review.set_campaign_rule(rule).await.unwrap_err(), "CAMPAIGN_NOT_FOUND", "campaign"),
        (policy.restore_policy(version).await.unwrap_err(), "POLICY_NOT_FOUND", "policy version"),
        (admin.revoke_token(token).await.unwrap_err(), "TOKEN_NOT_FOUND", "token"),
    ] {
        let told = refused.get_error_details();
        let named = told.resource_info().map(|info| info.resource_type.as_str());
        let said = told.error_info().map(|info| info.reason.as_str());
        assert_eq!((refused.code(), said, named), (Code::NotFound, Some(reason), Some(resource)), "{refused:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_reader_wrote_is_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(ombud());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path().join("data"));
    command.env("OMBUD_LOG__FILTER", "trace");
    let (mut program, url, log): (Program, _, _) = spawn_server_and_listen(command);
    let mut client = Client::connect(url).await.unwrap();
    let mut request = comment("garden", "c1", "Quixotically written sentence, you moron.");
    request.author = Some(pb::Author { author_id: "reader-1".into(), name: "Zebedee Canary".into() });
    client.submit_comment(request.clone()).await.unwrap();
    request.text = "Quixotically long. ".repeat(2000);
    client.submit_comment(request.clone()).await.unwrap_err();
    request.text = String::new();
    client.submit_comment(request).await.unwrap_err();
    let scored = pb::ScoreTextRequest { texts: vec!["Quixotically scored.".into()], explain: true };
    client.score_text(scored).await.unwrap();
    drop(client);
    program.stop();
    let log = log.join().unwrap();
    assert!(log.contains("stopped"), "{log}");
    for word in ["Quixotically", "Zebedee"] {
        assert!(!log.contains(word), "{word}");
    }
}
