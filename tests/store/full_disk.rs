//! A disk without room, played by a limit on file sizes: nothing is promised that is not there, and when there is room
//! again the same process works again.

#![cfg(target_os = "linux")]

use crate::support::{Acknowledged, TempPlace, check_all_there, open};
use ombud::domain::Outcome;
use ombud::store::{EmbeddedStore, Error, Options, Store, conformance};
use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

const DIR: &str = "OMBUD_FULL_DISK_DIR";
const SEGMENT: &str = "OMBUD_FULL_DISK_SEGMENT";

/// The state database runs against the limit, the journal's small segments do not.
#[tokio::test]
async fn a_full_disk_under_the_state_is_survived() {
    fill_the_disk(16 << 10).await;
}

/// The journal's only segment runs against the limit as well.
#[tokio::test]
async fn a_full_disk_under_the_journal_is_survived() {
    fill_the_disk(64 << 20).await;
}

async fn fill_the_disk(segment_bytes: u64) {
    let dir = TempPlace::new();
    // A shell that ignores the signal for too large files passes that on: writing gives an error instead.
    let script = "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" --exact full_disk::child --nocapture";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .arg(env::current_exe().unwrap())
        .env(DIR, dir.path())
        .env(SEGMENT, segment_bytes.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = Acknowledged::new();
    let (mut refused, mut again, mut done) = (false, 0, false);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        match line.split_once("disk: ").map(|(_, said)| said) {
            Some("refused") => {
                refused = true;
                let pid = child.id().to_string();
                let raised = Command::new("prlimit").args(["--fsize=unlimited:", "--pid", &pid]).status();
                assert!(raised.unwrap().success());
            }
            Some("done") => done = true,
            Some(id) => {
                again += usize::from(refused);
                acknowledged.insert(id.into(), vec![text(id)]);
            }
            None => {}
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(refused && done && again >= 50, "refused {refused}, done {done}, {again} afterwards");
    let store = open(dir.path()).unwrap();
    check_all_there(&store, &acknowledged).await;
    store.close().await.unwrap();
}

fn text(id: &str) -> String {
    format!("{id}: {}", "so it is. ".repeat(200))
}

async fn record(store: &EmbeddedStore, id: &str) -> Result<(), Error> {
    let comment = conformance::comment(id, "a", Some("u"), &text(id));
    store.record(conformance::record(comment, Outcome::Hold)).await.map(drop)
}

/// Only does something when it is started by the tests above.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Some(dir) = env::var_os(DIR) else { return };
    let segment_bytes = env::var(SEGMENT).unwrap().parse().unwrap();
    let options =
        Options { segment_bytes, cache_bytes: 16 << 20, flush_every: Duration::from_millis(30), ..Options::default() };
    let store = EmbeddedStore::open(Path::new(&dir), options, &|_| {}).unwrap();
    let mut acknowledged = Acknowledged::new();
    let mut number = 0;
    let mut refusals = 0;
    let mut since = 0;
    let mut patience = tokio::time::interval(Duration::from_millis(20));
    // Every id is tried until it is acknowledged, so the lists have no gaps.
    while since < 50 {
        let id = format!("c{number}");
        match record(&store, &id).await {
            Ok(()) => {
                println!("disk: {id}");
                acknowledged.insert(id.clone(), vec![text(&id)]);
                number += 1;
                // Some writes may get through while the disk is full; those count that come when there is room.
                since += u32::from(refusals >= 5);
                assert!(number < 20_000, "the disk never was full");
            }
            Err(Error::Unavailable { .. }) => {
                refusals += 1;
                // Stays full for some attempts before there is room.
                if refusals == 5 {
                    println!("disk: refused");
                }
                assert!(refusals < 2_000, "it never works again");
                patience.tick().await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    check_all_there(&store, &acknowledged).await;
    store.close().await.unwrap();
    println!("disk: done");
}
