//! What comes of verdicts: labels, counts, what can be taken back, and a server that is away.

use super::{NOW, UNTIL, holding, ids, item, queues, refused, settled};
use crate::cli::review::state::{Ask, Key, Mode, Ruling, SECOND, State, Told, UNREACHABLE};
use crate::domain::Attribute;

fn settle_with(state: &mut State, id: &str, action_id: u64, approved: bool) -> Vec<Ask> {
    let asks = state.key(if approved { Key::Approve } else { Key::Reject }, NOW);
    let Some(Ask::Settle { ruling, .. }) = asks.first().cloned() else { panic!("{asks:?}") };
    state.told(Told::Settled { ids: vec![id.into()], action_id, ruling }, NOW)
}

#[test]
fn labels_go_with_a_verdict_and_are_told_with_it_and_with_its_undoing() {
    let mut state = holding(&["a", "b", "c", "d", "e"]);
    // Numbers do nothing where nobody asked for labels.
    for key in [Key::Number(3), Key::Label, Key::Number(3), Key::Number(7), Key::Number(7), Key::Number(9)] {
        assert_eq!(state.key(key, NOW), []);
    }
    for _ in 0..3 {
        state.key(Key::Number(1), NOW);
    }
    let labels = vec![(Attribute::Insult, true), (Attribute::Spam, false)];
    assert_eq!(state.current().map(|held| held.labels.clone()), Some(labels.clone()), "the third time takes it away");
    let asks = state.key(Key::Reject, NOW);
    assert_eq!(asks[0], Ask::Settle { id: "a".into(), version: 7, ruling: Ruling { approved: false, labels } });
    assert!(state.mode == Mode::Review, "the next comment begins without");
    let Ask::Settle { ruling, .. } = asks[0].clone() else { panic!() };
    state.told(Told::Settled { ids: vec!["a".into()], action_id: 41, ruling }, NOW);
    let what = "rejected with INSULT yes, SPAM no: Ann, “This is rubbish, you cl…”";
    assert_eq!(state.said, format!("{what}; u takes it back"));
    settle_with(&mut state, "b", 42, true);
    assert_eq!(state.said, "approved: Ann, “This is rubbish, you cl…”; u takes it back");

    assert_eq!((state.key(Key::Undo, NOW), state.key(Key::Undo, NOW)), (undo(42), undo(41)));
    state.told(Told::Undone { action_id: 41, items: 1, left: 0 }, NOW);
    assert_eq!(state.said, format!("undone, it waits again: {what}"));
    state.told(refused(Ask::Undo { action_id: 42 }, ""), NOW);
    assert_eq!(state.key(Key::Undo, NOW), undo(42), "what could not be undone can be tried again");
}

fn undo(action_id: u64) -> Vec<Ask> {
    vec![Ask::Undo { action_id }]
}

#[test]
fn comments_that_are_ruled_on_together_have_the_same_labels() {
    let mut state = holding(&["a", "b"]);
    for key in [Key::Label, Key::Number(3), Key::Label, Key::Select, Key::Next, Key::Select] {
        state.key(key, NOW);
    }
    assert_eq!(state.key(Key::Reject, NOW), []);
    assert!(state.said.contains("different labels") && state.selected.len() == 2, "{}", state.said);
    state.key(Key::Label, NOW);
    state.key(Key::Number(3), NOW);
    let Some(Ask::SettleMany { ruling, .. }) = state.key(Key::Reject, NOW).first().cloned() else { panic!() };
    assert_eq!(ruling.labels, [(Attribute::Insult, true)]);
    state.told(Told::Settled { ids: vec!["a".into(), "b".into()], action_id: 41, ruling }, NOW);
    state.key(Key::Undo, NOW);
    state.told(Told::Undone { action_id: 41, items: 1, left: 1 }, NOW);
    let left = "1 wait again, 1 left as they are since something came after";
    assert_eq!(state.said, format!("undone, {left}: rejected with INSULT yes: 2 comments"));
}

#[test]
fn counts_are_asked_for_after_each_verdict_and_soon_after_something_has_happened_in_the_queue() {
    let mut state = holding(&["a", "b", "c", "d", "e"]);
    assert!(settle_with(&mut state, "a", 41, false).contains(&Ask::Queues));
    // One question at a time; what comes meanwhile is asked for once that is answered.
    assert!(!settle_with(&mut state, "b", 42, false).contains(&Ask::Queues));
    state.told(queues(), NOW);
    assert!(state.tick(NOW + SECOND).contains(&Ask::Queues));
    state.told(queues(), NOW + SECOND);
    assert!(!state.tick(NOW + 3 * SECOND).contains(&Ask::Queues));
    let held = || "held".to_owned();
    let steps = [Told::Counted, Told::Entered { queue: held() }, Told::Changed { queue: held(), id: "z".into() }];
    for (step, at) in steps.into_iter().zip([4, 6, 8]) {
        let now = NOW + at * SECOND;
        state.told(step.clone(), now);
        assert!(state.tick(now).contains(&Ask::Queues), "{step:?}");
        state.told(queues(), now);
        assert!(!state.tick(now + SECOND).contains(&Ask::Queues), "{step:?}");
    }
    let mut state = holding(&["a"]);
    assert!(state.told(Told::Skipped { id: "a".into() }, NOW).contains(&Ask::Queues));
    state.told(queues(), NOW);
    assert!(state.told(Told::Undone { action_id: 41, items: 1, left: 0 }, NOW).contains(&Ask::Queues));
}

#[test]
fn a_server_that_does_not_answer_is_told_and_asked_by_one_question_until_it_is_back() {
    let mut state = holding(&["a", "b", "c", "d", "e"]);
    state.key(Key::Reject, NOW);
    assert_eq!(state.told(Told::Unanswered, NOW), []);
    assert_eq!(state.said, "the server does not answer; what you did is sent again until it does");
    assert!(state.is_alone && state.held[0].busy, "nobody knows whether it was done");
    assert_eq!(state.tick(NOW + 6 * SECOND), [Ask::Queues]);
    state.told(refused(Ask::Queues, UNREACHABLE), NOW + 6 * SECOND);
    assert_eq!(state.tick(UNTIL - SECOND), [Ask::Queues], "no claim can be renewed either");
    state.told(queues(), UNTIL - SECOND);
    assert!(!state.is_alone && state.said == "the server answers again");
    state.told(settled(&["a"], 41), UNTIL - SECOND);
    assert_eq!(state.key(Key::Undo, UNTIL - SECOND), undo(41), "what was sent again can be taken back");
}

#[test]
fn what_is_taken_back_is_looked_at_again_unless_the_moderator_has_gone_on() {
    let claimed = || Told::Claimed { queue: "held".into(), items: vec![item("a", 9)], until: UNTIL };
    for has_gone_on in [false, true] {
        let mut state = holding(&["a", "b", "c", "d", "e", "f"]);
        settle_with(&mut state, "a", 41, false);
        state.key(Key::Undo, NOW);
        let asks = state.told(Told::Undone { action_id: 41, items: 1, left: 0 }, NOW);
        let claim = |items_max| Ask::Claim { queue: "held".into(), items_max };
        assert!(asks.contains(&claim(1)), "{asks:?}");
        if has_gone_on {
            state.key(Key::Next, NOW);
        }
        state.told(claimed(), NOW);
        let looked_at = state.current().map(|held| held.id.as_str());
        assert_eq!(looked_at, Some(if has_gone_on { "c" } else { "a" }), "{:?}", ids(&state));
        assert_eq!(state.held.len(), 6);
    }
}
