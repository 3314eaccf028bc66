//! Erasing: the words go, everywhere, and nothing else does.

use crate::support::{TempPlace, contents, copy, open, open_again};
use ombud::domain::{
    AuthorId, CommentId, ErrorKind, Event, ModeratorId, Outcome, QueueId, SiteId, Timestamp,
    review::{Act, Command, Order, Queue, Refusal},
};
use ombud::store::{
    EmbeddedStore, Erase, Erased, Error, Head, ItemQuery, ListBy, OnItem, Store, conformance, head_of, verify,
    verify_against,
};
use std::{collections::BTreeSet, fs, path::Path};

const SECRET: &str = "quixotic-marmalade-";
const NAME: &str = "Zebulon-Unrepeatable";

fn erase(comments: &[&str]) -> Erase {
    Erase {
        site_id: SiteId::new("s"),
        comments: comments.iter().map(|id| CommentId::new(*id)).collect(),
        moderator_id: ModeratorId::new("ada"),
        now: Timestamp::from_micros(7),
    }
}

async fn submit(store: &EmbeddedStore, id: &str, author: &str, text: &str) {
    let mut comment = conformance::comment(id, "a", Some(author), text);
    NAME.clone_into(&mut comment.author.name);
    let mut record = conformance::record(comment, Outcome::Hold);
    record.fingerprint = ombud::domain::Fingerprint { exact: 4711, near: 17 };
    store.record(record).await.unwrap();
}

/// Fills several segments; the comment `c7` has four revisions, the others one.
async fn fill(store: &EmbeddedStore) {
    for number in 0..90 {
        let (id, words) = (format!("c{number}"), "words and more of them, ".repeat(20));
        submit(store, &id, "u", &format!("{SECRET}{id}. {words}")).await;
        if number % 40 == 7 {
            submit(store, "c7", "u", &format!("{SECRET}c7. another text {number}")).await;
        }
    }
}

/// Lists the files in which some bytes are.
fn files_with(dir: &Path, bytes: &str) -> Vec<String> {
    let holds = |file: &[u8]| file.windows(bytes.len()).any(|window| window == bytes.as_bytes());
    let name = |path: &Path| path.strip_prefix(dir).unwrap().display().to_string();
    contents(dir).iter().filter(|(_, file)| holds(file)).map(|(path, _)| name(path)).collect()
}

/// Lists the ids of comments whose words are in any file.
fn ids_in(dir: &Path) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for file in contents(dir).into_values() {
        // Texts are stored as they are, and nothing else looks like the beginning of one.
        for words in String::from_utf8_lossy(&file).split(SECRET).skip(1) {
            ids.extend(words.split_once('.').map(|(id, _)| id.to_owned()));
        }
    }
    ids
}

fn segments(dir: &Path) -> usize {
    contents(&dir.join("journal")).keys().filter(|path| path.extension().is_some_and(|it| it == "log")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erased_words_are_in_no_file_once_the_state_was_built_anew() {
    let dir = TempPlace::new();
    // A damaged state was set aside before.
    let store = open(dir.path()).unwrap();
    fill(&store).await;
    store.close().await.unwrap();
    let db = sled::open(dir.path().join("state")).unwrap();
    let (last, _) = db.scan_prefix([0]).next_back().unwrap().unwrap();
    db.remove(last).unwrap();
    db.flush().unwrap();
    drop(db);
    let store = open(dir.path()).unwrap();
    assert!(dir.path().join("state.damaged-1").is_dir());
    store.close().await.unwrap();
    let places = |text: &str| {
        let files = files_with(dir.path(), text);
        ["journal/", "state/", "state.damaged-1/"].map(|place| files.iter().any(|file| file.starts_with(place)))
    };
    assert_eq!(places(&format!("{SECRET}c7.")), [true; 3], "before, it is everywhere");
    let head: Head = head_of(dir.path(), &|_| {}).unwrap();
    let before = segments(dir.path());

    let store = open(dir.path()).unwrap();
    let mut events = store.events(0);
    let first = events.next().await.unwrap();
    let erased = store.erase(erase(&["c7", "c8", "nobody's"])).await.unwrap();
    assert_eq!(erased, Erased { comments: 2, before: 0, unknown: 1 });
    store.finish_erasures().await.unwrap();
    for text in ["c7.", "c8."] {
        assert!(!places(&format!("{SECRET}{text}"))[0], "{text} is no longer in the journal");
    }
    assert!(places(&format!("{SECRET}c9."))[0]);
    store.compact().await.unwrap();
    for text in ["c7.", "c8."] {
        assert_eq!(files_with(dir.path(), &format!("{SECRET}{text}")), Vec::<String>::new());
    }
    assert!(segments(dir.path()) > before, "the segment that was written on was filled");
    // What is left is what was there, in the state, for those who follow, and after another start.
    submit(&store, "new", "u", &format!("{SECRET}new.")).await;
    let mut seqs: Vec<u64> = first.iter().map(|event| event.seq).collect();
    let last = store.last_seq();
    while seqs.last() != Some(&last) {
        seqs.extend(events.next().await.unwrap().iter().map(|event| event.seq));
    }
    assert_eq!(seqs, (1..=last).collect::<Vec<u64>>());
    for reopened in [false, true] {
        let store = if reopened {
            store.close().await.unwrap();
            open(dir.path()).unwrap()
        } else {
            open_check(&store).await;
            continue;
        };
        open_check(&store).await;
        store.close().await.unwrap();
    }
    let report = verify_against(dir.path(), &[head], &|_| {}).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.erased, 5, "four revisions of one comment and one of the other");
    assert!(!dir.path().join("state.damaged-1").exists());
}

/// Looks at what is left of the two comments and at one that was not erased.
async fn open_check(store: &EmbeddedStore) {
    let site_id = SiteId::new("s");
    for (id, revisions) in [("c7", 4), ("c8", 1)] {
        let stored = store.comment(&site_id, &CommentId::new(id), usize::MAX).await.unwrap().unwrap();
        assert_eq!(stored.revisions.len(), revisions);
        for revision in stored.revisions {
            assert!(revision.comment.text.is_empty() && revision.comment.author.name.is_empty());
            assert_eq!(revision.erased_at, Some(Timestamp::from_micros(7)));
            assert_eq!(revision.decision.outcome, Outcome::Hold);
        }
        let head = store.head(&site_id, &CommentId::new(id)).await.unwrap().unwrap();
        assert!(head.fingerprint.is_unknown() && head.review.item.is_none());
    }
    let other = conformance::newest_text(store, "c9").await.unwrap();
    assert!(other.starts_with(SECRET));
    let author = store.author(&site_id, &AuthorId::new("u")).await.unwrap();
    assert_eq!((author.held, author.recent.len()), (91, 32));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_comes_after_an_erasure_and_again_it_does_nothing() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    for id in ["c1", "c2"] {
        submit(&store, id, "u", "a text").await;
    }
    assert_eq!(store.erase(erase(&["c1", "c1"])).await.unwrap(), Erased { comments: 1, before: 0, unknown: 0 });
    let again = store.erase(erase(&["c1", "c2"])).await.unwrap();
    assert_eq!(again, Erased { comments: 1, before: 1, unknown: 0 });
    store.finish_erasures().await.unwrap();
    for text in ["a text", "another"] {
        let comment = conformance::comment("c1", "a", Some("u"), text);
        let refused = store.record(conformance::record(comment, Outcome::Hold)).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict { reason: "COMMENT_ERASED", facts: Vec::new() });
    }
    let command = Command {
        moderator_id: ModeratorId::new("bob"),
        request_id: None,
        act: Act::Claim { expires_at: Timestamp::from_micros(99) },
        now: Timestamp::from_micros(8),
    };
    let on_item = OnItem { site_id: SiteId::new("s"), comment_id: CommentId::new("c1"), command };
    assert!(matches!(store.on_item(on_item).await, Err(Error::Review(Refusal::Erased))));
    let query = ItemQuery {
        site_id: SiteId::new("s"),
        queue: QueueId::Review(Queue::Held),
        order: Order::Risk,
        after: None,
        limit: 9,
        bytes_max: usize::MAX,
        now: Timestamp::from_micros(8),
    };
    assert!(store.items(query).await.unwrap().items.is_empty(), "what was erased waits for nobody");
    let listed = conformance::page(&store, ListBy::Author(AuthorId::new("u")), None, 9).await;
    assert_eq!(listed.comments.len(), 2, "it is still counted");
    let author = store.author(&SiteId::new("s"), &AuthorId::new("u")).await.unwrap();
    assert!(author.recent.iter().all(|recent| recent.exact == 0), "nothing tells copies of it");
    store.close().await.unwrap();
    assert!(verify(dir.path(), &|_| {}).unwrap().is_sound());
}

/// Wherever a crash comes, the next opening finishes what was begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_was_cut_short_is_finished_by_the_next_opening() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    fill(&store).await;
    let erased = store.erase(erase(&["c7", "c60"])).await.unwrap();
    assert_eq!(erased.comments, 2);
    store.close().await.unwrap();
    let secrets = [format!("{SECRET}c7."), format!("{SECRET}c60.")];
    let report = verify(dir.path(), &|_| {}).unwrap();
    assert!(report.is_sound(), "what is unfinished is no damage: {report:?}");
    assert_eq!(report.unfinished.len(), 1);
    assert!(report.unfinished[0].what.starts_with("5 records hold words of comments that were erased"), "{report:?}");

    // What a crash may leave: a segment and a state that were half written, and one of two segments done.
    let done = TempPlace::new();
    copy(dir.path(), done.path());
    open(done.path()).unwrap().close().await.unwrap();
    for place in ["nothing", "halves", "one", "no state"] {
        let crashed = TempPlace::new();
        copy(dir.path(), crashed.path());
        let journal = crashed.path().join("journal");
        let path = |name: &str| crashed.path().join(name);
        match place {
            "halves" => {
                fs::write(journal.join("00000000000000000001.rewritten"), &secrets[0]).unwrap();
                fs::create_dir(path("state.compacting")).unwrap();
                fs::write(path("state.compacting").join("db"), &secrets[0]).unwrap();
                fs::create_dir(path("state.replaced")).unwrap();
                fs::write(path("state.replaced").join("db"), &secrets[0]).unwrap();
            }
            "one" => {
                let with = files_with(&journal, &secrets[0]);
                fs::copy(done.path().join("journal").join(&with[0]), journal.join(&with[0])).unwrap();
            }
            "no state" => fs::rename(path("state"), path("state.replaced")).unwrap(),
            _ => {}
        }
        let report = verify(crashed.path(), &|_| {}).unwrap();
        let unfinished = ["nothing", "halves", "one", "no state"].iter().zip([1, 4, 1, 3]).find(|it| *it.0 == place);
        assert_eq!(
            (report.findings.len(), Some(report.unfinished.len())),
            (0, unfinished.map(|it| it.1)),
            "{report:?}"
        );
        assert!(!files_with(crashed.path(), &secrets[1]).is_empty());
        let store = open(crashed.path()).unwrap();
        for secret in &secrets {
            assert_eq!(files_with(&journal, secret), Vec::<String>::new(), "{place}");
        }
        store.compact().await.unwrap();
        for secret in &secrets {
            assert_eq!(files_with(crashed.path(), secret), Vec::<String>::new(), "{place}");
        }
        store.close().await.unwrap();
        let report = verify(crashed.path(), &|_| {}).unwrap();
        assert!(report.is_sound() && report.unfinished.is_empty(), "{place}: {report:?}");
        assert_eq!(report.erased, 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_an_author_is_found_also_what_another_has_edited_since() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    for (id, author) in [("c1", "u"), ("c2", "v"), ("c3", "u"), ("c3", "v"), ("c4", "v"), ("c4", "u"), ("c5", "u")] {
        submit(&store, id, author, &format!("{SECRET} by {author}")).await;
    }
    store.erase(erase(&["c5"])).await.unwrap();
    let of = |max| {
        let store = &store;
        async move {
            let (site_id, author_id) = (SiteId::new("s"), AuthorId::new("u"));
            let found = store.comments_of(&site_id, &author_id, max).await.unwrap();
            found.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(of(9).await, ["c1", "c4", "c3"]);
    assert_eq!(of(2).await, ["c1", "c4"]);
    let found = of(9).await;
    store.erase(erase(&found.iter().map(String::as_str).collect::<Vec<_>>())).await.unwrap();
    assert_eq!(of(9).await, Vec::<String>::new());
    store.close().await.unwrap();
}

/// While many write, edit and watch, comments are erased and the state is built anew again and again.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn erasing_loses_nothing_beside_writers_and_watchers() {
    let dir = TempPlace::new();
    let store = std::sync::Arc::new(open(dir.path()).unwrap());
    let writers = (0..4).map(|writer| {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..150 {
                let id = format!("{writer}-{number}");
                submit(&store, &id, &format!("u{writer}"), &format!("{SECRET}{id}. {}", "so it is. ".repeat(20))).await;
                if number % 10 == 5 {
                    store.erase(erase(&[&format!("{writer}-{}", number - 3)])).await.unwrap();
                    store.finish_erasures().await.unwrap();
                }
                if number % 60 == 30 {
                    store.compact().await.unwrap();
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let watchers = (0..3).map(|_| {
        let mut events = store.events(0);
        tokio::spawn(async move {
            let (mut next, mut erased) = (1, 0);
            while erased < 60 {
                for event in events.next().await.unwrap() {
                    assert_eq!(event.seq, next);
                    next += 1;
                    erased += u32::from(matches!(event.event, Event::CommentErased { .. }));
                }
            }
        })
    });
    for task in watchers.collect::<Vec<_>>().into_iter().chain(writers) {
        task.await.unwrap();
    }
    let store = std::sync::Arc::into_inner(store).unwrap();
    store.compact().await.unwrap();
    drop(store);
    let store = open_again(dir.path());
    let left = ids_in(dir.path());
    for (writer, number) in (0..4).flat_map(|writer| (0..150).map(move |number| (writer, number))) {
        let id = format!("{writer}-{number}");
        let text = conformance::newest_text(&store, &id).await.unwrap();
        assert_eq!((text.is_empty(), !left.contains(&id)), (number % 10 == 2, number % 10 == 2), "{id}");
    }
    store.close().await.unwrap();
    assert!(verify(dir.path(), &|_| {}).unwrap().is_sound());
}

/// Each erasure has the writer begin a segment; the small ones don't stay.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_erasures_leave_few_files_and_a_chain_that_holds() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    let (mut most, mut events, mut seen) = (0, store.events(0), 0);
    for number in 0..120 {
        let id = format!("c{number}");
        submit(&store, &id, "u", &format!("{SECRET}{id}. so it is")).await;
        if number == 60 {
            seen = events.next().await.unwrap().last().map_or(0, |event| event.seq);
        }
        store.erase(erase(&[&id])).await.unwrap();
        store.finish_erasures().await.unwrap();
        most = most.max(segments(dir.path()));
    }
    assert!(most < 24, "{most} files");
    let last = store.last_seq();
    while seen < last {
        for event in events.next().await.unwrap() {
            seen += 1;
            assert_eq!(event.seq, seen);
        }
    }
    store.compact().await.unwrap();
    store.close().await.unwrap();
    assert!(ids_in(dir.path()).is_empty());
    let head = head_of(dir.path(), &|_| {}).unwrap();
    let store = open(dir.path()).unwrap();
    submit(&store, "new", "u", &format!("{SECRET}new.")).await;
    store.close().await.unwrap();
    let report = verify_against(dir.path(), &[head], &|_| {}).unwrap();
    assert!(report.is_sound() && report.unfinished.is_empty(), "{report:?}");
    assert_eq!((report.erased, segments(dir.path()) < 24), (120, true));
}
