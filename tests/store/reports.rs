//! Many readers report one comment.

use crate::support::{TempPlace, open, open_again};
use ombud::domain::{
    ModeratorId, Outcome, ReporterId, Timestamp, Words,
    report::{Effect, REPORTS_MAX, Said, Standing},
    review::{Act, Command, Queue, Verdict},
};
use ombud::store::{EmbeddedStore, OnItem, ReportComment, Store, conformance, verify};

const NOW: Timestamp = Timestamp::from_micros(7);

async fn report(store: &EmbeddedStore, reader: u32) -> Effect {
    let comment = conformance::comment("c", "a", None, "text");
    let reporter_id = ReporterId::new(format!("r{reader}"));
    let said = Said { reporter_id, reason: "rude".to_owned(), text: Words::new("It is.") };
    let (site_id, comment_id) = (comment.site_id, comment.comment_id);
    store.report(ReportComment { site_id, comment_id, said, now: NOW }).await.unwrap().effect
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_readers_are_heard_and_one_more_is_not() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    let comment = conformance::comment("c", "a", Some("u"), "text");
    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
    store.record(conformance::record(comment, Outcome::Publish)).await.unwrap();
    // Each twice, at once: a reader counts once.
    let effects = futures_util::future::join_all((0..2 * REPORTS_MAX).map(|one| report(&store, one / 2))).await;
    let counted = effects.iter().filter(|effect| **effect == Effect::Counted).count();
    assert_eq!(counted, REPORTS_MAX as usize);
    assert!(effects.iter().all(|effect| matches!(effect, Effect::Counted | Effect::Repeated)));
    assert_eq!(report(&store, REPORTS_MAX).await, Effect::Enough);
    assert_eq!(report(&store, 0).await, Effect::Repeated);

    let head = store.head(&site_id, &comment_id).await.unwrap().unwrap();
    let item = head.review.item.unwrap();
    assert_eq!((item.queue, head.review.reports.open), (Queue::Reported, REPORTS_MAX));
    assert!((0.999..=1.0).contains(&item.risk), "{}", item.risk);
    assert_eq!(store.beside(&site_id, &comment_id, 50).await.unwrap().reports.len(), 50);
    let verdict = Verdict { approved: false, labels: Vec::new(), reason: String::new() };
    let act = Act::Settle { version: head.review.version, verdict, note: None };
    let command = Command { moderator_id: ModeratorId::new("m"), request_id: None, act, now: NOW };
    store.on_item(OnItem { site_id: site_id.clone(), comment_id: comment_id.clone(), command }).await.unwrap();

    drop(store);
    let store = open_again(dir.path());
    let reports = store.beside(&site_id, &comment_id, usize::MAX).await.unwrap().reports;
    assert_eq!(reports.len(), REPORTS_MAX as usize);
    assert!(reports.iter().all(|report| report.standing == Standing::Upheld));
    store.close().await.unwrap();
    assert!(verify(dir.path(), &|_| {}).unwrap().is_sound());
}
