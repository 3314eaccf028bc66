//! What was acknowledged survives a kill.
//!
//! This program starts itself again as a child that writes, claims, rules and erases, and prints each acknowledged revision,
//! verdict and erasure, kills it at a random moment, opens the directory and looks for every printed one: what was erased is
//! in no byte of the journal, and nothing else is gone. Then the next round goes on in the same directory. The seed is printed; `OMBUD_CRASH_SEED` repeats it and `OMBUD_CRASH_ROUNDS` sets how many rounds.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]
#![allow(
    clippy::print_stdout,
    reason = "a test without a harness reports itself, and the child prints what it was promised"
)]

use ombud::domain::{
    AuthorId, CommentId, DecisionSource, ModeratorId, Outcome, QueueId, SiteId, Timestamp,
    review::{Act, Command as Ruling, Order, Queue, Verdict},
};
use ombud::store::{EmbeddedStore, Erase, ItemQuery, ListBy, OnItem, Options, Store, conformance};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

const WRITERS: usize = 8;
const CHILD: &str = "OMBUD_CRASH_CHILD";
const ROUND: &str = "OMBUD_CRASH_ROUND";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Some(dir) = env::var_os(CHILD) {
        let round = env::var(ROUND).unwrap();
        runtime.block_on(write_until_killed(Path::new(&dir), &round));
        return;
    }
    // Whoever lists tests, lists this one.
    if env::args().any(|argument| argument == "--list") {
        if !env::args().any(|argument| argument == "--ignored") {
            println!("acknowledged_comments_survive_a_kill: test");
        }
        return;
    }
    let number = |name| env::var(name).ok().and_then(|value| value.parse().ok());
    let seed = number("OMBUD_CRASH_SEED").unwrap_or_else(rand::random);
    let rounds = number("OMBUD_CRASH_ROUNDS").unwrap_or(50);
    println!("OMBUD_CRASH_SEED={seed}, {rounds} rounds");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    for round in 0..rounds {
        let patience = Duration::from_millis(random.gen_range(1..400));
        let before = acknowledged.revisions.len();
        write_and_kill(dir.path(), round, patience, &mut acknowledged);
        runtime.block_on(check(dir.path(), round, &acknowledged));
        if round % 10 == 9 {
            println!(
                "round {round}: {} comments and {} verdicts acknowledged, {} comments in this round",
                acknowledged.revisions.len(),
                acknowledged.ruled.len(),
                acknowledged.revisions.len() - before
            );
        }
    }
    let (comments, verdicts) = (acknowledged.revisions.len(), acknowledged.ruled.len());
    let erased = acknowledged.erased.len();
    println!("none of {comments} acknowledged comments, {verdicts} verdicts and {erased} erasures was lost");
    assert!(
        rounds < 20 || comments > 500 && verdicts > 200 && erased > 50,
        "hardly anything was written, so hardly anything was tested"
    );
}

/// What children printed.
#[derive(Default)]
struct Acknowledged {
    /// Each comment's newest revision.
    revisions: BTreeMap<String, u32>,
    /// The comments that were approved.
    ruled: BTreeSet<String>,
    /// The comments that were erased.
    erased: BTreeSet<String>,
}

fn open(dir: &Path) -> EmbeddedStore {
    let options = Options {
        segment_bytes: 256 << 10,
        cache_bytes: 16 << 20,
        flush_every: Duration::from_millis(40),
        compact_after: Duration::from_millis(150),
        ..Options::default()
    };
    EmbeddedStore::open(dir, options, &|_| {}).unwrap()
}

fn text(id: &str, revision: u32) -> String {
    format!("{id} says for the {revision}. time: {}", "so it is. ".repeat(revision as usize * 7 % 40))
}

/// Returns whether a comment is one that the child erases in the end.
fn is_erased(id: &str) -> bool {
    id.rsplit_once('-').and_then(|(_, number)| number.parse::<u32>().ok()).is_some_and(|number| number % 4 == 1)
}

/// Erases a comment, and waits until the journal has none of its words.
async fn erase(store: &EmbeddedStore, id: &str, moderator: &str) {
    let (site_id, comments) = (SiteId::new("s"), vec![CommentId::new(id)]);
    let erase = Erase { site_id, comments, moderator_id: ModeratorId::new(moderator), now: Timestamp::from_micros(0) };
    assert_eq!(store.erase(erase).await.unwrap().comments, 1);
    store.finish_erasures().await.unwrap();
}

/// Lists the comments whose words are in any file of the journal.
fn ids_in_journal(dir: &Path) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for entry in std::fs::read_dir(dir.join("journal")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for (at, _) in text.match_indices(" says for the ") {
            let before = text[..at].rsplit(|c: char| !c.is_ascii_digit() && c != '-').next();
            ids.extend(before.map(str::to_owned));
        }
    }
    ids
}

/// Claims a comment and approves it.
async fn rule(store: &EmbeddedStore, id: &str, moderator: &str) {
    let (site_id, comment_id) = (SiteId::new("s"), CommentId::new(id));
    let now = Timestamp::from_micros(0);
    let verdict = Verdict { approved: true, labels: Vec::new(), reason: String::new() };
    let mut seen = 0;
    for claims in [true, false] {
        let act = if claims {
            Act::Claim { expires_at: Timestamp::from_micros(1) }
        } else {
            Act::Settle { version: seen, verdict: verdict.clone(), note: None }
        };
        let command = Ruling { moderator_id: ModeratorId::new(moderator), request_id: None, act, now };
        let (site_id, comment_id) = (site_id.clone(), comment_id.clone());
        seen = store.on_item(OnItem { site_id, comment_id, command }).await.unwrap().head.review.version;
    }
}

/// Writes and prints `id revision` whenever one was acknowledged, `id V` for a verdict and `id E` for an erasure. Every third
/// comment is edited twice, every second one approved, every fourth erased.
async fn write_until_killed(dir: &Path, round: &str) {
    let store = Arc::new(open(dir));
    let tasks: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, round) = (Arc::clone(&store), round.to_owned());
            tokio::spawn(async move {
                let author = format!("{round}-{writer}");
                for number in 0_u32.. {
                    let id = format!("{author}-{number}");
                    for revision in 1..=if number % 3 == 0 { 3 } else { 1 } {
                        let comment = conformance::comment(&id, "a", Some(&author), &text(&id, revision));
                        store.record(conformance::record(comment, Outcome::Hold)).await.unwrap();
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "{id} {revision}").and_then(|()| out.flush()).unwrap();
                    }
                    if number % 2 == 0 {
                        rule(&store, &id, &author).await;
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "{id} V").and_then(|()| out.flush()).unwrap();
                    }
                    if is_erased(&id) {
                        erase(&store, &id, &author).await;
                        let mut out = std::io::stdout().lock();
                        writeln!(out, "{id} E").and_then(|()| out.flush()).unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Starts a child, kills it when patience ends, and notes what it printed.
fn write_and_kill(dir: &Path, round: u64, patience: Duration, acknowledged: &mut Acknowledged) {
    let mut child = Command::new(env::current_exe().unwrap())
        .env(CHILD, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let printed = BufReader::new(child.stdout.take().unwrap());
    let (line_to, lines) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in printed.lines() {
            line_to.send(line.unwrap()).unwrap();
        }
    });
    let mut note = |line: String| {
        // The last line may have been cut short by the kill.
        match line.split_once(' ') {
            Some((id, "V")) => drop(acknowledged.ruled.insert(id.to_owned())),
            Some((id, "E")) => drop(acknowledged.erased.insert(id.to_owned())),
            Some((id, revision)) if revision.len() == 1 => {
                acknowledged.revisions.insert(id.to_owned(), revision.parse().unwrap());
            }
            _ => {}
        }
    };
    // Most rounds count from the first acknowledgement on; the others may be killed while they open.
    if !round.is_multiple_of(5) {
        lines.recv_timeout(Duration::from_secs(30)).into_iter().for_each(&mut note);
    }
    let deadline = Instant::now() + patience;
    while let Ok(line) = lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        note(line);
    }
    assert!(child.try_wait().unwrap().is_none(), "the child ended before it was killed");
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    lines.iter().for_each(note);
}

/// Opens the directory and finds every acknowledged revision, and the same comments in lists.
async fn check(dir: &Path, round: u64, acknowledged: &Acknowledged) {
    let store = open(dir);
    // Earlier rounds were checked before; a sample of them shows that nothing happened to them since.
    let ours = format!("{round}-");
    let Acknowledged { revisions: acknowledged, ruled, erased } = acknowledged;
    let in_journal = ids_in_journal(dir);
    // Whoever was told has no word left there; opening finishes what nobody was told, too.
    assert_eq!(erased.iter().find(|id| in_journal.contains(*id)), None, "erased words are in the journal");
    let of_interest = acknowledged.iter().enumerate().filter(|(at, (id, _))| at % 23 == 0 || id.starts_with(&ours));
    for (_, (id, revision)) in of_interest {
        let stored = store.comment(&SiteId::new("s"), &CommentId::new(id.as_str()), usize::MAX).await.unwrap();
        let stored = stored.unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
        assert!(stored.revisions.len() >= *revision as usize, "{id}: revision {revision} was acknowledged and is gone");
        let is_gone = stored.revisions[0].erased_at.is_some();
        assert!(is_gone || !erased.contains(id), "{id}: an erasure was acknowledged and is gone");
        assert!(!is_gone || is_erased(id), "{id}: nobody wanted this erased");
        assert_eq!(in_journal.contains(id), !is_gone, "{id}: all of its words go, or none");
        for stored in &stored.revisions {
            assert_eq!(stored.comment.text, if is_gone { String::new() } else { text(id, stored.number) });
            if stored.decision.source != DecisionSource::Moderator {
                let mut decision = conformance::decision(Outcome::Hold);
                if is_gone {
                    // Places in a text that is gone say nothing.
                    decision.reasons.iter_mut().for_each(|reason| reason.spans.clear());
                }
                assert_eq!(stored.decision, decision);
            }
        }
        let newest = &stored.revisions[stored.revisions.len() - 1].decision;
        assert!(
            !ruled.contains(id) || newest.outcome == Outcome::Publish,
            "{id}: a verdict was acknowledged and is gone"
        );
    }
    check_queue(&store, ruled).await;
    for writer in 0..WRITERS {
        let author = format!("{round}-{writer}");
        let mut listed = Vec::new();
        let mut before = None;
        loop {
            let page = conformance::page(&store, ListBy::Author(AuthorId::new(author.as_str())), before, 100).await;
            listed.extend(page.comments);
            before = page.next_before_seq;
            if before.is_none() {
                break;
            }
        }
        let expected = acknowledged.range(format!("{author}-")..format!("{author}.")).count();
        // The comment that was being written when the kill came may be there or not.
        assert!((expected..=expected + 1).contains(&listed.len()), "{author}: {expected}, listed {}", listed.len());
        for (position, revision) in listed.iter().rev().enumerate() {
            let id = format!("{author}-{position}");
            assert_eq!(revision.comment.comment_id.as_str(), id);
            let is_gone = revision.erased_at.is_some();
            assert_eq!(revision.comment.text, if is_gone { String::new() } else { text(&id, revision.number) });
        }
    }
    store.close().await.unwrap();
}

/// Finds nothing in the queue that was ruled on, and everything that the counts say.
async fn check_queue(store: &EmbeddedStore, ruled: &BTreeSet<String>) {
    let (mut waiting, mut after) = (0, None);
    // No claim holds as late as this.
    let now = Timestamp::from_micros(1);
    loop {
        let (site_id, queue, order) = (SiteId::new("s"), Queue::Held, Order::Oldest);
        let page = store
            .items(ItemQuery {
                site_id,
                queue: QueueId::Review(queue),
                order,
                after,
                limit: 500,
                bytes_max: usize::MAX,
                now,
            })
            .await;
        let page = page.unwrap();
        for head in &page.items {
            assert_eq!(head.current.decision.outcome, Outcome::Hold);
            assert!(!ruled.contains(head.current.comment.comment_id.as_str()), "settled and queued");
        }
        waiting += page.items.len();
        after = page.next_after;
        if after.is_none() {
            break;
        }
    }
    let queues = store.queues(&SiteId::new("s"), now).await.unwrap();
    let summary = queues.into_iter().find(|summary| summary.queue == QueueId::Review(Queue::Held)).unwrap();
    assert_eq!((summary.items, summary.claimed), (waiting as u64, 0), "claims of the dead end by themselves");
}
