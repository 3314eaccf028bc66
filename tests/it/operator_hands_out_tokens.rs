//! Whoever runs a server says who may use it.

use crate::{
    refusals::told,
    support::{Bearer, FakeClock, TestServer, comment, ombud, spawn_server_and_listen, with_token},
};
use ombud::grpc::{AdminClient, Client, ReviewClient, pb};
use pb::{Role, Verdict};
use std::{fs, path::Path, process::Command};
use tokio_stream::StreamExt as _;
use tonic::{
    Code, Status,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_types::StatusExt as _;

type Connection = InterceptedService<Channel, Bearer>;

/// All that a bearer can talk to.
struct BearerOf {
    token: String,
    token_id: String,
    site: Client<Connection>,
    review: ReviewClient<Connection>,
    admin: AdminClient<Connection>,
}

impl BearerOf {
    async fn new(url: &str, token: String, token_id: String) -> Self {
        let connection = with_token(url, &token).await;
        let site = Client::new(connection.clone());
        let (review, admin) = (ReviewClient::new(connection.clone()), AdminClient::new(connection));
        Self { token, token_id, site, review, admin }
    }

    /// Hands out a token.
    async fn hand_out(&mut self, url: &str, request: pb::CreateTokenRequest) -> Self {
        let created = self.admin.create_token(request).await.unwrap().into_inner();
        Self::new(url, created.secret, created.token.unwrap().token_id).await
    }
}

fn request(role: Role, name: &str, bound_site_id: &str) -> pb::CreateTokenRequest {
    let (name, bound_site_id) = (name.to_owned(), bound_site_id.to_owned());
    pb::CreateTokenRequest { role: role.into(), name, bound_site_id, ..Default::default() }
}

/// Makes the first token, which closes the server.
async fn close(server: &TestServer) -> BearerOf {
    let mut admin = AdminClient::connect(server.url.clone()).await.unwrap();
    let created = admin.create_token(request(Role::Admin, "root", "")).await.unwrap().into_inner();
    BearerOf::new(&server.url, created.secret, created.token.unwrap().token_id).await
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

fn unauthenticated(reason: &str) -> (Code, String) {
    (Code::Unauthenticated, reason.to_owned())
}

fn denied(reason: &str) -> (Code, String) {
    (Code::PermissionDenied, reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_token_of_an_admin_closes_the_server() {
    let server = TestServer::start().await;
    let mut anybody = server.client().await;
    anybody.submit_comment(comment("garden", "c1", "Nice.")).await.unwrap();
    let mut watching = ReviewClient::connect(server.url.clone()).await.unwrap();
    let mut told = watching.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    told.next().await.unwrap().unwrap();

    let mut root = close(&server).await;
    let refused = anybody.submit_comment(comment("garden", "c2", "Nice.")).await.unwrap_err();
    assert_eq!(reason(&refused), unauthenticated("TOKEN_MISSING"));
    let ended = loop {
        if let Err(ended) = told.next().await.unwrap() {
            break ended;
        }
    };
    assert_eq!(reason(&ended), unauthenticated("TOKEN_MISSING"), "a stream that was open ends as well");
    root.site.submit_comment(comment("garden", "c2", "Nice.")).await.unwrap();
    let channel = Endpoint::from_shared(server.url.clone()).unwrap().connect().await.unwrap();
    HealthClient::new(channel).check(HealthCheckRequest::default()).await.unwrap();

    let dir = server.stop().await;
    let server = TestServer::start_in(dir, "").await;
    let refused = server.client().await.submit_comment(comment("garden", "c3", "Nice.")).await.unwrap_err();
    assert_eq!(reason(&refused), unauthenticated("TOKEN_MISSING"));
    let mut root = BearerOf::new(&server.url, root.token, root.token_id).await;
    root.site.submit_comment(comment("garden", "c3", "Nice.")).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_do_what_lower_ones_may_and_no_more() {
    let server = TestServer::start().await;
    let mut root = close(&server).await;
    let mut reached = Vec::new();
    for role in [Role::Submitter, Role::Moderator, Role::Admin] {
        let mut bearer = root.hand_out(&server.url, request(role, "ada", "")).await;
        let (get, queues) = (pb::GetCommentRequest::default(), pb::ListQueuesRequest::default());
        let answers = [
            bearer.site.get_comment(get).await.map(drop),
            bearer.review.watch_events(pb::WatchEventsRequest::default()).await.map(drop),
            bearer.review.list_queues(queues).await.map(drop),
            bearer.admin.list_tokens(pb::ListTokensRequest {}).await.map(drop),
        ];
        reached.push(answers.map(|answer| match answer {
            Err(status) if status.code() == Code::PermissionDenied => {
                assert_eq!(reason(&status), denied("ROLE_TOO_LOW"));
                false
            }
            _ => true,
        }));
    }
    assert_eq!(reached, [[true, true, false, false], [true, true, true, false], [true; 4]]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_site_is_good_for_no_other() {
    let server = TestServer::start().await;
    let mut root = close(&server).await;
    let mut daily = root.hand_out(&server.url, request(Role::Submitter, "daily-web", "daily")).await;
    let of = |site: &str| pb::SubmitCommentRequest { site_id: site.into(), ..comment("garden", "c1", "Nice.") };
    daily.site.submit_comment(of("daily")).await.unwrap();
    for other in ["sports", ""] {
        let refused = daily.site.submit_comment(of(other)).await.unwrap_err();
        assert_eq!(reason(&refused), denied("OTHER_SITE"), "an empty site is the default one");
        assert_eq!(refused.get_details_error_info().unwrap().metadata["site_id"], "daily");
    }
    let watch = pb::WatchEventsRequest { site_id: "sports".into(), after_seq: 0 };
    assert_eq!(reason(&daily.review.watch_events(watch).await.unwrap_err()), denied("OTHER_SITE"));
    daily.site.score_text(pb::ScoreTextRequest { texts: vec!["Nice.".into()], explain: false }).await.unwrap();

    // On a stream, each comment is held against the token by itself.
    let submissions = [of("sports"), of("daily")].map(|one| pb::SubmitCommentsRequest { submission: Some(one) });
    let answers = daily.site.submit_comments(tokio_stream::iter(submissions)).await.unwrap().into_inner();
    let mut answers: Vec<_> = answers.map(Result::unwrap).collect().await;
    answers.sort_by_key(|answer| answer.index);
    let outcome = |answer: &pb::SubmitCommentsResponse| match answer.result.clone().unwrap() {
        pb::submit_comments_response::Result::Failure(failure) => failure.reason,
        pb::submit_comments_response::Result::Response(response) => response.site_id,
    };
    assert_eq!(answers.iter().map(outcome).collect::<Vec<_>>(), ["OTHER_SITE", "daily"]);

    // An admin of a site looks after the tokens of that site alone.
    let mut editor = root.hand_out(&server.url, request(Role::Admin, "eve", "daily")).await;
    let made = editor.admin.create_token(request(Role::Admin, "eve", "")).await.unwrap_err();
    assert_eq!(reason(&made), denied("OTHER_SITE"));
    let mut ada = editor.hand_out(&server.url, request(Role::Moderator, "ada", "daily")).await;
    ada.review.list_queues(pb::ListQueuesRequest { site_id: "daily".into() }).await.unwrap();
    let listed = editor.admin.list_tokens(pb::ListTokensRequest {}).await.unwrap().into_inner().tokens;
    let names: Vec<&str> = listed.iter().map(|token| token.name.as_str()).collect();
    assert_eq!(names, ["daily-web", "eve", "ada"]);
    let of_root = pb::RevokeTokenRequest { token_id: root.token_id.clone() };
    let refused = editor.admin.revoke_token(of_root).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "TOKEN_NOT_FOUND".to_owned()));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_acts_as_themselves() {
    let server = TestServer::start().await;
    let mut root = close(&server).await;
    let mut ada = root.hand_out(&server.url, request(Role::Moderator, "ada", "")).await;
    root.site.submit_comment(comment("garden", "c1", "This is rubbish, you clown.")).await.unwrap();
    let claim =
        |name: &str| pb::ClaimNextRequest { queue: "held".into(), moderator_id: name.into(), ..Default::default() };
    let refused = ada.review.claim_next(claim("bob")).await.unwrap_err();
    assert_eq!(reason(&refused), denied("OTHER_MODERATOR"));
    assert_eq!(refused.get_details_error_info().unwrap().metadata["moderator_id"], "ada");
    let claimed = ada.review.claim_next(claim("")).await.unwrap().into_inner().items;
    assert_eq!(claimed[0].claim.as_ref().unwrap().moderator_id, "ada", "who leaves the name out acts as themselves");
    let settle = |name: &str| pb::SettleItemRequest {
        comment_id: "c1".into(),
        moderator_id: name.into(),
        version: claimed[0].version,
        verdict: Verdict::Reject.into(),
        ..Default::default()
    };
    assert_eq!(reason(&root.review.settle_item(settle("ada")).await.unwrap_err()), denied("OTHER_MODERATOR"));
    let settled = ada.review.settle_item(settle("ada")).await.unwrap().into_inner().item.unwrap();
    assert_eq!(settled.last_verdict.unwrap().moderator_id, "ada");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_stops_working_at_once_and_ends_its_streams() {
    let server = TestServer::start().await;
    let mut root = close(&server).await;
    let mut web = root.hand_out(&server.url, request(Role::Submitter, "web", "")).await;
    let (submissions, receiver) = tokio::sync::mpsc::channel(1);
    let receiver = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut answers = web.site.submit_comments(receiver).await.unwrap().into_inner();
    let one = |id: &str| pb::SubmitCommentsRequest { submission: Some(comment("garden", id, "Nice.")) };
    submissions.send(one("c1")).await.unwrap();
    answers.next().await.unwrap().unwrap();
    let mut told = web.review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    told.next().await.unwrap().unwrap();

    let revoke = pb::RevokeTokenRequest { token_id: web.token_id.clone() };
    root.admin.revoke_token(revoke.clone()).await.unwrap();
    let refused = web.site.get_comment(pb::GetCommentRequest::default()).await.unwrap_err();
    assert_eq!(reason(&refused), unauthenticated("TOKEN_UNKNOWN"));
    assert_eq!(reason(&answers.next().await.unwrap().unwrap_err()), unauthenticated("TOKEN_UNKNOWN"));
    let ended = loop {
        if let Err(ended) = told.next().await.unwrap() {
            break ended;
        }
    };
    assert_eq!(reason(&ended), unauthenticated("TOKEN_UNKNOWN"));
    let refused = root.admin.revoke_token(revoke).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "TOKEN_NOT_FOUND".to_owned()));

    let last = pb::RevokeTokenRequest { token_id: root.token_id.clone() };
    let refused = root.admin.revoke_token(last.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Aborted, "LAST_ADMIN_TOKEN".to_owned()));
    let mut second = root.hand_out(&server.url, request(Role::Admin, "second", "")).await;
    second.admin.revoke_token(last).await.unwrap();
    let refused = root.admin.list_tokens(pb::ListTokensRequest {}).await.unwrap_err();
    assert_eq!(reason(&refused), unauthenticated("TOKEN_UNKNOWN"));

    let dir = server.stop().await;
    let server = TestServer::start_in(dir, "").await;
    let mut web = BearerOf::new(&server.url, web.token, web.token_id).await;
    let refused = web.site.get_comment(pb::GetCommentRequest::default()).await.unwrap_err();
    assert_eq!(reason(&refused), unauthenticated("TOKEN_UNKNOWN"), "a restart doesn't bring it back");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_locked_out_by_the_last_admin_of_one_site_or_of_a_few_seconds() {
    let clock = FakeClock::at(0);
    let server = TestServer::start_with_clock(clock.clone()).await;
    let mut open = AdminClient::connect(server.url.clone()).await.unwrap();
    let bound = open.create_token(request(Role::Admin, "eve", "daily")).await.unwrap_err();
    assert_eq!(reason(&bound), (Code::Aborted, "FIRST_ADMIN_BOUND".to_owned()));
    let mut root = close(&server).await;
    root.hand_out(&server.url, request(Role::Admin, "eve", "daily")).await;
    let brief = pb::CreateTokenRequest { lifetime_secs: 3, ..request(Role::Admin, "guest", "") };
    let guest = root.hand_out(&server.url, brief).await;
    let revoke = |token_id: &str| pb::RevokeTokenRequest { token_id: token_id.to_owned() };
    let refused = root.admin.revoke_token(revoke(&root.token_id)).await.unwrap_err();
    assert_eq!(
        reason(&refused),
        (Code::Aborted, "LAST_ADMIN_TOKEN".to_owned()),
        "neither of the others lasts for all sites"
    );
    root.admin.revoke_token(revoke(&guest.token_id)).await.unwrap();
    let mut second = root.hand_out(&server.url, request(Role::Admin, "second", "")).await;
    second.admin.revoke_token(revoke(&root.token_id)).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_expires() {
    let clock = FakeClock::at(0);
    let server = TestServer::start_with_clock(clock.clone()).await;
    let mut root = close(&server).await;
    let request = pb::CreateTokenRequest { lifetime_secs: 1, ..request(Role::Submitter, "web", "") };
    let mut web = root.hand_out(&server.url, request).await;
    clock.set(999_999);
    let mut told = web.review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    let ended = told.next().await.unwrap().unwrap_err();
    assert_eq!(reason(&ended), unauthenticated("TOKEN_EXPIRED"), "a stream ends when its token does");
    clock.set(1_000_000);
    let refused = web.site.get_comment(pb::GetCommentRequest::default()).await.unwrap_err();
    assert_eq!(reason(&refused), unauthenticated("TOKEN_EXPIRED"));
    let listed = root.admin.list_tokens(pb::ListTokensRequest {}).await.unwrap().into_inner().tokens;
    let web = listed.into_iter().find(|token| token.name == "web").unwrap();
    assert_eq!(web.expires_at.unwrap().seconds, 1, "what has expired is listed until it is revoked");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_tokens_are_told_in_these_words() {
    let server = TestServer::start().await;
    let mut root = close(&server).await;
    let mut said = Vec::new();
    let get = pb::GetCommentRequest::default();
    said.push(told("no token", &server.client().await.get_comment(get.clone()).await.unwrap_err()));
    let mut wrong = Client::new(with_token(&server.url, "ombud_made-up").await);
    said.push(told("unknown token", &wrong.get_comment(get).await.unwrap_err()));
    let mut ada = root.hand_out(&server.url, request(Role::Moderator, "ada", "daily")).await;
    let list = pb::ListTokensRequest {};
    said.push(told("role too low", &ada.admin.list_tokens(list).await.unwrap_err()));
    let queues = pb::ListQueuesRequest::default();
    said.push(told("other site", &ada.review.list_queues(queues).await.unwrap_err()));
    let skip =
        pb::SkipItemRequest { site_id: "daily".into(), moderator_id: "bob".into(), ..pb::SkipItemRequest::default() };
    said.push(told("other moderator", &ada.review.skip_item(skip).await.unwrap_err()));
    let empty = pb::CreateTokenRequest { lifetime_secs: -1, ..Default::default() };
    said.push(told("empty token", &root.admin.create_token(empty).await.unwrap_err()));
    let unknown = pb::RevokeTokenRequest { token_id: "0123".into() };
    said.push(told("unknown id", &root.admin.revoke_token(unknown).await.unwrap_err()));
    let last = pb::RevokeTokenRequest { token_id: root.token_id.clone() };
    let refused = root.admin.revoke_token(last).await.unwrap_err();
    said.push(told("last admin", &refused));
    insta::assert_snapshot!(said.join("\n"));
    server.stop().await;
}

/// Says in which files below `dir` the words are.
fn files_with(dir: &Path, words: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, words, found);
        } else if fs::read(&path).unwrap().windows(words.len()).any(|window| window == words.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_in_the_log_or_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = Command::new(ombud());
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
    command.env("OMBUD_LOG__FILTER", "trace");
    let (mut program, url, log) = spawn_server_and_listen(command);
    let mut open = AdminClient::connect(url.clone()).await.unwrap();
    let created = open.create_token(request(Role::Admin, "root", "")).await.unwrap().into_inner();
    assert!(!format!("{created:?}").contains(&created.secret));
    let mut root = BearerOf::new(&url, created.secret, created.token.unwrap().token_id).await;
    root.site.submit_comment(comment("garden", "c1", "Nice.")).await.unwrap();
    let ada = root.hand_out(&url, request(Role::Moderator, "ada", "")).await;
    let mut ada = BearerOf::new(&url, ada.token, ada.token_id).await;
    ada.admin.list_tokens(pb::ListTokensRequest {}).await.unwrap_err();
    let mut watching = ada.review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    watching.next().await.unwrap().unwrap();
    let revoke = pb::RevokeTokenRequest { token_id: ada.token_id.clone() };
    root.admin.revoke_token(revoke).await.unwrap();
    let refused = ada.site.get_comment(pb::GetCommentRequest::default()).await.unwrap_err();
    let public = pb::CreateTokenRequest {
        origins: vec!["https://news.example".into()],
        ..request(Role::Submitter, "page", "default")
    };
    let mut page = root.hand_out(&url, public).await;
    let elsewhere = page.site.score_text(pb::ScoreTextRequest::default()).await.unwrap_err();
    assert_eq!(reason(&elsewhere), denied("OTHER_ORIGIN"));
    let never_known = format!("{}x", &ada.token[..ada.token.len() - 1]);
    let mut unknown = Client::new(with_token(&url, &never_known).await);
    let unknown = unknown.get_comment(pb::GetCommentRequest::default()).await.unwrap_err();
    let tokens = [root.token.clone(), ada.token.clone(), page.token.clone(), never_known];
    drop((open, root, ada, page, watching));
    program.stop();
    let log = log.join().unwrap();
    let said = "serving this machine only, since there is no token of an admin yet";
    assert!(log.contains(said) && log.contains("stopped"), "{log}");
    let mut found = Vec::new();
    for token in &tokens {
        let inside = &token["ombud_".len()..];
        for said in [&log, &format!("{refused:?}"), &format!("{unknown:?}"), &format!("{elsewhere:?}")] {
            let at = said.find(inside);
            assert!(at.is_none(), "{}", at.map_or("", |at| &said[at.saturating_sub(400)..at]));
        }
        files_with(&data, inside, &mut found);
    }
    assert_eq!(found, Vec::<String>::new());
}
