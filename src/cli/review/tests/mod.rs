//! The reviewer without a terminal: keys and answers in, requests out.

mod screens;
mod verdicts;

use super::Pressed;
use super::state::{Ask, Key, LEASE_SECS, Ruling, SECOND, State, Told, View};
use crate::grpc::pb;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::HashMap;

const NOW: i64 = 1_000 * SECOND;
const UNTIL: i64 = NOW + LEASE_SECS as i64 * SECOND;

fn item(id: &str, version: u64) -> pb::ReviewItem {
    let text = "This is rubbish, you clown.\nSecond \u{1b}[2Jline.";
    let spans = vec![
        pb::Span { begin: 8, end: 15, contribution: 1.5 },
        pb::Span { begin: 21, end: 26, contribution: 2.25 },
        pb::Span { begin: 0, end: 4, contribution: -0.5 },
    ];
    let reason = pb::Reason {
        code: "HOLD_THRESHOLD".into(),
        attribute: "INSULT".into(),
        score: Some(0.9),
        threshold: Some(0.2),
        spans,
        ..pb::Reason::default()
    };
    let decision = pb::Decision {
        outcome: pb::Outcome::Hold.into(),
        reasons: vec![reason],
        scores: HashMap::from([("INSULT".into(), 0.9), ("TOXICITY".into(), 0.8)]),
        ..pb::Decision::default()
    };
    let comment = pb::Comment {
        article_id: "council-vote".into(),
        comment_id: id.into(),
        author: Some(pb::Author { author_id: "r1".into(), name: "Ann".into() }),
        text: text.into(),
        ..pb::Comment::default()
    };
    pb::ReviewItem {
        revision: Some(pb::Revision {
            number: 2,
            comment: Some(comment),
            decision: Some(decision),
            ..pb::Revision::default()
        }),
        version,
        queue: "held".into(),
        risk: 0.875,
        claim: Some(pb::Claim { moderator_id: "ada".into(), expires_at: None }),
        waiting_since: Some(prost_types::Timestamp { seconds: 0, nanos: 0 }),
        skipped_by: vec!["bob".into()],
        ..pb::ReviewItem::default()
    }
}

fn queues() -> Told {
    let queue = |name: &str, items, claimed| pb::Queue { name: name.into(), items, claimed, ..pb::Queue::default() };
    Told::Queues(vec![queue("held", 12, 3), queue("reported", 2, 0)])
}

/// A reviewer who holds these items, and has been told of the queues.
fn holding(ids: &[&str]) -> State {
    let (mut state, _) = State::new("held", NOW);
    state.told(queues(), NOW);
    let items = ids.iter().map(|id| item(id, 7)).collect();
    state.told(Told::Claimed { queue: "held".into(), items, until: UNTIL }, NOW);
    for id in ids {
        state.told(looked(item(id, 7)), NOW);
    }
    state
}

fn settled(ids: &[&str], action_id: u64) -> Told {
    Told::Settled { ids: ids.iter().map(|id| (*id).to_owned()).collect(), action_id, ruling: ruling(false) }
}

fn ruling(approved: bool) -> Ruling {
    Ruling { approved, labels: Vec::new() }
}

fn looked(item: pb::ReviewItem) -> Told {
    Told::Dossier(Box::new(pb::GetReviewItemResponse { item: Some(item), ..pb::GetReviewItemResponse::default() }))
}

fn look(id: &str) -> Ask {
    Ask::Look { id: id.into() }
}

fn refused(ask: Ask, reason: &str) -> Told {
    Told::Refused { ask, reason: reason.into(), message: "no".into() }
}

fn ids(state: &State) -> Vec<&str> {
    state.held.iter().map(|held| held.id.as_str()).collect()
}

fn settle(id: &str, approved: bool) -> Ask {
    Ask::Settle { id: id.into(), version: 7, ruling: ruling(approved) }
}

#[test]
fn it_begins_by_holding_a_queue_and_claiming_from_it() {
    let (_, asks) = State::new("held", NOW);
    let queue = || "held".to_owned();
    assert_eq!(asks, [Ask::Queues, Ask::Hold { queue: queue() }, Ask::Claim { queue: queue(), items_max: 5 }]);
}

#[test]
fn a_key_rules_on_what_is_looked_at_and_the_next_comment_comes() {
    let mut state = holding(&["a", "b", "c", "d", "e"]);
    let asks = state.key(Key::Reject, NOW);
    assert_eq!(asks, [settle("a", false), Ask::Claim { queue: "held".into(), items_max: 1 }]);
    assert_eq!(state.current().map(|held| held.id.as_str()), Some("b"), "nobody waits for the answer");
    assert_eq!(state.key(Key::Approve, NOW), [settle("b", true)], "one claim at a time");
    state.told(settled(&["a"], 41), NOW);
    assert_eq!((ids(&state), state.at), (vec!["b", "c", "d", "e"], 1));
    assert_eq!(state.key(Key::Undo, NOW), [Ask::Undo { action_id: 41 }]);
    assert!(state.key(Key::Undo, NOW).is_empty() && state.said == "nothing to take back");
}

#[test]
fn j_and_k_stay_within_what_is_held() {
    let mut state = holding(&["a", "b"]);
    for (key, at) in [(Key::Previous, 0), (Key::Next, 1), (Key::Next, 1), (Key::Previous, 0)] {
        state.key(key, NOW);
        assert_eq!(state.at, at);
    }
    let mut empty = State::new("held", NOW).0;
    for key in [Key::Next, Key::Approve, Key::Skip, Key::Select, Key::Explain] {
        assert!(empty.key(key, NOW).is_empty());
    }
}

#[test]
fn what_is_selected_is_ruled_on_in_one_action() {
    let mut state = holding(&["a", "b", "c"]);
    state.key(Key::Select, NOW);
    state.key(Key::Next, NOW);
    state.key(Key::Select, NOW);
    state.key(Key::Select, NOW);
    state.key(Key::Next, NOW);
    state.key(Key::Select, NOW);
    let items = vec![("a".to_owned(), 7), ("c".to_owned(), 7)];
    let asks = state.key(Key::Reject, NOW);
    assert_eq!(asks[0], Ask::SettleMany { items: items.clone(), ruling: ruling(false) });
    assert_eq!(state.current().map(|held| held.id.as_str()), Some("b"));
    let told = refused(Ask::SettleMany { items, ruling: ruling(false) }, "STALE_VERSION");
    assert_eq!(state.told(told, NOW), [look("a"), look("c")]);
    assert_eq!(ids(&state), ["a", "b", "c"], "none was ruled on");
}

#[test]
fn a_stale_version_is_told_and_the_comment_is_looked_at_again() {
    let mut state = holding(&["a", "b"]);
    state.key(Key::Approve, NOW);
    assert_eq!(state.told(refused(settle("a", true), "STALE_VERSION"), NOW), [look("a")]);
    assert_eq!(state.said, "the comment has changed since you saw it; look at it again");
    state.told(looked(item("a", 9)), NOW);
    state.key(Key::Previous, NOW);
    assert_eq!(state.key(Key::Approve, NOW)[0], Ask::Settle { id: "a".into(), version: 9, ruling: ruling(true) });
}

#[test]
fn what_somebody_else_holds_or_ruled_on_leaves_by_itself() {
    for reason in ["CLAIMED_BY_ANOTHER", "NOT_CLAIMED", "ITEM_NOT_WAITING"] {
        let mut state = holding(&["a", "b"]);
        state.key(Key::Reject, NOW);
        state.told(refused(settle("a", false), reason), NOW);
        assert_eq!((ids(&state), state.said.as_str()), (vec!["b"], "no longer yours: no"));
    }
    let gone = [
        pb::ReviewItem { queue: String::new(), ..item("a", 9) },
        pb::ReviewItem { claim: None, ..item("a", 9) },
        pb::ReviewItem { claim: Some(pb::Claim { moderator_id: "bob".into(), expires_at: None }), ..item("a", 9) },
    ];
    for gone in gone {
        let mut state = holding(&["a", "b"]);
        let changed = Told::Changed { queue: "held".into(), id: "a".into() };
        assert_eq!(state.told(changed, NOW), [look("a")]);
        state.told(looked(gone), NOW);
        assert_eq!(ids(&state), ["b"]);
    }
}

#[test]
fn claims_are_renewed_for_as_long_as_somebody_is_there() {
    let mut state = holding(&["a", "b", "c", "d", "e"]);
    assert_eq!(state.tick(NOW + SECOND), []);
    let late = UNTIL - 100 * SECOND;
    let renewed = |asks: Vec<Ask>| asks.into_iter().filter(|ask| matches!(ask, Ask::Renew { .. })).count();
    assert_eq!(renewed(state.tick(late)), 5);
    assert_eq!(renewed(state.tick(late + SECOND)), 0, "each once");
    for id in ["a", "b", "c", "d", "e"] {
        state.told(Told::Renewed { id: id.into(), until: late + 600 * SECOND }, late);
    }
    // A quarter of an hour without a key: nobody is there.
    assert_eq!(renewed(state.tick(late + 500 * SECOND)), 0);
    let asks = state.tick(late + 600 * SECOND);
    assert!(state.held.is_empty() && state.said.starts_with("your claim has ended"));
    assert!(!asks.iter().any(|ask| matches!(ask, Ask::Claim { .. })), "{asks:?}");
    let asks = state.key(Key::Next, late + 601 * SECOND);
    assert!(matches!(asks[..], [Ask::Claim { .. }]), "who comes back goes on");
}

#[test]
fn the_next_queue_takes_the_place_of_this_one() {
    let mut state = holding(&["a", "b"]);
    state.key(Key::Reject, NOW);
    let queue = || "reported".to_owned();
    let asks = state.key(Key::NextQueue, NOW);
    let release = Ask::Release { id: "b".into() };
    assert_eq!(asks, [release, Ask::Hold { queue: queue() }, Ask::Claim { queue: queue(), items_max: 5 }]);
    assert_eq!((state.queue.as_str(), state.held.len()), ("reported", 0));
    // What was asked of the queue before is given back when it comes.
    let late = Told::Claimed { queue: "held".into(), items: vec![item("z", 1)], until: UNTIL };
    assert!(state.told(late, NOW).contains(&Ask::Release { id: "z".into() }));
    assert!(state.held.is_empty());
    state.told(settled(&["a"], 41), NOW);
    assert_eq!(state.key(Key::Undo, NOW), [Ask::Undo { action_id: 41 }], "what was done before can be taken back");
    state.key(Key::NextQueue, NOW);
    assert_eq!(state.queue, "held");
}

#[test]
fn whoever_quits_gives_back_what_they_hold() {
    let mut state = holding(&["a", "b", "c", "d", "e"]);
    let asks = state.key(Key::Reject, NOW);
    assert!(matches!(asks[..], [Ask::Settle { .. }, Ask::Claim { .. }]));
    let asks = state.key(Key::Quit, NOW);
    let release = |id: &str| Ask::Release { id: id.into() };
    assert_eq!(asks, ["b", "c", "d", "e"].map(release));
    for id in ["b", "c", "d"] {
        state.told(Told::Released { id: id.into() }, NOW);
    }
    state.told(refused(release("e"), "NOT_CLAIMED"), NOW);
    assert!(!state.is_over(), "a verdict and a claim are still under way");
    let late = Told::Claimed { queue: "held".into(), items: vec![item("z", 1)], until: UNTIL };
    assert_eq!(state.told(late, NOW), [release("z")]);
    state.told(Told::Released { id: "z".into() }, NOW);
    assert_eq!(state.told(refused(settle("a", false), "STALE_VERSION"), NOW), [release("a")]);
    assert!(!state.is_over());
    state.told(Told::Released { id: "a".into() }, NOW);
    assert!(state.is_over());

    let mut silent = holding(&["a"]);
    silent.key(Key::Quit, NOW);
    silent.tick(NOW + 6 * SECOND);
    assert!(silent.is_over(), "nobody waits for a server that is gone");
}

#[test]
fn an_empty_queue_is_asked_again_and_at_once_where_something_comes() {
    let mut state = holding(&[]);
    assert_eq!(state.key(Key::Next, NOW + SECOND), []);
    let claim = Ask::Claim { queue: "held".into(), items_max: 5 };
    assert_eq!(state.told(Told::Entered { queue: "reported".into() }, NOW + SECOND), []);
    assert_eq!(state.told(Told::Entered { queue: "held".into() }, NOW + SECOND), vec![claim.clone()]);
    state.told(Told::Claimed { queue: "held".into(), items: Vec::new(), until: UNTIL }, NOW + SECOND);
    assert!(state.tick(NOW + 7 * SECOND).contains(&claim));
}

#[test]
fn letters_are_those_that_moderators_know() {
    let keys = "jkfdsuexlt?q 1".chars().map(|letter| Key::of(letter).expect("a key"));
    assert_eq!(keys.collect::<Vec<_>>().len(), 14);
    // What other consoles ban with, and turn pages with.
    assert_eq!("zb0".chars().find_map(Key::of), None);
}

#[test]
fn no_verdict_comes_of_a_letter_beside_ctrl_or_alt() {
    let meant = |letter, modifiers| match super::meant_by(KeyEvent::new(KeyCode::Char(letter), modifiers)) {
        Pressed::Key(key) => Some(key),
        Pressed::Other => None,
    };
    for letter in "fdsuxltejkq?1 ".chars() {
        assert!(meant(letter, KeyModifiers::NONE).is_some(), "{letter}");
        for held in [KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::ALT | KeyModifiers::SHIFT] {
            assert_eq!(meant(letter, held), None, "{letter} {held:?}");
        }
    }
    assert_eq!(meant('c', KeyModifiers::CONTROL), Some(Key::Quit));
}

#[test]
fn all_that_a_ruling_needs_is_asked_for_as_soon_as_a_comment_is_held_and_again_where_that_failed() {
    let (mut state, _) = State::new("held", NOW);
    let items = ["a", "b", "c", "d", "e"].map(|id| item(id, 7)).to_vec();
    let asks = state.told(Told::Claimed { queue: "held".into(), items, until: UNTIL }, NOW);
    assert_eq!(asks, ["a", "b", "c", "d", "e"].map(look));
    state.told(looked(item("b", 7)), NOW);
    assert!(state.held[0].dossier.is_none() && state.held[1].dossier.is_some());
    state.told(refused(look("a"), "BUSY"), NOW);
    assert!(!state.tick(NOW + SECOND).contains(&look("a")));
    let asks = state.tick(NOW + 6 * SECOND);
    assert_eq!(asks.into_iter().filter(|ask| matches!(ask, Ask::Look { .. })).collect::<Vec<_>>(), [look("a")]);
}

#[test]
fn what_is_told_of_a_comment_disturbs_no_verdict_that_is_under_way() {
    let mut state = holding(&["a", "b"]);
    state.key(Key::Reject, NOW);
    state.told(looked(pb::ReviewItem { queue: String::new(), claim: None, ..item("a", 9) }), NOW);
    assert!(state.held[0].busy && state.said.is_empty(), "{}", state.said);
    state.told(looked(item("a", 7)), NOW);
    assert!(state.held[0].busy);
    // Of a comment that is looked at, a new text is not taken for the one that was read.
    state.key(Key::Label, NOW);
    state.key(Key::Number(1), NOW);
    state.told(looked(item("b", 9)), NOW);
    assert_eq!(state.said, "the comment has changed since you saw it; look at it again");
    assert!(state.held[1].labels.is_empty());
}

#[test]
fn a_long_comment_is_scrolled_and_the_next_one_begins_at_its_beginning() {
    let mut state = holding(&["a", "b"]);
    state.drawn(View { lines: 25, rows: 10 });
    let keys = [
        (Key::PageUp, 0),
        (Key::LineDown, 1),
        (Key::PageDown, 10),
        (Key::PageDown, 15),
        (Key::LineDown, 15),
        (Key::LineUp, 14),
        (Key::PageUp, 5),
        (Key::Bottom, 15),
        (Key::Top, 0),
        (Key::PageDown, 9),
    ];
    for (key, line) in keys {
        state.key(key, NOW);
        assert_eq!(state.scrolled(), line, "{key:?}");
    }
    // A terminal that grows leaves no room empty.
    state.drawn(View { lines: 25, rows: 20 });
    assert_eq!(state.scrolled(), 5);
    state.key(Key::Next, NOW);
    assert_eq!(state.scrolled(), 0);
    state.drawn(View { lines: 5, rows: 20 });
    state.key(Key::PageDown, NOW);
    assert_eq!(state.scrolled(), 0, "all of it is shown");
}
