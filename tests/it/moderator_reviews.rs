//! A moderator works through what was held.

use crate::support::{FakeClock, TestServer, comment, get};
use ombud::grpc::{Client, ReviewClient, pb};
use pb::{
    DecisionSource, Outcome, ReviewOrder, Verdict, settle_many_request::Which, watch_events_response::Event as Happened,
};
use std::collections::HashMap;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

/// Held by the default policy, the second with more risk than the first, the third with the most.
pub(crate) const HELD: [&str; 3] =
    ["The minister is a liar.", "Only a fool believes this.", "This is rubbish, you clown."];
const MINUTE: i64 = 60_000_000;

pub(crate) struct Newsroom {
    pub(crate) server: TestServer,
    pub(crate) site: Client<Channel>,
    pub(crate) review: ReviewClient<Channel>,
}

impl Newsroom {
    pub(crate) async fn new(server: TestServer) -> Self {
        let site = server.client().await;
        let review = ReviewClient::connect(server.url.clone()).await.unwrap();
        Self { server, site, review }
    }

    /// Submits the comments `c0`, `c1` and `c2`, which are held.
    pub(crate) async fn with_held(server: TestServer) -> Self {
        let mut newsroom = Self::new(server).await;
        for (number, text) in HELD.into_iter().enumerate() {
            newsroom.submit(&format!("c{number}"), text, Outcome::Hold).await;
        }
        newsroom
    }

    pub(crate) async fn submit(&mut self, id: &str, text: &str, expected: Outcome) {
        let answer = self.site.submit_comment(comment("garden", id, text)).await.unwrap().into_inner();
        assert_eq!(answer.decision.unwrap().outcome(), expected, "{text}");
    }

    pub(crate) async fn queue(&mut self) -> pb::Queue {
        let queues = self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
        queues.into_iter().find(|queue| queue.name == "held").unwrap()
    }

    /// Says how many items wait in each queue that has any.
    pub(crate) async fn waiting(&mut self) -> Vec<(String, u64)> {
        let queues = self.review.list_queues(pb::ListQueuesRequest::default()).await.unwrap().into_inner().queues;
        assert_eq!(queues.len(), 6, "every queue is listed");
        queues.into_iter().filter(|queue| queue.items > 0).map(|queue| (queue.name, queue.items)).collect()
    }

    async fn claim(&mut self, moderator_id: &str, items_max: i32) -> Vec<pb::ReviewItem> {
        self.claim_in("held", moderator_id, items_max).await
    }

    pub(crate) async fn claim_in(&mut self, queue: &str, moderator_id: &str, items_max: i32) -> Vec<pb::ReviewItem> {
        let (queue, moderator_id) = (queue.to_owned(), moderator_id.to_owned());
        let request = pb::ClaimNextRequest { queue, moderator_id, items_max, ..Default::default() };
        self.review.claim_next(request).await.unwrap().into_inner().items
    }

    pub(crate) async fn settle(
        &mut self,
        moderator_id: &str,
        item: &pb::ReviewItem,
        verdict: Verdict,
    ) -> Result<pb::SettleItemResponse, Status> {
        let request = pb::SettleItemRequest {
            comment_id: id(item),
            moderator_id: moderator_id.into(),
            version: item.version,
            verdict: verdict.into(),
            labels: HashMap::from([("INSULT".into(), verdict == Verdict::Reject)]),
            reason: "civility".into(),
            ..Default::default()
        };
        Ok(self.review.settle_item(request).await?.into_inner())
    }

    async fn list(&mut self, order: ReviewOrder) -> Vec<String> {
        let (mut ids, mut page_token) = (Vec::new(), String::new());
        loop {
            let (queue, order) = ("held".to_owned(), order.into());
            let request = pb::ListReviewItemsRequest { queue, order, page_size: 2, page_token, ..Default::default() };
            let page = self.review.list_review_items(request).await.unwrap().into_inner();
            assert!(page.items.len() <= 2);
            ids.extend(page.items.iter().map(id));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return ids;
            }
        }
    }

    pub(crate) async fn decision(&mut self, comment_id: &str) -> (Outcome, DecisionSource) {
        let found = get(&mut self.site, comment_id).await.unwrap();
        let decision = found.decision.unwrap();
        (decision.outcome(), decision.source())
    }

    pub(crate) async fn item(&mut self, comment_id: &str) -> pb::ReviewItem {
        self.dossier(comment_id).await.item.unwrap()
    }

    pub(crate) async fn dossier(&mut self, comment_id: &str) -> pb::GetReviewItemResponse {
        let request = pb::GetReviewItemRequest { comment_id: comment_id.into(), ..Default::default() };
        self.review.get_review_item(request).await.unwrap().into_inner()
    }

    pub(crate) async fn undo(&mut self, action_id: u64) {
        let moderator_id = "zoe".to_owned();
        let undo = pb::UndoActionRequest { moderator_id, action_id, ..Default::default() };
        self.review.undo_action(undo).await.unwrap();
    }
}

pub(crate) fn id(item: &pb::ReviewItem) -> String {
    item.revision.as_ref().unwrap().comment.as_ref().unwrap().comment_id.clone()
}

pub(crate) fn ids(items: &[pb::ReviewItem]) -> Vec<String> {
    items.iter().map(id).collect()
}

pub(crate) fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

pub(crate) fn aborted(reason: &str) -> (Code, String) {
    (Code::Aborted, reason.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn held_comments_are_claimed_by_risk_and_ruled_on() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.submit("nice", "What a lovely garden.", Outcome::Publish).await;
    let queue = newsroom.queue().await;
    assert_eq!((queue.items, queue.claimed, queue.oldest_at.is_some()), (3, 0, true));
    assert_eq!(newsroom.list(ReviewOrder::Unspecified).await, ["c2", "c1", "c0"]);
    assert_eq!(newsroom.list(ReviewOrder::Oldest).await, ["c0", "c1", "c2"]);
    assert_eq!(newsroom.list(ReviewOrder::Newest).await, ["c2", "c1", "c0"]);

    let ada = newsroom.claim("ada", 0).await;
    let bob = newsroom.claim("bob", 100).await;
    assert_eq!((ids(&ada), ids(&bob)), (vec!["c2".to_owned()], vec!["c1".to_owned(), "c0".to_owned()]));
    assert_eq!(ada[0].claim.as_ref().unwrap().moderator_id, "ada");
    assert!(newsroom.claim("cyd", 1).await.is_empty(), "nothing is left that nobody holds");
    assert_eq!(newsroom.queue().await.claimed, 3);

    let settled = newsroom.settle("ada", &ada[0], Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.decision("c2").await, (Outcome::Reject, DecisionSource::Moderator));
    let item = settled.item.unwrap();
    assert_eq!((item.queue.as_str(), item.last_verdict.unwrap().action_id), ("", settled.action_id));
    newsroom.settle("bob", &bob[1], Verdict::Approve).await.unwrap();
    assert_eq!(newsroom.decision("c0").await, (Outcome::Publish, DecisionSource::Moderator));
    let queue = newsroom.queue().await;
    assert_eq!((queue.items, queue.claimed), (1, 1));

    // Everything outlives the server.
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    assert_eq!(newsroom.decision("c2").await, (Outcome::Reject, DecisionSource::Moderator));
    assert_eq!(newsroom.list(ReviewOrder::Risk).await, ["c1"]);
    assert_eq!(newsroom.item("c1").await.claim.unwrap().moderator_id, "bob");
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_ends_by_itself_and_can_be_renewed_until_then() {
    let clock = FakeClock::at(0);
    let mut newsroom = Newsroom::with_held(TestServer::start_with_clock(clock.clone()).await).await;
    let ada = newsroom.claim("ada", 3).await;
    clock.set(9 * MINUTE);
    let renew = |comment_id: &str| pb::RenewClaimRequest {
        comment_id: comment_id.into(),
        moderator_id: "ada".into(),
        ..Default::default()
    };
    newsroom.review.renew_claim(renew("c0")).await.unwrap();
    clock.set(10 * MINUTE);
    assert_eq!(newsroom.queue().await.claimed, 1, "ten minutes have passed for two of three");
    assert_eq!(newsroom.item("c1").await.claim, None);
    let refused = newsroom.review.renew_claim(renew("c1")).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("NOT_CLAIMED"));
    let bob = newsroom.claim("bob", 3).await;
    assert_eq!(ids(&bob), ["c2", "c1"]);
    // What Ada saw is no longer hers to rule on.
    let of = |wanted: &str| ada.iter().find(|item| id(item) == wanted).unwrap();
    let refused = newsroom.settle("ada", of("c1"), Verdict::Approve).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("CLAIMED_BY_ANOTHER"));
    let until = &refused.get_details_error_info().unwrap().metadata["expires_at_micros"];
    assert_eq!(until, &(20 * MINUTE).to_string());
    assert_eq!(newsroom.decision("c1").await.0, Outcome::Hold, "nothing has changed");
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_given_back_and_skipped() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.claim("ada", 2).await;
    let (comment_id, moderator_id) = ("c2".to_owned(), "ada".to_owned());
    let release = pb::ReleaseClaimRequest { comment_id, moderator_id, ..Default::default() };
    newsroom.review.release_claim(release.clone()).await.unwrap();
    assert_eq!(reason(&newsroom.review.release_claim(release).await.unwrap_err()), aborted("NOT_CLAIMED"));
    let (comment_id, moderator_id) = ("c1".to_owned(), "ada".to_owned());
    let skip = pb::SkipItemRequest { comment_id, moderator_id, ..Default::default() };
    let skipped = newsroom.review.skip_item(skip).await.unwrap().into_inner().item.unwrap();
    assert_eq!(skipped.skipped_by, ["ada"]);
    assert_eq!(ids(&newsroom.claim("ada", 3).await), ["c2", "c0"], "what she skipped is not offered again");
    assert_eq!(ids(&newsroom.claim("bob", 3).await), ["c1"]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_on_what_was_edited_meanwhile_is_refused() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let ada = newsroom.claim("ada", 1).await;
    newsroom.submit("c2", "Only a fool believes that.", Outcome::Hold).await;
    let refused = newsroom.settle("ada", &ada[0], Verdict::Approve).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("STALE_VERSION"));
    let item = newsroom.item("c2").await;
    let facts = refused.get_details_error_info().unwrap().metadata;
    assert_eq!((&facts["version"], facts["changes"].as_str()), (&item.version.to_string(), "edited"));
    assert!(refused.message().contains("since you saw it (edited)"), "{}", refused.message());
    assert_eq!((item.queue.as_str(), item.claim.as_ref().unwrap().moderator_id.as_str()), ("held", "ada"));
    let ahead = pb::ReviewItem { version: item.version + 1, ..item.clone() };
    let refused = newsroom.settle("ada", &ahead, Verdict::Reject).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("STALE_VERSION"));
    assert!(refused.message().starts_with("no such version of the comment was given out yet"), "{}", refused.message());
    newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    // An edit of what was ruled on is a text that nobody has ruled on.
    newsroom.submit("c2", "You are right, I was wrong.", Outcome::Publish).await;
    assert_eq!(newsroom.decision("c2").await, (Outcome::Publish, DecisionSource::Model));
    assert_eq!(newsroom.item("c2").await.last_verdict, None);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_undone_once_by_any_moderator() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let ada = newsroom.claim("ada", 1).await;
    let settled = newsroom.settle("ada", &ada[0], Verdict::Approve).await.unwrap();
    let refused = newsroom.settle("bob", &ada[0], Verdict::Reject).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("ITEM_NOT_WAITING"));
    let undo = pb::UndoActionRequest {
        moderator_id: "bob".into(),
        action_id: settled.action_id,
        request_id: "undo-1".into(),
        ..Default::default()
    };
    let undone = newsroom.review.undo_action(undo.clone()).await.unwrap().into_inner();
    assert_eq!((undone.items, undone.items_left, undone.repeated), (1, 0, false));
    let item = newsroom.item("c2").await;
    assert_eq!((item.claim, item.last_verdict), (None, None));
    assert_eq!(newsroom.decision("c2").await, (Outcome::Hold, DecisionSource::Model));
    assert_eq!(newsroom.list(ReviewOrder::Oldest).await, ["c0", "c1", "c2"], "it waits where it waited");
    assert!(newsroom.review.undo_action(undo.clone()).await.unwrap().into_inner().repeated, "once is enough");
    let again = pb::UndoActionRequest { request_id: "undo-2".into(), ..undo };
    assert_eq!(reason(&newsroom.review.undo_action(again).await.unwrap_err()), aborted("NOTHING_TO_UNDO"));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_very_same_request_is_a_repetition() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.claim("ada", 1).await.remove(0);
    let settle = |moderator: &str, item: &pb::ReviewItem, verdict: Verdict| pb::SettleItemRequest {
        comment_id: id(item),
        moderator_id: moderator.into(),
        version: item.version,
        verdict: verdict.into(),
        request_id: "r1".into(),
        ..Default::default()
    };
    let release = pb::ReleaseClaimRequest {
        comment_id: id(&item),
        moderator_id: "ada".into(),
        request_id: "r1".into(),
        ..Default::default()
    };
    newsroom.review.release_claim(release).await.unwrap();
    // A claim that was given back changes nothing about what was seen.
    let first = settle("bob", &item, Verdict::Reject);
    let settled = newsroom.review.settle_item(first.clone()).await.unwrap().into_inner();
    assert!(!settled.repeated && settled.action_id > 0, "another call under the same name is another call");
    let again = newsroom.review.settle_item(first.clone()).await.unwrap().into_inner();
    assert_eq!((again.repeated, again.action_id), (true, settled.action_id));
    for other in [settle("eve", &item, Verdict::Reject), settle("bob", &item, Verdict::Approve)] {
        assert_eq!(reason(&newsroom.review.settle_item(other).await.unwrap_err()), aborted("ITEM_NOT_WAITING"));
    }
    let undo = pb::UndoActionRequest {
        moderator_id: "bob".into(),
        action_id: settled.action_id,
        request_id: "r1".into(),
        ..Default::default()
    };
    assert!(!newsroom.review.undo_action(undo).await.unwrap().into_inner().repeated);
    assert_eq!(newsroom.queue().await.items, 3);
    // What was asked for an older text is not done to a newer one.
    newsroom.submit(&id(&item), "Only a fool believes that.", Outcome::Hold).await;
    let refused = newsroom.review.settle_item(first).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("STALE_VERSION"));
    assert_eq!(refused.get_details_error_info().unwrap().metadata["changes"], "settled,undone,edited");
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_ruled_on_in_one_action_and_undone_in_one() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let mut other = comment("kitchen", "k0", HELD[0]);
    other.author.as_mut().unwrap().author_id = "reader-2".into();
    newsroom.site.submit_comment(other).await.unwrap();
    let items = newsroom.claim("ada", 4).await;
    assert_eq!(items.len(), 4);
    let versions = |items: &[pb::ReviewItem], wrong: u64| {
        let last = items.len() - 1;
        let version = |(at, item): (usize, &pb::ReviewItem)| {
            let version = item.version - if at == last { wrong } else { 0 };
            pb::ItemVersion { comment_id: id(item), version }
        };
        Some(Which::Items(pb::ItemVersions { items: items.iter().enumerate().map(version).collect() }))
    };
    let settle = |which| pb::SettleManyRequest {
        which,
        moderator_id: "ada".into(),
        verdict: Verdict::Reject.into(),
        request_id: "many-1".into(),
        ..Default::default()
    };
    let refused = newsroom.review.settle_many(settle(versions(&items[..3], 1))).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("STALE_VERSION"));
    assert_eq!(refused.get_details_error_info().unwrap().metadata["comment_id"], id(&items[2]));
    assert_eq!(newsroom.queue().await.items, 4, "all of them, or none");

    let settled = newsroom.review.settle_many(settle(versions(&items[..3], 0))).await.unwrap().into_inner();
    assert_eq!((settled.items, settled.repeated), (3, false));
    let again = newsroom.review.settle_many(settle(versions(&items[..3], 0))).await.unwrap().into_inner();
    assert_eq!((again.items, again.repeated, again.action_id), (3, true, settled.action_id));
    assert_eq!(newsroom.queue().await.items, 1);

    // What was edited since is not undone; the others are, at once.
    let edited = id(&items[0]);
    newsroom.submit(&edited, "You are right, I was wrong.", Outcome::Publish).await;
    let undo = pb::UndoActionRequest {
        moderator_id: "bob".into(),
        action_id: settled.action_id,
        request_id: "undo-1".into(),
        ..Default::default()
    };
    let undone = newsroom.review.undo_action(undo.clone()).await.unwrap().into_inner();
    assert_eq!((undone.items, undone.items_left), (2, 1));
    assert_eq!(newsroom.queue().await.items, 3);
    assert!(newsroom.review.undo_action(undo).await.unwrap().into_inner().repeated);

    // All that waits of one author under one article, and nothing of others.
    let (author_id, article_id) = ("reader-1".to_owned(), "garden".to_owned());
    let author = Some(Which::Author(pb::AuthorOnArticle { author_id, article_id }));
    let done = newsroom.review.settle_many(settle(author.clone())).await.unwrap().into_inner();
    assert_eq!((done.items, done.repeated), (2, false));
    // Sent again, it rules on nothing that has come in since, whatever else was done meanwhile.
    newsroom.submit(&edited, "Only a fool believes that.", Outcome::Hold).await;
    newsroom.undo(done.action_id).await;
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    let again = newsroom.review.settle_many(settle(author.clone())).await.unwrap().into_inner();
    assert_eq!((again.items, again.repeated, again.action_id), (2, true, done.action_id));
    assert_eq!(newsroom.queue().await.items, 4, "and what was taken back stays taken back");
    let anew = |request_id: &str| pb::SettleManyRequest { request_id: request_id.into(), ..settle(author.clone()) };
    assert_eq!(newsroom.review.settle_many(anew("many-2")).await.unwrap().into_inner().items, 3);
    let done = newsroom.review.settle_many(anew("many-3")).await.unwrap().into_inner();
    assert_eq!((done.items, done.action_id), (0, 0), "nothing of theirs waits any more");
    assert_eq!(newsroom.list(ReviewOrder::Risk).await, ["k0"]);

    let twice = versions(&[items[1].clone(), items[1].clone()], 0);
    let many = (0..1001).map(|number| pb::ItemVersion { comment_id: format!("x{number}"), version: 1 }).collect();
    let many = Some(Which::Items(pb::ItemVersions { items: many }));
    for (which, field) in [(None, "which"), (twice, "items"), (many, "items")] {
        let refused = newsroom.review.settle_many(settle(which)).await.unwrap_err();
        let bad = refused.get_details_bad_request().unwrap().field_violations;
        assert_eq!(bad.iter().map(|bad| bad.field.as_str()).collect::<Vec<_>>(), [field]);
    }
    newsroom.server.stop().await;
}

/// Says an event in a word and its outcome, if it has one.
pub(crate) fn said(event: &pb::WatchEventsResponse) -> String {
    match event.event.as_ref().unwrap() {
        Happened::CommentSubmitted(submitted) => format!("submitted {}", submitted.revision),
        Happened::CommentDecided(decided) => format!("{:?}", decided.decision.as_ref().unwrap().outcome()),
        Happened::ItemClaimed(claim) => format!("claimed by {}", claim.moderator_id),
        Happened::ItemReleased(_) => "released".to_owned(),
        Happened::ItemSettled(settled) => format!("settled {:?} {}", settled.verdict(), settled.reason),
        Happened::VerdictUndone(undone) => format!("undone {}", undone.action_id),
        Happened::CommentErased(_) => "erased".to_owned(),
        Happened::CampaignJoined(_) => "joined".to_owned(),
        Happened::CampaignRuleSet(_) => "rule set".to_owned(),
        Happened::PolicySet(set) => format!("policy {}", set.version),
        Happened::CommentSampled(_) => "sampled".to_owned(),
        Happened::DisagreementLapsed(_) => "lapsed".to_owned(),
        Happened::ModelsDisagreed(disagreed) => format!("disagreed about {}", disagreed.revision),
        Happened::CommentReported(reported) => format!("reported for {}", reported.reason),
        Happened::DecisionAppealed(_) => "appealed".to_owned(),
        Happened::ItemEscalated(_) => "escalated".to_owned(),
        Happened::EscalationUndone(undone) => format!("escalation undone {}", undone.action_id),
        Happened::NoteAdded(_) => "noted".to_owned(),
        Happened::QueueSet(set) => format!("queue {} set", set.name),
        Happened::QueueDeleted(deleted) => format!("queue {} deleted", deleted.name),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_learns_of_verdicts_as_they_come_and_misses_nothing_over_a_reconnect() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    let mut elsewhere = comment("garden", "c9", HELD[0]);
    elsewhere.site_id = "another".into();
    newsroom.site.submit_comment(elsewhere).await.unwrap();
    let watch = |after_seq| pb::WatchEventsRequest { after_seq, ..Default::default() };
    let mut events = newsroom.review.watch_events(watch(0)).await.unwrap().into_inner();
    newsroom.submit("c2", HELD[2], Outcome::Hold).await;
    let item = newsroom.claim("ada", 1).await.remove(0);
    let settled = newsroom.settle("ada", &item, Verdict::Approve).await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let event = events.message().await.unwrap().unwrap();
        assert_eq!((event.comment_id.as_str(), event.at.is_some()), ("c2", true));
        seen.push((event.seq, said(&event), event.moderator_id));
    }
    let ada = || "ada".to_owned();
    let expected = [
        (3, "submitted 1".to_owned(), String::new()),
        (4, "Hold".to_owned(), String::new()),
        (5, "claimed by ada".to_owned(), ada()),
        (6, "settled Approve civility".to_owned(), ada()),
        (7, "Publish".to_owned(), ada()),
    ];
    assert_eq!(seen, expected, "what happened on another site is not told");

    // The line breaks; meanwhile the verdict is taken back, and the server starts anew.
    drop(events);
    let undo = pb::UndoActionRequest { moderator_id: "bob".into(), action_id: settled.action_id, ..Default::default() };
    newsroom.review.undo_action(undo).await.unwrap();
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    let mut events = newsroom.review.watch_events(watch(6)).await.unwrap().into_inner();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let event = events.message().await.unwrap().unwrap();
        seen.push((event.seq, said(&event)));
    }
    assert_eq!(seen, [(7, "Publish".to_owned()), (8, "undone 6".to_owned()), (9, "Hold".to_owned())]);
    // A server that stops tells those who watch, and doesn't wait for them.
    let watching = tokio::spawn(async move { events.message().await });
    newsroom.server.stop().await;
    let ended = watching.await.unwrap().unwrap_err();
    assert_eq!(reason(&ended), (Code::Unavailable, "SHUTTING_DOWN".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_who_watches_too_many_is_refused_until_another_has_gone() {
    let mut newsroom = Newsroom::new(TestServer::start().await).await;
    let watch = pb::WatchEventsRequest::default;
    let mut watching = Vec::new();
    for _ in 0..256 {
        watching.push(newsroom.review.watch_events(watch()).await.unwrap());
    }
    let refused = newsroom.review.watch_events(watch()).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::ResourceExhausted, "TOO_MANY_WATCHERS".to_owned()));
    assert!(refused.get_details_retry_info().unwrap().retry_delay.is_some());
    // The server hears of one who goes a moment later.
    watching.pop();
    let started = std::time::Instant::now();
    while newsroom.review.watch_events(watch()).await.is_err() {
        assert!(started.elapsed().as_secs() < 30, "the place stays taken");
        tokio::task::yield_now().await;
    }
    newsroom.submit("c0", HELD[0], Outcome::Hold).await;
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_with_every_field_named() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let fields = |status: &Status| -> Vec<String> {
        assert_eq!(reason(status), (Code::InvalidArgument, "INVALID_FIELDS".to_owned()));
        let bad = status.get_details_bad_request().unwrap().field_violations;
        bad.into_iter().map(|violation| violation.field).collect()
    };
    let claim = pb::ClaimNextRequest { queue: "hold".into(), items_max: 101, lease_secs: 3601, ..Default::default() };
    let refused = newsroom.review.claim_next(claim).await.unwrap_err();
    assert_eq!(fields(&refused), ["queue", "moderator_id", "items_max", "lease_secs"]);
    let list = pb::ListReviewItemsRequest { page_size: 1001, page_token: "made-up".into(), ..Default::default() };
    let refused = newsroom.review.list_review_items(list).await.unwrap_err();
    assert_eq!(fields(&refused), ["queue", "page_size", "page_token"]);
    let settle = pb::SettleItemRequest {
        labels: HashMap::from([("RUDENESS".into(), true)]),
        reason: "Off topic!".into(),
        request_id: "\u{7}".into(),
        ..Default::default()
    };
    let refused = newsroom.review.settle_item(settle).await.unwrap_err();
    assert_eq!(fields(&refused), ["comment_id", "moderator_id", "request_id", "verdict", "reason", "labels"]);
    let unknown = pb::GetReviewItemRequest { comment_id: "c9".into(), ..Default::default() };
    let refused = newsroom.review.get_review_item(unknown).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "COMMENT_NOT_FOUND".to_owned()));
    let (comment_id, moderator_id) = ("c9".to_owned(), "ada".to_owned());
    let skip = pb::SkipItemRequest { comment_id, moderator_id, ..Default::default() };
    let refused = newsroom.review.skip_item(skip).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::NotFound, "COMMENT_NOT_FOUND".to_owned()));
    assert_eq!(newsroom.queue().await.items, 3, "nothing has changed");
    newsroom.server.stop().await;
}
