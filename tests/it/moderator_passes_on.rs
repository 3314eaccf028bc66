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
        let escalated = self.review.escalate_item(request).await?.into_inner();
        let item = escalated.item.unwrap();
        assert_eq!(item.escalation.as_ref().unwrap().action_id, escalated.action_id);
        Ok(item)
    }

    async fn recall(&mut self, moderator_id: &str, action_id: u64) -> Result<bool, Status> {
        let (moderator_id, request_id) = (moderator_id.to_owned(), format!("recall-{action_id}"));
        let request = pb::UndoActionRequest { moderator_id, action_id, request_id, ..Default::default() };
        let undone = self.review.undo_action(request).await?.into_inner();
        assert_eq!((undone.items, undone.items_left), (1, 0));
        Ok(undone.repeated)
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
async fn passing_on_is_taken_back_where_nothing_has_come_after_it() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let before = newsroom.item("c0").await;
    let action = |item: &pb::ReviewItem| item.escalation.as_ref().unwrap().action_id;
    let first = action(&newsroom.escalate("ada", "c0").await.unwrap());
    newsroom.claim_in("escalated", "eve", 1).await;
    assert_eq!(reason(&newsroom.recall("bob", first).await.unwrap_err()), aborted("CLAIMED_BY_ANOTHER"));
    assert!(!newsroom.recall("eve", first).await.unwrap(), "who holds it may");
    assert!(newsroom.recall("eve", first).await.unwrap(), "once is enough");
    assert_eq!(newsroom.item("c0").await, before, "it waits where it waited, and its version is the same");
    assert_eq!(newsroom.waiting().await, [("held".to_owned(), 3)]);
    assert_eq!(reason(&newsroom.recall("bob", first).await.unwrap_err()), aborted("NOTHING_TO_UNDO"));
    // It can be passed on again; what readers report meanwhile is as urgent as it would have been.
    let second = action(&newsroom.escalate("bob", "c0").await.unwrap());
    let (comment_id, reporter_id, why) = ("c0".to_owned(), "r1".to_owned(), "rude".to_owned());
    let report = pb::ReportCommentRequest { comment_id, reporter_id, reason: why, ..Default::default() };
    newsroom.review.report_comment(report).await.unwrap();
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    assert!(!newsroom.recall("ada", second).await.unwrap());
    assert_eq!(newsroom.waiting().await, [("reported".to_owned(), 1), ("held".to_owned(), 2)]);
    let history = pb::get_history_request::Of::CommentId("c0".into());
    let history = pb::GetHistoryRequest { of: Some(history), page_size: 1, ..Default::default() };
    let told = newsroom.review.get_history(history).await.unwrap().into_inner().events;
    assert_eq!(said(&told[0]), format!("escalation undone {second}"));
    // A verdict, or an edit, comes after it.
    let third = newsroom.escalate("ada", "c1").await.unwrap();
    newsroom.settle("eve", &third, Verdict::Approve).await.unwrap();
    assert_eq!(reason(&newsroom.recall("ada", action(&third)).await.unwrap_err()), aborted("NOTHING_TO_UNDO"));
    let fourth = newsroom.escalate("ada", "c2").await.unwrap();
    newsroom.submit("c2", "You are right, I was wrong.", Outcome::Publish).await;
    assert_eq!(reason(&newsroom.recall("ada", action(&fourth)).await.unwrap_err()), aborted("NOTHING_TO_UNDO"));
    assert_eq!(newsroom.item("c2").await.queue, "escalated");
    newsroom.server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_written_with_the_verdict_or_neither_is() {
    let mut newsroom = Newsroom::with_held(TestServer::start().await).await;
    let item = newsroom.item("c0").await;
    let settle = |version, note: &str| pb::SettleItemRequest {
        comment_id: "c0".into(),
        moderator_id: "ada".into(),
        version,
        verdict: Verdict::Reject.into(),
        request_id: "settle-1".into(),
        note: note.into(),
        ..Default::default()
    };
    let refused = newsroom.review.settle_item(settle(item.version - 1, "Seen before.")).await.unwrap_err();
    assert_eq!(reason(&refused), aborted("STALE_VERSION"));
    assert_eq!(newsroom.item("c0").await.notes, 0);
    for wrong in [" ".to_owned(), "ä".repeat(2001)] {
        let refused = newsroom.review.settle_item(settle(item.version, &wrong)).await.unwrap_err();
        assert_eq!(refused.get_details_bad_request().unwrap().field_violations[0].field, "note");
    }
    let settled = newsroom.review.settle_item(settle(item.version, "Seen before.")).await.unwrap().into_inner();
    assert_eq!((settled.repeated, settled.item.unwrap().notes), (false, 1));
    let again = newsroom.review.settle_item(settle(item.version, "Seen before.")).await.unwrap().into_inner();
    assert_eq!((again.repeated, again.item.unwrap().notes), (true, 1), "one verdict, one note");
    let history = pb::get_history_request::Of::CommentId("c0".into());
    let history = pb::GetHistoryRequest { of: Some(history), page_size: 3, ..Default::default() };
    let told = newsroom.review.get_history(history).await.unwrap().into_inner().events;
    assert_eq!(told.iter().map(said).collect::<Vec<_>>(), ["noted", "Reject", "settled Reject "]);
    newsroom.undo(settled.action_id).await;
    assert_eq!(newsroom.dossier("c0").await.notes[0].text, "Seen before.", "it stays");

    // Of many, each has one.
    let author = pb::AuthorOnArticle { author_id: "reader-1".into(), article_id: "garden".into() };
    let many = pb::SettleManyRequest {
        which: Some(pb::settle_many_request::Which::Author(author)),
        moderator_id: "ada".into(),
        verdict: Verdict::Reject.into(),
        request_id: "many-1".into(),
        note: "All of a kind.".into(),
        ..Default::default()
    };
    let done = newsroom.review.settle_many(many.clone()).await.unwrap().into_inner();
    assert_eq!((done.items, done.repeated), (3, false));
    assert!(newsroom.review.settle_many(many).await.unwrap().into_inner().repeated);
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    for (id, notes) in [("c0", 2), ("c1", 1), ("c2", 1)] {
        let found = newsroom.dossier(id).await.notes;
        assert_eq!((found.len(), found[0].text.as_str()), (notes, "All of a kind."));
    }
    // The words of one go with its comment, and leave the others' alone.
    let erase = pb::EraseCommentRequest { comment_id: "c1".into(), moderator_id: "ada".into(), ..Default::default() };
    newsroom.review.erase_comment(erase).await.unwrap();
    assert_eq!(newsroom.dossier("c1").await.notes[0].text, "");
    let dir = newsroom.server.stop().await;
    let mut newsroom = Newsroom::new(TestServer::start_in(dir, "").await).await;
    assert_eq!(newsroom.dossier("c2").await.notes[0].text, "All of a kind.");
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
    let decision = found.item.as_ref().unwrap().revision.as_ref().unwrap().decision.clone().unwrap();
    let why = decision.reasons.iter().find(|reason| reason.attribute == "INSULT").unwrap();
    assert_eq!((why.code.as_str(), why.score), ("HOLD_THRESHOLD", Some(decision.scores["INSULT"])));
    assert!(why.threshold.is_some_and(|threshold| threshold <= decision.scores["INSULT"]));
    let quoted: Vec<&str> = why.spans.iter().map(|span| &HELD[1][span.begin as usize..span.end as usize]).collect();
    assert!(quoted.contains(&"fool"), "{quoted:?}");
    assert_eq!(decision.scores.len(), domain::Attribute::COUNT);
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
