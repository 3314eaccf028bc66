//! An editor defines queues over what waits, and moderators work through them.

use crate::moderator_reviews::{HELD, Newsroom, id, ids, reason};
use crate::support::{TestServer, comment};
use ombud::grpc::{PolicyClient, pb};
use pb::{QueueChange, Verdict};
use std::{collections::HashMap, time::Duration};
use tokio::time::timeout;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

impl Newsroom {
    async fn set(&mut self, name: &str, conditions: pb::QueueConditions) -> Result<pb::Queue, Status> {
        let (name, editor_id) = (name.to_owned(), "eve".to_owned());
        let conditions = Some(conditions);
        let request = pb::SetQueueRequest { name, conditions, editor_id, ..Default::default() };
        Ok(self.review.set_queue(request).await?.into_inner().queue.unwrap())
    }

    async fn delete(&mut self, name: &str) -> Result<(), Status> {
        let (name, editor_id) = (name.to_owned(), "eve".to_owned());
        let request = pb::DeleteQueueRequest { name, editor_id, ..Default::default() };
        self.review.delete_queue(request).await.map(drop)
    }

    async fn submit_on(&mut self, article: &str, id: &str, text: &str, author: &str) {
        let author = Some(pb::Author { author_id: author.into(), name: "Ann".into() });
        let request = pb::SubmitCommentRequest { author, ..comment(article, id, text) };
        self.site.submit_comment(request).await.unwrap();
    }

    async fn set_policy(&mut self, toml: &str) {
        let request = pb::SetPolicyRequest {
            form: Some(pb::set_policy_request::Form::Toml(toml.into())),
            editor_id: "eve".into(),
            ..Default::default()
        };
        let mut policies = PolicyClient::connect(self.server.url.clone()).await.unwrap();
        policies.set_policy(request).await.unwrap();
    }

    async fn shown(&mut self, queue: &str) -> Vec<String> {
        let request = pb::ListReviewItemsRequest { queue: queue.into(), ..Default::default() };
        let mut shown = ids(&self.review.list_review_items(request).await.unwrap().into_inner().items);
        shown.sort_unstable();
        shown
    }

    /// How many items wait in a queue, and how many of them are claimed.
    async fn counts(&mut self, name: &str) -> Option<(u64, u64)> {
        let queues = self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
        queues.into_iter().find(|queue| queue.name == name).map(|queue| (queue.items, queue.claimed))
    }
}

fn on(article: &str) -> pb::QueueConditions {
    pb::QueueConditions { article_ids: vec![article.into()], ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defined_queue_shows_what_waits_and_what_comes_and_is_worked_off() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    newsroom.submit_on("council", "c0", HELD[0], "ann").await;
    newsroom.submit_on("garden", "c1", HELD[1], "ann").await;
    let queue = newsroom.set("council_desk", on("council")).await.unwrap();
    assert_eq!((queue.name.as_str(), queue.items, queue.claimed), ("council_desk", 1, 0), "what waits is there");
    assert!(queue.oldest_at.is_some());
    let definition = queue.definition.unwrap();
    assert_eq!((definition.conditions, definition.set_by.as_str()), (Some(on("council")), "eve"));
    newsroom.submit_on("council", "c2", HELD[2], "bob").await;
    newsroom.submit_on("council", "c3", "What a lovely garden.", "bob").await;
    assert_eq!(newsroom.shown("council_desk").await, ["c0", "c2"], "what comes is there too, where it waits");

    // The same item, with the same claim, whichever queue one looks at.
    let claimed = newsroom.claim_in("council_desk", "ada", 1).await;
    assert_eq!((ids(&claimed), claimed[0].queue.as_str()), (vec!["c2".to_owned()], "held"), "by risk");
    assert_eq!(newsroom.counts("held").await, Some((3, 1)));
    assert_eq!(newsroom.counts("council_desk").await, Some((2, 1)));
    assert_eq!(ids(&newsroom.claim_in("council_desk", "bob", 5).await), ["c0"]);
    assert!(newsroom.claim_in("council_desk", "cyd", 5).await.is_empty());
    let settled = newsroom.settle("ada", &claimed[0], Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.counts("council_desk").await, Some((1, 1)));
    newsroom.undo(settled.action_id).await;
    assert_eq!(newsroom.shown("council_desk").await, ["c0", "c2"]);

    // It is there after a restart, with its counts.
    let before = newsroom.counts("council_desk").await;
    let mut newsroom = Newsroom::new(TestServer::start_in(newsroom.server.stop().await, "").await).await;
    assert_eq!(newsroom.counts("council_desk").await, before);
    newsroom.delete("council_desk").await.unwrap();
    assert_eq!(newsroom.counts("council_desk").await, None);
    assert_eq!(newsroom.counts("held").await, Some((3, 1)), "its items wait on where they wait");
    assert_eq!(newsroom.delete("council_desk").await.unwrap_err().code(), Code::NotFound);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_on_author_score_reason_and_queue_and_all_kinds_must_be_met() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    let gardens = "[[rules]]\nname = \"gardens\"\nwhen = \"text.contains('this is')\"\naction = \"hold\"";
    newsroom.set_policy(gardens).await;
    newsroom.submit_on("garden", "insult", HELD[2], "ann").await;
    newsroom.submit_on("garden", "loud", "What a lovely garden this is.", "bob").await;
    newsroom.submit_on("garden", "fine", "What a lovely garden.", "bob").await;
    let report = pb::ReportCommentRequest {
        comment_id: "fine".into(),
        reporter_id: "r1".into(),
        reason: "rude".into(),
        ..Default::default()
    };
    newsroom.review.report_comment(report).await.unwrap();
    let decision = newsroom.item("insult").await.revision.unwrap().decision.unwrap();
    let strongest = decision.scores.iter().max_by(|one, other| one.1.total_cmp(other.1)).unwrap();
    let (attribute, score) = (strongest.0.as_str(), *strongest.1);
    let conditions = |authors: &[&str], scores: &[(&str, f32)], reasons: &[&str], queues: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        pb::QueueConditions {
            author_ids: owned(authors),
            scores: scores.iter().map(|&(name, score)| (name.to_owned(), score)).collect::<HashMap<_, _>>(),
            reasons: owned(reasons),
            queues: owned(queues),
            ..Default::default()
        }
    };
    for (asked, expected) in [
        (conditions(&["bob"], &[], &[], &[]), &["fine", "loud"][..]),
        (conditions(&["bob", "ann"], &[], &[], &[]), &["fine", "insult", "loud"]),
        (conditions(&[], &[(attribute, score)], &[], &[]), &["insult"]),
        (conditions(&[], &[(attribute, 1.0)], &[], &[]), &[]),
        (conditions(&[], &[(attribute, 1.0), ("SPAM", 0.0)], &[], &["held"]), &["insult", "loud"]),
        (conditions(&[], &[], &["gardens"], &[]), &["loud"]),
        (conditions(&[], &[], &["gardens", "HOLD_THRESHOLD"], &[]), &["insult", "loud"]),
        (conditions(&[], &[], &[], &["reported"]), &["fine"]),
        (conditions(&["bob"], &[], &[], &["held"]), &["loud"]),
        (conditions(&["ann"], &[], &["gardens"], &[]), &[]),
    ] {
        let queue = newsroom.set("desk", asked.clone()).await.unwrap();
        assert_eq!(newsroom.shown("desk").await, expected, "{asked:?}");
        assert_eq!(queue.items, expected.len() as u64, "{asked:?}");
    }
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defined_queue_is_watched_and_says_when_it_is_defined_anew() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    newsroom.set("desk", on("council")).await.unwrap();
    let request = pb::WatchQueueRequest { queue: "desk".into(), ..Default::default() };
    let mut told = newsroom.review.watch_queue(request).await.unwrap().into_inner();
    let mut next = async || {
        let message = timeout(Duration::from_secs(20), told.message()).await.expect("something is told");
        let message = message.unwrap().unwrap();
        (message.change(), message.comment_id)
    };
    assert_eq!(next().await, (QueueChange::Begun, String::new()));
    newsroom.submit_on("garden", "c0", HELD[0], "ann").await;
    newsroom.submit_on("council", "c1", HELD[1], "ann").await;
    let claimed = newsroom.claim_in("desk", "ada", 5).await;
    newsroom.settle("ada", &claimed[0], Verdict::Approve).await.unwrap();
    newsroom.set("desk", on("garden")).await.unwrap();
    newsroom.submit_on("garden", "c2", HELD[2], "ann").await;
    newsroom.delete("desk").await.unwrap();
    let expected = [
        (QueueChange::Entered, "c1"),
        (QueueChange::Claimed, "c1"),
        (QueueChange::Left, "c1"),
        (QueueChange::Redefined, ""),
        (QueueChange::Entered, "c2"),
        (QueueChange::Redefined, ""),
    ];
    for (change, id) in expected {
        assert_eq!(next().await, (change, id.to_owned()));
    }
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_holds_what_is_claimed_in_a_defined_queue() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.set("desk", on("garden")).await.unwrap();
    let (queue, moderator_id) = ("desk".to_owned(), "ada".to_owned());
    let request = pb::WatchQueueRequest { queue, moderator_id, hold: true, ..Default::default() };
    let mut told = newsroom.review.watch_queue(request).await.unwrap().into_inner();
    assert_eq!(told.message().await.unwrap().unwrap().change(), QueueChange::Begun);
    let claimed: Vec<String> = newsroom.claim_in("desk", "ada", 2).await.iter().map(id).collect();
    assert_eq!(newsroom.counts("desk").await, Some((3, 2)));
    let mut watching = newsroom.review.clone();
    let request = pb::WatchQueueRequest { queue: "desk".into(), ..Default::default() };
    let mut other = watching.watch_queue(request).await.unwrap().into_inner();
    drop(told);
    let mut released = Vec::new();
    while released.len() < claimed.len() {
        let message = timeout(Duration::from_secs(20), other.message()).await.expect("both are given back");
        let message = message.unwrap().unwrap();
        if message.change() == QueueChange::Released {
            released.push(message.comment_id);
        }
    }
    assert_eq!(newsroom.counts("desk").await, Some((3, 0)));
    drop(other);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_queue_is_refused_and_nothing_changes() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let scores = |name: &str, score| pb::QueueConditions {
        scores: HashMap::from([(name.to_owned(), score)]),
        ..Default::default()
    };
    let queues = pb::QueueConditions { queues: vec!["later".into()], ..Default::default() };
    let many = pb::QueueConditions { author_ids: vec!["ann".into(); 101], ..Default::default() };
    for (name, conditions, field) in [
        ("held", on("garden"), "name"),
        ("", on("garden"), "name"),
        ("Garden", on("garden"), "name"),
        ("desk", pb::QueueConditions::default(), "conditions"),
        ("desk", on(""), "conditions.article_ids[0]"),
        ("desk", scores("SARCASM", 0.5), "conditions.scores"),
        ("desk", scores("INSULT", 1.5), "conditions.scores"),
        ("desk", scores("INSULT", f32::NAN), "conditions.scores"),
        ("desk", queues, "conditions.queues"),
        ("desk", many, "conditions.author_ids"),
    ] {
        let refused = newsroom.set(name, conditions).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let bad = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(bad.iter().map(|bad| bad.field.as_str()).collect::<Vec<_>>(), [field]);
    }
    let request = pb::ListReviewItemsRequest { queue: "desk".into(), ..Default::default() };
    let refused = newsroom.review.list_review_items(request).await.unwrap_err();
    let bad = refused.get_details_bad_request().unwrap().field_violations;
    assert_eq!(bad[0].description, "Must be one of: escalated, appeals, reported, held, disagreement, audit.");
    for number in 0..16 {
        newsroom.set(&format!("desk_{number}"), on("garden")).await.unwrap();
    }
    let refused = newsroom.set("one_more", on("garden")).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::Aborted, "TOO_MANY_QUEUES".to_owned()));
    newsroom.set("desk_15", on("council")).await.expect("one that is there may be defined anew");
    assert_eq!(newsroom.counts("desk_14").await, Some((3, 0)));
    assert_eq!(newsroom.counts("desk_15").await, Some((0, 0)));
    newsroom.server.stop().await;
}
