//! A site puts a key into its pages, where every reader can see it, and another one is held to a rate.

use crate::refusals::told;
use crate::support::http::ask;
use crate::support::terminal::{command, json_lines, ran};
use crate::support::{FakeClock, TestServer, comment, with_token};
use ombud::grpc::{AdminClient, Client, ReviewClient, pb};
use pb::{Role, submit_comments_response::Result as Answer};
use serde_json::json;
use std::time::Duration;
use tokio_stream::StreamExt as _;
use tonic::{
    Code, Request, Status,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use tonic_types::StatusExt as _;

const NEWS: &str = "https://news.example";

/// A page in a browser, or a program without one.
#[derive(Clone)]
struct Page {
    key: String,
    origin: Option<&'static str>,
}

impl Interceptor for Page {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if !self.key.is_empty() {
            request.metadata_mut().insert("authorization", format!("Bearer {}", self.key).parse().unwrap());
        }
        if let Some(origin) = self.origin {
            request.metadata_mut().insert("origin", origin.parse().unwrap());
        }
        Ok(request)
    }
}

type Connection = InterceptedService<Channel, Page>;

async fn page(url: &str, key: &str, origin: Option<&'static str>) -> Connection {
    let channel = Channel::from_shared(url.to_owned()).unwrap().connect().await.unwrap();
    InterceptedService::new(channel, Page { key: key.to_owned(), origin })
}

async fn score(connection: &Connection) -> Result<(), Status> {
    let texts = pb::ScoreTextRequest { texts: vec!["Nice.".into()], explain: false };
    Client::new(connection.clone()).score_text(texts).await.map(drop)
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// Makes the first token of an admin, which closes the server.
async fn close(server: &TestServer) -> String {
    let mut open = AdminClient::connect(server.url.clone()).await.unwrap();
    let root = pb::CreateTokenRequest { role: Role::Admin.into(), name: "root".into(), ..Default::default() };
    open.create_token(root).await.unwrap().into_inner().secret
}

/// Types a command as the bearer of a token; returns what it wrote for programs and for people.
fn typed(url: &str, token: &str, line: &str, code: i32) -> (String, String) {
    let args: Vec<&str> = line.split(' ').chain(["--server", url]).collect();
    let mut command = command(&args);
    command.env("OMBUD_TOKEN", token);
    tokio::task::block_in_place(|| ran(command, code))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_a_page_is_good_for_its_origins_so_often_and_for_scores_alone() {
    let clock = FakeClock::at(0);
    let server = TestServer::start_with_clock(clock.clone()).await;
    let root = close(&server).await;
    let create = "token create --role submitter --site daily --name page --origin https://News.example/ --origin \
                  http://localhost:3000 --rate-per-minute 3";
    let made = &json_lines(&typed(&server.url, &root, &format!("{create} --json"), 0).0)[0];
    let origins = json!([NEWS, "http://localhost:3000"]);
    assert_eq!((&made["origins"], &made["rate_per_minute"]), (&origins, &json!(3)));
    let key = made["token"].as_str().unwrap();
    let (_, said) = typed(&server.url, &root, create, 0);
    assert!(
        said.contains(", 3 calls a minute. ") && said.contains(&format!("pages of {NEWS}, http://localhost:3000; ")),
        "{said}"
    );

    let url = server.url.as_str();
    let (news, nowhere) = (page(url, key, Some(NEWS)).await, page(url, key, None).await);
    let elsewhere = page(url, key, Some("https://evil.example")).await;
    let mut refused = vec![("no origin", score(&nowhere).await), ("another origin", score(&elsewhere).await)];
    for _ in 0..2 {
        score(&news).await.unwrap();
    }
    score(&page(url, key, Some("http://localhost:3000")).await).await.unwrap();
    refused.push(("too often", score(&news).await));
    clock.set(20_000_000);
    score(&news).await.unwrap();
    assert_eq!(score(&news).await.unwrap_err().code(), Code::ResourceExhausted, "one came back, and no more");
    clock.set(200_000_000);
    let submitted = Client::new(news.clone()).submit_comment(comment("garden", "c1", "Nice.")).await;
    refused.push(("what others see", submitted.map(drop)));
    let refused = refused.into_iter().map(|(what, refused)| told(what, &refused.unwrap_err()));
    insta::assert_snapshot!(refused.collect::<Vec<_>>().join("\n"));
    clock.set(400_000_000);
    let get = pb::GetCommentRequest { site_id: "daily".into(), comment_id: "c1".into() };
    assert_eq!(reason(&Client::new(news.clone()).get_comment(get).await.unwrap_err()), "PUBLIC_TOKEN");
    let watch = pb::WatchEventsRequest { site_id: "daily".into(), after_seq: 0 };
    assert_eq!(reason(&ReviewClient::new(news).watch_events(watch).await.unwrap_err()), "PUBLIC_TOKEN");
    let (_, said) = typed(url, key, "submit Hello.", 1);
    assert!(
        said.contains("hint: set OMBUD_TOKEN to a token that is bound to no origins") && !said.contains(key),
        "{said}"
    );

    let dir = server.stop().await;
    let server = TestServer::start_in(dir, "").await;
    let (listed, _) = typed(&server.url, &root, "token list", 0);
    assert!(listed.contains("3/min") && listed.contains(&format!("{NEWS} http://localhost:3000")), "{listed}");
    let tokens = json_lines(&typed(&server.url, &root, "token list --jsonl", 0).0);
    let named = |name: &str| tokens.iter().find(|token| token["name"] == name).unwrap();
    assert_eq!((&named("page")["origins"], &named("page")["rate_per_minute"]), (&origins, &json!(3)));
    assert_eq!((named("root").get("origins"), named("root").get("rate_per_minute")), (None, None));
    assert_eq!(reason(&score(&page(&server.url, key, None).await).await.unwrap_err()), "OTHER_ORIGIN");
    score(&page(&server.url, key, Some(NEWS)).await).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_holds_for_each_comment_of_a_stream() {
    let clock = FakeClock::at(0);
    let server = TestServer::start_with_clock(clock.clone()).await;
    let mut admin = AdminClient::new(with_token(&server.url, &close(&server).await).await);
    let slow = pb::CreateTokenRequest {
        role: Role::Submitter.into(),
        name: "import".into(),
        rate_per_minute: Some(3),
        ..Default::default()
    };
    let slow = admin.create_token(slow).await.unwrap().into_inner().secret;
    let mut site = Client::new(with_token(&server.url, &slow).await);
    let one = |id: &str| pb::SubmitCommentsRequest { submission: Some(comment("garden", id, "Nice.")) };
    let (sender, receiver) = tokio::sync::mpsc::channel(8);
    for id in ["c1", "c2", "c3", "c4", "c5"] {
        sender.send(one(id)).await.unwrap();
    }
    let receiver = tokio_stream::wrappers::ReceiverStream::new(receiver);
    let mut answers = site.submit_comments(receiver).await.unwrap().into_inner();
    let (mut taken, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let answer = answers.next().await.unwrap().unwrap();
        match answer.result.unwrap() {
            Answer::Response(response) => taken.push(response.comment_id),
            Answer::Failure(failure) => refused.push((answer.index, failure)),
        }
    }
    taken.sort();
    refused.sort_by_key(|(index, _)| *index);
    assert_eq!(taken, ["c1", "c2", "c3"], "the call and its first comment count once");
    assert_eq!(refused.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [3, 4]);
    for (_, failure) in refused {
        let wait = Duration::try_from(failure.retry_after.unwrap()).unwrap();
        assert_eq!((failure.reason.as_str(), wait), ("RATE_EXCEEDED", Duration::from_secs(20)));
    }
    clock.set(20_000_000);
    sender.send(one("c4")).await.unwrap();
    let answer = answers.next().await.unwrap().unwrap();
    assert!(matches!(answer.result, Some(Answer::Response(_))), "the stream goes on: {answer:?}");
    let refused = site.submit_comment(comment("garden", "c5", "Nice.")).await.unwrap_err();
    assert_eq!(reason(&refused), "RATE_EXCEEDED", "streams and calls share one rate");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_pages_has_a_rate_unless_somebody_says_otherwise() {
    let server = TestServer::start().await;
    let mut admin = AdminClient::new(with_token(&server.url, &close(&server).await).await);
    let mut rate_of = async |origins: &[&str], rate_per_minute: Option<u32>| {
        let request = pb::CreateTokenRequest {
            role: Role::Submitter.into(),
            name: "web".into(),
            bound_site_id: "daily".into(),
            origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            rate_per_minute,
            ..Default::default()
        };
        let made = admin.create_token(request).await.unwrap().into_inner().token.unwrap();
        (made.origins.len(), made.rate_per_minute)
    };
    assert_eq!(rate_of(&[], None).await, (0, 0));
    assert_eq!(rate_of(&[NEWS, "https://NEWS.example:443"], None).await, (1, 600), "each origin once");
    assert_eq!(rate_of(&[NEWS], Some(0)).await, (1, 0));
    assert_eq!(rate_of(&[], Some(1_000_000)).await, (0, 1_000_000));
    let many: Vec<String> = (0..32).map(|number| format!("https://news{number}.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(rate_of(&many, None).await, (32, 600));

    let refused = pb::CreateTokenRequest {
        role: Role::Submitter.into(),
        name: "web".into(),
        bound_site_id: "daily".into(),
        origins: vec![NEWS.into(); 33],
        rate_per_minute: Some(1_000_001),
        ..Default::default()
    };
    let refused = admin.create_token(refused).await.unwrap_err().get_details_bad_request().unwrap();
    let fields: Vec<&str> = refused.field_violations.iter().map(|wrong| wrong.field.as_str()).collect();
    assert_eq!(fields, ["origins", "rate_per_minute"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_somebody_on_the_machine_looks_at_is_not_let_in() {
    let server = TestServer::start().await;
    for origin in ["https://evil.example", "null"] {
        let refused = score(&page(&server.url, "", Some(origin)).await).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "ORIGIN_NEEDS_TOKEN"));
    }
    score(&page(&server.url, "", Some("http://localhost:3000")).await).await.unwrap();
    score(&page(&server.url, "", None).await).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_asks_as_a_client_of_perspective_and_reads_the_answer_where_its_key_is_for_it() {
    let clock = FakeClock::at(0);
    let server = TestServer::start_with_clock(clock.clone()).await;
    let mut admin = AdminClient::new(with_token(&server.url, &close(&server).await).await);
    let public = pb::CreateTokenRequest {
        role: Role::Submitter.into(),
        name: "page".into(),
        bound_site_id: "daily".into(),
        origins: vec![NEWS.into()],
        rate_per_minute: Some(2),
        ..Default::default()
    };
    let key = admin.create_token(public).await.unwrap().into_inner().secret;
    let path = format!("/v1alpha1/comments:analyze?key={key}");
    let body = json!({ "comment": { "text": "Nice." }, "requestedAttributes": { "TOXICITY": {} }, "doNotStore": true });
    let body = body.to_string();
    let mut said = Vec::new();
    let mut asks = async |method: &str, path: &str, origin: Option<&str>| {
        let headers: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let answer = ask(&server.url, method, path, &headers, body.as_bytes()).await;
        let may_read = answer.header("access-control-allow-origin").map(str::to_owned);
        said.push(format!("{answer:?} {}", answer.text()));
        (answer.status, may_read, answer.header("retry-after").map(str::to_owned))
    };
    let news = Some(NEWS.to_owned());
    assert_eq!(asks("OPTIONS", &path, Some(NEWS)).await, (200, news.clone(), None));
    assert_eq!(asks("OPTIONS", &path, Some("https://evil.example")).await, (200, None, None));
    let in_a_header = "/v1alpha1/comments:analyze";
    assert_eq!(asks("OPTIONS", in_a_header, Some(NEWS)).await, (200, news.clone(), None), "the key comes later");
    assert_eq!(asks("OPTIONS", in_a_header, Some("https://evil.example")).await, (200, None, None));
    assert_eq!(asks("POST", &path, Some("https://evil.example")).await, (403, None, None));
    assert_eq!(asks("POST", &path, None).await, (403, None, None));
    for _ in 0..2 {
        assert_eq!(asks("POST", &path, Some(NEWS)).await, (200, news.clone(), None));
    }
    assert_eq!(asks("POST", &path, Some(NEWS)).await, (429, news.clone(), Some("30".to_owned())));
    assert_eq!(score(&page(&server.url, &key, Some(NEWS)).await).await.unwrap_err().code(), Code::ResourceExhausted);
    clock.set(30_000_000);
    assert_eq!(asks("POST", &path, Some(NEWS)).await, (200, news.clone(), None));
    clock.set(100_000_000);
    let suggest = path.replace(":analyze", ":suggestscore");
    assert_eq!(asks("POST", &suggest, Some(NEWS)).await, (403, news, None), "readers don't teach the model");
    assert!(said.iter().all(|said| !said.contains(&key["ombud_".len()..])));
    server.stop().await;
}
