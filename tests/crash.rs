//! What was acknowledged survives a kill.
//!
//! This program starts itself again as a child that writes, claims, rules, takes back and erases, and prints what it is about to
//! do and what was acknowledged; kills it at a random moment, opens the directory and looks for everything that was printed: what
//! was erased is in no byte of the journal, what was ruled on is ruled on, what waits is queued and can be claimed once, and
//! nothing else is gone. Then the next round goes on in the same directory. The seed is printed; `OMBUD_CRASH_SEED` repeats it
//! and `OMBUD_CRASH_ROUNDS` sets how many rounds.

#![allow(clippy::unwrap_used, reason = "whatever fails here fails the test")]
#![allow(
    clippy::print_stdout,
    reason = "a test without a harness reports itself, and the child prints what it was promised"
)]

use ombud::domain::{
    AuthorId, CommentId, DecisionSource, ModeratorId, Outcome, QueueId, SiteId, Timestamp,
    review::{Act, Command as Ruling, Order, Queue, Verdict},
    submit::CommentHead,
};
use ombud::store::{
    ClaimNext, EmbeddedStore, Erase, ItemQuery, ListBy, ListQuery, OnItem, Options, SettleMany, Store, Together, Undo,
    conformance,
};
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
/// How many claims and verdicts of one writer may be on their way when the kill comes.
const UNDER_WAY_MAX: usize = 4;
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
        let before = acknowledged.len();
        write_and_kill(dir.path(), round, patience, &mut acknowledged);
        runtime.block_on(check(dir.path(), round, &acknowledged));
        if round % 10 == 9 {
            let (comments, verdicts) = (acknowledged.len(), acknowledged.count(Standing::is_ruled_on));
            let now = comments - before;
            println!(
                "round {round}: {comments} comments and {verdicts} verdicts acknowledged, {now} comments in this round"
            );
        }
    }
    let (comments, verdicts) = (acknowledged.len(), acknowledged.count(Standing::is_ruled_on));
    let erased = acknowledged.count(|standing| standing == Standing::Erased);
    let [rejected, undone, held] = [acknowledged.rejected, acknowledged.undone, acknowledged.held];
    println!("none of {comments} acknowledged comments, {verdicts} verdicts and {erased} erasures was lost");
    println!("{rejected} rejections, {undone} times taken back, {held} long claims");
    // A busy machine writes a few comments a round.
    let enough = comments > 200 && verdicts > 40 && erased > 15 && rejected > 30 && undone > 15 && held > 30;
    assert!(rounds < 20 || enough, "hardly anything was written, so hardly anything was tested");
}

/// How a comment stands, as far as its child has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Something was about to be done to it, and nobody knows whether it was.
    Unsure,
    /// It waits in the queue.
    Waits,
    /// It waits, and a moderator holds it beyond the end of the round.
    Held,
    Approved,
    Rejected,
    Erased,
}

impl Standing {
    fn is_ruled_on(self) -> bool {
        matches!(self, Self::Approved | Self::Rejected)
    }
}

/// A comment, as far as children have said.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Its newest revision; 0 where not even the first was acknowledged.
    revision: u32,
    standing: Standing,
}

/// What children printed.
#[derive(Default)]
struct Acknowledged {
    comments: BTreeMap<String, Known>,
    rejected: usize,
    undone: usize,
    held: usize,
}

impl Acknowledged {
    fn len(&self) -> usize {
        self.comments.values().filter(|known| known.revision > 0).count()
    }

    fn count(&self, is: impl Fn(Standing) -> bool) -> usize {
        self.comments.values().filter(|known| is(known.standing)).count()
    }

    /// Reads a line of a child. The last one may have been cut short by the kill.
    fn note(&mut self, line: &str) {
        let Some((id, what)) = line.split_once(' ') else { return };
        let unsure = Known { revision: 0, standing: Standing::Unsure };
        let known = self.comments.entry(id.to_owned()).or_insert(unsure);
        known.standing = match what {
            "?" => Standing::Unsure,
            "V" => Standing::Approved,
            "N" => Standing::Rejected,
            "U" => Standing::Waits,
            "H" => Standing::Held,
            "E" => Standing::Erased,
            revision => {
                known.revision = revision.parse().unwrap();
                Standing::Waits
            }
        };
        self.rejected += usize::from(what == "N");
        self.undone += usize::from(what == "U");
        self.held += usize::from(what == "H");
    }

    /// Claims of an earlier round have ended by the time of the next.
    fn end_claims(&mut self) {
        for known in self.comments.values_mut().filter(|known| known.standing == Standing::Held) {
            known.standing = Standing::Waits;
        }
    }
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

/// Returns which of eight things happen to a comment, `round-writer-number`: each in turn, and not the same first in each round.
fn kind(id: &str) -> u32 {
    id.split('-').map(|part| part.parse::<u32>().unwrap()).sum::<u32>() % 8
}

/// Returns whether a comment is one that the child erases in the end.
fn is_erased(id: &str) -> bool {
    kind(id) % 4 == 1
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

/// Returns the site of a comment or of a round's writer, `round-writer…`: each writer has one, so that what it claims is its own.
fn site_of(id: &str) -> SiteId {
    SiteId::new(format!("s{}", id.split('-').nth(1).unwrap()))
}

/// A time of a round: each round's comes after all those of the round before.
fn at(round: u64, micros: i64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(round).unwrap() * 1_000 + micros)
}

/// When in a round the child works.
const WORKS: i64 = 1;
/// When claims for one ruling end.
const SHORT: i64 = 2;
/// When the directory is looked at.
const LOOKS: i64 = 500;
/// When long claims end.
const LONG: i64 = 900;

/// One of the child's writers, on a site of its own, under a name of its own as author and moderator.
struct Writer {
    store: Arc<EmbeddedStore>,
    round: u64,
    name: String,
}

impl Writer {
    /// Says, in a line for each comment, what is about to be done to them or what was acknowledged.
    fn say(ids: &[String], what: impl std::fmt::Display) {
        let mut out = std::io::stdout().lock();
        ids.iter().try_for_each(|id| writeln!(out, "{id} {what}")).and_then(|()| out.flush()).unwrap();
    }

    fn moderator(&self) -> ModeratorId {
        ModeratorId::new(self.name.as_str())
    }

    async fn on_item(&self, id: &str, act: Act) -> CommentHead {
        let command = Ruling { moderator_id: self.moderator(), request_id: None, act, now: at(self.round, WORKS) };
        let on_item = OnItem { site_id: site_of(id), comment_id: CommentId::new(id), command };
        self.store.on_item(on_item).await.unwrap().head
    }

    async fn submit(&self, id: &str, revision: u32) {
        let ids = [id.to_owned()];
        Self::say(&ids, "?");
        let mut comment = conformance::comment(id, "a", Some(&self.name), &text(id, revision));
        comment.site_id = site_of(id);
        self.store.record(conformance::record(comment, Outcome::Hold)).await.unwrap();
        Self::say(&ids, revision);
    }

    /// Claims a comment and rules on it.
    async fn rule(&self, id: &str, approved: bool) {
        let ids = [id.to_owned()];
        Self::say(&ids, "?");
        let version = self.on_item(id, Act::Claim { expires_at: at(self.round, SHORT) }).await.review.version;
        self.on_item(id, Act::Settle { version, verdict: verdict(approved), note: None }).await;
        Self::say(&ids, if approved { "V" } else { "N" });
    }

    /// Takes the verdict on a comment back.
    async fn undo(&self, id: &str) {
        let ids = [id.to_owned()];
        Self::say(&ids, "?");
        let head = self.store.head(&site_of(id), &CommentId::new(id)).await.unwrap().unwrap();
        let (site_id, settled_seq, now) = (site_of(id), head.review.settled.unwrap().seq, at(self.round, WORKS));
        let undo = Undo { site_id, settled_seq, moderator_id: self.moderator(), request_id: None, now };
        assert_eq!(self.store.undo(undo).await.unwrap().items, 1);
        Self::say(&ids, "U");
    }

    /// Rules on several comments in one action.
    async fn rule_together(&self, ids: &[String], approved: bool) {
        Self::say(ids, "?");
        let mut items = Vec::new();
        for id in ids {
            let head = self.store.head(&site_of(id), &CommentId::new(id.as_str())).await.unwrap().unwrap();
            items.push((CommentId::new(id.as_str()), head.review.version));
        }
        let settle = SettleMany {
            site_id: site_of(&ids[0]),
            together: Together::Items(items),
            items_max: 1_000,
            moderator_id: self.moderator(),
            request_id: None,
            verdict: verdict(approved),
            note: None,
            now: at(self.round, WORKS),
        };
        assert_eq!(self.store.settle_many(settle).await.unwrap().items, ids.len());
        Self::say(ids, if approved { "V" } else { "N" });
    }

    /// Claims what has waited longest, beyond the end of the round.
    async fn claim_next(&self, limit: usize) {
        let ids = claim_next(&self.store, &site_of(&self.name), &self.name, limit, [WORKS, LONG], self.round).await;
        Self::say(&ids, "H");
    }

    /// Erases a comment, and waits until the journal has none of its words.
    async fn erase(&self, id: &str) {
        let ids = [id.to_owned()];
        Self::say(&ids, "?");
        let (site_id, comments) = (site_of(id), vec![CommentId::new(id)]);
        let erase = Erase { site_id, comments, moderator_id: self.moderator(), now: at(self.round, WORKS) };
        assert_eq!(self.store.erase(erase).await.unwrap().comments, 1);
        self.store.finish_erasures().await.unwrap();
        Self::say(&ids, "E");
    }

    /// Every third comment is edited twice. Of eight, two are approved one by one, of which one verdict is taken back, two
    /// are rejected, two approved in one action, two erased, one of them after a rejection; others wait, some of them claimed.
    async fn work(&self) {
        for number in 0_u32.. {
            let id = format!("{}-{number}", self.name);
            for revision in 1..=if number % 3 == 0 { 3 } else { 1 } {
                self.submit(&id, revision).await;
            }
            match kind(&id) {
                0 => self.rule(&id, true).await,
                2 | 5 => self.rule(&id, false).await,
                3 => self.claim_next(1).await,
                4 => {
                    self.rule(&id, true).await;
                    self.undo(&id).await;
                }
                6 => {
                    // The one that waits since three comments ago, where there were as many.
                    let before = number.checked_sub(3).map(|before| format!("{}-{before}", self.name));
                    self.rule_together(&before.into_iter().chain([id.clone()]).collect::<Vec<_>>(), true).await;
                }
                7 => self.claim_next(2).await,
                _ => {}
            }
            if is_erased(&id) {
                self.erase(&id).await;
            }
        }
    }
}

fn verdict(approved: bool) -> Verdict {
    Verdict { approved, labels: Vec::new(), reason: String::new() }
}

/// Claims what has waited longest on a site; the times are those of the call and of the claims' end.
async fn claim_next(
    store: &EmbeddedStore,
    site_id: &SiteId,
    moderator: &str,
    limit: usize,
    [now, end]: [i64; 2],
    round: u64,
) -> Vec<String> {
    let claim = ClaimNext {
        site_id: site_id.clone(),
        queue: QueueId::Review(Queue::Held),
        order: Order::Oldest,
        moderator_id: ModeratorId::new(moderator),
        limit,
        bytes_max: usize::MAX,
        expires_at: at(round, end),
        now: at(round, now),
    };
    let claimed = store.claim_next(claim).await.unwrap();
    claimed.iter().map(|head| head.current.comment.comment_id.as_str().to_owned()).collect()
}

/// Works, and says what it does, until it is killed.
async fn write_until_killed(dir: &Path, round: &str) {
    let store = Arc::new(open(dir));
    let writer = |number: usize| Writer {
        store: Arc::clone(&store),
        round: round.parse().unwrap(),
        name: format!("{round}-{number}"),
    };
    let tasks: Vec<_> =
        (0..WRITERS).map(writer).map(|writer| tokio::spawn(async move { writer.work().await })).collect();
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
    acknowledged.end_claims();
    let mut note = |line: String| acknowledged.note(&line);
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

/// Opens the directory and finds every acknowledged revision and verdict, the same comments in lists, and in the queue what
/// waits.
async fn check(dir: &Path, round: u64, acknowledged: &Acknowledged) {
    let store = open(dir);
    let in_journal = ids_in_journal(dir);
    // Earlier rounds were checked before; a sample of them shows that nothing happened to them since.
    let ours = format!("{round}-");
    let known = acknowledged.comments.iter().filter(|(_, known)| known.revision > 0);
    // Whoever was told has no word left there; opening finishes what nobody was told, too.
    let erased = known.clone().find(|(id, known)| known.standing == Standing::Erased && in_journal.contains(*id));
    assert!(erased.is_none(), "erased words are in the journal: {erased:?}");
    let of_interest = known.enumerate().filter(|(at, (id, _))| at % 23 == 0 || id.starts_with(&ours));
    for (_, (id, known)) in of_interest {
        check_comment(&store, id, *known, &in_journal).await;
    }
    for writer in 0..WRITERS {
        check_queue(&store, writer, round, acknowledged).await;
        check_list(&store, &format!("{round}-{writer}"), acknowledged).await;
    }
    store.close().await.unwrap();
}

async fn check_comment(store: &EmbeddedStore, id: &str, known: Known, in_journal: &BTreeSet<String>) {
    let Known { revision, standing } = known;
    let stored = store.comment(&site_of(id), &CommentId::new(id), usize::MAX).await.unwrap();
    let stored = stored.unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
    assert!(stored.revisions.len() >= revision as usize, "{id}: revision {revision} was acknowledged and is gone");
    let is_gone = stored.revisions[0].erased_at.is_some();
    assert!(is_gone || standing != Standing::Erased, "{id}: an erasure was acknowledged and is gone");
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
    let outcome = stored.revisions[stored.revisions.len() - 1].decision.outcome;
    let expected = match standing {
        Standing::Unsure | Standing::Erased => return,
        Standing::Waits | Standing::Held => Outcome::Hold,
        Standing::Approved => Outcome::Publish,
        Standing::Rejected => Outcome::Reject,
    };
    assert_eq!(outcome, expected, "{id}: {standing:?} was acknowledged and is gone");
}

/// Finds the comments of a round's writer in their list.
async fn check_list(store: &EmbeddedStore, author: &str, acknowledged: &Acknowledged) {
    let mut listed = Vec::new();
    let mut before_seq = None;
    loop {
        let (site_id, by) = (site_of(author), ListBy::Author(AuthorId::new(author)));
        let page = store.list(ListQuery { site_id, by, before_seq, limit: 100, bytes_max: usize::MAX }).await.unwrap();
        listed.extend(page.comments);
        before_seq = page.next_before_seq;
        if before_seq.is_none() {
            break;
        }
    }
    let ours = acknowledged.comments.range(format!("{author}-")..format!("{author}."));
    let expected = ours.filter(|(_, known)| known.revision > 0).count();
    // The comment that was being written when the kill came may be there or not.
    assert!((expected..=expected + 1).contains(&listed.len()), "{author}: {expected}, listed {}", listed.len());
    for (position, revision) in listed.iter().rev().enumerate() {
        let id = format!("{author}-{position}");
        assert_eq!(revision.comment.comment_id.as_str(), id);
        let is_gone = revision.erased_at.is_some();
        assert_eq!(revision.comment.text, if is_gone { String::new() } else { text(&id, revision.number) });
    }
}

/// Finds in a site's queue everything that waits and nothing that was ruled on or erased, as many as the counts say, and claims
/// that have not ended with who holds them. What nobody holds can be claimed, once.
async fn check_queue(store: &EmbeddedStore, writer: usize, round: u64, acknowledged: &Acknowledged) {
    let site_id = SiteId::new(format!("s{writer}"));
    let (now, holder) = (at(round, LOOKS), format!("{round}-{writer}"));
    let (mut waiting, mut after) = (BTreeMap::new(), None);
    loop {
        let (site_id, queue, order) = (site_id.clone(), QueueId::Review(Queue::Held), Order::Oldest);
        let page =
            store.items(ItemQuery { site_id, queue, order, after, limit: 500, bytes_max: usize::MAX, now }).await;
        let page = page.unwrap();
        for head in page.items {
            assert_eq!(head.current.decision.outcome, Outcome::Hold);
            let claim = head.review.item.as_ref().unwrap().claim_at(now).cloned();
            let id = head.current.comment.comment_id.as_str().to_owned();
            assert!(waiting.insert(id, claim).is_none(), "an item is listed once");
        }
        after = page.next_after;
        if after.is_none() {
            break;
        }
    }
    let mut held = 0;
    for (id, known) in acknowledged.comments.iter().filter(|(id, _)| site_of(id) == site_id) {
        match known.standing {
            Standing::Unsure => {}
            Standing::Waits => assert!(waiting.contains_key(id), "{id} waits and is not queued"),
            Standing::Held => {
                held += 1;
                let claim = waiting.get(id).unwrap_or_else(|| panic!("{id} waits and is not queued")).as_ref();
                let claim = claim.unwrap_or_else(|| panic!("{id}: its claim has not ended and is gone"));
                assert_eq!((claim.moderator_id.as_str(), claim.expires_at), (holder.as_str(), at(round, LONG)));
            }
            Standing::Approved | Standing::Rejected | Standing::Erased => {
                assert!(!waiting.contains_key(id), "{id} is {:?} and queued", known.standing);
            }
        }
    }
    assert!(waiting.keys().all(|id| acknowledged.comments.contains_key(id)), "nobody has submitted this");
    let count = || async {
        let queues = store.queues(&site_id, now).await.unwrap();
        let summary = queues.into_iter().find(|summary| summary.queue == QueueId::Review(Queue::Held)).unwrap();
        (usize::try_from(summary.items).unwrap(), usize::try_from(summary.claimed).unwrap())
    };
    let claimed = waiting.values().flatten().count();
    assert_eq!(count().await, (waiting.len(), claimed), "counts are those of what is listed");
    assert!((held..=held + UNDER_WAY_MAX).contains(&claimed), "{held} were claimed, {claimed} are: of the dead, none");
    // One site a round is enough: what is claimed here ends before the next.
    if writer as u64 == round % WRITERS as u64 {
        let claim_all = |moderator: &'static str| {
            let site_id = &site_id;
            async move {
                let mut all = Vec::new();
                loop {
                    let ids = claim_next(store, site_id, moderator, 7, [LOOKS, LONG], round).await;
                    if ids.is_empty() {
                        return all;
                    }
                    all.extend(ids);
                }
            }
        };
        let (mut ids, others) = tokio::join!(claim_all("ada"), claim_all("bob"));
        ids.extend(others);
        ids.sort_unstable();
        let free = waiting.iter().filter(|(_, claim)| claim.is_none()).map(|(id, _)| id);
        assert!(ids.iter().eq(free), "whatever nobody holds is claimed once");
        assert_eq!(count().await, (waiting.len(), waiting.len()));
    }
}
