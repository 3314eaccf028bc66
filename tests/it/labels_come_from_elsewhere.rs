//! Labels come from another server, from clients and from data sets, and go with the words that they are on.

use crate::editor_sets_policy::Desk;
use crate::moderator_reviews::{HELD, Newsroom, reason};
use crate::moderator_verdicts_become_labels::{connect, export};
use crate::support::{TestServer, comment, ombud, with_token};
use ombud::grpc::{AdminClient, ModelClient, pb};
use ombud::moderation::labels::NewLabel;
use pb::{LabelSource, Outcome, Role, Verdict};
use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};
use tonic::{Code, Status, transport::Endpoint};
use tonic_types::StatusExt as _;

/// Found nowhere else.
const WORDS: &str = "A quixotic marmalade of a remark.";

/// Bytes that a client takes in without being read, the least that HTTP/2 allows at first.
const WINDOW: u32 = 65_535;

fn label(comment_id: &str) -> pb::Label {
    pb::Label {
        comment_id: comment_id.into(),
        text: format!("{WORDS} {comment_id}"),
        attributes: [("INSULT".to_owned(), true)].into(),
        ..pb::Label::default()
    }
}

async fn import(server: &TestServer, labels: impl IntoIterator<Item = pb::Label>) -> Result<(u64, u64, u64), Status> {
    let requests: Vec<_> = labels.into_iter().map(|label| pb::ImportLabelsRequest { label: Some(label) }).collect();
    let told = connect(server).await.import_labels(tokio_stream::iter(requests)).await?.into_inner();
    Ok((told.imported, told.repeated, told.left_out))
}

async fn all(server: &TestServer) -> Vec<pb::Label> {
    let mut labels = export(&mut connect(server).await, pb::ExportLabelsRequest::default()).await.unwrap();
    labels.sort_by_key(|label| label.seq);
    labels
}

fn ids(labels: &[pb::Label]) -> Vec<&str> {
    labels.iter().map(|label| label.comment_id.as_str()).collect()
}

/// Runs `ombud labels` against a server.
fn run(server: &TestServer, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(ombud());
    command.arg("labels").args(args).args(["--server", &server.url]);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Exports over the command line, without the numbers of events, which each server has of its own.
fn exported(server: &TestServer) -> (String, Vec<Value>) {
    let output = run(server, &["export"], "");
    assert!(output.status.success(), "{}", said(&output));
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut labels: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for label in &mut labels {
        label.as_object_mut().unwrap().remove("seq").unwrap();
    }
    labels.sort_by_key(Value::to_string);
    (lines, labels)
}

fn is_in(dir: &Path, bytes: &str) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        let holds = |file: Vec<u8>| file.windows(bytes.len()).any(|window| window == bytes.as_bytes());
        if path.is_dir() { is_in(&path, bytes) } else { fs::read(&path).is_ok_and(holds) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_exports_another_one_imports_and_exports_again() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    for (id, verdict) in [("c0", Verdict::Reject), ("c1", Verdict::Approve)] {
        let item = newsroom.item(id).await;
        newsroom.settle("ada", &item, verdict).await.unwrap();
    }
    let there = newsroom.server;
    import(&there, [label("from-a-client")]).await.unwrap();
    let (lines, labels) = exported(&there);
    assert_eq!(labels.len(), 3);

    let here = TestServer::start().await;
    let output = run(&here, &["import", "-"], &lines);
    assert_eq!(
        (output.status.code(), said(&output).as_str()),
        (Some(0), "3 labels imported, 0 were kept before, 0 left out\n")
    );
    assert_eq!(exported(&here).1, labels);
    let file = here.dir.path().join("labels.jsonl");
    fs::write(&file, &lines).unwrap();
    let again = run(&here, &["import", file.to_str().unwrap()], "");
    assert_eq!(said(&again), "0 labels imported, 3 were kept before, 0 left out\n");
    let dir = here.stop().await;
    let here = TestServer::start_in(dir, "").await;
    let again = run(&here, &["import", "-"], &lines);
    assert_eq!(said(&again), "0 labels imported, 3 were kept before, 0 left out\n", "also over a restart");
    assert_eq!(exported(&here).1, labels);
    here.stop().await;

    // A server knows its own verdicts, and that one of them was taken back since.
    assert!(run(&there, &["import", "-"], &lines).status.success());
    assert_eq!(exported(&there).1, labels);
    let mut newsroom = Newsroom::new(there).await;
    let action_id = newsroom.item("c0").await.last_verdict.unwrap().action_id;
    newsroom.undo(action_id).await;
    assert_eq!(ids(&all(&newsroom.server).await), ["c1", "from-a-client"]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_of_the_same_comment_source_and_moderator_takes_the_place_of_the_one_before() {
    let server = TestServer::start().await;
    let by = |moderator_id: &str| pb::Label { moderator_id: moderator_id.into(), ..label("c0") };
    let verdict = pb::Label { source: LabelSource::Verdict.into(), rejected: Some(true), ..by("ada") };
    let second = pb::Label { revision: 2, ..by("ada") };
    let changed = pb::Label { attributes: [("THREAT".to_owned(), false)].into(), ..by("ada") };
    // In one call too, each sees those before it.
    let labels = [by("ada"), by("ada"), by("bob"), verdict, second, changed.clone(), changed];
    assert_eq!(import(&server, labels).await.unwrap(), (5, 2, 0));
    let labels = all(&server).await;
    let told: Vec<_> = labels
        .iter()
        .map(|label| (label.revision, label.source(), label.moderator_id.as_str(), label.attributes.len()))
        .collect();
    let (verdict, suggestion) = (LabelSource::Verdict, LabelSource::Suggestion);
    assert_eq!(
        told,
        [(1, suggestion, "bob", 1), (1, verdict, "ada", 1), (2, suggestion, "ada", 1), (1, suggestion, "ada", 1)]
    );
    assert!(labels[3].attributes.contains_key("THREAT") && labels[3].labeled_at.is_some());
    assert!(labels.iter().all(|label| label.sampling_probability > 0.999));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_comment_takes_its_labels_out_of_every_file_also_where_the_comment_is_not_here() {
    let server = TestServer::start().await;
    import(&server, ["c0", "c1", "c2"].map(label)).await.unwrap();
    let dir = server.stop().await;
    let data = dir.path().join("data");
    let gone = [label("c0"), label("c1")].map(|label| label.text);
    assert!(gone.iter().all(|text| is_in(&data.join("journal"), text) && is_in(&data.join("state"), text)));

    let server = TestServer::start_in(dir, "[store]\ncompact_secs = 0\n").await;
    let mut newsroom = Newsroom::new(server).await;
    let erase = |comment_id: &str| pb::EraseCommentRequest {
        site_id: String::new(),
        comment_id: comment_id.into(),
        moderator_id: "ada".into(),
    };
    // One of them is of a comment that is here too.
    newsroom.submit("c1", HELD[0], Outcome::Hold).await;
    for id in ["c0", "c1"] {
        assert!(!newsroom.review.erase_comment(erase(id)).await.unwrap().into_inner().repeated);
        assert!(newsroom.review.erase_comment(erase(id)).await.unwrap().into_inner().repeated);
    }
    assert!(gone.iter().all(|text| !is_in(&data.join("journal"), text)), "with the answer");
    assert_eq!(ids(&all(&newsroom.server).await), ["c2"]);
    assert_eq!(
        import(&newsroom.server, ["c0", "c1", "c2"].map(label)).await.unwrap(),
        (0, 1, 2),
        "nothing brings it back"
    );
    let unknown = newsroom.review.erase_comment(erase("nobody's")).await.unwrap_err();
    assert_eq!(reason(&unknown), (Code::NotFound, "COMMENT_NOT_FOUND".to_owned()));
    // A comment that comes under the id of a label alone is another one, and keeps its words.
    newsroom.submit("c0", HELD[1], Outcome::Hold).await;
    newsroom.review.erase_comment(erase("c2")).await.unwrap();
    assert!(is_in(&data.join("journal"), HELD[1]));
    let started = Instant::now();
    let mut wait = tokio::time::interval(Duration::from_millis(20));
    while gone.iter().any(|text| is_in(&data, text)) {
        assert!(started.elapsed() < Duration::from_mins(1), "the words are still there");
        wait.tick().await;
    }
    // A state that is built from the journal knows all of it.
    let dir = newsroom.server.stop().await;
    fs::remove_dir_all(data.join("state")).unwrap();
    let server = TestServer::start_in(dir, "").await;
    assert_eq!(all(&server).await, []);
    assert_eq!(import(&server, ["c0", "c1", "c2"].map(label)).await.unwrap(), (0, 0, 3));
    let kept = crate::support::get(&mut server.client().await, "c0").await.unwrap();
    assert_eq!(kept.comment.unwrap().text, HELD[1]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_an_author_takes_the_labels_that_name_them() {
    let server = TestServer::start().await;
    let by = |id: &str, author_id: &str| pb::Label { author_id: author_id.into(), ..label(id) };
    import(&server, [by("c0", "u1"), by("c1", "u2"), by("c2", "u1"), label("c3")]).await.unwrap();
    let mut newsroom = Newsroom::new(server).await;
    newsroom.site.submit_comment(comment("garden", "own", "A comment of their own.")).await.unwrap();
    let erase = |author_id: &str| pb::EraseAuthorRequest {
        site_id: String::new(),
        author_id: author_id.into(),
        moderator_id: "ada".into(),
    };
    let erased = newsroom.review.erase_author(erase("u1")).await.unwrap().into_inner();
    assert_eq!(erased.comments, 2);
    assert_eq!(ids(&all(&newsroom.server).await), ["c1", "c3"]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_names_the_wrong_author_is_erased_alone() {
    let server = TestServer::start().await;
    let data = server.data_dir();
    let mut newsroom = Newsroom::new(server).await;
    newsroom.submit("theirs", HELD[0], Outcome::Hold).await;
    // One says so of somebody else's comment, one of a comment of which another label knows better.
    let by = |id: &str, author_id: &str, moderator_id: &str| pb::Label {
        author_id: author_id.into(),
        moderator_id: moderator_id.into(),
        text: format!("{WORDS} {id} {author_id}."),
        ..label(id)
    };
    let labels =
        [by("theirs", "u1", "ada"), by("theirs", "reader-1", "bob"), by("x", "u1", "ada"), by("x", "u2", "bob")];
    // The first of them takes the place of one that knew better, which is gone with it.
    let replaced = pb::Label { text: format!("{WORDS} theirs, as it was."), ..by("theirs", "reader-1", "ada") };
    let all_of_them = [replaced].into_iter().chain(labels).chain([by("y", "u1", "ada")]);
    assert_eq!(import(&newsroom.server, all_of_them).await.unwrap(), (6, 0, 0));
    let erase = pb::EraseAuthorRequest { author_id: "u1".into(), moderator_id: "ada".into(), ..Default::default() };
    let erased = newsroom.review.erase_author(erase.clone()).await.unwrap().into_inner();
    assert_eq!(erased.comments, 3);
    assert_eq!(newsroom.review.erase_author(erase).await.unwrap().into_inner().comments, 0);
    let told = |labels: &[pb::Label]| {
        labels.iter().map(|label| format!("{} {}", label.comment_id, label.author_id)).collect::<Vec<_>>()
    };
    let kept = ["theirs reader-1", "x u2"];
    assert_eq!(told(&all(&newsroom.server).await), kept);
    let text = |found: pb::GetCommentResponse| found.comment.unwrap().text;
    assert_eq!(text(crate::support::get(&mut newsroom.site, "theirs").await.unwrap()), HELD[0]);
    newsroom.item("theirs").await;
    let is_gone = |id: &str| !is_in(&data.join("journal"), &format!("{WORDS} {id} u1."));
    assert!(is_gone("theirs") && is_gone("x") && is_gone("y"));
    assert!(is_in(&data.join("journal"), HELD[0]) && is_in(&data.join("journal"), &format!("{WORDS} x u2.")));

    // A state that is built from the journal knows all of it, and verifying finds nothing.
    let dir = newsroom.server.stop().await;
    let output = Command::new(ombud()).args(["verify", "--data-dir", data.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    fs::remove_dir_all(data.join("state")).unwrap();
    let server = TestServer::start_in(dir, "").await;
    assert_eq!(told(&all(&server).await), kept);
    assert_eq!(text(crate::support::get(&mut server.client().await, "theirs").await.unwrap()), HELD[0]);
    // What only labels told of stays erased; where somebody else's comment is, other labels are welcome.
    let again = [by("y", "u1", "ada"), by("theirs", "u1", "ada")];
    assert_eq!(import(&server, again).await.unwrap(), (1, 0, 1));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_that_are_to_be_stored_nowhere_become_labels_only_where_the_policy_says_so() {
    let toml = "[sites.daily.labels]\nkeep_do_not_store = true\n";
    let server = TestServer::start_with(toml).await;
    let of = |site: &str| pb::Label { site_id: site.into(), do_not_store: true, ..label("c0") };
    assert_eq!(import(&server, [of("weekly"), of("daily"), label("c0")]).await.unwrap(), (2, 0, 1));
    let labels = all(&server).await;
    let told: Vec<_> = labels.iter().map(|label| (label.site_id.as_str(), label.do_not_store)).collect();
    assert_eq!(told, [("daily", true), ("default", false)]);
    let (lines, _) = exported(&server);
    assert!(lines.contains("\"do_not_store\":true"), "another server is to decide again");
    // What was kept under another policy is told no more, and again once the policy allows it.
    let mut desk = Desk::new(server).await;
    let daily = |toml: &str, version: u64| pb::SetPolicyRequest {
        site_id: "daily".into(),
        editor_id: "ada".into(),
        version,
        form: Some(pb::set_policy_request::Form::Toml(toml.into())),
        ..Default::default()
    };
    for (version, (keeps, told)) in (0..).zip([(false, vec!["default"]), (true, vec!["daily", "default"])]) {
        let toml = format!("[labels]\nkeep_do_not_store = {keeps}\n");
        desk.policies.set_policy(daily(&toml, version)).await.unwrap();
        let labels = all(&desk.server).await;
        assert_eq!(labels.iter().map(|label| label.site_id.as_str()).collect::<Vec<_>>(), told);
    }
    desk.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_is_named_and_those_before_it_are_kept() {
    let server = TestServer::start().await;
    let line = |id: &str| format!("{{\"comment_id\":\"{id}\",\"text\":\"Some words.\",\"rejected\":true}}\n");
    let good = format!("{}{}", line("c0"), line("c1"));
    for (bad, sentence) in [
        ("{\"comment_id\":\"c2\",\"text\":\" \",\"rejected\":true}", "line 4 is refused:\n  text: Must be given."),
        ("{\"text\":\"Words.\",\"rejected\":true}", "line 4 is refused:\n  comment_id: Must be given."),
        ("{\"comment_id\":\"c2\",\"text\":\"Words.\"}", "line 4 is refused:\n  rejected: Say whether"),
        (
            "{\"comment_id\":\"c2\",\"text\":\"Words.\",\"attributes\":{\"RUDE\":true}}",
            "line 4 is refused:\n  attributes: Must be attributes by name, each once: TOXICITY,",
        ),
        (
            "{\"comment_id\":\"c2\",\"text\":\"Words.\",\"rejected\":true,\"sampling_probability\":1.5}",
            "line 4 is refused:\n  sampling_probability: Must be above 0",
        ),
        (
            "{\"comment_id\":\"c2\",\"text\":\"Words.\",\"rejected\":true,\"source\":\"HEARSAY\"}",
            "line 4 can't be read:\n  source: Must be VERDICT, ATTRIBUTE, APPEAL or SUGGESTION.",
        ),
        (
            "{\"comment_id\":\"c2\",\"text\":\"Words.\",\"rejected\":true,\"labeled_at\":\"yesterday\"}",
            "line 4 can't be read:\n  labeled_at: Must be a time",
        ),
        ("{\"comment\":\"c2\"}", "line 4 can't be read: unknown key"),
        ("Words.", "line 4 can't be read: not JSON, column 1"),
    ] {
        let output = run(&server, &["import", "-"], &format!("{good}\n{bad}\n{}", line("c3")));
        let told = said(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains(sentence) && !told.contains("Words"), "{bad}: {told}");
        assert!(told.contains("hint: mend the line"), "{told}");
    }
    let told = said(&run(&server, &["import", "-"], &format!("{good}x\n")));
    assert!(told.starts_with("error: 0 labels imported, 2 were kept before, 0 left out before that: line 3"), "{told}");
    let labels = all(&server).await;
    assert_eq!(ids(&labels), ["c0", "c1"]);
    assert!(labels.iter().all(|label| label.source() == LabelSource::Suggestion));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_wrong_label_of_a_call_is_named_with_what_became_of_those_before() {
    let server = TestServer::start().await;
    let wrong = pb::Label { text: String::new(), source: 99, ..label("c1") };
    let refused = import(&server, [label("c0"), label("c0"), wrong]).await.unwrap_err();
    let fields = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!((refused.code(), fields[0].field.as_str()), (Code::InvalidArgument, "label.source"));
    let facts = refused.get_details_error_info().unwrap().metadata;
    let fact = |name: &str| facts[name].as_str();
    assert_eq!([fact("index"), fact("imported"), fact("repeated"), fact("left_out")], ["2", "1", "1", "0"]);
    assert_eq!(import(&server, []).await.unwrap(), (0, 0, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_of_one_site_imports_labels_of_that_site_alone_and_names_whoever_gave_them() {
    let server = TestServer::start().await;
    let mut admin = AdminClient::connect(server.url.clone()).await.unwrap();
    let token = |site: &str| pb::CreateTokenRequest {
        role: Role::Admin.into(),
        name: "eve".into(),
        bound_site_id: site.into(),
        ..Default::default()
    };
    let root = admin.create_token(token("")).await.unwrap().into_inner().secret;
    let mut admin = AdminClient::new(with_token(&server.url, &root).await);
    let bound = admin.create_token(token("daily")).await.unwrap().into_inner().secret;
    let mut models = ModelClient::new(with_token(&server.url, &bound).await);
    let of = |site: &str| pb::Label { site_id: site.into(), moderator_id: "ada".into(), ..label("c0") };
    let mut send = async |site: &str| {
        let request = pb::ImportLabelsRequest { label: Some(of(site)) };
        models.import_labels(tokio_stream::iter([request])).await.map(|told| told.into_inner().imported)
    };
    assert_eq!(send("daily").await.unwrap(), 1);
    for other in ["", "weekly"] {
        let refused = send(other).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::PermissionDenied, "OTHER_SITE".to_owned()));
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_that_nobody_reads_are_waited_for_hold_nothing_up_and_do_not_end_as_if_they_were_whole() {
    let server = TestServer::start().await;
    let long = |number: u32| pb::Label { text: "word ".repeat(4000), ..label(&format!("c{number:03}")) };
    // Far more than what is on the way to somebody who doesn't read.
    assert_eq!(import(&server, (0..800).map(long)).await.unwrap(), (800, 0, 0));
    let all_sites = pb::ExportLabelsRequest::default;
    let mut unread = Vec::new();
    for _ in 0..16 {
        // A connection of its own, so that what nobody reads takes no other's room.
        let endpoint = Endpoint::from_shared(server.url.clone()).unwrap().initial_stream_window_size(WINDOW);
        let mut models = ModelClient::new(endpoint.connect().await.unwrap());
        unread.push(models.export_labels(all_sites()).await.unwrap().into_inner());
    }
    let refused = connect(&server).await.export_labels(all_sites()).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::ResourceExhausted, "TOO_MANY_EXPORTS".to_owned()));
    let mut newsroom = Newsroom::new(server).await;
    newsroom.submit("c0", HELD[0], Outcome::Hold).await;
    drop(unread.split_off(2));
    let mut read = 0;
    while let Some(some) = unread[0].message().await.unwrap() {
        read += some.labels.len();
    }
    assert_eq!(read, 800);
    let url = newsroom.server.url.clone();
    let stopping = tokio::spawn(newsroom.server.stop());
    let mut wait = tokio::time::interval(Duration::from_millis(20));
    while ModelClient::connect(url.clone()).await.is_ok() {
        wait.tick().await;
    }
    let ended = loop {
        match unread[1].message().await {
            Ok(Some(_)) => {}
            ended => break ended,
        }
    };
    assert_eq!(ended.map_err(|status| status.code()), Err(Code::Unavailable), "these were not all");
    stopping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_counted_by_kind() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.item("c0").await;
    newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    let rare = pb::Label { sampling_probability: 0.25, site_id: "daily".into(), ..label("x") };
    import(&newsroom.server, [rare]).await.unwrap();
    let output = run(&newsroom.server, &["stats", "--json"], "");
    let stats: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&stats["labels"], &stats["sampled"], &stats["rejected"]), (&2.into(), &1.into(), &1.into()));
    assert_eq!(stats["attributes_only"], 1);
    assert_eq!(stats["sites"], serde_json::json!({ "daily": 1, "default": 1 }));
    assert_eq!(stats["sources"], serde_json::json!({ "SUGGESTION": 1, "VERDICT": 1 }));
    assert_eq!(stats["attributes"]["INSULT"], serde_json::json!({ "carried": 2, "not_carried": 0 }));
    assert_eq!(stats["moderators"]["ada"], 1);
    let table = String::from_utf8(run(&newsroom.server, &["stats", "--site", "daily"], "").stdout).unwrap();
    assert!(table.contains("stand for others") && table.contains("nobody is named"), "{table}");
    newsroom.server.stop().await;
}

#[test]
fn a_suggested_score_is_an_attribute_from_a_half_on() {
    let text = ombud::domain::Words::new("Some words.");
    let scores = [("INSULT".to_owned(), 0.5), ("THREAT".to_owned(), 0.49)];
    let suggested = NewLabel::suggested("c0", text, scores);
    assert_eq!(suggested.attributes, [("INSULT".to_owned(), true), ("THREAT".to_owned(), false)]);
}
