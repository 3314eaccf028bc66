//! What every engine must do, as stories that take any engine: run them with [`crate::store_conformance!`].
//!
//! In comes something that opens an engine on the same place again and again; out comes a panic where the engine does
//! not keep its word. Start reading at [`Place`], then at any story.

use super::{Error, ListBy, ListQuery, Page, Store};
use crate::domain::{
    ArticleId, Attribute, Author, AuthorId, Comment, CommentId, Decision, DecisionSource, ErrorKind, Outcome, Reason,
    ReasonCode, Score, Scores, SiteId, Span, Timestamp, submit::Submitted,
};
use std::{future::Future, sync::Arc};

/// A place where an engine keeps its things, empty at first.
pub trait Place: Sync {
    /// The engine.
    type Engine: Store;

    /// Opens the engine, which finds what it kept here before.
    fn open(&self) -> impl Future<Output = Self::Engine> + Send;
}

/// Makes one test per story. The argument is an expression that gives a fresh [`Place`].
#[macro_export]
macro_rules! store_conformance {
    ($place:expr) => {
        $crate::store_conformance!($place;
            what_was_recorded_is_read_back_bit_for_bit,
            a_repeated_text_stores_nothing,
            another_text_is_a_new_revision,
            an_edit_to_another_article_is_refused,
            lists_come_newest_first_and_page_at_the_limit,
            an_edit_by_another_author_moves_the_comment_in_lists,
            concurrent_records_of_one_id_make_one_revision,
            closing_keeps_everything_and_refuses_what_comes_later,
        );
    };
    ($place:expr; $($story:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $story() {
            $crate::store::conformance::$story(&$place).await;
        }
    )+};
}

/// Returns a comment of site `s`.
pub fn comment(comment_id: &str, article_id: &str, author_id: Option<&str>, text: &str) -> Comment {
    Comment {
        site_id: SiteId::new("s"),
        article_id: ArticleId::new(article_id),
        comment_id: CommentId::new(comment_id),
        parent_id: None,
        author: Author { author_id: author_id.map(AuthorId::new), name: "Ada".into() },
        text: text.into(),
        submitted_at: Timestamp::from_micros(-1),
    }
}

/// Returns a decision that uses every field.
pub fn decision(outcome: Outcome) -> Decision {
    let score = |probability| Score::new(probability);
    Decision {
        outcome,
        source: DecisionSource::Model,
        reasons: vec![
            Reason {
                criterion: Some(Attribute::IdentityAttack.into()),
                score: score(0.1 + 0.2),
                threshold: score(0.25),
                spans: vec![
                    Span { begin: 0, end: 4, contribution: 1.5e-7 },
                    Span { begin: 4, end: 9, contribution: -0.0 },
                ],
                ..Reason::plain(ReasonCode::HoldThreshold)
            },
            Reason::plain(ReasonCode::ScoringTimedOut),
        ],
        scores: Scores::new([0.0, 1.0, 0.3, f32::MIN_POSITIVE, 0.999_999_9, 0.5, 1.0e-12, 0.25]),
        model_version: "base-1".into(),
        policy_version: "default-1".into(),
        decided_at: Timestamp::from_micros(1_700_000_000_000_001),
        house: None,
    }
}

/// Returns a record of `comment`.
pub fn record(comment: Comment, outcome: Outcome) -> Submitted {
    Submitted::new(comment, decision(outcome), Timestamp::from_micros(1_700_000_000_000_002))
}

/// Asks for a page of site `s`.
pub async fn page(store: &impl Store, by: ListBy, before_seq: Option<u64>, limit: usize) -> Page {
    let query = ListQuery { site_id: SiteId::new("s"), by, before_seq, limit, bytes_max: usize::MAX };
    store.list(query).await.expect("a list can be read")
}

/// Lists the comment ids of a page, in its order.
pub fn ids(page: &Page) -> Vec<&str> {
    page.comments.iter().map(|revision| revision.comment.comment_id.as_str()).collect()
}

/// Reads the newest text of a comment of site `s`.
pub async fn newest_text(store: &impl Store, comment_id: &str) -> Option<String> {
    let stored =
        store.comment(&SiteId::new("s"), &CommentId::new(comment_id), usize::MAX).await.expect("a comment can be read");
    stored.and_then(|stored| stored.revisions.into_iter().next_back()).map(|revision| revision.comment.text)
}

/// Odd characters, an empty name, far times: what went in comes out, also after opening again.
pub async fn what_was_recorded_is_read_back_bit_for_bit(place: &impl Place) {
    let texts = [
        "plain",
        "",
        "\0",
        "a\0b\0",
        "e\u{301}\u{200b}\u{202e}\u{feff}",
        "👩‍👩‍👧‍👦 \u{10ffff} ﷽",
        "\r\n\t \u{7f}",
        &"ü".repeat(10_240),
    ];
    let mut written = Vec::new();
    let store = place.open().await;
    for (number, text) in texts.into_iter().enumerate() {
        let mut comment = comment(&format!("\0{number}/ü\u{10ffff}"), "a\0", Some("\0"), text);
        comment.site_id = SiteId::new("s\0s");
        comment.author.name = text.chars().take(100).collect();
        comment.parent_id = (number > 0).then(|| CommentId::new(""));
        comment.submitted_at = Timestamp::from_micros(i64::MIN + i64::try_from(number).expect("a handful"));
        let outcome = [Outcome::Publish, Outcome::Hold, Outcome::Reject][number % 3];
        let record = Submitted { now: Timestamp::from_micros(i64::MAX), ..record(comment, outcome) };
        let recorded = store.record(record.clone()).await.expect("a comment is recorded");
        assert!(!recorded.repeated);
        assert_eq!(recorded.revision.comment, record.comment);
        assert_eq!(recorded.revision.received_at, record.now);
        written.push((record, recorded.revision));
    }
    for round in ["before", "after"] {
        let reopened;
        let store = if round == "before" {
            &store
        } else {
            store.close().await.expect("the store closes");
            reopened = place.open().await;
            &reopened
        };
        for (record, revision) in &written {
            let stored = store.comment(&record.comment.site_id, &record.comment.comment_id, usize::MAX).await;
            let stored = stored.expect("a comment can be read").expect("the comment is there");
            assert_eq!(stored.revisions.len(), 1, "{round}");
            assert_eq!(&stored.revisions[0], revision, "{round}");
            assert_eq!(stored.revisions[0].decision, record.decision, "{round}");
        }
        let elsewhere = store.comment(&SiteId::new("s"), &written[0].0.comment.comment_id, usize::MAX).await;
        assert_eq!(elsewhere.expect("a comment can be asked for"), None, "another site has none of them");
        if round == "after" {
            store.close().await.expect("the store closes");
        }
    }
}

/// The newest text again, with another decision, answers with the first decision.
pub async fn a_repeated_text_stores_nothing(place: &impl Place) {
    let store = place.open().await;
    let first = store.record(record(comment("c", "a", None, "hello"), Outcome::Hold)).await.expect("recorded");
    let again = store.record(record(comment("c", "a", None, "hello"), Outcome::Publish)).await.expect("answered");
    assert!(again.repeated);
    assert_eq!(again.revision, first.revision);
    let other = store.record(record(comment("d", "a", None, "hello"), Outcome::Publish)).await.expect("recorded");
    assert!(!other.repeated, "the same text under another id is another comment");
    let stored =
        store.comment(&SiteId::new("s"), &CommentId::new("c"), usize::MAX).await.expect("read").expect("there");
    assert_eq!(stored.revisions, [first.revision]);
    store.close().await.expect("the store closes");
}

/// Every text of an edited comment is kept, with its own decision, and lists show the newest.
pub async fn another_text_is_a_new_revision(place: &impl Place) {
    let store = place.open().await;
    let mut revisions = Vec::new();
    for (number, text) in ["one", "two", "three", "one"].into_iter().enumerate() {
        let outcome = [Outcome::Publish, Outcome::Reject][number % 2];
        let recorded = store.record(record(comment("c", "a", Some("u"), text), outcome)).await.expect("recorded");
        assert!(!recorded.repeated);
        assert_eq!(recorded.revision.number as usize, number + 1);
        assert_eq!(recorded.revision.decision.outcome, outcome);
        revisions.push(recorded.revision);
    }
    store.close().await.expect("the store closes");
    let store = place.open().await;
    let stored =
        store.comment(&SiteId::new("s"), &CommentId::new("c"), usize::MAX).await.expect("read").expect("there");
    assert_eq!(stored.revisions, revisions);
    let listed = page(&store, ListBy::Author(AuthorId::new("u")), None, 10).await;
    assert_eq!(listed.comments, revisions[3..]);
    store.close().await.expect("the store closes");
}

/// A comment stays on its article.
pub async fn an_edit_to_another_article_is_refused(place: &impl Place) {
    let store = place.open().await;
    store.record(record(comment("c", "a", None, "one"), Outcome::Publish)).await.expect("recorded");
    let refused = store.record(record(comment("c", "b", None, "two"), Outcome::Publish)).await;
    let error = refused.expect_err("the comment hangs on another article");
    assert!(matches!(error, Error::OtherArticle), "{error}");
    assert_eq!(error.kind(), ErrorKind::Conflict { reason: "OTHER_ARTICLE", facts: Vec::new() });
    assert_eq!(newest_text(&store, "c").await.as_deref(), Some("one"));
    assert!(page(&store, ListBy::Article(ArticleId::new("b")), None, 10).await.comments.is_empty());
    store.close().await.expect("the store closes");
}

/// A page holds as many as were asked for, and says whether there is one more.
pub async fn lists_come_newest_first_and_page_at_the_limit(place: &impl Place) {
    let store = place.open().await;
    for number in 0..6 {
        let (article, author) = (["a", "ab"][number % 2], ["u", "v"][number / 3]);
        let comment = comment(&format!("c{number}"), article, Some(author), "text");
        store.record(record(comment, Outcome::Publish)).await.expect("recorded");
    }
    let edited = comment("c0", "a", Some("u"), "edited");
    store.record(record(edited, Outcome::Publish)).await.expect("recorded");
    let by = || ListBy::Article(ArticleId::new("a"));
    for (limit, expected, more) in [(4, &["c4", "c2", "c0"][..], false), (3, &["c4", "c2", "c0"], false)] {
        let whole = page(&store, by(), None, limit).await;
        assert_eq!(ids(&whole), expected, "an edit does not move a comment");
        assert_eq!(whole.next_before_seq.is_some(), more, "limit {limit}");
    }
    let first = page(&store, by(), None, 2).await;
    assert_eq!(ids(&first), ["c4", "c2"]);
    let second = page(&store, by(), first.next_before_seq, 2).await;
    assert!(first.next_before_seq.is_some());
    assert_eq!(ids(&second), ["c0"]);
    assert_eq!(second.next_before_seq, None);
    assert_eq!(second.comments[0].comment.text, "edited");
    let by_author = page(&store, ListBy::Author(AuthorId::new("v")), None, 10).await;
    assert_eq!(ids(&by_author), ["c5", "c4", "c3"]);
    let nobody = page(&store, ListBy::Author(AuthorId::new("")), None, 10).await;
    assert!(nobody.comments.is_empty() && nobody.next_before_seq.is_none());
    store.close().await.expect("the store closes");
}

/// An author's list holds those comments whose newest revision is the author's.
pub async fn an_edit_by_another_author_moves_the_comment_in_lists(place: &impl Place) {
    let store = place.open().await;
    for (author, text) in [(Some("u"), "one"), (Some("v"), "two"), (None, "three"), (Some("u"), "four")] {
        store.record(record(comment("c", "a", author, text), Outcome::Publish)).await.expect("recorded");
        for listed in ["u", "v"] {
            let listed_ids = page(&store, ListBy::Author(AuthorId::new(listed)), None, 10).await;
            let expected: &[&str] = if author == Some(listed) { &["c"] } else { &[] };
            assert_eq!(ids(&listed_ids), expected, "{listed} after {author:?}");
        }
    }
    store.close().await.expect("the store closes");
}

/// Of many who submit the same text under the same id at once, one is first, and all get its answer.
pub async fn concurrent_records_of_one_id_make_one_revision(place: &impl Place) {
    let store = Arc::new(place.open().await);
    for round in 0..10 {
        let id = format!("c{round}");
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let (store, id) = (Arc::clone(&store), id.clone());
                tokio::spawn(async move { store.record(record(comment(&id, "a", None, "same"), Outcome::Hold)).await })
            })
            .collect();
        let mut first = 0;
        for task in tasks {
            let recorded = task.await.expect("no task panics").expect("recorded");
            assert_eq!(recorded.revision.number, 1);
            first += usize::from(!recorded.repeated);
        }
        assert_eq!(first, 1);
        let stored =
            store.comment(&SiteId::new("s"), &CommentId::new(id), usize::MAX).await.expect("read").expect("there");
        assert_eq!(stored.revisions.len(), 1);
    }
    store.close().await.expect("the store closes");
}

/// Closing twice is closing once; a closed store says so.
pub async fn closing_keeps_everything_and_refuses_what_comes_later(place: &impl Place) {
    let store = place.open().await;
    store.record(record(comment("c", "a", None, "kept"), Outcome::Publish)).await.expect("recorded");
    store.close().await.expect("the store closes");
    store.close().await.expect("the store is closed");
    let late = store.record(record(comment("d", "a", None, "late"), Outcome::Publish)).await;
    assert!(matches!(late, Err(Error::Closed)));
    let asked = store.comment(&SiteId::new("s"), &CommentId::new("c"), usize::MAX).await;
    assert!(matches!(asked, Err(Error::Closed)));
    let store = place.open().await;
    assert_eq!(newest_text(&store, "c").await.as_deref(), Some("kept"));
    assert_eq!(newest_text(&store, "d").await, None);
    store.close().await.expect("the store closes");
}
