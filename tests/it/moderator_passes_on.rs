//! A moderator passes an item on, writes notes, and sees all that a ruling needs.

use crate::moderator_reviews::{HELD, Newsroom, aborted, id, ids, reason, said};
use crate::support::{TestServer, comment};
use ombud::domain::{self, CommentId, SiteId};
use ombud::grpc::pb;
use ombud::store::{EmbeddedStore, Options, Store as _, conformance};
use pb::{Outcome, Verdict};
use tonic::Status;
use tonic_types::StatusExt as _;

impl Newsroom {
    async fn escalate(&mut self, moderator_id: &str, comment_id: &str) -> Result<pb::ReviewItem, Status> {
        let (comment_id, moderator_id) = (comment_id.to_owned(), moderator_id.to_owned());
        let note = "Ask the lawyers.".to_owned();
        let request = pb::EscalateItemRequest { comment_id, moderator_id, note, ..Default::default() };
        Ok(self.review.escalate_item(request).await?.into_inner().item.unwrap())
    }

    async fn note(&mut self, moderator_id: &str, comment_id: &str, text: &str, request_id: &str) -> bool {
        let request = pb::AddNoteRequest {
            comment_id: comment_id.into(),
            moderator_id: moderator_id.into(),
            text: text.into(),
            request_id: request_id.into(),
            ..Default::default()
        };
        self.review.add_note(request).await.unwrap().into_inner().repeated
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_passed_on_waits_for_those_who_look_at_escalated() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.claim_in("held", "ada", 1).await.remove(0);
    assert_eq!(reason(&newsroom.escalate("bob", &id(&item)).await.unwrap_err()), aborted("CLAIMED_BY_ANOTHER"));
    let escalated = newsroom.escalate("ada", &id(&item)).await.unwrap();
    assert_eq!((escalated.queue.as_str(), escalated.claim), ("escalated", None), "her claim has ended");
    let escalation = escalated.escalation.unwrap();
    assert_eq!((escalation.moderator_id.as_str(), escalation.note.as_str()), ("ada", "Ask the lawyers."));
    assert_eq!(newsroom.waiting().await, [("escalated".to_owned(), 1), ("held".to_owned(), 2)]);
    assert_eq!(reason(&newsroom.escalate("bob", &id(&item)).await.unwrap_err()), aborted("ALREADY_ESCALATED"));
    // A report doesn't take it away from them.
    let (comment_id, reporter_id) = (id(&item), "r1".to_owned());
    let report = pb::ReportCommentRequest { comment_id, reporter_id, reason: "rude".into(), ..Default::default() };
    newsroom.review.report_comment(report).await.unwrap();
    let claimed = newsroom.claim_in("escalated", "eve", 5).await;
    assert_eq!((ids(&claimed), claimed[0].open_reports), (vec![id(&item)], 1));
    let settled = newsroom.settle("eve", &claimed[0], Verdict::Reject).await.unwrap();
    assert_eq!(settled.item.unwrap().escalation, None);
    assert_eq!(reason(&newsroom.escalate("ada", &id(&item)).await.unwrap_err()), aborted("ITEM_NOT_WAITING"));
    newsroom.undo(settled.action_id).await;
    let item = newsroom.item(&id(&item)).await;
    assert_eq!((item.queue.as_str(), item.escalation.is_some(), item.open_reports), ("escalated", true, 1));
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_are_for_other_moderators_and_change_nothing_about_the_comment() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.claim_in("held", "ada", 1).await.remove(0);
    assert!(!newsroom.note("bob", &id(&item), "Seen this author before.", "note-1").await);
    assert!(newsroom.note("bob", &id(&item), "Seen this author before.", "note-1").await, "once is enough");
    assert!(!newsroom.note("eve", &id(&item), "So have I.", "").await);
    let found = newsroom.dossier(&id(&item)).await;
    let notes: Vec<_> = found.notes.iter().map(|note| (note.moderator_id.as_str(), note.text.as_str())).collect();
    assert_eq!(notes, [("eve", "So have I."), ("bob", "Seen this author before.")]);
    assert_eq!((found.item.as_ref().unwrap().notes, found.item.unwrap().version), (2, item.version));
    newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    assert!(!newsroom.note("ada", &id(&item), "Wrote to the author.", "").await, "what is settled has notes too");

    let blank = pb::AddNoteRequest { text: " ".into(), ..Default::default() };
    let refused = newsroom.review.add_note(blank).await.unwrap_err();
    let fields = |status: &Status| -> Vec<String> {
        let bad = status.get_details_bad_request().unwrap().field_violations;
        bad.into_iter().map(|violation| violation.field).collect()
    };
    assert_eq!(fields(&refused), ["comment_id", "moderator_id", "text"]);
    let long = pb::EscalateItemRequest { note: "ä".repeat(2001), ..Default::default() };
    let refused = newsroom.review.escalate_item(long).await.unwrap_err();
    assert_eq!(fields(&refused), ["comment_id", "moderator_id", "note"]);

    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    assert_eq!(newsroom.dossier(&id(&item)).await.notes.len(), 3, "they outlive the server");
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_sees_all_that_a_ruling_needs() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    newsroom.submit("nice", "What a lovely garden.", Outcome::Publish).await;
    let mut answer = comment("garden", "c9", HELD[0]);
    answer.parent_id = "nice".into();
    newsroom.site.submit_comment(answer.clone()).await.unwrap();
    answer.text = HELD[1].into();
    newsroom.site.submit_comment(answer).await.unwrap();
    for (id, verdict) in [("c0", Verdict::Approve), ("c1", Verdict::Reject)] {
        let item = newsroom.item(id).await;
        newsroom.settle("ada", &item, verdict).await.unwrap();
    }
    let item = newsroom.item("c2").await;
    let taken_back = newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    newsroom.undo(taken_back.action_id).await;

    let found = newsroom.dossier("c9").await;
    let text = |revision: &pb::Revision| revision.comment.as_ref().unwrap().text.clone();
    assert_eq!(text(found.item.as_ref().unwrap().revision.as_ref().unwrap()), HELD[1]);
    assert_eq!(found.earlier_revisions.iter().map(text).collect::<Vec<_>>(), [HELD[0]]);
    assert_eq!(found.revisions_omitted, 0);
    let parent = found.parent.unwrap();
    assert_eq!(text(&parent), "What a lovely garden.");
    assert_eq!(parent.decision.unwrap().outcome(), Outcome::Publish);
    assert_eq!(found.author, Some(pb::AuthorRecord { published: 2, held: 2, rejected: 1 }));
    let verdicts: Vec<_> = found
        .author_verdicts
        .iter()
        .map(|ruled| (ruled.comment_id.as_str(), ruled.verdict(), ruled.moderator_id.as_str(), ruled.reason.as_str()))
        .collect();
    let expected = [("c1", Verdict::Reject, "ada", "civility"), ("c0", Verdict::Approve, "ada", "civility")];
    assert_eq!(verdicts, expected, "the latest first, and none that was taken back");
    // An edit doesn't wipe the slate.
    newsroom.submit("c1", "You are right, I was wrong.", Outcome::Publish).await;
    assert_eq!(newsroom.dossier("c9").await.author_verdicts.len(), 2);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn however_much_there_is_an_answer_is_no_larger_than_clients_read() {
    // Straight into the store: so much text takes long to score.
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(&dir.path().join("data"), Options::default(), &|_| {}).unwrap();
    let text = |number: u32| format!("{number} {}", "green grass ".repeat(80_000));
    for (id, revisions) in [("p", 1), ("c", 4)] {
        for revision in 1..=revisions {
            let mut comment = conformance::comment(id, "garden", Some("reader-1"), &text(revision));
            comment.site_id = SiteId::new("default");
            comment.parent_id = (id == "c").then(|| CommentId::new("p"));
            store.record(conformance::record(comment, domain::Outcome::Publish)).await.unwrap();
        }
    }
    store.close().await.unwrap();
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    for number in 0..51 {
        newsroom.note("ada", "c", &"ä".repeat(2000), &format!("note-{number}")).await;
    }
    // A client that reads 4 MiB, as clients do by default, gets it.
    let found = newsroom.dossier("c").await;
    assert_eq!((found.notes.len(), found.item.unwrap().notes), (50, 51), "the latest ones");
    assert!(found.parent.is_some());
    assert_eq!(found.revisions_omitted as usize + found.earlier_revisions.len(), 3);
    assert!(found.revisions_omitted > 0);
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_hears_of_all_of_it_without_a_word_of_what_was_written() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.item("c0").await;
    newsroom.note("ada", "c0", "SECRET", "").await;
    let (comment_id, text) = ("c0".to_owned(), "SECRET".to_owned());
    let (reporter_id, reason) = ("r1".to_owned(), "rude".to_owned());
    let report = pb::ReportCommentRequest { comment_id, text, reporter_id, reason, ..Default::default() };
    newsroom.review.report_comment(report).await.unwrap();
    newsroom.settle("ada", &item, Verdict::Reject).await.unwrap();
    let (comment_id, text) = ("c0".to_owned(), "SECRET".to_owned());
    let appeal = pb::AppealDecisionRequest { comment_id, text, ..Default::default() };
    newsroom.review.appeal_decision(appeal).await.unwrap();
    let (comment_id, note) = ("c0".to_owned(), "SECRET".to_owned());
    let escalate = pb::EscalateItemRequest { comment_id, note, moderator_id: "ada".into(), ..Default::default() };
    newsroom.review.escalate_item(escalate).await.unwrap();
    let watch = pb::WatchEventsRequest { after_seq: 6, ..Default::default() };
    let mut events = newsroom.review.watch_events(watch).await.unwrap().into_inner();
    let mut told = Vec::new();
    for _ in 0..6 {
        let event = events.message().await.unwrap().unwrap();
        assert!(!format!("{event:?}").contains("SECRET"));
        told.push((said(&event), event.moderator_id));
    }
    let expected = [
        ("noted", "ada"),
        ("reported for rude", ""),
        ("settled Reject civility", "ada"),
        ("Reject", "ada"),
        ("appealed", ""),
        ("escalated", "ada"),
    ];
    let told: Vec<_> = told.iter().map(|(event, moderator)| (event.as_str(), moderator.as_str())).collect();
    assert_eq!(told, expected);
    newsroom.server.stop().await;
}
