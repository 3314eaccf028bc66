//! Any interleaving of submitting, claiming, ruling, undoing, waiting and restarting against a plain model, and many
//! claimers at once.

use crate::support::{TempPlace, open, open_again};
use ombud::domain::{
    ArticleId, Attribute, AuthorId, CommentId, Decision, ErrorKind, Event, ModeratorId, Outcome, Reason, ReasonCode,
    RequestId, Score, SiteId, Timestamp,
    review::{Act, Command, Order, Queue, Verdict},
    submit::{CommentHead, Submitted},
};
use ombud::store::{
    ClaimNext, EmbeddedStore, Erase, Erased, Error, ItemQuery, OnItem, SettleMany, Store, Together, Undo, conformance,
    verify,
};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const LEASE_SECS: i64 = 600;
const ORDERS: [Order; 3] = [Order::Risk, Order::Oldest, Order::Newest];

#[derive(Debug, Clone)]
enum Step {
    Submit { id: u8, text: u8 },
    Claim { moderator: u8, limit: usize, order: Order },
    Act { moderator: u8, id: u8, kind: Kind, right: bool },
    SettleTogether { moderator: u8, ids: Vec<u8>, approved: bool, right: bool },
    SettleAuthor { moderator: u8, author: u8, approved: bool },
    UndoAction { nth: usize },
    Erase { ids: Vec<u8>, finish: bool },
    Wait { secs: i64 },
    CloseAndOpen,
    Restart,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Renew,
    Release,
    Skip,
    Settle {
        approved: bool,
    },
    Undo,
    /// The last request again, by its name.
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        1 => Just(Kind::Renew),
        1 => Just(Kind::Release),
        1 => Just(Kind::Skip),
        4 => any::<bool>().prop_map(|approved| Kind::Settle { approved }),
        2 => Just(Kind::Undo),
        1 => Just(Kind::Again),
    ];
    prop_oneof![
        6 => (0..6_u8, 0..9_u8).prop_map(|(id, text)| Step::Submit { id, text }),
        6 => (0..3_u8, 1..4_usize, proptest::sample::select(ORDERS.to_vec()))
            .prop_map(|(moderator, limit, order)| Step::Claim { moderator, limit, order }),
        12 => (0..3_u8, 0..6_u8, kind, proptest::bool::weighted(0.8))
            .prop_map(|(moderator, id, kind, right)| Step::Act { moderator, id, kind, right }),
        3 => (0..3_u8, proptest::sample::subsequence(vec![0, 1, 2, 3, 4, 5_u8], 1..4), any::<bool>(), proptest::bool::weighted(0.8))
            .prop_map(|(moderator, ids, approved, right)| Step::SettleTogether { moderator, ids, approved, right }),
        2 => (0..3_u8, 0..2_u8, any::<bool>())
            .prop_map(|(moderator, author, approved)| Step::SettleAuthor { moderator, author, approved }),
        3 => (0..4_usize).prop_map(|nth| Step::UndoAction { nth }),
        1 => (proptest::sample::subsequence(vec![0, 1, 2, 3, 4, 5_u8], 1..3), any::<bool>())
            .prop_map(|(ids, finish)| Step::Erase { ids, finish }),
        3 => prop_oneof![Just(1), Just(LEASE_SECS / 2), Just(LEASE_SECS)].prop_map(|secs| Step::Wait { secs }),
        1 => Just(Step::CloseAndOpen),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Clone)]
struct Waiting {
    since: usize,
    risk: u8,
    claim: Option<(u8, i64)>,
    skipped_by: BTreeSet<u8>,
}

#[derive(Debug, Clone)]
struct Known {
    text: u8,
    outcome: Outcome,
    item: Option<Waiting>,
    settled: Option<Ruled>,
    erased: bool,
}

#[derive(Debug, Clone)]
struct Ruled {
    outcome_before: Outcome,
    item_before: Waiting,
    /// The number of the action, which the store gives.
    action: u64,
    undone: bool,
}

impl Known {
    fn holder(&self, now: i64) -> Option<u8> {
        let claim = self.item.as_ref().and_then(|item| item.claim);
        claim.filter(|(_, until)| *until > now).map(|(moderator, _)| moderator)
    }

    fn settle(&mut self, approved: bool) {
        let item_before = Waiting { claim: None, ..self.item.take().unwrap() };
        self.settled = Some(Ruled { outcome_before: self.outcome, item_before, action: 0, undone: false });
        self.outcome = if approved { Outcome::Publish } else { Outcome::Reject };
    }

    fn undo(&mut self) {
        let ruled = self.settled.as_mut().unwrap();
        ruled.undone = true;
        (self.outcome, self.item) = (ruled.outcome_before, Some(ruled.item_before.clone()));
    }
}

#[derive(Debug, Default)]
struct Model {
    comments: BTreeMap<u8, Known>,
    now: i64,
    events: usize,
}

impl Model {
    fn submit(&mut self, id: u8, text: u8) -> Result<(), &'static str> {
        self.events += 1;
        let (outcome, risk) = sort_of(text);
        let known =
            self.comments.entry(id).or_insert(Known { text: 99, outcome, item: None, settled: None, erased: false });
        if known.erased {
            return Err("COMMENT_ERASED");
        }
        if known.text == text {
            return Ok(());
        }
        (known.text, known.outcome) = (text, outcome);
        if let Some(ruled) = &mut known.settled {
            ruled.undone = true;
        }
        let since = self.events;
        match (outcome, &mut known.item) {
            (Outcome::Hold, Some(item)) => item.risk = risk,
            (Outcome::Hold, none) => {
                *none = Some(Waiting { since, risk, claim: None, skipped_by: BTreeSet::new() });
            }
            (_, item) => *item = None,
        }
        Ok(())
    }

    fn erase(&mut self, ids: &[u8]) -> Erased {
        let mut done = Erased::default();
        for id in ids {
            match self.comments.get_mut(id) {
                None => done.unknown += 1,
                Some(known) if known.erased => done.before += 1,
                Some(known) => {
                    (known.erased, known.item) = (true, None);
                    done.comments += 1;
                }
            }
        }
        done
    }

    fn is_free(&self, item: &Waiting) -> bool {
        item.claim.is_none_or(|(_, until)| until <= self.now)
    }

    fn in_order(&self, order: Order) -> Vec<u8> {
        let items = self.comments.iter().filter_map(|(id, known)| Some((*id, known.item.as_ref()?)));
        let mut items: Vec<_> = items.collect();
        match order {
            Order::Risk => items.sort_by_key(|(_, item)| (std::cmp::Reverse(item.risk), item.since)),
            Order::Oldest => items.sort_by_key(|(_, item)| item.since),
            Order::Newest => items.sort_by_key(|(_, item)| std::cmp::Reverse(item.since)),
        }
        items.into_iter().map(|(id, _)| id).collect()
    }

    fn claim(&mut self, moderator: u8, limit: usize, order: Order) -> Vec<u8> {
        let free = |id: &u8| {
            let item = self.comments[id].item.as_ref();
            item.is_some_and(|item| self.is_free(item) && !item.skipped_by.contains(&moderator))
        };
        let claimed: Vec<u8> = self.in_order(order).into_iter().filter(free).take(limit).collect();
        for id in &claimed {
            let item = self.comments.get_mut(id).and_then(|known| known.item.as_mut());
            item.unwrap().claim = Some((moderator, self.now + LEASE_SECS));
        }
        claimed
    }

    fn act(&mut self, moderator: u8, id: u8, kind: Kind, right: bool) -> Result<(), &'static str> {
        let now = self.now;
        let Some(known) = self.comments.get_mut(&id) else { return Err("NOT_FOUND") };
        if known.erased {
            return Err("COMMENT_ERASED");
        }
        if kind == Kind::Undo {
            let ruled = known.settled.as_ref().filter(|ruled| right && !ruled.undone);
            ruled.ok_or("NOTHING_TO_UNDO")?;
            known.undo();
            return Ok(());
        }
        let item = known.item.as_mut().ok_or("ITEM_NOT_WAITING")?;
        let held_by = item.claim.filter(|(_, until)| *until > now).map(|(moderator, _)| moderator);
        if held_by.is_some_and(|holder| holder != moderator) {
            return Err("CLAIMED_BY_ANOTHER");
        }
        match kind {
            Kind::Settle { .. } if !right => return Err("STALE_VERSION"),
            Kind::Settle { approved } => known.settle(approved),
            _ if held_by.is_none() => return Err("NOT_CLAIMED"),
            Kind::Renew => item.claim = Some((moderator, now + LEASE_SECS)),
            Kind::Release => item.claim = None,
            Kind::Skip => {
                item.claim = None;
                item.skipped_by.insert(moderator);
            }
            Kind::Undo | Kind::Again => unreachable!("handled elsewhere"),
        }
        Ok(())
    }
}

/// Rules on several items at once, as the model does.
fn settle_together(
    model: &mut Model,
    moderator: u8,
    ids: &[u8],
    approved: bool,
    right: bool,
) -> Result<(), &'static str> {
    for (position, id) in ids.iter().enumerate() {
        let known = model.comments.get(id).ok_or("ITEM_NOT_WAITING")?;
        if known.erased {
            return Err("COMMENT_ERASED");
        }
        if known.item.is_none() {
            return Err("ITEM_NOT_WAITING");
        }
        if known.holder(model.now).is_some_and(|holder| holder != moderator) {
            return Err("CLAIMED_BY_ANOTHER");
        }
        if !right && position + 1 == ids.len() {
            return Err("STALE_VERSION");
        }
    }
    for id in ids {
        model.comments.get_mut(id).unwrap().settle(approved);
    }
    Ok(())
}

/// Notes which action ruled on these comments.
fn note(model: &mut Model, ids: &[u8], action: u64) {
    for id in ids {
        model.comments.get_mut(id).unwrap().settled.as_mut().unwrap().action = action;
    }
}

/// What becomes of a text, and its risk in tenths.
fn sort_of(text: u8) -> (Outcome, u8) {
    match text % 3 {
        0 => (Outcome::Publish, 0),
        1 => (Outcome::Hold, 2),
        _ => (Outcome::Hold, 6),
    }
}

fn decision(text: u8) -> Decision {
    let (outcome, tenths) = sort_of(text);
    let score = |tenths: u8| Score::new(f32::from(tenths) / 10.0);
    let reason = Reason {
        attribute: Some(Attribute::Insult),
        score: score(tenths),
        threshold: score(0),
        ..Reason::plain(ReasonCode::HoldThreshold)
    };
    let reasons = if outcome == Outcome::Hold { vec![reason] } else { Vec::new() };
    Decision { outcome, reasons, ..conformance::decision(outcome) }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_micros(secs * 1_000_000)
}

fn place(id: u8) -> (SiteId, CommentId) {
    (SiteId::new("s"), CommentId::new(format!("c{id}")))
}

fn number(head: &CommentHead) -> u8 {
    head.current.comment.comment_id.as_str()[1..].parse().unwrap()
}

async fn submit(store: &EmbeddedStore, id: u8, text: u8, now: i64) -> Result<(), &'static str> {
    let author = format!("u{}", id % 2);
    let comment = conformance::comment(&format!("c{id}"), "a", Some(&author), &format!("text {text}"));
    let recorded = store.record(Submitted::new(comment, decision(text), at(now))).await;
    recorded.map(drop).map_err(|error| reason(&error))
}

async fn claim(store: &EmbeddedStore, moderator: u8, limit: usize, order: Order, now: i64) -> Vec<CommentHead> {
    let claim = ClaimNext {
        site_id: SiteId::new("s"),
        queue: Queue::Held,
        order,
        moderator_id: ModeratorId::new(format!("m{moderator}")),
        limit,
        bytes_max: usize::MAX,
        expires_at: at(now + LEASE_SECS),
        now: at(now),
    };
    store.claim_next(claim).await.unwrap()
}

/// Does what a step says; returns the request, or the reason of its refusal.
async fn act(
    store: &EmbeddedStore,
    (moderator, id): (u8, u8),
    kind: Kind,
    right: bool,
    request: &str,
    now: i64,
) -> Result<OnItem, &'static str> {
    let (site_id, comment_id) = place(id);
    let Some(head) = store.head(&site_id, &comment_id).await.unwrap() else {
        let command =
            Command { moderator_id: ModeratorId::new("m"), request_id: None, act: Act::Release, now: at(now) };
        let refused = store.on_item(OnItem { site_id, comment_id, command }).await.unwrap_err();
        assert!(matches!(refused.kind(), ErrorKind::NotFound { .. }), "{refused}");
        return Err("NOT_FOUND");
    };
    let wrong = u64::from(!right);
    let expires_at = at(now + LEASE_SECS);
    let act = match kind {
        Kind::Renew => Act::Renew { expires_at },
        Kind::Release => Act::Release,
        Kind::Again => unreachable!("handled elsewhere"),
        Kind::Skip => Act::Skip,
        Kind::Settle { approved } => {
            let verdict = Verdict { approved, labels: vec![(Attribute::Insult, !approved)], reason: String::new() };
            Act::Settle { version: head.review.version - wrong, verdict }
        }
        Kind::Undo => {
            Act::Undo { settled_seq: head.review.settled.as_ref().map_or(7, |settled| settled.seq) + 10_000 * wrong }
        }
    };
    let moderator_id = ModeratorId::new(format!("m{moderator}"));
    let command = Command { moderator_id, request_id: Some(RequestId::new(request)), act, now: at(now) };
    let on_item = OnItem { site_id, comment_id, command };
    let done = store.on_item(on_item.clone()).await;
    let done = done.map_err(|error| reason(&error))?;
    assert!(!done.repeated);
    Ok(on_item)
}

fn settle_many(moderator: u8, together: Together, approved: bool, number_of_step: usize, now: i64) -> SettleMany {
    SettleMany {
        site_id: SiteId::new("s"),
        together,
        items_max: 1000,
        moderator_id: ModeratorId::new(format!("m{moderator}")),
        request_id: Some(RequestId::new(format!("t{number_of_step}"))),
        verdict: Verdict { approved, labels: Vec::new(), reason: String::new() },
        now: at(now),
    }
}

fn reason(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Conflict { reason, .. } => reason,
        ErrorKind::NotFound { .. } => "NOT_FOUND",
        other => panic!("{other:?}"),
    }
}

async fn check(store: &EmbeddedStore, model: &Model) {
    for (id, known) in &model.comments {
        let (site_id, comment_id) = place(*id);
        let head = store.head(&site_id, &comment_id).await.unwrap().unwrap();
        assert_eq!(head.current.decision.outcome, known.outcome, "c{id}");
        assert_eq!(head.review.item.is_some(), known.item.is_some(), "c{id}");
        let waits = known.outcome == Outcome::Hold && !known.erased;
        assert_eq!(head.review.item.is_some(), waits, "what waits is held, and the reverse");
        let text = if known.erased { String::new() } else { format!("text {}", known.text) };
        let found = (head.current.comment.text.clone(), head.current.erased_at.is_some());
        assert_eq!(found, (text, known.erased), "c{id}");
        let holder = |head: &CommentHead| {
            let claim = head.review.item.as_ref()?.claim_at(at(model.now))?;
            claim.moderator_id.as_str()[1..].parse().ok()
        };
        let expected = known.item.as_ref().and_then(|item| item.claim).filter(|(_, until)| *until > model.now);
        assert_eq!(holder(&head), expected.map(|(moderator, _)| moderator), "c{id}");
    }
    for order in ORDERS {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let (site_id, queue, now) = (SiteId::new("s"), Queue::Held, at(model.now));
            let query = ItemQuery { site_id, queue, order, after, limit: 2, bytes_max: usize::MAX, now };
            let page = store.items(query).await.unwrap();
            found.extend(page.items.iter().map(number));
            after = page.next_after;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, model.in_order(order), "{order:?}");
    }
    let summary = store.queues(&SiteId::new("s"), at(model.now)).await.unwrap().remove(0);
    let items = || model.comments.values().filter_map(|known| known.item.as_ref());
    let claimed = items().filter(|item| !model.is_free(item)).count();
    assert_eq!((summary.items, summary.claimed), (items().count() as u64, claimed as u64));
    assert_eq!(summary.oldest_at.is_some(), summary.items > 0);
}

fn cases() -> u32 {
    std::env::var("OMBUD_REVIEW_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn review_is_what_a_plain_model_would_do(steps in proptest::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let dir = TempPlace::new();
            let mut store = open(dir.path()).unwrap();
            let mut model = Model::default();
            let mut last: BTreeMap<u8, OnItem> = BTreeMap::new();
            let mut actions: Vec<u64> = Vec::new();
            let number_of_steps = steps.len();
            for (number_of_step, step) in steps.into_iter().enumerate() {
                let now = model.now;
                match step {
                    Step::Submit { id, text } => {
                        let expected = model.submit(id, text);
                        last.remove(&id);
                        assert_eq!(submit(&store, id, text, now).await, expected);
                    }
                    Step::Claim { moderator, limit, order } => {
                        let expected = model.claim(moderator, limit, order);
                        let claimed = claim(&store, moderator, limit, order, now).await;
                        assert_eq!(claimed.iter().map(number).collect::<Vec<_>>(), expected);
                        // A claim for a queue has no name of its own.
                        last.retain(|id, _| !expected.contains(id));
                    }
                    Step::Act { id, kind: Kind::Again, .. } => {
                        // The newest request of a comment changes nothing when it comes again.
                        let Some(request) = last.get(&id) else { continue };
                        assert!(store.on_item(request.clone()).await.unwrap().repeated);
                        // Under the same name, another moderator's request is another one.
                        let mut other = request.clone();
                        other.command.moderator_id = ModeratorId::new("m7");
                        assert!(!store.on_item(other).await.is_ok_and(|done| done.repeated));
                    }
                    Step::Act { moderator, id, kind, right } => {
                        let expected = model.act(moderator, id, kind, right);
                        let request = format!("r{number_of_step}");
                        let found = act(&store, (moderator, id), kind, right, &request, now).await;
                        assert_eq!(found.as_ref().map(|_| ()).map_err(|reason| *reason), expected, "{moderator} {id} {kind:?} {right}");
                        if let Ok(request) = found {
                            last.insert(id, request);
                            if let Kind::Settle { .. } = kind {
                                let (site_id, comment_id) = place(id);
                                let head = store.head(&site_id, &comment_id).await.unwrap().unwrap();
                                let action = head.review.settled.unwrap().seq;
                                note(&mut model, &[id], action);
                                actions.push(action);
                            }
                        }
                    }
                    Step::SettleTogether { moderator, ids, approved, right } => {
                        let mut items = Vec::new();
                        for id in &ids {
                            let (site_id, comment_id) = place(*id);
                            let head = store.head(&site_id, &comment_id).await.unwrap();
                            items.push((comment_id, head.map_or(1, |head| head.review.version)));
                        }
                        if let (false, Some(last)) = (right, items.last_mut()) {
                            last.1 -= 1;
                        }
                        let expected = settle_together(&mut model, moderator, &ids, approved, right);
                        let request = settle_many(moderator, Together::Items(items), approved, number_of_step, now);
                        match store.settle_many(request).await {
                            Ok(done) => {
                                assert_eq!((expected, done.items, done.repeated), (Ok(()), ids.len(), false));
                                note(&mut model, &ids, done.action_seq);
                                actions.push(done.action_seq);
                                last.retain(|id, _| !ids.contains(id));
                            }
                            Err(error) => assert_eq!(Err(reason(&error)), expected),
                        }
                    }
                    Step::SettleAuthor { moderator, author, approved } => {
                        let of_author = |(id, known): (&u8, &Known)| {
                            let free = known.holder(now).is_none_or(|holder| holder == moderator);
                            (id % 2 == author && known.item.is_some() && free).then_some(*id)
                        };
                        let ids: Vec<u8> = model.comments.iter().filter_map(of_author).collect();
                        let together =
                            Together::AuthorOnArticle(AuthorId::new(format!("u{author}")), ArticleId::new("a"));
                        let request = settle_many(moderator, together, approved, number_of_step, now);
                        let done = store.settle_many(request.clone()).await.unwrap();
                        assert_eq!((done.items, done.action_seq == 0), (ids.len(), ids.is_empty()));
                        if !ids.is_empty() {
                            settle_together(&mut model, moderator, &ids, approved, true).unwrap();
                            note(&mut model, &ids, done.action_seq);
                            actions.push(done.action_seq);
                            last.retain(|id, _| !ids.contains(id));
                        }
                    }
                    Step::UndoAction { nth } => {
                        let Some(action) = actions.iter().rev().nth(nth) else { continue };
                        let ruled = |known: &Known| known.settled.as_ref().filter(|ruled| ruled.action == *action).cloned();
                        let of: Vec<(u8, bool)> =
                            model.comments.iter().filter_map(|(id, known)| Some((*id, ruled(known)?.undone))).collect();
                        let holds = |(id, undone): &&(u8, bool)| !undone && !model.comments[id].erased;
                        let undone: Vec<u8> = of.iter().filter(holds).map(|(id, _)| *id).collect();
                        let undo = Undo {
                            site_id: SiteId::new("s"),
                            settled_seq: *action,
                            moderator_id: ModeratorId::new("m9"),
                            request_id: Some(RequestId::new(format!("u{number_of_step}"))),
                            now: at(now),
                        };
                        match store.undo(undo.clone()).await {
                            Ok(done) => {
                                assert_eq!((done.items, done.left), (undone.len(), of.len() - undone.len()));
                                assert!(!done.repeated && !undone.is_empty());
                                let again = store.undo(undo).await.unwrap();
                                assert_eq!((again.items, again.repeated), (undone.len(), true));
                            }
                            Err(error) => {
                                assert_eq!(reason(&error), "NOTHING_TO_UNDO");
                                assert!(undone.is_empty(), "{undone:?}");
                            }
                        }
                        for id in &undone {
                            model.comments.get_mut(id).unwrap().undo();
                        }
                        last.retain(|id, _| !undone.contains(id));
                    }
                    Step::Erase { ids, finish } => {
                        let comments = ids.iter().map(|id| place(*id).1).collect();
                        let (site_id, moderator_id) = (SiteId::new("s"), ModeratorId::new("m8"));
                        let erased = store.erase(Erase { site_id, comments, moderator_id, now: at(now) }).await.unwrap();
                        assert_eq!(erased, model.erase(&ids));
                        last.retain(|id, _| !ids.contains(id));
                        if finish {
                            store.finish_erasures().await.unwrap();
                        }
                    }
                    Step::Wait { secs } => {
                        model.now += secs;
                        // Expired claims are released without a request's name, when somebody looks.
                        last.clear();
                    }
                    Step::CloseAndOpen => {
                        store.close().await.unwrap();
                        store = open(dir.path()).unwrap();
                    }
                    Step::Restart => {
                        drop(store);
                        store = open_again(dir.path());
                    }
                }
                check(&store, &model).await;
            }
            store.finish_erasures().await.unwrap();
            if number_of_steps % 4 == 0 {
                store.compact().await.unwrap();
                check(&store, &model).await;
            }
            store.close().await.unwrap();
            let report = verify(dir.path(), &|_| {}).unwrap();
            assert!(report.is_sound(), "{report:?}");
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_claimers_no_two_hold_one_item_and_none_is_lost() {
    const ITEMS: usize = 600;
    let dir = TempPlace::new();
    let store = Arc::new(open(dir.path()).unwrap());
    for start in (0..ITEMS).step_by(50) {
        let some = (start..start + 50).map(|item| {
            let comment = conformance::comment(&format!("c{item}"), "a", None, "text");
            store.record(Submitted::new(comment, decision(1 + u8::try_from(item % 2).unwrap()), at(0)))
        });
        for recorded in futures_util::future::join_all(some).await {
            recorded.unwrap();
        }
    }
    let claimers = (0..64_u8).map(|moderator| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut settled = Vec::new();
            loop {
                let claimed = claim(&store, moderator, 3, ORDERS[usize::from(moderator) % 3], 0).await;
                if claimed.is_empty() {
                    return settled;
                }
                for head in claimed {
                    let comment = &head.current.comment;
                    let verdict = Verdict { approved: true, labels: Vec::new(), reason: String::new() };
                    let command = Command {
                        moderator_id: ModeratorId::new(format!("m{moderator}")),
                        request_id: None,
                        act: Act::Settle { version: head.review.version, verdict },
                        now: at(0),
                    };
                    let (site_id, comment_id) = (comment.site_id.clone(), comment.comment_id.clone());
                    settled.push(comment_id.clone());
                    store.on_item(OnItem { site_id, comment_id, command }).await.unwrap();
                }
            }
        })
    });
    let mut settled = Vec::new();
    for claimer in futures_util::future::join_all(claimers).await {
        settled.extend(claimer.unwrap());
    }
    assert_eq!(settled.len(), ITEMS);
    assert_eq!(settled.into_iter().collect::<BTreeSet<_>>().len(), ITEMS);
    let summary = store.queues(&SiteId::new("s"), at(0)).await.unwrap().remove(0);
    assert_eq!((summary.items, summary.claimed, summary.oldest_at), (0, 0, None));
    store.close().await.unwrap();
    assert!(verify(dir.path(), &|_| {}).unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_claims_does_not_hold_up_a_submission() {
    const ITEMS: usize = 2000;
    let dir = TempPlace::new();
    let store = Arc::new(open(dir.path()).unwrap());
    let some = (0..ITEMS).map(|item| {
        let comment = conformance::comment(&format!("c{item}"), "a", None, "text");
        store.record(Submitted::new(comment, decision(1 + u8::try_from(item % 2).unwrap()), at(0)))
    });
    futures_util::future::join_all(some).await.into_iter().for_each(|recorded| drop(recorded.unwrap()));
    // All are asked for before anything is answered, the submission last.
    let claims = (0..100).map(|number| claim(&store, number % 64, 20, ORDERS[usize::from(number) % 3], 0));
    let claims = futures_util::future::join_all(claims);
    let (claimed, submitted) = tokio::join!(biased; claims, submit(&store, 0, 1, 0));
    submitted.unwrap();
    let claimed: BTreeSet<_> = claimed.iter().flatten().map(|head| head.current.comment.comment_id.clone()).collect();
    assert_eq!(claimed.len(), ITEMS);
    let (mut events, mut before, mut behind) = (store.events(0), 0, 0);
    let mut seen = false;
    while before + behind < ITEMS {
        for numbered in events.next().await.unwrap() {
            match numbered.event {
                Event::ItemClaimed { .. } if seen => behind += 1,
                Event::ItemClaimed { .. } => before += 1,
                Event::CommentSubmitted { comment, .. } => seen = comment.text == "text 1",
                _ => {}
            }
        }
    }
    assert!(behind > ITEMS / 2, "{before} claims came before the submission, {behind} behind it");
    store.close().await.unwrap();
}
