//! An author asks for a second look at a rejected comment.

use crate::moderator_reviews::{HELD, Newsroom, aborted, id, ids, reason};
use crate::support::{TestServer, comment};
use ombud::grpc::pb;
use pb::{AppealStanding, DecisionSource, Outcome, Verdict, settle_many_request::Which};
use tonic::Status;

impl Newsroom {
    async fn appeal(&mut self, comment_id: &str) -> Result<pb::AppealDecisionResponse, Status> {
        let text = "I quoted the minister.".to_owned();
        let request = pb::AppealDecisionRequest { comment_id: comment_id.into(), text, ..Default::default() };
        Ok(self.review.appeal_decision(request).await?.into_inner())
    }

    /// Has Ada reject what was held; returns the action.
    async fn reject(&mut self, comment_id: &str) -> u64 {
        let item = self.item(comment_id).await;
        self.settle("ada", &item, Verdict::Reject).await.unwrap().action_id
    }

    async fn standing(&mut self, comment_id: &str) -> Option<AppealStanding> {
        self.item(comment_id).await.appeal.map(|appeal| appeal.standing())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_seen_by_another_moderator_than_the_one_who_ruled() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.reject("c0").await;
    newsroom.appeal("c0").await.unwrap();
    assert_eq!(newsroom.waiting().await, [("appeals".to_owned(), 1), ("held".to_owned(), 2)]);
    assert_eq!(newsroom.decision("c0").await, (Outcome::Reject, DecisionSource::Moderator), "it stays in force");
    let item = newsroom.item("c0").await;
    let appeal = item.appeal.as_ref().unwrap();
    assert_eq!((appeal.text.as_str(), appeal.against_moderator_id.as_str()), ("I quoted the minister.", "ada"));

    assert!(newsroom.claim_in("appeals", "ada", 1).await.is_empty(), "it is not offered to her");
    let refused = newsroom.settle("ada", &item, Verdict::Approve).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("APPEAL_OF_OWN_VERDICT"));
    let many = |which| pb::SettleManyRequest {
        which: Some(which),
        moderator_id: "ada".into(),
        verdict: Verdict::Reject.into(),
        ..Default::default()
    };
    let items = vec![pb::ItemVersion { comment_id: "c0".into(), version: item.version }];
    let named = many(Which::Items(pb::ItemVersions { items }));
    let refused = newsroom.review.settle_many(named).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("APPEAL_OF_OWN_VERDICT"));
    let (author_id, article_id) = ("reader-1".to_owned(), "garden".to_owned());
    let author = many(Which::Author(pb::AuthorOnArticle { author_id, article_id }));
    let settled = newsroom.review.settle_many(author).await.unwrap().into_inner();
    assert_eq!(settled.items, 2, "of a whole author, it is left to others");

    let claimed = newsroom.claim_in("appeals", "bob", 1).await;
    assert_eq!(ids(&claimed), ["c0"]);
    newsroom.settle("bob", &claimed[0], Verdict::Approve).await.unwrap();
    assert_eq!(newsroom.decision("c0").await, (Outcome::Publish, DecisionSource::Moderator));
    assert_eq!(newsroom.standing("c0").await, Some(AppealStanding::Overturned));
    assert_eq!(newsroom.waiting().await, []);
    assert_eq!(reason(&newsroom.appeal("c0").await.unwrap_err()), aborted("NOT_REJECTED"));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejection_is_appealed_once_and_an_edit_begins_anew() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    assert_eq!(reason(&newsroom.appeal("c0").await.unwrap_err()), aborted("NOT_REJECTED"));
    newsroom.reject("c0").await;
    let (comment_id, request_id) = ("c0".to_owned(), "appeal-1".to_owned());
    let request = pb::AppealDecisionRequest { comment_id, request_id, ..Default::default() };
    let other = pb::AppealDecisionRequest { author_id: "reader-2".into(), ..request.clone() };
    let refused = newsroom.review.appeal_decision(other).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("NOT_THE_AUTHOR"));
    let request = pb::AppealDecisionRequest { author_id: "reader-1".into(), ..request };
    let first = newsroom.review.appeal_decision(request.clone()).await.unwrap().into_inner();
    let again = newsroom.review.appeal_decision(request).await.unwrap().into_inner();
    assert_eq!((first.repeated, again.repeated), (false, true));
    assert_eq!(first.appealed_at, again.appealed_at);
    assert_eq!(reason(&newsroom.appeal("c0").await.unwrap_err()), aborted("ALREADY_APPEALED"));

    let item = newsroom.claim_in("appeals", "bob", 1).await.remove(0);
    newsroom.settle("bob", &item, Verdict::Reject).await.unwrap();
    assert_eq!(newsroom.standing("c0").await, Some(AppealStanding::Upheld));
    assert_eq!(newsroom.decision("c0").await.0, Outcome::Reject);
    assert_eq!(reason(&newsroom.appeal("c0").await.unwrap_err()), aborted("ALREADY_APPEALED"), "that is final");

    newsroom.submit("c0", HELD[1], Outcome::Hold).await;
    assert_eq!(newsroom.standing("c0").await, None, "the text is another one");
    newsroom.reject("c0").await;
    newsroom.appeal("c0").await.unwrap();
    // An edit leaves nothing to look at again.
    newsroom.submit("c0", "You are right, I was wrong.", Outcome::Publish).await;
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 2)]);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_on_appeals_are_undone_and_undone_verdicts_end_appeals() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let first = newsroom.reject("c0").await;
    newsroom.appeal("c0").await.unwrap();
    newsroom.undo(first).await;
    assert_eq!((newsroom.standing("c0").await, newsroom.item("c0").await.queue.as_str()), (None, "held"));
    newsroom.reject("c0").await;
    newsroom.appeal("c0").await.unwrap();
    let item = newsroom.claim_in("appeals", "bob", 1).await.remove(0);
    let ruled = newsroom.settle("bob", &item, Verdict::Approve).await.unwrap();
    newsroom.undo(ruled.action_id).await;
    assert_eq!(newsroom.standing("c0").await, Some(AppealStanding::Waiting));
    assert_eq!(newsroom.decision("c0").await, (Outcome::Reject, DecisionSource::Moderator));
    let item = newsroom.item("c0").await;
    assert_eq!(item.queue, "appeals");
    let refused = newsroom.settle("ada", &item, Verdict::Approve).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("APPEAL_OF_OWN_VERDICT"), "it is still of her verdict");
    newsroom.settle("bob", &item, Verdict::Reject).await.unwrap();
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_overturned_on_appeal_cannot_take_that_back_but_others_can() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.reject("c0").await;
    newsroom.appeal("c0").await.unwrap();
    let waiting = [newsroom.item("c0").await, newsroom.item("c1").await];
    let items = waiting.iter().map(|item| pb::ItemVersion { comment_id: id(item), version: item.version }).collect();
    let both = pb::SettleManyRequest {
        which: Some(Which::Items(pb::ItemVersions { items })),
        moderator_id: "bob".into(),
        verdict: Verdict::Approve.into(),
        ..Default::default()
    };
    let action_id = newsroom.review.settle_many(both).await.unwrap().into_inner().action_id;
    // Of a bulk action, she takes back what isn't about her.
    let undo = |moderator: &str| pb::UndoActionRequest {
        moderator_id: moderator.into(),
        action_id,
        ..pb::UndoActionRequest::default()
    };
    let undone = newsroom.review.undo_action(undo("ada")).await.unwrap().into_inner();
    assert_eq!((undone.items, undone.items_left), (1, 1));
    let refused = newsroom.review.undo_action(undo("ada")).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("APPEAL_OF_OWN_VERDICT"));
    assert_eq!(newsroom.decision("c0").await, (Outcome::Publish, DecisionSource::Moderator), "nothing has changed");
    assert_eq!(newsroom.standing("c0").await, Some(AppealStanding::Overturned));
    newsroom.review.undo_action(undo("cyd")).await.unwrap();
    assert_eq!(newsroom.decision("c0").await, (Outcome::Reject, DecisionSource::Moderator));
    assert_eq!(newsroom.standing("c0").await, Some(AppealStanding::Waiting));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_an_appeal_sees_what_the_model_said_and_the_first_verdict_outlives_the_second() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let held = newsroom.item("c0").await.revision.unwrap().decision.unwrap();
    let first = newsroom.reject("c0").await;
    newsroom.appeal("c0").await.unwrap();
    for round in ["before", "after"] {
        let found = newsroom.dossier("c0").await;
        let item = found.item.unwrap();
        let decision = item.revision.as_ref().unwrap().decision.as_ref().unwrap();
        assert_eq!(
            (decision.reasons[0].code.as_str(), &decision.scores),
            ("MODERATOR_VERDICT", &held.scores),
            "{round}"
        );
        let last = item.last_verdict.as_ref().unwrap();
        assert_eq!(
            (last.moderator_id.as_str(), last.verdict(), last.action_id),
            ("ada", Verdict::Reject, first),
            "{round}"
        );
        assert_eq!((last.reason.as_str(), last.labels["INSULT"]), ("civility", true), "{round}");
        assert_eq!(last.decision_before.as_ref(), Some(&held), "{round}: scores, reasons and spans");
        assert!(!held.reasons[0].spans.is_empty());
        let ruled: Vec<_> =
            found.author_verdicts.iter().map(|one| (one.moderator_id.as_str(), one.verdict())).collect();
        assert_eq!(ruled, [("ada", Verdict::Reject)], "{round}");
        if round == "before" {
            let ruled = newsroom.settle("bob", &item, Verdict::Approve).await.unwrap();
            newsroom.undo(ruled.action_id).await;
            let dir = newsroom.server.stop().await;
            newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
        }
    }
    // The first verdict can be taken back too, and the appeal goes with it.
    newsroom.undo(first).await;
    assert_eq!(newsroom.decision("c0").await, (Outcome::Hold, DecisionSource::Model));
    let item = newsroom.item("c0").await;
    assert_eq!((item.queue.as_str(), item.appeal, item.last_verdict), ("held", None, None));
    assert!(newsroom.dossier("c1").await.author_verdicts.is_empty());
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_rejected_any_moderator_may_look_at() {
    let toml = "[policy.insult]\nhold = 0.1\nreject = 0.2\n";
    let mut newsroom = Newsroom::new(TestServer::start_with(toml).await).await;
    newsroom.submit("c0", HELD[0], Outcome::Reject).await;
    newsroom.appeal("c0").await.unwrap();
    let mut anonymous = comment("garden", "c1", HELD[0]);
    anonymous.author.as_mut().unwrap().author_id.clear();
    newsroom.site.submit_comment(anonymous).await.unwrap();
    newsroom.appeal("c1").await.unwrap();
    let claimed = newsroom.claim_in("appeals", "ada", 2).await;
    assert_eq!(ids(&claimed), ["c0", "c1"], "they are worked off as they come");
    assert!(claimed.iter().all(|item| item.appeal.as_ref().unwrap().against_moderator_id.is_empty()));
    newsroom.settle("ada", &claimed[0], Verdict::Approve).await.unwrap();
    assert_eq!(newsroom.decision(&id(&claimed[0])).await.0, Outcome::Publish);
    newsroom.server.stop().await;
}
