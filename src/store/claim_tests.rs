//! What claiming costs, and that it hands out what a look at every item would, also within one batch.

use super::batch::{Answer, Batch, EXPIRED_MAX, Request};
use super::journal::{Journal, disk::FileSystem};
use super::sled_engine::{State, TREES, edit::Edit, keys, open};
use super::writer::Salts;
use super::{ClaimNext, ItemQuery, OnItem, Options, conformance};
use crate::domain::{
    Attribute, CommentId, ModeratorId, Outcome, QueueId, Reason, ReasonCode, Score, SiteId, Timestamp,
    audit::{SECRET_BYTES, Secret},
    review::{Act, Command, Order, Queue},
    submit::CommentHead,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::cmp::Reverse;

const SECRET: Secret = Secret::new([7; SECRET_BYTES]);
const ORDERS: [Order; 3] = [Order::Risk, Order::Oldest, Order::Newest];

/// A state and a journal without a writer's thread.
struct Bench {
    _dir: tempfile::TempDir,
    state: State,
    journal: Journal,
    salts: Salts,
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_micros(secs * 1_000_000)
}

fn submitted(number: usize, risk: u8) -> Request {
    let mut record = conformance::record(conformance::comment(&format!("c{number}"), "a", None, "text"), Outcome::Hold);
    let reason = Reason {
        criterion: Some(Attribute::Insult.into()),
        score: Score::new(f32::from(risk) / 10.0),
        threshold: Score::new(0.0),
        ..Reason::plain(ReasonCode::HoldThreshold)
    };
    record.decision.reasons = vec![reason];
    Request::Record(Box::new(record))
}

fn next(moderator: usize, limit: usize, order: Order, secs: i64) -> Request {
    Request::ClaimNext(Box::new(ClaimNext {
        site_id: SiteId::new("s"),
        queue: QueueId::Review(Queue::Held),
        order,
        moderator_id: ModeratorId::new(format!("m{moderator}")),
        limit,
        bytes_max: usize::MAX,
        expires_at: at(secs + 10),
        now: at(secs),
    }))
}

fn act(moderator: usize, comment_id: CommentId, act: Act, secs: i64) -> Request {
    let moderator_id = ModeratorId::new(format!("m{moderator}"));
    let command = Command { moderator_id, request_id: None, act, now: at(secs) };
    Request::OnItem(Box::new(OnItem { site_id: SiteId::new("s"), comment_id, command }))
}

impl Bench {
    /// Makes a state in which so many items wait, the riskiest in the middle.
    fn with(items: usize) -> Self {
        Self::keeping(items, u64::MAX)
    }

    /// Does the same, and keeps steps of queues for so many events.
    fn keeping(items: usize, steps_kept: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { cache_bytes: 16 << 20, steps_kept, ..Options::default() };
        let journal = Journal::open(&dir.path().join("journal"), Box::new(FileSystem), 1 << 20, &|_| {}).unwrap();
        let state = open::open_checked(&dir.path().join("state"), &options).unwrap();
        let mut bench = Self { _dir: dir, state, journal, salts: Salts::new() };
        let risk = |number: usize| u8::try_from(number * 7 % 10).unwrap();
        bench.batch((0..items).map(|number| submitted(number, risk(number))).collect());
        bench
    }

    /// Answers requests in one batch; returns what was claimed by each, and how many places walks have looked at.
    fn batch(&mut self, requests: Vec<Request>) -> (Vec<Vec<CommentHead>>, u64) {
        let mut batch = Batch {
            edit: Edit::new(&self.state),
            journal: &mut self.journal,
            salts: &self.salts,
            secret: &SECRET,
            expire_left: EXPIRED_MAX,
        };
        let claimed = |answer| if let Answer::Claimed(heads) = answer { heads } else { Vec::new() };
        let answers = requests.into_iter().map(|request| {
            let Ok(ready) = batch.is_ready_for(&request) else { panic!("the state is sound") };
            if !ready {
                return Vec::new();
            }
            let Ok(answered) = batch.answer(request) else { panic!("the state is sound") };
            answered.answer.map(claimed).unwrap_or_default()
        });
        let answers = answers.collect();
        let (edit, steps) = (batch.edit, 0);
        let steps = steps + edit.steps();
        self.journal.commit().unwrap();
        edit.commit().unwrap();
        (answers, steps)
    }
}

fn id(head: &CommentHead) -> CommentId {
    head.current.comment.comment_id.clone()
}

#[test]
fn a_burst_of_claims_costs_what_it_hands_out() {
    for order in ORDERS {
        let mut bench = Bench::with(600);
        // Some of them are given back at once, and somebody else takes them.
        let mut requests: Vec<_> = (0..100).map(|number| next(number % 7, 5, order, 0)).collect();
        requests.push(next(1, 200, order, 20));
        let (claimed, steps) = bench.batch(requests);
        assert_eq!(claimed.iter().map(Vec::len).sum::<usize>(), 600);
        assert!(steps < 3 * 600, "{order:?}: {steps} steps for 600 items");
    }
}

#[test]
fn what_a_moderator_skipped_is_stepped_over_once() {
    for order in ORDERS {
        let mut bench = Bench::with(300);
        for _ in 0..200 {
            let (mut claimed, steps) = bench.batch(vec![next(1, 1, order, 0)]);
            assert!(steps <= 4, "{order:?}: {steps} steps for one item");
            let head = claimed.remove(0).remove(0);
            bench.batch(vec![act(1, id(&head), Act::Skip, 0)]);
        }
        // What another moderator has taken and gives back is still skipped.
        for limit in [3, 30] {
            let (claimed, _) = bench.batch(vec![next(2, limit, order, 0)]);
            bench.batch(claimed[0].iter().map(|head| act(2, id(head), Act::Release, 0)).collect());
        }
        let (claimed, steps) = bench.batch(vec![next(1, 100, order, 0)]);
        assert_eq!(claimed[0].len(), 100);
        assert!(steps <= 100 * 3 + 40, "{order:?}: {steps} steps for 100 items");
        // Nothing is left for one who keeps asking.
        for _ in 0..3 {
            let (claimed, steps) = bench.batch(vec![next(1, 1, order, 0)]);
            assert!(claimed[0].is_empty() && steps <= 4, "{order:?}: {steps} steps for nothing");
        }
    }
}

#[test]
fn claims_that_end_together_are_cleared_away_in_several_batches_before_anybody_is_handed_them() {
    let mut bench = Bench::with(EXPIRED_MAX + 100);
    let (claimed, _) = bench.batch(vec![next(1, EXPIRED_MAX + 100, Order::Risk, 0)]);
    assert_eq!(claimed[0].len(), EXPIRED_MAX + 100);
    let before = bench.journal.synced_seq();
    let (claimed, _) = bench.batch((0..3).map(|moderator| next(moderator, 200, Order::Risk, 20)).collect());
    assert!(claimed.iter().all(Vec::is_empty), "not before all of them are back");
    assert_eq!(bench.journal.synced_seq() - before, EXPIRED_MAX as u64, "no batch does more");
    let (claimed, _) = bench.batch(vec![next(2, EXPIRED_MAX + 100, Order::Risk, 20)]);
    assert_eq!(claimed[0].len(), EXPIRED_MAX + 100);
}

/// Any mixture of requests in batches of any size, some of which the disk refuses, hands out what a look at all items would.
#[test]
fn claims_hand_out_what_a_look_at_every_item_would() {
    // Every failure names the seed, which can be put in its place.
    let seed: u64 = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    for _ in 0..20 {
        let mut bench = Bench::with(12);
        let mut secs = 0;
        for _ in 0..40 {
            let mut batch = Batch {
                edit: Edit::new(&bench.state),
                journal: &mut bench.journal,
                salts: &bench.salts,
                secret: &SECRET,
                expire_left: EXPIRED_MAX,
            };
            for _ in 0..random.gen_range(1..8) {
                let (moderator, order) = (random.gen_range(0..3), ORDERS[random.gen_range(0..3)]);
                let (number, limit) = (random.gen_range(0..16), random.gen_range(1..4));
                let comment_id = CommentId::new(format!("c{number}"));
                let mut now: Vec<CommentHead> = Vec::new();
                for number in 0..16 {
                    let key = keys::comment(&SiteId::new("s"), &CommentId::new(format!("c{number}")));
                    let Ok(slot) = batch.edit.slot(&key) else { panic!("the state is sound") };
                    now.extend(slot.head.clone());
                }
                let item = |head: &CommentHead| head.review.item.clone().unwrap();
                let who = ModeratorId::new(format!("m{moderator}"));
                match order {
                    Order::Risk => now.sort_by_key(|head| {
                        let place = keys::place_of(&item(head));
                        (Reverse(place.risk), place.opened_seq)
                    }),
                    Order::Oldest => now.sort_by_key(|head| item(head).opened_seq),
                    Order::Newest => now.sort_by_key(|head| Reverse(item(head).opened_seq)),
                }
                now.retain(|head| item(head).claim_at(at(secs)).is_none() && !item(head).skipped_by.contains(&who));
                let expected: Vec<CommentId> = now.iter().map(id).take(limit).collect();
                let request = match random.gen_range(0..10) {
                    0..4 => next(moderator, limit, order, secs),
                    4..6 => act(moderator, comment_id, Act::Skip, secs),
                    6 => act(moderator, comment_id, Act::Release, secs),
                    7 => act(moderator, comment_id, Act::Claim { expires_at: at(secs + 10) }, secs),
                    _ => submitted(number, random.gen_range(0..10)),
                };
                let Ok(true) = batch.is_ready_for(&request) else { panic!("a few claims end at once") };
                let Ok(answered) = batch.answer(request) else { panic!("the state is sound") };
                if let Ok(Answer::Claimed(heads)) = answered.answer {
                    assert_eq!(
                        heads.iter().map(id).collect::<Vec<_>>(),
                        expected,
                        "seed {seed}: {order:?} of m{moderator}"
                    );
                }
            }
            let edit = batch.edit;
            if random.gen_bool(0.2) {
                drop(edit);
                bench.journal.discard();
                bench.state.forget_walks();
            } else {
                bench.journal.commit().unwrap();
                edit.commit().unwrap();
                // Claims that this batch has brought are seen to have ended by the next one.
                secs += random.gen_range(0..4);
            }
        }
    }
}

#[test]
fn a_page_goes_on_from_where_it_was_however_its_last_item_moves_meanwhile() {
    let mut bench = Bench::with(9);
    for order in ORDERS {
        let query = |after| ItemQuery {
            site_id: SiteId::new("s"),
            queue: QueueId::Review(Queue::Held),
            order,
            after,
            limit: 3,
            bytes_max: usize::MAX,
            now: at(0),
        };
        let first = bench.state.items(&query(None)).unwrap();
        // The reader has the place; before it reads the comment, an edit makes the risk of that one the lowest.
        let mut moved = first.items[2].clone();
        moved.review.item.as_mut().unwrap().risk = 0.0;
        bench.state.put_head(&moved);
        let found = bench.state.items(&query(None)).unwrap();
        assert_eq!(found.next_after, first.next_after, "{order:?}");
        bench.state.put_head(&first.items[2]);
    }
    bench.batch(Vec::new());
}

#[test]
fn steps_of_a_queue_go_once_enough_has_happened() {
    let mut bench = Bench::keeping(10, 100);
    let moves = TREES.iter().position(|tree| *tree == "moves").unwrap();
    let held = QueueId::Review(Queue::Held);
    for round in 0..200 {
        let (claimed, _) = bench.batch(vec![next(1, 5, Order::Oldest, round)]);
        // In one batch, so that one step after the other lets go of some.
        bench.batch(claimed[0].iter().map(|head| act(1, id(head), Act::Release, round)).collect());
        let summary = bench.state.summary();
        let oldest_seq = summary.applied_seq.saturating_sub(100);
        let (steps, _) = bench.state.moves(&SiteId::new("s"), &held, oldest_seq, usize::MAX).unwrap();
        assert!(summary.totals[moves].count <= steps.len() as u64 + 4, "{} are kept", summary.totals[moves].count);
        // What is still to be had is whole: nothing but claims and releases happens.
        if summary.applied_seq > 200 {
            assert_eq!(
                steps.iter().map(|step| step.seq).collect::<Vec<_>>(),
                (oldest_seq + 1..=summary.applied_seq).collect::<Vec<_>>()
            );
        }
        assert!(bench.state.has_steps(oldest_seq) && (oldest_seq == 0 || !bench.state.has_steps(oldest_seq - 1)));
    }
}
