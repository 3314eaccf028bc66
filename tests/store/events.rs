//! Whoever follows events gets each once, in order, however many segments they lie in.

use crate::support::{TempPlace, open};
use ombud::domain::{Event, Outcome};
use ombud::store::{Error, Events, Numbered, Store, conformance};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

const COMMENTS: u64 = 300;

async fn submit(store: &impl Store, number: u64) {
    let comment = conformance::comment(&format!("c{number}"), "a", None, &"words ".repeat(30));
    store.record(conformance::record(comment, Outcome::Hold)).await.unwrap();
}

/// Reads until the event of that number has come.
async fn read_to(events: &mut dyn Events, last_seq: u64) -> Vec<Numbered> {
    let mut read: Vec<Numbered> = Vec::new();
    while read.last().is_none_or(|event| event.seq < last_seq) {
        read.extend(events.next().await.unwrap());
    }
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_are_followed_from_any_number_while_they_come() {
    let dir = TempPlace::new();
    let store = Arc::new(open(dir.path()).unwrap());
    let last_seq = COMMENTS * 2;
    let follow = |after_seq: u64| {
        let mut events = store.events(after_seq);
        tokio::spawn(async move { read_to(&mut *events, last_seq).await })
    };
    let early = [follow(0), follow(1), follow(last_seq / 2)];
    for number in 0..COMMENTS {
        submit(&*store, number).await;
    }
    let late = [follow(0), follow(last_seq - 1)];
    assert!(std::fs::read_dir(dir.path().join("journal")).unwrap().count() > 5, "the journal has many segments");
    let from = [0, 1, last_seq / 2, 0, last_seq - 1];
    for (read, after_seq) in early.into_iter().chain(late).zip(from) {
        let read = read.await.unwrap();
        assert!(read.iter().map(|event| event.seq).eq(after_seq + 1..=last_seq), "from {after_seq}");
        for event in read {
            let number = (event.seq - 1) / 2;
            assert_eq!(event.event.comment().unwrap().1.as_str(), format!("c{number}"));
            assert_eq!(matches!(event.event, Event::CommentSubmitted { .. }), event.seq % 2 == 1);
        }
    }
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn following_goes_on_after_a_restart_and_ends_with_the_store() {
    let dir = TempPlace::new();
    let store = open(dir.path()).unwrap();
    submit(&store, 0).await;
    store.close().await.unwrap();
    let mut events = store.events(0);
    assert_eq!(read_to(&mut *events, 2).await.len(), 2, "what happened can be read to its end");
    assert!(matches!(events.next().await, Err(Error::Closed)));
    let store = Arc::new(open(dir.path()).unwrap());
    let mut events = store.events(1);
    assert_eq!(events.next().await.unwrap()[0].seq, 2);
    // Nothing more has happened yet.
    assert!(timeout(Duration::from_millis(50), events.next()).await.is_err());
    // A number that hasn't been reached is waited for.
    let mut ahead = store.events(3);
    submit(&*store, 1).await;
    assert_eq!(events.next().await.unwrap().iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(ahead.next().await.unwrap()[0].seq, 4);
    // The last number of all is never reached.
    assert!(timeout(Duration::from_millis(50), store.events(u64::MAX).next()).await.is_err());
    let waiting = tokio::spawn(async move { events.next().await });
    store.close().await.unwrap();
    assert!(matches!(waiting.await.unwrap(), Err(Error::Closed)));
}
