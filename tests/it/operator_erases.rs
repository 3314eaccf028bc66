//! A reader wants their words gone, and an operator sees to it.

#[cfg(target_os = "linux")]
use crate::support::terminal::at_a_terminal;
use crate::support::terminal::output;
use crate::support::{TestServer, check_whole, comment, get, ombud, spawn_server_and_listen};
use ombud::domain::{CommentId, ModeratorId, SiteId, Timestamp};
use ombud::grpc::{Client, ReviewClient, pb};
use ombud::store::{EmbeddedStore, Erase, Options, Store as _, conformance};
use pb::{Outcome, watch_events_response::Event as Happened};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Held by the default policy, and found nowhere else.
const WORDS: &str = "The minister is a liar and a quixotic marmalade fool.";
const NAME: &str = "Zebulon Unrepeatable";

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

fn by(author_id: &str, comment_id: &str, text: &str) -> pb::SubmitCommentRequest {
    let author = Some(pb::Author { author_id: author_id.into(), name: NAME.into() });
    pb::SubmitCommentRequest { author, ..comment("garden", comment_id, text) }
}

fn erase(comment_id: &str) -> pb::EraseCommentRequest {
    pb::EraseCommentRequest { site_id: String::new(), comment_id: comment_id.into(), moderator_id: "ada".into() }
}

/// Words that people write in one comment's life, each found nowhere else: of two revisions and a name, and of what a reader, two
/// moderators and the author write beside it.
const WRITTEN: [&str; 8] = [
    "The minister is a liar and a quixotic marmalade fool.",
    "The minister is a liar and a perspicacious gooseberry fool.",
    NAME,
    "Reported for sesquipedalian rudeness",
    "Noted: a kerfuffle about rhubarb",
    "Passed on, a bamboozling quandary",
    "Rejected with a lugubrious remark",
    "Appealed, by a flabbergasted troglodyte",
];

/// Has all of them written about `c1`, and returns once they are on disk.
async fn write_everything(url: &str) {
    let mut site = Client::connect(url.to_owned()).await.unwrap();
    let mut review = ReviewClient::connect(url.to_owned()).await.unwrap();
    let [first, second, _, reported, noted, passed_on, remark, appealed] = WRITTEN.map(str::to_owned);
    for text in [first, second] {
        let held = site.submit_comment(by("reader-7", "c1", &text)).await.unwrap().into_inner();
        assert_eq!(held.decision.unwrap().outcome(), Outcome::Hold);
    }
    let comment_id = || "c1".to_owned();
    let (reporter_id, reason) = ("reader-9".to_owned(), "rude".to_owned());
    let report = pb::ReportCommentRequest {
        comment_id: comment_id(),
        reporter_id,
        reason,
        text: reported,
        ..Default::default()
    };
    review.report_comment(report).await.unwrap();
    let note =
        pb::AddNoteRequest { comment_id: comment_id(), moderator_id: "ada".into(), text: noted, ..Default::default() };
    review.add_note(note).await.unwrap();
    let escalate = pb::EscalateItemRequest {
        comment_id: comment_id(),
        moderator_id: "ada".into(),
        note: passed_on,
        ..Default::default()
    };
    review.escalate_item(escalate).await.unwrap();
    let claim = pb::ClaimNextRequest {
        queue: "escalated".into(),
        moderator_id: "bob".into(),
        items_max: 1,
        ..Default::default()
    };
    let item = review.claim_next(claim).await.unwrap().into_inner().items.remove(0);
    let settle = pb::SettleItemRequest {
        comment_id: comment_id(),
        moderator_id: "bob".into(),
        version: item.version,
        verdict: pb::Verdict::Reject.into(),
        note: remark,
        ..Default::default()
    };
    review.settle_item(settle).await.unwrap();
    let appeal = pb::AppealDecisionRequest { comment_id: comment_id(), text: appealed, ..Default::default() };
    review.appeal_decision(appeal).await.unwrap();
}

/// Returns whether any file below a folder holds these bytes.
fn is_in(dir: &Path, bytes: &str) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        // Files come and go while the state is built anew.
        let holds = |file: Vec<u8>| file.windows(bytes.len()).any(|window| window == bytes.as_bytes());
        if path.is_dir() { is_in(&path, bytes) } else { fs::read(&path).is_ok_and(holds) }
    })
}

fn run(args: &[&str]) -> Output {
    Command::new(ombud()).args(args).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_comment_keeps_its_decision_and_nothing_of_its_words() {
    let server = TestServer::start().await;
    let mut site = server.client().await;
    let held = site.submit_comment(by("reader-7", "c1", WORDS)).await.unwrap().into_inner();
    assert_eq!(held.decision.unwrap().outcome(), Outcome::Hold);
    site.submit_comment(by("reader-7", "c1", &format!("{WORDS} And so is she."))).await.unwrap();
    site.submit_comment(by("reader-8", "c2", "A comment that stays.")).await.unwrap();
    let dir = server.stop().await;
    let data = dir.path().join("data");
    assert!(is_in(&data.join("journal"), WORDS) && is_in(&data.join("state"), WORDS));
    let noted = run(&["audit", "head", "--data-dir", data.to_str().unwrap()]);
    let noted = String::from_utf8(noted.stdout).unwrap();

    // The words are gone from the journal with the answer, and from every other file right after, as it is set up here.
    let server = TestServer::start_in(dir, "[store]\ncompact_secs = 0\n").await;
    let mut site = server.client().await;
    let mut review = ReviewClient::connect(server.url.clone()).await.unwrap();
    let mut events = review.watch_events(pb::WatchEventsRequest::default()).await.unwrap().into_inner();
    assert!(!review.erase_comment(erase("c1")).await.unwrap().into_inner().repeated);
    assert!(!is_in(&data.join("journal"), WORDS) && !is_in(&data.join("journal"), &format!("{WORDS} And so is she.")));
    let started = Instant::now();
    let mut wait = tokio::time::interval(Duration::from_millis(20));
    while is_in(&data, WORDS) {
        assert!(started.elapsed() < Duration::from_mins(1), "the words are still there");
        wait.tick().await;
    }

    let erased = get(&mut site, "c1").await.unwrap();
    assert_eq!((erased.revisions.len(), erased.decision.unwrap().outcome()), (2, Outcome::Hold));
    for revision in erased.revisions {
        let comment = revision.comment.unwrap();
        assert!(comment.text.is_empty() && comment.author.unwrap().name.is_empty() && comment.erased_at.is_some());
    }
    let other = get(&mut site, "c2").await.unwrap().comment.unwrap();
    assert!(other.text == "A comment that stays." && other.erased_at.is_none());
    let queues = review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
    assert!(queues.iter().all(|queue| queue.items == 0), "it waits for nobody any more");

    // Nothing comes back under its id, and asking again is harmless.
    for text in [WORDS, "Something new."] {
        let refused = site.submit_comment(by("reader-7", "c1", text)).await.unwrap_err();
        assert_eq!(reason(&refused), (Code::Aborted, "COMMENT_ERASED".to_owned()));
    }
    let undo = pb::SkipItemRequest { comment_id: "c1".into(), moderator_id: "bob".into(), ..Default::default() };
    let refused = review.skip_item(undo).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Aborted, "COMMENT_ERASED".to_owned()));
    assert!(review.erase_comment(erase("c1")).await.unwrap().into_inner().repeated);
    let refused = review.erase_comment(erase("nobody's")).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "COMMENT_NOT_FOUND".to_owned()));
    let bad = pb::EraseAuthorRequest::default();
    let refused = review.erase_author(bad).await.unwrap_err();
    assert_eq!(refused.get_details_bad_request().unwrap().field_violations.len(), 2);

    // Whoever follows learns of it.
    let last = loop {
        let event = events.message().await.unwrap().unwrap();
        if matches!(event.event, Some(Happened::CommentErased(_))) {
            break event;
        }
    };
    assert_eq!((last.seq, last.comment_id.as_str(), last.moderator_id.as_str()), (8, "c1", "ada"));

    // The chain is what it was: nothing but words has gone.
    let dir = server.stop().await;
    let data = dir.path().join("data");
    let verified = run(&["verify", "--data-dir", data.to_str().unwrap(), "--head", noted.trim()]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("2 of them erased"), "{said}");
    let server = TestServer::start_in(dir, "").await;
    assert!(get(&mut server.client().await, "c1").await.unwrap().comment.unwrap().erased_at.is_some());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_author_is_erased_at_the_terminal_with_all_that_they_ever_wrote() {
    let server = TestServer::start_with("[store]\ncompact_secs = 0\n").await;
    let mut site = server.client().await;
    for number in 0..5 {
        let author = if number == 4 { "reader-8" } else { "reader-7" };
        let id = format!("c{number}");
        site.submit_comment(by(author, &id, &format!("{WORDS} Number {number}."))).await.unwrap();
    }
    // Edited by another account, which is all that a list of the author's comments knows.
    site.submit_comment(by("reader-8", "c3", "Never mind.")).await.unwrap();
    let (url, data) = (server.url.clone(), server.data_dir());
    let command = move |kind: &'static str, id: &'static str, more: &'static [&'static str]| {
        let url = url.clone();
        async move {
            let run = move || run(&[&["erase", kind, id, "--as", "ada", "--server", &url][..], more].concat());
            tokio::task::spawn_blocking(run).await.unwrap()
        }
    };
    // Nobody can be asked here whether it is meant.
    let unasked = command("author", "reader-7", &[]).await;
    assert_eq!((unasked.status.code(), unasked.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8_lossy(&unasked.stderr).contains("hint: say that it is meant with --yes"));
    assert!(!get(&mut site, "c0").await.unwrap().comment.unwrap().text.is_empty());
    let erased = command("author", "reader-7", &["--json", "--yes"]).await;
    assert_eq!(String::from_utf8_lossy(&erased.stdout).trim(), r#"{"comments":4}"#);
    let again = command("author", "reader-7", &["--yes"]).await;
    assert_eq!(String::from_utf8_lossy(&again.stdout).trim(), "0 comments erased");
    assert!(
        again.status.code() == Some(1) && String::from_utf8_lossy(&again.stderr).contains("they were erased before")
    );
    let unknown = command("comment", "nobody's", &[]).await;
    assert_eq!(unknown.status.code(), Some(1), "{}", String::from_utf8_lossy(&unknown.stderr));
    for number in 0..5 {
        let comment = get(&mut site, &format!("c{number}")).await.unwrap().comment.unwrap();
        assert_eq!(comment.text.is_empty(), number < 4, "c{number}");
    }
    let started = Instant::now();
    let mut wait = tokio::time::interval(Duration::from_millis(20));
    while (0..4).any(|number| is_in(&data, &format!("{WORDS} Number {number}."))) {
        assert!(started.elapsed() < Duration::from_mins(1), "the words are still there");
        wait.tick().await;
    }
    assert!(is_in(&data, &format!("{WORDS} Number 4.")), "another's words stay");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_anybody_wrote_is_in_no_file_after_an_erasure_and_was_never_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let start = || {
        let mut command = Command::new(ombud());
        command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
        command.env("OMBUD_LOG__FILTER", "trace").env("OMBUD_STORE__COMPACT_SECS", "0");
        spawn_server_and_listen(command)
    };
    let (mut program, url, log) = start();
    write_everything(&url).await;
    // Another comment of another author, beside it in the same files.
    let mut site = Client::connect(url).await.unwrap();
    site.submit_comment(comment("garden", "c2", "A comment that stays.")).await.unwrap();
    drop(site);
    program.stop();
    let mut said = log.join().unwrap();
    for words in WRITTEN {
        let places = ["journal", "state"].map(|place| is_in(&data.join(place), words));
        assert_eq!(places, [true; 2], "before, it is everywhere: {words}");
    }

    let (mut program, url, log) = start();
    let mut review = ReviewClient::connect(url).await.unwrap();
    assert!(!review.erase_comment(erase("c1")).await.unwrap().into_inner().repeated);
    for words in WRITTEN {
        assert!(!is_in(&data.join("journal"), words), "it goes from the journal with the answer: {words}");
    }
    let started = Instant::now();
    let mut wait = tokio::time::interval(Duration::from_millis(20));
    while WRITTEN.iter().any(|words| is_in(&data, words)) {
        assert!(started.elapsed() < Duration::from_mins(1), "the words are still there");
        wait.tick().await;
    }
    drop(review);
    program.stop();
    said.push_str(&log.join().unwrap());
    assert_eq!(WRITTEN.iter().find(|words| is_in(dir.path(), words)), None, "nor does stopping bring any back");
    assert!(
        is_in(&data.join("journal"), "A comment that stays.") && is_in(&data.join("state"), "A comment that stays.")
    );
    assert!(said.contains("stopped") && said.contains("built anew"), "{said}");
    for words in WRITTEN {
        assert!(!said.contains(words), "{words}");
        // Not a part of them either.
        let longest = words.split(|c: char| !c.is_alphabetic()).max_by_key(|word| word.len()).unwrap();
        assert!(!said.contains(longest), "{longest}");
    }
    check_whole(&data);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_cut_short_is_unfinished_work_and_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let open = || EmbeddedStore::open(dir.path(), Options::default(), &|_| {}).unwrap();
    let store = open();
    let comment = conformance::comment("c1", "a", Some("reader-7"), WORDS);
    store.record(conformance::record(comment, ombud::domain::Outcome::Hold)).await.unwrap();
    let (site_id, comments) = (SiteId::new("s"), vec![CommentId::new("c1")]);
    let (moderator_id, now) = (ModeratorId::new("ada"), Timestamp::from_micros(0));
    store.erase(Erase { site_id, comments, moderator_id, now }).await.unwrap();
    store.close().await.unwrap();
    let verified = run(&["verify", "--data-dir", data]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(0), "{said}");
    assert!(said.contains("unfinished: ") && said.contains("1 record holds words"), "{said}");
    assert!(said.ends_with("all is well, once the next start has finished what was cut short\n"), "{said}");
    assert!(!said.contains(WORDS) && !said.contains("c1"), "{said}");
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["verify", "--json", "--data-dir", data]).stdout).unwrap();
    assert_eq!((&json["sound"], json["unfinished"].as_array().unwrap().len()), (&true.into(), 1));
    assert!(run(&["audit", "head", "--data-dir", data]).status.success());
    open().close().await.unwrap();
    let said = String::from_utf8(run(&["verify", "--data-dir", data]).stdout).unwrap();
    assert!(said.ends_with("all is well\n") && !said.contains("unfinished"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_an_author_is_erased_once_their_id_is_typed() {
    let server = TestServer::start().await;
    let mut site = server.client().await;
    site.submit_comment(by("reader-7", "c1", WORDS)).await.unwrap();
    let typed = |typed: &str| {
        let args = ["erase", "author", "reader-7", "--as", "ada", "--server", &server.url];
        tokio::task::block_in_place(|| at_a_terminal(100, &args, typed))
    };
    let drawn = typed("yes\n");
    assert!(drawn.contains("Type the author's id to go on: ") && drawn.contains("nothing was erased"), "{drawn}");
    assert!(!get(&mut site, "c1").await.unwrap().comment.unwrap().text.is_empty());
    let drawn = typed("reader-7\n");
    assert!(drawn.contains("1 comment erased"), "{drawn}");
    assert!(get(&mut site, "c1").await.unwrap().comment.unwrap().text.is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_readers_send_about_an_erased_comment_is_told_that_it_was_erased() {
    let server = TestServer::start().await;
    server.client().await.submit_comment(by("reader-7", "c1", WORDS)).await.unwrap();
    let args = |kind: &'static [&'static str]| [kind, &["c1", "--server", &server.url]].concat();
    tokio::task::block_in_place(|| {
        output(&args(&["erase", "comment", "--as", "ada"]), "", 0);
        for kind in [&["report", "--reporter", "r1", "--reason", "rude"][..], &["appeal"]] {
            assert_eq!(output(&args(kind), "", 1).1, "error: the server refused: the comment was erased\n");
        }
        let (_, refused) = output(&["submit", "--server", &server.url, "--comment-id", "c1", "Again."], "", 1);
        assert!(refused.contains("a new comment needs an id of its own"), "{refused}");
    });
    server.stop().await;
}
