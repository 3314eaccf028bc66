//! Any interleaving of submitting, reporting, appealing, claiming, passing on, noting, ruling, undoing, waiting and
//! restarting against a plain model.

use crate::review_model::{Kind, Known, LEASE_SECS, Model, Shown, Which, sort_of};
use crate::support::{TempPlace, open, open_again};
use ombud::domain::{
    ArticleId, Attribute, AuthorId, CommentId, Decision, ErrorKind, ModeratorId, Outcome, QueueId, QueueName, Reason,
    ReasonCode, ReporterId, RequestId, Score, SiteId, Timestamp, Words,
    appeal::Plea,
    queue::Conditions,
    report::{Effect, Said, Standing},
    review::{Act, Command, Order, Queue, Verdict},
    submit::{CommentHead, Submitted},
};
use ombud::store::{
    AppealDecision, ClaimNext, DeleteQueue, Done, EmbeddedStore, Erase, Error, ItemQuery, OnItem, QueueSummary,
    ReportComment, SetQueue, SettleMany, Store, Together, Undo, conformance, verify,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub(crate) const ORDERS: [Order; 3] = [Order::Risk, Order::Oldest, Order::Newest];

#[derive(Debug, Clone)]
enum Step {
    Submit { id: u8, text: u8, drawn: bool },
    Report { id: u8, reporter: u8 },
    Appeal { id: u8 },
    Claim { moderator: u8, limit: usize, queue: Which, order: Order },
    SetQueue { name: u8, shown: Shown },
    DeleteQueue { name: u8 },
    Act { moderator: u8, id: u8, kind: Kind, right: bool },
    SettleTogether { moderator: u8, ids: Vec<u8>, approved: bool, right: bool },
    SettleAuthor { moderator: u8, author: u8, approved: bool },
    BulkAgain,
    UndoAction { moderator: u8, nth: usize },
    Erase { ids: Vec<u8>, finish: bool },
    Wait { secs: i64 },
    CloseAndOpen,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        1 => Just(Kind::Renew),
        1 => Just(Kind::Release),
        1 => Just(Kind::Skip),
        1 => Just(Kind::Escalate),
        1 => Just(Kind::Note),
        4 => any::<bool>().prop_map(|approved| Kind::Settle { approved }),
        2 => Just(Kind::Undo),
        1 => Just(Kind::Recall),
        1 => Just(Kind::Again),
    ];
    let queue = || proptest::sample::select(Queue::ALL.to_vec());
    let which = || prop_oneof![2 => queue().prop_map(Which::Review), 1 => (0..2_u8).prop_map(Which::Defined)];
    let shown = prop_oneof![
        (0..2_u8).prop_map(Shown::OfAuthor),
        queue().prop_map(Shown::In),
        Just(Shown::Reason),
        (0..2_u8, queue()).prop_map(|(author, queue)| Shown::OfAuthorIn(author, queue)),
    ];
    prop_oneof![
        6 => (0..6_u8, 0..9_u8, any::<bool>()).prop_map(|(id, text, drawn)| Step::Submit { id, text, drawn }),
        6 => (0..6_u8, 0..4_u8).prop_map(|(id, reporter)| Step::Report { id, reporter }),
        3 => (0..6_u8).prop_map(|id| Step::Appeal { id }),
        6 => (0..3_u8, 1..4_usize, which(), proptest::sample::select(ORDERS.to_vec()))
            .prop_map(|(moderator, limit, queue, order)| Step::Claim { moderator, limit, queue, order }),
        3 => (0..2_u8, shown).prop_map(|(name, shown)| Step::SetQueue { name, shown }),
        1 => (0..2_u8).prop_map(|name| Step::DeleteQueue { name }),
        12 => (0..3_u8, 0..6_u8, kind, proptest::bool::weighted(0.8))
            .prop_map(|(moderator, id, kind, right)| Step::Act { moderator, id, kind, right }),
        3 => (0..3_u8, proptest::sample::subsequence(vec![0, 1, 2, 3, 4, 5_u8], 1..4), any::<bool>(), proptest::bool::weighted(0.8))
            .prop_map(|(moderator, ids, approved, right)| Step::SettleTogether { moderator, ids, approved, right }),
        2 => (0..3_u8, 0..2_u8, any::<bool>())
            .prop_map(|(moderator, author, approved)| Step::SettleAuthor { moderator, author, approved }),
        1 => Just(Step::BulkAgain),
        3 => (0..3_u8, 0..4_usize).prop_map(|(moderator, nth)| Step::UndoAction { moderator, nth }),
        1 => (proptest::sample::subsequence(vec![0, 1, 2, 3, 4, 5_u8], 1..3), any::<bool>())
            .prop_map(|(ids, finish)| Step::Erase { ids, finish }),
        3 => prop_oneof![Just(1), Just(LEASE_SECS / 2), Just(LEASE_SECS)].prop_map(|secs| Step::Wait { secs }),
        1 => Just(Step::CloseAndOpen),
        1 => Just(Step::Restart),
    ]
}

pub(crate) fn decision(text: u8) -> Decision {
    let (outcome, risk) = sort_of(text);
    let reason = Reason {
        criterion: Some(Attribute::Insult.into()),
        score: Score::new(risk),
        threshold: Score::new(0.0),
        ..Reason::plain(ReasonCode::HoldThreshold)
    };
    let reasons = if outcome == Outcome::Hold { vec![reason] } else { Vec::new() };
    Decision { outcome, reasons, ..conformance::decision(outcome) }
}

pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_micros(secs * 1_000_000)
}

fn place(id: u8) -> (SiteId, CommentId) {
    (SiteId::new("s"), CommentId::new(format!("c{id}")))
}

fn number(head: &CommentHead) -> u8 {
    head.current.comment.comment_id.as_str()[1..].parse().unwrap()
}

fn queue_id(which: Which) -> QueueId {
    match which {
        Which::Review(queue) => QueueId::Review(queue),
        Which::Defined(name) => QueueId::Defined(queue_name(name)),
    }
}

fn queue_name(name: u8) -> QueueName {
    QueueName::new(format!("q{name}"))
}

fn conditions(shown: Shown) -> Conditions {
    let author = |author| vec![AuthorId::new(format!("u{author}"))];
    match shown {
        Shown::OfAuthor(id) => Conditions { author_ids: author(id), ..Conditions::default() },
        Shown::In(queue) => Conditions { queues: vec![queue], ..Conditions::default() },
        Shown::Reason => Conditions { reasons: vec!["LINK".into(), "HOLD_THRESHOLD".into()], ..Conditions::default() },
        Shown::OfAuthorIn(id, queue) => {
            Conditions { author_ids: author(id), queues: vec![queue], ..Conditions::default() }
        }
    }
}

pub(crate) async fn submit(store: &EmbeddedStore, id: u8, text: u8, drawn: bool, now: i64) -> Result<(), &'static str> {
    let author = format!("u{}", id % 2);
    let comment = conformance::comment(&format!("c{id}"), "a", Some(&author), &format!("text {text}"));
    let audit_rate = if drawn { 1.0 } else { 0.0 };
    let submitted =
        Submitted { audit_rate, audit_rejected_rate: audit_rate, ..Submitted::new(comment, decision(text), at(now)) };
    store.record(submitted).await.map(drop).map_err(|error| reason(&error))
}

async fn report(store: &EmbeddedStore, id: u8, reporter: u8, now: i64) -> Result<(Effect, bool), &'static str> {
    let (site_id, comment_id) = place(id);
    let reporter_id = ReporterId::new(format!("r{reporter}"));
    let said = Said { reporter_id, reason: "rude".to_owned(), text: Words::new("It is rude.") };
    let reported = store.report(ReportComment { site_id, comment_id, said, now: at(now) }).await;
    let reported = reported.map_err(|error| reason(&error))?;
    Ok((reported.effect, reported.head.review.item.is_some()))
}

async fn appeal(store: &EmbeddedStore, id: u8, now: i64) -> Result<(), &'static str> {
    let (site_id, comment_id) = place(id);
    let plea = Plea { author_id: None, text: Words::new("It is true."), request_id: None };
    let appealed = store.appeal(AppealDecision { site_id, comment_id, plea, now: at(now) }).await;
    appealed.map(drop).map_err(|error| reason(&error))
}

pub(crate) async fn claim(
    store: &EmbeddedStore,
    moderator: u8,
    limit: usize,
    (queue, order): (Which, Order),
    now: i64,
) -> Vec<CommentHead> {
    let claim = ClaimNext {
        site_id: SiteId::new("s"),
        queue: queue_id(queue),
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
        Kind::Escalate => Act::Escalate { note: Words::new("Ask the lawyers.") },
        Kind::Note => Act::Note { text: Words::new("Seen before.") },
        Kind::Settle { approved } => {
            let verdict = Verdict { approved, labels: vec![(Attribute::Insult, !approved)], reason: String::new() };
            Act::Settle { version: head.review.version - wrong, verdict, note: None }
        }
        Kind::Undo => {
            Act::Undo { settled_seq: head.review.verdict().map_or(999_998, |settled| settled.seq) + 10_000 * wrong }
        }
        Kind::Recall => Act::Undo { settled_seq: head.review.last_escalation.unwrap_or(999_999) + 10_000 * wrong },
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
        note: None,
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

/// Compares one comment.
async fn check_comment(store: &EmbeddedStore, model: &Model, id: u8, known: &Known) {
    let (site_id, comment_id) = place(id);
    let head = store.head(&site_id, &comment_id).await.unwrap().unwrap();
    let review = &head.review;
    assert_eq!(head.current.decision.outcome, known.outcome, "c{id}");
    let stands = |queue, escalated| (queue, escalated);
    assert_eq!(
        review.item.as_ref().map(|item| stands(item.queue, item.escalated.is_some())),
        known.item.as_ref().map(|item| stands(item.queue, item.escalated)),
        "c{id}"
    );
    match known.outcome {
        _ if known.erased => assert!(known.item.is_none(), "what was erased waits for nobody"),
        Outcome::Hold => assert!(known.item.is_some(), "what is held waits"),
        Outcome::Reject => assert!(
            known.item.is_none() || known.appeal.is_some() || known.sampled,
            "what is rejected is appealed, or was drawn"
        ),
        Outcome::Publish => assert!(known.item.as_ref().is_none_or(|item| item.queue != Queue::Held)),
    }
    let holder = review.item.as_ref().and_then(|item| item.claim_at(at(model.now)));
    let holder = holder.map(|claim| claim.moderator_id.as_str()[1..].parse().unwrap());
    assert_eq!(holder, known.holder(model.now), "c{id}");
    let against = |id: &ModeratorId| id.as_str()[1..].parse().unwrap();
    let appeal = review.appeal.as_ref().map(|appeal| (appeal.against.as_ref().map(against), appeal.standing));
    assert_eq!(appeal, known.appeal, "c{id}");
    assert_eq!((review.sampled.is_some(), review.notes), (known.sampled, known.notes), "c{id}");
    assert_eq!(review.reports.open as usize, known.open(), "c{id}");
    let beside = store.beside(&site_id, &comment_id, usize::MAX).await.unwrap();
    let found: BTreeMap<u8, Standing> = beside
        .reports
        .iter()
        .map(|report| (report.said.reporter_id.as_str()[1..].parse().unwrap(), report.standing))
        .collect();
    assert_eq!(found, known.reports.iter().map(|(reporter, report)| (*reporter, report.standing)).collect(), "c{id}");
    assert_eq!(beside.notes.len(), known.notes as usize, "c{id}");
    let text = if known.erased { String::new() } else { format!("text {}", known.text) };
    assert_eq!((&head.current.comment.text, head.current.erased_at.is_some()), (&text, known.erased), "c{id}");
    let appealed = review.appeal.iter().map(|appeal| &appeal.text);
    let mut words =
        beside.reports.iter().map(|report| &report.said.text).chain(beside.notes.iter().map(|note| &note.text));
    assert!(words.all(|words| words.is_empty() == known.erased), "c{id}");
    assert!(appealed.into_iter().all(|words| words.is_empty() == known.erased), "c{id}");
}

async fn check(store: &EmbeddedStore, model: &Model, order: Order) {
    for (id, known) in &model.comments {
        check_comment(store, model, *id, known).await;
    }
    let summaries = store.queues(&SiteId::new("s"), at(model.now)).await.unwrap();
    let expected = Queue::ALL.map(Which::Review).into_iter().chain(model.defined.keys().copied().map(Which::Defined));
    let expected: Vec<Which> = expected.collect();
    let listed: Vec<&QueueId> = summaries.iter().map(|summary| &summary.queue).collect();
    assert_eq!(listed, expected.iter().copied().map(queue_id).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    for (summary, which) in summaries.iter().zip(expected) {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let (site_id, queue, now) = (SiteId::new("s"), queue_id(which), at(model.now));
            let query = ItemQuery { site_id, queue, order, after, limit: 2, bytes_max: usize::MAX, now };
            let page = store.items(query).await.unwrap();
            found.extend(page.items.iter().map(number));
            after = page.next_after;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, model.in_order(which, order), "{which:?} {order:?}");
        let items = || found.iter().filter_map(|id| model.comments[id].item.as_ref());
        let claimed = items().filter(|item| !model.is_free(item)).count();
        assert_eq!((summary.items, summary.claimed), (items().count() as u64, claimed as u64), "{which:?}");
        assert_eq!(summary.oldest_at.is_some(), summary.items > 0);
    }
    for author in 0..2_u8 {
        let ruled_on = store.ruled_on(&SiteId::new("s"), &AuthorId::new(format!("u{author}")), 9).await.unwrap();
        let mut expected: Vec<(u64, u8)> = Vec::new();
        for (id, known) in model.comments.iter().filter(|(id, _)| *id % 2 == author) {
            expected.extend(known.last_ruling().map(|ruled| (ruled.action, *id)));
        }
        expected.sort_unstable_by(|one, other| other.cmp(one));
        let expected: Vec<u8> = expected.into_iter().map(|(_, id)| id).collect();
        assert_eq!(ruled_on.iter().map(number).collect::<Vec<_>>(), expected);
    }
}

/// Picks the queue `held`.
pub(crate) fn held(queues: Vec<QueueSummary>) -> QueueSummary {
    queues.into_iter().find(|summary| summary.queue == QueueId::Review(Queue::Held)).unwrap()
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
            let mut bulk: Option<(SettleMany, Done)> = None;
            let number_of_steps = steps.len();
            for (number_of_step, step) in steps.into_iter().enumerate() {
                let now = model.now;
                match step {
                    Step::Submit { id, text, drawn } => {
                        let expected = model.submit(id, text, drawn);
                        last.remove(&id);
                        assert_eq!(submit(&store, id, text, drawn, now).await, expected);
                    }
                    Step::Report { id, reporter } => {
                        assert_eq!(report(&store, id, reporter, now).await, model.report(id, reporter));
                    }
                    Step::Appeal { id } => {
                        let appealed = appeal(&store, id, now).await;
                        assert_eq!(appealed, model.appeal(id));
                        if appealed.is_ok() {
                            last.remove(&id);
                        }
                    }
                    Step::Claim { moderator, limit, queue, order } => {
                        let expected = model.claim(moderator, limit, queue, order);
                        let claimed = claim(&store, moderator, limit, (queue, order), now).await;
                        assert_eq!(claimed.iter().map(number).collect::<Vec<_>>(), expected);
                        // A claim for a queue has no name of its own.
                        last.retain(|id, _| !expected.contains(id));
                    }
                    Step::SetQueue { name, shown } => {
                        model.defined.insert(name, shown);
                        let (site_id, editor_id) = (SiteId::new("s"), ModeratorId::new("m8"));
                        let (name, conditions) = (queue_name(name), conditions(shown));
                        store.set_queue(SetQueue { site_id, name, conditions, editor_id, now: at(now) }).await.unwrap();
                    }
                    Step::DeleteQueue { name } => {
                        let was_there = model.defined.remove(&name).is_some();
                        let (site_id, editor_id) = (SiteId::new("s"), ModeratorId::new("m8"));
                        let delete = DeleteQueue { site_id, name: queue_name(name), editor_id, now: at(now) };
                        let deleted = store.delete_queue(delete).await.map_err(|error| reason(&error));
                        assert_eq!(deleted, if was_there { Ok(()) } else { Err("NOT_FOUND") });
                    }
                    Step::Act { id, kind: Kind::Again, .. } => {
                        // The newest request of a comment changes nothing when it comes again.
                        let Some(request) = last.get(&id) else { continue };
                        assert!(store.on_item(request.clone()).await.unwrap().repeated);
                        // Under the same name, another moderator's request is another one.
                        let mut other = request.clone();
                        other.command.moderator_id = ModeratorId::new("m7");
                        let done = store.on_item(other).await;
                        assert!(!done.as_ref().is_ok_and(|done| done.repeated));
                        if done.is_ok() {
                            // Whoever holds an item, anybody may write a note.
                            model.act(7, id, Kind::Note, true).unwrap();
                            last.remove(&id);
                        }
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
                                model.note_action(&[id], action);
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
                        let expected = model.settle_together(moderator, &ids, approved, right);
                        let request = settle_many(moderator, Together::Items(items), approved, number_of_step, now);
                        match store.settle_many(request).await {
                            Ok(done) => {
                                assert_eq!((expected, done.items, done.repeated), (Ok(()), ids.len(), false));
                                model.note_action(&ids, done.action_seq);
                                actions.push(done.action_seq);
                                last.retain(|id, _| !ids.contains(id));
                            }
                            Err(error) => assert_eq!(Err(reason(&error)), expected),
                        }
                    }
                    Step::SettleAuthor { moderator, author, approved } => {
                        let of_author = |(id, known): (&u8, &Known)| {
                            let free = known.holder(now).is_none_or(|holder| holder == moderator);
                            (id % 2 == author && known.item.is_some() && free && !known.bars(moderator)).then_some(*id)
                        };
                        let ids: Vec<u8> = model.comments.iter().filter_map(of_author).collect();
                        let together =
                            Together::AuthorOnArticle(AuthorId::new(format!("u{author}")), ArticleId::new("a"));
                        let request = settle_many(moderator, together, approved, number_of_step, now);
                        let done = store.settle_many(request.clone()).await.unwrap();
                        assert_eq!((done.items, done.action_seq == 0), (ids.len(), ids.is_empty()));
                        if !ids.is_empty() {
                            model.settle_together(moderator, &ids, approved, true).unwrap();
                            model.note_action(&ids, done.action_seq);
                            actions.push(done.action_seq);
                            last.retain(|id, _| !ids.contains(id));
                            let again = store.settle_many(request.clone()).await.unwrap();
                            assert_eq!(again, Done { repeated: true, ..done });
                            bulk = Some((request, done));
                        }
                    }
                    Step::BulkAgain => {
                        // However much has happened since, nothing more does.
                        let Some((request, done)) = &bulk else { continue };
                        let again = store.settle_many(request.clone()).await.unwrap();
                        assert_eq!(again, Done { repeated: true, ..*done });
                    }
                    Step::UndoAction { moderator, nth } => {
                        let Some(action) = actions.iter().rev().nth(nth) else { continue };
                        let of: Vec<(u8, bool)> =
                            model.comments.iter().filter_map(|(id, known)| Some((*id, known.ruled_by(*action)?))).collect();
                        let bars = |id: &u8| model.comments[id].verdict().is_some_and(|ruled| ruled.before.bars(moderator));
                        let holds = |(id, holds): &&(u8, bool)| *holds && !model.comments[id].erased;
                        let barred = of.iter().filter(holds).any(|(id, _)| bars(id));
                        let holds = |one: &&(u8, bool)| holds(one) && !bars(&one.0);
                        let undone: Vec<u8> = of.iter().filter(holds).map(|(id, _)| *id).collect();
                        let undo = Undo {
                            site_id: SiteId::new("s"),
                            settled_seq: *action,
                            moderator_id: ModeratorId::new(format!("m{moderator}")),
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
                                let expected = if barred { "APPEAL_OF_OWN_VERDICT" } else { "NOTHING_TO_UNDO" };
                                assert_eq!(reason(&error), expected);
                                assert!(undone.is_empty(), "{undone:?}");
                            }
                        }
                        for id in &undone {
                            model.undo(*id);
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
                check(&store, &model, ORDERS[number_of_step % 3]).await;
            }
            store.finish_erasures().await.unwrap();
            if number_of_steps % 4 == 0 {
                store.compact().await.unwrap();
                check(&store, &model, Order::Risk).await;
            }
            store.close().await.unwrap();
            let report = verify(dir.path(), &|_| {}).unwrap();
            assert!(report.is_sound(), "{report:?}");
        });
    }
}
