//! What the screen shows.

use super::{NOW, SECOND, holding, item, look, queues, refused};
use crate::cli::review::{
    draw::draw,
    state::{Key, State, Told, UNREACHABLE, View},
};
use crate::grpc::pb;
use ratatui::{Terminal, backend::TestBackend, buffer::Cell, style::Modifier};
use std::collections::HashMap;

/// Draws on a terminal of this size.
fn drawn(state: &mut State, size: (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("a terminal in memory");
    let mut view = View::default();
    terminal.draw(|frame| view = draw(frame, state, NOW + 61 * SECOND)).expect("a frame");
    state.drawn(view);
    terminal
}

fn screen(state: &mut State, size: (u16, u16)) -> String {
    drawn(state, size).backend().to_string()
}

const USUAL: (u16, u16) = (80, 24);
const NARROW: (u16, u16) = (60, 15);

#[test]
fn the_screen_shows_what_a_ruling_needs() {
    let mut state = holding(&["a", "b", "c"]);
    state.key(Key::Select, NOW);
    state.key(Key::Next, NOW);
    insta::assert_snapshot!("plain", screen(&mut state, (90, 24)));
    state.key(Key::Explain, NOW);
    insta::assert_snapshot!("explained", screen(&mut state, (90, 24)));
    state.key(Key::Label, NOW);
    state.key(Key::Number(3), NOW);
    insta::assert_snapshot!("labels", screen(&mut state, USUAL));
    state.key(Key::Help, NOW);
    insta::assert_snapshot!("help", screen(&mut state, NARROW));
    insta::assert_snapshot!("empty", screen(&mut holding(&[]), USUAL));
}

fn time(ago: i64) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: NOW / SECOND + 61 - ago, nanos: 123_456_789 }
}

fn revision(id: &str, name: &str, text: &str, outcome: pb::Outcome) -> pb::Revision {
    let author = Some(pb::Author { author_id: String::new(), name: name.into() });
    let comment = pb::Comment { comment_id: id.into(), author, text: text.into(), ..pb::Comment::default() };
    let decision = pb::Decision { outcome: outcome.into(), ..pb::Decision::default() };
    pb::Revision { number: 1, comment: Some(comment), decision: Some(decision), received_at: Some(time(7_300)) }
}

/// A comment around which everything stands that can.
fn dossier() -> pb::GetReviewItemResponse {
    let report = |reason: &str, ago, text: &str| pb::Report {
        reporter_id: "reader-9".into(),
        reason: reason.into(),
        text: text.into(),
        revision: 1,
        weight: 0.5,
        reported_at: Some(time(ago)),
        standing: pb::ReportStanding::Open.into(),
    };
    let verdict = |verdict: pb::Verdict, ago, reason: &str| pb::AuthorVerdict {
        comment_id: "c-12".into(),
        verdict: verdict.into(),
        moderator_id: "carl".into(),
        settled_at: Some(time(ago)),
        reason: reason.into(),
        labels: HashMap::from([("SPAM".into(), false), ("INSULT".into(), true)]),
    };
    let item = pb::ReviewItem {
        open_reports: 3,
        appeal: Some(pb::Appeal {
            text: "I quoted the minister.\nRead page 3.".into(),
            appealed_at: Some(time(200)),
            against_moderator_id: "bob".into(),
            standing: pb::AppealStanding::Waiting.into(),
        }),
        escalation: Some(pb::Escalation {
            moderator_id: "bob".into(),
            escalated_at: Some(time(90)),
            note: "Ask the lawyers.".into(),
            ..pb::Escalation::default()
        }),
        audit_probability: Some(0.01),
        notes: 1,
        waiting_since: Some(time(3_700)),
        ..item("a", 7)
    };
    pb::GetReviewItemResponse {
        item: Some(item),
        earlier_revisions: vec![revision("a", "Ann", "This is wrong.", pb::Outcome::Publish)],
        revisions_omitted: 2,
        parent: Some(revision("p", "Otto", &"Nobody takes the bus at five. ".repeat(9), pb::Outcome::Reject)),
        author: Some(pb::AuthorRecord { published: 3, held: 1, rejected: 2 }),
        author_verdicts: vec![
            verdict(pb::Verdict::Reject, 86_500, "civility"),
            verdict(pb::Verdict::Approve, 3 * 86_500, ""),
        ],
        reports: vec![
            report("unkind", 42, "This is\nmy neighbour."),
            report("unkind", 200, ""),
            report("spam", 8_000, "again"),
        ],
        notes: vec![pb::Note { moderator_id: "dora".into(), noted_at: Some(time(600)), text: "Known to us.".into() }],
        campaign: Some(pb::Campaign { campaign_id: 4_711, members: 5, waiting: 2, ..pb::Campaign::default() }),
        similar: vec![revision("s", "Ben", "This is rubbish, you clowns.", pb::Outcome::Hold)],
    }
}

/// A reviewer who looks at this.
fn looking_at(dossier: pb::GetReviewItemResponse) -> State {
    let mut state = holding(&["a"]);
    state.told(Told::Dossier(Box::new(dossier)), NOW);
    state.said.clear();
    state
}

#[test]
fn reports_appeal_escalation_notes_author_parent_and_copies_are_shown_with_times_as_people_say_them() {
    let mut state = looking_at(dossier());
    insta::assert_snapshot!("dossier", screen(&mut state, (80, 70)));
    insta::assert_snapshot!("dossier_usual", screen(&mut state, USUAL));
    insta::assert_snapshot!("dossier_narrow", screen(&mut state, NARROW));
    let shown = screen(&mut state, (80, 70));
    assert!(!shown.contains("1970") && !shown.contains(".123"), "{shown}");
}

#[test]
fn of_an_erased_comment_it_is_said_that_it_was_erased() {
    let mut found = dossier();
    let parent = found.parent.as_mut().and_then(|parent| parent.comment.as_mut()).expect("a parent");
    let author = Some(pb::Author::default());
    *parent = pb::Comment { erased_at: Some(time(60)), text: String::new(), author, ..parent.clone() };
    let shown = screen(&mut looking_at(found), USUAL);
    assert!(shown.contains("answers (erased) (rejected): (erased)"), "{shown}");
}

/// A comment of 60 numbered lines for which nine reasons speak.
fn long() -> pb::GetReviewItemResponse {
    let mut found = pb::GetReviewItemResponse { item: Some(item("a", 7)), ..pb::GetReviewItemResponse::default() };
    let revision = found.item.as_mut().and_then(|item| item.revision.as_mut()).expect("a revision");
    let text: String = (1..=60).map(|line| format!("Line {line} of a long comment.\n")).collect();
    revision.comment.as_mut().expect("a comment").text = text.trim_end().into();
    let rule = |number| pb::Reason { code: "RULE".into(), name: format!("rule_{number}"), ..pb::Reason::default() };
    let reasons = &mut revision.decision.as_mut().expect("a decision").reasons;
    reasons.extend((1..9).map(rule));
    found
}

#[test]
fn a_long_comment_is_read_page_by_page_while_its_reasons_stay_in_their_place() {
    let mut state = looking_at(long());
    for size in [USUAL, NARROW] {
        let (mut read, mut pages) = (String::new(), 0);
        state.key(Key::Top, NOW);
        loop {
            let shown = screen(&mut state, size);
            assert!(shown.contains("INSULT") && shown.contains("more reasons: e") && shown.contains("waiting 17 min"));
            read.push_str(&shown);
            pages += 1;
            if !shown.contains("more lines: space") && !shown.contains("more line: space") {
                assert!(shown.contains("above: PgUp"), "{shown}");
                break;
            }
            state.key(Key::PageDown, NOW);
            assert!(pages < 60, "{shown}");
        }
        assert!((1..=60).all(|line| read.contains(&format!("Line {line} of"))), "{read}");
    }
    state.key(Key::Top, NOW);
    insta::assert_snapshot!("long", screen(&mut state, USUAL));
    state.key(Key::PageDown, NOW);
    insta::assert_snapshot!("long_narrow", screen(&mut state, NARROW));
}

#[test]
fn nothing_of_an_explanation_is_cut_without_a_word() {
    let mut state = looking_at(long());
    state.key(Key::Explain, NOW);
    let mut read = String::new();
    for _ in 0..60 {
        read.push_str(&screen(&mut state, NARROW));
        state.key(Key::PageDown, NOW);
    }
    assert!((1..9).all(|rule| read.contains(&format!("the rule rule_{rule} holds it"))), "{read}");
    for word in ["+2.25", "+1.50", "-0.50", "TOXICITY", "Line 60 of"] {
        assert!(read.contains(word), "{word}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_shown_in_place_of_counts_that_are_old() {
    let mut state = holding(&["a"]);
    state.told(refused(look("a"), UNREACHABLE), NOW);
    let shown = screen(&mut state, NARROW);
    assert!(shown.contains("held   the server does not answer") && !shown.contains("12 waiting"), "{shown}");
    state.told(queues(), NOW);
    assert!(screen(&mut state, NARROW).contains("12 waiting"));
}

#[test]
fn the_words_that_drove_a_score_are_underlined() {
    let mut state = holding(&["a"]);
    state.key(Key::Explain, NOW);
    let terminal = drawn(&mut state, (90, 24));
    let buffer = terminal.backend().buffer();
    let underlined = buffer.content().iter().filter(|cell| cell.modifier.contains(Modifier::UNDERLINED));
    assert_eq!(underlined.map(Cell::symbol).collect::<String>(), "rubbishclown");
}

#[test]
fn no_terminal_is_too_small_to_draw_on() {
    let mut state = looking_at(dossier());
    for key in [Key::Explain, Key::Label, Key::PageDown, Key::Help] {
        state.key(key, NOW);
        for size in [(1, 1), (2, 2), (5, 3), (10, 5), (20, 8), (300, 4)] {
            drawn(&mut state, size);
        }
    }
}
