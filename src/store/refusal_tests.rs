//! The whole engine on a disk that refuses: nobody is promised what is not there, and it works again by itself.

use super::journal::tests::Moody;
use super::{EmbeddedStore, Error, Options, Store, conformance};
use crate::domain::{ErrorKind, Outcome};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusing_disk_is_told_at_once_and_works_again_when_there_is_room() {
    for operations in [0, 1, 2, 7] {
        let (dir, disk) = (tempfile::tempdir().unwrap(), Moody::patient());
        let options = || Options { batch_max: 4, segment_bytes: 4_000, cache_bytes: 16 << 20, ..Options::default() };
        let open = || EmbeddedStore::open_on(Box::new(disk.clone()), dir.path(), options(), &|_| {}).unwrap();
        let store = Arc::new(open());
        let mut promised = BTreeMap::new();
        let mut refused = 0;
        for phase in 0..3 {
            match phase {
                1 => disk.refuse_after(operations),
                _ => disk.calm_down(),
            }
            let writes = (0..40).map(|number| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let (id, text) = (format!("{phase}-{number}"), format!("text {phase} {number}"));
                    let comment = conformance::comment(&id, "a", Some("u"), &text);
                    (id, text, store.record(conformance::record(comment, Outcome::Hold)).await)
                })
            });
            for write in writes.collect::<Vec<_>>() {
                match write.await.unwrap() {
                    (id, text, Ok(recorded)) => {
                        assert!(!recorded.repeated);
                        promised.insert(id, text);
                    }
                    (_, _, Err(error)) => {
                        assert_eq!(phase, 1, "{error}");
                        let expected =
                            ErrorKind::Unavailable { reason: "STORE_UNAVAILABLE", retry_after: Duration::from_secs(5) };
                        assert_eq!(error.kind(), expected);
                        refused += 1;
                    }
                }
            }
        }
        assert!(refused > 0, "{operations}: nothing was refused");
        assert!(promised.len() >= 80);
        for reopened in [false, true] {
            let store = if reopened {
                store.close().await.unwrap();
                Arc::new(open())
            } else {
                Arc::clone(&store)
            };
            for phase in 0..3 {
                for number in 0..40 {
                    let id = format!("{phase}-{number}");
                    assert_eq!(conformance::newest_text(&*store, &id).await.as_ref(), promised.get(&id), "{id}");
                }
            }
            store.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn one_write_more_than_may_wait_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { queue_max: 3, batch_max: 1, cache_bytes: 16 << 20, ..Options::default() };
    let store = Arc::new(EmbeddedStore::open(dir.path(), options, &|_| {}).unwrap());
    // On one thread nobody waits for an answer before all have asked, and the writer cannot take on many meanwhile.
    let writes: Vec<_> = (0..200)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let comment = conformance::comment(&format!("c{number}"), "a", None, "text");
                store.record(conformance::record(comment, Outcome::Hold)).await
            })
        })
        .collect();
    let mut full = 0;
    for (number, write) in writes.into_iter().enumerate() {
        let there = conformance::newest_text(&*store, &format!("c{number}")).await.is_some();
        match write.await.unwrap() {
            Ok(_) => {}
            Err(error @ Error::QueueFull { waiting: 3 }) => {
                let reason = "WRITER_QUEUE_FULL";
                assert_eq!(error.kind(), ErrorKind::Overloaded { reason, retry_after: Duration::from_millis(100) });
                assert!(!there);
                full += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!((1..=197).contains(&full), "{full} were refused");
    store.close().await.unwrap();
}
